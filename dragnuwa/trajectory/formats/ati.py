"""ATI: the 121 positions that it reads, whatever the clip's length.

ComfyUI's nodes for ATI take coordinates in KJNodes' format. ATI's own program (bytedance/ATI) takes a .pth, PyTorch's
file of the bytes of an .npz with "array" `[N, 121, 1, 3]`: eighths of pixels, and of the visibility. `array_files`
reads that.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...common.clip_shape import ClipShape
from ..trajectories import Trajectories
from ..types import Track
from .format import FileWriter, Limits, Writer, at_least_one, compact, sampled, sampled_motion
from .kjnodes import coordinates

POSITIONS = 121
EIGHTHS = 8


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    return compact(coordinates(trajectories, replace(clip, frames=POSITIONS)))


def write_pth(trajectories: Trajectories, clip: ClipShape) -> bytes:
    """ATI's own file. Raises TrajectoryError without tracks, which that program cannot take."""
    import torch  # imported lazily: drags are written without it

    at_least_one(trajectories, "ati_pth")
    found = sampled(trajectories, replace(clip, frames=POSITIONS))
    array = EIGHTHS * np.concatenate([found.points, found.visible[..., None]], -1)[:, :, None]  # [N, 121, 1, 3]
    inner, file = io.BytesIO(), io.BytesIO()
    np.savez_compressed(inner, array=array.astype(np.float32))
    torch.save(inner.getvalue(), file)
    return file.getvalue()


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    if not tracks:
        return "No tracks: ComfyUI's WanTrackToVideo moves nothing then, and WanVideoWrapper's ATI nodes fail."
    return sampled_motion(tracks, replace(clip, frames=POSITIONS))


WRITER = Writer("ati", write, Limits(visibility=False, names=False, outside=False, motion=_motion))
PTH_WRITER = FileWriter(
    "ati_pth", write_pth, Limits(visibility=True, names=False, outside=False, motion=_motion), ".pth"
)
