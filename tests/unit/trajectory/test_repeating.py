"""Motions that go to and fro, or around, and what sways."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import TrajectoryError, parse, sampling, types
from dragnuwa.trajectory.motion.transform import mirror, reverse, rotate
from dragnuwa.trajectory.motion.windows import window
from dragnuwa.trajectory.objects import sampling as object_sampling
from dragnuwa.trajectory.objects.types import DrawnPath, Key, Keyframes, MotionObject
from dragnuwa.trajectory.pins import bent_object
from dragnuwa.trajectory.trajectories import Trajectories
from dragnuwa.trajectory.types import Loop, PinKey, Point, Sway, Track

SIZE = np.array([300.0, 200.0])
CANVAS = (300, 200)
TIMES = np.linspace(0, 1, 97)
LOOPS = [Loop(), *(Loop(mode, times) for mode, times in product(types.LOOPS[1:], (1, 3)))]
SETTINGS = list(product(types.SPLINES, types.TIMINGS, ("linear", "ease_in", "ease_in_out"), LOOPS))


def drawn(spline: str, timing: str, ease: str, loop: Loop, count: int, seed: int = 0) -> Track:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, 1, count)).tolist() if timing == "keys" else [None] * count
    points = [Point(*rng.uniform(0.2, 0.8, 2), t) for t in times]
    if spline == "bezier":
        points = [replace(p, handle_in=tuple(rng.uniform(-0.1, 0.1, 2)), handle_out=(0.05, 0.02)) for p in points]
    sway = Sway(0.03, 2, 0.2, 30) if count > 2 else None
    return Track(tuple(points), spline=spline, timing=timing, ease=ease, loop=loop, sway=sway, start=0.1, end=0.9)


def positions(value: Trajectories) -> np.ndarray:
    return sampling.positions(value.tracks, TIMES, SIZE)[0]


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize(("spline", "timing", "ease", "loop"), SETTINGS)
def test_a_motion_that_repeats(spline, timing, ease, loop, count):
    value = Trajectories((drawn(spline, timing, ease, loop, count),), CANVAS)
    there = positions(value)
    if loop.mode != "once":
        np.testing.assert_allclose(there[-1], there[0], atol=1e-6)
    assert parse(value.to_json(), width=300, height=200) == value
    np.testing.assert_allclose(positions(reverse(value)), there[::-1], atol=1e-4)
    np.testing.assert_allclose(positions(mirror(value, "horizontal")), np.stack([300 - there[:, 0], there[:, 1]], -1))
    if timing != "arc_length":  # measured in pixels of a square canvas when it is converted
        cos, sin = np.cos(np.radians(40)), np.sin(np.radians(40))
        turned = (there - SIZE / 2) @ np.array([[cos, sin], [-sin, cos]]) + SIZE / 2
        np.testing.assert_allclose(positions(rotate(value, 40, CANVAS)), turned, atol=1e-3)


def test_to_and_fro_reaches_its_end_and_comes_back():
    track = Track((Point(0.1, 0.5), Point(0.9, 0.5)), loop=Loop("ping_pong", 2))
    x = sampling.positions([track], np.array([0, 0.125, 0.25, 0.5, 0.75, 1]), SIZE)[0, :, 0]
    np.testing.assert_allclose(x, [30, 150, 270, 30, 270, 30], atol=1e-9)


@pytest.mark.parametrize("spline", ["pchip", "catmull_rom"])
def test_a_closed_path_is_smooth_where_it_begins(spline):
    """Also one that ends where it begins: the second drawing of the same path."""
    ring = [Point(0.5 + 0.3 * np.cos(a), 0.5 + 0.3 * np.sin(a)) for a in np.arange(8) * np.pi / 4]
    open_ended, ended = (Track(tuple(each), spline=spline, loop=Loop("closed")) for each in (ring, [*ring, ring[0]]))
    fractions = np.array([0, 0.001, 0.999])
    for track in (open_ended, ended):
        start, after, before = sampling.positions([track], fractions, SIZE)[0]
        np.testing.assert_allclose(after - start, start - before, atol=0.01)
    np.testing.assert_allclose(*(sampling.positions([each], TIMES, SIZE) for each in (open_ended, ended)), atol=1e-9)


def test_what_sways_is_no_anchor_and_does_not_drift():
    sways, rests = (Track((Point(0.5, 0.5),), kind="anchor", sway=sway) for sway in (Sway(0.1, 1), None))
    assert sampling.anchored([sways, rests]).tolist() == [False, True]
    there = sampling.positions([sways], np.array([0, 0.25, 0.5, 0.75, 1]), SIZE)[0]
    np.testing.assert_allclose(there[:, 1], 100)
    reach = 0.1 * np.sqrt(300 * 200)
    np.testing.assert_allclose(there[:, 0] - 150, [0, reach, 0, -reach, 0], atol=1e-9)


def test_those_that_sway_differ_by_their_phase():
    ways = [Sway(0.1, 2, phase).swing(TIMES) for phase in (0, 0.618)]
    assert np.abs(ways[0] - ways[1]).max() > 0.5
    for way in ways:
        assert abs(way[0]) < 1e-12 and abs(way[-1]) < 1e-9


def turning(loop: Loop, *keys: Key) -> MotionObject:
    square = (((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)),)
    return MotionObject(square, (0.5, 0.5), Keyframes(keys), loop=loop)


@pytest.mark.parametrize("loop", LOOPS[1:])
def test_an_object_that_repeats(loop):
    each = turning(loop, Key(0.5, 0.1, 0, 400, 1.5, "ease_in"), Key(1.0, -0.1, 0.1, 700, 0.5))
    motion = object_sampling.transform(each, TIMES, SIZE)
    assert abs(motion.factor[-1] - 1) < 1e-9 and abs(motion.shift[-1]) < 1e-6
    (back,) = reverse(Trajectories((), CANVAS, (each,))).objects
    there = object_sampling.transform(back, TIMES, SIZE)
    np.testing.assert_allclose(there.factor, motion.factor[::-1], atol=1e-9)
    np.testing.assert_allclose(there.shift, motion.shift[::-1], atol=1e-6)


def test_a_wheel_goes_on_turning():
    each = turning(Loop("closed", 3), Key(1.0, rotation=360))
    motion = object_sampling.transform(each, np.array([0, 1 / 12, 1 / 6, 1 / 3]), SIZE)
    np.testing.assert_allclose(motion.factor, [1, 1j, -1, 1], atol=1e-9)


def test_the_way_back_is_at_most_half_a_turn():
    each = turning(Loop("closed"), Key(1.0, rotation=300))
    angles = np.degrees(np.angle(object_sampling.transform(each, np.linspace(0.75, 1, 9), SIZE).factor))
    np.testing.assert_allclose(angles, np.linspace(-60, 0, 9), atol=1e-9)


def stem() -> np.ndarray:
    mask = np.zeros((200, 300), np.float32)
    mask[40:180, 140:160] = 1
    return mask


def test_a_stem_sways_from_the_ground_up():
    outline = (((0.46, 0.2), (0.54, 0.2), (0.54, 0.9), (0.46, 0.9)),)
    each = MotionObject(outline, (0.5, 0.5), Keyframes((Key(0.0),)), sway=Sway(0.1, 1, 0.0, waves=0.0))
    shape = bent_object(each, TIMES, CANVAS, stem())
    top, middle, foot = shape.moved(np.array([150 + 41j, 150 + 110j, 150 + 178j]))
    assert 10 < np.abs(top.real - 150).max() < 16  # a tenth of 140 px
    assert np.abs(middle.real - 150).max() < 0.5 * np.abs(top.real - 150).max()
    assert np.abs(foot - foot[0]).max() < 0.5
    np.testing.assert_allclose(shape.points[-1], shape.points[0], atol=1e-9)


def test_it_is_held_by_the_pins_that_rest():
    outline = (((0.46, 0.2), (0.54, 0.2), (0.54, 0.9), (0.46, 0.9)),)
    pins = (Track((Point(0.5, 0.21),)),)
    each = MotionObject(outline, (0.5, 0.5), Keyframes((Key(0.0),)), sway=Sway(0.1), pins=pins)
    top, foot = bent_object(each, TIMES, CANVAS, stem()).moved(np.array([150 + 41j, 150 + 178j]))
    assert np.abs(foot - foot[0]).max() > 10 > 1 > np.abs(top - top[0]).max()


def test_the_points_of_what_sways_are_counted_as_one_for_each_frame():
    outline = (((0.46, 0.2), (0.54, 0.2), (0.54, 0.9), (0.46, 0.9)),)
    path = DrawnPath((Point(0.5, 0.5), Point(0.6, 0.5)))
    each, clip = MotionObject(outline, (0.5, 0.5), path, sway=Sway(0.1)), ClipShape(300, 200, 25)
    points = sum(len(track.points) for track in object_sampling.tracks_of(each, clip))
    assert 25 < points <= object_sampling.most_points(each, clip)


def test_a_part_of_the_clip_shows_the_same_swing():
    outline = (((0.46, 0.2), (0.54, 0.2), (0.54, 0.9), (0.46, 0.9)),)
    each = MotionObject(outline, (0.5, 0.5), Keyframes((Key(0.0),)), sway=Sway(0.1, 3, 0.1))
    whole = Trajectories((), CANVAS, (each,))
    (part,) = window(whole, 10, 11, ClipShape(300, 200, 41)).objects
    later, cut = each.sway.swing(np.arange(10, 21) / 40, 0.3), part.sway.swing(np.arange(11) / 10, 0.3)
    np.testing.assert_allclose(cut, later - later[0], atol=1e-9)


def test_the_turns_of_a_pin_repeat_with_it():
    from dragnuwa.trajectory.pins import turns

    pins = [Track((Point(0.5, 0.5),), pin=(PinKey(1.0, 90),), loop=loop) for loop in LOOPS]
    turned, _ = turns(pins, np.array([0, 0.5, 1]))
    np.testing.assert_allclose(np.degrees(turned[:, -1]), [90, 0, 0, 0, 0], atol=1e-9)
    assert np.degrees(turned[1, 1]) == pytest.approx(90) and np.degrees(turned[3, 1]) == pytest.approx(60)


@pytest.mark.parametrize("loop", [{"mode": "back"}, {"mode": "closed", "times": 0}, {"mode": "closed", "times": 1.5}])
def test_a_wrong_loop_is_refused_by_name(loop):
    text = Trajectories((Track((Point(0.5, 0.5),), id="tail"),), CANVAS).to_json()
    wrong = text.replace('"tail"', f'"tail", "loop": {json.dumps(loop)}', 1)
    with pytest.raises(TrajectoryError, match=r"tail.*loop"):
        parse(wrong, width=300, height=200)
