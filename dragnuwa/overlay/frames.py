"""Composites layers over a clip frame by frame, so that the result is its only copy in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from ..common.interrupt import Progress, checkpoint, no_progress

Layer = Callable[[torch.Tensor, int], torch.Tensor]
"""Composites a layer over a frame `[H, W, 3]` from 0 to 1 on the CPU, which is not modified. Called with frame numbers
from 0 without gaps."""


def over_frames(images: torch.Tensor, layers: Sequence[Layer], progress: Progress = no_progress) -> torch.Tensor:
    """Composites layers over a clip.

    Args:
        images: `[T, H, W, 3]` from 0 to 1, on any device.
        layers: from bottom to top.
        progress: called after each frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.
    """
    laid = torch.empty(images.shape)
    for now, image in enumerate(images.detach()):
        checkpoint()
        frame = image.cpu().float()
        for layer in layers:
            frame = layer(frame, now)
        laid[now] = frame
        progress(now + 1, len(images))
    return laid
