"""Motion groups: which drags move as one, and so have one object in common."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ...trajectory.motion.similarity import fit_similarity

STRAY = 0.1  # of how far drags move, by which they may stray from a similarity transform
PARTING = 0.5  # of the longer one's displacement, by which those of two drags may differ: people draw by hand
LEAST_TURN = 0.25  # radians by which two drags turn about each other before their displacements may differ more


def motion_groups(tracks: np.ndarray) -> list[np.ndarray]:
    """Indices of the drags of each body.

    All are one body if their motion fits one similarity transform. Otherwise two drags belong together if they move by
    nearly the same, or turn about each other at a distance that stays.

    Args:
        tracks: `[n, T]` complex, in pixels, each of which moves.
    """
    count = len(tracks)
    if count < 2:
        return [np.arange(count)] * count
    moved = tracks - tracks[:, :1]
    far = np.abs(moved).max(1)  # [n]
    one, other = np.triu_indices(count, 1)
    arm = tracks[other] - tracks[one]  # [P, T]
    furthest = np.maximum(far[one], far[other])
    alike = np.abs(moved[one] - moved[other]).max(1) <= PARTING * furthest
    turn = np.abs(np.angle(arm * arm[:, :1].conj())).max(1)
    rigid = np.abs(np.abs(arm) - np.abs(arm[:, :1])).max(1) <= STRAY * furthest
    together = alike | (rigid & (turn >= LEAST_TURN))
    if count > 2:
        strays = np.abs(tracks - fit_similarity(tracks).apply(tracks[:, :1])).max()
        together |= strays <= STRAY * far.max()
    links = coo_array((np.ones(together.sum()), (one[together], other[together])), shape=(count, count))
    parts, label = connected_components(links, directed=False)
    return [np.flatnonzero(label == part) for part in range(parts)]
