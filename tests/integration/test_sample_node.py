"""Sample Trajectories in a queued prompt: the motion of a video that is built in the graph."""

import json
import shutil
from pathlib import Path

import cv2
import pytest

from dragnuwa.remote.client import NodeError
from dragnuwa.trajectory import parse
from scripts.host import PICTURES
from tests.support.pictures import texture

ROOT = Path(__file__).resolve().parents[2]
OUTPUTS = {"SaveVideo", "PreviewImage"}


@pytest.fixture(scope="module")
def picture(place_input) -> str:
    """A picture with texture everywhere, 160 x 128."""
    return place_input(cv2.imencode(".png", texture(128, 160))[1].tobytes(), "texture.png")


def moving(picture: str, frames: int, step: int) -> dict:
    """A prompt that samples a window over the picture, which moves `step` pixels to the right a frame: what it shows
    moves to the left."""
    prompt: dict = {"picture": {"class_type": "LoadImage", "inputs": {"image": picture}}}
    previous = None
    for frame in range(frames):
        crop = {"image": ["picture", 0], "x": step * frame, "y": 0, "width": 128, "height": 128}
        prompt[f"crop {frame}"] = {"class_type": "ImageCrop", "inputs": crop}
        joined = {"image1": [previous, 0], "image2": [f"crop {frame}", 0]}
        if previous is not None:
            prompt[f"batch {frame}"] = {"class_type": "ImageBatch", "inputs": joined}
        previous = f"crop {frame}" if previous is None else f"batch {frame}"
    prompt["sample"] = {
        "class_type": "DragNUWASampleTrajectories",
        "inputs": {"video": [previous, 0], "count": 12, "seed": 5, "interval": 16},
    }
    prompt["show"] = {"class_type": "PreviewAny", "inputs": {"source": ["sample", 0]}}
    return prompt


def test_the_motion_of_a_video_comes_out_as_tracks(picture, client):
    (text,) = client.run(moving(picture, 6, 4)).outputs["show"]["text"]
    assert json.loads(text)["canvas"] == {"width": 128, "height": 128}
    points, visible = parse(text, width=128, height=128).sample(6, 128, 128)
    assert points.shape == (12, 6, 2) and visible.mean() > 0.6
    steps = (points[:, 1:] - points[:, :-1])[visible[:, 1:] & visible[:, :-1]]
    assert abs(steps[:, 0] + 4).max() < 1 and abs(steps[:, 1]).max() < 1


@pytest.mark.parametrize(
    ("frames", "changes", "words"),
    [
        (1, {}, "Expected a video of 2 frames or more to take the motion from; found a single frame."),
        (2, {"count": 4096}, "Expected from 1 to 400 tracks"),
    ],
)
def test_bad_input_is_told_in_the_node(frames, changes, words, picture, client):
    prompt = moving(picture, frames, 4)
    prompt["sample"]["inputs"].update(changes)
    with pytest.raises(NodeError) as error:
        client.run(prompt)
    assert error.value.class_type == "DragNUWASampleTrajectories" and words in error.value.message


def test_the_templates_driving_video_moves_the_drags(client, host):
    """As it ships, up to the preview: the drags lie where the black horse is, and go to the right as it does."""
    prompt = json.loads((ROOT / "workflows" / "api" / "motion_transfer.json").read_text(encoding="utf-8"))
    shutil.copytree(PICTURES, host.input_directory, dirs_exist_ok=True)
    sample = next(key for key, node in prompt.items() if node["class_type"] == "DragNUWASampleTrajectories")
    wanted = {"show": {"class_type": "PreviewAny", "inputs": {"source": [sample, 0]}}}
    without = {key: node for key, node in prompt.items() if not OUTPUTS & {node["class_type"]}}
    (text,) = client.run(without | wanted).outputs["show"]["text"]
    points, visible = parse(text, width=168, height=96).sample(8, 168, 96)
    way = [track[seen][-1] - track[0] for track, seen in zip(points, visible, strict=True)]
    assert len(way) == 8 and (points[:, 0, 0] > 90).all()
    assert sum(x > 4 for x, _ in way) >= 5
