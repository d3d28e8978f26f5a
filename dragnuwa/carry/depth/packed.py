"""Depth as a picture file of 8 bits, with 16 bits of each pixel's disparity in two channels: for the editor's page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ...common.errors import InputError
from .lens import in_parts, of_parts
from .readers import fitted
from .scene import DepthScene

LONGEST = 640  # px
LEVELS = 65_535


def packed(scene: DepthScene) -> tuple[Tensor, list[float]]:
    """`[1, h, w, 3]` from 0 to 1, of at most `LONGEST` pixels, and the lens: focal lengths and centre, in parts of the
    sides. Distances keep their proportions only."""
    scale = min(1.0, LONGEST / max(scene.size))
    small = fitted(scene, tuple(max(2, round(side * scale)) for side in scene.size), "stretch")
    most = float(small.disparity.max()) or 1.0
    levels = np.round(small.disparity / most * LEVELS).astype(np.int64)
    bytes_ = np.stack([levels >> 8, levels & 255, np.zeros_like(levels)], -1).astype(np.float32)
    return torch.from_numpy(bytes_ / 255)[None], in_parts(small.intrinsics, small.size)


def unpacked(picture: Tensor, lens: Sequence[float]) -> DepthScene:
    """The scene of a picture `[h, w, 3]` and a lens as `packed` gives them.

    Raises:
        InputError: if they are something else.
    """
    values = np.round(picture.detach().cpu().double().numpy() * 255)
    if values.ndim != 3 or values.shape[-1] != 3 or values[..., 2].any():
        raise InputError("The picture is not a depth that DragNUWA has written. Run the workflow again.")
    if len(lens) != 4 or not all(0 < part < 100 for part in lens):
        raise InputError("The lens should be four numbers above 0: focal lengths and centre. Run the workflow again.")
    height, width = values.shape[:2]
    disparity = ((values[..., 0] * 256 + values[..., 1]) / LEVELS).astype(np.float32)
    return DepthScene(disparity, of_parts(lens, (width, height)))
