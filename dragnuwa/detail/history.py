"""Temporal smoothing of the agreement: neighbouring frames are averaged along the motion.

A clip's noise makes trust and light flicker from frame to frame, and with them the visible detail. The agreement of a
frame is splatted into the picture's coordinates, and read from there as a mean over equally many frames before and
after it, so that it does not lag behind light that changes steadily.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..geometry.resampling import look_up
from .agreement import Agreement

SPREAD = 1.5  # frames, sigma of the temporal weights
REACH = 4  # frames before and after
BLUR = 0.7  # px, sigma that closes gaps between splatted points
FAINTEST = 1e-3  # least weight of a pixel that was splatted to


class History:
    """The agreement of one layer over time.

    Args:
        size: (width, height) of the analysed clip.
    """

    def __init__(self, size: tuple[int, int]):
        self.size = size
        self._splatted: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # of each frame, [h, w, 4] and [h, w]
        self._means: dict[int, np.ndarray] = {}  # cached by frame since the last frame was added

    def add(self, time: int, agreement: Agreement, share: np.ndarray, sources: np.ndarray) -> None:
        """Splats a frame, and drops those that are no longer needed.

        Args:
            share: `[h, w]`, the layer's visible coverage of each pixel of the frame.
            sources: `[h, w]` complex, their sources in the picture, in pixels of the analysed clip.
        """
        width, height = self.size
        column, row = (np.rint(np.nan_to_num(part)).astype(int) for part in (sources.real, sources.imag))
        there = (share > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
        place, weight = (row * width + column)[there], share[there]
        values = np.concatenate([agreement.trust[..., None], agreement.change], -1)[there]  # [n, 4]
        sums = [np.bincount(place, weight * of, width * height) for of in (*values.T, 1.0)]
        splat = cv2.GaussianBlur(np.stack(sums, -1).reshape(height, width, 5).astype(np.float32), (0, 0), BLUR)
        self._splatted[time] = splat[..., :4], splat[..., 4]
        self._splatted.pop(time - 2 * REACH - 2, None)
        self._means = {}

    def at(self, time: int, sources: np.ndarray) -> Agreement:
        """The mean over the frames around `time`, at sources as for `add`."""
        if time not in self._means:
            self._means[time] = self._mean(time)
        found = look_up(self._means[time], sources)
        return Agreement(np.ascontiguousarray(found[..., 0]), np.ascontiguousarray(found[..., 1:]))

    def _mean(self, time: int) -> np.ndarray:
        """`[h, w, 4]`, trust and change in the picture's coordinates."""
        reach = min(REACH, time - min(self._splatted), max(self._splatted) - time)
        near = range(time - reach, time + reach + 1)
        counts = np.exp(-0.5 * np.square((np.array(near) - time) / SPREAD)).astype(np.float32)
        total = sum(count * self._splatted[frame][1] for frame, count in zip(near, counts, strict=True))
        values = sum(count * self._splatted[frame][0] for frame, count in zip(near, counts, strict=True))
        return values / np.maximum(total, FAINTEST)[..., None]
