"""Merging: side by side, and object motion under a moving camera."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import Point, Track, Trajectories, TrajectoryError, from_arrays, parse
from dragnuwa.trajectory.motion.camera import Camera, camera_motion
from dragnuwa.trajectory.motion.layer import clear, concatenate, fit_motion, layer, merge
from dragnuwa.trajectory.sampling import positions, visibility
from tests.support.drawings import parsed_objects

WIDTH, HEIGHT, FRAMES = 576, 320, 14
CLIP = ClipShape(WIDTH, HEIGHT, FRAMES)
SIZE = np.array([WIDTH, HEIGHT], dtype=float)


def value(*tracks):
    return Trajectories(tracks, (WIDTH, HEIGHT))


def drag(*pixels, **fields):
    return Track(tuple(Point(x / WIDTH, y / HEIGHT) for x, y in pixels), **fields)


def at_frames(tracks):
    return positions(tracks, np.linspace(0, 1, FRAMES), SIZE)


CAR = drag((400, 200), (250, 180), (200, 200), id="car", name="car", color="#d62728", visible=((0, 0.8),))


@given(
    pan=st.floats(-80, 80), tilt=st.floats(-80, 80), zoom=st.floats(-50, 100), roll=st.floats(-90, 90),
    x=st.floats(0, 1), y=st.floats(0, 1),
)  # fmt: skip
@settings(max_examples=30)
def test_a_drag_relative_to_the_camera(pan, tilt, zoom, roll, x, y):
    camera = Camera(pan, tilt, zoom, roll, (x, y), "ease_in_out", 0.1, 0.9)
    grid = camera_motion(camera, (WIDTH, HEIGHT), spacing=100)
    if not grid.tracks:
        return
    (track,) = layer(value(CAR), grid, CLIP).tracks
    (found,), (drawn,) = at_frames([track]), at_frames([CAR])
    s = (np.clip(np.linspace(0, 1, FRAMES), 0.1, 0.9) - 0.1) / 0.8
    s = 3 * s**2 - 2 * s**3
    plane = camera.motion((WIDTH, HEIGHT))
    expected = np.diagonal(plane.at(drawn[:, 0] + 1j * drawn[:, 1], s))  # frame by frame
    np.testing.assert_allclose(found, np.stack([expected.real, expected.imag], -1), atol=0.02)
    assert (track.id, track.name, track.color, track.visible) == (CAR.id, CAR.name, CAR.color, CAR.visible)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_camera_of_a_few_drags(count):
    """One is a shift, two on a diagonal a similarity, more an affine map: each exactly."""
    matrix = {1: np.eye(2), 2: np.array([[0.8, -0.3], [0.3, 0.8]]), 5: np.array([[1.2, 0.1], [-0.2, 0.7]])}[count]
    source = np.array([(100, 50), (400, 200), (300, 80), (50, 250), (500, 300)], dtype=float)[:count]
    target = source @ matrix.T + [30, -20]
    path = source[:, None] + np.linspace(0, 1, FRAMES)[:, None] * (target - source)[:, None]
    camera = from_arrays(path, width=WIDTH, height=HEIGHT)
    moved = at_frames(layer(value(drag((200, 150), (200, 150))), camera, CLIP).tracks)[0]
    np.testing.assert_allclose(moved[-1], matrix @ [200, 150] + [30, -20], atol=1e-6)
    np.testing.assert_allclose(moved[0], [200, 150], atol=1e-9)


def test_noise_is_averaged():
    random = np.random.default_rng(0)
    source = random.uniform(0, 300, (400, 2))
    matrix, shift = fit_motion(
        source, source @ np.array([[1.1, 0], [0.2, 0.9]]).T + [5, 6] + random.normal(size=(400, 2))
    )
    np.testing.assert_allclose(matrix, [[1.1, 0], [0.2, 0.9]], atol=5e-3)
    np.testing.assert_allclose(matrix @ [150, 150] + shift, [170, 171], atol=0.2)


@pytest.mark.parametrize("line", [[(10, 10), (20, 20), (40, 40)], [(10, 10), (10, 10)], [(5, 5)] * 4])
def test_places_on_a_line_or_on_one_spot_give_no_shear(line):
    source = np.array(line, dtype=float)
    matrix, shift = fit_motion(source, source + np.array([3, 4]))
    np.testing.assert_allclose(matrix, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(shift, [3, 4], atol=1e-9)


def test_what_is_hidden_does_not_count_for_the_camera():
    path = np.zeros((5, FRAMES, 2)) + np.array([(100, 50), (400, 200), (300, 80), (50, 250), (200, 200)])[:, None]
    path[:4] += np.arange(FRAMES)[:, None] * [4, 0]  # a pan; the fifth is a guess from the middle of the clip on
    visible = np.ones((5, FRAMES), dtype=bool)
    visible[4, 7:] = False
    path[4, :7] += np.arange(7)[:, None] * [4, 0]
    moved = at_frames(layer(value(CAR), from_arrays(path, visible, width=WIDTH, height=HEIGHT), CLIP).tracks)[0]
    np.testing.assert_allclose(moved - at_frames([CAR])[0], np.arange(FRAMES)[:, None] * [4, 0], atol=1e-6)


def test_an_anchor_stays_on_its_spot_of_the_scene():
    anchor = drag((300, 100), kind="anchor", id="pin")
    camera = camera_motion(Camera(pan=-10), (WIDTH, HEIGHT), spacing=50)
    (track,) = layer(value(anchor), camera, CLIP).tracks
    np.testing.assert_allclose(at_frames([track])[0, -1], [300 + 57.6, 100], atol=1e-6)
    still = value(drag((50, 50), kind="anchor"), drag((90, 90), kind="anchor", id="b"))
    assert layer(value(anchor), still, CLIP) == value(anchor)


def test_what_is_switched_off_stays_as_it_is():
    off = replace(CAR, enabled=False, id="off")
    camera = camera_motion(Camera(pan=10), (WIDTH, HEIGHT), spacing=80)
    assert layer(value(off, CAR), camera, CLIP).tracks[0] == off
    with pytest.raises(TrajectoryError, match="the camera should have at least one track"):
        layer(value(CAR), value(off), CLIP)


def test_side_by_side_keeps_all_and_makes_ids_their_own():
    merged = concatenate([value(CAR, drag((1, 1), id="a")), value(CAR), value(CAR, drag((2, 2), id="car-2"))])
    assert [track.id for track in merged.tracks] == ["car", "a", "car-2", "car-3", "car-2-2"]
    assert replace(merged.tracks[2], id="car") == CAR
    assert parse(merged.to_json(), width=WIDTH, height=HEIGHT) == merged


def test_the_camera_makes_room_for_the_drags():
    camera = camera_motion(Camera(pan=20), (WIDTH, HEIGHT), spacing=20)
    roomy = clear(camera, value(CAR), 40, CLIP)
    fractions = np.linspace(0, 1, FRAMES)
    found, seen = at_frames(roomy.tracks), visibility(roomy.tracks, fractions)
    car, shown = at_frames([CAR])[0], visibility([CAR], fractions)[0]
    before = visibility(camera.tracks, fractions)
    distance = np.linalg.norm(at_frames(camera.tracks) - car, axis=-1)
    assert seen.sum() == (before & ~((distance < 40) & shown)).sum() < before.sum()
    assert (np.linalg.norm(found - car, axis=-1)[seen & shown] >= 40).all()


def test_merge_puts_the_drags_over_the_camera():
    camera = camera_motion(Camera(pan=20), (WIDTH, HEIGHT), spacing=50)
    both = merge(value(CAR), camera, "concatenate", 0, CLIP)
    assert both.tracks == (*camera.tracks, CAR)
    layered = merge(value(CAR), camera, "layer", 30, CLIP)
    assert layered.tracks[-1] == layer(value(CAR), camera, CLIP).tracks[0]
    assert layered.tracks[:-1] == clear(camera, value(layered.tracks[-1]), 30, CLIP).tracks


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "blend"}, ["mode", '"concatenate", "layer"']),
        ({"clearance": math.inf}, ["clearance", "infinite"]),
        ({"frames": 1}, ["number of frames", "2 to 4096"]),
        ({"width": 0}, ["width"]),
    ],
)
def test_impossible_merges_are_refused(change, words):
    settings = {"mode": "layer", "clearance": 1, **vars(CLIP), **change}
    clip = ClipShape(*(settings.pop(name) for name in ("width", "height", "frames")))
    with pytest.raises(TrajectoryError) as caught:
        merge(value(CAR), value(CAR), clip=clip, **settings)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_too_many_tracks_are_refused():
    many = value(*(drag((1, 1), id=str(k)) for k in range(16384)))
    with pytest.raises(TrajectoryError, match="16,384 tracks, but there are 16,385"):
        concatenate([many, value(CAR)])


def test_groups_of_different_values_stay_apart():
    ring = [{"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.1}, {"x": 0.2, "y": 0.2}]
    thing = {"outline": [ring], "motion": {"points": [{"x": 0.1, "y": 0.1}]}}
    values = [
        parsed_objects(*(thing | {"group": name} if name else thing for name in names), size=(64, 64))
        for names in (["g1", "g1", ""], ["g1", "", "g1", "g1-2"])
    ]
    assert [each.group for each in concatenate(values).objects] == ["g1", "g1", "", "g1-3", "", "g1-3", "g1-2"]
