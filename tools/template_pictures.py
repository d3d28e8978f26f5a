"""The picture of a template: its drags on the start picture, and below and beside it frames of what comes of them.

Where the server has the template's models, the frames are those of its video. Where it lacks one, they are what Carry
moves, if the template has it, which needs no model; else there is the drawing alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.client import Client
from dragnuwa.clip_shape import ModelClip
from dragnuwa.images import fit, to_bytes, to_floats
from dragnuwa.overlay import tracks as draw

DRAWN_FRAME = 0.6  # of the clip: the moment that the drawing shows
SHOWN_FRAMES = (1 / 3, 2 / 3, 1)  # of the clip: the moments of what comes of it
ALONE, CELL = 512, 320  # pixels, the width of a drawing alone and of each part of four
GAP = 4  # pixels
PREVIEW, CARRY, VIDEO = "DragNUWAPreviewTrajectories", "DragNUWACarry", "CreateVideo"


def template_picture(prompt: dict, client: Client, folder: Path) -> Image.Image:
    """
    Args:
        prompt: the template in ComfyUI's API format.
        client: of a server that has the template's pictures.
        folder: for downloads.
    """
    types = {node["class_type"] for node in prompt.values()}
    if VIDEO in types and not _lacks_models(prompt, client.object_info()):
        frames = _video(prompt, client, folder)
    elif CARRY in types:
        frames = _carried(prompt, client, folder)
    else:
        return _drawing(prompt, client, folder, ALONE)
    return _four([_drawing(prompt, client, folder, CELL), *frames])


def _lacks_models(prompt: dict, known: dict) -> bool:
    """Whether a loader names a file that is not in its list."""
    for node in prompt.values():
        inputs = known[node["class_type"]]["input"]
        for name, (kind, *more) in {**inputs.get("required", {}), **inputs.get("optional", {})}.items():
            options = kind if isinstance(kind, list) else more[0].get("options", []) if kind == "COMBO" else []
            if name.endswith("_name") and name in node["inputs"] and node["inputs"][name] not in options:
                return True
    return False


def _drawing(prompt: dict, client: Client, folder: Path, side: int) -> Image.Image:
    """The image and the drags that go into the last preview node, drawn at about `side` pixels.

    ComfyUI computes both; drags are fractions of the picture, so they can be drawn at any size. The image comes
    from its file where the Trajectory Editor fits it, since that may be small.
    """
    preview = [node["inputs"] for node in prompt.values() if node["class_type"] == PREVIEW][-1]
    show = {
        "drags": {"class_type": "PreviewAny", "inputs": {"source": preview["trajectories"]}},
        "image": {"class_type": "PreviewImage", "inputs": {"images": preview["image"]}},
        "drawn": {"class_type": PREVIEW, "inputs": preview},
        "moments": {"class_type": "PreviewImage", "inputs": {"images": ["drawn", 0]}},
    }
    result = client.run(_upstream({**prompt, **show}, list(show)))
    (text,) = result.outputs["drags"]["text"]
    frames = len(list(result.files("moments")))
    shown = Image.open(client.download(next(result.files("image")), folder))
    width, height = side, round(side * shown.height / shown.width)
    fitted = fit(to_tensor(_original(prompt, preview, client, folder) or shown), width, height)
    drags = trajectory.parse(text, width=shown.width, height=shown.height)
    drawn = draw.drags(fitted.expand(frames, -1, -1, -1), drags)
    return to_picture(drawn[round(frames * DRAWN_FRAME)])


def _original(prompt: dict, preview: dict, client: Client, folder: Path) -> Image.Image | None:
    """The loaded picture, where it comes to the preview node through the Trajectory Editor's crop."""
    editor = prompt[preview["image"][0]]
    if editor["class_type"] != "DragNUWATrajectoryEditor" or editor["inputs"]["fit"] != "crop":
        return None
    loader = prompt[editor["inputs"]["image"][0]]
    return _loaded(loader, client, folder) if loader["class_type"] == "LoadImage" else None


def _loaded(loader: dict, client: Client, folder: Path) -> Image.Image:
    item = {"filename": loader["inputs"]["image"], "subfolder": "", "type": "input"}
    return Image.open(client.download(item, folder))


def _video(prompt: dict, client: Client, folder: Path) -> list[Image.Image]:
    """Frames of the template's video."""
    (video,) = [node["inputs"] for node in prompt.values() if node["class_type"] == VIDEO]
    show = {"frames": {"class_type": "PreviewImage", "inputs": {"images": video["images"]}}}
    files = list(client.run(_upstream({**prompt, **show}, ["frames"])).files("frames"))
    return [Image.open(client.download(files[number], folder)).convert("RGB") for number in _shown(len(files))]


def _carried(prompt: dict, client: Client, folder: Path) -> list[Image.Image]:
    """Frames of what Carry moves, which the node itself would only do with the model's VAE."""
    (carry,) = [node["inputs"] for node in prompt.values() if node["class_type"] == CARRY]
    editor = prompt[carry["trajectories"][0]]["inputs"]
    clip = ModelClip(editor["width"], editor["height"], editor["frames"])
    drags = trajectory.parse(editor["trajectories"], width=clip.width, height=clip.height)
    settings = CarrySettings(carry["radius"], carry["carries"], carry["fill"], carry["hold"], carry["ground"])
    image = to_tensor(_loaded(prompt[carry["image"][0]], client, folder))
    video = carry_clip(image, drags, clip, settings=settings).video
    return [to_picture(video[number]) for number in _shown(clip.frames)]


def _shown(frames: int) -> list[int]:
    return [round((frames - 1) * moment) for moment in SHOWN_FRAMES]


def _four(pictures: list[Image.Image]) -> Image.Image:
    """Two by two on white, all of the first one's size."""
    width, height = pictures[0].size
    sheet = Image.new("RGB", (2 * width + GAP, 2 * height + GAP), "white")
    for number, picture in enumerate(pictures):
        row, column = divmod(number, 2)
        sheet.paste(picture.resize((width, height), Image.BICUBIC), (column * (width + GAP), row * (height + GAP)))
    return sheet


def _upstream(prompt: dict, names: list[str]) -> dict:
    """The named nodes and everything that they need."""
    needed: dict = {}
    while names:
        name = names.pop()
        if name not in needed:
            needed[name] = prompt[name]
            names += [value[0] for value in prompt[name]["inputs"].values() if isinstance(value, list)]
    return needed


def to_picture(pixels: torch.Tensor) -> Image.Image:
    """`[H, W, 3]` from 0 to 1."""
    return Image.fromarray(to_bytes(pixels))


def to_tensor(image: Image.Image) -> torch.Tensor:
    """`[1, H, W, 3]` from 0 to 1."""
    return to_floats(np.array(image.convert("RGB")))[None]
