"""Numbers and pictures at the ends of what a request may hold get an answer or a message, never a plain error."""

import json

import av
import numpy as np
import pytest

from tests.support.exhaustive import some
from tests.support.page_routes import CLIP, post
from tests.unit.server.test_camera import BODY, CAMERA, NUMBERS

NEAR_NOTHING = [(1, 1), (2, 64), (32, 2), (2, 2), (1, 64), (3, 3), (8, 8), (1, 2000), (3000, 2)]
DRAG = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
    {"points": [{"x": 0.4, "y": 0.5}, {"x": 0.6, "y": 0.5}]}]})  # fmt: skip
RING = [{"x": 0.1, "y": 0.1}, {"x": 0.9, "y": 0.1}, {"x": 0.9, "y": 0.9}]
MIDDLE = {"x": 0.5, "y": 0.5}
REQUESTS = [
    ("pick", {"points": [MIDDLE], "minus": []}), ("pick", {"points": [MIDDLE], "minus": [], "preview": True}),
    ("pick", {"points": [MIDDLE], "minus": [{"x": 0, "y": 0}]}), ("pick", {"points": [MIDDLE], "minus": [], "step": 1}),
    ("pick", {"points": [], "minus": [], "box": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}),
    ("pick", {"points": [MIDDLE], "minus": [], "outline": [RING]}),
    ("pick", {"points": [MIDDLE], "minus": [], "outline": [RING], "step": -1}),
    ("pick", {"points": [], "minus": [MIDDLE], "outline": [RING]}),
    ("composition", {"frames": 3, "text": DRAG, "longest": 128}), ("regions", {"frames": 3, "text": DRAG}),
    ("layers", {"frames": 3, "text": DRAG, "first": 0, "last": 2}),
    ("depth", {"frames": 3, "text": DRAG, "camera": CAMERA}), ("play", {"frames": 3, "text": DRAG, "camera": CAMERA}),
]  # fmt: skip
CLIPS = [(64, 64, "crop"), (2048, 64, "pad"), (16, 2048, "stretch")]
# Each video in one clip, and each clip for some small and some long videos.
PAIRED = [(size, [CLIPS[number % 3]]) for number, size in enumerate(NEAR_NOTHING)]


@pytest.mark.parametrize(("size", "clips"), some(PAIRED, [(size, CLIPS) for size in NEAR_NOTHING]))
def test_videos_of_a_few_pixels_are_answered(folders, size, clips):
    name = f"small_{size[0]}x{size[1]}.avi"
    random = np.random.default_rng(0)
    with av.open(str(folders / "input" / name), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuvj444p"
        for _ in range(3):
            pixels = random.integers(0, 256, (*size[::-1], 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    picture = {"filename": name, "subfolder": "", "type": "input", "at": 0.5}
    for route, fields in REQUESTS:
        bodies = [
            {"picture": picture, "width": width, "height": height, "fit": fit, **fields} for width, height, fit in clips
        ]
        answers = post(folders, f"/dragnuwa/{route}", *bodies)
        assert {status for status, _, _ in answers} <= {200, 400, 422}, (route, fields, answers)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_camera_of_huge_numbers_is_refused(folders, name):
    path = json.dumps([[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, k / 9] for k in range(3)])
    values = (10**400, -(10**400), 1e308, -1e308, float("nan"), float("inf"), 2**64)
    bodies = [{**BODY, "camera": CAMERA | {name: value, "path": path}} for value in values]
    for route in ("depth", "play"):
        for value, (status, _, answer) in zip(values, post(folders, f"/dragnuwa/{route}", *bodies), strict=True):
            assert status in (400, 422) and json.loads(answer)["error"].endswith("."), value


def test_a_lens_of_any_number_is_refused(folders):
    picture = {"filename": "disc.png", "subfolder": "sub", "type": "input"}
    for part in (10**400, float("nan"), float("inf"), 0, 1e308, -1, "1", True, None):
        camera = CAMERA | {"depth": {"picture": picture, "lens": [1, 1, 0.5, part]}}
        ((status, _, answer),) = post(folders, "/dragnuwa/play", {**BODY, "camera": camera})
        assert status in (400, 422) and json.loads(answer)["error"].endswith(".")


def test_huge_numbers_elsewhere_are_refused(folders):
    picture = {"filename": "disc.png", "subfolder": "sub", "type": "input"}
    for huge in (10**400, 1e308, float("nan"), float("inf")):
        bodies = [
            ("pick", {"picture": picture, **CLIP, "points": [{"x": huge, "y": 0.5}], "minus": []}),
            ("pick", {"picture": picture, **CLIP, "width": huge, "points": [MIDDLE], "minus": []}),
            ("pick", {"picture": {**picture, "at": huge}, **CLIP, "points": [MIDDLE], "minus": []}),
            ("pick", {"picture": picture, **CLIP, "points": [MIDDLE], "minus": [], "step": huge}),
            ("frames", {"picture": picture, "frames": huge, "first": 0, "last": 0, "longest": 640}),
            ("frames", {"picture": picture, "frames": 12, "first": huge, "last": huge, "longest": huge}),
            ("composition", {"picture": picture, **CLIP, "frames": 9, "text": DRAG, "longest": huge}),
            ("parse", {"text": "[[[1, 2], [3, 4]]]", "width": huge, "height": 320}),
            ("regions", {"picture": {**picture, "at": 0}, **CLIP, "frames": 9, "text": DRAG, "radius": huge}),
        ]
        for route, body in bodies:
            ((status, _, answer),) = post(folders, f"/dragnuwa/{route}", body)
            assert status in (400, 422) and json.loads(answer)["error"].endswith("."), (route, body)
