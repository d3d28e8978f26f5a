"""A small benchmark in VIPSeg's form, of held-out scenes with exact tracks, to try the three commands on that make and
measure a benchmark's videos (docs/benchmarks.md).

    .venv/bin/python benchmarks/made_vipseg.py output/made-vipseg [--videos 12]

The scenes have 8 frames of 128x128 pixels with one or two things, which go a short way and neither turn nor grow, on a
ground that stands still. As in DragAnything's tracks, each thing and the ground has whole positions, here true ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PIL import Image

from dragnuwa.research.measures.layouts.vipseg import deepest
from dragnuwa.research.scenes import HELD_OUT_SEED, Scene, SceneConfig, make_scene

FIRST_SEED = HELD_OUT_SEED + 810_000_000
SIDE, FRAMES = 128, 8


def write(folder: Path, name: str, scene: Scene) -> None:
    """One video with its masks, in which the ground is 0 and thing n is n + 1, and its tracks."""
    for part in ("imgs", "panomasks"):
        (folder / part / name).mkdir(parents=True, exist_ok=True)
    for time, (frame, owner) in enumerate(zip(scene.frames, scene.owner, strict=True)):
        Image.fromarray(frame).save(folder / "imgs" / name / f"{time:04}.png")
        Image.fromarray(owner).save(folder / "panomasks" / name / f"{time:04}.png")
    ground = np.repeat(deepest(scene.owner[0] == 0)[None], len(scene.frames), 0)
    seen = [thing for thing in range(len(scene.objects)) if (scene.owner[0] == thing + 1).any()]
    tracks = {0: ground, **{thing + 1: scene.points[thing] for thing in seen}}
    (folder / "trajectories").mkdir(exist_ok=True)
    text = json.dumps({str(number): np.rint(track).astype(int).tolist() for number, track in tracks.items()})
    (folder / "trajectories" / f"{name}.json").write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--videos", type=int, default=12)
    options = parser.parse_args()
    config = SceneConfig(
        frames=FRAMES, sizes=((SIDE, SIDE),), objects=(1, 2), travel=(0.05, 0.2), spin=0.0, growth=(1.0, 1.0),
        crossing_share=0.0, leaving_share=0.0, camera_share=0.0,
    )  # fmt: skip
    for number in range(options.videos):
        write(options.folder, f"{number:02}", make_scene(FIRST_SEED + number, config))


if __name__ == "__main__":
    main()
