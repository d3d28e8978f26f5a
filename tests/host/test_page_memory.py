"""What the routes about a picture take at most, with ComfyUI's own loader of pictures."""

import asyncio
import ctypes
import gc
import json
from pathlib import Path

import av
import cv2
import folder_paths
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from dragnuwa.host.routes import load_picture
from dragnuwa.server import routes
from dragnuwa.server.requests import Access
from tests.support.memory import forget_peak, memory
from tests.support.videos import still_video

M_MMAP_THRESHOLD = -3
MOST = 1_500_000_000  # bytes
REFUSED = 50_000_000
CLIP = {"width": 1920, "height": 1080, "fit": "crop"}
WARM: list[bool] = []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_paths, "get_input_directory", lambda: str(tmp_path))
    monkeypatch.setattr(folder_paths, "input_directory", str(tmp_path))
    return tmp_path


def body(route, name, **fields):
    base = {"picture": {"filename": name, "subfolder": "", "type": "input"}, **CLIP}
    drags = {"frames": 14, "text": json.dumps([[[500 + 20 * k, 400], [800, 500 + k]] for k in range(4)])}
    own = {
        "pick": {"points": [{"x": 0.5, "y": 0.5}], "minus": []},
        "regions": drags,
        "composition": {**drags, "longest": 1280},
        "frames": {"frames": 24, "first": 0, "last": 23, "longest": 1920},
    }[route]
    if route == "frames":
        base = {"picture": base["picture"]}
    return {**base, **own, **fields}


def post(*asked):
    """The statuses and messages of requests that are sent at once, and by how many bytes the memory rose at most."""

    async def ask(client, route, fields):
        headers = {"Content-Type": "application/json"}
        async with client.post(f"/dragnuwa/{route}", data=json.dumps(fields), headers=headers) as answer:
            text = await answer.read()
            return answer.status, json.loads(text)["error"] if answer.status != 200 else ""

    async def run():
        table, app = web.RouteTableDef(), web.Application()
        routes.add_to(table, folder_paths.get_directory_by_type, load_picture, Access())
        app.add_routes(table)
        async with TestClient(TestServer(app)) as client:
            if not WARM:  # what is loaded for the first request of a process does not count
                await ask(client, "pick", body("pick", "warm.png"))
                await ask(client, "regions", body("regions", "warm.png"))
                WARM.append(True)
            before = memory("VmRSS")
            forget_peak()
            return await asyncio.gather(*(ask(client, *each) for each in asked)), memory("VmHWM") - before

    Image.effect_noise((200, 120), 60).convert("RGB").save(Path(folder_paths.get_input_directory()) / "warm.png")
    return asyncio.run(run())


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("name", "size"), [("row.png", (1, 134_217_727)), ("large.gif", (11_000, 11_000))])
def test_what_would_take_too_much_is_refused_before_it_is_decoded(folder, name, size):
    Image.new("1", size).save(folder / name)
    answers, taken = post(*((route, body(route, name)) for route in ("pick", "regions", "composition")))
    assert {status for status, _ in answers} == {422}
    assert all("The picture should have" in message for _, message in answers)
    assert taken < REFUSED


def test_the_largest_picture_of_the_most_expensive_kind_stays_within_the_bound(folder, record_figure):
    """16 bits and transparency, asked for by all routes at once."""
    data = np.zeros((4160, 6240, 4), np.uint16)
    data[1000:3000, 2000:4000] = 40_000
    (folder / "deep.png").write_bytes(cv2.imencode(".png", data, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
    del data
    answers, taken = post(*((route, body(route, "deep.png")) for route in ("pick", "regions", "composition")))
    assert [status for status, _ in answers] == [200, 200, 200]
    assert taken < MOST
    record_figure("routes about the largest picture, at once", f"{taken / 1e6:.0f} MB (bound {MOST / 1e6:.0f} MB)")


def test_many_drags_take_no_picture_each(folder):
    Image.effect_noise((640, 360), 60).convert("RGB").save(folder / "noise.png")
    drags = [[[x % 1900 + 9, x // 2 % 1050 + 9], [x % 1800 + 40, x // 3 % 1000 + 9]] for x in range(12_000)]
    ((status, message),), taken = post(("regions", body("regions", "noise.png", text=json.dumps(drags))))
    assert (status, message) == (200, "")
    assert taken < 500_000_000


def at_its_end(route, name):
    """A body about the last frame of a video."""
    asked = body(route, name)
    return asked if route == "frames" else asked | {"picture": {**asked["picture"], "at": 1}}


def test_a_frame_that_is_larger_than_the_first_is_refused_before_it_is_decoded(folder):
    still_video(folder / "grows.avi", [(96, 64)] * 6 + [(16_000, 16_000)])
    answers, taken = post(*((route, at_its_end(route, "grows.avi")) for route in ("pick", "regions", "frames")))
    assert {status for status, _ in answers} == {422}
    assert all("cannot be decoded" in message for _, message in answers)
    assert taken < REFUSED


@pytest.fixture
def returned_memory():
    """Freed memory is returned at once: glibc would keep some of it for each of the routes' threads."""
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 2**20)


def test_the_largest_video_stays_within_the_bound(folder, returned_memory, record_figure):
    """Of frames that refer to as many as there may be, asked for by several routes at once."""
    size, stream_options = (6_256, 3_504), {"preset": "ultrafast", "x264-params": "ref=16:bframes=0"}
    with av.open(str(folder / "large.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24, options=stream_options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        frame = av.VideoFrame(*size, "yuv420p")
        for plane, value in zip(frame.planes, (90, 110, 140), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        for number in range(20):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        del frame, stream
    del container
    gc.collect()
    answers, taken = post(*((route, at_its_end(route, "large.mp4")) for route in ("pick", "frames", "composition")))
    assert [status for status, _ in answers[1:]] == [200, 200]
    assert taken < MOST
    record_figure("routes about the largest video, at once", f"{taken / 1e6:.0f} MB (bound {MOST / 1e6:.0f} MB)")
