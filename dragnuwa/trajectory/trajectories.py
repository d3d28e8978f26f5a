"""The value that nodes exchange: all tracks and objects of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..common.clip_shape import ClipShape
from . import checks, sampling, schema
from .objects.masks import masks_of
from .objects.sampling import most_points, tracks_of, unique_ids
from .objects.types import MotionObject
from .types import Track


@dataclass(frozen=True, slots=True)
class Trajectories:
    """All tracks and objects drawn on one picture. Immutable; compares and hashes by content. Coordinates are fractions
    of the picture, so one value serves every size.

    canvas: (width, height) in pixels of the picture that was drawn on. It is kept, but has no effect.
    objects: from back to front. They are sampled to tracks, too (`objects.tracks`), which come after the drawn ones.
    horizon: of the ground, as a fraction of the picture's height from its top; None if no ground was drawn.

    `parse` returns validated values. The constructor does not validate: code that builds tracks itself is trusted.
    """

    tracks: tuple[Track, ...]
    canvas: tuple[int, int]
    objects: tuple[MotionObject, ...] = ()
    horizon: float | None = None

    @property
    def enabled(self) -> tuple[Track, ...]:
        """The enabled drawn tracks, in order."""
        return tuple(track for track in self.tracks if track.enabled)

    @property
    def enabled_objects(self) -> tuple[MotionObject, ...]:
        """The enabled objects, from back to front."""
        return tuple(each for each in self.objects if each.enabled)

    def object_masks(self, width: int, height: int) -> np.ndarray:
        """[K, height, width] float32 from 0 to 1: coverage of the picture by each of the `enabled_objects`."""
        return masks_of(self.enabled_objects, width, height)

    def as_tracks(self, clip: ClipShape) -> Trajectories:
        """The same motion without objects: enabled objects become tracks for a clip, after the drawn ones.

        Raises:
            TrajectoryError: if frames, width or height is out of range, or there would be too many points.
        """
        if not self.objects:
            return self
        return Trajectories(self._with_objects(self.tracks, clip)[0], self.canvas)

    def to_json(self) -> str:
        """The canonical versioned JSON; `parse` of it gives an equal value.

        Raises:
            TrajectoryError: if the text would be longer than `parse` accepts, 96 MiB.
        """
        return schema.write(self.canvas, self.tracks, self.objects, self.horizon)

    def sample(self, frames: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """The enabled tracks, in order, and after them those of the enabled objects, at `frames` instants spread evenly
        over the clip.

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
        """As `sample`, with the tracks that the positions belong to, and which of them are an object's. Any size and
        2..4096 frames.

        Raises:
            TrajectoryError: frames, width or height is out of range.
        """
        return sampling.sample(*self._with_objects(self.enabled, clip), clip)

    def _with_objects(self, drawn: tuple[Track, ...], clip: ClipShape) -> tuple[tuple[Track, ...], np.ndarray]:
        """Drawn tracks and those of the enabled objects, and whose each is, [N] int; see `sampling.SampledTracks`."""
        checks.clip(clip, "Trajectories")
        objects = self.enabled_objects
        if objects:
            schema.check_total(
                [track.points for track in drawn] + [(None,) * most_points(each, clip) for each in objects]
            )
        groups = [tracks_of(each, clip) for each in objects]
        owner = [-1] * len(drawn) + [k for k, group in enumerate(groups) for _ in group]
        tracks = tuple(unique_ids([*drawn, *chain.from_iterable(groups)])) if groups else drawn
        return tracks, np.array(owner, dtype=np.intp)
