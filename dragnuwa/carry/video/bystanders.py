"""The edits of a clip among everything else that moves in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from ...common.images import to_bytes
from ...common.interrupt import InterruptCheck, no_interrupt
from ...geometry.frame_alignment import align
from ...vision.tracking.occlusion import layered
from .composite import RIM, Composite, shadows_of, shown_of, with_rim
from .edits import Edit, bystander


def among_bystanders(
    clip: Tensor, edits: Sequence[Edit], check_interrupt: InterruptCheck = no_interrupt
) -> tuple[list[Edit], Composite]:
    """
    Args:
        clip: `[T, H, W, 3]` from 0 to 1.
        edits: things that never meet keep their order, from back to front.
        check_interrupt: called many times for each frame.

    Returns:
        The edits in the same order, their things seen as far as nothing stands before them; and all of what moves in
        the clip in its order of depth.
    """

    def frame_at(time: int) -> np.ndarray:
        return to_bytes(clip[time])

    motions = camera_motions(clip, edits, check_interrupt)
    layers = layered(
        [edit.followed for edit in edits], frame_at, motions, check_interrupt, lambda time: shadows_of(edits, time)
    )
    found = list(edits)
    everything = []
    for layer in layers:
        if layer.number is None:
            everything.append(bystander(layer.thing))
        else:
            found[layer.number] = replace(edits[layer.number], followed=layer.thing)
            everything.append(found[layer.number])
    return found, Composite(clip, tuple(everything), motions)


def camera_motions(clip: Tensor, edits: Sequence[Edit], check_interrupt: InterruptCheck = no_interrupt) -> np.ndarray:
    """`[T, 3, 3]`: the camera's motion from the first frame of a clip `[T, H, W, 3]`, by what none of the edits is
    about. `check_interrupt` is called for each frame."""

    def things_at(time: int) -> np.ndarray:
        return with_rim(shown_of(edits, time, (clip.shape[2], clip.shape[1])), RIM)

    return align(len(clip), lambda time: to_bytes(clip[time]), things_at, check_interrupt)
