"""Which tracks say that the whole frame moves, and how it does."""

import cmath

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.geometry.similarity import find_camera_motion, find_ground_motion
from dragnuwa.geometry.warps import SimilarityWarp

WIDTH, HEIGHT, FRAMES = 160, 90, 8
CENTRE = WIDTH / 2 + 1j * HEIGHT / 2
CORNERS = np.array([40 + 25j, 120 + 25j, 40 + 65j, 120 + 65j])
SWARM = np.array([30 + 30j, 60 + 32j, 90 + 28j, 130 + 31j])  # over the width, but not the height


def moved(starts: np.ndarray, turn: complex = 1, shift: complex = 0) -> np.ndarray:
    """`[n, T]`: places that grow and turn around the frame's centre, and shift, evenly."""
    way = np.linspace(0, 1, FRAMES)
    return CENTRE + turn**way * (starts[:, None] - CENTRE) + way * shift


def found(tracks: np.ndarray, visible: np.ndarray | None = None):
    visible = np.ones(tracks.shape, bool) if visible is None else visible
    return find_camera_motion(tracks, visible, (WIDTH, HEIGHT))


@given(st.floats(0.8, 1.2), st.floats(-0.2, 0.2), st.complex_numbers(min_magnitude=3, max_magnitude=12))
def test_any_similarity_is_found(scale, angle, shift):
    tracks = moved(CORNERS, cmath.rect(scale, angle), shift)
    motion, belong = found(tracks)
    assert belong.all()
    for time in range(FRAMES):
        np.testing.assert_allclose(SimilarityWarp(motion).sources(tracks[:, time], time), CORNERS, atol=1e-6)


def test_tracks_that_stop_at_the_border_belong_to_it():
    tracks = moved(CORNERS, shift=60)
    stopped = np.minimum(tracks.real, WIDTH - 1) + 1j * tracks.imag
    assert (tracks[:, -1].real > WIDTH - 1).sum() == 2
    motion, belong = found(stopped)
    assert belong.all()
    np.testing.assert_allclose(motion.shift[-1], 60, atol=1e-6)


def test_what_is_hidden_says_nothing():
    tracks = moved(CORNERS, turn=1.2)
    visible = np.ones(tracks.shape, bool)
    visible[1, 5:] = False
    visible[2, 3] = False
    tracks[1, 5:], tracks[2, 3] = tracks[1, 4], 0
    motion, belong = found(tracks, visible)
    assert belong.all()
    np.testing.assert_allclose(motion.factor[-1], 1.2, atol=1e-6)


def test_where_nothing_is_known_the_frame_rests():
    tracks = moved(CORNERS, shift=20)
    visible = np.ones(tracks.shape, bool)
    visible[:, 6:] = False
    motion, _ = found(tracks, visible)
    np.testing.assert_allclose(motion.shift[5:], tracks[0, 5] - tracks[0, 0], atol=1e-6)


def test_a_swarm_is_no_camera():
    assert found(moved(SWARM, shift=20))[0] is None


def test_three_are_too_few():
    assert found(moved(CORNERS[:3], shift=20))[0] is None


def test_what_moves_otherwise_or_rests_does_not_belong():
    others = np.stack([moved(np.array([80 + 45j]), shift=-30)[0], np.full(FRAMES, 80 + 20j)])
    motion, belong = found(np.concatenate([others, moved(CORNERS, shift=20)]))
    assert motion is not None
    assert belong.tolist() == [False, False, True, True, True, True]


def test_no_tracks_at_all():
    motion, belong = found(np.zeros((0, FRAMES), complex))
    assert motion is None and belong.shape == (0,)


def test_few_tracks_on_the_ground_move_it_if_they_are_far_apart_and_move_as_one():
    size = (WIDTH, HEIGHT)
    tracks = moved(CORNERS[:3], turn=1.1, shift=9)
    shown = np.ones(tracks.shape, bool)
    motion = find_ground_motion(tracks, shown, size)
    np.testing.assert_allclose(SimilarityWarp(motion).sources(tracks[:, -1], -1), CORNERS[:3], atol=1e-6)
    assert find_ground_motion(tracks[:2], shown[:2], size) is None
    assert find_ground_motion(moved(CENTRE + np.array([0, 9, 9j]), shift=9), shown, size) is None
    apart = tracks.copy()
    apart[1, -1] += 0.08 * np.hypot(*size)
    assert find_ground_motion(apart, shown, size) is None
    shown[1, -1] = False
    assert find_ground_motion(apart, shown, size) is not None
