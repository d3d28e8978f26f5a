"""Rendering at full size: the picture's own pixels over the upsampled clip, where layers are trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..carry.edges import own_pixels
from ..carry.transforms import Box, for_grid_sample
from ..common.interrupt import InterruptCheck, no_interrupt
from .agreement import Agreement
from .views import Correction, View, Views

MARGIN = 2  # px of the analysed clip, around the visible part of a layer
STRIP = 128  # rows of a frame that are rendered at once, which bounds memory
LEAST = 1 / 512  # least visible share of a pixel


@dataclass(frozen=True)
class Piece:
    """What is composited over a part of a frame.

    Attributes:
        box: of the frame.
        weight: `[h, w]` from 0 to 1.
        colors: `[3, h, w]`.
        traced: whether these are the picture's own pixels, and not filled background.
    """

    box: Box
    weight: Tensor
    colors: Tensor
    traced: bool


class Painter:
    """
    Args:
        picture: `[3, H, W]` from 0 to 1, on the device that is to be used.
        filled: the same with moving objects removed and filled.
        views: of the layers.
        check_interrupt: called several times in a frame.
    """

    def __init__(
        self,
        picture: Tensor,
        filled: Tensor,
        views: Views,
        check_interrupt: InterruptCheck = no_interrupt,
    ):
        self.picture, self.filled, self.views, self.grid = picture, filled, views, views.grid
        self.check_interrupt = check_interrupt
        self.opacities = [torch.from_numpy(opacity).to(picture)[None] for opacity in views.opacities]
        self.own = [None if layer.colors is None else own_pixels(picture, layer) for layer in views.stack.layers]

    def paint(
        self,
        enlarged: Tensor,
        time: int,
        corrections: Sequence[Correction],
        views: Sequence[View],
        agreements: Sequence[Agreement],
        ground: Agreement,
    ) -> tuple[Tensor, Tensor]:
        """A frame.

        Args:
            enlarged: `[3, H, W]`, the clip's frame at full size.
            time: the frame's number.
            corrections: of the layers in this frame.
            views, agreements: of each layer, on the small grid.
            ground: the agreement of the filled background.

        Returns:
            `[3, H, W]`, and `[H, W]` from 0 to 1, the confidence that a pixel was traced to the picture.
        """
        painted, mask = enlarged.clone(), torch.zeros_like(enlarged[0])
        width, height = self.grid.full
        boxes = [Box(0, 0, width, height), *(self._box(view.share) for view in views[1:])]
        for top in range(0, height, STRIP):
            self.check_interrupt()
            strip = Box(0, top, width, min(top + STRIP, height))
            for piece in self._pieces(strip, boxes, time, corrections, agreements, ground):
                window = (slice(None), *piece.box.slices)
                painted[window] += piece.weight * (piece.colors - enlarged[window])
                if piece.traced:
                    mask[piece.box.slices] += piece.weight
        return painted.clamp_(0, 1), mask.clamp_(0, 1)

    def _pieces(
        self,
        strip: Box,
        boxes: Sequence[Box],
        time: int,
        corrections: Sequence[Correction],
        agreements: Sequence[Agreement],
        ground: Agreement,
    ) -> Iterator[Piece]:
        """What is composited over a strip of a frame: each layer that is visible in it, front to back, and the filled
        background where none is."""
        left = torch.ones(strip.bottom - strip.top, strip.right - strip.left).to(self.picture)
        for number in reversed(range(len(self.opacities))):
            box = boxes[number].common(strip)
            if box.empty:
                continue
            own = left[box.top - strip.top : box.bottom - strip.top, box.left : box.right]
            sources, known = self._sources(number, box, time, corrections[number])
            share = _look_up(self.opacities[number], sources, "bilinear")[0] * known * own
            own -= share
            trust, change = self._enlarged(agreements[number], box)
            yield Piece(box, share * trust, self._colors(number, sources) + change, traced=True)
        trust, change = self._enlarged(ground, strip)  # the ground is the background's, the last of the layers
        colors = _look_up(self.filled, sources, "bilinear") + change
        yield Piece(strip, left.clamp_(0, 1) * known * trust, colors, traced=False)

    def _colors(self, number: int, sources: Tensor) -> Tensor:
        """`[3, h, w]` of a layer, at sources `[h, w, 2]` in the picture."""
        own = self.own[number]
        if own is None:
            return _look_up(self.picture, sources, "bicubic")
        (width, height), box = self.grid.full, self.views.stack.layers[number].box
        full, first = sources.new_tensor([width, height]), sources.new_tensor([box.left, box.top])
        part = sources.new_tensor([box.right - box.left, box.bottom - box.top])
        return _look_up(own, ((sources + 1) * full - 2 * first) / part - 1, "bicubic")

    def _box(self, share: np.ndarray) -> Box:
        """The bounding box of a layer at full size."""
        rows, columns = np.nonzero(share > LEAST)
        if not len(rows):
            return Box(0, 0, 0, 0)
        corners = np.array([columns.min() + 1j * rows.min(), columns.max() + 1j * rows.max()])
        corners += np.array([-1 - 1j, 1 + 1j]) * MARGIN
        return Box.around(self.grid.to_full(corners), 0).within(*self.grid.full)

    def _sources(self, number: int, box: Box, time: int, correction: Correction) -> tuple[Tensor, Tensor]:
        """The sources of a box of a frame: `[h, w, 2]` for `grid_sample`, and `[h, w]`, 1 where they are known."""
        sources, known = self.views.sources(number, box.places(), time, correction)
        places = for_grid_sample(sources, *self.grid.full)
        places[~known] = 0
        return torch.from_numpy(places).to(self.picture), torch.from_numpy(known).to(self.picture)

    def _enlarged(self, agreement: Agreement, box: Box) -> tuple[Tensor, Tensor]:
        """Trust `[h, w]` and change `[3, h, w]` at full size, in a box."""
        small = np.concatenate([agreement.trust[..., None], agreement.change], -1)
        small = torch.from_numpy(small).to(self.picture).movedim(-1, 0)
        places = torch.from_numpy(for_grid_sample(box.places(), *self.grid.full)).to(self.picture)
        large = _look_up(small, places, "bilinear")
        return large[0], large[1:]


def _look_up(picture: Tensor, places: Tensor, mode: str) -> Tensor:
    """`[C, H, W]` at places `[h, w, 2]` -> `[C, h, w]`; beyond the edge, the edge."""
    return F.grid_sample(picture[None], places[None], mode=mode, padding_mode="border", align_corners=False)[0]
