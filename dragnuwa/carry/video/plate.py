"""The ground behind objects in a clip: what other frames show of it, moved along with the camera.

For each place, the frames nearest in time that saw it are taken, each with its tones fitted to the frame (light
changes), and their median (what passed by in one of them is left out). What no frame saw is filled once
(`dragnuwa.vision.inpainting.fill`) and moves with the camera from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...geometry.grids import Box
from ...geometry.registration import median
from ...vision.inpainting.clean_plate import ring_of, without_seam
from ...vision.inpainting.fill import fill_hole, fill_smoothly
from ...vision.tracking.shots import or_whole, shot_of

SAMPLES = 3  # frames that are compared for each place
COARSE = 8  # px between the positions for which frames are chosen
FARTHEST = 400  # frames away that are looked at
TONE = 0.004  # a smaller change of tone is none, so that a resting scene keeps its exact values
MOST_TONE = 0.5  # largest relative change of tone
MIN_PIXELS, MOST_PIXELS = 32, 2**12  # pixels from which a change of tone is measured
FILL_MARGIN = 0.5  # of the hole's box: the surroundings that the filling sees
LEAST_AROUND = 48  # px
ROOM = 0.0005  # of a frame: what is filled is large enough to show a part of a thing
THINGS_KEPT = 8  # frames to each side for which things that were found in one are those of the others, too
MOST_BEYOND = 0.05  # of the frame's longer side: how far beyond its borders it is filled at most
TEXTURED = np.ones((5, 5), np.uint8)  # a hole in which this has room shows texture
KERNEL_7 = np.ones((7, 7), np.uint8)
TAPS = 4  # px that interpolation needs around a part
AT_REST = 1e-9  # of a motion: it is none

FrameAt = Callable[[int], np.ndarray]
"""The frame of a number, `[H, W, 3]` float32 from 0 to 1."""
MaskAt = Callable[[int], np.ndarray]
"""`[H, W]` bool, for a frame's number."""


Filling = tuple[Box, np.ndarray, np.ndarray]
"""A box of a frame; what was filled in it and the ground close to that, `[h, w]` bool; and its colours `[h, w, 3]`."""


@dataclass
class Ground:
    """The ground of a clip.

    Attributes:
        motions: `[T, 3, 3]`, from pixels of a shot's first frame to pixels of each (`vision.tracking.frame_alignment`).
        frame_at: the clip's frames.
        foreground_at: what is no ground in a frame, with its soft edge.
        things_at: what else is no ground there, which takes seconds to find; None where that is not known.
        shots: of the clip (`vision.tracking.shots`), none of which shows the ground of another; empty for one.
        filled: for each frame in which a filling was made, the filling.
    """

    motions: np.ndarray
    frame_at: FrameAt
    foreground_at: MaskAt
    things_at: MaskAt | None = None
    shots: tuple[range, ...] = ()
    filled: dict[int, Filling] = field(default_factory=dict)
    coarse: dict[int, np.ndarray] = field(default_factory=dict)
    found_things: dict[int, np.ndarray] = field(default_factory=dict)
    foregrounds: dict[int, tuple[tuple[int, int], np.ndarray]] = field(default_factory=dict)

    def behind(self, time: int, hole: np.ndarray) -> np.ndarray:
        """A frame `[H, W, 3]` with a hole `[H, W]` bool filled; all other pixels are unchanged."""
        frame = self.frame_at(time)
        if not hole.any():
            return frame
        box = Box.of(hole | ring_of(hole))
        frame = frame.copy()
        missing = hole & ~self._paste(time, frame, box, hole)
        if missing.any():
            self._fill(time, frame, missing, hole)
        return frame

    def _paste(self, time: int, frame: np.ndarray, box: Box, hole: np.ndarray) -> np.ndarray:
        """Puts what other frames saw into a frame's hole, without a seam: `[H, W]` bool, where there was something."""
        foreground = self._foreground(time)[box.slices] & ~hole[box.slices]
        ring = ring_of(hole)[box.slices] & ~foreground
        wanted = cv2.dilate(hole[box.slices].astype(np.uint8), KERNEL_7).astype(bool)  # the seam is compared around it
        colors, known = self._seen(time, box, wanted, ring)
        pasted = np.zeros(hole.shape, bool)
        inside = known & hole[box.slices]
        pasted[box.slices] = inside
        if inside.any():
            here = frame[box.slices]
            # No tones of an object come into the hole.
            fitted = np.where((known & ~foreground)[..., None], colors, here)
            np.copyto(here, without_seam(here, fitted, inside), where=inside[..., None])
        return pasted

    def _seen(self, time: int, box: Box, wanted: np.ndarray, ring: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What other frames saw of what is wanted, `[h, w]` bool, in a box of a frame: colours `[h, w, 3]`, and
        `[h, w]` bool, where there are any.

        Args:
            ring: `[h, w]` bool, the ground around the hole, by which their tones are fitted.
        """
        samples = np.zeros((SAMPLES, *wanted.shape, 3), np.float32)
        count = np.zeros(wanted.shape, np.int64)
        tones = self._places(time, box, ring)
        # Fillings last: they are taken where no frame saw anything.
        fillings = [(other, made) for other, made in self.filled.items() if other in self._shot(time)]
        for other, made in [*((other, None) for other in self._choose(time, box, wanted)), *fillings]:
            checkpoint()
            lacking = wanted & (count < (SAMPLES if made is None else 1))
            if not lacking.any():
                continue
            source = self._source(other, time, made)
            near = Box.of(lacking).common(source.reach.shifted(-box.left, -box.top))
            if near.empty:
                continue
            found = lacking[near.slices] & source.shown_in(near.shifted(box.left, box.top))
            if not found.any():
                continue
            part = Box.of(found)
            found, near = found[part.slices], part.shifted(near.left, near.top)
            colors = source.colors_in(near.shifted(box.left, box.top))[found] * source.tone(*tones)
            rows, columns = np.argwhere(found).T + np.array([[near.top], [near.left]])
            samples[count[rows, columns], rows, columns] = colors.clip(0, 1)
            count[rows, columns] += 1
        return _median(samples, count), count > 0

    def _choose(self, time: int, box: Box, wanted: np.ndarray) -> list[int]:
        """The frames that are needed, nearest first: those that see a place of a coarse grid in the box, near what is
        wanted, which fewer than `SAMPLES` nearer ones have seen."""
        grid = box.positions()[::COARSE, ::COARSE][_coarse(wanted)]
        positions = np.stack([grid.real, grid.imag, np.ones(len(grid))])
        count = np.zeros(len(grid), int)
        chosen = []
        order = sorted((other for other in self._shot(time) if other != time), key=lambda other: abs(other - time))
        for other in order[:FARTHEST]:
            x, y, w = self._between(time, other) @ positions
            free = self._coarse_ground(other)
            shown = _looked_up(free, x / w / COARSE, y / w / COARSE)
            if (shown & (count < SAMPLES)).any():
                chosen.append(other)
                count += shown
                if (count >= SAMPLES).all():
                    break
        return chosen

    def _places(self, time: int, box: Box, ring: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places of a ring `[h, w]` bool in a box of a frame by which tones are fitted, `[3, n]` homogeneous, and their
        colours `[n, 3]`."""
        rows, columns = np.nonzero(ring)
        some = slice(None, None, 1 + len(rows) // MOST_PIXELS)
        rows, columns = rows[some] + box.top, columns[some] + box.left
        return np.stack([columns, rows, np.ones(len(rows))]), self.frame_at(time)[rows, columns]

    def _source(self, other: int, time: int, made: Filling | None) -> _Source:
        """Another frame, or its filling, for this one."""
        motion = self._between(time, other)
        if made is None:
            return _Source(motion, ~self._foreground(other), self.frame_at(other))
        own, shown, colors = made
        return _Source(np.array([[1, 0, -own.left], [0, 1, -own.top], [0, 0, 1]]) @ motion, shown, colors)

    def _shot(self, time: int) -> range:
        """The frames that show the same ground."""
        return shot_of(or_whole(self.shots, len(self.motions)), time)

    def _foreground(self, time: int) -> np.ndarray:
        """`[H, W]` bool: what is no ground in a frame; kept in bits, since each frame needs that of many others."""
        if time not in self.foregrounds:
            found = self.foreground_at(time)
            self.foregrounds[time] = found.shape, np.packbits(found)
            return found
        shape, bits = self.foregrounds[time]
        return np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).view(bool)

    def _coarse_ground(self, time: int) -> np.ndarray:
        """`[h, w]` bool: the coarse positions near which a frame shows ground."""
        if time not in self.coarse:
            self.coarse[time] = _coarse(~self._foreground(time))
        return self.coarse[time]

    def _between(self, time: int, other: int) -> np.ndarray:
        """`[3, 3]`: from pixels of one frame to pixels of another."""
        return self.motions[other] @ np.linalg.inv(self.motions[time])

    def _things(self, time: int) -> np.ndarray:
        """`[H, W]` bool: things that stand in a frame, as the camera's motion takes them from a frame near it in which
        they were found."""
        near = [other for other in self.found_things if other in self._shot(time) and abs(other - time) <= THINGS_KEPT]
        if not near:
            found = self.things_at(time)
            self.found_things[time] = found & ~self._foreground(time)  # what moves by itself is elsewhere then
            return found
        other = min(near, key=lambda each: abs(each - time))
        found, motion = self.found_things[other].astype(np.uint8), self._between(time, other)
        way = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        moved = cv2.warpPerspective(found, motion, found.shape[::-1], flags=way, borderMode=cv2.BORDER_REPLICATE)
        return moved > 0

    def _fill(self, time: int, frame: np.ndarray, missing: np.ndarray, hole: np.ndarray) -> None:
        """Fills what no frame saw, in the frame, and keeps it for the others, with what these see of it beyond the
        frame's borders."""
        near = Box.of(missing)
        margin = max(LEAST_AROUND, round(FILL_MARGIN * max(near.size)))
        box = near.grown(margin).within(hole.shape[1], hole.shape[0])
        window, sides = box.slices, self._beyond(time, missing)
        part, lacks = _padded(frame[window], sides), _padded(missing[window], sides)
        foreground = _padded(self._foreground(time)[window] & ~hole[window], sides)
        repeated = np.pad(np.zeros(box.size[::-1], bool), sides, constant_values=True) & ~lacks  # beyond the border
        no_ground = foreground | repeated
        if (cv2.erode(lacks.astype(np.uint8), TEXTURED) > 0).any():
            things = None
            if self.things_at is not None and missing.sum() > ROOM * missing.size:
                things = _padded(self._things(time)[window] & ~hole[window], sides)  # what was pasted is ground
            part = fill_hole(part, lacks, foreground=no_ground, things=things)
        else:  # the rim of what was filled before
            part = fill_smoothly(part, lacks, foreground=foreground)
        (top, _), (left, _) = sides
        frame[window] = part[top:, left:][: box.size[1], : box.size[0]]
        # Another frame's rim is in it, too.
        kept = cv2.dilate(lacks.astype(np.uint8), KERNEL_7).astype(bool) & ~no_ground
        near = Box.of(kept)
        self.filled[time] = near.shifted(box.left - left, box.top - top), kept[near.slices], part[near.slices].copy()

    def _beyond(self, time: int, missing: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
        """How far the other frames look beyond a frame's borders, in pixels, where what is missing `[H, W]` bool
        reaches them: (above, below), (left, right)."""
        height, width = missing.shape
        whole, most = Box(0, 0, width, height), round(MOST_BEYOND * max(missing.shape))
        seen = np.concatenate([_corners(self._between(other, time), whole) for other in self._shot(time)])

        def reach(way: float, at_border: np.ndarray) -> int:
            return int(np.ceil(way).clip(0, most)) if at_border.any() else 0

        return (
            (reach(-seen.imag.min(), missing[0]), reach(seen.imag.max() - height + 1, missing[-1])),
            (reach(-seen.real.min(), missing[:, 0]), reach(seen.real.max() - width + 1, missing[:, -1])),
        )


@dataclass(frozen=True)
class _Source:
    """What may be seen in a hole of a frame.

    Attributes:
        motion: `[3, 3]`, from pixels of that frame to its own.
        shown: `[h, w]` bool, where it shows ground.
        colors: `[h, w, 3]`.
    """

    motion: np.ndarray
    shown: np.ndarray
    colors: np.ndarray

    @property
    def reach(self) -> Box:
        """The box of the frame in which all of it is seen."""
        height, width = self.shown.shape
        return Box.around(_corners(np.linalg.inv(self.motion), Box(0, 0, width, height)), TAPS)

    def shown_in(self, box: Box) -> np.ndarray:
        """`[h, w]` bool: where it shows ground in a box of the frame."""
        if self._is_same(box):
            return self.shown[box.slices]
        part, motion = self._part(box)
        if part.empty:
            return np.zeros(box.size[::-1], bool)
        shown, way = 255 * self.shown[part.slices].astype(np.uint8), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpPerspective(shown, motion, box.size, flags=way) == 255

    def colors_in(self, box: Box) -> np.ndarray:
        """`[h, w, 3]`: its colours in a box of the frame, some of which it shows."""
        if self._is_same(box):
            return self.colors[box.slices]
        part, motion = self._part(box)
        way, border = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
        return cv2.warpPerspective(self.colors[part.slices], motion, box.size, flags=way, borderMode=border).clip(0, 1)

    def _is_same(self, box: Box) -> bool:
        """Whether a box of the frame is the same one here."""
        height, width = self.shown.shape
        return bool(np.abs(self.motion - np.eye(3)).max() < AT_REST) and box == box.within(width, height)

    def _part(self, box: Box) -> tuple[Box, np.ndarray]:
        """The part that a box of the frame shows, and `[3, 3]`, from pixels of the box to its pixels."""
        height, width = self.shown.shape
        part = Box.around(_corners(self.motion, box), TAPS).within(width, height)
        to_part = np.array([[1, 0, -part.left], [0, 1, -part.top], [0, 0, 1]])
        return part, to_part @ self.motion @ np.array([[1, 0, box.left], [0, 1, box.top], [0, 0, 1]])

    def tone(self, places: np.ndarray, own: np.ndarray) -> np.ndarray | float:
        """`[3]`: the ratio of the frame's colours `[n, 3]` to these, at places `[3, n]` of the frame (`Ground._places`)
        where both show ground; 1 where there are too few."""
        x, y, w = self.motion @ places
        x, y = x / w, y / w
        both = _looked_up(self.shown, x, y)
        if both.sum() < MIN_PIXELS:
            return 1.0
        x, y = (each[both].astype(np.float32)[None] for each in (x, y))
        there = cv2.remap(self.colors, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)[0]  # [n, 3]
        ratio = median(((own[both] + 0.02) / (there + 0.02)).T).clip(1 - MOST_TONE, 1 + MOST_TONE)  # [3]
        return np.where(np.abs(ratio - 1) < TONE, 1, ratio).astype(np.float32)


def _corners(motion: np.ndarray, box: Box) -> np.ndarray:
    """`[4]` complex: where a motion `[3, 3]` takes the corners of a box."""
    x, y, w = motion @ np.stack([box.corners().real, box.corners().imag, np.ones(4)])
    return (x + 1j * y) / w


def _padded(picture: np.ndarray, sides: tuple[tuple[int, int], tuple[int, int]]) -> np.ndarray:
    """A picture `[h, w]` or `[h, w, 3]` that goes on beyond its borders as it is there."""
    return np.pad(picture, (*sides, (0, 0))[: picture.ndim], mode="edge")


def _coarse(area: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: the positions of a coarse grid near which an area `[H, W]` bool lies."""
    return cv2.dilate(area.astype(np.uint8), np.ones((COARSE, COARSE), np.uint8))[::COARSE, ::COARSE] > 0


def _looked_up(area: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`[n]` bool: whether points lie in an area `[h, w]` bool."""
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (column >= 0) & (row >= 0) & (column < area.shape[1]) & (row < area.shape[0])
    return inside & area[row.clip(0, area.shape[0] - 1), column.clip(0, area.shape[1] - 1)]


def _median(samples: np.ndarray, count: np.ndarray) -> np.ndarray:
    """`[h, w, 3]`: of three samples their median, of two the first, which is nearer in time."""
    first, second, third = samples
    three = np.maximum(np.minimum(first, second), np.minimum(np.maximum(first, second), third))
    return np.where((count >= SAMPLES)[..., None], three, first)
