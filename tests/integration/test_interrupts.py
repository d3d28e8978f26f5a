"""An interrupt in the middle of a node of ours ends that node, not the one after it."""

import functools
import json
import math
import shutil
import time
from pathlib import Path

import pytest

from dragnuwa.remote.client import PromptInterrupted
from dragnuwa.trajectory import parse
from tests.support.drawings import objects_value
from tests.support.exhaustive import some

WIDTH, HEIGHT, FRAMES = 768, 512, 48  # each node works for several seconds on it, if it is not stopped
PREVIEW = "DragNUWAPreviewTrajectories"


def drags(count: int) -> str:
    positions = [(60 + 640 * (n % 64) / 64, 60 + 380 * (n // 64) / 64) for n in range(count)]
    tracks = [[{"x": x, "y": y}, {"x": x + 9, "y": y + 5}] for x, y in positions]
    return parse(tracks, width=WIDTH, height=HEIGHT).to_json()


def prompt_of(node: str) -> dict:
    """The node on a long clip that is the picture again and again, and a node that shows what it gives."""
    many = node in ("DragNUWAEncodeTrajectories", PREVIEW)
    clip = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES}
    trajectories = drags(4096 if many else 12)
    inputs = {
        "DragNUWACarry": {
            "image": ["picture", 0], "trajectories": trajectories, "vae": ["load", 3], "latent": ["latent", 2], **clip,
            "radius": 40, "hold": 0, "ground": 0, "carries": "object", "fill": "neutral",
        },
        "DragNUWASampleTrajectories": {"video": ["video", 0], "count": 8, "seed": 0, "interval": 16},
        "DragNUWAObjMC": {"image": ["video", 0], "trajectories": trajectories},
        "DragNUWARestoreDetail": {
            "images": ["video", 0], "picture": ["picture", 0], "width": 0, "height": 0, "strength": 1.0,
        },
        PREVIEW: {"image": ["picture", 0], "trajectories": trajectories, "frames": FRAMES},
        "DragNUWAEncodeTrajectories": {"trajectories": trajectories, **clip, "kernel_size": 199, "sigma": 20.0},
        "DragNUWAExportTrajectories": {"trajectories": trajectories, **clip, "format": "flo", "filename_prefix": "cut"},
    }[node]  # fmt: skip
    conditioning = {"vae": ["load", 3], **clip, "fps": 5, "motion_bucket_id": 4, "augmentation_level": 0.02}
    conditioning |= {"positive": ["text", 0], "negative": ["text", 0]}
    prompt = {
        "file": ("LoadImage", {"image": "example.png"}),
        "picture": ("ImageScale", {"image": ["file", 0], "upscale_method": "bilinear", "width": WIDTH, "height": HEIGHT,
                                   "crop": "disabled"}),
        "video": ("RepeatImageBatch", {"image": ["picture", 0], "amount": FRAMES}),
        "load": ("DragNUWALoadCheckpoint", {"ckpt_name": "dragnuwa-tiny.safetensors"}),
        "text": ("CLIPTextEncode", {"clip": ["load", 1], "text": ""}),
        "latent": ("DragNUWAConditioning", conditioning),
        "work": (node, inputs),
        "show": ("PreviewAny", {"source": ["work", 0]}),
    }  # fmt: skip
    return {name: {"class_type": class_type, "inputs": given} for name, (class_type, given) in prompt.items()}


@functools.cache
def large_objects() -> str:
    """As many objects of as many corners as anybody has drawn, and far more."""
    turns = [k / 4096 * 2 * math.pi for k in range(4096)]
    rough = [0.2 + 0.01 * math.sin(97 * turn) for turn in turns]
    outline = [
        {"x": round(0.5 + r * math.cos(t), 4), "y": round(0.5 + r * math.sin(t), 4)}
        for r, t in zip(rough, turns, strict=True)
    ]
    objects = [{"outline": [outline], "motion": {"keys": [{"t": 1, "x": 0.1, "rotation": 20}]}}] * 200
    return json.dumps(objects_value(*objects))


LARGE_OBJECTS = {
    "DragNUWATrajectoryEditor": {"fit": "crop"},
    "DragNUWAEncodeTrajectories": {"kernel_size": 199, "sigma": 20.0},
    "DragNUWAExportTrajectories": {"format": "csv", "filename_prefix": ""},
    "DragNUWAMergeTrajectories": {"under": drags(100), "mode": "layer", "clearance": 20},
    "DragNUWATransformTrajectories": {
        "mirror": "both", "scale": 90, "rotate": 10, "shift_x": 1, "shift_y": 0, "reverse": True, "start": 0, "end": 1,
        "window_frames": 0, "window": 1, "centre_x": 0.5, "centre_y": 0.5,
    },
    PREVIEW: {"image": ["picture", 0]},
    "DragNUWACarry": {
        "image": ["picture", 0], "vae": ["load", 3], "latent": ["latent", 2], "radius": 40, "hold": 0, "ground": 0,
        "carries": "object", "fill": "inpaint",
    },
    "DragNUWARestoreDetail": {"images": ["video", 0], "picture": ["picture", 0], "strength": 1.0},
}  # fmt: skip
# All of them read the text. That each track and object is a place to end at, tests/unit/trajectory/test_interrupts.py
# counts for each kind of work.
FEW = ["DragNUWAEncodeTrajectories", "DragNUWAMergeTrajectories", "DragNUWATransformTrajectories", "DragNUWACarry"]


@pytest.fixture(scope="module")
def warm(client, host) -> None:
    """What all prompts begin with is in the host's cache: the node itself then begins at once."""
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)
    prompt = prompt_of("DragNUWASampleTrajectories")
    del prompt["work"]
    for name, output in (("latent", 2), ("video", 0)):
        prompt[f"show {name}"] = {"class_type": "PreviewAny", "inputs": {"source": [name, output]}}
    del prompt["show"]
    client.run(prompt, timeout=120)


@pytest.mark.parametrize(
    "node",
    [
        "DragNUWASampleTrajectories",
        "DragNUWAObjMC",
        PREVIEW,
        "DragNUWAEncodeTrajectories",
        "DragNUWAExportTrajectories",
        "DragNUWACarry",
        "DragNUWARestoreDetail",
    ],
)
def test_an_interrupt_ends_the_node(node, client, host, warm):
    known = {Path(path).name for path in host.output_directory.iterdir()}

    def stop(progress) -> None:
        if progress.node_id == "work":
            client.interrupt()

    with pytest.raises(PromptInterrupted, match="was interrupted") as caught:
        client.run(prompt_of(node), on_progress=stop, timeout=120)
    prompt_id = str(caught.value).split()[1]
    messages = dict(client.history(prompt_id)["status"]["messages"])
    assert messages["execution_interrupted"]["node_id"] == "work"
    assert {path.name for path in host.output_directory.iterdir()} == known


@pytest.mark.parametrize("node", some(FEW, list(LARGE_OBJECTS)))
def test_an_interrupt_ends_a_node_with_200_objects_of_4096_corners(node, client, warm):
    """Within half a second, of which a slow machine that others share gets twelve times as much."""
    clip = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES}
    prompt = prompt_of("DragNUWASampleTrajectories")
    prompt["work"] = {"class_type": node, "inputs": {"trajectories": large_objects(), **clip, **LARGE_OBJECTS[node]}}
    interrupted = []

    def stop(progress) -> None:
        if progress.node_id == "work" and not interrupted:
            interrupted.append(time.monotonic())
            client.interrupt()

    with pytest.raises(PromptInterrupted, match="was interrupted"):
        client.run(prompt, on_progress=stop, timeout=120)
    took = time.monotonic() - interrupted[0]
    assert took < 6, f"{node} went on for {took:.1f} s"
