"""Text that is no camera path is refused, and it is said what is wrong where."""

import json

import numpy as np
import pytest

from dragnuwa.common.errors import InputError
from tests.support.camera_files import read, rows


def line(count: int = 19, **changed: str) -> str:
    """Of RealEstate10K; changed is the text of some of its columns, as t8."""
    cells = ["0", "0.5", "0.9", "0.5", "0.5", "0", "0", *"100001000010"][:count]
    for at, cell in changed.items():
        cells[int(at[1:])] = cell
    return " ".join(cells)


SURROGATE = "\ud800"
EYE = np.eye(4)[:3].tolist()
SHEAR, MIRROR, LARGE = np.eye(4), np.diag([1.0, 1, -1, 1]), 1.5 * np.eye(4)
SHEAR[0, 1] = 0.1
COLUMNS = np.eye(4)
COLUMNS[3, 0] = 2.0
FAR = np.eye(4)[:3].tolist()
FAR[0] = [1, 0, 0, 1e7]
DEEP = "[" * 100_000
KITTI_LINE = "1 0 0 5 0 1 0 6 0 0 1 7\n"
IMAGE_LINE = "1 1 0 0 0 5 6 7 1 a.png\n"
HOSTILE = {
    line(18) + "\n" + line(): "line 1: there should be 19 numbers, .* but there are 18",
    f"x\n{line()}\n{line(t8='nan')}": 'line 3: there should be numbers only, but there is "nan"',
    f"x\n{line()}\n{line(t8='1_0')}": 'line 3: .* "1_0"',
    f"x\n{line()}\n{line(t8='1e999')}": "line 3: the matrix should have finite numbers",
    f"x\n{line()}\n{line(t1='-1')}": "line 3: the focal length should be above 0",
    f"x\n{line()}\n{line(t1='900')}": "line 3: the focal length should be at most 100 times",
    line(): "at least two poses, .* found 1",
    f"{line()}\n{line(t7=SURROGATE)}": r'line 2: .* "\\ud800"',
    '{"w2c": []}': "at least two poses, .* found 0",
    "[]": "at least two poses, .* found 0",
    "[[[1,0,0,0],[0,1,0,0],[0,0,1,0]": "should be JSON, but line 1",
    DEEP: "nested far too deeply",
    '{"a": 1, "a": 2}': 'the key "a" twice',
    '{"a": 1}': 'should have "frames", or lists such as "w2c", but it is an object with the keys "a"',
    "{}": "but it is an empty object",
    "[1, 2]": "pose 1: there should be a matrix of 3x4 or 4x4 numbers, but there is 1",
    json.dumps([EYE, [row[:3] for row in EYE]]): "pose 2: there should be a matrix of 3x4 or 4x4 numbers",
    json.dumps([EYE, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]]): "pose 2: there should be a matrix",
    json.dumps([EYE, [["1", 0, 0, 0], *EYE[1:]]]): "pose 2: there should be a matrix",
    json.dumps([EYE, [[True, 0, 0, 0], *EYE[1:]]]): "pose 2: there should be a matrix",
    json.dumps([EYE, [[np.nan, 0, 0, 0], *EYE[1:]]]): "pose 2: the matrix should have finite numbers",
    json.dumps([EYE, [[1, 0, 0, 10**50], *EYE[1:]]]): "pose 2: the matrix should have finite numbers",
    json.dumps([EYE, FAR]): "pose 2: the camera should be at most 1,000,000 units away",
    json.dumps([EYE, rows([SHEAR])[0]]): "pose 2: the first three columns of the matrix should be a rotation",
    json.dumps([EYE, rows([LARGE])[0]]): "pose 2: the first three columns of the matrix should be a rotation",
    json.dumps([EYE, rows([MIRROR])[0]]): "pose 2: the matrix should be a rotation, but it mirrors",
    json.dumps([EYE, rows([COLUMNS], 4)[0]]): "pose 2: the last row of the matrix should be 0 0 0 1",
    json.dumps([{"w2c": EYE}, {"c2w": EYE}]): "pose 2: the matrix should be w2c, .* but it is c2w",
    json.dumps([{"w2c": EYE, "c2w": EYE}]): 'pose 1: there should be one matrix, .* there are "w2c", "c2w"',
    json.dumps([{"w2c": EYE, "fx": 5}, {"w2c": EYE}]): "pose 2: there should be a focal length",
    json.dumps([{"w2c": EYE, "fx": "5"}, {"w2c": EYE}]): "pose 1: fx should be a number",
    json.dumps([{"w2c": EYE, "fov": 200}] * 2): "pose 1: fov should be an angle of view",
    json.dumps([{"w2c": EYE, "K": [1, 2]}] * 2): "pose 1: there should be 3x3 intrinsics",
    json.dumps([{"\ud800": EYE}]): r"\\ud800",
    json.dumps({"frames": [{"transform_matrix": EYE}, {}]}): "frame 2: there should be a transform_matrix",
    json.dumps({"frame0": {"cam01": "[1 0 0 0]"}}): "frame0: there should be a text of 4x4 numbers",
    json.dumps({"frame0": {"cam01": "", "cam02": ""}}): "frame0: there should be a text of 4x4 numbers",
    json.dumps({"frame0": {}, "frame1": {}}): "frame0: there should be 1 to 1,000 cameras, but there is an empty",
    json.dumps({"frame0": {"cam01": "[1 0 0 0] [0 1 0 0] [0 0 1 0] [0 0 0 1]"}, "frame1": {"cam02": ""}}):
        'frame1: there should be the camera "cam01", as in other frames, but there is "cam02"',
    KITTI_LINE + KITTI_LINE.replace(" 7", ""): "line 2: there should be 12 numbers, a 3x4 matrix, but there are 11",
    KITTI_LINE: "at least two poses, .* found 1",
    "# no more\n0 1 2 3 0 0 0 1\n0 1 2 3 0 0 0 2\n": "line 3: the quaternion should be of length 1",
    "0 1 2 3 0 0 0 1\n0 1 2 nan 0 0 0 1\n": 'line 2: there should be numbers only, but there is "nan"',
    "0 1 2 3 0 0 0 1\n0 1 2 1e999 0 0 0 1\n": "line 2: the matrix should have finite numbers",
    "0 1 2 3 0 0 0 1\n0 1 2 1 0 0 1e999 1\n": "line 2: the quaternion should be of length 1",
    IMAGE_LINE + "\n" + IMAGE_LINE.replace("1 0 0 0", "2 0 0 0"): "line 3: the quaternion should be of length 1",
    IMAGE_LINE + "\nhello\n": 'line 3: there should be an image, .* but there is "hello"',
    "1 PINHOLE 9 9 1 2\n" + IMAGE_LINE: "line 1: there should be a camera, .* but there is",
    "2 PINHOLE 9 9 1 2 4 4\n" + 2 * IMAGE_LINE: "line 2: there should be a line of cameras.txt for the camera 1",
    "1 PINHOLE 0 9 1 2 4 4\n" + 2 * IMAGE_LINE: "line 1: a camera should have a size in pixels, but it has 0 x 9",
    "1 PINHOLE 9 9 0 2 4 4\n" + 2 * IMAGE_LINE: "the focal length should be above 0",
    "hello": 'begins with "hello", which cannot be read. Paste one of these: lines such as',
    "https://example.com": 'begins with "https://example.com"',
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_file_that_is_none_is_refused(text):
    with pytest.raises(InputError, match=HOSTILE[text]) as error:
        read(text)
    message = str(error.value)
    assert message.endswith(".") and len(message) < 500
    message.encode("utf-8")


def test_what_is_too_large_is_refused():
    many = "\n".join([line()] * 100_001)
    with pytest.raises(InputError, match="at most 100,000 poses; found 100,001"):
        read(many)
    with pytest.raises(InputError, match="at most 32 MiB"):
        read("x" * (33 * 2**20))
    with pytest.raises(InputError, match="values; found"):
        read("[" + "0," * (4 * 2**20) + "0]")
