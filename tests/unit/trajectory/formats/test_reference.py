"""Positions counted in something else than the format says: said in the report, and read as what a user says."""

import json

import numpy as np
import pytest

from dragnuwa.trajectory import TrajectoryError, parse, write_flo
from dragnuwa.trajectory.formats import importing, reference
from dragnuwa.trajectory.formats.reference import (
    BELOW_ZERO,
    BOTTOM,
    CENTRED,
    DIRECTIONS,
    FROM_CENTRE,
    IN_FRACTIONS,
    IN_MINUS_ONE,
    MINUS_ONE_TO_ONE,
    TOP,
    UNITS,
    Asked,
)

WIDTH, HEIGHT = 576, 320
SIZE = np.array([WIDTH, HEIGHT])
PLACES = np.array([[[100, 80], [200, 90], [420, 250]], [[30, 300], [60, 200], [500, 40]]], float)  # [N, T, 2]
FRAMES = PLACES.shape[1]


def lists(places: np.ndarray) -> str:
    return json.dumps(places.tolist())


def table(places: np.ndarray, axes: str = "x,y") -> str:
    lines = [f"{frame},{track},{x!r},{y!r}" for track, points in enumerate(places.tolist(), start=1)
             for frame, (x, y) in enumerate(points)]  # fmt: skip
    return "\n".join([f"frame,track,{axes}", *lines])


def lines(places: np.ndarray) -> str:
    return "\n\n".join("\n".join(f"{x!r} {y!r}" for x, y in points) for points in places.tolist())


def nuke(places: np.ndarray) -> str:
    rows = [" ".join(map(repr, row)) for row in places.swapaxes(0, 1).reshape(FRAMES, -1).tolist()]
    return "\n".join(["# frame x1 y1 x2 y2", *(f"{frame} {row}" for frame, row in enumerate(rows, start=1))])


def paths(places: np.ndarray) -> str:
    canvas = {"width": WIDTH, "height": HEIGHT}
    return json.dumps({"canvas_size": canvas, "paths": [
        {"points": [{"x": x, "y": y} for x, y in points], "visibilityMode": "static"} for points in places.tolist()
    ]})  # fmt: skip


def own(places: np.ndarray) -> str:
    tracks = [{"points": [{"x": x, "y": y} for x, y in points]} for points in places.tolist()]
    return json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": tracks})


def tracks(places: np.ndarray) -> dict:
    return {"track_path": places.swapaxes(0, 1)}


def texts(places: np.ndarray) -> list[str]:
    return [lists(places[:1]), lists(places[1:])]


def mixed(places: np.ndarray) -> list[str]:
    return [lists(places[:1]), table(places[1:])]


PIXELS = (lists, table, lines, paths, tracks, texts, mixed)
WRITTEN = {
    "pixels": PLACES, "fractions": PLACES / SIZE, FROM_CENTRE: PLACES - SIZE / 2,
    MINUS_ONE_TO_ONE: 2 * PLACES / SIZE - 1,
}  # fmt: skip
DOUBTS = {"pixels": "", "fractions": IN_FRACTIONS, FROM_CENTRE: CENTRED, MINUS_ONE_TO_ONE: IN_MINUS_ONE}
EVERY_DOUBT = (IN_FRACTIONS, CENTRED, IN_MINUS_ONE, "beyond the picture", "as pixels do")


def read(value, **asked):
    return importing.read(value, width=WIDTH, height=HEIGHT, asked=Asked(**asked))


def control_points(found) -> np.ndarray:
    return np.array([[(point.x, point.y) for point in track.points] for track in found.tracks]) * SIZE


@pytest.mark.parametrize("form", PIXELS)
@pytest.mark.parametrize("unit", WRITTEN)
def test_what_looks_like_something_else_is_said_and_read_so_when_asked(form, unit):
    value = form(WRITTEN[unit])
    said = read(value).report
    assert [doubt for doubt in EVERY_DOUBT if doubt in said] == [doubt for doubt in (DOUBTS[unit],) if doubt]
    assert read(value).trajectories == parse(value, width=WIDTH, height=HEIGHT)  # nothing is changed unasked
    found = read(value, positions=unit)
    np.testing.assert_allclose(control_points(found.trajectories), PLACES, atol=1e-9)
    assert ("As asked" in found.report) == (unit != "pixels") and not any(
        doubt in found.report for doubt in EVERY_DOUBT
    )
    again = json.loads(json.dumps(parse(found.trajectories.to_json(), width=WIDTH, height=HEIGHT).to_json()))
    assert parse(again, width=WIDTH, height=HEIGHT) == found.trajectories


@pytest.mark.parametrize("form", [*PIXELS, nuke])
def test_y_below_0_counts_from_the_top_when_asked(form):
    value = form(PLACES * (1, -1))
    if form is not nuke:
        assert reference.ALL_BELOW in read(value).report
    found = read(value, y_counts=BELOW_ZERO)
    np.testing.assert_allclose(control_points(found.trajectories), PLACES, atol=1e-9)
    fractions = read(form(PLACES / SIZE * (1, -1)), positions="fractions", y_counts=BELOW_ZERO)
    np.testing.assert_allclose(control_points(fractions.trajectories), PLACES, atol=1e-9)


def upside_down(places: np.ndarray, unit: str) -> np.ndarray:
    """The same, with y upwards from the bottom, or from the centre."""
    height = {"pixels": HEIGHT, "fractions": 1, FROM_CENTRE: 0, MINUS_ONE_TO_ONE: 0}[unit]
    return places * (1, -1) + (0, height)


@pytest.mark.parametrize("form", [*PIXELS, nuke])
@pytest.mark.parametrize("unit", WRITTEN)
def test_y_counts_upwards_where_it_is_said(form, unit):
    for counts in (BOTTOM, BELOW_ZERO)[: 1 + (unit in reference.CENTRAL)]:
        found = read(form(upside_down(WRITTEN[unit], unit)), positions=unit, y_counts=counts)
        np.testing.assert_allclose(control_points(found.trajectories), PLACES, atol=1e-9)
    as_nuke = read(nuke(WRITTEN[unit]), positions=unit, y_counts=TOP)
    np.testing.assert_allclose(control_points(as_nuke.trajectories), PLACES, atol=1e-9)


@pytest.mark.parametrize("unit", WRITTEN)
def test_formats_with_y_upwards_are_doubted_alike(unit):
    value = nuke(upside_down(WRITTEN[unit], unit))
    assert [doubt for doubt in EVERY_DOUBT if doubt in read(value).report] == [d for d in (DOUBTS[unit],) if d]
    np.testing.assert_allclose(control_points(read(value, positions=unit).trajectories), PLACES, atol=1e-9)


@pytest.mark.parametrize("form", [own, lambda places: table(upside_down(places, "pixels"), "u,v")])
def test_pixels_where_fractions_are_expected_are_said_and_read_so_when_asked(form):
    assert 'as pixels do. If they are pixels, set positions to "pixels".' in read(form(PLACES)).report
    np.testing.assert_allclose(control_points(read(form(PLACES), positions="pixels").trajectories), PLACES, atol=1e-9)
    assert "as pixels do" not in read(own(PLACES / SIZE)).report


def test_where_there_is_no_report_the_log_says_it(caplog):
    parse(lists(WRITTEN["fractions"]), width=WIDTH, height=HEIGHT)
    (said,) = caplog.messages
    assert said == f"{IN_FRACTIONS} DragNUWA Import Trajectories has these choices."
    caplog.clear()
    for value in (lists(PLACES), own(PLACES / SIZE), own(PLACES)):
        parse(value, width=WIDTH, height=HEIGHT)
    assert caplog.messages == []


def test_a_larger_canvas_is_said():
    said = read(lists(3 * PLACES)).report
    assert "Positions go up to 1,500 x 900, beyond the picture of 576 x 320." in said
    assert "set width and height to its size" in said
    past = PLACES.copy()
    past[0, 2, 0] = 600  # one drag past the edge
    assert "beyond the picture" not in read(lists(past)).report


def test_a_few_points_outside_are_drags_past_the_edge():
    past = PLACES - (40, 0)
    assert (past < 0).any() and CENTRED not in read(lists(past)).report
    assert not any(doubt in read(lists(PLACES[:1, :1])).report for doubt in EVERY_DOUBT)
    small = importing.read("[[[1, 0], [0, 1]]]", width=4, height=4)
    assert IN_FRACTIONS not in small.report


def test_handles_go_along():
    store = [{"points": [{"x": 0.25, "y": 0.5, "h2x": 0.5, "h2y": 0.25}, {"x": 0.75, "y": 0.5}]}]
    point = read(store, positions="fractions", y_counts=BOTTOM).trajectories.tracks[0].points[0]
    assert point.handle_out == pytest.approx((0.25, 0.25)) and (point.x, point.y) == pytest.approx((0.25, 0.5))


def test_what_is_asked_is_checked():
    with pytest.raises(TrajectoryError, match="Import: positions should be one of"):
        Asked(positions="inches")
    with pytest.raises(TrajectoryError, match="Import: y_counts should be one of"):
        Asked(y_counts="\ud800")
    with pytest.raises(TrajectoryError, match='Import: positions as "fractions" should be at most 10,000 times'):
        read(lists(PLACES * 1000), positions="fractions")
    assert UNITS[0] == DIRECTIONS[0] == reference.AS_SAID


POSES = {"people": [{"pose_keypoints_2d": [0.5, 0.5, 1]}]}


@pytest.mark.parametrize("value", [POSES, write_flo(np.ones((32, 32, 2))), [lists(PLACES), nuke(PLACES)]])
def test_what_says_itself_what_it_counts_in_leaves_no_choice(value):
    assert not any(doubt in read(value).report for doubt in EVERY_DOUBT)
    with pytest.raises(TrajectoryError, match=r"Import: positions and y_counts should be .* one by one\."):
        read(value, y_counts=BOTTOM)


def test_texts_that_count_differently_are_doubted_one_by_one():
    assert IN_FRACTIONS in read([lists(WRITTEN["fractions"]), nuke(PLACES)]).report
    assert CENTRED in read([own(PLACES / SIZE), lists(WRITTEN[FROM_CENTRE])]).report


def test_files_of_flow_leave_no_choice(tmp_path):
    file = tmp_path / "0.flo"
    file.write_bytes(write_flo(np.ones((32, 32, 2))))
    assert importing.read_flows([file], interval=8).trajectories.tracks
    with pytest.raises(TrajectoryError, match=r"should be .* for 1 \.flo file"):
        importing.read_flows([file], interval=8, asked=Asked(positions="fractions"))


def test_blenders_addon_says_which_choice_its_y_needs():
    text = "frame;x;y\n1;100;240\n2;110;250\n"
    assert 'set y_counts to "from the bottom"' in read(text).report
    assert control_points(read(text, y_counts=BOTTOM).trajectories)[0, 0].tolist() == pytest.approx([100, 80])
