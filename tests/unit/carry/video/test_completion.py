"""Which frames complete what one does not show of a person, drawn as a body with one leg."""

import numpy as np

from dragnuwa.carry.video.completion import SeenParts


def walker(step: int) -> np.ndarray:
    """`[96, 96]` bool: with its leg at one of nine steps from the left to the right."""
    mask = np.zeros((96, 96), bool)
    mask[10:50, 38:58] = True
    for down in range(50, 90):
        middle = 48 + (step - 4) * (down - 50) // 6
        mask[down, middle - 4 : middle + 4] = True
    return mask


def test_one_leg_is_completed_by_one_frame():
    seen = np.stack([walker(step) for step in (0, 2, 4, 6, 8, 6, 4, 2, 0)])
    whole = np.ones(len(seen), bool)
    whole[4:6] = seen[4, 30:70] = seen[5, 30:] = False  # of the latter, only what is alike everywhere is left
    parts = SeenParts(seen, whole, is_rigid=False)
    assert parts.changes_shape
    assert parts.completing(4) == [3] and parts.completing(5) == [6]
    assert len(SeenParts(seen, whole).completing(5)) > 1


def test_a_thing_that_keeps_its_shape_is_completed_by_all_frames_that_show_parts_of_it():
    seen = np.stack([walker(4)] * 6)
    seen[0, 40:] = seen[1, :40] = seen[2, 70:] = seen[3, :70] = seen[4] = seen[5] = False
    parts = SeenParts(seen, np.array([False, False, True, False, False, False]), is_rigid=False)
    assert not parts.changes_shape
    assert np.any([seen[other] for other in parts.completing(4)], axis=0).sum() == walker(4).sum()
