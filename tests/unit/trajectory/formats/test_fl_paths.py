"""FL Path Animator's paths_data, in its own layout: moved as its own code moves them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import Point, Track, Trajectories, TrajectoryError
from dragnuwa.trajectory.formats import importing
from dragnuwa.trajectory.formats.format import losses
from dragnuwa.trajectory.formats.registry import WRITERS

WIDTH, HEIGHT = 576, 320
PATH = {
    "id": "path_17", "name": "Path 1", "color": "#FF6B6B", "points": [{"x": 0, "y": 0}, {"x": 100, "y": 0},
    {"x": 400, "y": 0}], "closed": False, "isSinglePoint": False, "startTime": 0, "endTime": 1,
    "interpolation": "linear", "visibilityMode": "pop",
}  # fmt: skip


def data(*paths, **more):
    return {"formatVersion": 2, "paths": list(paths), "canvas_size": {"width": 512, "height": 512}, **more}


def read(value):
    return importing.read(value, width=WIDTH, height=HEIGHT)


def test_paths_run_at_constant_speed_on_their_own_canvas():
    found = read(json.dumps(data(PATH, background_image={"name": "a.png"})))
    (track,) = found.trajectories.tracks
    assert (track.name, track.color) == ("Path 1", "#FF6B6B")
    points, visible = found.trajectories.sample(5, 512, 512)
    np.testing.assert_allclose(points[0, :, 0], [0, 100, 200, 300, 400], atol=1e-6)
    assert visible.all()
    assert found.report.startswith(
        "Read paths of FL Path Animator: 1 track of 3 points.\nPixels are those of its canvas, 512 x 512."
    )
    np.testing.assert_allclose(found.trajectories.sample(5, WIDTH, HEIGHT)[0][0, -1, 0], 400 / 512 * WIDTH, atol=1e-6)


@pytest.mark.parametrize("ease", ["linear", "ease-in", "ease-out"])
@pytest.mark.parametrize("mode", ["pop", "static"])
def test_times_and_eases_are_those_of_its_own_code(ease, mode):
    found = read(data(PATH | {"startTime": 0.25, "endTime": 0.75, "interpolation": ease, "visibilityMode": mode}))
    points, visible = found.trajectories.sample(9, 512, 512)
    t = np.clip((np.arange(9) / 8 - 0.25) / 0.5, 0, 1)
    expected = {"linear": t, "ease-in": t * t, "ease-out": t * (2 - t)}[ease] * 400
    np.testing.assert_allclose(points[0, :, 0], expected, atol=0.05)
    assert visible[0].tolist() == [mode == "static" or 2 <= k <= 6 for k in range(9)]


def test_an_ease_of_its_own_is_that_of_its_handles():
    handles = {"interpolation": "custom", "bezierPoints": [0.3, 0.9, 0.6, 0.2]}
    found = read(data(PATH | handles))
    u = np.linspace(0, 1, 100_001)
    x, y = (3 * (1 - u) ** 2 * u * a + 3 * (1 - u) * u**2 * b + u**3 for a, b in ((0.3, 0.6), (0.9, 0.2)))
    points, _ = found.trajectories.sample(9, 512, 512)
    np.testing.assert_allclose(points[0, :, 0], np.interp(np.arange(9) / 8, x, y) * 400, atol=0.2)
    assert "An ease of its own is read as 64 straight lines or more: 1 track." in found.report
    corner = {"points": [{"x": 0, "y": 0}, {"x": 303, "y": 0}, {"x": 303, "y": 97}]}
    (bent,) = read(data(PATH | handles | corner)).trajectories.tracks
    assert min(np.hypot(512 * point.x - 303, 512 * point.y) for point in bent.points) < 0.5  # it is not cut off
    (even,) = read(data(PATH | {"interpolation": "custom"})).trajectories.tracks  # as its code takes it
    assert (even.ease, even.timing, len(even.points)) == ("linear", "arc_length", 3)


def test_what_is_written_moves_as_it_was_drawn():
    """Its own code (1.0.7, fac588f), run by hand on 50 such paths, put them within 1.3e-6 px of these positions."""
    drawn = read(data(PATH | {"startTime": 0.25, "endTime": 0.75, "interpolation": "ease-in"}, PATH | {
        "points": [{"x": 3, "y": 4}], "visibilityMode": "static"}, PATH | {"visibilityMode": "static"}))  # fmt: skip
    text = WRITERS["fl_paths"].text(drawn.trajectories, ClipShape(512, 512, 9))
    assert json.loads(text)["paths"][0]["interpolation"] == "ease-in"
    assert json.loads(text)["canvas_size"] == {"width": 512, "height": 512}
    assert read(text).trajectories == replace(drawn.trajectories, tracks=read(text).trajectories.tracks)
    for one, other in zip(read(text).trajectories.tracks, drawn.trajectories.tracks, strict=True):
        assert replace(one, id="") == replace(other, id="")


def test_what_its_paths_cannot_hold_is_said():
    curve = Track((Point(-0.1, 0.5), Point(0.5, 0.1), Point(0.9, 0.9)), visible=((0.0, 0.2), (0.5, 1.0)))
    line = Track((Point(-0.1, 0.5), Point(0.5, 0.1)), ease="ease_in_out")
    limits, clip = WRITERS["fl_paths"].limits, ClipShape(512, 512, 9)
    (note,) = losses(Trajectories((curve, line), (512, 512)), limits, clip)
    for said in ("1 track written as 9 positions each, through", "1 track held at its edge", "1 track hidden in other",
                 "slightly sharper: 1 track."):  # fmt: skip
        assert said in note
    assert losses(Trajectories((Track(line.points),), (512, 512)), limits, clip) == []


def test_single_points_are_anchors():
    single = PATH | {"points": [{"x": 256, "y": 128}], "isSinglePoint": True}
    (one, other) = read(data(single, PATH | {"startTime": 0.5, "endTime": 0.5})).trajectories.tracks
    assert one.kind == other.kind == "anchor" and (one.points[0].x, one.points[0].y) == (0.5, 0.25)


def test_without_a_canvas_it_is_the_picture():
    found = read({"paths": [PATH]})
    assert found.trajectories.canvas == (WIDTH, HEIGHT) and "names no canvas" in found.report


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (data(3), ["Path 1: a path", "it is 3"]),
        (data(PATH | {"points": []}), ["Path 1: it has no points"]),
        (data(PATH | {"points": [{"x": 1}]}), ["Path 1, point 1: y", "missing"]),
        (data(PATH | {"points": [{"x": 1, "y": float("nan")}]}), ["Path 1, point 1: y", "NaN"]),
        (data(PATH | {"startTime": 2}), ["Path 1: startTime", "from 0 to 1"]),
        (data(PATH | {"interpolation": "custom", "bezierPoints": [0, 1, 2, 3]}), ["Path 1: bezierPoints", "0 to 1"]),
        (data(PATH | {"interpolation": "custom", "bezierPoints": [0, 1]}), ["Path 1: bezierPoints", "four numbers"]),
        (data(PATH | {"interpolation": "bounce"}), ["Path 1: interpolation", '"ease-in"']),
        (data(PATH | {"visibilityMode": []}), ["Path 1: visibilityMode", '"static"']),
        (data(PATH | {"name": "\ud800"}), ["Path 1: name", "half of a character"]),
        (data(PATH, canvas_size={"width": 0, "height": 9}), ["width (canvas_size)"]),
        (data(PATH, canvas_size=None), ["canvas_size", "missing"]),
        (data(*[PATH] * 16_385), ["paths", "at most 16,384 items"]),
    ],
)
def test_bad_paths_are_refused_with_help(value, words):
    with pytest.raises(TrajectoryError) as caught:
        read(value)
    assert all(word in str(caught.value) for word in words), str(caught.value)
