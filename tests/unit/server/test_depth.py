"""The picture with depth that a camera moves through, in a real aiohttp server, and the table of what the page makes of
it."""

import json
import re
import zlib
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.readers import packed
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.server.depth import REACH
from tests.support.page_routes import post
from tests.unit.server.test_camera import BODY, CAMERA, FRAMES, SIZE
from tests.web import depth_cases
from tests.web.composition_cases import parts_of, pixels_of

NOTHING = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": []})


def answered(folders, **changes) -> tuple[dict, list[np.ndarray]]:
    ((status, _, answer),) = post(folders, "/dragnuwa/depth", BODY | changes)
    assert status == 200, answer
    return parts_of(answer)


def test_the_picture_comes_with_what_is_behind_it(folders):
    told, arrays = answered(folders)
    (layer,) = told["layers"]
    width, height = SIZE
    assert told["size"] == list(SIZE) and len(told["times"]) == FRAMES and told["base"] is None
    picture = to_floats(np.array(Image.open(folders / "input" / "sub" / "disc.png")))
    fitted = to_bytes(fit(picture[None], *SIZE, BODY["fit"])[0])
    assert np.array_equal(pixels_of(arrays[told["image"]]), fitted)
    hole = arrays[told["hole"]] > 127
    assert 0.02 < hole.mean() < 0.4
    assert np.array_equal(pixels_of(arrays[told["picture"]])[~hole], fitted[~hole])
    behind, margin = told["behind"], told["behind"]["margin"]
    assert margin > 0
    assert arrays[behind["disparity"]].shape == (height + 2 * margin, width + 2 * margin)
    assert pixels_of(arrays[behind["picture"]]).shape == (height + 2 * margin, width + 2 * margin, 3)
    assert (arrays[layer["disparity"]] == 0.5).all() and not layer["bends"]
    assert np.allclose(arrays[layer["moves"]][-1], (1, 0, 0.2 * width, 0), atol=0.01)


def test_what_is_sent_does_not_depend_on_moves_that_stay_near(folders):
    (told, arrays), (other, others) = (
        answered(folders, text=NOTHING, camera=CAMERA | moves) for moves in ({"orbit": 3}, {"truck": 0.1})
    )
    assert told["behind"]["margin"] == other["behind"]["margin"]
    assert all(np.array_equal(one, another) for one, another in zip(arrays, others, strict=True))


def test_a_path_is_where_the_moves_begin(folders):
    told, arrays = answered(folders, text=NOTHING, camera=CAMERA | {"path": "1: truck 0.1, zoom 0.5"})
    base = arrays[told["base"]]
    assert base.shape == (FRAMES, 5, 3)
    assert np.allclose(base[0], [*np.eye(3), [0, 0, 0], [1, 1, 1]])
    assert base[-1, 3, 0] < -0.05 and np.allclose(base[-1, 4], (1.5, 1.5, 1))


def test_the_edges_of_measured_depth_are_taken_apart(folders):
    disparity = np.full(SIZE[::-1], 0.25, np.float32)
    disparity[80:180, 60:140] = 0.5
    picture, lens = packed(DepthScene(disparity, intrinsics_from_angle(55, SIZE)))
    Image.fromarray(to_bytes(picture[0])).save(folders / "temp" / "depth.png")
    depth = {"picture": {"filename": "depth.png", "subfolder": "", "type": "temp"}, "lens": lens}
    told, arrays = answered(folders, text=NOTHING, camera=CAMERA | {"depth": depth})
    at, beside = arrays[told["at"]], arrays[told["beside"]]
    assert at[130, 55] and not at[130, 65] and not at[20, 20]
    assert beside[130, 59] == 1 and beside[130, 30] == 0
    assert told["layers"] == []


def test_the_page_reaches_as_far_as_the_server():
    text = (depth_cases.TABLE.parents[2] / "web" / "core" / "depth" / "camera.js").read_text(encoding="utf-8")
    said = text.split("const REACH = Object.freeze({")[1].split("}")[0]
    assert {name: float(most) for name, most in re.findall(r"(\w+): ([\d.]+)", said)} == REACH


def test_the_table_is_what_the_library_gives():
    table, made = json.loads(depth_cases.TABLE.read_text(encoding="utf-8")), depth_cases.table()
    for old, new in zip(table, made, strict=True):
        assert old["name"] == new["name"] and old["moves"] == pytest.approx(new["moves"])
        frames, others = (np.frombuffer(zlib.decompress(b64decode(row["frames"])), np.uint8) for row in (old, new))
        assert np.abs(frames.astype(int) - others).max() <= 3, old["name"]
        (told, arrays), (other, rest) = (parts_of(b64decode(row["picture"])) for row in (old, new))
        assert told.keys() == other.keys() and len(arrays) == len(rest)
