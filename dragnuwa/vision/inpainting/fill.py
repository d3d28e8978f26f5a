"""Hole filling: a plausible background behind objects that have moved away.

Texture and structure are synthesised from exemplars: the hole is filled with patches from the rest of the picture, so
that each patch that touches the hole resembles one outside it (Wexler, Shechtman and Irani, "Space-time completion of
video", 2007). The patches are found coarse to fine (`patch_match`); `fill_areas` says where. Finally the tone of the
copy is shifted to meet the hole's border without a seam.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.linalg import spsolve

from ...common import clip_shape
from ...common.interrupt import checkpoint
from ...common.kept import Kept, digest
from .fill_areas import areas, fringe
from .fill_record import NO_MARGINS, FillRecord, Margins
from .patch_match import RADIUS, SIDE, Area, Level, complete

SEARCH_RANGE = 1.5  # search range for sources, in sides of the hole
LEAST_AROUND = 32  # px
DISTANCE_COST = 0.003  # cost of a source at a distance of sqrt(area of the hole), unless the sources are given
COVERED = 0.7  # least part of the known pixels that sources cover; on a coarser level, a whole sky may have none
MIN_SOURCES = 400  # least number of sources on a coarser level; fewer would repeat
TEXTURE = 15  # px, window over which texture strength is averaged
SEAM = 2  # px, width of the border on which tones are compared
SEAM_SPREAD = 3.0  # px, sigma along that border
MOST_TONE = 0.3  # largest shift of tone: what differs by more is another thing
BORDER_REACH = 16  # px around the hole within which its border has an influence
FINE = 1.5  # px, sigma of the blur that leaves out the grain
GRAINY = 16  # px around what is filled calmly, in which grain is measured
MOST_GRAIN = 0.012  # standard deviation: stronger is texture, such as fur
MEDIAN_TO_DEVIATION = 1.4826  # of the absolute deviations of a normal distribution: edges do not count as grain
SIDEWAYS = 16.0  # weight of the neighbours in the same row, against 1 of those above and below
NEIGHBOURS = np.float32([[0, 1, 0], [SIDEWAYS, 0, SIDEWAYS], [0, 1, 0]]) / (2 * SIDEWAYS + 2)
SOLVED = 6000  # px: larger holes are first filled at half the resolution
SWEEPS = 12  # Jacobi iterations after upsampling
LEAST_LARGER = 1.3  # times a copy map's size: the smallest level at which what it says is corrected

FillHole = Callable[..., np.ndarray]
"""`fill_hole`, or `fill_smoothly` where time matters more than looks."""


def fill_smoothly(
    picture: np.ndarray,
    hole: np.ndarray,
    *,
    foreground: np.ndarray | None = None,
    sources: np.ndarray | None = None,
    things: np.ndarray | None = None,
    device: torch.device | None = None,
) -> np.ndarray:
    """Fills a hole without texture (`smooth_fill`), a hundred times as fast. Takes what `fill_hole` takes; `foreground`
    are not continued, `sources`, `things` and `device` have no effect."""
    unknown = hole if foreground is None or (hole | foreground).all() else hole | foreground
    return np.where(hole[..., None], smooth_fill(picture, unknown), picture)


def fill_hole(
    picture: np.ndarray,
    hole: np.ndarray,
    *,
    foreground: np.ndarray | None = None,
    sources: np.ndarray | None = None,
    things: np.ndarray | None = None,
    device: torch.device | None = None,
) -> np.ndarray:
    """Fills a hole so that it looks like its surroundings. Deterministic.

    Args:
        picture: `[H, W, 3]` float32 from 0 to 1.
        hole: `[H, W]` bool.
        foreground: `[H, W]` bool, other objects in front of the background: they are neither copied nor continued,
            unless there is nothing else.
        sources: `[H, W]` bool, what may be copied; by default, surroundings with colours that occur near the hole. If
            no patch fits into it, the hole is filled smoothly.
        things: `[H, W]` bool, what is no ground: it is not copied unless it is among the `sources`. A part of the hole
            that lies mostly among things continues them, by copies of what is close to it; and so do rows of it that
            have the same thing on both sides and below, such as a shirt below a chin.
        device: to compute on.

    Returns:
        The picture with the hole filled, smoothly if there is no patch to copy; the picture itself if there is no hole,
        or nothing but hole.
    """
    return _filled(picture, Hole(hole, foreground, sources, things), None, device)[0]


class RecordedFill:
    """Fills the holes of a picture (`fill_hole`), and records how.

    Attributes:
        like: they are filled like those of the same picture at another size, but for small corrections.
        area: the part of the picture's frame that `like` shows: left, top, width and height in fractions of its sides.
        fills: what was filled before, and is not filled again where everything is the same; None to keep nothing.
        record: None before anything is filled.
    """

    def __init__(
        self, like: FillRecord | None = None, area: clip_shape.Area = clip_shape.WHOLE, fills: Kept | None = None
    ):
        self.like, self.area, self.fills = like, area, fills
        self.record: FillRecord | None = None

    def __call__(
        self,
        picture: np.ndarray,
        hole: np.ndarray,
        device: torch.device | None = None,
        margins: Margins = NO_MARGINS,
        **around: np.ndarray,
    ) -> np.ndarray:
        """As `fill_hole`; `margins` lie beyond the picture's frame."""
        asked, like = Hole(hole, **around), self.like
        if self.fills is None:
            filled, near, record = _filled(picture, asked, self._like(hole, margins), device)
        else:
            key = asked.digest, digest(picture), like and like.digest, self.area, margins, str(device)
            filled, near, record = self.fills.made(
                key, lambda: _filled(picture, asked, self._like(hole, margins), device)
            )
        record = replace(record.within(near, hole.shape), margins=margins)
        self.record = record if self.record is None else self.record.joined(record)
        return filled

    def _like(self, hole: np.ndarray, margins: Margins) -> FillRecord | None:
        return self.like and self.like.at_size(hole.shape[::-1], self.area, margins)


def in_frame(fill_with: FillHole, margins: Margins) -> FillHole:
    """How a picture with margins beyond its frame is filled: what fills it like one of another size has to know."""
    return partial(fill_with, margins=margins) if isinstance(fill_with, RecordedFill) else fill_with


@dataclass(frozen=True)
class Hole:
    """A hole `mask` `[H, W]` bool, and what is around it, as of `fill_hole`."""

    mask: np.ndarray
    foreground: np.ndarray | None = None
    sources: np.ndarray | None = None
    things: np.ndarray | None = None

    @property
    def digest(self) -> bytes:
        """The same for equal ones."""
        return digest(self.mask, self.foreground, self.sources, self.things)


def _filled(
    picture: np.ndarray, around: Hole, like: FillRecord | None, device: torch.device | None
) -> tuple[np.ndarray, tuple[slice, slice], FillRecord]:
    """As `fill_hole`; and the window around the hole, with how that was filled. `like` was recorded of a picture of the
    same size."""
    checkpoint()
    hole, foreground, sources, things = around.mask, around.foreground, around.sources, around.things
    if hole.all() or not hole.any():
        return picture, (slice(0), slice(0)), FillRecord.empty((0, 0))
    near = within(hole, SEARCH_RANGE, LEAST_AROUND)
    if sources is not None:
        near = tuple(map(_hull, near, within(sources, 0, 0)))
    part, inside = picture[near].copy(), np.ascontiguousarray(hole[near])
    others, like = np.zeros_like(inside), like and like.of(near)
    if foreground is not None and not (inside | foreground[near]).all():
        others = foreground[near] & ~inside
    beside = None if things is None or sources is not None else things[near] & ~others
    if beside is not None:
        others = others | fringe(inside, beside)
    calm = inside & like.calm if like else np.zeros_like(inside)
    part, record = _calmed(part, calm, others, like)
    far = DISTANCE_COST if sources is None else 0.0
    if sources is not None:
        to_fill = [Area(inside & ~calm, others, sources[near] & ~others)]
    elif like:
        to_fill = [Area(inside & ~calm, others, ~(others | calm))]
    else:
        to_fill = areas(part, inside, others, beside)
    for area in to_fill:
        part, copied = _copied(part, area, far, device or torch.device("cpu"), like)
        record = record.joined(copied)
    filled = picture.copy()
    np.copyto(filled[near], part, where=hole[near][..., None])
    return filled, near, record


def _copied(
    picture: np.ndarray, area: Area, far: float, device: torch.device, like: FillRecord | None
) -> tuple[np.ndarray, FillRecord]:
    """The picture `[h, w, 3]` with patches in the hole, and from where; filled calmly if there are none. `far` as in
    `Level`, `like` as for `_filled`."""
    pyramid = _pyramid(picture, area, far, device, like) if area.hole.any() else []
    if not pyramid or (like and not like.copied.any()):
        return _calmed(picture, area.hole, area.ignored, None)
    coarsest, start = pyramid[-1], like
    if like is None and far:  # what is chosen by hand is tiled
        start = smooth_fill(coarsest.picture, coarsest.unknown)
    copied, record = complete(pyramid, start)  # [h, w, 3]
    unknown = area.hole | area.ignored
    tone = like.tone if like else _tone(picture, unknown, copied)
    return (copied + tone).clip(0, 1), replace(record, tone=tone)


def _calmed(
    picture: np.ndarray, hole: np.ndarray, foreground: np.ndarray, like: FillRecord | None
) -> tuple[np.ndarray, FillRecord]:
    """A picture with a hole filled smoothly (`smooth_fill`), or with the colours of `like`; with the grain of what is
    around, but for the foreground."""
    if not hole.any():
        return picture, FillRecord.empty(hole.shape)
    if like is None:
        filled = smooth_fill(picture, hole | foreground)
    else:
        filled = np.where(hole[..., None], like.colors, picture)
    fine = cv2.cvtColor(filled - cv2.GaussianBlur(filled, (0, 0), FINE), cv2.COLOR_RGB2GRAY)
    side = 2 * GRAINY + 1
    around = cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~(hole | foreground)
    strength = float(np.median(np.abs(fine[around]))) if around.any() else 0.0
    noise = np.random.default_rng(0).standard_normal(hole.shape, np.float32)
    noise -= cv2.GaussianBlur(noise, (0, 0), FINE)
    noise *= min(MOST_GRAIN, MEDIAN_TO_DEVIATION * strength) / noise.std()
    grainy = np.where(hole[..., None], (filled + noise[..., None]).clip(0, 1), picture)
    return grainy, FillRecord.of_calm(np.where(hole[..., None], filled, 0), hole)


def within(mask: np.ndarray, sides: float, px: int) -> tuple[slice, slice]:
    """Rows and columns of a mask's bounding box, with a margin as a multiple of its longer side plus pixels."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    margin = int(sides * max(width, height)) + px
    return (
        slice(max(0, top - margin), top + height + margin),
        slice(max(0, left - margin), left + width + margin),
    )


def _hull(first: slice, second: slice) -> slice:
    """The smallest range that contains both."""
    return slice(min(first.start, second.start), max(first.stop, second.stop))


def _pyramid(
    picture: np.ndarray, area: Area, far: float, device: torch.device, like: FillRecord | None = None
) -> list[Level]:
    """The levels from full size down to one where a patch in the middle of the hole touches its border, or that is
    hardly larger than what was filled `like` this. Empty if no patch of what is allowed can be copied. `far` as in
    `Level`."""
    depth = cv2.distanceTransform(np.pad(area.hole, 1).astype(np.uint8), cv2.DIST_L2, 5).max()
    count = 1 + max(0, math.ceil(math.log2(depth / (RADIUS + 1))))
    if like is not None:
        count = 1 + max(0, math.floor(math.log2(like.scale / LEAST_LARGER)))
    picture = np.concatenate([picture, _texture(picture, ~(area.hole | area.ignored))[..., None]], -1)
    levels: list[Level] = []
    while len(levels) < count and area.hole.any() and min(area.hole.shape) > 2 * SIDE:
        checkpoint()
        level = Level.of(picture, area, far, device)
        checkpoint()
        enough = level.coverage >= COVERED and len(level.sources) >= MIN_SOURCES
        if not len(level.sources) or (levels and not enough):
            break
        levels.append(level)
        known = (~(area.hole | area.ignored)).astype(np.float32)
        weight = _halved(known)
        picture = _halved(picture * known[..., None]) / np.maximum(weight, 1e-6)[..., None]
        unknown, in_hole = weight < 0.5, _halved(area.hole) > 0
        area = Area(unknown & in_hole, unknown & ~in_hole, _halved(area.allowed) > 0.5)
    return levels


def _halved(values: np.ndarray) -> np.ndarray:
    """`[h, w]` or `[h, w, C]` at half the size, odd sides rounded up; each the mean of what it stands for."""
    height, width = values.shape[:2]
    return cv2.resize(values.astype(np.float32), ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)


def _texture(picture: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`[H, W]` float32: how strong the texture around each pixel is, which coarse levels would not show (Newson et al.,
    "Video inpainting of complex scenes", 2014)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    slope = np.abs(np.diff(grey, axis=1, append=grey[:, -1:])) + np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    weight = cv2.erode(known.astype(np.float32), np.ones((3, 3)))
    window = (TEXTURE, TEXTURE)
    return cv2.blur(slope * weight, window) / np.maximum(cv2.blur(weight, window), 1e-3)


def _tone(picture: np.ndarray, hole: np.ndarray, copied: np.ndarray) -> np.ndarray:
    """`[h, w, 3]`: the difference of a picture from the copied patches at the hole's border, interpolated into the
    hole; 0 far from it."""
    tone, close = np.zeros_like(picture), within(hole, 0, BORDER_REACH)
    picture, hole, copied = picture[close], hole[close], copied[close]
    side = 2 * SEAM + 1
    border = cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~hole
    difference = picture - copied
    weight = (border & (np.abs(difference).max(-1) <= MOST_TONE)).astype(np.float32)
    difference *= weight[..., None]
    difference = cv2.GaussianBlur(difference, (0, 0), SEAM_SPREAD)
    difference /= np.maximum(cv2.GaussianBlur(weight, (0, 0), SEAM_SPREAD), 1e-3)[..., None]
    checkpoint()
    tone[close] = smooth_fill(difference * weight[..., None], hole)
    return tone


def smooth_fill(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Interpolates a hole from its border by Laplace's equation.

    Neighbours in the same row have a larger weight, since behind most objects sky continues beside sky and grass beside
    grass. The result has no texture: `fill_hole` uses it as a starting point, for blending, and where there is nothing
    to copy.

    Args:
        picture: `[H, W, C]` float32.
        hole: `[H, W]` bool.

    Returns:
        The picture with the hole filled; the picture itself if there is no hole, or nothing but hole.
    """
    checkpoint()
    if hole.all() or not hole.any():
        return picture
    if picture.shape[-1] == 1:  # OpenCV and SciPy would drop that axis
        return smooth_fill(np.repeat(picture, 2, -1), hole)[..., :1]
    if hole.sum() <= SOLVED:
        return _solved(picture, hole)
    height, width = hole.shape
    half = (width + 1) // 2, (height + 1) // 2
    known = (~hole).astype(np.float32)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(picture * known[..., None], half, interpolation=cv2.INTER_AREA)
    small = smooth_fill(small / np.maximum(weight, 1e-6)[..., None], weight <= 0)
    filled = picture.copy()
    checkpoint()
    np.copyto(filled, cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), where=hole[..., None])
    around = _around(hole)
    part, inside = filled[around], hole[around]
    for _ in range(SWEEPS):
        _smooth(part, inside)
    return filled


def _around(hole: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the hole's bounding box, with a border of one pixel."""
    left, top, width, height = cv2.boundingRect(hole.astype(np.uint8))
    return slice(max(0, top - 1), top + height + 1), slice(max(0, left - 1), left + width + 1)


def _smooth(picture: np.ndarray, hole: np.ndarray) -> None:
    """One Jacobi iteration in place: each pixel of the hole becomes the weighted mean of its old neighbours."""
    checkpoint()
    mean = cv2.filter2D(picture, -1, NEIGHBOURS, borderType=cv2.BORDER_REPLICATE)
    cv2.copyTo(mean, hole.view(np.uint8), picture)


def _solved(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """One linear equation for each pixel of the hole."""
    rows, columns = np.nonzero(hole)
    count = len(rows)
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(count)
    total, known = np.zeros(count), np.zeros((count, picture.shape[-1]))
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for down, right, weight in ((0, 1, SIDEWAYS), (0, -1, SIDEWAYS), (1, 0, 1.0), (-1, 0, 1.0)):
        y, x = rows + down, columns + right
        (own,) = np.nonzero((y >= 0) & (y < hole.shape[0]) & (x >= 0) & (x < hole.shape[1]))
        total[own] += weight
        other = number[y[own], x[own]]
        open_ = other >= 0
        entries.append((own[open_], other[open_], np.full(open_.sum(), -weight)))
        closed = own[~open_]
        known[closed] += weight * picture[y[closed], x[closed]]
    diagonal = np.arange(count)
    equation, unknown, value = (
        np.concatenate(part) for part in zip(*entries, (diagonal, diagonal, total), strict=True)
    )
    filled = picture.copy()
    filled[hole] = spsolve(csr_array((value, (equation, unknown)), shape=(count, count)).tocsc(), known)
    return filled
