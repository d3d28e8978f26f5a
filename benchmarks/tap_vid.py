"""This project's trackers by TAP-Vid's figures, on held-out scenes with exact tracks.

    .venv/bin/python benchmarks/tap_vid.py [--scenes 100] [--frames 16] [--seed SEED] [--out scenes.pkl]

The scenes are those of video_edits.py: half with a moving camera, a quarter with things that are occluded, a quarter
with things that cross; with 8 points on each thing, and 8 on the ground. They are written to a file as TAP-Vid writes
them, so that `python -m dragnuwa.evaluation bench tap-vid FILE` measures any other tracker on the same.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import astuple
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.research.measures.layouts import tap_vid
from dragnuwa.research.measures.trackers import NAMES, tracker_named
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.edited import make_edited
from dragnuwa.research.scenes.scene import SceneConfig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    parser.add_argument("--out", type=Path, default=Path("scenes.pkl"))
    options = parser.parse_args()
    config = SceneConfig(frames=options.frames)
    scenes = (
        (f"scene {number}", make_edited(options.seed + number, config).before) for number in range(options.scenes)
    )
    tap_vid.write(options.out, tap_vid.of_scenes(scenes))
    videos = tap_vid.read(options.out)
    sys.stdout.write("tracker       average Jaccard  delta average  occlusion accuracy\n")
    for name in NAMES:
        found = [astuple(tap_vid.measured(video, tracker_named(name), full_size=True)) for video in videos]
        jaccard, delta, occlusion = 100 * np.mean(found, axis=0)
        sys.stdout.write(f"{name:12} {jaccard:13.1f} % {delta:12.1f} % {occlusion:17.1f} %\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
