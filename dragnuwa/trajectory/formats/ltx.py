"""LTX-2's motion tracks: coordinates in KJNodes' format, for LTXVDrawTracks of ComfyUI-LTXVideo.

That node draws the control pictures of the motion-track LoRA, one frame per position.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...common.clip_shape import ClipShape
from ..trajectories import Trajectories
from ..types import Track
from .format import Limits, Writer, compact, sampled_motion
from .kjnodes import coordinates


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """A list for each enabled track, with a position at each frame."""
    return compact(coordinates(trajectories, clip))


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    return sampled_motion(tracks, clip) if tracks else "No tracks: LTXVDrawTracks draws a single black frame of this."


WRITER = Writer("ltx", write, Limits(visibility=False, names=False, outside=False, motion=_motion))
