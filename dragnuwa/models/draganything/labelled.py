"""Entities in fully labelled clips, as in the training set.

Unlike in `entities`, where an entity follows a drag and keeps its size from the first frame, here centre and size are
measured on the labels of each frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .entities import LATENT
from .maps import heat_template
from .resize import resize_bytes, resize_mask

SMALLEST_BOX = 5  # px: an entity whose box is smaller is left out of both maps


@dataclass(frozen=True)
class LabelledMaps:
    """The ControlNet's input in training, and where its loss counts.

    Attributes:
        heat: `[T, H, W]` uint8, as `dragnuwa.models.draganything.maps.heat_map` draws it.
        label: `[T, H, W]` uint8, 0 where there is no entity, i + 1 in the disc of entity i.
        first: `[N, H / 8, W / 8]` bool, the latent pixels of frame 0 that show each entity.
        inside: `[T, H / 8, W / 8]` bool, the latent pixels that show any entity.
    """

    heat: np.ndarray
    label: np.ndarray
    first: np.ndarray
    inside: np.ndarray


def labelled_maps(owner: np.ndarray) -> LabelledMaps:
    """The maps of a labelled clip. Entities that are not visible in frame 0 are left out, since they have no features.

    Args:
        owner: `[T, H, W]` uint8, 0 for no entity, i + 1 for entity i. H and W are multiples of 8.
    """
    frames, height, width = owner.shape
    count = int(owner.max())
    heat, label = np.zeros((2, frames, height, width), np.uint8)
    seen = np.zeros((count, frames, height // LATENT, width // LATENT), bool)
    for index in range(count):
        seen[index] = _on_latents(owner == index + 1)
    seen &= seen[:, :1].any((2, 3), keepdims=True)
    for index, time in zip(*np.nonzero(seen.any((2, 3))), strict=True):
        _draw(heat[time], label[time], owner[time] == index + 1, index + 1)
    return LabelledMaps(heat, label, seen[:, 0], seen.any(0))


def _on_latents(masks: np.ndarray) -> np.ndarray:
    """Masks `[T, H, W]` bool on the latent grid."""
    height, width = masks.shape[1:]
    return np.stack([resize_mask(mask, width // LATENT, height // LATENT) for mask in masks])


def _draw(heat: np.ndarray, label: np.ndarray, mask: np.ndarray, number: int) -> None:
    """Draws one entity in one frame, over the previous ones."""
    height, width = mask.shape
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    reach = int(min(depth[y, x], max(width, height)))  # infinite if the entity covers the whole picture
    left, right = max(x - reach, 1), min(x + reach, width - 1)
    top, bottom = max(y - reach, 1), min(y + reach, height - 1)
    if min(right - left, bottom - top) < SMALLEST_BOX:
        return
    heat[top:bottom, left:right] = resize_bytes(heat_template(), right - left, bottom - top)
    rows, columns = np.mgrid[:height, :width]
    label[(rows - min(y, height - 1)) ** 2 + (columns - max(x, 1)) ** 2 <= reach**2] = number
