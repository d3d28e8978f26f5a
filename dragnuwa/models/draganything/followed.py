"""Selects the drag that an entity follows if several move one object, as with Motion Brush or two drawn drags."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...vision.segmentation.find import motion_groups


def dropped(tracks: np.ndarray, moves: np.ndarray, masks: Sequence[np.ndarray | None]) -> dict[int, int]:
    """Maps each drag without an entity of its own to the drag that the entity follows instead: of the drags that move
    rigidly together under the same mask, the one that begins closest to their middle.

    Args:
        tracks: `[N, T]` complex, in pixels.
        moves: `[N]` bool.
        masks: `[H, W]` bool for each drag, or None.
    """
    sharing: dict[bytes, list[int]] = {}
    for index in np.flatnonzero(moves):
        if masks[index] is not None:
            sharing.setdefault(masks[index].tobytes(), []).append(int(index))
    instead = {}
    for indices in sharing.values():
        for body in motion_groups(tracks[indices]):
            members = np.array(indices)[body]
            starts = tracks[members, 0]
            middle = members[np.abs(starts - starts.mean()).argmin()]
            instead |= {int(index): int(middle) for index in members if index != middle}
    return instead
