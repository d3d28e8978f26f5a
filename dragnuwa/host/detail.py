"""Restore Detail in the host, with its device and progress bar."""

from __future__ import annotations

from dataclasses import replace

import comfy.model_management
import torch
from comfy.model_patcher import ModelPatcher
from torch import Tensor

from ..common.images import shape_of
from ..detail import Restored
from ..detail.clip import restore_clip
from ..detail.restore import ClipAndPicture, DetailSettings
from .optical_flow import estimator
from .running_node import progress_bar

FRAMES_AT_ONCE = 12  # pictures of the result's size that the device must hold while one is computed


def restore_detail(
    given: ClipAndPicture,
    drags: str | None,
    masks: Tensor | None,
    settings: DetailSettings,
    optical_flow: ModelPatcher | None = None,
) -> Restored:
    """As `dragnuwa.detail.clip.restore_clip`, with optical flow from a model of the host, or from OpenCV without one.

    Raises:
        InputError, TrajectoryError: as there.
    """
    shape_of(given.images, "images")
    _, picture_height, picture_width = shape_of(given.picture, "picture")
    device = comfy.model_management.get_torch_device()
    pixels = max(settings.width, picture_width) * max(settings.height, picture_height)
    comfy.model_management.free_memory(FRAMES_AT_ONCE * pixels * 3 * torch.float32.itemsize, device)
    settings = replace(settings, flow=estimator(optical_flow))
    return restore_clip(given, drags, masks, settings, device, progress_bar())
