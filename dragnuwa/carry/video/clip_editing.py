"""Drags on a video: what a drawing makes of a clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import as_images, placement, to_bytes
from ...common.interrupt import InterruptCheck, Progress, no_interrupt, no_progress
from ...common.masks import MASKED
from ...trajectory import Trajectories
from ...trajectory.arrays import from_arrays
from ...trajectory.motion.transform import scale, shift
from ...vision.tracking.follow import follow
from ...vision.tracking.followed import Followed, from_masks
from ..settings import CarrySettings
from .composite import edited
from .drawn import Drawing, find_edits
from .edits import COPIED, REMOVED, Edit

MOST_TRACKS = 9  # of each thing
FINDING, MAKING = 0.3, 0.7  # parts of the progress


@dataclass(frozen=True)
class ClipEdits:
    """
    Attributes:
        video: `[T, H, W, 3]` from 0 to 1; outside of the change every pixel is the clip's own.
        change: `[T, H, W]` from 0 to 1, where it differs.
        plate: `[T, H, W, 3]`, the clip without the things; None if it was not asked for.
        things: `[N, T, h, w]` uint8 from 0 to 255, where each thing was found in the clip.
        trajectories: tracks on the things as they move now, for models that take tracks.
    """

    video: Tensor
    change: Tensor
    plate: Tensor | None
    things: np.ndarray
    trajectories: Trajectories


def edit_clip(
    images: Tensor,
    trajectories: Trajectories,
    drawn_on: tuple[int, int],
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    masks: Tensor | None = None,
    tracked: Callable[[], list[Followed]] | None = None,
    check_interrupt: InterruptCheck = no_interrupt,
    progress: Progress = no_progress,
    *,
    with_plate: bool = False,
) -> ClipEdits:
    """
    Args:
        images: `[T, H, W, 3]` from 0 to 1, the clip, two frames or more.
        trajectories: drags and objects; what each means is in its `edit`, `delay` and `at`
            (`dragnuwa.trajectory.types`).
        drawn_on: (width, height) of the picture that they were drawn on, to which the clip was fitted by
            `settings.fit`.
        settings: `radius`, in pixels of that picture, `carries` and `fit` are used.
        masks: `[M, H, W]`: of the drags and objects one after the other, one for each frame of the clip, or one for the
            frame in which each was drawn; they replace what would be found.
        tracked:
        check_interrupt: called many times for each frame.
        progress: called after each frame.
        with_plate: whether the clip without the things is wanted, too.

    Raises:
        InputError: if there are too few frames, nothing is drawn, masks have another number or size, or a thing is never
            found again.
    """
    raise NotImplementedError
