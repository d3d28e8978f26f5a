"""The playback of a camera in depth, in a real aiohttp server, against what a run makes."""

import io
import json
import struct

import numpy as np
import pytest
from PIL import Image

from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.layers import cut_out
from dragnuwa.carry.depth.parallax import filmed
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import DrawnDepth, packed
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import find
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.server.camera import KEYS, NUMBERS, camera_of
from dragnuwa.trajectory import parse
from tests.support.drawings import objects_value
from tests.support.page_routes import CLIP, named, post

FRAMES = 4
RING = [{"x": x, "y": y} for x, y in ((0.15, 0.3), (0.48, 0.3), (0.48, 0.7), (0.15, 0.7))]
THING = {"outline": [RING], "motion": {"keys": [{"t": 1, "x": 0.2}]}, "edge": "exact", "distance": 2}
TEXT = json.dumps(objects_value(THING))
REST = dict.fromkeys(NUMBERS, 0) | {
    "end": 1, "focus_x": 0.5, "focus_y": 0.5, "farthest": 10, "view_angle": 55, "path_scale": 1, "camera_number": 1,
    "dolly_zoom": False, "grow": False, "ease": "linear", "path": "", "matrices": "w2c",
}  # fmt: skip
CAMERA = REST | {"truck": 0.05, "pan": 3}
BODY = {"picture": named(), **CLIP, "frames": FRAMES, "text": TEXT, "camera": CAMERA}
SIZE = (CLIP["width"], CLIP["height"])


def frames_in(answer: bytes) -> list[np.ndarray]:
    files, at = [], 0
    while at < len(answer):
        (length,) = struct.unpack_from(">I", answer, at)
        files.append(np.asarray(Image.open(io.BytesIO(answer[at + 4 : at + 4 + length])), dtype=np.float32))
        at += 4 + length
    return files


def run(folders, depth) -> tuple[np.ndarray, np.ndarray]:
    """`[T, H, W, 3]` in bytes and `[T, H, W]`, what a run makes of the same, and what the picture does not show."""
    picture = to_floats(np.array(Image.open(folders / "input" / "sub" / "disc.png")))
    clip = ClipShape(*SIZE, FRAMES)
    drags = parse(TEXT, width=clip.width, height=clip.height)
    found = find(drawing_on(picture, drags, clip, settings=CarrySettings(fit=CLIP["fit"])))
    cut = cut_out(found, fit(picture[None], *SIZE, CLIP["fit"])[0].movedim(-1, 0), depth)
    cameras = CameraMoves(truck=0.05, pan=3, ease="linear").cameras(cut.scene, FRAMES)
    made = filmed(cut.seen_by(cameras, range(FRAMES)), cut.scene)
    return to_bytes(made.video).astype(np.float32), made.disoccluded.numpy()


def is_alike(answer: bytes, folders, depth) -> None:
    video, missing = run(folders, depth)
    found = frames_in(answer)
    assert len(found) == FRAMES
    for frame, expected, unseen in zip(found, video, missing, strict=True):
        away = np.abs(frame - expected)[unseen < 0.5]  # the rest is hatched
        assert away.mean() < 2 and np.percentile(away, 99) < 14
    hatched = missing[-1] > 0.9
    assert hatched.any() and found[-1][hatched].mean() < 0.95 * video[-1][hatched].mean()


def test_depth_by_hand_is_played_as_it_is_run(folders):
    ((status, _, answer),) = post(folders, "/dragnuwa/play", BODY)
    assert status == 200
    is_alike(answer, folders, DrawnDepth())


def test_depth_of_a_run_is_played_as_it_is_run(folders):
    disparity = np.full(SIZE[::-1], 0.25, np.float32)
    disparity[80:180, 60:140] = 0.5
    scene = DepthScene(disparity, intrinsics_from_angle(55, SIZE))
    picture, lens = packed(scene)
    Image.fromarray(to_bytes(picture[0])).save(folders / "temp" / "depth.png")
    depth = {"picture": {"filename": "depth.png", "subfolder": "", "type": "temp"}, "lens": lens}
    ((status, _, answer),) = post(folders, "/dragnuwa/play", BODY | {"camera": CAMERA | {"depth": depth}})
    assert status == 200, answer
    is_alike(answer, folders, scene)
    wrong = {"picture": named(), "lens": lens}  # a photograph is no depth
    ((status, _, _),) = post(folders, "/dragnuwa/play", BODY | {"camera": CAMERA | {"depth": wrong}})
    assert status == 422


def test_a_camera_is_played_without_any_drawing(folders):
    nothing = {"text": json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": []})}
    ((status, _, answer),) = post(folders, "/dragnuwa/play", BODY | nothing)
    assert status == 200 and len(frames_in(answer)) == FRAMES


def test_one_of_several_cameras_of_a_file_is_played():
    frames = {f"frame{k}": {f"cam0{n}": f"[1 0 0 0] [0 1 0 0] [0 0 1 0] [{k * n} 0 0 1] " for n in (1, 2)}
              for k in (0, 1)}  # fmt: skip
    path = {"path": json.dumps(frames), "camera_number": 2}
    assert '"cam02" is read' in camera_of(REST | path, None).path.left_out()[0]


def changed(**fields) -> dict:
    return CAMERA | fields


@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        ([], 400), ("truck", 400), ({}, 400), ({**CAMERA, "zoomy": 1}, 400), (changed(truck="1"), 400),
        (changed(truck=True), 400), (changed(truck=None), 400), (changed(dolly_zoom=0), 400), (changed(ease=1), 400),
        (changed(path=None), 400), (changed(seed=-1), 400), (changed(seed=0.5), 400), (changed(seed=2**70), 400),
        (changed(camera_number=1.5), 400), (changed(camera_number=True), 400),
        (changed(truck=99), 422), (changed(focus_x=2), 422), (changed(ease="bounce"), 422), (changed(start=1), 422),
        (changed(farthest=0), 422), (changed(view_angle=0), 422), (changed(path="0.5: fly 2"), 422),
        (changed(path="[" * 10**5), 422), (changed(path="\ud800"), 422),
        (changed(depth=1), 400), (changed(depth={}), 400), (changed(depth={"picture": named(), "lens": 1}), 400),
        (changed(depth={"picture": named(), "lens": ["1"] * 4}), 400),
        (changed(depth={"picture": named(), "lens": []}), 422),
        (changed(depth={"picture": {"filename": "../x", "subfolder": "", "type": "temp"}, "lens": [1] * 4}), 404),
        (changed(depth={"picture": "x", "lens": [1] * 4}), 400),
    ],
)  # fmt: skip
def test_a_camera_that_cannot_be_is_refused_in_words(folders, camera, expected):
    ((status, _, answer),) = post(folders, "/dragnuwa/play", BODY | {"camera": camera})
    assert status == expected
    assert len(json.loads(answer)["error"]) > 20


def test_the_page_sends_every_key():
    assert set(CAMERA) == KEYS
