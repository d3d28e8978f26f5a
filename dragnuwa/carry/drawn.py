"""Makes the layers of a drawing from its drags, its objects and their masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..common.clip_shape import ClipShape
from ..common.interrupt import InterruptCheck, no_interrupt
from ..trajectory import MotionObject
from ..vision.segmentation.find import TrackSearch
from .bent import PinTracks
from .from_objects import object_layers
from .from_tracks import Assigned, assign, layers_of
from .layers import Layer, Stack, background


@dataclass(frozen=True)
class Drawn:
    """
    Attributes:
        clip: size and number of frames; the layers are in its pixels.
        assigned: what each track carries, and the camera's motion.
        of_tracks: the layers of the tracks, from back to front.
        of_objects: those of the objects, in front of them.
    """

    clip: ClipShape
    assigned: Assigned
    of_tracks: tuple[Layer, ...]
    of_objects: tuple[Layer, ...]

    @property
    def stack(self) -> Stack:
        ground = background(self.assigned.camera, self.clip.size, self.clip.frames)
        return Stack(self.clip.size, ground, (*self.of_tracks, *self.of_objects))


def find_layers(
    tracks: np.ndarray,
    visible: np.ndarray,
    objects: Sequence[MotionObject],
    clip: ClipShape,
    of_tracks: np.ndarray | None,
    of_objects: np.ndarray | None,
    search: TrackSearch | None,
    radius: float,
    check_interrupt: InterruptCheck = no_interrupt,
    pins: PinTracks | None = None,
) -> Drawn:
    """
    Args:
        tracks: `[N, T]` complex, in the clip's pixels, inside it.
        visible: `[N, T]` bool.
        objects: the enabled ones, from back to front.
        clip: size and number of frames; the layers have this size.
        of_tracks, of_objects: masks of both, of the clip's size, as for `assign` and `object_layers`.
        search: finds the objects under tracks without a mask; None to carry their surroundings instead.
        radius: of these surroundings, in pixels.
        check_interrupt: called for every track and object, and during the search.
        pins: what the drawing says of the tracks as pins; None if none bends anything.

    Raises:
        ValueError: if masks match no track.
    """
    assigned = assign(tracks, visible, of_tracks, clip.size, search, check_interrupt, pins)
    check_interrupt()
    moved = layers_of(assigned, visible, clip.size, radius)
    return Drawn(clip, assigned, tuple(moved), tuple(object_layers(objects, clip, of_objects, check_interrupt)))
