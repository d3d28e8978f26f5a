"""How close what the page draws of a camera in depth is to a run's frames, and how long it takes a page to draw one.

    .venv/bin/python benchmarks/turned_camera.py [--longer 640] [--camera mixed] [--same-fill] [--only NAME]

The photographs of web/pictures with made depth: a ground that comes nearer downwards, and four discs before it. The
camera moves sideways and forwards, pans and orbits, or does one of these alone (`--camera`). "Run" is what Camera in
Depth renders at the size that plays, but what the picture does not show is filled smoothly. PSNR in dB of the frames
after the first, the worst of each picture: where the picture shows something, and of whole frames; "under a hand" is
what is drawn while the camera is dragged. The page's filling covers all that a hand can turn to, and leaves out what is
near at the borders; with `--same-fill` the run has that filling, too. CPU milliseconds of a frame are Node's, which has
the browser's engine, the median of 60.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dragnuwa.carry.depth.camera import intrinsics_from_angle  # noqa: E402
from dragnuwa.carry.depth.cameras.paths import CameraPath  # noqa: E402
from dragnuwa.carry.depth.layers import cut_out  # noqa: E402
from dragnuwa.carry.depth.path import CameraMoves  # noqa: E402
from dragnuwa.carry.depth.scene import DepthScene  # noqa: E402
from dragnuwa.carry.drawing import drawing_on  # noqa: E402
from dragnuwa.carry.find import find  # noqa: E402
from dragnuwa.carry.rendering import render  # noqa: E402
from dragnuwa.common.clip_shape import ClipShape  # noqa: E402
from dragnuwa.common.images import to_bytes  # noqa: E402
from dragnuwa.common.picture_files import open_picture  # noqa: E402
from dragnuwa.server.depth import REACH, depth_picture  # noqa: E402
from dragnuwa.server.play import Through  # noqa: E402
from dragnuwa.trajectory import parse  # noqa: E402
from dragnuwa.vision.inpainting.fill import fill_smoothly  # noqa: E402
from dragnuwa.vision.segmentation.prepared import prepare  # noqa: E402

NOTHING = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": []}'
DISCS = ((0.3, 0.5, 0.12, 0.6), (0.6, 0.6, 0.15, 0.8), (0.8, 0.4, 0.08, 1.0), (0.45, 0.35, 0.05, 1.2))
MOVES = {"truck": 0.08, "pan": 3.0, "dolly": 0.1, "orbit": 4.0, "ease": "linear"}
CAMERAS = {
    "mixed": MOVES,
    "sideways": {"truck": 0.12, "ease": "linear"},
    "around": {"orbit": 12.0, "rise": 4.0, "ease": "linear"},
    "forwards": {"dolly": 0.25, "pan": 4.0, "ease": "linear"},
}
INPUTS = {"tilt": 0, "roll": 0, "pedestal": 0, "rise": 0, "zoom": 0, "handheld": 0, "dolly_zoom": False, "start": 0,
          "end": 1, "focus_x": 0.5, "focus_y": 0.5, "path": "", "truck": 0, "pan": 0, "dolly": 0,
          "orbit": 0}  # fmt: skip


def made_depth(width: int, height: int) -> DepthScene:
    y, x = np.mgrid[:height, :width]
    disparity = (0.1 + 0.5 * y / height).astype(np.float32)
    for left, top, radius, near in DISCS:
        disc = np.square(x / width - left) + np.square((y / height - top) * height / width) < radius**2
        disparity[disc] = near
    return DepthScene(disparity, intrinsics_from_angle(55, (width, height)))


def written(file: Path, options: argparse.Namespace, folder: Path) -> None:
    """Writes what the page gets, and what a run makes, into a folder."""
    longer, count, camera = options.longer, options.frames, options.camera
    with open_picture(file) as opened:
        picture = opened.convert("RGB")
    scale = longer / max(picture.size)
    width, height = (2 * round(side * scale / 2) for side in picture.size)
    start = torch.from_numpy(np.asarray(picture.resize((width, height)), np.float32) / 255)
    scene, moves, clip = made_depth(width, height), CameraMoves(**CAMERAS[camera]), ClipShape(width, height, count)
    nothing = parse(NOTHING, width=width, height=height)
    prepared = prepare(start, clip.size)
    (folder / "picture.bin").write_bytes(
        depth_picture(prepared, start, nothing, clip, Through(scene, moves, CameraPath(), False))
    )
    cut = cut_out(find(drawing_on(prepared, nothing, clip)), start.movedim(-1, 0), scene, fill_with=fill_smoothly)
    cameras = moves.cameras(cut.scene, count)
    composition = cut.seen_by(cameras, range(count), fill_with=fill_smoothly)
    if options.same_fill:
        ends = [CameraMoves(**{name: sign * most}).moved(cut.scene) for name, most in REACH.items() for sign in (-1, 1)]
        filled = cut.inpainted([*cameras, *ends], fill_smoothly, nearest_borders=False)
        composition = replace(composition, background=replace(composition.background, inpainted=filled))
    frames = [render(composition, time) for time in range(count)]
    np.stack([to_bytes(frame.colors.movedim(0, -1)) for frame in frames]).tofile(folder / "frames.bin")
    np.stack([frame.disoccluded.numpy() > 0.5 for frame in frames]).astype(np.uint8).tofile(folder / "missing.bin")
    (folder / "inputs.json").write_text(json.dumps(INPUTS | CAMERAS[camera]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longer", type=int, default=640)
    parser.add_argument("--frames", type=int, default=5)
    parser.add_argument("--camera", choices=CAMERAS, default="mixed")
    parser.add_argument("--same-fill", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of photographs, such as dragnuwa-cow")
    options = parser.parse_args()
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))
    for file in sorted((ROOT / "web" / "pictures").glob("*.jpg")):
        if options.only and file.stem not in options.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            written(file, options, Path(folder))
            made = subprocess.run(
                [node, str(Path(__file__).with_suffix(".js")), folder], check=True, capture_output=True, text=True
            )
        sys.stdout.write(f"{file.stem:20} {made.stdout}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
