"""The route that follows the regions of a drawing through a video, in a real aiohttp server, on real files."""

import json

import numpy as np
import pytest

from dragnuwa.server import clips
from tests.support.page_routes import post
from tests.support.pictures import RED, texture
from tests.support.videos import count, write_video

WIDTH, HEIGHT, FRAMES = 160, 96, 9
SIDE, STEP, LEFT, TOP = 20, 6, 20, 40  # px, of a red square that goes right
CLIP = {"width": WIDTH, "height": HEIGHT, "fit": "stretch", "frames": FRAMES}
START = ((LEFT + SIDE / 2) / WIDTH, (TOP + SIDE / 2) / HEIGHT)


@pytest.fixture(scope="module")
def films(folders):
    """The folders, with a video, another of one frame, and one that is none."""
    frames = np.stack([texture(HEIGHT, WIDTH) // 2] * FRAMES)
    for time, frame in enumerate(frames):
        frame[TOP : TOP + SIDE, LEFT + STEP * time : LEFT + STEP * time + SIDE] = RED
    write_video(folders / "input" / "square.mp4", frames, [time / 8 for time in range(FRAMES)])
    write_video(folders / "input" / "one.mp4", [count(1)], [0.0])
    write_video(folders / "input" / "long.mp4", [count(3)] * (clips.MOST_FRAMES + 1), np.arange(401) / 25)
    (folders / "input" / "none.mp4").write_text("no video")
    return folders


def body(drawing: dict, name: str = "square.mp4", **fields) -> dict:
    text = {"type": "dragnuwa.trajectories", "version": 2 if "objects" in drawing else 1, **drawing}
    picture = {"filename": name, "subfolder": "", "type": "input", "at": 0}
    return {"picture": picture, **CLIP, "text": json.dumps(text), **fields}


def drag(*positions: tuple[float, float], **fields) -> dict:
    return {"tracks": [{"id": "t1", "points": [{"x": x, "y": y} for x, y in positions], **fields}]}


def box(left: float, top: float, **fields) -> dict:
    """An object of the square's size, at pixels of the video."""
    positions = ((left, top), (left + SIDE, top), (left + SIDE, top + SIDE), (left, top + SIDE))
    outline = [[{"x": x / WIDTH, "y": y / HEIGHT} for x, y in positions]]
    return {"id": "o1", "outline": outline, "motion": {"keys": [{"t": 1}]}, **fields}


def corner(outline: list) -> tuple[float, float]:
    """Left and top of an outline, in pixels of the video."""
    return tuple((np.array(outline[0]).min(0) * (WIDTH, HEIGHT)).tolist())


def answered(films, *bodies: dict) -> list[dict]:
    """The first thing of each answer."""
    answers = post(films, "/dragnuwa/regions", *bodies)
    assert [status for status, _, _ in answers] == [200] * len(bodies), answers
    return [json.loads(answer)["regions"][0] for _, _, answer in answers]


def test_what_is_drawn_on_is_outlined_in_each_frame_and_where_it_goes(films):
    (found,) = answered(films, body(drag(START, (START[0], START[1] - 24 / HEIGHT), spline="linear")))
    assert found["tracks"] == ["t1"] and found["at"] == 0 and "removed" not in found
    for time in range(FRAMES):
        assert corner(found["seen"][time]) == pytest.approx((LEFT + STEP * time, TOP), abs=1)
        if time:
            there = LEFT + STEP * time, TOP - 24 * time / (FRAMES - 1)
            assert corner(found["moved"][time]) == pytest.approx(there, abs=1.2)


def test_frames_of_the_page_are_those_of_the_video_at_their_times(films):
    (found,) = answered(films, body(drag(START, (0.5, 0.1)), frames=3))
    assert [corner(outline)[0] for outline in found["seen"]] == pytest.approx([LEFT, LEFT + 24, LEFT + 48], abs=1)


def test_outlines_lie_on_the_clip_however_the_video_is_fitted(films):
    (found,) = answered(films, body(drag((0.5 * START[0] + 0.25, START[1]), (0.5, 0.2)), width=320, fit="pad"))
    left = np.array(found["seen"][4][0]).min(0)[0]
    assert left == pytest.approx(0.25 + 0.5 * (LEFT + STEP * 4) / WIDTH, abs=0.01)


def moved(matrix: list[float], place: tuple[float, float]) -> tuple[float, float]:
    """As a canvas's transform moves a place."""
    a, b, c, d, e, f = matrix
    return a * place[0] + c * place[1] + e, b * place[0] + d * place[1] + f


def test_places_on_a_thing_are_known_in_each_frame(films):
    """For the page, which shows pins there: on top of its own motion, and of the one that is drawn."""
    frame, up = 4, 24 / HEIGHT
    here = (START[0] + STEP * frame / WIDTH, START[1])
    path = drag(here, (here[0], here[1] - up), start=0.5, spline="linear")
    padded = drag((0.5 * here[0] + 0.25, here[1]), (0.5 * here[0] + 0.25, here[1] - up), start=0.5, spline="linear")
    whole, half = answered(films, body(path), body(padded, width=320, fit="pad"))
    for time in range(FRAMES):
        away, drawn = STEP * (time - frame) / WIDTH, up * max(0, time - frame) / (FRAMES - 1 - frame)
        assert moved(whole["own"][time], here) == pytest.approx((here[0] + away, here[1]), abs=0.008)
        assert moved(whole["placed"][time], here) == pytest.approx((here[0] + away, here[1] - drawn), abs=0.008)
        there = 0.5 * here[0] + 0.25, here[1]
        assert moved(half["own"][time], there) == pytest.approx((there[0] + away / 2, there[1]), abs=0.008)


def test_a_correction_and_another_motion_of_an_object(films):
    """The second and third request are about what was followed already."""
    moved = {"keys": [{"t": 1, "y": -0.2}]}
    corrected = {"version": 1, "outlines": [{"at": 1, "outline": box(100, 10)["outline"]}]}
    still, other, gone = answered(
        films,
        *(body({"tracks": [], "objects": [each]}) for each in (
            box(LEFT, TOP, edit="still"), box(LEFT, TOP, motion=moved), box(LEFT, TOP, edit="removed"),
        )),
    )  # fmt: skip
    assert still["object"] == "o1" and corner(still["moved"][5]) == pytest.approx((LEFT, TOP), abs=1)
    assert still["seen"] == other["seen"] == gone["seen"]
    assert corner(other["moved"][8]) == pytest.approx((LEFT + STEP * 8, TOP - 0.2 * HEIGHT), abs=1.2)
    assert gone["removed"] and not any(gone["moved"])
    (found,) = answered(films, body({"tracks": [], "objects": [box(LEFT, TOP, followed=corrected)]}))
    assert corner(found["seen"][8]) == pytest.approx((100, 10), abs=1)
    assert corner(found["seen"][1]) == pytest.approx((LEFT + STEP, TOP), abs=1)


@pytest.mark.parametrize(
    "fields",
    [{"radius": 0}, {"radius": 1e300}, {"radius": "24"}, {"radius": True}, {"carries": "all"}, {"carries": ["object"]},
     {"fit": "fill"}, {"frames": 1}, {"frames": "9"}, {"text": 1}, {"text": "{"}, {"more": 1}, {"width": 10**9},
     {"picture": {"filename": "square.mp4", "subfolder": "", "type": "input", "at": 2}}],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(films, fields):
    ((status, _, answer),) = post(films, "/dragnuwa/regions", {**body(drag(START, (0.5, 0.1))), **fields})
    assert status in (400, 422) and json.loads(answer)["error"].endswith(".")


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (drag((-0.5, 0.5), (0.5, 0.5)), "square.mp4", "starts outside the picture"),
        ({"tracks": []}, "square.mp4", "There is nothing to edit"),
        (drag(START, (0.5, 0.1)), "one.mp4", "has one frame only"),
        (drag(START, (0.5, 0.1)), "long.mp4", "has more than 400 frames"),
        (drag(START, (0.5, 0.1)), "none.mp4", "cannot be decoded"),
    ],
)
def test_it_says_what_cannot_be_followed(films, text, name, told):
    ((status, _, answer),) = post(films, "/dragnuwa/regions", body(text, name))
    assert status == 422 and told in json.loads(answer)["error"]
