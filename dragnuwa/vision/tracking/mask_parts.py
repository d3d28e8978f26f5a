"""The connected parts of a mask."""

from __future__ import annotations

import cv2
import numpy as np


def without_small(mask: np.ndarray, least: float, connectivity: int = 8) -> np.ndarray:
    """`[h, w]` bool: the parts of a mask that have at least so many pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=connectivity)
    keep = stats[:, cv2.CC_STAT_AREA] >= least
    keep[0] = False
    return keep[labels]


def touching(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: the parts of a mask in which a place of another mask `[h, w]` bool lies."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8))
    found = np.unique(labels[other])
    return np.isin(labels, found[found > 0])


def without_holes(mask: np.ndarray) -> np.ndarray:
    """`[h, w]` bool."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return filled > 0
