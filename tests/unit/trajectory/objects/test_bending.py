"""Pins in the trajectory format: read, written, sampled and transformed."""

import json

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import TrajectoryError, parse
from dragnuwa.trajectory.motion.transform import mirror, reverse
from dragnuwa.trajectory.motion.windows import window
from dragnuwa.trajectory.pins import bent_object, turns
from dragnuwa.trajectory.types import PinKey, Point, Track

WIDTH, HEIGHT, FRAMES = 320, 200, 9
OUTLINE = [[{"x": 0.1, "y": 0.4}, {"x": 0.9, "y": 0.4}, {"x": 0.9, "y": 0.6}, {"x": 0.1, "y": 0.6}]]
HELD = {"points": [{"x": 0.3, "y": 0.5}]}
PULLED = {"points": [{"x": 0.85, "y": 0.5}, {"x": 0.8, "y": 0.75}]}


def value(*pins: dict, track: dict | None = None, **fields):
    each = {"outline": OUTLINE, "motion": {"points": [{"x": 0, "y": 0}]}, "pins": list(pins), **fields}
    tracks = [] if track is None else [{"points": [{"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.2}], **track}]
    whole = {"type": "dragnuwa.trajectories", "version": 2, "tracks": tracks, "objects": [each]}
    return parse(whole, width=WIDTH, height=HEIGHT)


def test_everything_is_written_and_read_again():
    bending = {"bend": "auto", "stays": 0.3, "over": "behind", "stiffness": 0.8, "pin": [{"at": 1, "turn": 20}]}
    made = value(HELD, PULLED | {"over": "front"}, track=bending, stiffness=0.2, stiff=OUTLINE)
    written = json.loads(made.to_json())
    assert parse(made.to_json(), width=WIDTH, height=HEIGHT) == made
    assert {name: written["tracks"][0][name] for name in bending} == bending | {
        "pin": [{"at": 1.0, "turn": 20.0, "scale": 1.0}]
    }
    assert written["objects"][0]["stiffness"] == 0.2 and written["objects"][0]["pins"][1]["over"] == "front"
    assert made.tracks[0].pin == (PinKey(1.0, 20.0, 1.0),)


@pytest.mark.parametrize(("fields", "message"), [
    ({"bend": "perhaps"}, r'bend should be one of "auto", "on", "off"'),
    ({"bend": ""}, "bend should be one of"),
    ({"stays": 1.5}, "stays should be a number from 0 to 1"),
    ({"stiffness": float("nan")}, "stiffness should be a number from 0 to 1, but it is NaN"),
    ({"over": 1}, 'over should be one of "front", "behind"'),
    ({"pin": [{"at": 0.5}, {"at": 0.5}]}, "key 2: at should be later"),
    ({"pin": [{"at": 1, "scale": 0}]}, "scale should be a number from 0.01 to 100"),
    ({"pin": [{"at": 1, "angle": 3}]}, "angle"),
    ({"pin": {"at": 1}}, "a list in brackets"),
])  # fmt: skip
def test_what_is_wrong_is_named(fields, message):
    with pytest.raises(TrajectoryError, match=message):
        value(HELD, track=fields)
    with pytest.raises(TrajectoryError, match=f"Object 1 .*pin 1.*{message}"):
        value(HELD | fields)


def test_there_are_not_too_many_pins():
    with pytest.raises(TrajectoryError, match="pins should have at most 200 items, but it has 201"):
        value(*[HELD] * 201)
    with pytest.raises(TrajectoryError, match="the id"):
        value(HELD | {"id": "a"}, PULLED | {"id": "a"})


def test_turns_are_linear_between_keys_within_the_pins_own_time():
    pin = Track((Point(0, 0),), pin=(PinKey(0.5, 90.0, 2.0), PinKey(1.0, 0.0, 1.0)), start=0.5)
    turned, scaled = turns([pin, Track((Point(0, 0),))], np.array([0.25, 0.625, 0.75, 1.0]))
    assert np.allclose(np.degrees(turned[0]), [0, 45, 90, 0]) and np.allclose(scaled[0], [1, 1.5, 2, 1])
    assert np.isnan(turned[1]).all()


def shapes(made, fractions=None):
    (each,) = made.objects
    fractions = np.linspace(0, 1, FRAMES) if fractions is None else fractions
    return bent_object(each, fractions, (WIDTH, HEIGHT))


def ends(made) -> np.ndarray:
    return shapes(made).moved(np.array([0.85 * WIDTH + 0.5j * HEIGHT]) - 0.5 - 0.5j)[0]


def test_disabled_pins_have_no_effect():
    assert shapes(value(HELD | {"enabled": False}, PULLED | {"enabled": False})) is None
    assert np.allclose(ends(value(HELD, PULLED | {"enabled": False})), ends(value(HELD)))


def test_a_mirrored_object_bends_the_other_way():
    made = value(HELD, PULLED | {"pin": [{"at": 1, "turn": 30}]})
    there = mirror(made, "horizontal")
    assert there.objects[0].pins[1].pin[0].turn == -30
    assert there.objects[0].pins[1].points[1].x == pytest.approx(0.2)


def test_an_object_reversed_in_time_bends_back():
    made = value(HELD, PULLED)
    back = reverse(made)
    before = shapes(made)
    began = np.array(back.objects[0].outline[0]) * (WIDTH, HEIGHT) @ (1, 1j)
    expected = before.moved(np.array(made.objects[0].outline[0]) * (WIDTH, HEIGHT) @ (1, 1j) - 0.5 - 0.5j)[:, -1]
    assert np.abs(began - 0.5 - 0.5j - expected).max() < 0.5
    pulled = back.objects[0].pins[1].points
    assert (pulled[0].y, pulled[1].y) == (0.75, 0.5)


def test_windows_of_a_clip_bend_on():
    made = value(HELD, PULLED | {"pin": [{"at": 1, "turn": 30}]}, track={"bend": "on", "stays": 0.2})
    second = window(made, 4, 5, ClipShape(WIDTH, HEIGHT, FRAMES))
    assert second.tracks[0].bend == "on" and second.tracks[0].stays == 0.2
    held, pulled = second.objects[0].pins
    assert len(held.points) == 1 and len(pulled.points) == 5
    assert pulled.points[-1].y == pytest.approx(0.75) and pulled.points[0].y == pytest.approx(0.625)
    assert pulled.pin[0].turn == 0 and pulled.pin[-1].turn == pytest.approx(15)
    parse(second.to_json(), width=WIDTH, height=HEIGHT)
