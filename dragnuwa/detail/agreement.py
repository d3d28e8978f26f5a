"""Whether a clip shows what a layer says that it shows, and what it has changed of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .grid import smooth

REACH = 8.0  # px of the analysed clip, around a place, over which light and colour change together
FINE = 2.5  # px, over which the fine difference is averaged
NOISE = 10 / 255  # fine difference that every video model's autoencoder leaves
UNLIKE = 30 / 255  # fine difference beyond the noise, with which a place is hardly trusted
SHADE, OTHER = 16 / 255, 60 / 255  # change of light or colour that is common, and with which a place is hardly trusted
LIMIT = 60 / 255  # difference of a place beyond which it is no less alike
FAINT = 12 / 255  # change of light or colour that is rather the sampling's noise


def truncated_l1(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """`[...]` float32: the mean difference of the colours `[..., 3]`, up to `LIMIT`, so that places that have nothing
    to do with a motion do not outweigh the others."""
    return np.minimum(np.abs(found - expected).mean(-1), np.float32(LIMIT))


@dataclass(frozen=True)
class Agreement:
    """
    Attributes:
        trust: `[h, w]` float32 from 0 to 1, how surely the clip shows the layer there.
        change: `[h, w, 3]` float32, how light and colour have changed in the clip, over areas rather than pixels.
    """

    trust: np.ndarray
    change: np.ndarray


def compare(found: np.ndarray, expected: np.ndarray, weight: np.ndarray) -> Agreement:
    """Compares a frame with what a layer would show.

    The difference is divided into what changes slowly from place to place, light and colour, and the rest. Much of the
    former may be the model's intention and is kept as `change`, as far as it stands out from noise; the latter says
    that something else is there.

    Args:
        found: `[h, w, 3]` float32 from 0 to 1, the frame.
        expected: the same, what the layer would show.
        weight: `[h, w]` float32, how much of each pixel the layer covers.
    """
    difference = found - expected
    change = smooth(difference, weight, REACH)
    fine = np.abs(difference - change).mean(-1)
    fine = smooth(np.maximum(fine - NOISE, 0), weight, FINE)
    much = np.abs(change).mean(-1)
    trust = np.exp(-((fine / UNLIKE) ** 2) - (np.maximum(much - SHADE, 0) / OTHER) ** 2)
    kept = much**2 / (much**2 + FAINT**2)  # Wiener's filter
    return Agreement(trust.astype(np.float32), (change * kept[..., None]).astype(np.float32))
