"""Text from anywhere: bounded, one meaning, and helpful when it cannot be read."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.trajectory import TrajectoryError
from dragnuwa.trajectory.formats import importing
from tests.support.drawings import parsed

HEAD = '{"type":"dragnuwa.trajectories","version":1,'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty", "Draw a drag", '"[]"']),
        (" \n\t ", ["empty"]),
        (b"", ["empty"]),
        ("hello", ["JSON", "line 1, column 1", "hello"]),
        ("[[[25,25],\n[128 128]]]", ["line 2, column 6", "128 128", "Paste"]),
        ("[[[25,25],[128,128]]", ["at its end", "[[25,25],[128,128]]"]),
        ("[[{'x': 1, 'y' 2}]]", ["line 1, column 16", "'y' 2"]),
        ("'", ["line 1, column 1"]),
        ('"just a text"', ["object or a list", "just a text"]),
        ("null", ["object or a list", "missing"]),
        ("12", ["object or a list", "12"]),
        (b"\xff\xfe[", ["UTF-8", "byte 3", "Save the file again"]),
        (b"[[[1, 2]]\xff", ["UTF-8", "byte 10"]),
        ("[[[NaN, 1]]]", ["Track 1: no point of it is known", "NaN"]),
        ("[[[1, 1], [1, Infinity]]]", ["Track 1, point 2: y", "infinite"]),
        ("[[[1, -Infinity]]]", ["Track 1, point 1: y", "infinite"]),
        ("[[[1, 1e999]]]", ["Track 1, point 1: y", "infinite"]),
        ("[[[1, 2, NaN]]]", ["Track 1, point 1", "visible", "NaN"]),
        ('[[{"x": 1, "y": 2, "p": NaN}]]', ["Track 1, point 1", "field p", "NaN"]),
        ('[{"points": [{"x": 1, "y": 2}], "tension": NaN}]', ["Track 1", "field tension", "NaN"]),
        ("[[[1, 1" + "0" * 100_000 + "]]]", ["Track 1, point 1: y", "infinite"]),
        (HEAD + '"tracks":[{"points":[{"x":NaN,"y":0}]}]}', ['Track 1 (id "t1"), point 1: x', "NaN"]),
        (HEAD + '"tracks":[],"tracks":[]}', ['"tracks" twice', "Remove one"]),
        ('[[{"x":1,"x":2,"y":3}]]', ['"x" twice']),
        ("[" * 200_000, ["nested far too deeply"]),
        ("[" * 200_000 + "]" * 200_000, ["nested far too deeply"]),
        ('{"a":' * 200_000, ["nested far too deeply"]),
        ("(" * 200_000, ["nested far too deeply"]),
    ],
)
def test_bad_text_is_refused_with_help(text, words):
    with pytest.raises(TrajectoryError) as caught:
        parsed(text)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert len(message) < 600


ONE, OTHER = '[{"x": 1, "y": 2}, {"x": 3, "y": 2}]', "[[[5, 2], [3, 9]], [[1, 1]]]"


def test_texts_are_put_together():
    """Each a track, as WanTrackToVideo of ComfyUI takes them, or a list of tracks; from a link, or as JSON."""
    expected = parsed("[[[1, 2], [3, 2]], [[5, 2], [3, 9]], [[1, 1]]]")
    for value in ([ONE, OTHER], (ONE, OTHER), json.dumps([ONE, OTHER])):
        assert parsed(value) == expected
    assert parsed([OTHER]) == parsed(OTHER) and parsed([HEAD + '"tracks":[]}']).tracks == ()


OURS = HEAD + '"tracks":[{"id":"t1","points":[{"x":0.5,"y":0.5}],"name":"ours"}]}'


@pytest.mark.parametrize("between", ["", " ", ", ", "\n", ";\r\n", "\u2003"])
def test_two_editors_joined_are_both_sets_of_drags(between):
    """KJNodes' JoinStrings and JoinStringMulti put a delimiter between texts, or make a list of them."""
    assert parsed(between.join([ONE, OTHER])) == parsed([ONE, OTHER])
    both = parsed([OURS, ONE, OURS])
    assert [(track.id, track.name) for track in both.tracks] == [("t1", "ours"), ("t1-2", ""), ("t1-3", "ours")]
    assert parsed(between.join([OURS, ONE, OURS])) == both
    read = importing.read([OURS, ONE], width=576, height=320)
    assert read.report.startswith("Read 2 texts, trajectories of DragNUWA and coordinates of KJNodes: 2 tracks")


def test_texts_of_other_formats_are_put_together_too():
    table = "frame,track,x,y\n0,wing,25,40\n1,wing,30,40\n"
    found = parsed([OURS, table, OTHER])
    assert [track.name for track in found.tracks] == ["ours", "wing", "", ""]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([ONE, "hello"], "JSON"),
        ([ONE, ""], "empty"),
        ([ONE, HEAD + '"tracks":3}'], "Text 2 of 2: .* a list"),
        ([json.dumps([[1, 2]])] * 2 + ["[[1, 2]] " * 1001], "Text 3 of 3: .* at most 1,000 values one after another"),
        ([ONE, "3"], "Text 2 of 2"),
        ([ONE, 3], "Track 1"),
        ([" " * 2**26] * 2, "at most 96 MiB"),
        (["[" + "0," * 3 * 2**20] * 2, "at most 5,242,880 values"),
    ],
)
def test_texts_that_cannot_be_put_together_are_refused(texts, words):
    with pytest.raises(TrajectoryError, match=words):
        parsed(texts)


@pytest.mark.parametrize("text", [" " * (96 * 2**20 - 2) + "[]", (" " * (96 * 2**20 - 2) + "[]").encode()])
def test_ninety_six_mebibytes_are_read(text):
    assert parsed(text).tracks == ()


@pytest.mark.parametrize(
    "text", [" " * (96 * 2**20 - 1) + "[]", (" " * (96 * 2**20 - 1) + "[]").encode(), '["' + "é" * (48 * 2**20) + '"]']
)
def test_more_are_refused(text):
    with pytest.raises(TrajectoryError, match=r"at most 96 MiB, but it has 96\.0 MiB"):
        parsed(text)


@pytest.mark.parametrize("item", ["[],", '{"a":1},', "[{}],", "'',", "(", "1,"])
def test_a_text_of_more_values_than_tracks_have_is_not_decoded(item):
    with pytest.raises(TrajectoryError, match=r"at most 5,242,880 values, but it holds .* Use fewer tracks"):
        parsed("[" + item * (6 * 2**20))


def test_a_byte_order_mark_is_no_trouble():
    assert len(parsed("\ufeff[[[1,2]]]").tracks) == len(parsed(b"\xef\xbb\xbf[[[1,2]]]").tracks) == 1


def test_python_notation():
    text = """[{'points': [{'x': 1.5, 'y': 2}, {'x': 3, 'y': 4, 'on': None}], 'isSinglePoint': False, 'name': 'a (b)'},
              {"points": [{"x": 1, "y": 2}], 'isSinglePoint': True, 'name': "it's True (mostly)"},
              [(1, 2), (3, 4)]]"""
    one, two, three = parsed(text).tracks
    assert one.name == "a (b)" and len(one.points) == 2
    assert two.name == "it's True (mostly)" and two.kind == "anchor"
    assert len(three.points) == 2


@given(st.lists(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=5), max_size=5))
@settings(deadline=None, derandomize=True)
def test_what_python_prints_is_read(tracks):
    assert parsed(str(tracks)) == parsed(tracks)
    objects = [[{"x": x, "y": y} for x, y in points] for points in tracks]
    assert parsed(str(objects)) == parsed(objects) == parsed(tracks)


@given(st.text(alphabet="[]{}()'\",:\\ -0123456789.eExyNTrue\n", max_size=40) | st.binary(max_size=40))
@settings(deadline=None, derandomize=True, max_examples=1000)
def test_noise_never_fails_in_another_way(noise):
    try:
        value = parsed(noise)
    except TrajectoryError:
        return
    assert parsed(value.to_json()).tracks == value.tracks


@pytest.mark.parametrize("noise", ["'", '"', '\\"', "'\"", "\\'", "(", "True", "'a"])
def test_reading_takes_time_in_proportion_to_the_text(noise):
    begin = time.process_time()
    with pytest.raises(TrajectoryError):
        parsed(noise * (2**20 // len(noise)))
    assert time.process_time() - begin < 20  # a pattern that backtracks would take hours
