"""The route that says what frames of a video consist of, in a real aiohttp server, on real files."""

import io
import json
import struct
import threading

import numpy as np
import pytest
from PIL import Image

from dragnuwa.common.interrupt import interrupts
from dragnuwa.server import clips, layers, requests
from dragnuwa.server.pictures import Budget
from dragnuwa.server.routes import picture_jobs
from tests.support.page_routes import folder_of, post
from tests.support.pictures import texture
from tests.unit.server.test_regions import FRAMES, HEIGHT, LEFT, SIDE, START, STEP, TOP, WIDTH, body, box, drag, films

__all__ = ["films"]
UP = drag(START, (START[0], START[1] - 24 / HEIGHT), spline="linear")


def asked(drawing: dict, first: int, last: int, **fields) -> dict:
    return body(drawing, first=first, last=last, **fields)


def told(answer: bytes) -> tuple[dict, list[np.ndarray]]:
    """The text, and the pictures `[h, w, 4]`."""
    (length,) = struct.unpack_from(">I", answer)
    about, at, pictures = json.loads(answer[4 : 4 + length]), 4 + length, []
    for size in about["files"]:
        pictures.append(np.asarray(Image.open(io.BytesIO(answer[at : at + size])).convert("RGBA")))
        at += size
    assert at == len(answer)
    return about, pictures


def answered(films, *bodies: dict) -> list[tuple[dict, list[np.ndarray]]]:
    answers = post(films, "/dragnuwa/layers", *bodies)
    assert [(status, media) for status, media, _ in answers] == [(200, "application/octet-stream")] * len(bodies)
    return [told(answer) for _, _, answer in answers]


def test_each_frame_has_the_thing_and_the_ground_behind_it(films):
    ((about, pictures),) = answered(films, asked(UP, 2, 5))
    (thing,) = about["objects"]
    assert (about["size"], about["bent"], thing["tracks"], thing["at"]) == ([WIDTH, HEIGHT], False, ["t1"], 0)
    assert about["onto"] == pytest.approx([1 / WIDTH, 0, 0, 1 / HEIGHT, 0, 0])
    assert thing["known"] == [True] * FRAMES
    assert thing["pivot"] == pytest.approx([LEFT + SIDE / 2 - 0.5, TOP + SIDE / 2 - 0.5], abs=1)
    for time in range(FRAMES):
        re, im, x, y = thing["own"][time]
        there = (re + 1j * im) * complex(*thing["pivot"]) + x + 1j * y - complex(*thing["pivot"])
        assert abs(re - 1) < 0.05 and abs(there - STEP * time) < 0.6
    assert [frame["number"] for frame in about["frames"]] == [2, 3, 4, 5]
    true = texture(HEIGHT, WIDTH) // 2
    for number, frame in enumerate(about["frames"]):
        ((ground, piece),) = [(each["ground"], *each["pieces"]) for each in frame["objects"]]
        behind, cut = pictures[2 * number : 2 * number + 2]
        left, top, right, bottom = ground["box"]
        assert behind.shape == (bottom - top, right - left, 4)
        uncovered = behind[..., 3] == 255
        assert np.abs(behind[..., :3].astype(int) - true[top:bottom, left:right])[uncovered].mean() < 8
        left, top, right, bottom = piece["box"]
        assert cut.shape == (bottom - top, right - left, 4) and piece["onto"] == [1, 0, 0, 0]
        seen = cut[..., 3] > 127
        assert (cut[seen][:, 0] > 150).mean() > 0.9 and seen.sum() == pytest.approx(SIDE**2, rel=0.15)
        assert left + np.flatnonzero(seen.any(0))[0] == pytest.approx(LEFT + STEP * (2 + number), abs=1)


def test_frames_of_the_page_are_those_of_the_video_at_their_times(films):
    middle = 0.5 * START[0] + 0.25, START[1]
    inside = drag(middle, (middle[0], 0.2), spline="linear")
    (few, _), (padded, _) = answered(films, asked(UP, 0, 2, frames=3), asked(inside, 0, 0, width=320, fit="pad"))
    assert [step[2] for step in few["objects"][0]["own"]] == pytest.approx([0, 4 * STEP, 8 * STEP], abs=2)
    assert padded["onto"] == pytest.approx([0.5 / WIDTH, 0, 0, 1 / HEIGHT, 0.25, 0])


def test_what_bends_is_answered_as_it_is_edited(films):
    pins = [
        {"points": [{"x": (LEFT + 3) / WIDTH, "y": START[1]}], "kind": "anchor"},
        {"points": [{"x": (LEFT + 16) / WIDTH, "y": y} for y in (START[1], START[1] - 0.1)]},
    ]
    drawing = {"tracks": [], "objects": [box(LEFT, TOP, motion={"keys": [{"t": 0}]}, pins=pins)]}
    ((about, pictures),) = answered(films, asked(drawing, 0, 8))
    assert about["bent"] and about["objects"] == []
    assert about["frames"][0] == {"number": 0, "edited": None} and len(pictures) == FRAMES - 1
    left, top, right, bottom = about["frames"][8]["edited"]["box"]
    assert left < LEFT + STEP * 8 and right >= LEFT + STEP * 8 + SIDE and top < TOP and bottom > TOP + SIDE / 2


@pytest.mark.parametrize(
    "fields",
    [{"first": -1}, {"first": 3, "last": 2}, {"last": 9}, {"first": "0"}, {"last": True}, {"last": 1e3}, {"radius": 0},
     {"first": 0, "last": layers.MOST_AT_ONCE, "frames": 99}, {"text": "{"}, {"more": 1}, {"frames": 1},
     {"picture": {"filename": "square.mp4", "subfolder": "", "type": "input"}},
     {"picture": {"filename": "square.mp4", "subfolder": "..", "type": "input", "at": 0}},
     {"picture": {"filename": "none.mp4", "subfolder": "", "type": "input", "at": 0}}],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(films, fields):
    ((status, _, answer),) = post(films, "/dragnuwa/layers", {**asked(UP, 0, 2), **fields})
    assert status in (400, 404, 422) and json.loads(answer)["error"].endswith(".")


def test_a_longer_video_comes_smaller(films, monkeypatch):
    assert [clips.small_side((1920, 1080), count) for count in (9, 200, 362, 10**6)] == [640, 640, 495, 471]
    monkeypatch.setattr(clips, "MOST_BYTES", WIDTH * HEIGHT * 3 * FRAMES // 4)
    ((status, _, answer),) = post(films, "/dragnuwa/layers", asked(UP, 2, 3))
    assert status == 200
    about, pictures = told(answer)
    assert about["size"] == [WIDTH // 2, HEIGHT // 2]
    assert about["onto"] == pytest.approx([2 / WIDTH, 0, 0, 2 / HEIGHT, 0, 0])
    seen = pictures[1][..., 3] > 127
    assert seen.sum() == pytest.approx((SIDE / 2) ** 2, rel=0.3)


def test_it_ends_once_nobody_waits(films):
    job = next(job for job in picture_jobs(folder_of(films), None) if job.path == "/dragnuwa/layers")
    gone = threading.Event()

    def check() -> None:
        gone.set()
        raise requests.Abandoned

    with pytest.raises(requests.Abandoned), interrupts(check):
        job.work(json.dumps(asked(UP, 0, 2)).encode())
    assert gone.is_set()


def test_memory_is_asked_for(films, monkeypatch):
    """What following takes is reserved before anything is read, and later only what the frames take."""
    reserved, share = [], Budget.share
    monkeypatch.setattr(Budget, "share", lambda self, size: reserved.append(size) or share(self, size))
    answered(films, asked(UP, 0, 0), asked(UP, 1, 1))
    *_, following, first, second = reserved
    assert following > clips.MORE_BYTES + clips.TO_COMPOSITE * WIDTH * HEIGHT * 3 * FRAMES
    assert first == second == layers.FRAME_BYTES * WIDTH * HEIGHT
