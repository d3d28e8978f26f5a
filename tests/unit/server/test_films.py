"""The routes that give a video's length and frames, in a real aiohttp server, on real files."""

import io
import json
import struct
import threading

import numpy as np
import pytest
from PIL import Image

from dragnuwa.common.interrupt import interrupts
from dragnuwa.server import requests
from dragnuwa.server.pictures import MAX_SHOWN, PagePictures
from dragnuwa.server.routes import picture_jobs
from dragnuwa.trajectory.objects.masks import outline_mask
from tests.support.likeness import overlap
from tests.support.page_routes import folder_of, post
from tests.support.video_kinds import FRAMES, HEIGHT, KINDS, SIDE, WIDTH, middle, seen_frames, write_kind
from tests.support.videos import still_video
from tests.unit.server.test_camera import CAMERA

CLIP = {"width": WIDTH, "height": HEIGHT, "fit": "crop"}


@pytest.fixture(scope="module")
def there(folders):
    """The folders, with videos of all kinds."""
    for name in KINDS:
        write_kind(folders / "input", name)
    still_video(folders / "input" / "grows.avi", [(96, 64)] * 6 + [(16_000, 16_000)])
    return folders


def named(name: str, **fields) -> dict:
    return {"filename": name, "subfolder": "", "type": "input", **fields}


def shown(answer: bytes) -> tuple[tuple[int, int], np.ndarray]:
    """The size and the pictures in an answer."""
    pictures, at = [], 8
    while at < len(answer):
        (length,) = struct.unpack_from(">I", answer, at)
        pictures.append(np.asarray(Image.open(io.BytesIO(answer[at + 4 : at + 4 + length]))))
        at += 4 + length
    return struct.unpack_from(">II", answer), np.stack(pictures)


@pytest.mark.parametrize("name", [name for name in KINDS if not name.startswith("cut_off")])
def test_length_frames_and_picks_are_those_of_the_run(there, name):
    ((status, _, answer),) = post(there, "/dragnuwa/video", {"picture": named(name)})
    assert (status, json.loads(answer)) == (200, {"frames": FRAMES})
    asked = {"picture": named(name), "frames": FRAMES, "first": 0, "last": FRAMES - 1, "longest": 640}
    half = {**asked, "first": 5, "last": 7, "longest": 96}
    once = {**asked, "last": 0}
    answers = post(there, "/dragnuwa/frames", asked, half, once)
    assert {status for status, _, _ in answers} == {200}
    (size, whole), (_, small), (_, first) = (shown(answer) for _, _, answer in answers)
    assert size == (WIDTH, HEIGHT) and whole.shape == seen_frames().shape
    assert np.abs(whole.astype(int) - seen_frames()).mean((1, 2, 3)).max() < 6
    assert small.shape == (3, HEIGHT // 2, WIDTH // 2, 3) and (first[0] == whole[0]).all()
    reds = [np.argwhere((picture[..., 0] > 120) & (picture[..., 1] < 90)).mean(0)[1] / WIDTH for picture in whole]
    assert reds == pytest.approx([middle(number)[0] for number in range(FRAMES)], abs=0.02)
    x, y = middle(7)
    click = {"picture": named(name, at=7 / (FRAMES - 1)), **CLIP, "points": [{"x": x, "y": y}], "minus": []}
    ((status, _, answer),) = post(there, "/dragnuwa/pick", click)
    assert status == 200
    outline = [[(place["x"], place["y"]) for place in ring] for ring in json.loads(answer)["outline"]]
    found = outline_mask(outline, WIDTH, HEIGHT) > 0.5
    truth = np.zeros_like(found)
    left, top = round(x * WIDTH - SIDE / 2), round(y * HEIGHT - SIDE / 2)
    truth[top : top + SIDE, left : left + SIDE] = True
    assert overlap(found, truth) > 0.8


def test_a_clip_of_another_length_shows_the_frames_at_its_parts(there):
    """Halves are rounded as where something is drawn: both mean the same frame."""
    for frames in (3, 7, 23, 100):
        asked = {"picture": named("one_key.mp4"), "frames": frames, "first": 0, "last": min(frames, 24) - 1}
        ((status, _, answer),) = post(there, "/dragnuwa/frames", {**asked, "longest": 640})
        _, pictures = shown(answer)
        reds = [np.argwhere((picture[..., 0] > 120) & (picture[..., 1] < 90)).mean(0)[1] for picture in pictures]
        numbers = [round(round(k / (frames - 1), 6) * (FRAMES - 1)) for k in range(len(pictures))]
        assert status == 200 and reds == pytest.approx([middle(k)[0] * WIDTH for k in numbers], abs=3)


@pytest.mark.parametrize(
    "fields",
    [{"frames": 1}, {"frames": 5000}, {"frames": True}, {"first": -1}, {"first": 8}, {"last": 12}, {"last": 7.0},
     {"frames": 4000, "last": 3000}, {"longest": 0}, {"longest": 10**9}, {"longest": "640"}, {"more": 1},
     {"picture": named("../secret.png")}, {"picture": {"filename": "one_key.mp4"}}],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(there, fields):
    asked = {"picture": named("one_key.mp4"), "frames": 12, "first": 0, "last": 7, "longest": 640}
    ((status, _, answer),) = post(there, "/dragnuwa/frames", {**asked, **fields})
    assert status in (400, 404) and json.loads(answer)["error"].endswith(".")


def test_what_is_no_video_is_refused(there):
    asked = {"frames": 12, "first": 3, "last": 7, "longest": 640}
    for name in ("text.png", "grows.avi"):
        ((status, _, answer),) = post(there, "/dragnuwa/frames", {"picture": named(name), **asked})
        ((other, _, _),) = post(there, "/dragnuwa/video", {"picture": named(name)})
        assert status == other == 422 and "cannot be decoded" in json.loads(answer)["error"]


@pytest.mark.parametrize("route", ["video", "frames", "pick", "regions", "depth", "play", "composition"])
def test_work_on_a_video_ends_where_the_page_has_gone(there, route):
    """The check is heeded wherever it raises first, so at each of the pieces that are decoded."""
    drags = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
        {"points": [{"x": 0.4, "y": 0.3}, {"x": 0.6, "y": 0.3}]}]})  # fmt: skip
    body = {"picture": named("one_key.mp4", **({} if route in ("video", "frames") else {"at": 1}))} | {
        "video": {}, "frames": {"frames": 12, "first": 3, "last": 11, "longest": 640},
        "pick": {**CLIP, "points": [{"x": 0.5, "y": 0.3}], "minus": []},
        **{key: {**CLIP, "frames": 12, "text": drags, "camera": CAMERA} for key in ("depth", "play")},
        "composition": {**CLIP, "frames": 12, "text": drags, "longest": 128},
    }.get(route, {**CLIP, "frames": 12, "text": drags})  # fmt: skip
    job = next(job for job in picture_jobs(folder_of(there), None) if job.path == f"/dragnuwa/{route}")
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 9:
            raise requests.Abandoned

    with pytest.raises(requests.Abandoned), interrupts(check):
        job.work(json.dumps(body).encode())
    assert calls == 9


def test_two_who_ask_for_the_same_video_decode_it_once(there, monkeypatch):
    from dragnuwa.common import video_files

    asked, read, begun, go_on = [], video_files.read_index, threading.Event(), threading.Event()

    def slow(*given):
        asked.append(0)
        begun.set()
        assert go_on.wait(30)
        return read(*given)

    monkeypatch.setattr(video_files, "read_index", slow)
    pictures = PagePictures(folder_of(there), None)
    file = pictures.file(named("one_key.mp4"))
    threads = [threading.Thread(target=pictures.films.index, args=(file,)) for _ in range(4)]
    threads[0].start()
    assert begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(asked) == 1


def test_no_more_frames_are_sent_at_once_than_there_may_be(there):
    asked = {"picture": named("late.mkv"), "frames": 4 * MAX_SHOWN, "first": 1, "longest": 96}
    most, more = post(there, "/dragnuwa/frames", *({**asked, "last": MAX_SHOWN + beyond} for beyond in (0, 1)))
    assert most[0] == 200 and len(shown(most[2])[1]) == MAX_SHOWN
    assert more[0] == 400
