"""ATI: coordinates in KJNodes' format, with the 121 positions that ATI's nodes read, whatever the clip's length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...common.clip_shape import ClipShape
from ..trajectories import Trajectories
from ..types import Track
from .format import Limits, Writer, compact, sampled_motion
from .kjnodes import coordinates

POSITIONS = 121


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    return compact(coordinates(trajectories, replace(clip, frames=POSITIONS)))


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    if not tracks:
        return "No tracks: ComfyUI's WanTrackToVideo moves nothing then, and WanVideoWrapper's ATI nodes fail."
    return sampled_motion(tracks, replace(clip, frames=POSITIONS))


WRITER = Writer("ati", write, Limits(visibility=False, names=False, outside=False, motion=_motion))
