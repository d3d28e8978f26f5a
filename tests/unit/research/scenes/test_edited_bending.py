"""Scenes of jointed and bending things, with one of them moved: both clips agree but for that."""

import numpy as np
import pytest

from dragnuwa.research.scenes.edited_bending import BENDING_GROUPS, make_edited_bending

FRAMES = 6


@pytest.mark.parametrize("kind", range(len(BENDING_GROUPS)))
def test_only_the_thing_differs_between_both_clips(kind):
    scene = make_edited_bending(8 + kind, FRAMES)
    before, after, number = scene.before, scene.after, scene.number + 1
    assert scene.bends and scene.group == BENDING_GROUPS[kind]
    assert before.frames.shape == after.frames.shape == (FRAMES, *before.owner.shape[1:], 3)
    assert len(before.objects) == (2 if "crossing" in scene.group else 1)
    assert (before.owner[0] == number).sum() > 200
    assert (before.frames[0] == after.frames[0]).all()  # the edit begins there
    assert abs(scene.away[-1]) > 20
    near = (before.owner == number) | (after.owner == number)
    same = (before.frames == after.frames).all(-1)
    assert (~same & ~near).mean() < 0.01  # soft edges alone
    ground = scene.without[-1][near[-1] & (before.owner[-1] == number)]
    assert np.abs(ground.astype(int) - before.frames[-1][before.owner[-1] == number]).mean() > 5


def test_it_changes_its_shape():
    scene = make_edited_bending(8, FRAMES)
    areas = [np.argwhere(mask) for mask in scene.masks]
    shapes = [{tuple(at) for at in own - own.min(0)} for own in areas]
    assert len(shapes[0] & shapes[1]) < 0.97 * len(shapes[0] | shapes[1])


@pytest.mark.parametrize("kind", range(len(BENDING_GROUPS)))
def test_the_ground_moves_with_the_camera(kind):
    scene = make_edited_bending(8 + kind, FRAMES)
    x, y = (round(scene.before.motions[0, -1, axis, 2]) for axis in (0, 1))
    assert bool(x or y) == ("camera" in scene.group)
    height, width = scene.without.shape[1:3]
    free = scene.before.owner == 0
    rows, columns = slice(max(0, y), height + min(0, y)), slice(max(0, x), width + min(0, x))
    back = slice(max(0, -y), height + min(0, -y)), slice(max(0, -x), width + min(0, -x))
    both = free[-1][rows, columns] & free[0][back]
    assert (scene.before.frames[-1][rows, columns][both] == scene.before.frames[0][back][both]).mean() > 0.95
