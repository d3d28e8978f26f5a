"""Tracks as pins of a shape: where they are, and how what is around them turns and scales."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import curves, sampling
from .types import Track


def stiffness_of(pins: Sequence[Track]) -> float:
    """That of the shape that several pins bend: their mean."""
    return float(np.mean([pin.stiffness for pin in pins]))


def turns(pins: Sequence[Track], fractions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`[k, T]` each: by how many radians what is around each pin turns at the fractions of the clip, NaN for one
    without keys; and how it scales."""
    turned, scaled = np.full((len(pins), len(fractions)), np.nan), np.ones((len(pins), len(fractions)))
    for k, pin in enumerate(pins):
        if pin.pin:
            keys = [(0.0, 0.0, 1.0)] if pin.pin[0].at > 0 else []
            at, turn, scale = np.array([*keys, *((key.at, key.turn, key.scale) for key in pin.pin)]).T
            s = curves.own_time(pin.start, pin.end, fractions)
            turned[k], scaled[k] = np.radians(np.interp(s, at, turn)), np.interp(s, at, scale)
    return turned, scaled


def ways_of(pins: Sequence[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """`[k, T]` complex: where pins are, in px of a picture of `size` [2]; one of a single point rests."""
    points = sampling.positions(pins, fractions, size)  # [k, T, 2]
    points = np.where(sampling.anchored(pins)[:, None, None], points[:, :1], points)
    return points[..., 0] + 1j * points[..., 1]
