"""The routes that carry and play drags and fill the ground, in a real aiohttp server, on real files."""

import asyncio
import io
import json
import struct
import threading

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.layers import hole_of
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_floats
from dragnuwa.common.interrupt import checkpoint
from dragnuwa.common.packages import PackageError
from dragnuwa.server import fields, pictures, requests, routes
from dragnuwa.trajectory import parse
from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.inpainting.fill import fill_hole
from tests.support.drawings import objects_value, tracks_value
from tests.support.page_routes import CLIP, click, likeness_to_disc, named, post

GREY = (120, 125, 130)


def test_a_picture_is_divided_once_until_its_file_changes(folders, monkeypatch):
    from dragnuwa.vision.segmentation import prepared

    divisions, made = [], prepared.search_image
    monkeypatch.setattr(prepared, "search_image", lambda image: divisions.append(0) or made(image))
    bodies = [click((0.3, 0.5)), click((0.32, 0.5)), click((0.3, 0.5))]
    assert {status for status, _, _ in post(folders, "/dragnuwa/pick", *bodies)} == {200}
    assert len(divisions) == 1
    kept = pictures.Kept(2)
    made = [kept.get(key) or kept.put(key, [key]) for key in "abaca"]
    assert made[0] is made[2] is made[4]
    assert kept.get("b") is None


DRAG = {"points": [{"x": 0.3, "y": 0.5}, {"x": 0.6, "y": 0.5}]}
RING = [{"x": x, "y": y} for x, y in ((0.15, 0.3), (0.48, 0.3), (0.48, 0.7), (0.15, 0.7))]
FINISHED = {"outline": [RING], "motion": DRAG, "grow": -0.03, "feather": 0.1, "shutter": 1}


@pytest.mark.parametrize("drawing", [tracks_value(DRAG), objects_value(FINISHED)], ids=["drag", "finished object"])
def test_what_is_played_is_what_carry_makes(folders, drawing):
    text = json.dumps(drawing)
    body = {"picture": named(), **CLIP, "frames": 5, "text": text}
    ((status, media, answer), (_, _, again)) = post(folders, "/dragnuwa/play", body, body)
    assert (status, media) == (200, "application/octet-stream") and answer == again
    files, at = [], 0
    while at < len(answer):
        (length,) = struct.unpack_from(">I", answer, at)
        files.append(np.asarray(Image.open(io.BytesIO(answer[at + 4 : at + 4 + length]))))
        at += 4 + length
    assert len(files) == 5
    picture = to_floats(np.array(Image.open(folders / "input" / "sub" / "disc.png")))[None]
    clip = ClipShape(CLIP["width"], CLIP["height"], 5)
    drags = parse(text, width=clip.width, height=clip.height)
    expected = carry_clip(picture, drags, clip, settings=CarrySettings(fit=CLIP["fit"]))
    for found, frame in zip(files, expected.video, strict=True):
        away = np.abs(found - frame.numpy() * 255)
        assert away.mean() < 2 and np.percentile(away, 99) < 12
    nothing = {**body, "text": json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": []})}
    ((status, _, _),) = post(folders, "/dragnuwa/play", nothing)
    assert status == 422


def test_the_ground_is_the_one_that_carry_fills(folders):
    body = {"picture": named(), **CLIP, "outlines": [[RING]]}
    ((status, media, png), (again, _, same)) = post(folders, "/dragnuwa/ground", body, body)
    assert (status, media, again) == (200, "image/png", 200) and png == same
    filled = np.asarray(Image.open(io.BytesIO(png)))
    assert filled.shape == (256, 320, 3)
    assert np.abs(filled.astype(int) - GREY).max() < 20  # no red is left
    ((_, _, whole),) = post(folders, "/dragnuwa/ground", {**body, "outlines": []})
    picture = np.asarray(Image.open(io.BytesIO(whole))).astype(np.float32)
    hole = hole_of(outline_mask([[(p["x"], p["y"]) for p in RING]], 320, 256))
    assert (
        np.abs(fill_hole(picture / 255, hole) * 255 - filled)[hole].mean() <= 1
    )  # not of eight bits before it is filled


def asked(*tracks, **fields):
    return {"picture": named(), **CLIP, "frames": 5, "text": json.dumps(tracks_value(*tracks)), **fields}


def drag(*positions, **fields):
    return {"points": [{"x": x, "y": y} for x, y in positions], **fields}


def test_what_drags_carry_is_told_without_a_run(folders):
    """Two drags on a thing move it together; one on the ground moves its surroundings, a hidden one nothing."""
    one, other = drag((0.28, 0.5), (0.48, 0.5)), drag((0.34, 0.58), (0.52, 0.63))
    ground, hidden = drag((0.85, 0.9), (0.75, 0.9)), drag((0.3, 0.5), (0.3, 0.1), visible=[])
    bodies = [asked(one, ground, hidden), asked(one, ground, other), asked(ground)]
    answers = post(folders, "/dragnuwa/carried", *bodies)
    assert [(status, media) for status, media, _ in answers] == [(200, "application/json")] * 3
    (single, around), (both, _), (alone,) = (json.loads(body)["objects"] for _, _, body in answers)
    assert single["tracks"] == ["t1"] and "keys" not in single and likeness_to_disc(json.dumps(single)) > 0.95
    assert both["tracks"] == ["t1", "t3"] and likeness_to_disc(json.dumps(both)) > 0.95
    assert both["keys"][-1]["t"] == 1 and both["keys"][-1]["rotation"] > 3
    assert around == {"tracks": ["t2"], "outline": around["outline"], "surroundings": True}
    assert alone == {**around, "tracks": ["t1"]}


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"text": "[["}, 422, "should be JSON"),
        ({"text": 5}, 400, "text should be"),
        ({"text": "[]"}, 422, "nothing to move"),
        ({"text": "[[[-5, 5], [40, 40]]]"}, 422, "starts outside"),
        ({"frames": 1}, 400, "frames"),
        ({"frames": "14"}, 400, "whole numbers"),
        ({"width": 16384, "height": 16384}, 400, "smaller size"),
        ({"picture": named("../../secret.png")}, 404, "no such picture"),
    ],
)
def test_drags_that_carry_nothing_and_other_forms_are_refused(folders, change, status, words):
    ((found, _, answer),) = post(folders, "/dragnuwa/carried", asked(drag((0.3, 0.5), (0.5, 0.5)), **change))
    assert found == status and words in json.loads(answer)["error"]


REFUSED = {
    "outside": ({"picture": named("../../secret.png")}, 404, "no such picture"),
    "absolute": ({"picture": named("/etc/hostname", "/")}, 404, "no such picture"),
    "by a link": ({"picture": named("link.png", "")}, 404, "no such picture"),
    "not there": ({"picture": named("none.png")}, 404, "no such picture"),
    "a folder": ({"picture": named("sub", "")}, 404, "no such picture"),
    "half a character": ({"picture": named("\ud800")}, 404, "no such picture"),
    "another type": ({"picture": named(kind="models")}, 404, "no such picture"),
    "a null byte": ({"picture": named("a\0b")}, 400, "picture should have"),
    "no reference": ({"picture": "disc.png"}, 400, "picture should have"),
    "no picture": ({"picture": named("text.png", "")}, 422, "should be one of PNG, JPEG"),
    "no clip": ({"width": 321}, 400, "width must be a multiple of 8"),
    "clip as text": ({"width": "320"}, 400, "whole numbers"),
    "clip as truth": ({"width": True}, 400, "whole numbers"),
    "fit": ({"fit": "cover"}, 400, "fit should be one of crop, pad, stretch"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_in_words(folders, case):
    fields, status, words = REFUSED[case]
    outlines = {"picture": named(), **CLIP, "outlines": []}
    for path, body in (("/dragnuwa/pick", click((0.3, 0.5))), ("/dragnuwa/ground", outlines)):
        ((found, media, answer),) = post(folders, path, {**body, **fields})
        assert (found, media) == (status, "application/json")
        assert words in json.loads(answer)["error"]


@pytest.mark.parametrize("outlines", [None, [None], [[]], [[[{"x": 0, "y": 0}] * 3]], [[[{"x": 0, "y": 0}]]] * 257])
def test_outlines_of_another_form_are_refused(folders, outlines):
    body = {"picture": named(), **CLIP, "outlines": outlines}
    ((status, _, answer),) = post(folders, "/dragnuwa/ground", body)
    assert status == 400 and json.loads(answer)["error"].endswith(".")


def test_bodies_and_clips_are_bounded(folders):
    ((status, _, _),) = post(folders, "/dragnuwa/pick", click((0.3, 0.5), fit=" " * routes.MAX_PICK_BYTES))
    assert status == 413
    body = {"picture": named(), **CLIP, "outlines": [], "width": 16384, "height": 16384}
    ((status, _, answer),) = post(folders, "/dragnuwa/ground", body)
    assert status == 400 and "smaller size" in json.loads(answer)["error"]


def test_work_ends_where_the_page_has_gone():
    """The page closes its connection while the work runs; the next request is answered."""
    begun, ended = threading.Event(), threading.Event()

    def work(body):
        if body == b"quick":
            return b"answered"
        begun.set()
        try:
            while True:
                checkpoint()
                ended.wait(0.001)
        except requests.Abandoned:
            ended.set()
            raise

    async def run():
        app = web.Application()
        job = requests.Job("/long", work, "text/plain", 100, "", "")
        app.router.add_post("/long", requests.Route(job, lambda request: None).answer)
        headers = {"Content-Type": "application/json"}
        async with TestClient(TestServer(app)) as client:
            asking = asyncio.create_task(client.post("/long", data=b"slow", headers=headers))
            assert await asyncio.to_thread(begun.wait, 10)
            asking.cancel()
            assert await asyncio.to_thread(ended.wait, 10)
            return await (await client.post("/long", data=b"quick", headers=headers)).text()

    assert asyncio.run(run()) == "answered"


def test_without_opencv_a_sentence_says_what_to_install(folders, monkeypatch):
    def missing():
        raise PackageError("This needs OpenCV, which cannot be imported. Install it.")

    monkeypatch.setattr(fields, "need_opencv", missing)
    ground = {"picture": named(), **CLIP, "outlines": []}
    asked_for = {"pick": click((0.3, 0.5)), "carried": asked(drag((0.3, 0.5), (0.5, 0.5))), "ground": ground}
    for route_name, body in asked_for.items():
        ((status, _, answer),) = post(folders, f"/dragnuwa/{route_name}", body)
        assert status == 422 and "OpenCV" in json.loads(answer)["error"]
