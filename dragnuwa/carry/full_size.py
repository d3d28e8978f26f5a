"""A carried video at the picture's own size, without a model."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.images import as_images, size_at
from ..common.interrupt import InterruptCheck, Progress, no_interrupt, no_progress
from ..trajectory import Trajectories
from .composite import Carried, carry_clip
from .settings import CarrySettings

MOST = 2048  # px, default limit of the longer side


def carry_at_full_size(
    image: Tensor | None,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    longer_side: int = 0,
    background: Tensor | None = None,
    check_interrupt: InterruptCheck = no_interrupt,
    progress: Progress = no_progress,
) -> Carried:
    """`carry_clip` at the picture's size.

    Args:
        image, trajectories, masks, background, check_interrupt, progress: as for `carry_clip`.
        clip: the video's aspect ratio and number of frames, and the size to which the settings' radius refers.
        settings: `radius`, `carries`, `fill` and `fit` are used.
        longer_side: of the video in pixels; 0 for the picture's, at most `MOST`. Both sides are even.

    Raises:
        ValueError: as `carry_clip`.
    """
    size = clip.size if image is None else _size(as_images(image), clip, settings.fit, longer_side)
    large = ClipShape(*size, clip.frames)
    settings = replace(settings, radius=settings.radius * max(size) / max(clip.size))
    return carry_clip(image, trajectories, large, masks, settings, check_interrupt, progress, background=background)


def _size(images: Tensor, clip: ClipShape, mode: str, longer_side: int) -> tuple[int, int]:
    """Width and height of the video, both even, as video codecs require."""
    size = size_at(clip.width / clip.height, images.shape[2], images.shape[1], mode)
    longest = longer_side or min(MOST, max(size))
    return tuple(max(2, int(side * longest / max(size)) // 2 * 2) for side in size)
