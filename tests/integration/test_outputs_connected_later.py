"""Outputs that are connected after a run: ComfyUI takes them from its cache, and they are what a first run gives."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.support.prompts import downloaded, node
from tests.support.videos import moving_square, write_video

FRAMES, WIDTH, HEIGHT = 5, 160, 128
SIZE = {"width": WIDTH, "height": HEIGHT}
DRAG = json.dumps([[{"x": 56, "y": 64}, {"x": 56, "y": 40}]])


@pytest.fixture(scope="module")
def film(host) -> np.ndarray:
    """The frames of connected-later.mp4 in the input folder: a square that goes right."""
    frames = moving_square(FRAMES, (8, 0), height=HEIGHT, width=WIDTH)
    write_video(host.input_directory / "connected-later.mp4", frames, [number / 8 for number in range(FRAMES)])
    return frames


def edit(margin: float) -> dict:
    return {
        "load": node("LoadVideo", file="connected-later.mp4"),
        "frames": node("GetVideoComponents", video=["load", 0]),
        "edit": node(
            "DragNUWAEditVideo", images=["frames", 0], trajectories=DRAG, radius=24.0, carries="object", fit="crop",
            margin=margin, **SIZE,
        ),
        "video": node("PreviewImage", images=["edit", 0]),
    }  # fmt: skip


def test_the_plate_and_the_things_of_edit_video(client, film, tmp_path):
    client.run(edit(7.0))
    later = edit(7.0) | {
        "plate": node("PreviewImage", images=["edit", 2]),
        "pictures": node("MaskToImage", mask=["edit", 4]),
        "things": node("PreviewImage", images=["pictures", 0]),
    }
    result = client.run(later)
    plate = downloaded(client, result, "plate", tmp_path)
    things = downloaded(client, result, "things", tmp_path, "L")
    assert plate.shape == (FRAMES, HEIGHT, WIDTH, 3) and things.shape == (FRAMES, HEIGHT, WIDTH)
    middles = [int(np.argwhere(thing > 127)[:, 1].mean()) for thing in things]
    assert middles == pytest.approx([56, 64, 72, 80, 88], abs=3)
    last = plate[0, 40:88, 32:40].astype(int)  # where the square no longer is in the other frames
    assert np.abs(last - film[-1, 40:88, 32:40]).mean() < 6 < np.abs(last - film[0, 40:88, 32:40]).mean()


def camera(host, frames: int) -> dict:
    depth = np.repeat(np.linspace(0, 255, WIDTH, dtype=np.uint8)[None], HEIGHT, 0)
    Image.fromarray(depth).save(host.input_directory / "connected-later.png")
    return {
        "load": node("LoadImage", image="connected-later.png"),
        "camera": node(
            "DragNUWACameraInDepth", image=["load", 0], depth=["load", 0], frames=frames, fit="crop", **SIZE,
            **dict.fromkeys(("pan", "tilt", "roll", "truck", "pedestal", "orbit", "rise", "zoom", "handheld"), 0.0),
            dolly=0.2, dolly_zoom=False, seed=0, focus_x=0.5, focus_y=0.5, ease="linear", start=0.0, end=1.0,
            white="near", farthest=10.0, view_angle=55.0, spacing=32.0,
        ),
        "video": node("PreviewImage", images=["camera", 0]),
    }  # fmt: skip


def test_the_embedding_of_camera_in_depth(client, host):
    client.run(camera(host, FRAMES))
    later = camera(host, FRAMES) | {"text": node("PreviewAny", source=["camera", 3])}
    (text,) = client.run(later).outputs["text"]["text"]
    assert text.count("[[[[[") == 1 and len(text) > 100, text


def test_a_number_of_frames_that_wan_does_not_take_stops_only_what_takes_the_embedding(client, host):
    assert len(list(client.run(camera(host, 6)).files("video"))) == 6
    made = client.run(camera(host, 6) | {"text": node("PreviewAny", source=["camera", 3])})
    assert "text" not in made.outputs and len(list(made.files("video"))) == 6
