"""Restore Detail in the host: on its device, with its progress bar, and ended by its interrupt."""

from __future__ import annotations

import comfy.model_management
import torch
from comfy.model_patcher import ModelPatcher
from torch import Tensor

from ..common.images import shape_of
from ..detail import Restored
from ..detail.clip import restore_clip
from .interrupt import check_interrupt
from .optical_flow import estimator
from .progress import progress_bar

FRAMES_AT_ONCE = 12  # pictures of the result's size that are held on the device while one is made


def restore_detail(
    images: Tensor,
    picture: Tensor,
    drags: str | None,
    masks: Tensor | None,
    optical_flow: ModelPatcher | None,
    width: int,
    height: int,
    strength: float,
    fit: str,
) -> Restored:
    """As `dragnuwa.detail.clip.restore_clip`; the flow by a model of the host, or by OpenCV where there is none.

    Raises:
        InputError, TrajectoryError: as there.
    """
    shape_of(images, "images")
    _, picture_height, picture_width = shape_of(picture, "picture")
    device = comfy.model_management.get_torch_device()
    pixels = max(width, picture_width) * max(height, picture_height)
    comfy.model_management.free_memory(FRAMES_AT_ONCE * pixels * 3 * torch.float32.itemsize, device)
    return restore_clip(
        images,
        picture,
        drags,
        masks,
        width=width,
        height=height,
        strength=strength,
        fit=fit,
        flow=estimator(optical_flow),
        device=device,
        check_interrupt=check_interrupt,
        progress=progress_bar(),
    )
