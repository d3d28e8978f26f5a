"""The versioned JSON: read strictly, written canonically."""

import copy
import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.trajectory import Point, Track, Trajectories, TrajectoryError, parse
from tests.support.drawings import parsed

TYPE = "dragnuwa.trajectories"
FULL = {
    "type": TYPE,
    "version": 1,
    "canvas": {"width": 640, "height": 360},
    "tracks": [
        {
            "id": "left wing",
            "name": "翼",
            "color": "#A0b1C2",
            "enabled": False,
            "kind": "path",
            "spline": "bezier",
            "points": [
                {"x": 0.1, "y": 0.5, "out": {"x": 0.05, "y": 0}},
                {"x": -2, "y": 3.25, "t": 0.5, "in": {"x": -0.1, "y": 0.1}, "out": {"x": 0, "y": 0}},
            ],
            "timing": "keys",
            "start": 0.25,
            "end": 0.75,
            "ease": "ease_in_out",
            "visible": [[0.5, 1], [0, 0.25]],
        }
    ],
}


def with_track(**changes):
    """A valid value with one track, changed; a change to None removes the key."""
    one = {"id": "t1", "points": [{"x": 0.1, "y": 0.5}, {"x": 0.4, "y": 0.3}]} | changes
    return {"type": TYPE, "version": 1, "tracks": [{k: v for k, v in one.items() if v is not ...}]}


def with_point(**changes):
    return with_track(points=[{"x": 0.1, "y": 0.5}, {"x": 0.4, "y": 0.3} | changes])


def test_everything_is_read():
    expected = Track(
        id="left wing",
        name="翼",
        color="#A0b1C2",
        enabled=False,
        kind="path",
        spline="bezier",
        points=(
            Point(0.1, 0.5, handle_out=(0.05, 0.0)),
            Point(-2.0, 3.25, t=0.5, handle_in=(-0.1, 0.1), handle_out=(0.0, 0.0)),
        ),
        timing="keys",
        start=0.25,
        end=0.75,
        ease="ease_in_out",
        visible=((0.5, 1.0), (0.0, 0.25)),
    )
    assert parsed(FULL) == Trajectories((expected,), (640, 360))
    assert parsed(json.dumps(FULL)) == parsed(json.dumps(FULL).encode()) == parsed(FULL)


def test_defaults_are_the_original():
    found = parsed({"type": TYPE, "version": 1, "tracks": [{"points": [{"x": 0, "y": 1}]}] * 2})
    assert found.canvas == (576, 320)
    first, second = found.tracks
    assert first == Track(points=(Point(0.0, 1.0),), id="t1", color="#1f77b4")
    assert second == Track(points=(Point(0.0, 1.0),), id="t2", color="#ff7f0e")
    assert (first.kind, first.spline, first.timing, first.ease) == ("path", "pchip", "points", "linear")
    assert (first.start, first.end, first.visible, first.enabled) == (0.0, 1.0, ((0.0, 1.0),), True)


def test_missing_ids_are_filled_without_collision():
    points = {"points": [{"x": 0, "y": 0}]}
    tracks = [points, points | {"id": "t1"}, points, points | {"id": "t3"}, points]
    found = parsed({"type": TYPE, "version": 1, "tracks": tracks})
    ids = [track.id for track in found.tracks]
    assert ids[1] == "t1" and ids[3] == "t3"
    assert len(set(ids)) == 5
    assert ids == ["t2", "t1", "t4", "t3", "t5"]


def test_no_track_is_a_valid_value():
    assert parsed({"type": TYPE, "version": 1, "tracks": []}).tracks == ()
    assert parsed("[]").tracks == ()


def test_the_value_is_immutable_and_hashable():
    value = parsed(FULL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.tracks = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.tracks[0].points[0].x = 0.0
    assert not hasattr(value, "__dict__") and not hasattr(value.tracks[0].points[0], "__dict__")
    assert len({value, parsed(FULL)}) == 1
    assert copy.deepcopy(value) == value
    assert parse(value, width=8, height=8) is value


def test_the_text_is_canonical():
    text = parsed(with_track(visible=[], name='a"b')).to_json()
    assert text == (
        '{"type":"dragnuwa.trajectories","version":1,"canvas":{"width":576,"height":320},"tracks":[{"id":"t1",'
        '"name":"a\\"b","color":"#1f77b4","enabled":true,"kind":"path","spline":"pchip","points":[{"x":0.1,"y":0.5},'
        '{"x":0.4,"y":0.3}],"timing":"points","start":0.0,"end":1.0,"ease":"linear","visible":[]}]}'
    )
    assert list(json.loads(parsed(FULL).to_json())["tracks"][0]["points"][1]) == ["x", "y", "t", "in", "out"]


fractions = st.floats(0, 1)
coordinates = st.floats(-1e4, 1e4)
offsets = st.none() | st.tuples(coordinates, coordinates)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=256)
points = st.builds(Point, coordinates, coordinates, st.none() | fractions, offsets, offsets)


@st.composite
def tracks(draw, name):
    start, end = sorted(draw(st.lists(fractions, min_size=2, max_size=2, unique=True)))
    kind = draw(st.sampled_from(["path", "anchor"]))
    most = 1 if kind == "anchor" else 6
    return Track(
        points=tuple(draw(st.lists(points, min_size=1, max_size=most))),
        id=name,
        name=draw(words),
        color=draw(st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)),
        enabled=draw(st.booleans()),
        kind=kind,
        spline=draw(st.sampled_from(["pchip", "linear", "catmull_rom", "bezier"])),
        timing=draw(st.sampled_from(["points", "arc_length"])),
        start=start,
        end=end,
        ease=draw(st.sampled_from(["linear", "ease_in", "ease_out", "ease_in_out", "constant"])),
        visible=tuple(draw(st.lists(st.tuples(fractions, fractions).map(sorted).map(tuple), max_size=3))),
    )


@st.composite
def values(draw):
    names = draw(st.lists(words.filter(bool), unique=True, max_size=4))
    canvas = st.tuples(st.integers(1, 65_536), st.integers(1, 65_536))
    return Trajectories(tuple(draw(tracks(name)) for name in names), draw(canvas))


@given(values())
@settings(deadline=None, derandomize=True)
def test_written_and_read_again_it_is_equal(value):
    again = parse(value.to_json(), width=8, height=8)
    assert again == value
    assert again.to_json() == value.to_json()
    assert again.sample(3, 64, 48)[0].shape == (sum(track.enabled for track in value.tracks), 3, 2)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8, unique=True).map(sorted), st.data())
@settings(deadline=None, derandomize=True)
def test_key_times_survive(times, data):
    keys = tuple(Point(0.5, 0.5, t) for t in times)
    value = Trajectories((Track(keys, timing="keys"),), (8, 8))
    assert parse(value.to_json(), width=8, height=8) == value
    k = data.draw(st.integers(1, len(times) - 1))
    fallen = (*keys[:k], Point(0.5, 0.5, times[k - 1]), *keys[k + 1 :])
    with pytest.raises(TrajectoryError, match=rf"Track 1 .*point {k + 1}: t should be later"):
        parse(Trajectories((Track(fallen, timing="keys"),), (8, 8)).to_json(), width=8, height=8)


def test_times_may_be_kept_in_any_order_where_they_are_not_used():
    value = with_track(points=[{"x": 0, "y": 0, "t": 0.9}, {"x": 0, "y": 0, "t": 0.1}])
    assert [point.t for point in parsed(value).tracks[0].points] == [0.9, 0.1]


T1 = 'Track 1 (id "t1")'
BAD = {
    # the value as a whole
    "type": ({"type": "something.else", "version": 1, "tracks": []}, ["type", f'"{TYPE}"', '"something.else"']),
    "no type": ({"version": 1, "tracks": []}, [f'"type": "{TYPE}"', '"version", "tracks"']),
    "empty object": ({}, ["an empty object"]),
    "no version": ({"type": TYPE, "tracks": []}, ['"version"', "missing"]),
    "newer version": ({"type": TYPE, "version": 3, "tracks": []}, ["version", "1 or 2", "it is 3", "update"]),
    "version as text": ({"type": TYPE, "version": "1", "tracks": []}, ["version", 'the text "1"']),
    "version as boolean": ({"type": TYPE, "version": True, "tracks": []}, ["version", "it is true"]),
    "no tracks": ({"type": TYPE, "version": 1}, ['"tracks"', "missing"]),
    "tracks as object": ({"type": TYPE, "version": 1, "tracks": {}}, ["tracks", "a list", "an empty object"]),
    "unknown key": ({"type": TYPE, "version": 1, "tracks": [], "track": []}, ['"track"', 'Did you mean "tracks"?']),
    "canvas": ({"type": TYPE, "version": 1, "tracks": [], "canvas": [1, 2]}, ["canvas", "a list of 2 items"]),
    "canvas size": (
        {"type": TYPE, "version": 1, "tracks": [], "canvas": {"width": 0, "height": 8}},
        ["width", "whole number", "0"],
    ),
    "canvas key": (
        {"type": TYPE, "version": 1, "tracks": [], "canvas": {"width": 8, "height": 8, "depth": 8}},
        ["canvas", '"depth"', '"width", "height"'],
    ),
    "number": (5, ["object or a list", "it is 5"]),
    "nothing": (None, ["object or a list", "missing"]),
    "some object": (object(), ["object or a list", "type object"]),
    # a track
    "track as list": ({"type": TYPE, "version": 1, "tracks": [[]]}, ["Track 1", "an object", "an empty list"]),
    "misspelt key": (with_track(colour="#000000"), [T1, '"colour"', 'Did you mean "color"?']),
    "strange key": (with_track(thickness=3), [T1, '"thickness"', "known keys", '"spline"']),
    "empty id": (with_track(id=""), ["Track 1: id", "1 to 256 characters", "0"]),
    "long id": (with_track(id="a" * 257), ["Track 1: id", "257"]),
    "id as number": (with_track(id=7), ["Track 1: id", "a text", "it is 7"]),
    "half a character": (with_track(name="\ud800"), [T1, "name", "half of a character"]),
    "long name": (with_track(name="a" * 257), [T1, "name", "256", "257", "shorter"]),
    "colour name": (with_track(color="red"), [T1, "color", '"#1f77b4"', 'the text "red"']),
    "enabled as number": (with_track(enabled=1), [T1, "enabled", "true or false", "it is 1"]),
    "kind": (with_track(kind="brush"), [T1, "kind", '"path", "anchor"', '"brush"']),
    "spline": (with_track(spline=["pchip"]), [T1, "spline", '"pchip", "linear", "catmull_rom"', "a list of 1 item"]),
    "timing": (with_track(timing="fast"), [T1, "timing", '"points", "arc_length", "keys"', '"fast"']),
    "ease": (with_track(ease=None), [T1, "ease", '"constant"', "missing"]),
    "start": (with_track(start=-0.1), [T1, "start", "from 0 to 1", "-0.1"]),
    "start as boolean": (with_track(start=True), [T1, "start", "it is true"]),
    "end": (with_track(end=float("nan")), [T1, "end", "NaN"]),
    "start at end": (with_track(start=0.5, end=0.5), [T1, "start should be earlier than end", "0.5"]),
    "start after end": (with_track(start=0.75, end=0.25), [T1, "start is 0.75", "end is 0.25"]),
    "anchor of two points": (with_track(kind="anchor"), [T1, "anchor", "exactly 1 point", "it has 2", '"path"']),
    "no points": (with_track(points=...), [T1, '"points"', "missing"]),
    "empty points": (with_track(points=[]), [T1, "no points", "delete the track"]),
    "points as object": (with_track(points={"x": 1}), [T1, "points", "a list", 'keys "x"']),
    "visible as boolean": (with_track(visible=True), [T1, "visible", "a list", "true"]),
    "visible flat": (with_track(visible=[0, 1]), [T1, "visible interval 1", "two numbers", "it is 0"]),
    "visible of three": (with_track(visible=[[0, 1, 2]]), [T1, "visible interval 1", "a list of 3 items"]),
    "visible outside": (with_track(visible=[[0, 1], [0, 1.5]]), [T1, "visible interval 2", "its end", "1.5"]),
    "visible backwards": (with_track(visible=[[0.6, 0.4]]), [T1, "visible interval 1", "from 0.6 to 0.4", "Exchange"]),
    # a point
    "point as pair": (with_track(points=[[0.1, 0.2]]), [T1, "point 1", "an object", "a list of 2 items"]),
    "no x": (with_track(points=[{"y": 0.2}]), [T1, "point 1: x", "a number", "missing"]),
    "x as text": (with_point(x="0.4"), [T1, "point 2: x", "a number", 'the text "0.4"']),
    "x as boolean": (with_point(x=False), [T1, "point 2: x", "it is false"]),
    "x NaN": (with_point(x=float("nan")), [T1, "point 2: x", "NaN"]),
    "y infinite": (with_point(y=float("-inf")), [T1, "point 2: y", "infinite"]),
    "y far away": (with_point(y=10001), [T1, "point 2: y", "-10,000 to 10,000", "10001"]),
    "x huge": (with_point(x=10**400), [T1, "point 2: x", "far too large"]),
    "t": (with_point(t=1.5), [T1, "point 2: t", "from 0 to 1", "1.5"]),
    "t null": (with_point(t=None), [T1, "point 2: t", "missing"]),
    "unknown point key": (with_point(z=1), [T1, "point 2", '"z"', '"x", "y", "t", "in", "out"']),
    "handle as pair": (with_point(out=[0, 1]), [T1, "point 2: out", "an object", "a list of 2 items"]),
    "handle without y": (with_point(**{"in": {"x": 0}}), [T1, "point 2: y of in", "a number", "missing"]),
    "handle key": (with_point(**{"in": {"x": 0, "y": 0, "t": 0}}), [T1, 'point 2, "in"', '"t"']),
    "falling keys": (
        with_track(timing="keys", points=[{"x": 0, "y": 0, "t": 0.5}, {"x": 0, "y": 0, "t": 0.25}]),
        [T1, "point 2: t", "later", "0.5", "0.25", '"points"'],
    ),
    "no time left for the first point": (
        with_track(timing="keys", points=[{"x": 0, "y": 0}, {"x": 0, "y": 0, "t": 0}, {"x": 0, "y": 0}]),
        [T1, "point 2: t", "later"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_values_are_refused_with_help(case):
    value, expected = BAD[case]
    with pytest.raises(TrajectoryError) as caught:
        parsed(value)
    message = str(caught.value)
    assert all(word in message for word in expected), message
    assert message.endswith((".", "?")) and len(message) < 600


def test_the_later_track_is_named():
    good = {"points": [{"x": 0, "y": 0}]}
    bad = {"id": "wing", "points": [{"x": 0, "y": 0}, {"x": 0, "y": None}]}
    with pytest.raises(TrajectoryError, match=r'Track 3 \(id "wing"\), point 2: y'):
        parsed({"type": TYPE, "version": 1, "tracks": [good, good, bad]})
    same = {"id": "wing", "points": [{"x": 0, "y": 0}]}
    with pytest.raises(TrajectoryError, match='Track 3: the id "wing" is already that of track 2'):
        parsed({"type": TYPE, "version": 1, "tracks": [good, same, same]})


def test_limits():
    point = {"x": 0.5, "y": 0.5}

    def tracks(count, length):
        return {"type": TYPE, "version": 1, "tracks": [{"points": [point] * length}] * count}

    assert len(parsed(tracks(16384, 2)).tracks) == 16384
    assert len(parsed(tracks(1, 10_000)).tracks[0].points) == 10_000
    with pytest.raises(TrajectoryError, match=r"at most 16,384 items, but it has 16,385"):
        parsed(tracks(16385, 1))
    with pytest.raises(TrajectoryError, match=r"Track 1 .*at most 10,000 items, but it has 10,001"):
        parsed(tracks(1, 10_001))
    with pytest.raises(TrajectoryError, match=r"all tracks together .*1,048,576 points, but they have 1,050,000"):
        parsed(tracks(105, 10_000))
    assert len(parsed(with_track(visible=[[0, 1]] * 10_000)).tracks[0].visible) == 10_000
    with pytest.raises(TrajectoryError, match=r"visible should have at most 10,000"):
        parsed(with_track(visible=[[0, 1]] * 10_001))


def test_a_text_that_could_not_be_read_again_is_not_written():
    many = Trajectories((Track((Point(0.0, 0.0),), name="é" * 2**20),) * 60, (8, 8))
    with pytest.raises(TrajectoryError, match=r"at most 96 MiB, but the first 48 of 60 tracks have more"):
        many.to_json()
    short = Track((Point(0.0, 0.0, 0.5, (0.0, 0.0), (0.0, 0.0)),) * 10_000, spline="bezier")
    with pytest.raises(TrajectoryError, match=r"at most 5,242,880 values, but the first 53 of 100 tracks hold more"):
        Trajectories((short,) * 100, (8, 8)).to_json()
    with pytest.raises(TrajectoryError, match="not finite"):
        Trajectories((Track((Point(float("nan"), 0.0),)),), (8, 8)).to_json()


@pytest.mark.parametrize(("width", "height"), [(0, 320), (576, True), (576.0, 320), (None, 320), (576, 65_537)])
def test_the_picture_needs_a_size(width, height):
    with pytest.raises(TrajectoryError, match=r"picture's (width|height) should be a whole number from 1 to 65536"):
        parse([], width=width, height=height)
