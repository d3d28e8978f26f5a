"""What is written in another tool's format comes back as far as that format can hold it, and the rest is told."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import Point, Track, Trajectories, TrajectoryError, parse, read_flo, write_flo
from dragnuwa.trajectory.formats.format import losses
from dragnuwa.trajectory.formats.registry import FILE_WRITERS, WRITERS
from dragnuwa.trajectory.sampling import evaluate, fit_curves
from dragnuwa.trajectory.types import EASES, MAX_TEXT_BYTES, MAX_TEXT_VALUES, MAX_TOTAL_POINTS, SPLINES
from tests.support.drawings import parsed_objects

WIDTH, HEIGHT = 576, 320
PIXEL = 2e-6  # a position is rounded to 1e-6 px when it is written, and again when it is sampled

coordinates = st.floats(-0.5, 1.5).map(lambda value: round(value, 9))
offsets = st.none() | st.tuples(coordinates, coordinates)
points = st.builds(Point, coordinates, coordinates, st.none(), offsets, offsets)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
intervals = st.sampled_from([((0.0, 1.0),), ((0.0, 0.4), (0.7, 1.0)), ((0.5, 1.0),), ()])


@st.composite
def tracks(draw) -> Track:
    control = tuple(draw(st.lists(points, min_size=1, max_size=5)))
    if draw(st.booleans()):
        return Track(control, name=draw(names))
    start = draw(st.sampled_from([0.0, 0.25]))
    return Track(
        control,
        name=draw(names),
        color=draw(st.sampled_from(["#1f77b4", "#00ff7f"])),
        enabled=draw(st.sampled_from([True, True, False])),
        kind=draw(st.sampled_from(["path", "anchor"])) if len(control) == 1 else "path",
        spline=draw(st.sampled_from(SPLINES)),
        timing=draw(st.sampled_from(["points", "arc_length"])),
        start=start,
        end=draw(st.sampled_from([1.0, 0.75])),
        ease=draw(st.sampled_from(EASES)),
        visible=draw(intervals),
    )


@st.composite
def values(draw) -> Trajectories:
    drawn = [draw(tracks()) for _ in range(draw(st.integers(0, 4)))]
    numbered = (
        Track(**{field: getattr(track, field) for field in Track.__slots__} | {"id": f"t{index + 1}"})
        for index, track in enumerate(drawn)
    )
    return Trajectories(tuple(numbered), (WIDTH, HEIGHT))


NEED_A_TRACK = ("kjnodes", "after_effects", "nuke")


def written(value: Trajectories, form: str, frames: int = 9) -> str:
    return WRITERS[form].write(value, ClipShape(WIDTH, HEIGHT, frames))


def lost(value: Trajectories, form: str, frames: int) -> list[str]:
    return losses(value, WRITERS[form].limits, ClipShape(WIDTH, HEIGHT, frames))


def back(value: Trajectories, form: str, frames: int = 9) -> Trajectories:
    return parse(written(value, form, frames), width=WIDTH, height=HEIGHT)


@given(values())
def test_our_json_holds_everything(value):
    assert back(value, "dragnuwa") == value
    assert lost(value, "dragnuwa", 9) == []


@given(values(), st.integers(2, 20))
def test_positions_at_the_frames_come_back(value, frames):
    expected, visible = value.sample(frames, WIDTH, HEIGHT)
    for form in ("kjnodes", "ltx", "csv", "tracking_points", "after_effects", "nuke"):
        if form in NEED_A_TRACK and not value.enabled:
            continue
        found, shown = back(value, form, frames).sample(frames, WIDTH, HEIGHT)
        np.testing.assert_allclose(found, expected, atol=PIXEL, rtol=0, err_msg=form)
        if form == "csv":
            np.testing.assert_array_equal(shown, visible)


@given(values(), st.integers(2, 20))
def test_arrays_come_back_as_float32_has_them(value, frames):
    """In any order of their axes that could be taken for the other one: few tracks that are close together and fast."""
    clip = ClipShape(WIDTH, HEIGHT, frames)
    expected, visible = value.sample(frames, WIDTH, HEIGHT)
    for form in ("npy", "npz"):
        writer = FILE_WRITERS[form]
        found, shown = parse(writer.content(value, clip), width=WIDTH, height=HEIGHT).sample(frames, WIDTH, HEIGHT)
        np.testing.assert_allclose(found, expected.astype(np.float32), atol=PIXEL, rtol=0, err_msg=form)
        if writer.limits.visibility:
            np.testing.assert_array_equal(shown, visible)


@given(values())
@settings(max_examples=30)
def test_atis_own_file_has_121_positions_and_what_is_seen(value):
    """The functions of its source (motion.py of bytedance/ATI), run by hand on 20 such files, gave these places to 1e-4
    px."""
    writer, clip = FILE_WRITERS["ati_pth"], ClipShape(WIDTH, HEIGHT, 9)
    if not value.enabled:
        with pytest.raises(TrajectoryError, match="at least one track for the format ati_pth"):
            writer.content(value, clip)
        return
    expected, visible = value.sample(121, WIDTH, HEIGHT)
    found, shown = parse(writer.content(value, clip), width=WIDTH, height=HEIGHT).sample(121, WIDTH, HEIGHT)
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
    np.testing.assert_array_equal(shown, visible)


@given(values(), st.integers(2, 20))
def test_paths_of_fl_path_animator_move_alike_unless_it_is_said(value, frames):
    kept = [track for track in value.tracks if track.enabled]
    for track in kept:
        one = Trajectories((track,), (WIDTH, HEIGHT))
        notes = " ".join(lost(one, "fl_paths", frames))
        found = back(one, "fl_paths", frames)
        expected, visible = one.sample(frames, WIDTH, HEIGHT)
        points, shown = found.sample(frames, WIDTH, HEIGHT)
        if "changes of speed" not in notes:
            alone = len(track.points) == 1 and len(track.visible) == 1  # an anchor's time may be that of being seen
            np.testing.assert_allclose(points, expected, atol=1 if alone else 1e-5, rtol=0)
        if "No visibility" not in notes:
            np.testing.assert_array_equal(shown, visible)
    assert [(track.name, track.color) for track in back(value, "fl_paths", frames).tracks] == [
        (track.name, track.color) for track in kept
    ]


@given(values(), st.integers(2, 20))
def test_ati_has_its_121_positions(value, frames):
    tracks = json.loads(written(value, "ati", frames))
    expected, _ = value.sample(121, WIDTH, HEIGHT)
    assert all(len(track) == 121 for track in tracks)
    found = np.array([[(point["x"], point["y"]) for point in track] for track in tracks]).reshape(-1, 121, 2)
    np.testing.assert_allclose(found, expected, atol=PIXEL, rtol=0)


@given(values())
def test_a_points_store_keeps_points_handles_names_and_colours(value):
    kept = [track for track in value.tracks if track.enabled]
    found = back(value, "points_store").tracks
    assert [(track.name, track.color, track.kind) for track in found] == [
        (track.name, track.color, track.kind) for track in kept
    ]
    for track, given_track in zip(found, kept, strict=True):
        for point, original in zip(track.points, given_track.points, strict=True):
            assert (point.x, point.y) == pytest.approx((original.x, original.y), abs=1e-8)
            if given_track.spline == "bezier" and original.handle_in is not None:
                assert point.handle_in == pytest.approx(original.handle_in, abs=1e-8)


@given(values())
@settings(max_examples=50)
def test_the_drawing_has_the_curves_and_is_well_formed(value):
    root = ET.fromstring(written(value, "svg"))
    kept = [track for track in value.tracks if track.enabled]
    assert len(root) == len(kept)
    for shape, track in zip(root, kept, strict=True):
        if len(track.points) == 1:
            assert float(shape.get("cx")) == pytest.approx(track.points[0].x * WIDTH, abs=5e-4)
            continue
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", shape.get("d"))]
        corners = np.array(numbers).reshape(-1, 2)
        curve = fit_curves([track], np.array([WIDTH, HEIGHT]))[:, :, 0]
        for segment in range(len(track.points) - 1):
            bezier = corners[3 * segment : 3 * segment + 4]
            middle = bezier.T @ [1 / 8, 3 / 8, 3 / 8, 1 / 8]
            np.testing.assert_allclose(middle, evaluate(curve, np.array([segment + 0.5]))[0], atol=1e-3)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 999))
def test_flow_files_come_back_exactly(width, height, seed):
    flow = np.random.default_rng(seed).normal(0, 20, (height, width, 2)).astype(np.float32)
    np.testing.assert_array_equal(read_flo(write_flo(flow)), flow)


LINE = (Point(0.25, 0.5), Point(0.75, 0.5))
SAID = {
    "switched off": (Track(LINE, enabled=False), "Left out: 1 track disabled."),
    "hidden": (Track(LINE, visible=((0.0, 0.5),)), "No visibility: 1 track hidden in some frames"),
    "named": (Track(LINE, name="wing"), "No names and no colours."),
    "a curve": (Track(LINE, spline="bezier"), "No curves: 1 track written as 14 positions each."),
    "outside": (Track((Point(-0.1, 0.5), Point(0.5, 0.5))), "Nothing outside of the picture: 1 track held"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_lost_is_told(case):
    track, note = SAID[case]
    value = Trajectories((track,), (WIDTH, HEIGHT))
    assert any(said.startswith(note) for said in lost(value, "kjnodes", 14))
    plain = Trajectories((Track(LINE),), (WIDTH, HEIGHT))
    assert lost(plain, "tracking_points", 14) == []


@given(values())
def test_what_says_that_nothing_is_lost_loses_nothing(value):
    """Only for the forms that our reader takes with its defaults."""
    for form in ("points_store", "tracking_points"):
        if not lost(value, form, 9):
            for frames in (9, 14):
                expected, seen = value.sample(9, WIDTH, HEIGHT)
                found, shown = back(value, form).sample(9, WIDTH, HEIGHT)
                np.testing.assert_allclose(found, expected, atol=PIXEL, rtol=0, err_msg=f"{form} {frames}")
                np.testing.assert_array_equal(shown, seen)


def test_the_same_numbers_are_written_as_the_editor_writes_them():
    value = parse("[[[25,25],[128.5,128]]]", width=WIDTH, height=HEIGHT)
    assert written(value, "kjnodes", 2) == '[{"x":25,"y":25},{"x":128.5,"y":128}]'
    assert written(value, "ltx", 2) == '[[{"x":25,"y":25},{"x":128.5,"y":128}]]'
    assert written(value, "nuke", 2) == "# frame x1 y1\n1 25 295\n2 128.5 192\n"
    assert written(value, "tracking_points") == "[[[25,25],[128.5,128]]]"
    assert written(value, "csv", 2) == "frame,track,x,y,visible\n0,1,25,25,1\n1,1,128.5,128,1\n"


def test_nothing_in_a_name_is_markup():
    hostile = "</title><script>'\"&\x00"
    drawing = written(Trajectories((Track(LINE, name=hostile),), (WIDTH, HEIGHT)), "svg")
    assert ET.fromstring(drawing)[0][0].text == hostile.replace("\x00", "\ufffd")


@pytest.mark.parametrize("form", WRITERS)
def test_no_track_is_an_error_where_a_reader_would_fail_on_it(form):
    value = Trajectories((Track(LINE, enabled=False),), (WIDTH, HEIGHT))
    if form in NEED_A_TRACK:
        with pytest.raises(TrajectoryError, match=f"at least one track for the format {form}, .* Draw a drag"):
            written(value, form)
    elif form != "svg":
        assert back(value, form).enabled == ()
        if form in ("ati", "ltx"):
            assert any(note.startswith("No tracks: ") for note in lost(value, form, 9))


@pytest.mark.parametrize("form", ["ati", "kjnodes", "ltx", "csv", "after_effects", "nuke"])
def test_more_positions_than_can_be_read_are_not_written(form):
    value = Trajectories((Track(LINE),) * 10_000, (WIDTH, HEIGHT))
    with pytest.raises(TrajectoryError, match=r"at most 1,048,576\. Switch tracks off, or set fewer frames"):
        written(value, form, frames=105)


@pytest.mark.parametrize("form", ["ati", "kjnodes", "csv"])
def test_as_many_positions_as_are_written_can_be_read(form):
    """The longest text for each position, times as many as there may be: 8,665 tracks of ATI."""
    long = Trajectories((Track((Point(0.123456789, 0.123456789),) * 2, spline="linear"),) * 2, (65_536, 65_536))
    text = WRITERS[form].write(long, ClipShape(65_536, 65_536, 121))
    assert len(text) / 242 * MAX_TOTAL_POINTS < MAX_TEXT_BYTES
    assert sum(text.count(mark) for mark in "[{,") / 242 * MAX_TOTAL_POINTS < MAX_TEXT_VALUES or form == "csv"


def test_another_form_is_not_known():
    with pytest.raises(KeyError, match="docx"):
        written(Trajectories((), (WIDTH, HEIGHT)), "docx")


def test_a_format_that_knows_no_objects_gets_their_tracks_and_says_what_is_lost():
    ring = [{"x": 0.2, "y": 0.2}, {"x": 0.4, "y": 0.2}, {"x": 0.4, "y": 0.6}]
    turn = {"outline": [ring], "motion": {"keys": [{"t": 1, "rotation": 90}]}}
    rest = {"outline": [ring], "motion": {"points": [{"x": 0.3, "y": 0.3}]}, "enabled": False}
    drags, clip = parsed_objects(turn, rest, size=(WIDTH, HEIGHT)), ClipShape(WIDTH, HEIGHT, 5)
    number = len(drags.at_frames(clip).tracks)
    for form, writer in WRITERS.items():
        notes = " ".join(losses(drags, writer.limits, clip))
        if writer.limits is None:
            assert notes == "" and parse(writer.write(drags, clip), width=8, height=8) == drags
            continue
        assert f"No objects: 1 object written as {number} tracks, without outlines and order." in notes, form
        assert writer.write(drags.as_tracks(clip), clip)
