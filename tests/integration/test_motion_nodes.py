"""Camera, brush, merge and transform in prompts on the running ComfyUI, and the templates that use them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dragnuwa import trajectory
from dragnuwa.remote.client import NodeError
from dragnuwa.trajectory.motion.camera import Camera, camera_motion
from scripts.host import PICTURES
from tests.support.prompts import node

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, FRAMES = 128, 96, 8
SIZE = {"width": WIDTH, "height": HEIGHT}
DRAG = json.dumps([[{"x": 20, "y": 30}, {"x": 60, "y": 30}]])
CAMERA = {
    "pan": 25.0, "tilt": 0.0, "zoom": 0.0, "roll": 0.0, "centre_x": 0.5, "centre_y": 0.5, "ease": "linear",
    "start": 0.0, "end": 1.0, "spacing": 20.0, **SIZE,
}  # fmt: skip
BRUSH = {
    "fit": "crop", "distance": 25.0, "direction": 90.0, "scale": 0.0, "rotation": 0.0, "hold": True, "feather": 8.0,
    "ease": "linear", "start": 0.0, "end": 1.0, "spacing": 8.0, **SIZE,
}  # fmt: skip
TRANSFORM = {
    "mirror": "none", "scale": 100.0, "rotate": 0.0, "shift_x": 0.0, "shift_y": 0.0, "reverse": False, "start": 0.0,
    "end": 1.0, "centre_x": 0.5, "centre_y": 0.5, "frames": 22, "window_frames": 0, "window": 1, **SIZE,
}  # fmt: skip


def masks(*boxes) -> dict:
    """A batch of masks from the host's own nodes, in parts "mask1", "mask2", ...; the batch is "masks"."""
    prompt = {"nothing": node("SolidMask", value=0.0, **SIZE)}
    for k, (x, y, width, height) in enumerate(boxes, start=1):
        prompt[f"box{k}"] = node("SolidMask", value=1.0, width=width, height=height)
        prompt[f"mask{k}"] = node(
            "MaskComposite", destination=["nothing", 0], source=[f"box{k}", 0], x=x, y=y, operation="add"
        )
        prompt[f"image{k}"] = node("MaskToImage", mask=[f"mask{k}", 0])
    prompt["both"] = node("ImageBatch", image1=["image1", 0], image2=[f"image{len(boxes)}", 0])
    return prompt | {"masks": node("ImageToMask", image=["both", 0], channel="red")}


@pytest.fixture
def drags(client):
    """drags(prompt, name): what the node `name` of a prompt puts out."""

    def run(prompt: dict, name: str) -> trajectory.Trajectories:
        (text,) = client.run({**prompt, "show": node("PreviewAny", source=[name, 0])}).outputs["show"]["text"]
        return trajectory.parse(text, **SIZE)

    return run


def moves(value: trajectory.Trajectories) -> np.ndarray:
    """[N, 2]: from the first to the last frame, in pixels, of the tracks that are seen in both."""
    points, visible = value.sample(FRAMES, WIDTH, HEIGHT)
    seen = visible[:, 0] & visible[:, -1]
    return points[seen, -1] - points[seen, 0]


def test_a_camera_under_a_drag(drags):
    prompt = {"camera": node("DragNUWACameraMotion", trajectories=DRAG, **CAMERA)}
    value = drags(prompt, "camera")
    assert value.tracks[:-1] == camera_motion(Camera(pan=25), tuple(SIZE.values()), spacing=20).tracks
    np.testing.assert_allclose(moves(value)[-1], [40, 0], atol=1e-5)
    np.testing.assert_allclose(moves(value)[:-1], np.broadcast_to([-32, 0], moves(value)[:-1].shape), atol=1e-5)


def test_a_brush_on_masks_of_the_host(drags):
    """Two masks with a motion each, of a half of the clip's size: they are fitted as a picture is."""
    prompt = masks((10, 60, 30, 30), (80, 60, 30, 30))
    motions = "distance=25\ndirection=180, distance=12.5"
    prompt["brush"] = node("DragNUWAMotionBrush", mask=["masks", 0], motions=motions, **BRUSH)
    value = drags(prompt, "brush")
    points, _ = value.sample(FRAMES, WIDTH, HEIGHT)
    first = {name: points[[track.name == name for track in value.tracks]] for name in ("brush 1", "brush 2", "hold")}
    for (name, expected), left in zip({"brush 1": (0, -32), "brush 2": (-16, 0)}.items(), (10, 80), strict=True):
        inside = [track for track in first[name] if left <= track[0, 0] < left + 30 and 60 <= track[0, 1] < 90]
        assert len(inside) >= 9
        np.testing.assert_allclose([track[-1] - track[0] for track in inside], [expected] * len(inside), atol=1e-5)
    assert len(first["hold"]) > 50


def test_a_mask_of_another_size_lies_where_the_picture_does(drags, place_input, tmp_path):
    """Painted as the mask editor saves it, into the transparency of a picture of 300x300: a crop to 4:3 cuts off
    37.5 pixels above and below."""
    picture = Image.new("RGBA", (300, 300), (80, 120, 40, 255))
    ImageDraw.Draw(picture).rectangle((150, 38, 299, 149), fill=(0, 0, 0, 0))  # the right upper quarter of the crop
    picture.save(tmp_path / "painted.png")
    prompt = {"load": node("LoadImage", image=place_input(tmp_path / "painted.png", "painted.png"))}
    settings = {**BRUSH, "hold": False, "feather": 0.0, "distance": 0.0, "scale": 10.0}
    prompt["brush"] = node("DragNUWAMotionBrush", mask=["load", 1], motions="", **settings)
    points, _ = drags(prompt, "brush").sample(FRAMES, WIDTH, HEIGHT)
    assert points[:, 0].min(axis=0).tolist() == pytest.approx([68, 4], abs=4)
    assert points[:, 0].max(axis=0).tolist() == pytest.approx([124, 44], abs=4)


def test_a_brush_along_a_drag(drags):
    prompt = masks((10, 20, 30, 30), (80, 20, 30, 30))
    settings = {**BRUSH, "hold": False, "feather": 0.0}
    prompt["brush"] = node("DragNUWAMotionBrush", mask=["masks", 0], motions="", path=DRAG, **settings)
    found = moves(drags(prompt, "brush"))
    np.testing.assert_allclose(found, np.broadcast_to([40, 0], found.shape), atol=1e-5)


@pytest.mark.parametrize(("mode", "expected"), [("concatenate", (40, 0)), ("layer", (8, 0))])
def test_a_drag_over_a_camera(mode, expected, drags):
    prompt = {
        "camera": node("DragNUWACameraMotion", **CAMERA),
        "merge": node("DragNUWAMergeTrajectories", trajectories=DRAG, under=["camera", 0], mode=mode, clearance=30.0,
                      frames=FRAMES, **SIZE),
    }  # fmt: skip
    value = drags(prompt, "merge")
    np.testing.assert_allclose(moves(value)[-1], expected, atol=1e-5)
    points, visible = value.sample(FRAMES, WIDTH, HEIGHT)
    distance = np.linalg.norm(points[:-1] - points[-1], axis=-1)
    assert distance[visible[:-1]].min() >= 30 > distance.min()


def test_a_transform(drags):
    changes = {**TRANSFORM, "mirror": "horizontal", "reverse": True, "shift_y": 25.0}
    prompt = {"transform": node("DragNUWATransformTrajectories", trajectories=DRAG, **changes)}
    points, _ = drags(prompt, "transform").sample(2, WIDTH, HEIGHT)
    np.testing.assert_allclose(points[0], [(68, 54), (108, 54)], atol=1e-5)


def test_windows_in_a_chain(client, drags):
    whole, _ = trajectory.parse(DRAG, **SIZE).sample(22, WIDTH, HEIGHT)
    for number in (1, 2, 3):
        window = node("DragNUWATransformTrajectories", trajectories=DRAG,
                      **{**TRANSFORM, "window_frames": 8, "window": number})  # fmt: skip
        points, _ = drags({"window": window}, "window").sample(8, WIDTH, HEIGHT)
        np.testing.assert_allclose(points, whole[:, 7 * (number - 1) : 7 * number + 1], atol=1e-6)
    shown = client.run({"window": window, "show": node("PreviewAny", source=["window", 1])}).outputs["show"]["text"]
    assert shown == ["8"]


BAD = {
    "an empty mask": ("DragNUWAMotionBrush", {"mask": 0.0}, "the mask is empty: nothing in it is above 0.5"),
    "motions for other masks": ("DragNUWAMotionBrush", {"motions": "scale=1\nscale=2"}, "of which there are 1"),
    "a motion that is none": ("DragNUWAMotionBrush", {"motions": "speed=3"}, 'but it has "speed=3"'),
    "paths for other masks": ("DragNUWAMotionBrush", {"path": "[[[1,1],[2,2]],[[3,3],[4,4]]]"}, "but it has 2"),
    "a size that is no multiple of 8": ("DragNUWACameraMotion", {"width": 100}, "multiple of 8"),
    "no time": ("DragNUWACameraMotion", {"start": 0.5, "end": 0.5}, "start should be earlier than end"),
    "too dense a grid": ("DragNUWACameraMotion", {"spacing": 1.0, "zoom": -50.0}, "Make the spacing larger"),
    "no camera": ("DragNUWAMergeTrajectories", {"under": "[]"}, "the camera should have at least one track"),
    "drags that are none": ("DragNUWAMergeTrajectories", {"trajectories": "[[{"}, "should be JSON"),
    "a window past the end": (
        "DragNUWATransformTrajectories", {"window_frames": 8, "window": 4}, "begins in frame 22",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence(case, client):
    kind, changes, words = BAD[case]
    defaults = {
        "DragNUWACameraMotion": CAMERA,
        "DragNUWAMotionBrush": {**BRUSH, "mask": ["mask", 0], "motions": ""},
        "DragNUWAMergeTrajectories": {
            "trajectories": DRAG, "under": DRAG, "mode": "layer", "clearance": 0.0, "frames": FRAMES, **SIZE,
        },
        "DragNUWATransformTrajectories": {"trajectories": DRAG, **TRANSFORM},
    }[kind]  # fmt: skip
    mask = node("SolidMask", value=changes.get("mask", 1.0), **SIZE)
    inputs = {**defaults, **{key: value for key, value in changes.items() if key != "mask"}}
    with pytest.raises(NodeError) as error:
        client.run({"mask": mask, "bad": node(kind, **inputs), "show": node("PreviewAny", source=["bad", 0])})
    assert error.value.node_id == "bad"
    assert words in error.value.message and "Traceback" not in error.value.message
    assert len(error.value.message) < 400


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("camera_move", 15),
        ("motion_brush", 15),
        ("camera_under_object", 15),
        ("long_clip", 22),
        ("camera_of_video", 49),
    ],
)
def test_a_template_makes_its_video(name, frames, host, client):
    """As it ships, on the model and the photographs that come with the pack, but small, with one sampling step and one
    frame between two instead of six."""
    shutil.copytree(PICTURES, host.input_directory, dirs_exist_ok=True)
    prompt = json.loads((ROOT / "workflows" / "api" / f"{name}.json").read_text(encoding="utf-8"))
    for sampler in (item for item in prompt.values() if item["class_type"] == "KSampler"):
        sampler["inputs"]["steps"] = 1
    for restore in (item for item in prompt.values() if item["class_type"] == "DragNUWARestoreDetail"):
        restore["inputs"] |= {"width": 128, "interpolate": 2}
    (images,) = (item["inputs"]["images"] for item in prompt.values() if item["class_type"] == "CreateVideo")
    prompt["all"] = node("PreviewImage", images=images)
    result = client.run(prompt)
    assert len(list(result.files("all"))) == frames
    assert any(item["filename"].endswith(".mp4") for item in result.files())
