"""Rendering at full size: the moved picture over the upsampled clip, as far as the clip agrees with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..carry.layers import Composition
from ..common.interrupt import checkpoint
from ..geometry.grids import Box, Grid
from .views import Agreement, Correction, View, Views

MARGIN = 2  # px of the analysed clip, around the visible part of a layer
STRIP = 128  # rows of a frame rendered at once, to bound memory
MIN_SHARE = 1 / 512  # least visible share of a pixel


@dataclass(frozen=True)
class Seen:
    """A layer as seen in a frame of the clip.

    Attributes:
        correction: of its motion.
        view: where it is, on the small grid.
        agreement: of the clip with it, on the small grid.
    """

    correction: Correction
    view: View
    agreement: Agreement


class Painter:
    """
    Args:
        composition: on the device to compute on.
        views: of its regions.
    """

    def __init__(self, composition: Composition, views: Views):
        self.composition, self.views, self.grid = composition, views, views.grid

    def paint(self, enlarged: Tensor, time: int, seen: Sequence[Seen], filled: Agreement) -> tuple[Tensor, Tensor]:
        """Renders a frame.

        Args:
            enlarged: `[3, H, W]`, the clip's frame at full size.
            time: the frame's number.
            seen: each layer, from back to front.
            filled: the agreement of the filled background.

        Returns:
            `[3, H, W]`, and `[H, W]` from 0 to 1, the confidence that a pixel was traced to the picture.
        """
        painted, mask = torch.empty_like(enlarged), torch.empty_like(enlarged[0])
        width, height = self.grid.full
        boxes = [self._box(layer.view.share) for layer in seen[1:]]
        for top in range(0, height, STRIP):
            checkpoint()
            strip = Box(0, top, width, min(top + STRIP, height))
            clip = enlarged[(slice(None), *strip.slices)]
            part, traced = self._ground(strip, clip, time, seen[0], filled)
            for number, (layer, box) in enumerate(zip(seen[1:], boxes, strict=True), 1):
                if not (box := box.common(strip)).empty:
                    inside = box.shifted(0, -top).slices
                    window = (slice(None), *inside)
                    over, trust, opacity = self._over(clip[window], box, time, number, layer)
                    part[window] += opacity * (over - part[window])
                    traced[inside] += opacity * (trust - traced[inside])
            painted[(slice(None), *strip.slices)], mask[strip.slices] = part, traced
        return painted.clamp_(0, 1), mask.clamp_(0, 1)

    def _ground(self, strip: Box, clip: Tensor, time: int, layer: Seen, filled: Agreement) -> tuple[Tensor, Tensor]:
        """The background in a strip of a frame `[3, h, w]`, and its confidence `[h, w]`."""
        pixels, known = self._ground_pixels(strip, time, layer.correction)
        disoccluded = pixels[4]
        trust, change = self._at_full_size(layer.agreement, strip)
        own = trust * (1 - disoccluded)
        whole = own
        if disoccluded.any():
            trust_filled, change_filled = self._at_full_size(filled, strip)
            change = torch.lerp(change, change_filled, disoccluded)
            whole = own + trust_filled * disoccluded * (known | self.composition.background.is_filled_around)
        return clip + whole * (pixels[:3] + change - clip), own

    def _ground_pixels(self, strip: Box, time: int, correction: Correction) -> tuple[Tensor, Tensor | bool]:
        """The moved background `[6, h, w]`; and bool, `[h, w]` or of all, where it is known."""
        background = self.composition.background
        if self.views.rests(0, correction):
            return background.resting[(slice(None), *strip.slices)], bool(background.region.shown[time])
        sources, known = self.views.sources(0, strip.positions(), time, correction)
        pixels = background.looked_up(sources, background.region.scale(time))
        return pixels, torch.from_numpy(known).to(background.plate.device)

    def _over(self, clip: Tensor, box: Box, time: int, number: int, seen: Seen) -> tuple[Tensor, Tensor, Tensor]:
        """What a layer of a number, from 1, shows in a box of a frame, over the clip there `[3, h, w]`: colours
        `[3, h, w]`, confidence and opacity `[h, w]`."""
        sources = self.views.exposures(number, box.positions(), time, seen.correction)
        layer = self.composition.layers[number - 1]
        moved, opacity = layer.exposed(sources, time)
        opacity = opacity[0] * bool(layer.region.shown[time])
        trust, change = self._at_full_size(seen.agreement, box)
        return clip + trust * (moved[:3] + change - clip), trust, opacity

    def _box(self, share: np.ndarray) -> Box:
        """The bounding box of a layer at full size."""
        rows, columns = np.nonzero(share > MIN_SHARE)
        if not len(rows):
            return Box(0, 0, 0, 0)
        corners = np.array([columns.min() + 1j * rows.min(), columns.max() + 1j * rows.max()])
        corners += np.array([-1 - 1j, 1 + 1j]) * MARGIN
        return Box.around(self.grid.to_full(corners), 0).within(*self.grid.full)

    def _at_full_size(self, agreement: Agreement, box: Box) -> tuple[Tensor, Tensor]:
        """Trust `[h, w]` and change `[3, h, w]` at full size, in a box."""
        small = np.concatenate([agreement.trust[None], np.moveaxis(agreement.change, -1, 0)])
        large = enlarge(torch.from_numpy(small).to(self.composition.background.plate), self.grid, box)
        return large[0], large[1:]


def enlarge(small: Tensor, grid: Grid, box: Box) -> Tensor:
    """`[C, h, w]` on the small grid, upsampled bilinearly in a box of the full grid: `[C, h', w']`."""
    corners = grid.to_small(np.array([box.left + 1j * box.top, box.right - 1 + 1j * (box.bottom - 1)]))
    across = np.linspace(corners[0].real, corners[1].real, box.right - box.left)
    down = np.linspace(corners[0].imag, corners[1].imag, box.bottom - box.top)
    first = max(0, min(int(down[0]), small.shape[-2] - 1))
    rows = small[..., first : max(0, int(down[-1])) + 2, :]  # those of the box
    return _between(_between(rows, across, -1), down - first, -2)


def _between(values: Tensor, positions: np.ndarray, dim: int) -> Tensor:
    """Linear interpolation along one dimension, clamped at the ends."""
    positions = torch.from_numpy(positions).to(values).clamp(0, values.shape[dim] - 1)
    before = positions.long().clamp(max=max(0, values.shape[dim] - 2))
    part = (positions - before).reshape(-1, *[1] * (-dim - 1))
    first, second = (
        values.index_select(dim, before),
        values.index_select(dim, (before + 1).clamp(max=values.shape[dim] - 1)),
    )
    return torch.lerp(first, second, part)
