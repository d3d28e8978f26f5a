"""Objects that are changed with the drags: merged, transformed, retimed, cut into windows, moved by a camera."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import TrajectoryError, parse
from dragnuwa.trajectory.motion import brush, transform, windows
from dragnuwa.trajectory.motion.camera import Camera, camera_motion
from dragnuwa.trajectory.motion.layer import concatenate, merge
from dragnuwa.trajectory.objects import sampling
from dragnuwa.trajectory.objects.sampling import pivot_track
from tests.support.drawings import parsed_objects
from tests.support.moved_objects import moved_ring

SIZE = (400, 240)
PIXELS = np.array(SIZE, dtype=float)
CLIP = ClipShape(*SIZE, 17)
drawn = partial(parsed_objects, size=SIZE)
F = np.linspace(0, 1, 17)
RING = [{"x": 0.2, "y": 0.3}, {"x": 0.4, "y": 0.25}, {"x": 0.35, "y": 0.6}]
WAY = [{"x": 0.3, "y": 0.4}, {"x": 0.5, "y": 0.3}, {"x": 0.8, "y": 0.7}]
KEYS = [{"t": 0.25, "x": 0.1, "rotation": 50, "ease": "ease_in"}, {"t": 0.5, "scale": 2, "ease": "constant"},
        {"t": 0.75, "x": 0.2, "y": 0.1, "rotation": -400, "scale": 0.5}]  # fmt: skip
EASES = ("linear", "ease_in", "ease_out", "ease_in_out")


def thing(motion=None, **fields):
    return {"outline": [RING], "motion": motion or {"keys": KEYS}, **fields}


def rings(value, fractions=F, index=0):
    """[T, n, 2] pixels: the outline's first ring at each fraction of the clip."""
    return moved_ring(value.objects[index], 0, fractions, PIXELS)


def again(value):
    """Written and read again: what nodes pass on."""
    return parse(value.to_json(), width=8, height=8)


def test_merging_keeps_the_objects_of_all_with_ids_of_their_own():
    merged = again(concatenate([drawn(thing(id="a"), thing()), drawn(thing(id="a"))]))
    assert [each.id for each in merged.objects] == ["a", "o2", "a-2"]
    with pytest.raises(TrajectoryError, match="at most 256 objects, but there are 300"):
        concatenate([drawn(*[thing()] * 150)] * 2)


@pytest.mark.parametrize("motion", [{"keys": KEYS}, {"points": WAY, "timing": "arc_length"}])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda value: transform.mirror(value, "horizontal"), lambda p: p * (-1, 1) + (SIZE[0], 0)),
        (lambda value: transform.mirror(value, "vertical"), lambda p: p * (1, -1) + (0, SIZE[1])),
        (lambda value: transform.shift(value, 0.1, -0.2), lambda p: p + np.array([40, -48])),
        (lambda value: transform.scale(value, 2, 2), lambda p: (p - PIXELS / 2) * 2 + PIXELS / 2),
        (
            lambda value: transform.rotate(value, 90, SIZE),
            lambda p: (p - PIXELS / 2)[..., ::-1] * (-1, 1) + PIXELS / 2,
        ),
    ],
)
def test_in_the_plane_they_move_as_their_outline_would(motion, change, expected):
    value = drawn(thing(motion))
    np.testing.assert_allclose(rings(again(change(value))), expected(rings(value)), atol=0.02)


@pytest.mark.parametrize(
    ("change", "larger"),
    [
        (lambda value: transform.mirror(value, "both"), 1),
        (lambda value: transform.rotate(value, 33, SIZE), 1),
        (lambda value: transform.scale(value, 2, 0.5), 1),
        (lambda value: transform.scale(value, 3, 3), 3),
        (lambda value: transform.retime(value, 0.5, 1), 1),
        (transform.reverse, 0.5),  # it begins as small as it was at the end
        (lambda value: windows.window(value, 15, 33, CLIP), 0.5),
        (lambda value: concatenate([value, value]), 1),
    ],
)
def test_what_finishes_their_cuts_stays_and_its_lengths_become_longer_with_them(change, larger):
    value = drawn(thing(grow=-0.01, feather=0.02, shutter=0.5))
    each = again(change(value)).objects[0]
    assert (each.grow, each.feather, each.shutter) == pytest.approx((-0.01 * larger, 0.02 * larger, 0.5))


def test_lengths_end_at_their_limits():
    (each,) = again(transform.scale(drawn(thing(grow=-0.5, feather=0.5)), 10, 10)).objects
    assert (each.grow, each.feather) == (-1, 1)


@pytest.mark.parametrize("motion", [{"keys": KEYS}, {"points": WAY}, {"points": WAY[:1]}])
def test_retimed_and_reversed_they_are_where_they_were_at_that_time(motion):
    value = drawn(thing(motion, start=0.1, end=0.9, visible=[[0.2, 0.7]]))
    later = again(transform.retime(value, 0.5, 1.0))
    np.testing.assert_allclose(rings(later, 0.5 + F / 2), rings(value), atol=1e-6)
    assert later.objects[0].visible == ((0.6, 0.85),)
    back = again(transform.reverse(value))
    moments = np.linspace(0.003, 0.997, 40)  # beside those at which it jumps
    np.testing.assert_allclose(rings(back, 1 - moments), rings(value, moments), atol=1e-3)
    assert back.objects[0].visible[0] == pytest.approx((0.3, 0.8))


fractions = st.floats(0.05, 0.95)
keys = st.lists(
    st.builds(
        lambda t, x, rotation, scale, ease: {"t": t, "x": x, "rotation": rotation, "scale": scale, "ease": ease},
        fractions, st.floats(-1, 1), st.floats(-900, 900), st.floats(0.3, 3), st.sampled_from(EASES),
    ),
    min_size=1, max_size=4, unique_by=lambda key: round(key["t"], 2),
).map(lambda found: sorted(found, key=lambda key: key["t"]))  # fmt: skip


@given(keys, st.floats(0, 0.4), st.floats(0.6, 1))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_reversed_twice_they_move_as_before(given_keys, start, end):
    value = drawn(thing({"keys": given_keys}, start=start, end=end))
    once = again(transform.reverse(value))
    np.testing.assert_allclose(rings(once), rings(value)[::-1], atol=1e-4)
    np.testing.assert_allclose(rings(again(transform.reverse(once))), rings(value), atol=1e-4)


def test_a_window_is_the_part_of_the_clip_from_where_the_object_is_then():
    value = drawn(thing(visible=[[0, 0.5]]))
    part = again(windows.window(value, 8, 6, CLIP))
    np.testing.assert_allclose(rings(part, np.linspace(0, 1, 6)), rings(value)[8:14], atol=1e-6)
    assert part.objects[0].visible == ((0.0, 0.0),)


def test_before_a_moving_camera_they_move_with_it():
    camera = camera_motion(Camera(pan=20, zoom=30, roll=25), SIZE, spacing=60)
    value = drawn(thing())
    layered = again(merge(value, camera, "layer", 0, CLIP))
    corner = [{"points": [{"x": corner["x"], "y": corner["y"]}]} for corner in RING]
    resting = merge(drawn(thing({"points": WAY[:1]}), tracks=corner), camera, "layer", 0, CLIP)
    points = resting.tracks[-3:]
    moved = np.array([[(p.x * SIZE[0], p.y * SIZE[1]) for p in track.points] for track in points])  # [3, T, 2]
    np.testing.assert_allclose(rings(resting), moved.swapaxes(0, 1), atol=0.05)
    assert np.abs(rings(layered) - rings(value))[-1].max() > 20
    with pytest.raises(TrajectoryError, match=r"between 0\.01 and 100 times its size"):
        windows.window(drawn(thing({"keys": [{"t": 0.5, "scale": 0.01}, {"t": 1, "scale": 2}]})), 8, 6, CLIP)


def test_clearance_is_kept_from_objects_too():
    camera = camera_motion(Camera(pan=20), SIZE, spacing=20)
    kept = merge(drawn(thing()), camera, "concatenate", 30, CLIP)
    assert len(kept.tracks) < len(camera.tracks) or any(track.visible != ((0, 1),) for track in kept.tracks)
    assert len(kept.objects) == 1


@pytest.mark.parametrize("motion", [{"keys": KEYS}, {"points": WAY}])
def test_a_brush_follows_an_objects_way(motion):
    value = drawn(thing(motion, pivot={"x": 0.3, "y": 0.4}))
    (track,) = brush.paths(value, 1)
    assert track == pivot_track(value.objects[0])
    found = np.array([(p.x, p.y) for p in track.points])
    assert found[0] == pytest.approx((0.3, 0.4))
    end = sampling.transform(value.objects[0], np.ones(1), np.ones(2)).apply(np.array([[0.3 + 0.4j]]))[0, 0]
    assert complex(*found[-1]) == pytest.approx(end, abs=1e-9)
