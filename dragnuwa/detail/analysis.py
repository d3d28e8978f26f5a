"""Compares a clip with the layers of its picture: how their motion differs, and where the clip agrees with them."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from ..carry.layers import Composition, Region
from ..carry.rendering import as_array
from ..common.interrupt import checkpoint
from ..geometry.grids import Grid, look_up
from .alignment import Alignment
from .background import AnalysedClip
from .painting import Seen
from .views import BEFORE_AND_AFTER, Agreement, Correction, History, Views, compare, full_agreement


class Analysis:
    """
    Args:
        clip: that is compared.
        composition: of its picture, in the frames of the result.
        step: frames of the result per frame of the clip.
        follow: from 0 to 1, how much the clip is trusted over a drawn motion.
    """

    def __init__(self, clip: AnalysedClip, composition: Composition, step: int, follow: float):
        regions, grid = composition.regions, clip.grid
        self.clip, self.step, self.grid = clip.frames, step, grid
        self.beliefs = [_belief(region, follow) for region in regions]
        self.views = Views(regions, grid)
        at_clip = self.views
        if step != 1:
            at_clip = Views([region.at_rate(Fraction(step), len(clip.frames)) for region in regions], grid)
        self.alignment = Alignment(at_clip, clip.frames[0], clip.flow, self.beliefs)
        self.plate = _Plate(composition, grid)
        self.histories = [History(grid.small) for _ in regions]
        self.filled = History(self.plate.grid.small)
        self.done = 0  # the last frame of the clip that was analysed
        self.corrections = {0: tuple(Correction() for _ in regions)}  # of each frame of the clip

    def at(self, time: int) -> tuple[list[Seen], Agreement]:
        """The layers in a frame of the result, from back to front, and the agreement with the filled background.
        Frames must be requested in order, from 1."""
        before, part = divmod(time / self.step, 1)
        before, after = int(before), int(before) + (part > 0)
        while self.done < min(after + BEFORE_AND_AFTER, len(self.clip) - 1):
            checkpoint()  # the first request analyses several frames
            self._analyse(self.done + 1)
        self.corrections = {frame: of for frame, of in self.corrections.items() if frame >= before}
        corrections = [
            first.mixed(second, part)
            for first, second in zip(self.corrections[before], self.corrections[after], strict=True)
        ]
        views = self.views.at(self.grid.positions, time, corrections)
        when = before, after, part
        filled = self._agreement(self.filled, self.beliefs[0], *when, self.plate.positions(views[0].sources))
        own = (
            self._agreement(history, belief, *when, self.grid.to_small(view.sources))
            for history, belief, view in zip(self.histories, self.beliefs, views, strict=True)
        )
        seen = [Seen(*each) for each in zip(corrections, views, own, strict=True)]
        return seen, filled

    def _agreement(
        self, history: History, belief: float, before: int, after: int, part: float, positions: np.ndarray
    ) -> Agreement:
        if belief == 0:
            return full_agreement(self.grid.small)
        before, after = (max(1, frame) for frame in (before, after))  # frame 0 is the picture itself
        return history.at(before, positions).mixed(history.at(after, positions), part)

    def _analyse(self, frame: int) -> None:
        """Fits the layers to a frame of the clip, and compares it with each of them and with the filled background."""
        self.done, picture = frame, self.clip[frame]
        if not any(self.beliefs):
            self.corrections[frame] = self.corrections[frame - 1]
            return
        self.corrections[frame] = self.alignment.fit(picture, frame, self.corrections[frame - 1])
        views = self.alignment.at(frame, self.corrections[frame])
        for view, history, belief in zip(views, self.histories, self.beliefs, strict=True):
            if belief > 0:
                where = self.grid.to_small(view.sources)
                history.add(
                    frame, compare(picture, look_up(self.clip[0], where), view.share, belief), view.share, where
                )
        if self.beliefs[0] > 0:
            share = (1 - np.sum([view.share for view in views], 0)).clip(0, 1).astype(np.float32)
            where = self.plate.positions(views[0].sources)
            found = compare(picture, look_up(self.plate.small, where), share, self.beliefs[0])
            self.filled.add(frame, found, share, where)


def _belief(region: Region, follow: float) -> float:
    """How much the clip is trusted over the motion of a region. A shadow has no pixels to compare."""
    if region.is_shadow:
        return 0.0
    return follow if region.exact else 1.0


class _Plate:
    """The filled background, downsampled to the clip."""

    def __init__(self, composition: Composition, grid: Grid):
        background = composition.background
        plate = as_array(background.plate[:3])
        size = plate.shape[1::-1]
        shrunk = tuple(max(1, round(side * scale)) for side, scale in zip(size, grid.scale, strict=True))
        self.grid = Grid(size, shrunk)
        self.small = cv2.resize(plate, shrunk, interpolation=cv2.INTER_AREA)
        self.origin = background.frame_box.left + 1j * background.frame_box.top

    def positions(self, sources: np.ndarray) -> np.ndarray:
        """Its points, from those of the picture at full size."""
        return self.grid.to_small(sources + self.origin)
