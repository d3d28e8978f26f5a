"""Objects in queued prompts, and the routes that pick them in the running server."""

import json

import numpy as np
import pytest
import requests
from PIL import Image, ImageDraw

from dragnuwa.remote.client import NodeError
from tests.support.drawings import objects_value
from tests.support.prompts import downloaded, node
from tests.web.composition_cases import parts_of, pixels_of

SIZE = {"width": 192, "height": 128}
CORNERS = ((20, 54), (60, 54), (60, 74), (20, 74))
RING = [{"x": x / 192, "y": y / 128} for x, y in CORNERS]


def drawn(*objects):
    return json.dumps(objects_value(*objects))


BOX = {"outline": [RING], "motion": {"keys": [{"t": 1, "x": 0.25, "rotation": 90}]}, "color": "#ff0000"}


@pytest.fixture(scope="module")
def picture(client, tmp_path_factory):
    """A red box on grey, uploaded: its name in the input folder."""
    path = tmp_path_factory.mktemp("pictures") / "box_of_objects.png"
    image = Image.fromarray(np.random.default_rng(0).integers(115, 125, (128, 192, 3), dtype=np.uint8))
    ImageDraw.Draw(image).rectangle([(20, 54), (59, 73)], fill=(220, 30, 30))
    image.save(path)
    return client.upload_image(path)


def editor(trajectories, **inputs):
    numbers = {**SIZE, "frames": 4, "fit": "crop"}
    return node("DragNUWATrajectoryEditor", **{"trajectories": trajectories, **numbers, **inputs})


def shown(client, tmp_path, prompt):
    return downloaded(client, client.run(prompt), "show", tmp_path, "L")


@pytest.mark.parametrize("objects", [(BOX, {**BOX, "enabled": False}, BOX), ()])
def test_the_editor_gives_a_mask_for_each_object_or_an_empty_one(objects, client, tmp_path):
    prompt = {
        "editor": editor(drawn(*objects)),
        "image": node("MaskToImage", mask=["editor", 6]),
        "show": node("PreviewImage", images=["image", 0]),
    }
    masks = shown(client, tmp_path, prompt)
    assert len(masks) == max(1, sum(each.get("enabled", True) for each in objects))
    expected = np.zeros((128, 192))
    if objects:
        expected[54:74, 20:60] = 255
    assert all(np.abs(mask - expected).max() <= 1 for mask in masks)


def test_objects_pass_through_merge_and_transform_to_the_preview(client, tmp_path, picture):
    prompt = {
        "picture": node("LoadImage", image=picture),
        "editor": editor(drawn(BOX), image=["picture", 0]),
        "merge": {
            "class_type": "DragNUWAMergeTrajectories",
            "inputs": {
                "trajectories": ["editor", 0], "under": "[]", "mode": "concatenate", "clearance": 0.0, **SIZE,
                "frames": 4,
            },
        },
        "transform": {
            "class_type": "DragNUWATransformTrajectories",
            "inputs": {
                "trajectories": ["merge", 0], **SIZE, "mirror": "horizontal", "scale": 100.0, "rotate": 0.0,
                "centre_x": 0.5, "centre_y": 0.5, "shift_x": 0.0, "shift_y": 0.0, "reverse": False, "start": 0.0,
                "end": 1.0, "frames": 4, "window_frames": 0, "window": 1,
            },
        },
        "again": {
            "class_type": "DragNUWAPreviewTrajectories",
            "inputs": {"image": ["editor", 1], "trajectories": ["transform", 0], "frames": 4},
        },
        "show": node("PreviewImage", images=["again", 0]),
    }  # fmt: skip
    frames = shown(client, tmp_path, prompt)
    grey = frames[0][:, 100:].astype(int)
    changed = np.abs(grey - 120) > 25
    assert changed[52:77, 31:35].any() and changed[52:77, 70:74].any()  # the mirrored outline's two sides


def test_masks_become_outlines_for_the_page_and_those_of_another_size_are_told(client, picture):
    prompt = {
        "picture": node("LoadImage", image=picture),
        "mask": node("ImageColorToMask", image=["picture", 0], color=0xDC1E1E),
        "editor": editor("[]", image=["picture", 0], masks=["mask", 0]),
        "show": node("PreviewImage", images=["editor", 1]),
    }
    outputs = client.run(prompt).outputs["editor"]
    ((ring,),) = outputs["dragnuwa_outlines"]
    found = np.array([[place["x"] * 192, place["y"] * 128] for place in ring])
    assert found.min(0) == pytest.approx([20, 54], abs=0.8) and found.max(0) == pytest.approx([60, 74], abs=0.8)
    prompt["mask"] = node("SolidMask", value=1.0, width=64, height=48)
    with pytest.raises(NodeError, match="64x48 pixels"):
        client.run(prompt)


def test_the_running_host_picks_and_fills(host, picture):
    reference = {"filename": picture, "subfolder": "", "type": "input"}
    body = {"picture": reference, **SIZE, "fit": "crop", "points": [{"x": 0.2, "y": 0.5}], "minus": []}
    answer = requests.post(f"{host.url}/dragnuwa/pick", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    outline = answer.json()["outline"]
    found = np.array([[place["x"] * 192, place["y"] * 128] for place in outline[0]])
    assert found.min(0) == pytest.approx([20, 54], abs=1.5) and found.max(0) == pytest.approx([60, 74], abs=1.5)
    text = json.dumps(objects_value({"outline": outline, "motion": {"keys": [{"t": 1, "x": 0.4}]}}))
    body = {"picture": reference, **SIZE, "fit": "crop", "frames": 4, "text": text, "longest": 192}
    answer = requests.post(f"{host.url}/dragnuwa/composition", json=body, timeout=30)
    told, arrays = parts_of(answer.content)
    filled = pixels_of(arrays[told["plate"]["pixels"]])
    assert told["size"] == [192, 128] and np.abs(filled.astype(int) - 120).max() < 12
    body["picture"] = {**reference, "filename": "../server.py"}
    assert requests.post(f"{host.url}/dragnuwa/composition", json=body, timeout=30).status_code == 404
