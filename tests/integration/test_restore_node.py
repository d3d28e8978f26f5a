"""Restore Detail in a queued prompt: a clip that has lost its detail, with the picture beside it."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dragnuwa.remote.client import NodeError

PICTURE, SMALL, FRAMES = 768, 96, 3
STILL = json.dumps([[{"x": 48, "y": 20}]])


@pytest.fixture
def restore(client, host, tmp_path):
    """restore(frames, clip_height, **inputs) -> the frames `[T, H, W, 3]` and the report, of a small clip at rest."""
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)

    def run(frames: int = FRAMES, clip_height: int = SMALL, **inputs) -> tuple[np.ndarray, str]:
        scaled = {
            "image": ["file", 0],
            "upscale_method": "area",
            "width": SMALL,
            "height": clip_height,
            "crop": "disabled",
        }
        given = {"images": ["clip", 0], "picture": ["file", 0], "width": 0, "height": 0, "strength": 1.0}
        prompt = {
            "file": ("LoadImage", {"image": "example.png"}),
            "small": ("ImageScale", scaled),
            "clip": ("RepeatImageBatch", {"image": ["small", 0], "amount": frames}),
            "restore": ("DragNUWARestoreDetail", given | inputs),
            "show": ("PreviewImage", {"images": ["restore", 0]}),
            "say": ("PreviewAny", {"source": ["restore", 2]}),
        }
        result = client.run(
            {name: {"class_type": class_type, "inputs": given} for name, (class_type, given) in prompt.items()}
        )
        files = [client.download(item, tmp_path) for item in result.files("show")]
        frames_found = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
        return frames_found.astype(int), result.outputs["say"]["text"][0]

    return run


def test_the_clip_gets_the_size_and_the_detail_of_the_picture(restore, host):
    picture = np.asarray(Image.open(host.input_directory / "example.png").convert("RGB")).astype(int)
    frames, report = restore()
    assert frames.shape == (FRAMES, PICTURE, PICTURE, 3)
    assert (frames[0] == picture).all()
    assert np.abs(frames - picture).mean() < 1
    assert report.startswith(f"{FRAMES} frames, from {SMALL}x{SMALL} to {PICTURE}x{PICTURE} pixels")


def test_another_width_and_drags(restore):
    frames, report = restore(width=256, trajectories=STILL)
    assert frames.shape == (FRAMES, 256, 256, 3)
    assert "The background rests" in report


def test_a_picture_that_upscale_image_has_stretched(restore):
    frames, report = restore(clip_height=SMALL // 2, fit="stretch")
    assert frames.shape == (FRAMES, PICTURE, 2 * PICTURE, 3)
    assert "is not this picture" not in report


def test_masks_that_load_image_gives_for_a_picture_without_one(restore):
    frames, _ = restore(masks=["file", 1], trajectories=STILL)
    assert frames.shape == (FRAMES, PICTURE, PICTURE, 3)


def test_one_frame_is_refused_in_words(restore):
    with pytest.raises(NodeError, match="a clip of at least two frames; found one") as error:
        restore(frames=1)
    assert error.value.class_type == "DragNUWARestoreDetail"
