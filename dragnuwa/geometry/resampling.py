"""Samples pictures at points between their pixels.

Points are complex numbers x + iy in pixels, as in `dragnuwa.geometry.similarity`.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

from .grids import for_grid_sample

SHRUNK = 0.97  # scale from which on nothing is smoothed: a shift by parts of a pixel smooths more
SMALLEST = 0.05  # scale below which as much is smoothed as there: what is so small shows nothing
SMOOTHING = 0.4  # px of the smaller picture: sigma of the Gaussian over what one of its pixels shows
REACH = 3.0  # sigmas
WHITE = 65_535  # the largest number of 16 bits


def look_up(picture: Tensor, positions: np.ndarray, mode: str = "bilinear", scale: float = 1.0) -> Tensor:
    """Samples `[C, h, w]` at points `[H, W]` (complex, pixels), clamped to the edge.

    Args:
        mode: "bilinear" or "bicubic", as `torch.nn.functional.grid_sample` has them.
        scale: of the picture in what is sampled. Below 1, it is smoothed first, where it is seen, as its details would
            alias.
    """
    if scale < SHRUNK:
        picture, positions = _seen(picture, positions, reach=math.ceil(REACH * sigma_at(scale)) + 2)
        picture = smoothed(picture, scale)
    height, width = picture.shape[-2:]
    grid = torch.from_numpy(for_grid_sample(positions, width, height)).to(picture)  # [H, W, 2]
    return F.grid_sample(picture[None], grid[None], mode=mode, padding_mode="border", align_corners=False)[0]


def smoothed(picture: Tensor, scale: float) -> Tensor:
    """`[C, h, w]` without the details that a picture of `scale` times its size cannot show: the same from a scale of
    `SHRUNK` on."""
    if scale >= SHRUNK:
        return picture
    sigma = sigma_at(scale)
    reach = math.ceil(REACH * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).to(picture)
    channels = picture[:, None]  # [C, 1, h, w]
    channels = F.conv2d(F.pad(channels, (reach, reach, 0, 0), "replicate"), weights.view(1, 1, 1, -1))
    return F.conv2d(F.pad(channels, (0, 0, reach, reach), "replicate"), weights.view(1, 1, -1, 1))[:, 0]


def sigma_at(scale: float) -> float:
    """In px of the picture: of the Gaussian that brings the sharpness of its pixels to that of pixels 1 / `scale` as
    large."""
    return SMOOTHING * math.sqrt(max(max(scale, SMALLEST) ** -2 - 1, 0))


def doubled(picture: np.ndarray) -> np.ndarray:
    """`[2H, 2W, C]` uint16, from 0 to `WHITE`: a picture `[H, W, C]` from 0 to 1 at twice its size. Its pixel (x, y) is
    pixel (2x, 2y) there, and those between are of the cubic spline through its pixels, which is mirrored at the
    borders."""
    height, width, channels = picture.shape
    found = np.empty((2 * height, 2 * width, channels), np.uint16)
    for channel in range(channels):
        fine = ndimage.affine_transform(
            picture[..., channel], [0.5, 0.5], output_shape=found.shape[:2], output=np.float32, mode="mirror"
        )
        found[..., channel] = np.rint(WHITE * fine.clip(0, 1, out=fine))
    return found


def _seen(picture: Tensor, positions: np.ndarray, reach: int) -> tuple[Tensor, np.ndarray]:
    """The part of a picture in which points lie, with so many px around it, and the points in that."""
    height, width = picture.shape[-2:]
    known = positions[np.isfinite(positions)]
    if not known.size:
        return picture, positions
    left, right = _range(known.real, width, reach)
    top, bottom = _range(known.imag, height, reach)
    return picture[:, top:bottom, left:right], positions - (left + 1j * top)


def _range(places: np.ndarray, length: int, reach: int) -> tuple[int, int]:
    first = int(np.clip(math.floor(places.min()) - reach, 0, length - 1))
    return first, int(np.clip(math.ceil(places.max()) + reach + 1, first + 1, length))
