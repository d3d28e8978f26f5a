"""ComfyUI's TRACKS, which its Wan-Move nodes take."""

from __future__ import annotations

import comfy.model_management
import torch

from ..clip_shape import ClipShape
from ..trajectory import Trajectories


def of(trajectories: Trajectories, clip: ClipShape) -> dict[str, torch.Tensor]:
    """The enabled tracks at the frames of a clip: "track_path" float32 `[T, N, 2]` pixels, "track_visibility" bool
    `[T, N]`, on the device where ComfyUI keeps what nodes pass on."""
    sampled = trajectories.at_frames(clip)
    device = comfy.model_management.intermediate_device()
    return {
        "track_path": torch.from_numpy(sampled.points).transpose(0, 1).float().contiguous().to(device),
        "track_visibility": torch.from_numpy(sampled.visible).transpose(0, 1).contiguous().to(device),
    }
