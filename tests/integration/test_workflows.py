"""The workflows that ship, queued as a user or a script queues them, and what a user is told when something is off."""

import hashlib
import json
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
import requests
from PIL import Image
from safetensors.torch import save_file

from dragnuwa.remote.client import PromptRejected
from scripts.host import HOST, PICTURES, ROOT
from tests.support.prompts import node_error
from tests.support.random_checkpoint import build

API = ROOT / "workflows" / "api"
SMALL = {"width": 96, "height": 64, "frames": 3}
VIDEO = "the decoded video"  # as an input
ONE_DRAG = json.dumps([[{"x": 20, "y": 30}, {"x": 60, "y": 30}]])


@pytest.fixture(scope="module")
def released_checkpoint(host) -> str:
    """One of the released layout, of random weights, under the released name: 1.5 GB, made once and kept for the next
    run."""
    script = Path(__file__).with_name("released_layout.py")
    made_by = script.read_bytes() + (ROOT / "tests" / "golden" / "manifest.json").read_bytes()
    made = HOST / "released_layout" / f"{hashlib.sha256(made_by).hexdigest()[:16]}.safetensors"
    if not made.exists():
        made.parent.mkdir(exist_ok=True)
        partial = made.with_suffix(".part")
        subprocess.run([host.python, script, host.comfyui_dir, partial], check=True)
        partial.replace(made)
        for other in set(made.parent.glob("*.safetensors")) - {made}:
            other.unlink()  # of another version
    path = host.checkpoints_directory / "dragnuwa-svd-pruned.fp16.safetensors"
    path.symlink_to(made)
    yield path.name
    path.unlink()


@pytest.fixture(scope="module")
def picture(place_input) -> str:
    return place_input(PICTURES / "dragnuwa-rocket.jpg", "rocket.jpg")


class Workflow:
    """A workflow in the API format, changed by class of node. Every class is there at most once."""

    def __init__(self, name: str):
        self.prompt = json.loads((API / f"{name}.json").read_text(encoding="utf-8"))

    def node(self, class_type: str) -> str:
        return next(key for key, node in self.prompt.items() if node["class_type"] == class_type)

    def set(self, class_type: str, **inputs) -> "Workflow":
        given = {key: [self.node("VAEDecode"), 0] if value == VIDEO else value for key, value in inputs.items()}
        self.prompt[self.node(class_type)]["inputs"].update(given)
        return self

    def remove(self, class_type: str, inputs: str) -> "Workflow":
        del self.prompt[self.node(class_type)]["inputs"][inputs]
        return self


@pytest.fixture
def workflow(checkpoint, picture) -> Workflow:
    """The workflow with text, small, on random weights."""
    return (
        Workflow("drag_with_text")
        .set("LoadImage", image=picture)
        .set("DragNUWALoadCheckpoint", ckpt_name=checkpoint)
        .set("DragNUWATrajectoryEditor", trajectories=ONE_DRAG, **SMALL)
        .set("KSampler", steps=1)
    )


def video_of(result, client, folder) -> Path:
    (item,) = (item for item in result.files() if item["filename"].endswith(".mp4"))
    return client.download(item, folder)


def pixels(video: Path) -> np.ndarray:
    """`[T, H, W, 3]` uint8."""
    with av.open(str(video)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_a_drag_becomes_a_video(workflow, client, tmp_path):
    result = client.run(workflow.prompt)
    frames = pixels(video_of(result, client, tmp_path))
    assert frames.shape == (SMALL["frames"], SMALL["height"], SMALL["width"], 3)
    drawn = list(result.files(workflow.node("PreviewImage")))
    assert len(drawn) == SMALL["frames"]


def test_the_embedded_model_makes_a_video(client, picture, tmp_path):
    """The template that `make demo` runs, as a script queues it with a drag, with fewer steps: a video of the picture's
    size, which is even."""
    carried = Workflow("carry_a_picture").set("LoadImage", image=picture).set("KSampler", steps=2)
    editor = carried.prompt[carried.node("DragNUWATrajectoryEditor")]["inputs"]
    assert json.loads(editor["trajectories"])["tracks"] == [], "it begins without drags"
    editor["trajectories"] = json.dumps([[{"x": 80, "y": 60}, {"x": 80, "y": 30}]])
    video = pixels(video_of(client.run(carried.prompt), client, tmp_path))
    between = carried.prompt[carried.node("DragNUWARestoreDetail")]["inputs"]["interpolate"]
    assert video.shape == (between * (editor["frames"] - 1) + 1, 426, 640, 3)
    assert np.ptp(video.astype(int), axis=0).max() > 30  # something moves


@pytest.mark.parametrize("size", [(64, 64, 2), (136, 72, 4)])
def test_other_sizes(size, workflow, client, tmp_path):
    width, height, frames = size
    workflow.set("DragNUWATrajectoryEditor", width=width, height=height, frames=frames)
    assert pixels(video_of(client.run(workflow.prompt), client, tmp_path)).shape == (frames, height, width, 3)


def test_the_template_of_the_released_model(host, client, picture, released_checkpoint, tmp_path):
    """Run as it ships, but for a small clip, on a file of the released layout: OpenCLIP vision and SVD's own VAE."""
    released = Workflow("drag_a_picture").set("LoadImage", image=picture).set("KSampler", steps=1)
    released.set("DragNUWATrajectoryEditor", **SMALL)
    before = len(host.log())
    video = pixels(video_of(client.run(released.prompt), client, tmp_path))
    assert video.shape == (SMALL["frames"], SMALL["height"], SMALL["width"], 3)
    said = host.log()[before:]
    assert "missing" not in said.lower() and "unexpected" not in said.lower(), said


def test_a_released_template_on_a_file_without_clip_vision(checkpoint, place_checkpoint, picture, client, tmp_path):
    """With a text encoder it runs on the empty text; without one, the model has nothing to be told by."""
    released = Workflow("drag_a_picture").set("LoadImage", image=picture).set("KSampler", steps=1)
    released.set("DragNUWALoadCheckpoint", ckpt_name=checkpoint).set("DragNUWATrajectoryEditor", **SMALL)
    assert pixels(video_of(client.run(released.prompt), client, tmp_path)).shape[0] == SMALL["frames"]
    weights, metadata = build()
    save_file({key: weights[key] for key in weights if "cond_stage_model" not in key}, tmp_path / "bare", metadata)
    released.set("DragNUWALoadCheckpoint", ckpt_name=place_checkpoint(tmp_path / "bare", "bare.safetensors"))
    error = node_error(client, released.prompt)
    assert error.class_type == "DragNUWAConditioning"
    assert "Connect clip_vision and start_image for a released checkpoint" in error.message


def test_without_a_picture(workflow, client, tmp_path):
    """Text and drags alone: the editor's picture is nothing, and so are the nodes that only show it."""
    workflow.remove("DragNUWATrajectoryEditor", "image")
    for name in ("DragNUWAPreviewTrajectories", "PreviewImage"):
        del workflow.prompt[workflow.node(name)]
    assert video_of(client.run(workflow.prompt), client, tmp_path).stat().st_size > 0


def test_drag_maps_under_the_drags(workflow, client, tmp_path):
    """The preview with drag maps differs from the one without, where the drag is, and over the finished video, too."""
    preview, show = workflow.node("DragNUWAPreviewTrajectories"), workflow.node("PreviewImage")

    def second_frame() -> np.ndarray:
        items = list(client.run(workflow.prompt).files(show))
        return np.asarray(Image.open(client.download(items[1], tmp_path)).convert("RGB")).astype(int)

    plain = second_frame()
    workflow.prompt[preview]["inputs"]["flow"] = [workflow.node("DragNUWAEncodeTrajectories"), 0]
    laid = second_frame()
    assert np.abs(laid - plain).max() > 30
    workflow.prompt[preview]["inputs"]["image"] = [workflow.node("VAEDecode"), 0]
    assert np.abs(second_frame() - laid).max() > 30


def test_a_video_is_measured(workflow, client):
    """A still video of the picture: the drag of 40 px was not followed at all."""
    editor = workflow.node("DragNUWATrajectoryEditor")
    prompt = {key: workflow.prompt[key] for key in (editor, workflow.node("LoadImage"))} | {
        "still": {"class_type": "RepeatImageBatch", "inputs": {"image": [editor, 1], "amount": 3}},
        "objmc": {"class_type": "DragNUWAObjMC", "inputs": {"image": ["still", 0], "trajectories": [editor, 0]}},
        "show": {"class_type": "PreviewAny", "inputs": {"source": ["objmc", 1]}},
    }
    (text,) = client.run(prompt).outputs["show"]["text"]
    assert float(text) == pytest.approx(1, abs=0.05)


def test_the_same_prompt_gives_the_same_video(workflow, client, tmp_path):
    first = pixels(video_of(client.run(workflow.prompt), client, tmp_path))
    requests.post(f"{client.url}/free", json={"unload_models": True, "free_memory": True}, timeout=10)
    second = pixels(video_of(client.run(workflow.prompt), client, tmp_path / "again"))
    assert (first == second).all()


BAD_INPUT = {
    "broken JSON": ({"DragNUWATrajectoryEditor": {"trajectories": "[[{"}}, "DragNUWATrajectoryEditor"),
    "not a number": (
        {"DragNUWATrajectoryEditor": {"trajectories": '[[{"x": "left", "y": 3}]]'}},
        "DragNUWATrajectoryEditor",
    ),
    "a size that is no multiple of 8": ({"DragNUWATrajectoryEditor": {"width": 100}}, "DragNUWATrajectoryEditor"),
    "another size for the flow": ({"DragNUWAEncodeTrajectories": {"width": 128}}, "KSampler"),
    "another number of frames for the flow": ({"DragNUWAEncodeTrajectories": {"frames": 5}}, "KSampler"),
    "percents out of order": ({"DragNUWAApply": {"start_percent": 0.9, "end_percent": 0.1}}, "DragNUWAApply"),
    "an even kernel": ({"DragNUWAEncodeTrajectories": {"kernel_size": 98}}, "DragNUWAEncodeTrajectories"),
    "a video of another length under the drags": (
        {"DragNUWAPreviewTrajectories": {"image": VIDEO, "frames": 5}},
        "DragNUWAPreviewTrajectories",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_fails_in_its_node_and_the_queue_goes_on(case, workflow, client, tmp_path):
    changes, failing = BAD_INPUT[case]
    good = json.loads(json.dumps(workflow.prompt))
    for class_type, inputs in changes.items():
        workflow.set(class_type, **inputs)
    rejected = node_error(client, workflow.prompt)
    assert rejected.class_type == failing, rejected
    assert len(rejected.message) > 40 and "Traceback" not in rejected.message
    good[workflow.node("SaveVideo")]["inputs"]["filename_prefix"] = "video/after"
    assert video_of(client.run(good), client, tmp_path).exists()


BAD_FILES = {
    "page.pth": (b"<!DOCTYPE html><html>Sign in</html>", "a web page"),
    "cut.safetensors": (b'\x00\x10\x00\x00\x00\x00\x00\x00{"a":', "damaged or cut short"),
    "empty.ckpt": (b"", "is empty"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_checkpoint_is_told_in_the_node(name, workflow, client, place_checkpoint):
    content, words = BAD_FILES[name]
    workflow.set("DragNUWALoadCheckpoint", ckpt_name=place_checkpoint(content, name))
    error = node_error(client, workflow.prompt)
    assert error.class_type == "DragNUWALoadCheckpoint" and words in error.message and name in error.message


def test_a_checkpoint_outside_the_folder_is_rejected(workflow, client):
    workflow.set("DragNUWALoadCheckpoint", ckpt_name="../../../etc/passwd")
    with pytest.raises(PromptRejected, match="not in"):
        client.run(workflow.prompt)


def test_a_part_that_the_file_lacks(workflow, client, place_checkpoint, tmp_path):
    """Without a VAE and a text encoder: the host's own node says so, and ours does."""
    weights, metadata = build()
    unet = {key: value for key, value in weights.items() if key.startswith("model.")}
    save_file(unet, tmp_path / "unet.safetensors", metadata=metadata)
    name = place_checkpoint(tmp_path / "unet.safetensors", "unet.safetensors")
    workflow.set("DragNUWALoadCheckpoint", ckpt_name=name)
    assert node_error(client, workflow.prompt).class_type == "CLIPTextEncode"
    workflow.remove("DragNUWAConditioning", "positive")
    error = node_error(client, workflow.prompt)
    assert error.class_type == "DragNUWAConditioning" and "no VAE" in error.message


def test_another_seed_or_drag_runs_only_what_depends_on_it(host, workflow, client):
    """By ComfyUI's own account of what it took from its cache."""
    loaders = {workflow.node(name) for name in ("DragNUWALoadCheckpoint", "LoadImage")}
    client.run(workflow.prompt)
    ran = nodes_run(host, client.run(workflow.set("KSampler", seed=2).prompt), workflow)
    assert workflow.node("KSampler") in ran
    encoders = ("DragNUWATrajectoryEditor", "DragNUWAEncodeTrajectories", "DragNUWAConditioning", "DragNUWAApply")
    assert not ran & (loaders | {workflow.node(name) for name in encoders})
    other_drag = json.dumps([[{"x": 20, "y": 30}, {"x": 30, "y": 50}]])
    ran = nodes_run(
        host, client.run(workflow.set("DragNUWATrajectoryEditor", trajectories=other_drag).prompt), workflow
    )
    assert {workflow.node(name) for name in encoders} <= ran
    texts = {key for key, node in workflow.prompt.items() if node["class_type"] == "CLIPTextEncode"}
    assert texts and not ran & (loaders | texts)


def nodes_run(host, result, workflow) -> set[str]:
    """The nodes of a workflow that were not taken from the cache."""
    told = requests.get(f"{host.url}/history/{result.prompt_id}", timeout=10).json()[result.prompt_id]["status"]
    (cached,) = (values["nodes"] for kind, values in told["messages"] if kind == "execution_cached")
    return set(workflow.prompt) - set(cached)


def test_a_background_is_made_of_the_hole_in_the_same_graph(client, place_input, tmp_path):
    """The template as it ships, but the inpainting model's share is one colour: what the thing uncovers shows it."""
    painted = Workflow("inpainted_background")
    place_input(PICTURES / "dragnuwa-rocket.jpg", "dragnuwa-rocket.jpg")
    (decoded,) = {
        tuple(node["inputs"]["background"]) for node in painted.prompt.values() if "background" in node["inputs"]
    }
    loaded, found = [painted.node("LoadImage"), 0], [painted.node("DragNUWAFindObjects"), 1]
    painted.prompt["green"] = {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0x00FF00},
    }
    painted.prompt["plate"] = {
        "class_type": "ImageCompositeMasked",
        "inputs": {"destination": loaded, "source": ["green", 0], "mask": found, "x": 0, "y": 0, "resize_source": True},
    }
    for node in painted.prompt.values():
        if node["class_type"] == "DragNUWACarry":
            node["inputs"]["hold"] = 1.0
        if node["class_type"] == "DragNUWARestoreDetail":
            node["inputs"]["width"] = 256
        if node["class_type"] == "KSampler" and node["inputs"]["steps"] < 10:
            node["inputs"]["steps"] = 2
        node["inputs"] = {
            key: ["plate", 0] if value == list(decoded) else value for key, value in node["inputs"].items()
        }
    frames = pixels(video_of(client.run(painted.prompt), client, tmp_path)).astype(int)
    green = (frames[..., 1] - np.maximum(frames[..., 0], frames[..., 2]) > 100).sum((1, 2))
    assert green[0] < 20 and green[-1] > 200
