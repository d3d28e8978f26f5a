"""What the border of a picture cuts off goes on beyond it, where a motion brings that into a frame: mirrored at the
border, which leaves neither a seam nor a blur there, and sheared, so that its outlines go on in their directions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ..geometry.grids import Box, look_up
from ..geometry.warps import SimilarityWarp
from .layers import OBJECT, Composition, Layer, Region

OPAQUE = 0.5  # opacity from which a pixel shows a layer, and has its disparity
CUT_OFF = 3  # px, how near the border the rim of what it cuts off may end
EDGE = 4  # px at the border whose opacity is that of an edge
FOLLOWED = 0.15  # of how far it reaches from a border: over this part an outline's direction is measured, and
LEAST_FOLLOWED = 4  # px at least
STEEPEST = 1.0  # slope of an outline, across the border's direction
Margins = tuple[int, int, int, int]
"""px to the left, above, to the right and below."""


def past_borders(composition: Composition) -> Composition:
    """A composition of a picture whose objects that move as a whole go on beyond its borders, as far as they come into
    a frame, and at most by their own width or height."""
    return replace(composition, layers=tuple(_extended(layer, composition.size) for layer in composition.layers))


def _extended(layer: Layer, size: tuple[int, int]) -> Layer:
    region = layer.region
    is_whole = region.role == OBJECT and region.exact and isinstance(region.warp, SimilarityWarp)
    if not is_whole or (ends := ends_at_borders(region, size)) is None:
        return layer
    rows, columns = layer.pixels.shape[1:]
    most = np.array([columns, rows, columns, rows])
    margins = np.where(cut_off(ends), np.minimum(come_in(region, size), most), 0).astype(int)
    pixels = continued(layer, tuple(margins.tolist()), ends) if margins.any() else None
    if pixels is None:
        return layer
    left, top, right, bottom = margins.tolist()
    inside = np.zeros(pixels.shape[1:], bool)
    inside[top : top + rows, left : left + columns] = True
    pixels[3] *= inside  # nothing is known there, so a model may make it
    wide = Layer(region, torch.from_numpy(pixels).to(layer.pixels), layer.limits, (left, top, right, bottom))
    return replace(wide, limits=layer.limits.joined(wide.box))


def come_in(region: Region, size: tuple[int, int]) -> np.ndarray:
    """`[4]`: how far the frames that show what moves look beyond the picture's borders (left, top, right, bottom), in
    whole pixels of the picture."""
    (width, height), shown = size, np.flatnonzero(region.shown)
    corners = Box(0, 0, width, height).corners()
    sources = np.stack([region.sources(corners, time) for time in shown.tolist()] or [corners])
    x, y = sources.real, sources.imag
    return np.ceil(np.maximum([-x.min(), -y.min(), x.max() + 1 - width, y.max() + 1 - height], 0))


def ends_at_borders(region: Region, size: tuple[int, int]) -> Margins | None:
    """How far from each of the picture's borders a region ends, in px; None where the border of a picture of `size`
    (width, height) cuts nothing of it off."""
    rows, columns = np.nonzero(region.opacity >= OPAQUE)
    if not len(rows) or region.is_shadow:
        return None
    (width, height), left, top = size, region.box.left, region.box.top
    ends = columns.min() + left, rows.min() + top, width - 1 - columns.max() - left, height - 1 - rows.max() - top
    return tuple(int(end) for end in ends) if cut_off(ends).any() else None


def cut_off(ends: Margins) -> np.ndarray:
    """`[4]` bool: which borders cut off what ends so far from them."""
    return np.array([end <= CUT_OFF for end in ends])


def continued(layer: Layer, margins: Margins, ends: Margins) -> np.ndarray | None:
    """`[5, h', w']`: a layer's pixels with margins beyond what the picture shows of it; `ends` are how far from each
    border it ends. None where too little of it is left to be mirrored."""
    pixels = layer.pixels.movedim(0, -1).cpu().numpy()  # [h, w, 5]
    for turns, side in enumerate((2, 3, 0, 1)):  # right, below, left, above: each is turned to the right
        lost = max(ends[side], 0) + EDGE
        if margins[side]:
            turned = np.rot90(pixels, turns)
            if turned.shape[1] <= lost:
                return None
            pixels = np.rot90(_continued_right(turned, margins[side], lost), -turns)
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _continued_right(pixels: np.ndarray, margin: int, lost: int) -> np.ndarray:
    """`[h, w + margin, 5]`: pixels `[h, w, 5]` whose last `lost` columns and `margin` more are the mirrored rest."""
    rows, kept = pixels.shape[0], pixels.shape[1] - lost
    slopes = _slopes(pixels[:, :kept, 4] >= OPAQUE)  # [h]
    away = np.arange(lost + margin) + 0.5  # px from the border of what is kept, at which the rest is mirrored
    columns = kept - 1 - np.abs((away - 0.5 + kept) % (2 * kept) - kept + 0.5) + 0.5  # to and fro
    y, sources = np.arange(rows, dtype=np.float64), np.empty((rows, len(away)))
    for number, (out, column) in enumerate(zip(away, columns, strict=True)):
        begin = np.interp(y, np.maximum.accumulate(y + slopes * out), y)  # where what is there meets the border
        sources[:, number] = begin - np.interp(begin, y, slopes) * (kept - 0.5 - column)
    positions = np.broadcast_to(columns, sources.shape) + 1j * sources
    more = [look_up(np.ascontiguousarray(part), positions) for part in (pixels[..., :3], pixels[..., 3:])]
    return np.concatenate([pixels[:, :kept], np.concatenate(more, -1)], 1)


def _slopes(shown: np.ndarray) -> np.ndarray:
    """`[h]`: how many rows down each row of the last column of `shown` `[h, w]` bool goes on for each further column:
    as the outlines that meet it do, and between them in between."""
    rows, columns = shown.shape
    reach = min(columns, max(LEAST_FOLLOWED, round(FOLLOWED * columns)))
    edge = shown[:, -1].astype(np.int8)
    steps = np.diff(edge, prepend=0, append=0)
    at, slopes = [], []
    for first, last in zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0) - 1, strict=True):
        for end, direction in ((first, -1), (last, 1)):
            if 0 < end < rows - 1 and (slope := _slope(shown[:, columns - reach :], int(end), direction)) is not None:
                at.append(float(end))
                slopes.append(slope)
    return np.interp(np.arange(rows), at, slopes) if at else np.zeros(rows)


def _slope(shown: np.ndarray, end: int, direction: int) -> float | None:
    """Rows down for each further column, of the outline `[h, w]` bool that ends at a row of the last column; what is
    shown lies above it (`direction` 1) or below it (-1). None if it cannot be followed."""
    path, row = [], end
    for column in range(shown.shape[1] - 1, -1, -1):
        line = shown[:, column]
        step = direction if line[row] else -direction
        moved = 0
        while moved <= LEAST_FOLLOWED and 0 <= row + step < len(line) and line[row + step] == line[row]:
            row, moved = row + step, moved + 1
        if moved > LEAST_FOLLOWED or not 0 < row < len(line) - 1:
            break  # a corner
        row = row if line[row] else row + step  # the last one that is shown
        path.append(row)
    if len(path) < LEAST_FOLLOWED:
        return None
    back = np.arange(len(path))
    return float(np.clip(-np.polyfit(back, path, 1)[0], -STEEPEST, STEEPEST))
