"""The routes about pictures and drags, in a real aiohttp server, on real files."""

import asyncio
import json
import threading

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from dragnuwa.common.errors import PackageError
from dragnuwa.common.interrupt import checkpoint
from dragnuwa.server import fields, requests, routes
from tests.support.drawings import tracks_value
from tests.support.page_routes import CLIP, click, likeness_to_disc, named, post

GREY = (120, 125, 130)


def test_a_picture_is_divided_once_until_its_file_changes(folders, monkeypatch):
    from dragnuwa.vision.segmentation import prepared

    divisions, made = [], prepared.search_image
    monkeypatch.setattr(prepared, "search_image", lambda image: divisions.append(0) or made(image))
    bodies = [click((0.3, 0.5)), click((0.32, 0.5)), click((0.3, 0.5))]
    assert {status for status, _, _ in post(folders, "/dragnuwa/pick", *bodies)} == {200}
    assert len(divisions) == 1


def asked(*tracks, **fields):
    return {"picture": named(), **CLIP, "frames": 5, "text": json.dumps(tracks_value(*tracks)), **fields}


def drag(*positions, **fields):
    return {"points": [{"x": x, "y": y} for x, y in positions], **fields}


def drawn(region):
    """The outline of a region where it was drawn, as that of a pick."""
    return json.dumps({"outline": [[{"x": x, "y": y} for x, y in ring] for ring in region["seen"][0]]})


def test_drags_are_searched_once_for_all_who_ask(folders, monkeypatch):
    from dragnuwa.vision.segmentation import find

    searched, opacity = [], find.opacity
    monkeypatch.setattr(find, "opacity", lambda *of: searched.append(0) or opacity(*of))
    body = asked(drag((0.3, 0.5), (0.6, 0.5)))
    answers = post(folders, None, ("/dragnuwa/regions", body), ("/dragnuwa/composition", {**body, "longest": 320}))
    assert [status for status, _, _ in answers] == [200, 200] and len(searched) == 1


def test_what_drags_carry_is_told_without_a_run(folders):
    """Two drags on a thing move it together; one on the ground moves its surroundings, a hidden one nothing."""
    one, other = drag((0.28, 0.5), (0.48, 0.5)), drag((0.34, 0.58), (0.52, 0.63))
    ground, hidden = drag((0.85, 0.9), (0.75, 0.9)), drag((0.3, 0.5), (0.3, 0.1), visible=[])
    bodies = [asked(one, ground, hidden), asked(one, ground, other), asked(ground)]
    answers = post(folders, "/dragnuwa/regions", *bodies)
    assert [(status, media) for status, media, _ in answers] == [(200, "application/json")] * 3
    (single, around), (both, _), (alone,) = (json.loads(body)["regions"] for _, _, body in answers)
    assert single["tracks"] == ["t1"] and "keys" not in single and likeness_to_disc(drawn(single)) > 0.95
    assert both["tracks"] == ["t1", "t3"] and likeness_to_disc(drawn(both)) > 0.95
    assert both["keys"][-1]["t"] == 1 and both["keys"][-1]["rotation"] > 3
    assert around == {"tracks": ["t2"], "at": 0, "seen": around["seen"], "moved": [], "surroundings": True}
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
    ((found, _, answer),) = post(folders, "/dragnuwa/regions", asked(drag((0.3, 0.5), (0.5, 0.5)), **change))
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
    drags = asked(drag((0.3, 0.5), (0.5, 0.5)), longest=320)
    for path, body in (("/dragnuwa/pick", click((0.3, 0.5))), ("/dragnuwa/composition", drags)):
        ((found, media, answer),) = post(folders, path, {**body, **fields})
        assert (found, media) == (status, "application/json")
        assert words in json.loads(answer)["error"]


def test_bodies_and_clips_are_bounded(folders):
    ((status, _, _),) = post(folders, "/dragnuwa/pick", click((0.3, 0.5), fit=" " * routes.MAX_PICK_BYTES))
    assert status == 413
    body = asked(drag((0.3, 0.5), (0.5, 0.5)), longest=320, width=16384, height=16384)
    ((status, _, answer),) = post(folders, "/dragnuwa/composition", body)
    assert status == 400 and "smaller size" in json.loads(answer)["error"]


def test_work_ends_where_the_page_has_hole_of():
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
    drags = asked(drag((0.3, 0.5), (0.5, 0.5)))
    asked_for = {"pick": click((0.3, 0.5)), "regions": drags, "composition": {**drags, "longest": 320}}
    for route_name, body in asked_for.items():
        ((status, _, answer),) = post(folders, f"/dragnuwa/{route_name}", body)
        assert status == 422 and "OpenCV" in json.loads(answer)["error"]
