"""Photographs whose depth is drawn by hand, seen by a moving camera: a sheet to be looked at.

    .venv/bin/python benchmarks/depth_by_hand.py FOLDER --out SHEET.jpg [--frames FOLDER] [--longer 960]

FOLDER has the photographs that depth_by_hand.json names, from Debian's lomiri-wallpapers-16.04. For each, as a person
gives it in the Trajectory Editor: a horizon or none, things that were drawn round or clicked, and the distance of those
that stand on no ground. The sheet has the photograph with these, and the last frame of two cameras; `--frames` gets
them in full size.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.carry.depth.layers import cut_out
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import DrawnDepth
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import find
from dragnuwa.carry.rendering import render
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes
from dragnuwa.common.picture_files import open_picture
from dragnuwa.trajectory import parse
from dragnuwa.vision.segmentation.outline import Outline, outline_of
from dragnuwa.vision.segmentation.pick import corrected, first_pick, soft_mask
from dragnuwa.vision.segmentation.prepared import SearchImage, search_image

PHOTOGRAPHS = Path(__file__).with_suffix(".json")
CAMERAS = {
    "sideways": {"truck": 0.15, "orbit": 4.0},
    "forwards": {"dolly": 0.25, "truck": -0.06, "pedestal": 0.04},
}
FRAMES, WIDTH = 5, 640  # of a camera's clip, and px of a picture in the sheet


def value(photograph: dict, picture: np.ndarray) -> str:
    """What the editor would store."""
    prepared, objects = search_image(picture), []
    for number, thing in enumerate(photograph["things"]):
        rings = [thing["drawn"]] if "drawn" in thing else clicked(prepared, picture.shape[1::-1], thing["clicks"])
        outline = [[{"x": min(float(x), 1.0), "y": min(float(y), 1.0)} for x, y in ring] for ring in rings]
        own = {"id": str(number), "outline": outline, "motion": {"keys": [{"t": 0}]}}
        objects.append(own | {name: thing[name] for name in ("distance",) if name in thing})
    told = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": objects}
    return json.dumps(told | {name: photograph[name] for name in ("horizon",) if name in photograph})


def clicked(prepared: SearchImage, size: tuple[int, int], clicks: list) -> Outline:
    """The outline of what the first of the clicks finds, with what the others add."""
    first, *more = (complex(x * size[0], y * size[1]) for x, y in clicks)
    pick = first_pick(prepared, first)
    for place in more:
        pick = corrected(prepared, pick, place, True)
    return outline_of(soft_mask(prepared, pick))


def seen(photograph: dict, picture: np.ndarray, text: str, moves: dict) -> np.ndarray:
    """`[H, W, 3]` uint8: the last frame of a camera."""
    height, width = picture.shape[:2]
    start, clip = torch.from_numpy(picture.astype(np.float32) / 255), ClipShape(width, height, FRAMES)
    drawn = parse(text, width=width, height=height)
    depth = DrawnDepth(photograph.get("horizon"), photograph.get("farthest", 10.0))
    cut = cut_out(find(drawing_on(start, drawn, clip)), start.movedim(-1, 0), depth)
    cameras = CameraMoves(**moves, focus=tuple(photograph["focus"])).cameras(cut.scene, FRAMES)
    frame = render(cut.seen_by(cameras, [FRAMES - 1]), FRAMES - 1)
    return to_bytes(frame.colors.movedim(0, -1))


def outlined(picture: np.ndarray, photograph: dict, text: str) -> np.ndarray:
    found, (height, width) = picture.copy(), picture.shape[:2]
    if "horizon" in photograph:
        row = round(photograph["horizon"] * height)
        cv2.line(found, (0, row), (width, row), (255, 255, 0), 3)
    for each in json.loads(text)["objects"]:
        rings = [np.array([[p["x"] * width, p["y"] * height] for p in ring]).round().astype(int)
                 for ring in each["outline"]]  # fmt: skip
        cv2.polylines(found, rings, True, (0, 255, 255), 3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--frames", type=Path)
    parser.add_argument("--longer", type=int, default=960)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    rows = []
    for name, photograph in json.loads(PHOTOGRAPHS.read_text(encoding="utf-8")).items():
        if options.only and name not in options.only:
            continue
        with open_picture(options.folder / f"{name}.jpg") as opened:
            whole = opened.convert("RGB")
        scale = options.longer / max(whole.size)
        picture = np.asarray(whole.resize(tuple(8 * round(side * scale / 8) for side in whole.size)))
        text = value(photograph, picture)
        frames = [seen(photograph, picture, text, moves) for moves in CAMERAS.values()]
        row = [outlined(picture, photograph, text), *frames]
        if options.frames:
            for kind, frame in zip(("drawn", *CAMERAS), row, strict=True):
                cv2.imwrite(str(options.frames / f"{name}_{kind}.png"), frame[..., ::-1])
        height = round(WIDTH * 0.75)
        rows.append(np.concatenate([_fitted(each, WIDTH, height) for each in row], 1))
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
    cv2.imwrite(str(options.out), np.concatenate(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


def _fitted(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    found[top : top + small.shape[0], left : left + small.shape[1]] = small
    return found


if __name__ == "__main__":
    main()
