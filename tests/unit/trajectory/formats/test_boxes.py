"""Objects as boxes over time, with a text for each."""

import json

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import TrajectoryError
from dragnuwa.trajectory.formats.boxes import Scene, boxes_of
from dragnuwa.trajectory.formats.registry import OBJECT_WRITERS
from dragnuwa.trajectory.objects.over_time import Moved
from tests.support.drawings import parsed_objects, parsed_tracks, rectangle_ring

CLIP = ClipShape(96, 64, 5)
WHERE = Scene("a harbour", "an old film")
SQUARE = [rectangle_ring(0.0, 0.25, 0.25, 0.75)]
BIRD = {"outline": SQUARE, "motion": {"keys": [{"t": 1, "x": 0.5}]}, "text": "a red bird", "name": "bird"}
TURNS = {"outline": SQUARE, "motion": {"keys": [{"t": 1, "rotation": 90}]}, "name": "wheel"}


def drawing(*objects: dict, **tracks):
    return parsed_objects(*objects, size=CLIP.size, **tracks)


def project(*objects: dict) -> dict:
    return json.loads(OBJECT_WRITERS["ltx_boxes"].write(drawing(*objects), CLIP, WHERE))


def test_comfyuis_boxes_have_a_list_for_each_frame():
    frames = json.loads(OBJECT_WRITERS["boxes"].write(drawing(BIRD, {**TURNS, "visible": [[0, 0.3]]}), CLIP, Scene()))
    assert [len(frame) for frame in frames] == [2, 2, 1, 1, 1]
    said = {"type": "obj", "text": "", "desc": "a red bird", "palette": ["#1f77b4"]}
    assert [frame[0] for frame in frames] == [
        {"x": 12 * time, "y": 16, "width": 24, "height": 32, "metadata": said} for time in range(5)
    ]
    assert frames[0][1]["metadata"]["desc"] == "wheel"
    assert boxes_of(drawing(), CLIP) == [[]] * 5


def test_the_project_of_ltx_bbox_animator_has_keys_where_the_motion_changes():
    made = project(BIRD)
    assert (made["version"], made["scene_prompt"], made["style_prompt"]) == (2, "a harbour", "an old film")
    assert made["objects"] == [{
        "id": "o1", "name": "bird", "prompt": "a red bird", "strength": 1, "enabled": True, "start_frame": 0,
        "end_frame": 4, "color": "#1f77b4",
        "keyframes": [{"frame": 0, "box": [0, 16, 24, 48]}, {"frame": 4, "box": [48, 16, 72, 48]}],
    }]  # fmt: skip


def test_between_its_keys_a_box_is_where_the_object_is():
    """By its rule: linear between keyframes."""
    swings = {**BIRD, "sway": {"amount": 0.3}, "motion": {"keys": [{"t": 0.5, "x": 0.3, "rotation": 40}, {"t": 1}]}}
    for each in (BIRD, TURNS, {**TURNS, "visible": [[0.2, 0.9]]}, swings):
        (made,) = project(each)["objects"]
        at, boxes = zip(*((key["frame"], key["box"]) for key in made["keyframes"]), strict=True)
        times = np.arange(made["start_frame"], made["end_frame"] + 1)
        found = np.stack([np.interp(times, at, side) for side in np.array(boxes).T], -1)
        expected = Moved.of(drawing(each).enabled_objects[0], CLIP).around()[times]
        np.testing.assert_allclose(found, expected, atol=2e-6)


def test_an_object_that_is_hidden_in_between_is_one_for_each_time():
    made = project({**BIRD, "visible": [[0, 0.3], [0.7, 1]]})["objects"]
    assert [(each["id"], each["start_frame"], each["end_frame"]) for each in made] == [("o1", 0, 1), ("o1-2", 3, 4)]
    assert made[1]["keyframes"] == [{"frame": 3, "box": [36, 16, 60, 48]}, {"frame": 4, "box": [48, 16, 72, 48]}]


def test_an_object_ends_where_it_has_left_the_picture():
    (made,) = project({**BIRD, "motion": {"keys": [{"t": 1, "x": 2}]}})["objects"]
    assert made["end_frame"] == 1
    assert made["keyframes"][-1]["box"] == [48, 16, 72, 48], "where it goes on to is not held at the edge"


def test_what_is_lost_is_said():
    value = drawing(
        BIRD, {**TURNS, "visible": [[0, 0.5]], "name": ""}, {**TURNS, "visible": []}, {**TURNS, "enabled": False},
        tracks=[{"points": [{"x": 0.1, "y": 0.1}]}],
    )  # fmt: skip
    assert OBJECT_WRITERS["boxes"].lost(value, CLIP, Scene()) == [
        "Left out: 1 drag, which have no box.",
        "Left out: 1 drag or object switched off.",
        "Left out: 1 object never seen in the picture.",
        "Not in every frame: 1 object.",
        "Without a text and a name: 1 object.",
        "No outlines, and no turns: the box around what is seen, in each frame.",
    ]


@pytest.mark.parametrize("form", OBJECT_WRITERS)
def test_without_an_object_there_is_no_box(form):
    drags = parsed_tracks({"points": [{"x": 0.1, "y": 0.1}]}, size=CLIP.size)
    for value in (drags, drawing({**BIRD, "enabled": False})):
        with pytest.raises(TrajectoryError, match=f"format {form} has a box for each object, but no object is drawn"):
            OBJECT_WRITERS[form].write(value, CLIP, WHERE)


def test_texts_that_are_missing_are_asked_for():
    write = OBJECT_WRITERS["ltx_boxes"].write
    with pytest.raises(TrajectoryError, match="ltx_boxes needs a text for scene"):
        write(drawing(BIRD), CLIP, Scene(style="film"))
    with pytest.raises(TrajectoryError, match="ltx_boxes needs a text for style"):
        write(drawing(BIRD), CLIP, Scene("a street", " "))
    with pytest.raises(TrajectoryError, match='Object "o1" has neither a text nor a name'):
        write(drawing({**TURNS, "name": " "}), CLIP, WHERE)


def test_a_clip_out_of_range_is_refused():
    for write in (writer.write for writer in OBJECT_WRITERS.values()):
        with pytest.raises(TrajectoryError, match="frames"):
            write(drawing(BIRD), ClipShape(96, 64, 1), WHERE)
