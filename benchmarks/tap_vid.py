"""This project's trackers by TAP-Vid's figures, on held-out scenes with exact tracks.

    .venv/bin/python benchmarks/tap_vid.py [--scenes 100] [--frames 16] [--seed SEED] [--out scenes.pkl]

The scenes are those of video_edits.py: half with a moving camera, a quarter with things that are occluded, a quarter
with things that cross; with 8 points on each thing, and 8 on the ground. They are written to a file as TAP-Vid writes
them, so that `python -m dragnuwa.evaluation bench tap-vid FILE` measures any other tracker on the same.
"""

from __future__ import annotations

import sys
from dataclasses import astuple
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.edited_scenes import edited_scenes, parser_of_scenes
from dragnuwa.research.measures.layouts import tap_vid
from dragnuwa.research.measures.trackers import NAMES, tracker_named


def main() -> None:
    parser = parser_of_scenes(__doc__)
    parser.add_argument("--out", type=Path, default=Path("scenes.pkl"))
    options = parser.parse_args()
    scenes = ((f"scene {number}", scene.before) for number, (_, scene) in enumerate(edited_scenes(options)))
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
