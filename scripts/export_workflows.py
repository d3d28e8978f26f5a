"""Writes what belongs to each template in workflows/: its API format, made by ComfyUI's own page, and its picture.

    make workflows

Run it after a change of a template. The picture is the template's start image with its drags drawn on it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch
from PIL import Image

from dragnuwa import draw, trajectory
from dragnuwa.fit import fit
from frontend import api_prompt, load_workflow, open_browser, open_page
from host import ROOT, HostProcess, find_installation

WORKFLOWS = ROOT / "workflows"
PICTURE_FRAME = 0.6  # of the clip: the moment that the picture shows


def main() -> int:
    installation = find_installation()
    templates = sorted(WORKFLOWS.glob("*.json"))
    (WORKFLOWS / "api").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base) as server,
        open_browser() as browser,
        open_page(browser, server.url) as page,
    ):
        for template in templates:
            load_workflow(page, json.loads(template.read_text(encoding="utf-8")))
            prompt = api_prompt(page)
            target = WORKFLOWS / "api" / template.name
            target.write_text(json.dumps(prompt, indent=1) + "\n", encoding="utf-8")
            picture = _picture(prompt, installation.comfyui / "input")
            picture.save(template.with_suffix(".jpg"), quality=88)
            print(f"{template.name}: {target.relative_to(ROOT)} and a picture of {picture.width}x{picture.height}")
    return 0


def _picture(prompt: dict, inputs: Path) -> Image.Image:
    """The template's start image with its drags, at twice its size where that is small."""
    nodes = {node["class_type"]: node["inputs"] for node in prompt.values()}
    editor = nodes["DragNUWATrajectoryEditor"]
    scale = max(1, round(512 / editor["width"]))
    width, height, frames = editor["width"] * scale, editor["height"] * scale, editor["frames"]
    image = np.array(Image.open(inputs / nodes["LoadImage"]["image"]).convert("RGB"))
    fitted = fit(torch.from_numpy(image)[None].float() / 255, width, height, editor["fit"]).expand(frames, -1, -1, -1)
    drags = trajectory.parse(editor["trajectories"], width=editor["width"], height=editor["height"])
    drawn = draw.drags(fitted, drags)
    return Image.fromarray((drawn[round(frames * PICTURE_FRAME)].numpy() * 255).round().astype(np.uint8))


if __name__ == "__main__":
    sys.exit(main())
