"""Writes web/docs/DragNUWACarry.jpg: what Carry moves by the demo's drags, and the video without and with it.

    .venv/bin/python tools/carry_picture.py

Run it after a change of the small model, of the first template, or of how pictures are carried.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.images import to_floats
from dragnuwa.common.picture_files import open_picture
from dragnuwa.host.find import find_host
from dragnuwa.research.evaluation.generate import Carrying, Conditions, Generator
from dragnuwa.research.evaluation.settings import Settings
from scripts import demo
from scripts.sheets import write_sheet

TARGET = ROOT / "web" / "docs" / "DragNUWACarry.jpg"
GAP = 4  # px


def main() -> int:
    find_host(None)
    nodes = {node["class_type"]: node["inputs"] for node in demo.demo_prompt().values()}
    editor, carry, sampler = (nodes[name] for name in ("DragNUWATrajectoryEditor", "DragNUWACarry", "KSampler"))
    encode = nodes["DragNUWAEncodeTrajectories"]
    clip = ModelClip(editor["width"], editor["height"], editor["frames"])
    with open_picture(demo.PICTURE) as picture:
        image = np.array(picture.convert("RGB"))
    drags = trajectory.parse(editor["trajectories"], width=clip.width, height=clip.height)
    settings = CarrySettings(carry["radius"], carry["carries"], carry["fill"], carry["hold"], carry["ground"])
    carried = carry_clip(to_floats(image)[None], drags, clip, settings=settings).video

    checkpoint = ROOT / "models" / nodes["DragNUWALoadCheckpoint"]["ckpt_name"]
    sampling = Settings(
        checkpoint=checkpoint.name,
        clip=clip,
        kernel_size=encode["kernel_size"],
        sigma=encode["sigma"],
        steps=sampler["steps"],
        cfg=sampler["cfg"],
    )
    points, visible = drags.sample(clip.frames, clip.width, clip.height)
    alone = Conditions(
        clip=clip,
        points=points,
        visible=visible,
        start=image,
        text=nodes["CLIPTextEncode"]["text"],
        seed=sampler["seed"],
    )
    generator = Generator(checkpoint)
    rows = [carried]
    for conditions in (alone, replace(alone, carrying=Carrying(settings))):
        rows.append(to_floats(generator.generate(conditions, sampling).frames))
    write_sheet(rows, TARGET, gap=GAP, quality=88)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
