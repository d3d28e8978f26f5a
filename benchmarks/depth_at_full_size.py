"""How long a camera in depth takes for a video of 1920x1080, and how much memory.

    .venv/bin/python benchmarks/depth_at_full_size.py [--frames 81] [--depth hand|measured] [--parts]

A photograph of web/pictures at 1920x1080, with the three objects of the template "Move the camera in depth", which move
in it; their depth by hand, or a measured one with four discs. The template's camera. Seconds of the wall clock and of
the CPU for each frame, what is made once, and the largest memory of the process, libraries and video included.
`--parts` says where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.turned_camera import made_depth  # noqa: E402
from dragnuwa.carry.depth.cameras.paths import CameraPath  # noqa: E402
from dragnuwa.carry.depth.layers import cut_out  # noqa: E402
from dragnuwa.carry.depth.parallax import filmed  # noqa: E402
from dragnuwa.carry.depth.path import CameraMoves  # noqa: E402
from dragnuwa.carry.depth.readers import DrawnDepth  # noqa: E402
from dragnuwa.carry.drawing import drawing_on  # noqa: E402
from dragnuwa.carry.find import find  # noqa: E402
from dragnuwa.common.clip_shape import ClipShape  # noqa: E402
from dragnuwa.common.picture_files import open_picture  # noqa: E402
from dragnuwa.trajectory import parse  # noqa: E402

PICTURE = ROOT / "web" / "pictures" / "dragnuwa-desert.jpg"
TEMPLATE = ROOT / "workflows" / "Move the camera in depth.json"
SIZE = 1920, 1080
MOVES = {"truck": 0.12, "dolly": 0.15, "orbit": 3.0}
KIB = 1024


def drawing() -> str:
    """The template's objects, each with a path."""
    nodes = json.loads(TEMPLATE.read_text(encoding="utf-8"))["nodes"]
    text = next(node["widgets_values"][0] for node in nodes if node["type"] == "DragNUWATrajectoryEditor")
    told = json.loads(text)
    for number, each in enumerate(told["objects"]):
        each["motion"] = {"keys": [{"t": 0}, {"t": 1, "x": 0.02 * (number - 1), "y": 0.01}]}
    return json.dumps(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=81)
    parser.add_argument("--depth", choices=("hand", "measured"), default="hand")
    parser.add_argument("--parts", action="store_true")
    options = parser.parse_args()
    with open_picture(PICTURE) as opened:
        picture = torch.from_numpy(np.asarray(opened.convert("RGB").resize(SIZE), np.float32) / 255)
    clip = ClipShape(*SIZE, options.frames)
    drawn = parse(drawing(), width=SIZE[0], height=SIZE[1])
    depth = made_depth(*SIZE) if options.depth == "measured" else DrawnDepth(drawn.horizon, 20.0)
    began, spent = time.perf_counter(), time.process_time()
    cut = cut_out(find(drawing_on(picture, drawn, clip)), picture.movedim(-1, 0), depth)
    cameras = CameraPath().cameras(CameraMoves(**MOVES), cut.scene, options.frames)
    composition = cut.seen_by(cameras, range(options.frames))
    scene, starts, layers = cut.scene, cut.drawn, len(cut.layers)
    del cut  # as the node does
    once = time.perf_counter() - began, time.process_time() - spent
    began, spent = time.perf_counter(), time.process_time()
    profile = cProfile.Profile()
    if options.parts:
        profile.enable()
    made = filmed(composition, scene, 64.0, starts)
    profile.disable()
    wall, cpu = ((time.perf_counter() - began) / options.frames, (time.process_time() - spent) / options.frames)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB / 1e9
    sys.stdout.write(
        f"{options.depth}, {layers} objects, {len(made.video)} frames: {wall:.2f} s a frame ({cpu:.2f} CPU), "
        f"once {once[0]:.1f} s ({once[1]:.1f} CPU), {memory:.1f} GB, {torch.get_num_threads()} threads, load "
        f"{os.getloadavg()[0]:.1f}\n"
    )
    if options.parts:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(22)


if __name__ == "__main__":
    main()
