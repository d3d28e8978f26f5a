"""Camera paths written by hand: moves at times."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from dragnuwa.carry.depth.cameras.keyed import read
from dragnuwa.carry.depth.cameras.paths import CameraPath, read_path
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.common.errors import InputError

SCENE = DepthScene(np.full((64, 96), 0.25, np.float32), np.array([[80.0, 0, 47.5], [0, 80, 31.5], [0, 0, 1]]))
TIMES = np.linspace(0, 1, 11)


def test_a_move_is_interpolated_between_the_lines_that_name_it():
    text = "# a path\n\n0: pan 2\n0.5: truck 0.2, dolly 0.1  # half-way\n 0.8 :Pan 5,roll -10\n1: dolly 0.3"
    found = read(text).at(TIMES)
    assert set(found) == {"pan", "truck", "dolly", "roll"}
    assert found["pan"] == pytest.approx(np.interp(TIMES, [0, 0.8], [2, 5]))
    assert found["roll"] == pytest.approx(np.interp(TIMES, [0, 0.8], [0, -10]))
    assert found["truck"] == pytest.approx(np.interp(TIMES, [0, 0.5], [0, 0.2]))
    assert found["dolly"] == pytest.approx(PchipInterpolator([0, 0.5, 1], [0, 0.1, 0.3])(TIMES))


def test_amounts_never_pass_those_of_the_keys():
    found = read("0.1: truck 1\n0.2: truck 1\n0.3: truck -1\n1: truck -0.9").at(np.linspace(0, 1, 101))["truck"]
    assert found.max() == pytest.approx(1) and found.min() == pytest.approx(-1)
    assert found[10:21] == pytest.approx(1)


def test_it_is_the_camera_of_those_moves():
    cameras = read_path("0.5: orbit 10\r\n1: orbit 10, rise -5, zoom 0.5", SCENE, 3, focus=(0.3, 0.4), scale=9)
    half = CameraMoves(orbit=10, rise=-2.5, zoom=0.25, focus=(0.3, 0.4)).moved(SCENE)
    last = CameraMoves(orbit=10, rise=-5, zoom=0.5, focus=(0.3, 0.4)).moved(SCENE)
    assert (cameras[0].rotation == np.eye(3)).all() and (cameras[0].translation == 0).all()
    for found, expected in zip(cameras[1:], (half, last), strict=True):
        assert found.rotation == pytest.approx(expected.rotation)
        assert found.translation == pytest.approx(expected.translation)
        assert found.intrinsics == pytest.approx(expected.intrinsics)


def test_moves_of_the_node_come_on_top():
    keys, moves = CameraPath("1: dolly 0.5"), CameraMoves(pan=10)
    found = keys.cameras(moves, SCENE, 2)[-1]
    assert found.rotation == pytest.approx(moves.moved(SCENE).rotation)
    assert found.translation == pytest.approx(moves.moved(SCENE).rotation @ [0, 0, -2])


MISTAKES = {
    "0: pan 1\n0.5 pan 3": 'line 2: there should be a time and a colon, but there is "0.5 pan 3"',
    "0: pan 1\nhalf: pan 3": 'line 2: the time should be a number from 0 to 1, but it is "half"',
    "0: pan 1\n50%: pan 3": 'line 2: the time should be a number from 0 to 1, but it is "50%"',
    "1.5: pan 3": 'line 1: the time should be a number from 0 to 1, but it is "1.5"',
    "nan: pan 3": 'line 1: the time should be a number from 0 to 1, but it is "nan"',
    "-0.5: pan 3": 'line 1: the time should be a number from 0 to 1, but it is "-0.5"',
    "0.5: pan 3\n\n0.2: pan 1": "line 3: the time should be later than that of the line before it, 0.5, but it is 0.2",
    "0.5: pan 3\n0.5: tilt 1": "line 2: the time should be later",
    "0.5:": "line 1: there should be a move and its amount, but there is nothing",
    "0.5: pan 3,": "line 1: there should be a move and its amount, but there is nothing",
    "0.5: pan": 'line 1: there should be a move and its amount, but there is "pan"',
    "0.5: pan 3 tilt 4": 'line 1: there should be a move and its amount, but there is "pan 3 tilt 4"',
    "0.5: pann 3": 'line 1: "pann" is no move. Did you mean pan?',
    "0.5: fly 3": 'line 1: "fly" is no move. The moves are pan, tilt,',
    "0.5: dolly_zoom 1": 'line 1: "dolly_zoom" is no move',
    "0.5: pan far": 'line 1: the amount of pan should be a number, but it is "far"',
    "0.5: pan inf": 'line 1: the amount of pan should be a number, but it is "inf"',
    "0.5: pan 1_0": 'line 1: the amount of pan should be a number, but it is "1_0"',
    "0.5: dolly 2": "line 1: dolly should be from -5 to 0.9; found 2. Correct it",
    "0.5: pan 1e999": "line 1: pan should be from -89 to 89; found inf",
    "0.5: pan 3, pan 4": "line 1: pan should be there once, but it is there twice",
    "# nothing": 'has no line with a time. Write one, such as "0.5: truck 0.2, orbit 15"',
    "0.5: \ud800 3": r'line 1: "\\ud800" is no move',
    "0.5: " + "x" * 100_000: "line 1: there should be a move and its amount",
    "\n".join(f"{part / 20_000}: pan 1" for part in range(20_000)): "line 10001: there should be at most 10,000 lines",
}


@pytest.mark.parametrize("text", MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_has_its_message(text):
    with pytest.raises(InputError, match=MISTAKES[text]) as error:
        read_path(text, SCENE, 3)
    message = str(error.value)
    assert message.endswith((".", "?")) and len(message) < 300
    message.encode("utf-8")
