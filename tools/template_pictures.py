"""The picture of a template, which moves: its drags on the start picture, and then what comes of them.

Where the server has the template's models, that is its video. Where it lacks one, it is what needs no model, if the
template has it: what Carry moves, or what a camera sees by depth that is drawn by hand; else the drags move over the
picture.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from dragnuwa import trajectory
from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.common.video_files import first_frame
from dragnuwa.overlay import tracks as draw
from dragnuwa.remote.client import Client
from scripts.sheets import SHOWN, read_tensor, run_node, run_pictures

WIDTH = 400  # pixels
DRAWN_FRAME = 0.6  # of the clip: the moment at which drags are drawn; an object is drawn where it is cut out
FRAMES = 14  # at most, of what comes of the drags
FIRST_MS, FRAME_MS, LAST_MS = 1200, 140, 900
QUALITY = 70  # of WebP: grass and hair take much room
CARRY, EDITOR, LOADER = "DragNUWACarry", "DragNUWATrajectoryEditor", "LoadImage"
COMPONENTS = "GetVideoComponents"
PART = "ImageFromBatch"
EDIT = "DragNUWAEditVideo"
CAMERA, DEPTHS = "DragNUWACameraInDepth", ("geometry", "depth")
# The node that takes the drags as they act: the first of these that the template has.
TAKES_DRAGS = (
    "DragNUWATransformTrajectories", CAMERA, "DragNUWAEncodeTrajectories", CARRY, "DragNUWAExportTrajectories",
    "DragNUWADragAnythingApply", "DragNUWAMovePicture", "DragNUWAEditVideo",
)  # fmt: skip
TAKES_RESULT = ("CreateVideo", "SaveImage")


def moving_picture(prompt: dict, client: Client, folder: Path) -> bytes:
    """An animated WebP.

    Args:
        prompt: the template in ComfyUI's API format.
        client: of a server that has the template's pictures.
        folder: for downloads.
    """
    clip, picture = _start(prompt, client, folder)
    shown = run_node(client, prompt, "PreviewAny", {"source": _first(prompt, TAKES_DRAGS)["trajectories"]})
    (text,) = shown.outputs[SHOWN]["text"]
    drags = trajectory.parse(text, width=clip.width, height=clip.height)
    drawn = draw.drags(fit(picture, *_shown_size(clip)).expand(clip.frames, -1, -1, -1), drags)
    edits = [key for key, node in prompt.items() if node["class_type"] == EDIT]
    if edits:  # which needs no model
        made = run_pictures(client, prompt, [edits[0], 0], folder)
    elif _lacks_models(prompt, client.object_info()):
        made = _without_models(prompt, client, folder, picture, clip, drawn)
    else:
        made = run_pictures(client, prompt, _first(prompt, TAKES_RESULT)["images"], folder)
    moment = 0 if drags.objects else round((clip.frames - 1) * DRAWN_FRAME)
    pictures = [drawn[moment], *made[_spread(len(made))]]
    size = _shown_size(clip)
    frames = [to_picture(frame).resize(size, Image.Resampling.LANCZOS) for frame in pictures]
    return _animated(frames)


def _animated(frames: list[Image.Image]) -> bytes:
    file = io.BytesIO()
    durations = [FIRST_MS, *[FRAME_MS] * (len(frames) - 2), LAST_MS]
    shown = {"append_images": frames[1:], "duration": durations, "loop": 0}
    frames[0].save(file, "WEBP", save_all=True, quality=QUALITY, method=6, **shown)
    return file.getvalue()


def _start(prompt: dict, client: Client, folder: Path) -> tuple[ModelClip, torch.Tensor]:
    """The clip's shape, and the loaded picture `[1, H, W, 3]` that the Trajectory Editor crops to it."""
    for node in prompt.values():
        if node["class_type"] != EDITOR:
            continue
        shown = prompt[node["inputs"]["image"][0]]
        if shown["class_type"] == PART:
            shown = prompt[shown["inputs"]["image"][0]]
        if shown["class_type"] in (LOADER, COMPONENTS):
            editor, source = node["inputs"], shown
    film = source["class_type"] == COMPONENTS
    name = prompt[source["inputs"]["video"][0]]["inputs"]["file"] if film else source["inputs"]["image"]
    file = client.download({"filename": name, "subfolder": "", "type": "input"}, folder)
    picture = to_floats(first_frame(file)[0][None]) if film else read_tensor(file)
    return ModelClip(editor["width"], editor["height"], editor["frames"]), picture


def _shown_size(clip: ModelClip) -> tuple[int, int]:
    return WIDTH, round(WIDTH * clip.height / clip.width)


def _first(prompt: dict, types: tuple[str, ...]) -> dict:
    """The inputs of the node of the first of these types that there is."""
    return next(node["inputs"] for kind in types for node in prompt.values() if node["class_type"] == kind)


def _types(prompt: dict) -> set[str]:
    return {node["class_type"] for node in prompt.values()}


def _lacks_models(prompt: dict, known: dict) -> bool:
    """Whether there is nothing that makes pictures, or a loader names a file that is not in its list."""
    if not _types(prompt).intersection(TAKES_RESULT):
        return True
    for node in prompt.values():
        inputs = known[node["class_type"]]["input"]
        for name, (kind, *more) in {**inputs.get("required", {}), **inputs.get("optional", {})}.items():
            options = kind if isinstance(kind, list) else more[0].get("options", []) if kind == "COMBO" else []
            if name.endswith("_name") and name in node["inputs"] and node["inputs"][name] not in options:
                return True
    return False


def _without_models(
    prompt: dict, client: Client, folder: Path, picture: torch.Tensor, clip: ModelClip, drawn: torch.Tensor
) -> torch.Tensor:
    """`[T, H, W, 3]`: what comes of the drags without the template's models; the drawn drags if nothing does."""
    if CAMERA in _types(prompt):
        key = next(key for key, node in prompt.items() if node["class_type"] == CAMERA)
        inputs = {name: value for name, value in prompt[key]["inputs"].items() if name not in DEPTHS}
        return run_pictures(client, prompt | {key: {**prompt[key], "inputs": inputs}}, [key, 0], folder)
    return _carried(prompt, picture, clip) if CARRY in _types(prompt) else drawn


def _carried(prompt: dict, picture: torch.Tensor, clip: ModelClip) -> torch.Tensor:
    """`[T, H, W, 3]`: what Carry moves, at the picture's size; the node itself would need the model's VAE."""
    carry, editor = _first(prompt, (CARRY,)), _first(prompt, (EDITOR,))
    drags = trajectory.parse(editor["trajectories"], width=clip.width, height=clip.height)
    settings = CarrySettings(carry["radius"], carry["carries"], carry["fill"], carry["hold"], carry["ground"])
    return carry_at_full_size(CarryInputs(picture, drags, clip), settings).video


def to_picture(pixels: torch.Tensor) -> Image.Image:
    """`[H, W, 3]` from 0 to 1."""
    return Image.fromarray(to_bytes(pixels))


def _spread(count: int) -> list[int]:
    """Indices of at most FRAMES frames, evenly."""
    return sorted({round(k) for k in np.linspace(0, count - 1, min(count, FRAMES))})
