"""Which pixel of a picture with depth a view has in each of its own: all are projected, and the nearest are kept."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from .camera import PinholeCamera
from .scene import BLOCK, DepthScene

NUMBER_BITS = 32  # of a pixel's number
CHUNK = 1 << 16  # pixels that are computed at a time: what is computed for them stays in the processor's cache


def nearest_pixels(
    scene: DepthScene, camera: PinholeCamera, device: torch.device | str, numbers: np.ndarray | None = None
) -> np.ndarray:
    """For each pixel of the view the number of the nearest pixel of the picture that falls on it, of those of some
    `numbers`; -1 without one."""
    width, height = camera.size
    nowhere = width * height
    found = torch.full((nowhere + 1,), -1, dtype=torch.long, device=device)
    disparity = scene.disparity.ravel()
    for first in range(0, disparity.size if numbers is None else len(numbers), CHUNK):
        ended = first + CHUNK
        some = np.arange(first, min(ended, disparity.size)) if numbers is None else numbers[first:ended]
        down, across = np.divmod(some, scene.size[0])
        projected = camera.project_positions_apart(across, down, disparity[some], scene.intrinsics)
        x, y, near = (torch.from_numpy(part).to(device) for part in projected)
        x, y = x.round_(), y.round_()
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        column, row = (torch.where(inside, part, 0).int() for part in (x, y))
        target = torch.where(inside, row * width + column, nowhere).long()
        # Bits of floats above 0 have their order; with the number behind them, one pass finds the nearest and which.
        key = near.view(torch.int32).long().bitwise_left_shift_(NUMBER_BITS).add_(torch.from_numpy(some).to(device))
        found.scatter_reduce_(0, target, key, "amax")
    found = found[:nowhere]
    return torch.where(found >= 0, found & ((1 << NUMBER_BITS) - 1), -1).cpu().numpy()


def pixels_within(scene: DepthScene, camera: PinholeCamera, wanted: np.ndarray) -> np.ndarray:
    """`[N]`: the numbers of the picture's pixels that may fall on `wanted` `[H, W]` bool: those of blocks of which the
    corners, at the least and the largest disparity in the block, have one of them between them."""
    left, top, right, bottom, *disparity = scene.blocks
    corners = [(x, y, each.astype(np.float64)) for x in (left, right) for y in (top, bottom) for each in disparity]
    seen = np.stack([camera.project_positions(*corner, scene.intrinsics)[..., :2] for corner in corners])
    (width, height), behind = camera.size, np.isnan(seen).any((0, -1))  # [8, h, w, 2]
    ends = seen.min(0) - 1, seen.max(0) + 2  # a pixel more on each side, for rounding
    (x0, y0), (x1, y1) = (
        np.moveaxis(np.nan_to_num(end).clip(0, (width, height)).astype(np.int64), -1, 0) for end in ends
    )
    total = cv2.integral(wanted.astype(np.uint8))
    some = behind | (total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0] > 0)
    across, down = scene.size
    return np.flatnonzero(some.repeat(BLOCK, 0)[:down].repeat(BLOCK, 1)[:, :across])
