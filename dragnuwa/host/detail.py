"""Restore Detail in the host, with its device, its progress bar, and its optical flow: by ComfyUI's own models
(OPTICAL_FLOW, the node Load Optical Flow Model) or by OpenCV, as an interruptible `optical_flow.Estimator`."""

from __future__ import annotations

from dataclasses import replace

import comfy.model_management
import numpy as np
import torch
import torch.nn.functional as F
from comfy.model_patcher import ModelPatcher
from torch import Tensor

from ..common.images import shape_of
from ..detail import Restored
from ..detail.clip import restore_clip
from ..detail.restore import ClipAndPicture, DetailSettings
from ..vision.tracking.optical_flow import Estimator, dense_inverse_search
from .running_node import check_interrupt, progress_bar

FRAMES_AT_ONCE = 12  # pictures of the result's size that the device must hold while one is computed
STEP = 8  # the network's grid, in pixels
MIN_SIDE = 128  # px; below, its coarsest correlation level would be empty


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


def estimator(model: ModelPatcher | None) -> Estimator:
    """Flow between two frames by a model of the host, or by dense inverse search if it is None."""
    found = dense_inverse_search() if model is None else _network(model)

    def flow(now: np.ndarray, then: np.ndarray) -> np.ndarray:
        check_interrupt()
        return found(now, then)

    return flow


def _network(model: ModelPatcher) -> Estimator:
    """RAFT (Teed and Deng, ECCV 2020), the model that ComfyUI supports; ComfyUI loads it onto the device on first use.

    Frames are not resized but padded on the right and at the bottom by repeating their edge, which keeps pixel units.
    """

    def flow(now: np.ndarray, then: np.ndarray) -> np.ndarray:
        comfy.model_management.load_models_gpu([model])
        height, width = now.shape[:2]
        with torch.no_grad():
            pair = _prepared(np.stack([now, then])).to(model.load_device)
            found = model.model(pair[:1], pair[1:])[-1]  # [1, 2, H', W'], the last of its refinements
        return found[0, :, :height, :width].movedim(0, -1).float().cpu().numpy()

    return flow


def _prepared(frames: np.ndarray) -> torch.Tensor:
    """uint8 `[2, H, W, 3]` -> `[2, 3, H', W']` from -1 to 1, with sides that the network accepts."""
    scaled = torch.from_numpy(frames).movedim(-1, 1).float() / 127.5 - 1
    right, bottom = (max(MIN_SIDE, -(-side // STEP) * STEP) - side for side in (frames.shape[2], frames.shape[1]))
    return F.pad(scaled, (0, right, 0, bottom), mode="replicate")
