"""Regions that tracks move: the object under a mask, or the surroundings of tracks.

Points are complex numbers x + iy in pixels, as in `dragnuwa.geometry.warps`.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..geometry.grids import Box
from ..geometry.similarity import REST, fit_similarity
from ..geometry.warps import InverseDistanceWarp, SimilarityWarp
from .layers import SURROUNDINGS, Region, region_of_mask

STRETCH = 0.5  # largest relative change in the distance of two neighbours in one layer


def region_of_object(mask: np.ndarray, tracks: np.ndarray, shown: np.ndarray, ids: tuple[str, ...]) -> Region:
    """The region of the object under a mask `[H, W]`, which tracks `[m, T]` (complex) move as a whole; shown is `[T]`
    bool."""
    warp = SimilarityWarp(fit_similarity(tracks)) if moves(tracks) else None
    return replace(region_of_mask(mask, warp, shown), ids=ids)


def regions_around(
    tracks: np.ndarray, visible: np.ndarray, free: np.ndarray, taken: np.ndarray, radius: float
) -> list[tuple[np.ndarray, Region]]:
    """The surroundings of tracks without a mask, with the numbers of the tracks that move each: every pixel within
    `radius` of a track's start belongs to the nearest one.

    The weight is the drag maps' Gaussian, which has fallen to 0.5 where the region ends.

    Args:
        tracks: `[N, T]` complex, in pixels; visible: `[N, T]` bool.
        free: `[n]` int, those without a mask.
        taken: `[H, W]` bool, what belongs to masks.
        radius: in pixels.
    """
    if not len(free):
        return []
    nearest, distance = _nearest(tracks[free, 0], taken.shape)
    weight = np.exp(-np.log(2) * (distance / radius) ** 2).astype(np.float32)
    nearest[(distance > radius) | taken] = -1
    height, width = taken.shape
    regions = []
    for members in _moving_alike(tracks[free], radius):
        own = tracks[free[members]]  # [n, T]
        box = Box.around(own[:, 0], radius + 1).within(width, height)
        inside = np.isin(nearest[box.slices], members)
        if inside.any():
            warp = _warp(own, radius) if moves(own) else None
            opacity, shown = inside.astype(np.float32), visible[free[members]].any(0)
            region = Region(box, opacity, weight[box.slices], inside, warp, shown, SURROUNDINGS)
            regions.append((free[members], region))
    return regions


def _warp(tracks: np.ndarray, radius: float) -> SimilarityWarp | InverseDistanceWarp:
    return SimilarityWarp(fit_similarity(tracks)) if len(tracks) == 1 else InverseDistanceWarp(tracks, radius)


def _nearest(starts: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel `[H, W]`, the nearest of `starts`, and its distance. If two share a pixel, the later one wins."""
    seeds = np.ones(shape, np.uint8)
    x, y = np.rint(starts.real).astype(int), np.rint(starts.imag).astype(int)
    seeds[y, x] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    of_label = np.zeros(labels.max() + 1, int)
    for index, (row, column) in enumerate(zip(y, x, strict=True)):
        of_label[labels[row, column]] = index
    nearest = of_label[labels]
    height, width = shape
    return nearest, np.abs(Box(0, 0, width, height).positions() - starts[nearest])


def _moving_alike(tracks: np.ndarray, radius: float) -> list[np.ndarray]:
    """Track indices of each region: neighbours whose surroundings touch, and whose distance hardly changes. A track at
    rest has its own layer, so that what it holds is not bent."""
    moves = np.abs(tracks - tracks[:, :1]).max(1) >= REST
    starts = tracks[:, 0]
    pairs = cKDTree(np.stack([starts.real, starts.imag], -1)).query_pairs(2 * radius, output_type="ndarray")  # [P, 2]
    u, v = pairs[moves[pairs].all(1)].T
    parting = np.abs((tracks[u] - starts[u, None]) - (tracks[v] - starts[v, None])).max(1, initial=0)
    alike = parting <= STRETCH * np.abs(starts[u] - starts[v])
    u, v = u[alike], v[alike]
    links = coo_array((np.ones(len(u)), (u, v)), shape=(len(tracks), len(tracks)))
    count, label = connected_components(links, directed=False)
    return [np.flatnonzero(label == number) for number in range(count)]


def moves(tracks: np.ndarray) -> bool:
    return bool(np.abs(tracks - tracks[:, :1]).max() >= REST)
