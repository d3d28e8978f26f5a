"""Motion brush: moves the area under a mask, holds the rest, with a smooth falloff in between."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from scipy.ndimage import distance_transform_edt

from ...common.foreign_text import tidied
from ...common.interrupt import watched
from .. import checks, schema
from ..objects.sampling import pivot_track
from ..trajectories import Trajectories
from ..types import MAX_SIDE, PALETTE, Point, Track, TrajectoryError, default_color
from .camera import check_time, spline_of
from .grid import check_count, grid, hide_outside
from .similarity import SimilarityMotion, controls

HELD_COLOR = PALETTE[7]
MAX_AMOUNT = 10_000
MAX_MASKS = 256
_WHERE = "Motion brush"
_NUMBER = re.compile(r"\s*(\w+)\s*=\s*([-+]?\d{1,9}(?:\.\d{0,9})?)\s*")


@dataclass(frozen=True)
class BrushMotion:
    """How the area under one mask moves over the clip.

    distance: percent of the picture's width. direction: degrees, 0 to the right, 90 upwards.
    scale: percent by which it grows about the centre of the mask. rotation: degrees about it, positive is clockwise.

    Raises:
        TrajectoryError: if a value is out of range.
    """

    distance: float = 0.0
    direction: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0

    def __post_init__(self):
        for field in fields(self):
            low = -100 if field.name == "scale" else -MAX_AMOUNT
            checks.number(getattr(self, field.name), low, MAX_AMOUNT, _WHERE, field.name, "Correct the number.")

    def motion(self, centre: complex, width: int) -> SimilarityMotion:
        """The same in pixels, y downwards."""
        angle = math.radians(self.direction)
        shift = self.distance / 100 * width * complex(math.cos(angle), -math.sin(angle))
        return SimilarityMotion(centre, shift, self.scale / 100, math.radians(self.rotation))


@dataclass(frozen=True)
class Brush:
    """Settings shared by all masks.

    spacing: pixels between the tracks; see `camera.camera_motion`. feather: pixels around a mask over which the motion
    falls off smoothly to zero. hold: whether to place anchors outside of that. ease, start, end: as for a `Track`;
    ignored if the motion is itself a track.

    Raises:
        TrajectoryError: if a value is out of range.
    """

    spacing: float = 50.0
    feather: float = 0.0
    hold: bool = True
    ease: str = "linear"
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self):
        checks.number(self.spacing, 1, MAX_SIDE, _WHERE, "spacing", "Give the pixels between two tracks.")
        checks.number(self.feather, 0, MAX_SIDE, _WHERE, "feather", "Give its width in pixels, or 0.")
        check_time(self.ease, self.start, self.end, _WHERE)


def read_motions(text: str, default: BrushMotion, count: int) -> list[BrushMotion]:
    """Parses the motions of `count` masks, one line each, such as "distance=20, direction=90". Omitted values are taken
    from `default`; with an empty text all masks get the default.

    Raises:
        TrajectoryError: if the number of lines is wrong, a name is unknown, or a number cannot be parsed.
    """
    lines = [line.strip() for line in tidied(text).split("\n") if line.strip()]
    if not lines:
        return [default] * count
    if len(lines) != count:
        raise TrajectoryError(
            f"{_WHERE}: motions should have a line for each mask, of which there are {count}, but it has {len(lines)}. "
            "Write one line for each mask, or leave the text empty to move all of them alike."
        )
    return [_read_line(line, default, number) for number, line in enumerate(lines, start=1)]


def _read_line(line: str, default: BrushMotion, number: int) -> BrushMotion:
    names = [field.name for field in fields(BrushMotion)]
    found = {}
    for part in filter(str.strip, line.split(",")):
        match = _NUMBER.fullmatch(part)
        if not match or match[1] not in names:
            raise TrajectoryError(
                f"{_WHERE}: line {number} of motions should be like distance=20, direction=90 with the names "
                f'{", ".join(names)}, but it has "{checks.shorten(part.strip())}". Correct that part.'
            )
        found[match[1]] = float(match[2])
    return replace(default, **found)


def paths(value: Trajectories, count: int) -> list[Track]:
    """The enabled tracks, and paths of enabled objects, along which `count` masks move: one for each, or one for all.

    Raises:
        TrajectoryError: if the number of tracks is wrong.
    """
    tracks = [*value.enabled, *(pivot_track(each) for each in value.enabled_objects)]
    if len(tracks) not in (1, count):
        raise TrajectoryError(
            f"{_WHERE}: path should have one drag, or one for each mask, of which there are {count}, but it has "
            f"{len(tracks)}. Draw as many, or switch the others off."
        )
    return tracks if len(tracks) == count else tracks * count


def motion_brush(masks: Any, motions: Sequence[BrushMotion | Track], brush: Brush) -> Trajectories:
    """Tracks on a grid: inside each mask they follow its motion, in the feather around it a fraction of it, and outside
    they are anchors, as under a mask that does not move. A mask that contains no grid point gets a track at its centre.
    Where masks overlap the later one wins. Tracks are visible while they are inside the picture.

    Args:
        masks: [B, H, W] array or tensor; above 0.5 is inside. H and W are the size of the picture.
        motions: B of them. A `Track` moves the area as the track moves from its own beginning.
        brush: what the masks share.

    Raises:
        TrajectoryError: if the array has another shape, a mask is empty, the number of motions is wrong, or there are
            more than 16,384 tracks.
    """
    inside = _inside(masks)  # [B, H, W] bool
    count, height, width = inside.shape
    if len(motions) != count:
        raise TrajectoryError(
            f"{_WHERE}: there should be a motion for each mask, but there are {len(motions)} motions for {count} "
            "masks. Give as many motions as masks."
        )
    size = np.array([width, height], dtype=np.float64)
    positions = grid(brush.spacing, size)  # [N, 2]
    weights = np.stack([_weights(mask, positions, brush.feather) for mask in watched(inside)])  # [B, N]
    full = weights == 1
    owner = np.where(full.any(axis=0), count - 1 - full[::-1].argmax(axis=0), weights.argmax(axis=0))  # [N]
    weight = weights.max(axis=0)  # [N]

    held = [_anchor(place, size) for place in positions[weight == 0]] if brush.hold else []
    moved = []
    for k, motion in enumerate(watched(motions)):
        mine = (owner == k) & (weight > 0)
        at, share = positions[mine], weight[mine]
        if not full[k].any():
            at, share = np.concatenate([at, [_middle(inside[k])]]), np.append(share, 1.0)
        order = np.argsort(share, kind="stable")  # largest motion last: later tracks win where they meet
        moved += _moved(motion, k, inside[k], (at[order], share[order]), size, brush)
    tracks = [*held, *hide_outside(moved, size)]
    check_count(len(tracks))
    numbered = (replace(track, id=f"brush{number}") for number, track in enumerate(tracks, start=1))
    return Trajectories(tuple(numbered), (width, height))


def _inside(masks: Any) -> np.ndarray:
    if hasattr(masks, "detach"):
        masks = masks.detach().cpu().numpy()
    inside = np.asarray(masks) > 0.5
    if inside.ndim != 3 or 0 in inside.shape or len(inside) > MAX_MASKS:
        raise TrajectoryError(
            f"{_WHERE}: the masks should have the shape [masks, height, width], with at most {MAX_MASKS} masks, but "
            f"their shape is {list(inside.shape)}. Connect a MASK."
        )
    empty = np.flatnonzero([not mask.any() for mask in watched(inside)])
    if empty.size:
        which = "the mask" if len(inside) == 1 else f"mask {empty[0] + 1}"
        raise TrajectoryError(
            f"{_WHERE}: {which} is empty: nothing in it is above 0.5. Paint on the picture what is to move (Open in "
            "MaskEditor), or connect another mask."
        )
    return inside


def _weights(mask: np.ndarray, positions: np.ndarray, feather: float) -> np.ndarray:
    """[N]: the fraction of the mask's motion at each point: 1 inside, 0 beyond the feather, smooth between."""
    x, y = np.minimum(positions.astype(np.intp), np.array(mask.shape[::-1]) - 1).T
    if feather == 0:
        return mask[y, x].astype(np.float64)
    distance = distance_transform_edt(~mask)[y, x]  # pixels to the mask, 0 inside
    t = np.clip(distance / feather, 0, 1)
    return 1 - t * t * (3 - 2 * t)


def _middle(mask: np.ndarray) -> np.ndarray:
    """[2]: the pixel of the mask nearest to its centre."""
    y, x = np.nonzero(mask)
    nearest = np.argmin((x - x.mean()) ** 2 + (y - y.mean()) ** 2)
    return np.array([x[nearest], y[nearest]], dtype=np.float64)


def _anchor(place: np.ndarray, size: np.ndarray) -> Track:
    x, y = (place / size).tolist()
    return Track((Point(x, y),), name="hold", color=HELD_COLOR, kind="anchor")


def _moved(
    motion: BrushMotion | Track,
    k: int,
    mask: np.ndarray,
    starts: tuple[np.ndarray, np.ndarray],
    size: np.ndarray,
    brush: Brush,
) -> list[Track]:
    """The tracks of one mask; `starts` are the positions [N, 2] where they begin, and the weights [N] by which they
    follow its motion."""
    positions, weights = starts
    look = {"name": f"brush {k + 1}", "color": default_color(k)}
    if isinstance(motion, Track):
        schema.check_total([motion.points] * len(positions))
        return [
            replace(motion, points=_along(motion, place, weight), enabled=True, **look)
            for place, weight in watched(zip((positions / size).tolist(), weights.tolist(), strict=True))
        ]
    y, x = np.nonzero(mask)
    plane = motion.motion(complex(x.mean(), y.mean()), int(size[0]))
    if plane.rests:
        return [replace(_anchor(place, size), **look) for place in positions]
    time = {"ease": brush.ease, "start": brush.start, "end": brush.end}
    return [
        Track(points, spline=spline_of(points), **look, **time) for points in controls(plane, positions, weights, size)
    ]


def _along(track: Track, place: list[float], weight: float) -> tuple[Point, ...]:
    """The control points of a track that begins at `place` and moves by `weight` times what `track` moves."""
    origin = track.points[0]

    def scaled(handle: tuple[float, float] | None) -> tuple[float, float] | None:
        return handle and (weight * handle[0], weight * handle[1])

    return tuple(
        replace(
            point,
            x=place[0] + weight * (point.x - origin.x),
            y=place[1] + weight * (point.y - origin.y),
            handle_in=scaled(point.handle_in),
            handle_out=scaled(point.handle_out),
        )
        for point in track.points
    )
