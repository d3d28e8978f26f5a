"""Which drag an entity follows, where several move one object as one: Motion Brush makes some, and people draw two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...vision.segmentation.motion_groups import motion_groups


def dropped(tracks: np.ndarray, moves: np.ndarray, masks: Sequence[np.ndarray | None]) -> dict[int, int]:
    """The drags that make no entity of their own, and for each the drag that the entity follows instead: of those that
    move under the same mask as one, the one that begins in their middle.

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
