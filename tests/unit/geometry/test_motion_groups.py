"""Which drags move as one."""

import numpy as np
import pytest

from dragnuwa.geometry.similarity import motion_groups

TIME = np.linspace(0, 1, 8)


def straight(start: complex, shift: complex) -> np.ndarray:
    return start + shift * TIME


def turned(start: complex, centre: complex, angle: float) -> np.ndarray:
    return centre + (start - centre) * np.exp(1j * angle * TIME)


TOGETHER = {
    "parallel": [straight(50 + 20j, 30j), straight(50 + 80j, 30j)],
    "drawn by hand": [straight(50 + 20j, 30j), straight(50 + 80j, 3 + 24j)],
    "turning about each other": [turned(20 + 50j, 50 + 50j, 0.8), turned(80 + 50j, 50 + 50j, 0.8)],
    "growing": [50 + 50j + arm * (1 + TIME) for arm in (20, 20j, -20)],
}
APART = {
    "opposite": [straight(20 + 50j, 30), straight(80 + 50j, -30)],
    "across": [straight(20 + 20j, 20), straight(220 + 220j, 20j)],
    "one further": [straight(20 + 20j, 60), straight(20 + 80j, 10)],
}


@pytest.mark.parametrize("case", TOGETHER)
def test_drags_that_move_as_one_are_one_body(case):
    assert [list(body) for body in motion_groups(np.array(TOGETHER[case]))] == [list(range(len(TOGETHER[case])))]


@pytest.mark.parametrize("case", APART)
def test_others_are_not(case):
    assert [list(body) for body in motion_groups(np.array(APART[case]))] == [[0], [1]]


def test_two_bodies_among_three_drags():
    tracks = np.array([straight(20 + 20j, 30j), straight(200 + 20j, -40), straight(20 + 90j, 30j)])
    assert sorted(map(list, motion_groups(tracks))) == [[0, 2], [1]]
