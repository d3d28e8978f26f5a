"""How well a clip agrees with what a layer predicts, and how light and colour differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry.resampling import smooth

REACH = 8.0  # px of the analysed clip, sigma over which changes of light and colour are averaged
FINE = 2.5  # px, sigma over which the fine difference is averaged
NOISE = 10 / 255  # fine difference due to any video model's autoencoder
UNLIKE = 30 / 255  # fine difference above the noise at which trust has fallen to 1/e
SHADE, OTHER = 16 / 255, 60 / 255  # common change of light or colour, and scale at which trust falls to 1/e
LIMIT = 60 / 255  # the per-pixel error is clipped here
FAINT = 12 / 255  # standard deviation of the sampling's noise in light and colour


def truncated_l1(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """`[...]` float32: the mean absolute error of the colours `[..., 3]`, clipped at `LIMIT`, so that outliers do not
    dominate."""
    return np.minimum(_mean(np.abs(found - expected)), np.float32(LIMIT))


def _mean(colors: np.ndarray) -> np.ndarray:
    """The mean of `[..., 3]`; NumPy's own is slow along so short a dimension."""
    return (colors[..., 0] + colors[..., 1] + colors[..., 2]) / np.float32(3)


@dataclass(frozen=True)
class Agreement:
    """
    Attributes:
        trust: `[h, w]` float32 from 0 to 1, confidence that the clip shows the layer there.
        change: `[h, w, 3]` float32, the low-frequency change of light and colour in the clip.
    """

    trust: np.ndarray
    change: np.ndarray

    def mixed(self, other: Agreement, part: float) -> Agreement:
        """Linear interpolation, from this at 0 to the other at 1."""
        if part == 0:
            return self
        return Agreement(
            self.trust + np.float32(part) * (other.trust - self.trust),
            self.change + np.float32(part) * (other.change - self.change),
        )


def compare(found: np.ndarray, expected: np.ndarray, weight: np.ndarray, belief: float = 1.0) -> Agreement:
    """Compares a frame with what a layer predicts.

    The difference is split into low frequencies (light and colour) and the rest. The low frequencies may be intended by
    the model; what exceeds the noise is kept as `change`. The rest means that something else is there.

    Args:
        found: `[h, w, 3]` float32 from 0 to 1, the frame.
        expected: the same, the layer's prediction.
        weight: `[h, w]` float32, the layer's coverage of each pixel.
        belief: above 0, at most 1: how much the clip is trusted. Below 1, differences have to be 1 / belief times as
            large to count as much.
    """
    difference = found - expected
    change = smooth(difference, weight, REACH)
    fine = _mean(np.abs(difference - change))
    fine = smooth(np.maximum(fine - NOISE / belief, 0), weight, FINE)
    much = _mean(np.abs(change))
    trust = np.exp(-((belief * fine / UNLIKE) ** 2) - (belief * np.maximum(much - SHADE / belief, 0) / OTHER) ** 2)
    kept = much**2 / (much**2 + (FAINT / belief) ** 2)  # Wiener's filter
    return Agreement(trust.astype(np.float32), (change * kept[..., None]).astype(np.float32))


def full_agreement(size: tuple[int, int]) -> Agreement:
    """The agreement for a clip of (width, height) `size` that is not trusted at all."""
    return Agreement(np.ones(size[::-1], np.float32), np.zeros((*size[::-1], 3), np.float32))
