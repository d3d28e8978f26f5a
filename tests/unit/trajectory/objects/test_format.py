"""Objects in the versioned JSON: round trips, old versions, and documents that mean harm."""

import dataclasses
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.trajectory import (
    DrawnPath,
    Key,
    Keyframes,
    MotionObject,
    OutlineKey,
    Point,
    Track,
    Trajectories,
    TrajectoryError,
)
from dragnuwa.trajectory.types import EASES, EDITS, SPLINES
from tests.support.drawings import TYPE, parsed
from tests.support.drawings import objects_value as value

RING = [{"x": 0.2, "y": 0.3}, {"x": 0.4, "y": 0.25}, {"x": 0.35, "y": 0.6}]
HELD = {"points": [{"x": 0.5, "y": 0.5}]}


def thing(**fields):
    return {"outline": [RING], "motion": HELD, **fields}


fractions = st.floats(0, 1)
coordinates = st.floats(-1e4, 1e4)
positions = st.tuples(st.floats(-2, 3), st.floats(-2, 3))
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=256)
spans = st.lists(fractions, min_size=2, max_size=2, unique=True).map(sorted)


@st.composite
def rings(draw):
    """A triangle that encloses something, and any places after it, which may make it cross itself."""
    x, y = draw(positions)
    side = draw(st.floats(0.01, 1))
    return ((x, y), (x + side, y), (x, y + side), *draw(st.lists(positions, max_size=5)))


@st.composite
def keyframes(draw):
    times = sorted(draw(st.lists(st.floats(0.001, 1), min_size=1, max_size=5, unique=True)))
    numbers = st.tuples(coordinates, coordinates, st.floats(-36_000, 36_000), st.floats(0.01, 100))
    keys = [Key(t, *draw(numbers), draw(st.sampled_from(EASES))) for t in times]
    return Keyframes(((Key(0.0, ease=draw(st.sampled_from(EASES))),) if draw(st.booleans()) else ()) + tuple(keys))


points = st.lists(st.builds(Point, coordinates, coordinates), min_size=1, max_size=5).map(tuple)
paths = st.builds(DrawnPath, points, st.sampled_from(SPLINES), st.just("arc_length"), st.sampled_from(EASES))


@st.composite
def objects(draw, name):
    start, end = draw(spans)
    return MotionObject(
        outline=tuple(draw(st.lists(rings(), min_size=1, max_size=3))),
        pivot=draw(st.tuples(coordinates, coordinates)),
        motion=draw(st.one_of(paths, keyframes())),
        id=name,
        name=draw(words),
        color=draw(st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)),
        enabled=draw(st.booleans()),
        start=start,
        end=end,
        visible=tuple(draw(st.lists(st.tuples(fractions, fractions).map(sorted).map(tuple), max_size=3))),
        group=draw(words),
        grow=draw(st.floats(-1, 1)),
        feather=draw(fractions),
        shutter=draw(fractions),
        edit=draw(st.sampled_from(EDITS)),
        delay=draw(st.floats(-1, 1)),
        at=draw(fractions),
        followed=tuple(
            OutlineKey(at, tuple(draw(st.lists(rings(), min_size=1, max_size=2))))
            for at in sorted(draw(st.lists(fractions, max_size=3, unique=True)))
        ),
    )


@st.composite
def drawings(draw):
    names = draw(st.lists(words.filter(bool), unique=True, min_size=1, max_size=3))
    tracks = (Track((Point(0.1, 0.2),), id="t1"),) if draw(st.booleans()) else ()
    return Trajectories(tracks, (576, 320), tuple(draw(objects(name)) for name in names))


@given(drawings())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_written_and_read_again_it_is_equal(drawing):
    text = drawing.to_json()
    assert json.loads(text)["version"] == 2
    again = parsed(text)
    assert again == drawing and hash(again) == hash(drawing)
    assert again.to_json() == text
    positions, visible = again.sample(4, 64, 48)
    enabled = sum(each.enabled for each in again.objects)
    assert len(again.tracks) + enabled <= len(positions) <= len(again.tracks) + 8 * enabled
    assert ((positions >= 0) & (positions <= (63, 47))).all() and visible.shape == positions.shape[:2]
    assert again.object_masks(20, 10).shape == (enabled, 10, 20)


def test_defaults_are_filled_in():
    first, second = parsed(value(thing(), thing(motion={"keys": [{"t": 1}]}))).objects
    assert (first.id, second.id, first.color, second.color) == ("o1", "o2", "#1f77b4", "#ff7f0e")
    assert first.pivot == pytest.approx((0.3, 0.425))
    assert first.motion == DrawnPath((Point(0.5, 0.5),)) and second.motion == Keyframes((Key(1.0),))
    assert (first.name, first.enabled, first.start, first.end, first.visible) == ("", True, 0.0, 1.0, ((0.0, 1.0),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.pivot = (0, 0)


def test_without_objects_it_is_version_1():
    """Byte for byte as before there were objects (tests/saved holds the rest)."""
    assert parsed(value(tracks=[{"points": [{"x": 0.5, "y": 0.5}]}])).to_json() == (
        '{"type":"dragnuwa.trajectories","version":1,"canvas":{"width":576,"height":320},"tracks":[{"id":"t1","name":"",'
        '"color":"#1f77b4","enabled":true,"kind":"path","spline":"pchip","points":[{"x":0.5,"y":0.5}],'
        '"timing":"points","start":0.0,"end":1.0,"ease":"linear","visible":[[0.0,1.0]]}]}'
    )


def test_a_group_is_written_where_there_is_one_only():
    """An object without one is written byte for byte as before there were groups."""
    lone, grouped = (
        json.loads(parsed(value(thing(**group))).to_json())["objects"][0] for group in ({}, {"group": "g1"})
    )
    names = ["id", "name", "color", "enabled", "outline", "pivot", "motion", "start", "end", "visible"]
    assert list(lone) == names and list(grouped) == [*names, "group"] and grouped == lone | {"group": "g1"}
    assert json.loads(parsed(value(thing(group=""))).to_json())["objects"][0] == lone


def test_an_edge_is_written_where_the_outline_stays_as_drawn_only():
    first, snapped, exact = (
        json.loads(parsed(value(thing(**edge))).to_json())["objects"][0]
        for edge in ({}, {"edge": "snap"}, {"edge": "exact"})
    )
    assert first == snapped and exact == first | {"edge": "exact"}
    with pytest.raises(TrajectoryError, match="edge"):
        parsed(value(thing(edge="sharp")))


@pytest.mark.parametrize("area", ["shadow", "fill_from"])
def test_an_area_is_written_where_there_is_one_only(area: str):
    square = thing()["outline"]
    none, empty, given = (
        json.loads(parsed(value(thing(**fields))).to_json())["objects"][0]
        for fields in ({}, {area: []}, {area: square})
    )
    assert none == empty and given == none | {area: none["outline"]}
    with pytest.raises(TrajectoryError, match=f"Object 1 .*, {area}: an outline needs at least three corners"):
        parsed(value(thing(**{area: [square[0][:2]]})))
    with pytest.raises(TrajectoryError, match=f"{area} should be a list"):
        parsed(value(thing(**{area: 3})))


def test_what_finishes_a_cut_is_written_where_it_changes_something_only():
    plain, zeros, all_three = (
        json.loads(parsed(value(thing(**fields))).to_json())["objects"][0]
        for fields in ({}, {"grow": 0, "feather": -0.0, "shutter": 0.0}, {"shutter": 1, "grow": -0.01, "feather": 0.2})
    )
    assert zeros == plain and all_three == plain | {"grow": -0.01, "feather": 0.2, "shutter": 1}
    assert list(all_three)[-3:] == ["grow", "feather", "shutter"]


WHERE = 'Object 1 (id "o1")'
BAD = {
    "newer version": (value(version=3), ["version should be 1 or 2, but it is 3", "update the pack"]),
    "old version": (value(thing(), version=1), ["objects need the version 2"]),
    "no list": ({"type": TYPE, "version": 2, "tracks": []}, ['"objects" is missing']),
    "object as list": (value([]), ["Object 1", "an object in braces"]),
    "misspelt": (value(thing(visble=[])), [WHERE, 'Did you mean "visible"?']),
    "same id": (value(thing(id="a"), thing(id="a")), ["Object 2", "already that of object 1"]),
    "no outline": (value({"motion": HELD}), [WHERE, '"outline" is missing']),
    "no motion": (value({"outline": [RING]}), [WHERE, '"motion" is missing']),
    "empty outline": (value(thing(outline=[])), [WHERE, "no outline"]),
    "empty ring": (value(thing(outline=[RING, []])), [WHERE, "ring 2: an outline needs", "but it has 0"]),
    "on a line": (value(thing(outline=[[RING[0]] * 2 + [RING[1]]])), [f"{WHERE}: an outline needs", "3 corners do"]),
    "NaN": (value(thing(outline=[[*RING, {"x": float("nan"), "y": 0}]])), [WHERE, "corner 4: x", "NaN"]),
    "infinite key": (value(thing(motion={"keys": [{"t": 1, "x": float("inf")}]})), [WHERE, "key 1: x", "infinite"]),
    "infinite scale": (value(thing(motion={"keys": [{"t": 1, "scale": float("inf")}]})), ["scale", "0.01 to 100"]),
    "path and keys": (value(thing(motion={"points": [], "keys": []})), [WHERE, "either points or keys", "both"]),
    "neither": (value(thing(motion={})), [WHERE, "either points or keys", "neither"]),
    "no keys": (value(thing(motion={"keys": []})), [WHERE, "no keys"]),
    "falling keys": (value(thing(motion={"keys": [{"t": 0.5}, {"t": 0.4}]})), [WHERE, "key 2: t should be later"]),
    "moved at the start": (value(thing(motion={"keys": [{"t": 0, "x": 1}]})), ["key 1", "where the picture shows"]),
    "too many rings": (value(thing(outline=[RING] * 257)), [WHERE, "at most 256 items, but it has 257"]),
    "too many points": (value(thing(outline=[RING * 1000, RING * 400])), [WHERE, "at most 4,096 corners", "4,200"]),
    "too many objects": (value(*[thing()] * 257), ["at most 256 items, but it has 257"]),
    "a million points": (value(thing(outline=[RING * 350_000])), ["1,048,576 points, but they have 1,050,001"]),
    "a million in rings": (value(thing(outline=[RING] * 350_000)), ["1,048,576 points, but they have 1,050,001"]),
    "ring as number": (value(thing(outline=[5])), [WHERE, "ring 1", "a list in brackets"]),
    "grows too far": (value(thing(grow=-1.5)), [WHERE, "grow", "number from -1 to 1", "-1.5", "sqrt(width * height)"]),
    "grows by NaN": (value(thing(grow=float("nan"))), [WHERE, "grow", "NaN"]),
    "grows by a text": (value(thing(grow="1")), [WHERE, "grow", 'the text "1"']),
    "feather below 0": (value(thing(feather=-0.1)), [WHERE, "feather", "a number from 0 to 1", "-0.1"]),
    "endless feather": (value(thing(feather=float("inf"))), [WHERE, "feather", "infinite"]),
    "huge feather": (value(thing(feather=10**400)), [WHERE, "feather", "far too large"]),
    "shutter as switch": (value(thing(shutter=True)), [WHERE, "shutter", "a number from 0 to 1", "true", "0.5"]),
    "shutter in degrees": (value(thing(shutter=180)), [WHERE, "shutter", "180"]),
    "no shutter": (value(thing(shutter=None)), [WHERE, "shutter", "null"]),
    "half a character": (value(thing(name="\ud800")), [WHERE, "half of a character"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_values_are_refused_in_a_sentence_and_at_once(case):
    found, expected = BAD[case]
    begun = time.process_time()
    with pytest.raises(TrajectoryError) as caught:
        parsed(found)
    assert time.process_time() - begun < 2
    message = str(caught.value)
    assert all(word in message for word in expected), message
    assert message.endswith((".", "?")) and len(message) < 600


NAMES = ("x", "y", "t", "keys", "points")
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "name", "color", "enabled", "outline", "pivot", "motion", "start", "end", "visible", "other")


@given(st.dictionaries(st.sampled_from(FIELDS), json_values, min_size=1, max_size=2))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_whatever_a_field_holds_it_is_read_or_refused_in_words(fields):
    try:
        found = parsed(value(thing(**fields)))
    except TrajectoryError as error:
        assert str(error).isprintable()
    else:
        assert parsed(found.to_json()) == found


def test_points_of_tracks_and_objects_are_counted_together():
    tracks = [{"points": [{"x": 0, "y": 0}] * 10_000}] * 104
    with pytest.raises(
        TrajectoryError, match=r"all tracks and objects together .* 1,048,576 points, but they have 1,054"
    ):
        parsed(value(*[thing(outline=[RING * 1000])] * 4 + [thing(outline=[RING * 667])], tracks=tracks))


def test_object_that_would_become_too_many_points_is_refused():
    many = parsed(value(*[thing(motion={"keys": [{"t": 1, "x": 0.1}]})] * 256))
    with pytest.raises(TrajectoryError, match="all tracks together"):
        many.sample(4096, 64, 64)
