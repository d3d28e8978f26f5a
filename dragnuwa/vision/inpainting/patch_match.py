"""Patch search: for each patch that touches a hole, a similar patch outside it, found coarse to fine.

Each level alternates between searching for patches and voting: a pixel of the hole is the mean of all patches that
cover it. The search is PatchMatch (Barnes et al., "PatchMatch: a randomized correspondence algorithm for structural
image editing", 2009): a patch tries its neighbours' matches, and random positions near its own. The coarsest level
compares many sources. Sources near the hole, and the neighbours' offsets, are preferred, so that whole pieces are
copied.

Pictures are padded by `RADIUS` and flattened: a place is an index row * stride + column, an offset the difference of
two positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from ...common.interrupt import checkpoint
from .fill_record import FillRecord

RADIUS = 3
SIDE = 2 * RADIUS + 1  # px, of a patch
TRUST = 0.85  # weight of the hole's pixels in a patch: TRUST ** distance from the border
START_TRUST = 0.2  # weight of all pixels of the hole in the first search
STEEP = 2.0  # factor on vertical distances: sky continues beside sky, and grass beside grass
TOGETHER = 0.3  # bonus for an offset shared by all four neighbours, in median errors
SHARPNESS = 0.5  # error at which the weight of a vote has fallen to 1/e, in median errors
START_TURNS, TURNS = 6, 2  # iterations of searching and voting on the coarsest level, and on others
JUMPS = (1, 4)  # px, distances of the neighbours whose offsets are tried
REACH = 8  # px, within which random sources are tried first
FINEST_STEP = 2  # px, between the patches that vote on the finest level
MOST_SEARCHED = 40_000  # levels with more patches only upsample the matches of the coarser one
LEAST_SOURCES, MOST_SOURCES = 256, 4096  # compared with each patch of the coarsest level
MOST_PAIRS = 2**24  # pairs of patches compared there
AT_ONCE = 2**20  # values computed between two interrupt checks


@dataclass(frozen=True)
class Area:
    """
    Attributes:
        hole: `[h, w]` bool, what is filled.
        ignored: `[h, w]` bool, what no patch has to resemble; elsewhere it resembles what is known.
        allowed: `[h, w]` bool, what may be copied.
    """

    hole: np.ndarray
    ignored: np.ndarray
    allowed: np.ndarray


@dataclass(frozen=True)
class Level:
    """A picture at one size, with a hole.

    Attributes:
        picture: `[h, w, C]` float32, colours and other features.
        hole: `[h, w]` bool, what is filled.
        unknown: `[h, w]` bool, the hole and what no patch has to resemble.
        known: `[h, w]` bool, what may be copied.
        stride: of the padded rows.
        pixels: `[P, C]`, the padded picture.
        is_source: `[P]` bool, centres of patches that may be copied.
        sources: `[S]`, the same as positions.
        targets: `[N]` positions: centres of patches that touch the hole.
        number: `[P]`, the index of a place in `targets`, or -1.
        in_hole: `[N]` bool, which of them lie in the hole; the others are the border around it.
        trust: `[P]` from 0 to 1, the weight of a place in the patches around it.
        far: cost of a source at a distance of sqrt(area of the hole).
    """

    picture: np.ndarray
    hole: np.ndarray
    unknown: np.ndarray
    known: np.ndarray
    stride: int
    pixels: Tensor
    is_source: Tensor
    sources: Tensor
    targets: Tensor
    number: Tensor
    in_hole: Tensor
    trust: Tensor
    far: float

    @classmethod
    def of(cls, picture: np.ndarray, area: Area, far: float, device: torch.device) -> Level:
        """With the tensors on a device."""
        hole, known = area.hole, area.allowed & ~area.hole
        patch = np.ones((SIDE, SIDE), np.uint8)
        inside = np.pad(np.ones(hole.shape, bool), RADIUS)
        padded = np.pad(hole, RADIUS)
        touched = cv2.dilate(padded.astype(np.uint8), patch).astype(bool) & inside
        whole = cv2.erode(np.pad(known, RADIUS).astype(np.uint8), patch, borderValue=0).astype(bool)
        depth = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5)
        pixels = np.pad(picture, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="edge")
        inside[RADIUS:-RADIUS, RADIUS:-RADIUS] &= ~area.ignored
        number = np.full(touched.shape, -1)
        number[touched] = np.arange(touched.sum())
        is_source, sources, targets, number, in_hole, trust = (
            torch.from_numpy(np.ascontiguousarray(each)).to(device)
            for each in (
                whole.ravel(),
                np.flatnonzero(whole),
                np.flatnonzero(touched),
                number.ravel(),
                padded[touched],
                (TRUST**depth * inside).astype(np.float32).ravel(),
            )
        )
        flat = torch.from_numpy(pixels.reshape(-1, picture.shape[-1])).to(device)
        searched = flat, is_source, sources, targets, number, in_hole, trust
        return cls(picture, hole, hole | area.ignored, known, padded.shape[1], *searched, far)

    @property
    def size(self) -> float:
        """px, sqrt of the hole's area."""
        return float(self.hole.sum()) ** 0.5

    def position(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Rows and columns of positions, in the padded picture."""
        return places // self.stride, places % self.stride

    @property
    def coverage(self) -> float:
        """The fraction of the copyable pixels that lie in a complete patch of such pixels."""
        height, width = self.hole.shape
        middles = self.is_source.view(-1, self.stride)[RADIUS : RADIUS + height, RADIUS : RADIUS + width]
        covered = cv2.dilate(middles.cpu().numpy().astype(np.uint8), np.ones((SIDE, SIDE), np.uint8))
        return float((covered * self.known).sum() / max(1, self.known.sum()))

    def windows(self, values: Tensor, middles: Tensor) -> Tensor:
        """The patches of `values` `[P, C]` around positions `[N]` -> `[N, SIDE * SIDE * C]`."""
        channels = values.shape[1]
        rows = values.view(-1).as_strided((len(values) - SIDE + 1, SIDE * channels), (channels, 1))
        down = torch.arange(-RADIUS, RADIUS + 1, device=values.device) * self.stride - RADIUS
        return rows.index_select(0, (middles[:, None] + down).flatten()).view(len(middles), -1)


def complete(levels: Sequence[Level], start: np.ndarray | FillRecord | None) -> tuple[np.ndarray, FillRecord]:
    """`[h, w, 3]` of the finest level: the patches' votes in the hole and the border around it, elsewhere the picture;
    and from where they were copied.

    Args:
        levels: from fine to coarse.
        start: `[h, w, C]`, an initial guess of the coarsest picture with its hole filled; or from where the finest one
            is copied, but for small corrections; if None, the sources are tiled over the hole, which is better if
            there are few.
    """
    random = torch.Generator().manual_seed(0)
    level = levels[-1]
    if isinstance(start, FillRecord):
        return _followed(levels, start, random)
    if start is None:
        search = _Search(level, random, matches=tiled(level))
    else:
        pixels = np.pad(start, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="edge")
        flat = torch.from_numpy(pixels.reshape(level.pixels.shape)).to(level.pixels)
        search = _Search(level, random, pixels=flat)
        search.compare_all()
    search.improve(START_TURNS, rounds=1)
    matches = search.matches
    if len(levels) == 1:
        return _completed(level, matches, search.voted)
    return _refined(levels[:-1], enlarged(matches, level, levels[-2], random), random)


def _followed(levels: Sequence[Level], record: FillRecord, random: torch.Generator) -> tuple[np.ndarray, FillRecord]:
    """As `complete`, as a record of the finest picture says."""
    coarsest, step = levels[-1], 2 ** (len(levels) - 1)
    row, column = (part.cpu().numpy() - RADIUS for part in coarsest.position(coarsest.targets))
    shift = np.rint(record.shift[::step, ::step][row, column] / step).astype(int)  # [N, 2]
    (height, width), down = coarsest.hole.shape, torch.from_numpy(row + shift[:, 0])
    right = torch.from_numpy(column + shift[:, 1])
    place = (down.clamp(0, height - 1) + RADIUS) * coarsest.stride + right.clamp(0, width - 1) + RADIUS
    lost = torch.zeros(len(place), dtype=torch.bool, device=coarsest.targets.device)
    return _refined(levels, _on_sources(coarsest, place.to(coarsest.targets), lost, random), random)


def _refined(levels: Sequence[Level], matches: Tensor, random: torch.Generator) -> tuple[np.ndarray, FillRecord]:
    """As `complete`, from the matches `[N]` of the coarsest of the levels."""
    for number in range(len(levels) - 1, 0, -1):
        checkpoint()
        level = levels[number]
        if len(level.targets) <= MOST_SEARCHED:
            search = _Search(level, random, matches=matches)
            search.improve(TURNS, rounds=2)
            matches = search.matches
        matches = enlarged(matches, level, levels[number - 1], random)
    finest = levels[0]
    return _completed(finest, matches, vote(finest, matches, torch.ones_like(matches), FINEST_STEP))


def _completed(level: Level, matches: Tensor, voted: Tensor) -> tuple[np.ndarray, FillRecord]:
    """As `complete`, from the matches `[N]` of the finest level, and the colours `[N, C]` for which they vote."""
    height, width = level.hole.shape
    inside = slice(RADIUS, RADIUS + height), slice(RADIUS, RADIUS + width)
    colors = level.pixels[:, :3].index_copy(0, level.targets, voted[:, :3]).view(-1, level.stride, 3)
    way = torch.stack(level.position(matches), -1) - torch.stack(level.position(level.targets), -1)
    shift = torch.zeros(len(level.pixels), 2, device=way.device).index_copy(0, level.targets, way.float())
    shift = shift.view(-1, level.stride, 2)[inside].cpu().numpy()
    copied = (level.number >= 0).view(-1, level.stride)[inside].cpu().numpy()
    return colors[inside].cpu().numpy(), FillRecord.of_copies(shift, copied)


class _Search:
    """The matches of one level's targets, and the pixels that they vote for.

    Attributes:
        pixels: `[P, C]`, the picture with the hole as of the last vote.
        voted: `[N, C]`, the last vote at each target, in the hole and in the border around it.
        matches: `[N]` positions of sources.
        errors: `[N]`.
    """

    def __init__(
        self, level: Level, random: torch.Generator, *, pixels: Tensor | None = None, matches: Tensor | None = None
    ):
        self.level, self.random, self.pixels = level, random, pixels
        if matches is not None:
            self.matches, self.errors = matches, torch.ones(len(matches), device=matches.device)
            self._vote()

    def compare_all(self) -> None:
        """Finds the best of many sources, by expanding the square: the sum of w t^2 is the same for each."""
        level = self.level
        count = min(len(level.sources), MOST_SOURCES, max(LEAST_SOURCES, MOST_PAIRS // len(level.targets)))
        some = torch.linspace(0, len(level.sources) - 1, count).long()
        sources = level.sources[some.to(level.sources.device)]
        trust = torch.where(level.trust < 1, START_TRUST * (level.trust > 0), level.trust)
        self.weights = self._weights(trust)
        known = level.windows(level.pixels, sources)  # [S, D]
        wanted = level.windows(self.pixels, level.targets)  # [N, D]
        squared = (known * known).T.contiguous()
        best = []
        step = max(1, AT_ONCE // len(sources))
        for first in range(0, len(wanted), step):
            checkpoint()
            part = slice(first, first + step)
            error = self.weights[part] @ squared - 2 * (self.weights[part] * wanted[part]) @ known.T
            best.append((error + self._distance(level.targets[part, None], sources)).argmin(1))
        self.matches = sources[torch.cat(best)]
        self.errors = self._errors(wanted, self.matches, slice(None))
        self._vote()

    def improve(self, turns: int, rounds: int) -> None:
        """Alternates `rounds` rounds of searching with a vote."""
        self.weights = self._weights(self.level.trust)
        for _ in range(turns):
            self._turn(rounds)

    def _turn(self, rounds: int) -> None:
        level = self.level
        wanted = level.windows(self.pixels, level.targets)
        self.errors = self._errors(wanted, self.matches, slice(None))
        together = TOGETHER * self.errors.median() / 4
        for number in range(rounds):
            for jump in JUMPS[: 2 - number % 2]:
                for step in (1, -1, level.stride, -level.stride):
                    near = level.number[(level.targets + step * jump).clamp(0, len(level.pixels) - 1)]
                    offset = self.matches[near] - level.targets[near]
                    self._try(wanted, torch.where(near >= 0, level.targets + offset, self.matches), together)
            reach = REACH
            while reach >= 1:
                self._try(wanted, self._random(reach), together)
                reach //= 3
        self._vote()

    def _random(self, reach: int) -> Tensor:
        """Places within `reach` of each match."""
        shift = torch.randint(-reach, reach + 1, (2, len(self.matches)), generator=self.random)
        down, right = shift.to(self.matches.device)
        return self.matches + down * self.level.stride + right

    def _try(self, wanted: Tensor, sources: Tensor, together: Tensor) -> None:
        """Replaces matches by those of the sources `[N]` that are better."""
        checkpoint()
        level = self.level
        sources = sources.clamp(0, len(level.pixels) - 1)
        (tried,) = torch.nonzero(level.is_source[sources] & (sources != self.matches), as_tuple=True)
        candidates = sources[tried]
        errors = self._errors(wanted, candidates, tried)
        gain = self._joined(tried, candidates) * together
        better = errors - gain < self.errors[tried]
        self.matches[tried[better]] = candidates[better]
        self.errors[tried[better]] = errors[better]

    def _joined(self, targets: Tensor, sources: Tensor) -> Tensor:
        """How many more of the four neighbours of some targets have the same offset as these would have with `sources`
        than have that of the matches."""
        level = self.level
        positions = level.targets[targets]
        offset, former = sources - positions, self.matches[targets] - positions
        count = torch.zeros(len(targets), device=positions.device)
        for step in (1, -1, level.stride, -level.stride):
            near = level.number[positions + step]
            other = self.matches[near] - level.targets[near]
            count += (near >= 0) * ((other == offset).float() - (other == former).float())
        return count

    def _errors(self, wanted: Tensor, sources: Tensor, targets: Tensor | slice) -> Tensor:
        """The weighted mean squared difference of the patches `wanted` `[N, D]` of some targets from those around
        `sources`, plus the cost of the distance."""
        level, found = self.level, []
        positions, step = level.targets[targets], max(1, AT_ONCE // wanted.shape[1])
        whole = len(positions) == len(wanted)
        for first in range(0, len(positions), step):
            checkpoint()
            part = slice(first, first + step)
            chosen = part if whole else targets[part]
            error = level.windows(level.pixels, sources[part]).sub_(wanted[chosen]).square_()
            found.append(error.mul_(self.weights[chosen]).sum(1))
        return torch.cat(found) + self._distance(positions, sources) if found else positions.new_zeros(0).float()

    def _distance(self, positions: Tensor, sources: Tensor) -> Tensor:
        stride = self.level.stride
        down, right = sources // stride - positions // stride, sources % stride - positions % stride
        return ((STEEP * down) ** 2 + right**2) * (self.level.far / self.level.size**2)

    def _weights(self, trust: Tensor) -> Tensor:
        """`[N, D]`: weights of the values of each target's patch; they sum to 1 over the pixels."""
        level = self.level
        weights = level.windows(trust[:, None], level.targets)
        weights = weights / weights.sum(1, keepdim=True)
        return weights.repeat_interleave(level.pixels.shape[1], 1)

    def _vote(self) -> None:
        level = self.level
        self.voted = vote(level, self.matches, self.errors)
        self.pixels = level.pixels.clone()
        self.pixels[level.targets[level.in_hole]] = self.voted[level.in_hole]


def vote(level: Level, matches: Tensor, errors: Tensor, step: int = 1) -> Tensor:
    """`[N, C]`: for each target's pixel, the mean over the patches that cover it, with more weight on small errors.

    Args:
        matches: `[N]` positions of sources.
        errors: `[N]`, of the matches.
        step: 1 for all patches that cover a pixel, 2 for every second one of every second row, and so on.
    """
    scale = SHARPNESS * errors.float().median().clamp(min=1e-6)
    weight = torch.zeros(len(level.pixels), device=level.pixels.device)
    offset = torch.zeros_like(level.number)
    weight[level.targets] = torch.exp(-(errors / scale).clamp(max=30)) + 1e-8
    offset[level.targets] = matches - level.targets
    found = []
    for positions in level.targets.split(AT_ONCE // 16):
        total = torch.zeros(len(positions), 1, device=positions.device)
        mean = torch.zeros(len(positions), level.pixels.shape[1], device=positions.device)
        for down in range(-RADIUS, RADIUS + 1, step):
            checkpoint()
            for right in range(-RADIUS, RADIUS + 1, step):
                middles = (positions - down * level.stride - right).clamp(0, len(level.pixels) - 1)
                share = weight[middles, None]
                copied = (positions + offset[middles]).clamp(0, len(level.pixels) - 1)
                mean.addcmul_(share, level.pixels[copied])
                total += share
        found.append(mean / total.clamp(min=1e-12))
    return torch.cat(found)


def enlarged(matches: Tensor, coarse: Level, fine: Level, random: torch.Generator) -> Tensor:
    """The matches of a level's targets, upsampled from the next coarser level: the same offsets, doubled. If that is no
    source, a neighbouring one is used, or a random one."""
    row, column = (part - RADIUS for part in fine.position(fine.targets))
    height, width = coarse.hole.shape
    above = ((row // 2).clamp(max=height - 1) + RADIUS) * coarse.stride + (column // 2).clamp(max=width - 1) + RADIUS
    number = coarse.number[above]
    for step in (1, -1, coarse.stride, -coarse.stride):
        number = torch.where(number < 0, coarse.number[above + step], number)
    match = matches[number]
    height, width = fine.hole.shape
    down = ((match // coarse.stride - RADIUS) * 2 + row % 2).clamp(0, height - 1) + RADIUS
    right = ((match % coarse.stride - RADIUS) * 2 + column % 2).clamp(0, width - 1) + RADIUS
    return _on_sources(fine, down * fine.stride + right, number < 0, random)


def _on_sources(level: Level, places: Tensor, lost: Tensor, random: torch.Generator) -> Tensor:
    """Positions `[N]`, or sources beside those that are none; random ones where there is none, and where `lost` `[N]`
    bool holds."""
    found = places
    for reach in (1, 2):
        for step in (1, -1, level.stride, -level.stride):
            beside = (found + reach * step).clamp(0, len(level.pixels) - 1)
            found = torch.where(~level.is_source[found] & level.is_source[beside], beside, found)
    (lost,) = torch.nonzero(lost | ~level.is_source[found], as_tuple=True)
    found[lost] = level.sources[torch.randint(len(level.sources), (len(lost),), generator=random).to(found.device)]
    return found


def tiled(level: Level) -> Tensor:
    """`[N]`: a source for each target, as if the bounding box of all sources were tiled over the picture; the nearest
    source where that is none."""
    is_source = level.is_source.view(-1, level.stride).cpu().numpy()
    rows, columns = np.nonzero(is_source)
    top, left, bottom, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    row, column = np.divmod(level.targets.cpu().numpy(), level.stride)
    row, column = top + (row - top) % (bottom - top), left + (column - left) % (right - left)
    nearest = ndimage.distance_transform_edt(~is_source, return_distances=False, return_indices=True)
    row, column = nearest[:, row, column]
    return torch.from_numpy(row * level.stride + column).to(level.targets)
