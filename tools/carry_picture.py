"""Writes web/docs/DragNUWACarry.jpg: what the template carry_a_picture carries, and its video without and with it.

    .venv/bin/python tools/carry_picture.py

Run it after a change of the small model, of that template, or of how pictures are carried.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import numpy as np
import torch
from PIL import Image

from dragnuwa import trajectory
from dragnuwa.carry import composite as warp
from dragnuwa.clip_shape import ModelClip
from dragnuwa.evaluation.generate import Carrying, Conditions, Generator
from dragnuwa.evaluation.settings import Settings
from dragnuwa.host.find import find_host
from dragnuwa.images import fit

TARGET = ROOT / "web" / "docs" / "DragNUWACarry.jpg"
GAP = 4  # px


def main() -> int:
    comfyui = find_host(None)
    prompt = json.loads((ROOT / "workflows" / "api" / "carry_a_picture.json").read_text(encoding="utf-8"))
    nodes = {node["class_type"]: node["inputs"] for node in prompt.values()}
    editor, carry, sampler = (nodes[name] for name in ("DragNUWATrajectoryEditor", "DragNUWACarry", "KSampler"))
    encode = nodes["DragNUWAEncodeTrajectories"]
    clip = ModelClip(editor["width"], editor["height"], editor["frames"])
    image = np.array(Image.open(Path(comfyui) / "input" / nodes["LoadImage"]["image"]).convert("RGB"))
    drags = trajectory.parse(editor["trajectories"], width=clip.width, height=clip.height)
    points, visible = warp.positions(drags, clip.frames, clip.width, clip.height)
    start = fit(torch.from_numpy(image)[None].float() / 255, clip.width, clip.height)
    how = {"radius": carry["radius"], "carries": carry["carries"]}
    crude = warp.carry(start[0], points, visible, **how, fill=carry["fill"]).video

    checkpoint = ROOT / "models" / nodes["DragNUWALoadCheckpoint"]["ckpt_name"]
    told = Settings(
        checkpoint.name, clip, encode["kernel_size"], encode["sigma"], steps=sampler["steps"], cfg=sampler["cfg"],
    )  # fmt: skip
    given = Conditions(
        clip, points, visible, (start[0].numpy() * 255).round().astype(np.uint8), nodes["CLIPTextEncode"]["text"],
        sampler["seed"],
    )  # fmt: skip
    carried = replace(given, carrying=Carrying(carry["hold"], carry["ground"], None, **how))
    generator = Generator(checkpoint)
    rows = [(crude.numpy() * 255).round().astype(np.uint8)]
    rows += [generator.generate(conditions, told).frames for conditions in (given, carried)]
    Image.fromarray(np.concatenate([_row(frames) for frames in rows])).save(TARGET, quality=88)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")
    return 0


def _row(frames: np.ndarray) -> np.ndarray:
    """Frames beside each other on white, with a gap after each and below."""
    padded = np.pad(frames, ((0, 0), (0, GAP), (0, GAP), (0, 0)), constant_values=255)
    return np.concatenate(list(padded), axis=1)


if __name__ == "__main__":
    sys.exit(main())
