"""Carry, for drags of which only the positions are known."""

from __future__ import annotations

import numpy as np
import torch

from dragnuwa.carry.composite import Carried, carry
from dragnuwa.carry.drawing import Drawing, connected_masks
from dragnuwa.carry.find import find
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory.sampling import without_drift
from dragnuwa.vision.segmentation.prepared import prepare


def carry_points(
    image: torch.Tensor,
    points: np.ndarray,
    visible: np.ndarray,
    masks: torch.Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
) -> Carried:
    """A picture `[H, W, 3]`, carried along drags `[N, T, 2]` in its pixels, visible `[N, T]`."""
    height, width = image.shape[:2]
    clip, points = ClipShape(width, height, points.shape[1]), without_drift(points)
    picture = prepare(image.detach(), clip.size)
    positions, of_drags = points[..., 0] + 1j * points[..., 1], connected_masks(masks, picture)
    return carry(image, find(Drawing(picture, clip, positions, visible, of_drags=of_drags, settings=settings)))
