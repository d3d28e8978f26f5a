"""The route that reads pasted text, in a real aiohttp server."""

import asyncio
import io
import json
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from dragnuwa.server import requests, routes
from dragnuwa.server.requests import Access
from dragnuwa.trajectory import TrajectoryError, parse, write_flo

SIZE = {"width": 576, "height": 320}
JSON = {"Content-Type": "application/json"}
KJNODES = '[[{"x": 115, "y": 192}, {"x": 288, "y": 96}], [{"x": 518, "y": 288}]]'


TABLE = "frame,track,x,y\n0,Flügel,25,40\n1,Flügel,30,40\n"


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(24.0).reshape(4, 3, 2))
    return file.getvalue()


def post(data, headers=None):
    """(status, decoded answer) of a body."""

    async def run():
        async with served() as client:
            response = await client.post("/dragnuwa/parse", data=data, headers=headers)
            assert response.content_type == "application/json"
            return response.status, await response.json()

    return asyncio.run(run())


def post_json(fields):
    return post(json.dumps(fields), {"Content-Type": "application/json"})


@pytest.mark.parametrize("text", [KJNODES, "[[115, 192], [288, 96]]", "[{'x': 1, 'y': 2}]", "[]"])
def test_every_form_that_is_read_becomes_our_json(text):
    status, answer = post_json({"text": text, **SIZE})
    assert status == 200
    assert answer == {"trajectories": json.loads(parse(text, **SIZE).to_json())}


@pytest.mark.parametrize("data", [
    TABLE.encode("utf-16"), TABLE.encode("utf-8-sig"), KJNODES.encode("utf-16-le"), _npy(),
    write_flo(np.ones((32, 48, 2))),
])  # fmt: skip
def test_files_are_read_by_their_bytes(data):
    status, answer = post_json({"file": data.hex(), **SIZE})
    assert status == 200 and answer == {"trajectories": json.loads(parse(data, **SIZE).to_json())}
    assert answer["trajectories"]["tracks"]


@pytest.mark.parametrize("fields", [{"file": "\u0100"}, {"file": "abc"}, {"file": 3}, {"file": "[]", "text": "[]"}, {}])
def test_what_is_no_file_is_refused(fields):
    status, answer = post_json({**fields, **SIZE})
    assert status == 400 and ("no more" in answer["error"] or "hexadecimal" in answer["error"])


BENT = json.dumps({
    "type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [{
        "outline": [[{"x": x, "y": y} for x, y in ((0.1, 0.4), (0.9, 0.4), (0.9, 0.6), (0.1, 0.6))]],
        "motion": {"points": [{"x": 0, "y": 0}]},
        "pins": [{"points": [{"x": 0.2, "y": 0.5}]}, {"points": [{"x": 0.85, "y": 0.5}, {"x": 0.8, "y": 0.75}]}],
    }],
})  # fmt: skip


def test_what_bends_is_written_as_it_bends():
    status, answer = post_json({"text": BENT, **SIZE, "frames": 5, "format": "kjnodes"})
    assert status == 200
    tracks = [[(point["x"], point["y"]) for point in track] for track in json.loads(answer["text"])]
    points, _ = parse(BENT, **SIZE).sample(5, 576, 320)
    assert len(tracks) == len(points) and len({len(track) for track in tracks}) == 1
    ways = [abs(complex(*track[-1]) - complex(*track[0])) for track in tracks]
    assert max(ways) > 70 and min(ways) < 1  # the pin and the anchor: it does not move as a whole
    svg = post_json({"text": BENT, **SIZE, "frames": 5, "format": "svg"})[1]["text"]
    assert svg.startswith("<svg")


@pytest.mark.parametrize("more", [{"format": "docx", "frames": 5}, {"format": 3, "frames": 5}, {"format": "svg"},
                                  {"format": "svg", "frames": "5"}, {"format": "svg", "frames": -1}])  # fmt: skip
def test_only_known_formats_and_clips_are_written(more):
    status, answer = post_json({"text": BENT, **SIZE, **more})
    assert status == 400 and answer["error"]


@pytest.mark.parametrize("text", ["", "{}", '[[[115, 192], ["a", 160]]]', "[" * 10**6, "\ud800", '["<script>"]'])
def test_what_cannot_be_read_is_answered_in_the_readers_words(text):
    with pytest.raises(TrajectoryError) as expected:
        parse(text, **SIZE)
    assert post_json({"text": text, **SIZE}) == (400, {"error": str(expected.value)})


@pytest.mark.parametrize(
    "size", [{"width": 0}, {"width": "576"}, {"height": None}, {"height": 1.5}, {"width": 10**400}]
)
def test_a_size_that_is_none_is_refused(size):
    status, answer = post_json({"text": KJNODES, **SIZE, **size})
    assert status == 400
    assert f"the picture's {next(iter(size))} should be a whole number from 1 to 65536" in answer["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"nonsense", b"[" * 10**6, b"[]", b"null", b'"text"', b'{"text": "[]", "width": 576}',
        b'{"text": [], "width": 576, "height": 320}', b'{"text": "[]", "width": 576, "height": 320, "path": "/"}',
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused(body):
    status, answer = post(body, {"Content-Type": "application/json"})
    assert status == 400
    assert answer["error"].startswith("The body should be ")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
def test_another_media_type_is_refused(media):
    status, answer = post(json.dumps({"text": KJNODES, **SIZE}), {"Content-Type": media})
    assert (status, answer) == (415, {"error": f"Content-Type should be application/json, but it is {media}."})


def test_a_body_beyond_the_limit_is_refused_before_it_is_read():
    assert post(b" " * (routes.MAX_BODY_BYTES + 1), {"Content-Type": "application/json"})[0] == 413


@asynccontextmanager
async def served():
    """A client of the route."""
    table = web.RouteTableDef()
    routes.add_to(table, lambda kind: None, lambda name: None, Access())
    app = web.Application(client_max_size=2**30)  # as large as the host allows: the route has a limit of its own
    app.add_routes(table)
    async with TestClient(TestServer(app)) as client:
        yield client


async def trickle(ended: asyncio.Event):
    """A body that does not end."""
    yield b'{"text": "'
    await ended.wait()


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch):
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.05)

    async def run():
        ended = asyncio.Event()
        async with served() as client:
            response = await client.post("/dragnuwa/parse", data=trickle(ended), headers=JSON)
            ended.set()
            return response.status, (await response.json())["error"]

    status, error = asyncio.run(run())
    assert status == 408 and "within 0.05 seconds" in error


def test_bodies_that_do_not_arrive_are_bounded_in_number_and_others_are_answered_again():
    async def run():
        ended = asyncio.Event()
        async with served() as client:
            slow = [
                asyncio.create_task(client.post("/dragnuwa/parse", data=trickle(ended), headers=JSON))
                for _ in range(routes.MAX_REQUESTS + 1)
            ]
            (first,), others = await asyncio.wait(slow, return_when=asyncio.FIRST_COMPLETED)
            busy = first.result().status, (await first.result().json())["error"]
            ended.set()
            statuses = {one.status for one in await asyncio.gather(*others)}
            after = await client.post("/dragnuwa/parse", data=json.dumps({"text": "[]", **SIZE}), headers=JSON)
            return busy, statuses, after.status

    busy, statuses, after = asyncio.run(run())
    assert busy == (503, "8 texts are being read already. Paste it again in a moment.")
    assert statuses == {400} and after == 200


def test_a_pack_that_is_there_twice_does_not_keep_the_host_from_starting(caplog):
    table = web.RouteTableDef()
    for _ in range(2):
        routes.add_to(table, lambda kind: None, lambda name: None, Access())
    web.Application().add_routes(table)  # raises where a path is there twice
    assert "installed twice" in caplog.text
