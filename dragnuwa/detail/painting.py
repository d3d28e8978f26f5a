"""Painting: frames at full size, of an enlarged clip and the picture's own pixels where layers are trusted."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..carry.transforms import Box
from .agreement import Agreement
from .grid import Grid
from .layers import Layer, View

MARGIN = 2  # px of the analysed clip, around what is seen of a layer in it
LEAST = 1 / 512  # share of a pixel below which a layer is not there


class Painter:
    """
    Args:
        picture: `[3, H, W]` from 0 to 1, on the device that is to be used.
        filled: the same, where what moves has been taken out.
        layers: back to front.
        grid: of the picture and the clip.
    """

    def __init__(self, picture: Tensor, filled: Tensor, layers: list[Layer], grid: Grid):
        self.picture, self.filled, self.layers, self.grid = picture, filled, layers, grid
        self.opacities = [torch.from_numpy(layer.opacity).to(picture)[None] for layer in layers]

    def paint(
        self, enlarged: Tensor, views: list[View], agreements: list[Agreement], ground: Agreement, time: int
    ) -> tuple[Tensor, Tensor]:
        """A frame.

        Args:
            enlarged: `[3, H, W]`, the clip's frame at full size.
            views, agreements: of each layer, on the small grid.
            ground: of the filled ground.
            time: the frame's number.

        Returns:
            `[3, H, W]`, and `[H, W]` from 0 to 1, how surely a place was traced to the picture.
        """
        painted, mask = enlarged.clone(), torch.zeros_like(enlarged[0])
        left = torch.ones_like(mask)
        for number in reversed(range(len(self.layers))):
            box = self._box(views[number].share)
            if box.empty:
                continue
            window = (slice(None), *box.slices)
            sources, known = self._sources(self.layers[number], box, time)
            share = _look_up(self.opacities[number], sources, "bilinear")[0] * known * left[box.slices]
            left[box.slices] -= share
            trust, change = self._enlarged(agreements[number], box)
            weight = share * trust
            painted[window] += weight * (_look_up(self.picture, sources, "bicubic") + change - enlarged[window])
            mask[box.slices] += weight
        box = Box(0, 0, *self.grid.full)
        sources, known = self._sources(self.layers[0], box, time)
        trust, change = self._enlarged(ground, box)
        painted += left.clamp(0, 1) * known * trust * (_look_up(self.filled, sources, "bilinear") + change - enlarged)
        return painted.clamp(0, 1), mask.clamp(0, 1)

    def _box(self, share: np.ndarray) -> Box:
        """Where at full size a layer may be seen."""
        rows, columns = np.nonzero(share > LEAST)
        if not len(rows):
            return Box(0, 0, 0, 0)
        corners = np.array([columns.min() + 1j * rows.min(), columns.max() + 1j * rows.max()])
        corners += np.array([-1 - 1j, 1 + 1j]) * MARGIN
        return Box.around(self.grid.to_full(corners), 0).within(*self.grid.full)

    def _sources(self, layer: Layer, box: Box, time: int) -> tuple[Tensor, Tensor]:
        """Where a box of a frame comes from: `[h, w, 2]` as `grid_sample` takes it, and `[h, w]` 0 or 1."""
        sources = layer.sources(box.places(), time, self.grid)
        known = self.grid.inside(sources) & layer.shown[time]
        width, height = self.grid.full
        places = np.stack([(2 * sources.real + 1) / width - 1, (2 * sources.imag + 1) / height - 1], -1)
        places[~known] = 0
        return torch.from_numpy(places).to(self.picture), torch.from_numpy(known).to(self.picture)

    def _enlarged(self, agreement: Agreement, box: Box) -> tuple[Tensor, Tensor]:
        """Trust `[h, w]` and change `[3, h, w]` at full size, in a box."""
        small = np.concatenate([agreement.trust[..., None], agreement.change], -1)
        small = torch.from_numpy(small).to(self.picture).movedim(-1, 0)[None]
        large = F.interpolate(small, self.grid.full[::-1], mode="bilinear")[0][(slice(None), *box.slices)]
        return large[0], large[1:]


def _look_up(picture: Tensor, places: Tensor, mode: str) -> Tensor:
    """`[C, H, W]` at places `[h, w, 2]` -> `[C, h, w]`; beyond the edge, the edge."""
    return F.grid_sample(picture[None], places[None], mode=mode, padding_mode="border", align_corners=False)[0]
