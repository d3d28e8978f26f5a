"""Scenes with a thing that bends: its frames are where its places say."""

import numpy as np
import pytest

from dragnuwa.research.scenes.bending import WAYS, make_bending_scene


@pytest.mark.parametrize("way", WAYS)
def test_the_truth_is_one(way):
    scene = make_bending_scene(7, way=way, side=160, frames=5, drags=4)
    again = make_bending_scene(7, way=way, side=160, frames=5, drags=4)
    assert np.array_equal(scene.picture, again.picture) and np.array_equal(scene.moved, again.moved)
    assert np.abs(scene.moved[0] - scene.places).max() < 1e-9
    assert np.abs(scene.moved[-1] - scene.moved[0]).max() > 3
    x, y = (np.rint(part[:, 0]).astype(int) for part in (scene.drags.real, scene.drags.imag))
    assert (scene.opacity[y, x] > 0.5).all()
    first, opacity = scene.frame(scene.moved[0])
    assert np.abs(first - scene.picture / 255).mean() < 0.01
    _, bent = scene.frame(scene.moved[-1])
    assert abs(bent.sum() / opacity.sum() - 1) < 0.15


def test_a_joint_keeps_lengths_along_the_spine():
    scene = make_bending_scene(3, way="bend", side=160)
    near = np.abs(scene.places[:, None] - scene.places) == 2  # neighbours on the grid
    u, v = np.nonzero(near)
    stretched = np.abs(scene.moved[-1][u] - scene.moved[-1][v]) / 2
    assert 0.8 < np.median(stretched) < 1.2 and stretched.min() > 0.1
