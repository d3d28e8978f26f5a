"""The camera's motion in clips against the truth, while things move by themselves.

    .venv/bin/python benchmarks/clip_cameras.py [--scenes 100] [--frames 16] [--seed SEED]
    .venv/bin/python benchmarks/clip_cameras.py --bending --scenes 40

The scenes are those of video_edits.py. Nothing is known of the things, as before any is followed. Of each scene it is
the frame in which the camera is off by most, by the mean distance of places all over the frame, in pixels. Of grounds
of stripes, and of plain ones, no one can say how far the camera has moved along them.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.geometry.frame_alignment import align
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.edited import make_edited
from dragnuwa.research.scenes.edited_bending import make_edited_bending
from dragnuwa.research.scenes.scene import Scene, SceneConfig

PLACES = 7  # along each side
LOST = 2.0  # px


def most_off(scene: Scene) -> float:
    """Pixels, in the worst frame of a scene."""
    frames = scene.frames
    found = align(len(frames), frames.__getitem__)
    true = scene.motions[0] @ np.linalg.inv(scene.motions[0, 0])
    height, width = frames.shape[1:3]
    x, y = np.meshgrid(np.linspace(0, width, PLACES), np.linspace(0, height, PLACES))
    places = np.stack([x, y], -1).reshape(-1, 1, 2)
    ways = zip(found, true, strict=True)
    off = [cv2.perspectiveTransform(places, own) - cv2.perspectiveTransform(places, other) for own, other in ways]
    return float(np.linalg.norm(off, axis=-1).mean((1, 2)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    parser.add_argument("--bending", action="store_true", help="jointed and bending things")
    options = parser.parse_args()
    config = SceneConfig(frames=options.frames)
    groups: dict[str, list[float]] = defaultdict(list)
    for seed in range(options.seed, options.seed + options.scenes):
        edited = make_edited_bending(seed, options.frames) if options.bending else make_edited(seed, config)
        groups[edited.group].append(most_off(edited.before))
        sys.stderr.write(f"{seed} {edited.group:40} {groups[edited.group][-1]:8.2f} px\n")
    for group, values in [*groups.items(), ("all", [each for own in groups.values() for each in own])]:
        lost = sum(each > LOST for each in values)
        sys.stdout.write(f"{group:40} median {np.median(values):6.2f} px, lost {lost:3} of {len(values)}\n")


if __name__ == "__main__":
    main()
