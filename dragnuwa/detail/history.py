"""Agreement over time: what neighbouring frames show of the same place of the picture is averaged.

A clip's noise makes trust and light tremble from frame to frame, and with them how much of the picture's detail is
seen. What was found in a frame is laid down where it lies in the picture, and read from there together with as many
frames before as after it: a mean along the motion, which does not lag behind a light that changes evenly.
"""

from __future__ import annotations

import cv2
import numpy as np

from .agreement import Agreement
from .grid import look_up

SPREAD = 1.5  # frames, of the Gaussian by which neighbours count less
REACH = 4  # frames, before and after, that count
BLUR = 0.7  # px, which closes the gaps between places that were laid down
FAINTEST = 1e-3  # weight of a place below which nothing was laid down there


class History:
    """What was seen of one layer.

    Args:
        size: (width, height) of the clip as it is analysed.
    """

    def __init__(self, size: tuple[int, int]):
        self.size = size
        self._laid: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # of each frame, [h, w, 4] and [h, w]

    def add(self, time: int, agreement: Agreement, share: np.ndarray, sources: np.ndarray) -> None:
        """Lays down a frame, and forgets those that are no longer needed.

        Args:
            share: `[h, w]`, how much of each place of the frame the layer covers.
            sources: `[h, w]` complex, where in the picture these come from, in pixels of the analysed clip.
        """
        width, height = self.size
        column, row = (np.rint(np.nan_to_num(part)).astype(int) for part in (sources.real, sources.imag))
        there = (share > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
        place, weight = (row * width + column)[there], share[there]
        values = np.concatenate([agreement.trust[..., None], agreement.change], -1)[there]  # [n, 4]
        sums = [np.bincount(place, weight * of, width * height) for of in (*values.T, 1.0)]
        laid = cv2.GaussianBlur(np.stack(sums, -1).reshape(height, width, 5).astype(np.float32), (0, 0), BLUR)
        self._laid[time] = laid[..., :4], laid[..., 4]
        self._laid.pop(time - 2 * REACH - 1, None)

    def at(self, time: int, sources: np.ndarray) -> Agreement:
        """The mean of the frames around one, at places of the picture as for `add`."""
        reach = min(REACH, time - min(self._laid), max(self._laid) - time)
        near = range(time - reach, time + reach + 1)
        counts = np.exp(-0.5 * np.square((np.array(near) - time) / SPREAD)).astype(np.float32)
        total = sum(count * self._laid[frame][1] for frame, count in zip(near, counts, strict=True))
        values = sum(count * self._laid[frame][0] for frame, count in zip(near, counts, strict=True))
        found = look_up(values / np.maximum(total, FAINTEST)[..., None], sources)
        return Agreement(np.ascontiguousarray(found[..., 0]), np.ascontiguousarray(found[..., 1:]))
