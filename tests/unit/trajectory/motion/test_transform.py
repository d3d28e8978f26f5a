"""Transforms: what they do to the control points shows in the sampled clip, for every kind of track."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import Point, Track, Trajectories, TrajectoryError, parse, sampling
from dragnuwa.trajectory.motion import transform as change
from dragnuwa.trajectory.motion import windows
from dragnuwa.trajectory.sampling import visibility

WIDTH, HEIGHT = 320, 200
SIZE = np.array([WIDTH, HEIGHT], dtype=float)

unit = st.integers(0, 64).map(lambda k: k / 64)
coordinate = st.integers(-16, 80).map(lambda k: k / 64)
handle = st.none() | st.tuples(coordinate, coordinate)
pair = st.tuples(st.integers(0, 63), st.integers(1, 64)).map(lambda p: (p[0] / 64, min(p[0] + p[1], 64) / 64))


@st.composite
def tracks(draw, single=True, eases=("linear", "ease_in", "ease_out", "ease_in_out", "constant")):
    count = draw(st.integers(1 if single else 2, 6))
    times = sorted(draw(st.sets(st.integers(0, 64), min_size=count, max_size=count)))
    start, end = draw(pair)
    visible = draw(st.just(((0.0, 1.0),)) | st.lists(pair, max_size=3).map(tuple))
    return Track(
        points=tuple(
            Point(draw(coordinate), draw(coordinate), t / 64, draw(handle), draw(handle)) for t in times
        ),
        spline=draw(st.sampled_from(["pchip", "linear", "catmull_rom", "bezier"])),
        timing=draw(st.sampled_from(["points", "keys", "arc_length"])),
        ease=draw(st.sampled_from(eases)),
        start=start, end=end, visible=visible, enabled=draw(st.booleans()),
    )  # fmt: skip


def values(**settings):
    def named(items):
        return Trajectories(tuple(replace(track, id=f"t{k}") for k, track in enumerate(items)), (WIDTH, HEIGHT))

    return st.lists(tracks(**settings), min_size=1, max_size=4).map(named)


def positions(value, fractions):
    return sampling.positions(value.tracks, np.asarray(fractions), SIZE)


def clip(frames=33):
    return np.linspace(0, 1, frames)


@given(values(), coordinate, coordinate)
def test_shift(value, dx, dy):
    moved = change.shift(value, dx, dy)
    np.testing.assert_allclose(
        positions(moved, clip()), positions(value, clip()) + np.array([dx, dy]) * SIZE, atol=1e-6
    )


def follow_exactly(value):
    """Single points drift to the right and down whatever is done to them, and arc length is measured anew."""
    assume(all(len(track.points) > 1 and track.timing != "arc_length" for track in value.tracks))


@given(values(single=False), st.sampled_from([(2, 2), (0.5, 1.5), (-1, 0.25)]))
def test_scale(value, factors):
    follow_exactly(value)
    centre = np.array([0.25, 0.5]) * SIZE
    scaled = change.scale(value, *factors, centre=(0.25, 0.5))
    expected = centre + np.array(factors) * (positions(value, clip()) - centre)
    np.testing.assert_allclose(positions(scaled, clip()), expected, atol=1e-6)


@given(values(single=False), st.floats(-360, 360))
def test_rotate(value, degrees):
    """In pixels, every spline, also at constant speed."""
    centre = (0.75, 0.5) * SIZE
    turned = change.rotate(value, degrees, (WIDTH, HEIGHT), centre=(0.75, 0.5))
    a = np.radians(degrees)
    expected = centre + (positions(value, clip()) - centre) @ np.array(
        [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
    )
    for track, found, wanted in zip(value.tracks, positions(turned, clip()), expected, strict=True):
        if not (track.timing == "arc_length" and track.ease == "constant"):  # rounding decides at which frame it jumps
            np.testing.assert_allclose(found, wanted, atol=1e-4)


@given(values(single=False))
def test_mirror(value):
    found = positions(change.mirror(value, "horizontal"), clip())
    np.testing.assert_allclose(found, [WIDTH, 0] + [-1, 1] * positions(value, clip()), atol=1e-4)
    found = positions(change.mirror(value, "vertical"), clip())
    np.testing.assert_allclose(found, [0, HEIGHT] + [1, -1] * positions(value, clip()), atol=1e-4)


@given(values(eases=("linear", "ease_in", "ease_out", "ease_in_out")))
def test_retime(value):
    late = change.retime(value, 0.25, 0.75)
    np.testing.assert_allclose(positions(late, 0.25 + clip() / 2), positions(value, clip()), atol=1e-6)
    np.testing.assert_allclose(positions(late, [0, 0.2]), positions(value, [0, 0]), atol=1e-6)
    np.testing.assert_allclose(positions(late, [0.8, 1]), positions(value, [1, 1]), atol=1e-6)
    seen = visibility(value.tracks, clip())
    np.testing.assert_array_equal(visibility(late.tracks, 0.25 + clip() / 2), seen)
    np.testing.assert_array_equal(visibility(late.tracks, np.array([0, 1.0])), seen[:, [0, -1]])


@given(values(single=False))
def test_reverse(value):
    back = change.reverse(value)
    moments = clip(38)  # off the sixty-fourths at which tracks jump
    for track, found, wanted in zip(value.tracks, positions(back, 1 - moments), positions(value, moments), strict=True):
        if not (track.timing == "arc_length" and track.ease == "constant"):
            np.testing.assert_allclose(found, wanted, atol=2e-3 if track.timing == "arc_length" else 1e-5)
    np.testing.assert_array_equal(visibility(back.tracks, 1 - clip()), visibility(value.tracks, clip()))
    assert parse(back.to_json(), width=WIDTH, height=HEIGHT) == back


@given(st.integers(2, 9), st.sampled_from(["points", "keys", "arc_length"]))
def test_a_track_that_jumps_is_exactly_reversed(count, timing):
    """Frame by frame, at the very moments of the jumps, too; points that are doubled make arc length stand still."""
    pixels = np.array([0, 1, 1, 2, 4, 4, 4, 7, 8][:count]) / 8
    t = [None, *(k / 10 for k in range(1, count))]
    track = Track(tuple(Point(x, 0.5, time) for x, time in zip(pixels, t, strict=True)), spline="linear",
                  timing=timing, ease="constant")  # fmt: skip
    value = Trajectories((track,), (WIDTH, HEIGHT))
    back = change.reverse(value)
    assert parse(back.to_json(), width=WIDTH, height=HEIGHT) == back
    if track.timing == "keys":
        return  # its last time is not the clip's end; covered by test_reverse
    frames = np.arange(81) / 80
    np.testing.assert_allclose(positions(back, frames)[:, ::-1], positions(value, frames), atol=1e-6)


def test_an_anchor_reversed_drifts_as_ever():
    anchor = Track((Point(0.5, 0.5),), kind="anchor", start=0.25)
    (back,) = change.reverse(Trajectories((anchor,), (WIDTH, HEIGHT))).tracks
    assert back == replace(anchor, start=0.0, end=0.75)


@given(values(), st.integers(2, 9), st.integers(1, 4), st.integers(0, 5))
def test_windows_in_a_chain_are_the_whole_clip(value, count, number_of, short):
    """Each begins where the one before it ended, and together they are what the whole clip is; beyond its end it
    rests."""
    frames = max(2, number_of * (count - 1) + 1 - min(short, count - 2))
    whole, seen = value.sample(frames, WIDTH, HEIGHT)
    for number in range(1, number_of + 1):
        first = (number - 1) * (count - 1)
        if first >= frames - 1:
            break
        part = windows.chained_window(value, number, count, ClipShape(WIDTH, HEIGHT, frames))
        assert parse(part.to_json(), width=WIDTH, height=HEIGHT) == part
        found, visible = part.sample(count, WIDTH, HEIGHT)
        index = np.minimum(np.arange(first, first + count), frames - 1)
        np.testing.assert_allclose(found, whole[:, index], atol=1e-6)
        np.testing.assert_array_equal(visible, seen[:, index])
        assert [replace(track, points=(), spline="", timing="", visible=()) for track in part.tracks] == [
            Track((), track.id, track.name, track.color, track.enabled, spline="", timing="", visible=())
            for track in value.tracks
        ]


def test_a_window_knows_where_a_path_is_outside_of_the_picture():
    leaving = Track((Point(0.5, 0.5), Point(1.5, 0.5), Point(0.5, 0.5)), spline="linear")
    part = windows.window(Trajectories((leaving,), (WIDTH, HEIGHT)), 4, 5, ClipShape(WIDTH, HEIGHT, 9))
    np.testing.assert_allclose([p.x for p in part.tracks[0].points], [1.5, 1.25, 1.0, 0.75, 0.5])


def test_a_transform_does_its_parts_in_order():
    value = Trajectories((Track((Point(0.2, 0.4), Point(0.7, 0.9))),), (WIDTH, HEIGHT))
    assert change.transform(value, change.Transform(), (WIDTH, HEIGHT)) == value
    done = change.Transform("both", 0.5, 30, (0.5, 0.5), (0.1, 0.2), True, 0.25, 1, 15, 8, 2)
    expected = change.shift(
        change.rotate(change.scale(change.mirror(value, "both"), 0.5, 0.5), 30, (WIDTH, HEIGHT)), 0.1, 0.2
    )
    expected = change.retime(change.reverse(expected), 0.25, 1)
    expected = windows.window(expected, 7, 8, ClipShape(WIDTH, HEIGHT, 15))
    assert change.transform(value, done, (WIDTH, HEIGHT)) == expected


BAD = {
    "a window past the end": (lambda v: windows.chained_window(v, 4, 8, ClipShape(9, 9, 22)), ["frame 22"]),
    "a window of one frame": (lambda v: windows.window(v, 0, 1, ClipShape(9, 9, 22)), ["2 to 4096"]),
    "too many points": (lambda v: windows.window(v, 0, 4096, ClipShape(9, 9, 4096)), ["1,048,576"]),
    "no scale": (lambda v: change.scale(v, 1, 0), ["scale_y", "other than 0"]),
    "far away": (lambda v: change.shift(v, 1e5, 0), ["10,000 widths"]),
    "nowhere": (lambda v: change.shift(v, float("nan"), 0), ["nan"]),
    "no time": (lambda v: change.retime(v, 0.5, 0.5), ["start should be earlier than end"]),
    "out of the clip": (lambda v: change.retime(v, 0, 2), ["end", "0 to 1"]),
    "an unknown mirror": (lambda v: change.mirror(v, "diagonal"), ["mirror", "diagonal"]),
}


@pytest.mark.parametrize("case", BAD)
def test_impossible_transforms_are_refused(case):
    operation, words = BAD[case]
    count = 300 if case == "too many points" else 1
    value = Trajectories((Track((Point(0.5, 0.5), Point(0.6, 0.5))),) * count, (WIDTH, HEIGHT))
    with pytest.raises(TrajectoryError) as caught:
        operation(value)
    assert all(word in str(caught.value) for word in words), str(caught.value)
