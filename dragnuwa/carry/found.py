"""What a drawing moves in a picture, without rendering it: the layers, their masks, and the area they uncover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.interrupt import InterruptCheck, no_interrupt
from ..common.masks import split_masks, unfit_mask
from ..trajectory import MotionObject
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import prepare
from .bent import PinTracks
from .drawn import find_layers
from .layers import Stack
from .object_masks import given_masks, object_masks
from .settings import CarrySettings
from .snapped_objects import with_snapped

MORE = np.ones((3, 3), np.uint8)  # one more pixel of the clip around the hole: too large is harmless


@dataclass(frozen=True)
class Found:
    """
    Attributes:
        stack: the layers, in the clip's pixels.
        objects: `[N + K, H, W]` as `dragnuwa.carry.object_masks.object_masks` gives them.
        picture: (width, height) of the picture.
        mode: how it was fitted to the clip.
        bent: for each object that drags bend, the numbers `[m]` of its tracks, and its mask `[H, W]` of the clip.
    """

    stack: Stack
    objects: Tensor
    picture: tuple[int, int]
    mode: str
    bent: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    def hole(self) -> Tensor:
        """`[1, H, W]` at the picture's size, 0 or 1: all that moving objects uncover in any frame, with their rims."""
        left = cv2.dilate(self.stack.left[0].astype(np.uint8), MORE)
        whole = unfit_mask(torch.from_numpy(left)[None].float(), *self.picture, self.mode)
        return (whole > 0).float()


def find(
    picture: Tensor,
    points: np.ndarray,
    visible: np.ndarray,
    objects: Sequence[MotionObject],
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    check_interrupt: InterruptCheck = no_interrupt,
    pins: PinTracks | None = None,
) -> Found:
    """
    Args:
        picture: `[H, W, 3]` from 0 to 1, of any size.
        points, visible, objects, masks: as `dragnuwa.carry.composite.carry` takes them.
        clip: size and number of frames.
        settings: `radius`, `carries` and `fit` are used.
        check_interrupt: called for every drag, object and mask, and during segmentation.
        pins: what the drawing says of the tracks as pins; None if none bends anything.

    Raises:
        ValueError: if masks have a wrong size or match no track.
    """
    tracks = without_drift(points)
    tracks = tracks[..., 0] + 1j * tracks[..., 1]  # [N, T]
    prepared = prepare(picture, clip.size, settings.fit)
    given = [given_masks(part, prepared) for part in split_masks(masks, len(tracks), len(objects))]
    given[1] = with_snapped(objects, prepared, given[1], check_interrupt)
    cut = (None if part is None else part.at_clip for part in given)
    search = TrackSearch(prepared, tracks) if settings.carries == "object" else None
    drawn = find_layers(tracks, visible, objects, clip, *cut, search, settings.radius, check_interrupt, pins)
    at_picture = object_masks(prepared, drawn.assigned, objects, *given, check_interrupt)
    return Found(drawn.stack, at_picture, prepared.picture, settings.fit, drawn.assigned.bent(visible))
