"""Alignment: the motion of layers, corrected to match a frame.

Each layer gets a similarity transform first and then a smooth deformation, from the optical flow between the frame and
what the layers predict. The clip's noise moves pixels, too, so a correction is kept only if it explains the frame much
better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from ..common.images import to_bytes
from ..geometry.grids import look_up, smooth
from ..geometry.similarity import SimilarityTransform, robust_similarity
from ..vision.tracking.optical_flow import Estimator, inconsistent
from .views import Correction, View, Views, truncated_l1

ROUNDS = 2  # of fitting similarity transforms
COVERED = 0.6  # least coverage of a pixel that is used for its layer
FLOOR = 0.5 / 255
TEXTURE = 3 / 255  # least mean gradient around a pixel whose flow is used
MIN_PIXELS, MAX_PIXELS = 40, 1500  # pixels that a layer is fitted to
INLIERS = 0.4  # least fraction of inliers
WITHIN = 1.0  # px, largest residual of an inlier
ROBUST_ITERATIONS = 300
BETTER = {True: 0.75, False: 0.95}  # largest ratio of the errors after and before, if drags give the motion, and else
LEAST_GAIN = 0.5 / 255  # least decrease of the error
BEND_REACH = 9.0  # px, sigma of the smoothing of deformations
BENT, BENT_RAMP = 0.6, 0.2  # ratio of the errors at which a deformation begins to be used, and width of the ramp

Corrections = tuple[Correction, ...]  # of each layer


@dataclass(frozen=True)
class _Compared:
    """The layers' views in a frame, and the flow `[h, w, 2]` px from the frame to what they predict, where it is `sure`
    `[h, w]`."""

    views: list[View]
    flow: np.ndarray
    sure: np.ndarray


class Alignment:
    """
    Args:
        views: of the layers.
        first: `[h, w, 3]` float32, the clip's frame 0.
        flow: estimates optical flow.
        beliefs: for each layer from 0 to 1, how much the clip is trusted over the layer's motion.
    """

    def __init__(self, views: Views, first: np.ndarray, flow: Estimator, beliefs: Sequence[float]):
        self.views, self.first, self.flow, self.beliefs = views, first, flow, beliefs
        self.regions, self.grid = views.regions, views.grid

    def shown(self, view: View) -> np.ndarray:
        """`[h, w, 3]`: the clip's frame 0 at a layer's sources."""
        return look_up(self.first, self.grid.to_small(view.sources))

    def at(self, time: int, corrections: Corrections) -> list[View]:
        """The layers' views on the small grid."""
        return self.views.at(self.grid.positions, time, corrections)

    def fit(self, frame: np.ndarray, time: int, corrections: Corrections) -> Corrections:
        """Fits the layers to a frame `[h, w, 3]` float32, from the corrections of the frame before."""
        corrections = tuple(replace(each, bend=None) for each in corrections)
        found = self._compared(frame, time, corrections)
        for _ in range(ROUNDS):
            whole = self._fit_whole(frame, time, corrections, found)
            if whole is corrections:
                break
            corrections, found = whole, self._compared(frame, time, whole)
        return self._fit_bends(frame, time, corrections, found)

    def _compared(self, frame: np.ndarray, time: int, corrections: Corrections) -> _Compared:
        views = self.at(time, corrections)
        return _Compared(views, *self._flow(frame, views))

    def _fit_whole(self, frame: np.ndarray, time: int, corrections: Corrections, found: _Compared) -> Corrections:
        """With better similarity transforms than those that `found` was made with; the same object where none is
        better."""
        for number, region in enumerate(self.regions):
            if (belief := self.beliefs[number]) == 0:
                continue
            step = similarity_of(found.flow, found.sure & (found.views[number].share > COVERED))
            if step is None:
                continue
            better = Correction(corrections[number].similarity.after(step))
            tried = (*corrections[:number], better, *corrections[number + 1 :])
            before = self._mean_error(frame, found.views[number])
            after = self._mean_error(frame, self.views.of(number, self.grid.positions, time, tried))
            if after < BETTER[region.exact] ** (1 / belief) * before - LEAST_GAIN / belief:
                corrections = tried
        return corrections

    def _fit_bends(self, frame: np.ndarray, time: int, corrections: Corrections, found: _Compared) -> Corrections:
        views = found.views
        bends = [smooth(found.flow, view.share * found.sure, BEND_REACH) for view in views]
        bends = [bend[..., 0] + 1j * bend[..., 1] for bend in bends]
        bent = self.at(time, [replace(each, bend=bend) for each, bend in zip(corrections, bends, strict=True)])
        fitted = []
        for number, (straight, view) in enumerate(zip(views, bent, strict=True)):
            before, after = (smooth(self._error(frame, one), straight.share, BEND_REACH) for one in (straight, view))
            belief = self.beliefs[number]
            least = BENT ** (1 / belief) * before if belief else 0 * before
            bend = bends[number] * np.clip((least - after) / (BENT_RAMP * before + FLOOR), 0, 1)
            fitted.append(replace(corrections[number], bend=bend if bend.any() else None))
        return tuple(fitted)

    def _flow(self, frame: np.ndarray, views: list[View]) -> tuple[np.ndarray, np.ndarray]:
        """The flow `[h, w, 2]` px from the frame to the layers' prediction, and `[h, w]` bool, where it is reliable."""
        shares = np.stack([view.share for view in views])  # [L, h, w]
        rest = (1 - shares.sum(0)).clip(0, 1)[..., None]
        expected = rest * frame + sum(view.share[..., None] * self.shown(view) for view in views)
        now, then = (to_bytes(torch.from_numpy(picture)) for picture in (frame, expected))
        flow = self.flow(now, then)
        grey = cv2.cvtColor(expected.astype(np.float32), cv2.COLOR_RGB2GRAY)
        slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 8
        return flow, ~inconsistent(flow, self.flow(then, now)) & (cv2.blur(slope, (5, 5)) > TEXTURE)

    def _error(self, frame: np.ndarray, view: View) -> np.ndarray:
        return truncated_l1(self.shown(view), frame)

    def _mean_error(self, frame: np.ndarray, view: View) -> float:
        covered = view.share > COVERED
        if not covered.any():
            return np.inf
        left, top, width, height = cv2.boundingRect(covered.view(np.uint8))
        window = slice(top, top + height), slice(left, left + width)
        error = self._error(frame[window], View(view.share[window], view.sources[window]))
        return float(error[covered[window]].mean())


def similarity_of(flow: np.ndarray, where: np.ndarray) -> SimilarityTransform | None:
    """The similarity transform that most of the flow `[h, w, 2]` px follows where `where` `[h, w]` holds; None if too
    few positions agree on one."""
    rows, columns = np.nonzero(where)
    if len(rows) < MIN_PIXELS:
        return None
    some = np.linspace(0, len(rows) - 1, min(MAX_PIXELS, len(rows))).astype(int)
    here = (columns[some] + 1j * rows[some]).astype(np.complex64)
    moved = flow[rows[some], columns[some]]
    found = robust_similarity(here, here + (moved[:, 0] + 1j * moved[:, 1]), WITHIN, ROBUST_ITERATIONS)
    if found is None:
        return None
    motion, inliers = found
    return motion if inliers.mean() >= INLIERS else None
