"""The camera's motion in clips against the truth, while things move by themselves.

    .venv/bin/python benchmarks/clip_cameras.py [--scenes 100] [--frames 16] [--seed SEED]
    .venv/bin/python benchmarks/clip_cameras.py --bending --scenes 40

The scenes are those of video_edits.py. Nothing is known of the things, as before any is followed. Of each scene it is
the frame in which the camera is off by most, by the mean distance of places all over the frame, in pixels. Of grounds
of stripes, and of plain ones, no one can say how far the camera has moved along them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.edited_scenes import edited_scenes, parser_of_scenes
from dragnuwa.geometry.frame_alignment import align
from dragnuwa.research.scenes.scene import Scene

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
    options = parser_of_scenes(__doc__).parse_args()
    groups: dict[str, list[float]] = defaultdict(list)
    for seed, edited in edited_scenes(options):
        groups[edited.group].append(most_off(edited.before))
        sys.stderr.write(f"{seed} {edited.group:40} {groups[edited.group][-1]:8.2f} px\n")
    for group, values in [*groups.items(), ("all", [each for own in groups.values() for each in own])]:
        lost = sum(each > LOST for each in values)
        sys.stdout.write(f"{group:40} median {np.median(values):6.2f} px, lost {lost:3} of {len(values)}\n")


if __name__ == "__main__":
    main()
