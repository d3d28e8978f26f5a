"""Motion groups: drags that move rigidly together, and so share one object."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ...trajectory.motion.similarity import fit_similarity

STRAY = 0.1  # tolerated deviation from a similarity transform, as a fraction of the longest displacement
PARTING = 0.5  # tolerated difference of two displacements, as a fraction of the longer: people draw by hand
LEAST_TURN = 0.25  # radians by which two drags must turn about each other for a larger difference


def motion_groups(tracks: np.ndarray) -> list[np.ndarray]:
    """Indices of the drags in each motion group.

    All drags form one group if a single similarity transform fits their motion. Otherwise two drags belong together if
    their displacements are similar, or if they rotate about each other at a constant distance.

    Args:
        tracks: `[n, T]` complex, in pixels, each of which moves.
    """
    count = len(tracks)
    if count < 2:
        return [np.arange(count)] * count
    moved = tracks - tracks[:, :1]
    far = np.abs(moved).max(1)  # [n]
    u, v = np.triu_indices(count, 1)
    arm = tracks[v] - tracks[u]  # [P, T]
    furthest = np.maximum(far[u], far[v])
    alike = np.abs(moved[u] - moved[v]).max(1) <= PARTING * furthest
    turn = np.abs(np.angle(arm * arm[:, :1].conj())).max(1)
    rigid = np.abs(np.abs(arm) - np.abs(arm[:, :1])).max(1) <= STRAY * furthest
    together = alike | (rigid & (turn >= LEAST_TURN))
    if count > 2:
        strays = np.abs(tracks - fit_similarity(tracks).apply(tracks[:, :1])).max()
        together |= strays <= STRAY * far.max()
    links = coo_array((np.ones(together.sum()), (u[together], v[together])), shape=(count, count))
    parts, label = connected_components(links, directed=False)
    return [np.flatnonzero(label == part) for part in range(parts)]
