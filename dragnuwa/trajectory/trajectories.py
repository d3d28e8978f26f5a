"""The value that the nodes pass on: all tracks of one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..clip_shape import ClipShape
from . import sampling, schema
from .types import Track


@dataclass(frozen=True, slots=True)
class Trajectories:
    """All tracks drawn on one picture. Immutable; compares and hashes by content. Coordinates are fractions of the
    picture, so one value serves every size.

    canvas: (width, height) in pixels of the picture that was drawn on. It is kept, and changes nothing.

    `parse` makes checked values. The constructor does not check: code that builds tracks itself is trusted.
    """

    tracks: tuple[Track, ...]
    canvas: tuple[int, int]

    @property
    def enabled(self) -> tuple[Track, ...]:
        """The tracks that are switched on, in order."""
        return tuple(track for track in self.tracks if track.enabled)

    def to_json(self) -> str:
        """The canonical versioned JSON; `parse` of it gives an equal value.

        Raises:
            TrajectoryError: the text would be longer than `parse` reads, 96 MiB.
        """
        return schema.write(self.canvas, self.tracks)

    def sample(self, frames: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """The enabled tracks, in order, at `frames` instants spread evenly over the clip.

        Args:
            frames: 2..4096.
            width, height: of the picture to sample for, in pixels; any size, not only that of the canvas.

        Returns:
            points [N, T, 2] float64, x and y in pixels, inside [0, width-1] x [0, height-1];
            visible [N, T] bool.

        Raises:
            TrajectoryError: frames, width or height is out of range.
        """
        sampled = self.at_frames(ClipShape(width, height, frames))
        return sampled.points, sampled.visible

    def at_frames(self, clip: ClipShape) -> sampling.SampledTracks:
        """As `sample`, with the tracks that the positions belong to. Any size and 2..4096 frames.

        Raises:
            TrajectoryError: frames, width or height is out of range.
        """
        return sampling.sample(self.enabled, clip)
