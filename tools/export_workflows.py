"""Writes the templates in workflows/ and what belongs to each: its API format, made by ComfyUI's own page, and its
picture.

    make workflows
    .venv/bin/python tools/export_workflows.py camera_move     that one only

Run it after a change of a template. One that is described in tools/template_sources/ is made anew from there; others
are made by hand and stay as they are. The picture is the start image with the drags that the last DragNUWA Preview
Trajectories of the template would draw.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "scripts")]

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Page

import templates
from dragnuwa import trajectory
from dragnuwa.client import Client
from dragnuwa.images import fit, to_bytes, to_floats
from dragnuwa.overlay import tracks as draw
from frontend import api_prompt, load_workflow, open_browser, open_page
from host import ROOT, HostProcess, find_installation

WORKFLOWS = ROOT / "workflows"
PICTURE_FRAME = 0.6  # of the clip: the moment that the picture shows
PICTURE_SIDE = 512  # pixels, about
PREVIEW = "DragNUWAPreviewTrajectories"


def main() -> int:
    described = templates.sources()
    names = sys.argv[1:] or sorted({path.stem for path in WORKFLOWS.glob("*.json")} | set(described))
    installation = find_installation()
    (WORKFLOWS / "api").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base) as server,
    ):
        shutil.copytree(installation.comfyui / "input", server.input_directory, dirs_exist_ok=True)
        with open_browser() as browser, open_page(browser, server.url) as page:
            prompts = {name: _export(page, name, name in described) for name in names}
        for name, prompt in prompts.items():  # after the browser, whose event loop a client cannot share
            picture = _picture(prompt, Client(server.url), Path(base))
            picture.save(WORKFLOWS / f"{name}.jpg", quality=88)
            print(f"{name}: a picture of {picture.width}x{picture.height}")
    return 0


def _export(page: Page, name: str, described: bool) -> dict:
    """Writes NAME.json, where it is described, and api/NAME.json; gives the latter."""
    file = WORKFLOWS / f"{name}.json"
    if described:
        workflow = templates.build(page, name)
        file.write_text(json.dumps(workflow, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    load_workflow(page, json.loads(file.read_text(encoding="utf-8")))
    prompt = api_prompt(page)
    (WORKFLOWS / "api" / file.name).write_text(json.dumps(prompt, indent=1) + "\n", encoding="utf-8")
    print(f"{name}: {len(prompt)} nodes")
    return prompt


def _picture(prompt: dict, client: Client, folder: Path) -> Image.Image:
    """The image and the drags that go into the last preview node, drawn at about 512 pixels.

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
    scale = max(1, round(PICTURE_SIDE / shown.width))
    width, height = shown.width * scale, shown.height * scale
    fitted = fit(to_tensor(_original(prompt, preview, client, folder) or shown), width, height)
    drags = trajectory.parse(text, width=shown.width, height=shown.height)
    drawn = draw.drags(fitted.expand(frames, -1, -1, -1), drags)
    return to_picture(drawn[round(frames * PICTURE_FRAME)])


def _original(prompt: dict, preview: dict, client: Client, folder: Path) -> Image.Image | None:
    """The loaded picture, where it comes to the preview node through the Trajectory Editor's crop."""
    editor = prompt[preview["image"][0]]
    if editor["class_type"] != "DragNUWATrajectoryEditor" or editor["inputs"]["fit"] != "crop":
        return None
    loader = prompt[editor["inputs"]["image"][0]]
    if loader["class_type"] != "LoadImage":
        return None
    item = {"filename": loader["inputs"]["image"], "subfolder": "", "type": "input"}
    return Image.open(client.download(item, folder))


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


if __name__ == "__main__":
    sys.exit(main())
