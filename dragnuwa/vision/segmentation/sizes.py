"""Smaller and larger alternatives to a pick: nested candidates, from small to large."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .superpixels import Superpixels

STEPS = 3  # maximum number of smaller and of larger ones
GROWTH, MOST_GROWTH = 1.25, 4.0  # ratio of successive areas: at least, and at most if such a candidate exists
NESTED = 0.9  # part of the smaller mask that has to lie inside the larger one


def nested_sizes(
    patches: Superpixels, masks: list[np.ndarray], scores: dict[int, float], chosen: np.ndarray
) -> tuple[list[np.ndarray], int]:
    """
    Args:
        masks: `[S]` bool each, the candidates.
        scores: by index, for those that may be objects: how much each looks like one.
        chosen: `[S]` bool, the pick.

    Returns:
        At most `STEPS` smaller ones, the chosen one and at most `STEPS` larger ones, from small to large, and the index
        of the chosen one. Each has the best score among those clearly smaller or larger than its neighbour.
    """
    areas = {number: patches.area[masks[number]].sum() for number in scores}

    def next_of(mask: np.ndarray, larger: bool) -> np.ndarray | None:
        area = patches.area[mask].sum()
        growth = {n: areas[n] / area if larger else area / areas[n] for n in scores}
        found = [n for n in scores if growth[n] >= GROWTH and _shared(patches, mask, masks[n]) >= NESTED]
        near = [n for n in found if growth[n] <= MOST_GROWTH]
        if near:
            return masks[max(near, key=scores.__getitem__)]
        return masks[min(found, key=growth.__getitem__)] if found else None

    smaller, larger = (list(_chain(chosen, next_of, way)) for way in (False, True))
    return [*smaller[::-1], chosen, *larger], len(smaller)


def _chain(
    mask: np.ndarray, next_of: Callable[[np.ndarray, bool], np.ndarray | None], larger: bool
) -> Iterator[np.ndarray]:
    for _ in range(STEPS):
        mask = next_of(mask, larger)
        if mask is None:
            return
        yield mask


def _shared(patches: Superpixels, one: np.ndarray, other: np.ndarray) -> float:
    """The part of the smaller of two masks that lies in the larger one."""
    areas = [patches.area[mask].sum() for mask in (one & other, one, other)]
    return areas[0] / max(min(areas[1:]), 1)
