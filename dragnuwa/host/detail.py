"""Restore Detail in the host, with its device and progress bar."""

from __future__ import annotations

import comfy.model_management
import torch
from comfy.model_patcher import ModelPatcher
from torch import Tensor

from ..common.images import shape_of
from ..detail import Restored
from ..detail.clip import restore_clip
from ..detail.restore import DetailSettings
from .optical_flow import estimator
from .running_node import progress_bar

FRAMES_AT_ONCE = 12  # pictures of the result's size that the device must hold while one is computed


def restore_detail(
    images: Tensor,
    picture: Tensor,
    drags: str | None,
    masks: Tensor | None,
    settings: DetailSettings,
    optical_flow: ModelPatcher | None = None,
    background: Tensor | None = None,
) -> Restored:
    """As `dragnuwa.detail.clip.restore_clip`, with optical flow from a model of the host, or from OpenCV without one.

    Raises:
        InputError, TrajectoryError: as there.
    """
    shape_of(images, "images")
    _, picture_height, picture_width = shape_of(picture, "picture")
    device = comfy.model_management.get_torch_device()
    pixels = max(settings.width, picture_width) * max(settings.height, picture_height)
    comfy.model_management.free_memory(FRAMES_AT_ONCE * pixels * 3 * torch.float32.itemsize, device)
    return restore_clip(
        images,
        picture,
        drags,
        masks,
        settings,
        background=background,
        flow=estimator(optical_flow),
        device=device,
        progress=progress_bar(),
    )
