"""Makes a sheet of photographs of living things that are bent: by one stroke, by three pins, and with nothing outlined.

    .venv/bin/python tools/click_data/photographs.py FOLDER --things benchmarks/bending_photographs.json
    .venv/bin/python tools/bending_photographs.py FOLDER --out SHEET.jpg [--frames FRAMES]
    .venv/bin/python tools/bending_photographs.py FOLDER --nod dachshund NOD.gif

`benchmarks/bending_photographs.json` has the photographs, and their outlines, strokes and pins, drawn by hand before
any result. A row for each: the photograph with its outline and its stroke; the last frame of DragNUWA Move
Picture by the stroke alone; by three pins; and by the stroke where no outline is given, so that the thing is found by
itself. Tiles show the part around the thing. With `--frames`, the photograph, the middle and the last frame of each way
are written beside each other at their full size, to be looked at. `--nod` shows one of them move along its stroke and
back.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2
import numpy as np
import torch
from PIL import Image

from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.research.evaluation.photos import clip_size
from dragnuwa.trajectory import Trajectories, parse
from scripts.sheets import read_tensor, write_sheet

LISTED = ROOT / "benchmarks" / "bending_photographs.json"
WAYS = "one stroke", "three pins", "not outlined"
AREA = 576 * 320  # px, of the clip to whose size Move Picture's radius refers
FRAMES = 9
MARGIN = 0.12  # of the thing's box, beyond which a tile shows nothing
TILE = 240, 200  # px
GAP, QUALITY = 3, 78
STILL, NOD_FRAMES, NOD_TIME = 8, 21, 80  # pictures, pictures, ms for each
NOD_SIZE, COLORS = (372, 310), 160
OUTLINE, PULL, HOLD = (230, 60, 50), (255, 220, 0), (0, 220, 255)  # RGB


@dataclass(frozen=True)
class Photograph:
    """
    Attributes:
        name: of its file, without the ending.
        picture: `[1, H, W, 3]` from 0 to 1.
        rings: of the thing's outline, each `[n, 2]`, fractions of the picture.
        stroke: `[k, 2]`; k may be 0.
        pins: each `[k, 2]`; one that holds its place has one point.
    """

    name: str
    picture: torch.Tensor
    rings: list[np.ndarray]
    stroke: np.ndarray
    pins: list[np.ndarray]

    def drawn(self, way: str) -> Trajectories:
        """The drawing, as the editor would save it."""
        if way == "not outlined":
            value = {"version": 1, "tracks": [track(self.stroke) | {"bend": "auto"}]}
        else:
            pins = [self.stroke] if way == "one stroke" else self.pins
            thing = resting(self.rings) | {"pins": [track(pin) for pin in pins]}
            value = {"version": 2, "tracks": [], "objects": [thing]}
        height, width = self.picture.shape[1:3]
        return parse(json.dumps({"type": "dragnuwa.trajectories", **value}), width=width, height=height)

    def clip(self, way: str, frames: int = FRAMES) -> torch.Tensor:
        """`[frames, H, W, 3]`."""
        size = clip_size(self.picture.shape[2], self.picture.shape[1], AREA)
        return carry_at_full_size(CarryInputs(self.picture, self.drawn(way), ClipShape(*size, frames))).video

    def marked(self, pins: bool = True) -> torch.Tensor:
        """`[1, H, W, 3]`: the picture with the outline, the stroke and, if wanted, where the three pins begin."""
        picture = np.ascontiguousarray(to_bytes(self.picture[0]))
        size = picture.shape[1::-1]
        unit = max(1, round(max(size) / 400))
        for ring in self.rings:
            cv2.polylines(picture, [_pixels(ring, size)], True, OUTLINE, unit, cv2.LINE_AA)
        for pin in self.pins if pins else ():
            at = tuple(_pixels(pin, size)[0].tolist())
            cv2.circle(picture, at, 3 * unit, HOLD, 2 * unit, cv2.LINE_AA)
        if len(self.stroke) == 0:
            return to_floats(picture)[None]
        path = _pixels(self.stroke, size)
        cv2.polylines(picture, [path], False, PULL, 2 * unit, cv2.LINE_AA)
        cv2.arrowedLine(picture, path[-2].tolist(), path[-1].tolist(), PULL, 2 * unit, cv2.LINE_AA, 0, 0.5)
        return to_floats(picture)[None]

    def around(self, frame: torch.Tensor, tile: tuple[int, int] = TILE) -> torch.Tensor:
        """`[1, h, w, 3]`: the part of a frame `[H, W, 3]` around the thing, on a tile of (width, height)."""
        height, width = frame.shape[:2]
        points = np.concatenate([*self.rings, *self.pins, self.stroke]) * (width, height)
        low, high = points.min(0), points.max(0)
        middle, side = (low + high) / 2, (high - low) * (1 + 2 * MARGIN)
        side = np.maximum(side, side[::-1] * (tile[0] / tile[1], tile[1] / tile[0]))
        side = np.minimum(side, (width, height))
        left, top = np.clip(middle - side / 2, 0, (width, height) - side).astype(int)
        part = frame[None, top : top + int(side[1]), left : left + int(side[0])]
        return fit(part, *tile, "pad")


def photographs(folder: Path, listed: Path = LISTED) -> list[Photograph]:
    found = []
    for each in json.loads(listed.read_text("utf-8"))["photographs"]:
        rings = [np.array(ring) for ring in each["things"][0]["outline"]]
        stroke, pins = np.array(each["stroke"]), [np.array(pin) for pin in each["pins"]]
        found.append(Photograph(Path(each["file"]).stem, read_tensor(folder / each["file"]), rings, stroke, pins))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the photographs")
    parser.add_argument("--out", type=Path, metavar="SHEET.jpg")
    parser.add_argument("--frames", type=Path, help="folder for the frames at full size")
    parser.add_argument("--only", nargs="*", help="names of photographs")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    parser.add_argument("--nod", nargs=2, metavar=("NAME", "NOD.gif"), help="show one of them move there and back")
    options = parser.parse_args()
    if options.nod:
        name, target = options.nod
        (photo,) = (each for each in photographs(options.folder) if each.name == name)
        write_nod(photo, Path(target))
        return 0
    rows = []
    for photo in photographs(options.folder):
        if options.only and photo.name not in options.only:
            continue
        tiles = [photo.around(photo.marked()[0])]
        for way in options.ways:
            begun = time.perf_counter()
            clip = photo.clip(way)
            print(f"{photo.name}, {way}: {time.perf_counter() - begun:.1f} s", flush=True)
            tiles.append(photo.around(clip[-1]))
            if options.frames:
                options.frames.mkdir(parents=True, exist_ok=True)
                beside = torch.cat([clip[0], clip[FRAMES // 2], clip[-1]], 1)
                Image.fromarray(to_bytes(beside)).save(options.frames / f"{photo.name}-{way.replace(' ', '-')}.png")
        rows.append(torch.cat(tiles))
    if options.out:
        write_sheet(rows, options.out, gap=GAP, quality=QUALITY)
        print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")
    return 0


def write_nod(photo: Photograph, path: Path) -> None:
    """A picture that moves: the photograph, its stroke, and what one stroke there and back makes of it."""
    bent = replace(photo, stroke=np.concatenate([photo.stroke, photo.stroke[-2::-1]]))
    still = [photo.around(each, NOD_SIZE) for each in (photo.picture[0], photo.marked(False)[0]) for _ in range(STILL)]
    moved = [photo.around(frame, NOD_SIZE) for frame in bent.clip("one stroke", NOD_FRAMES)]
    shown = [Image.fromarray(to_bytes(tile[0])) for tile in (*still, *moved)]
    swatches = np.repeat(np.uint8([OUTLINE, PULL]), NOD_SIZE[0] // 2, 0)[None].repeat(NOD_SIZE[1] // 8, 0)
    palette = Image.fromarray(np.concatenate([np.asarray(shown[-1]), swatches])).quantize(COLORS)
    frames = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in shown]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=NOD_TIME, loop=0)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _points(places: np.ndarray) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in places.tolist()]


def resting(rings: list[np.ndarray]) -> dict:
    """An object with an outline, and no motion of its own."""
    return {"outline": [_points(ring) for ring in rings], "motion": {"points": [{"x": 0.5, "y": 0.5}]}}


def track(places: np.ndarray) -> dict:
    """A drag, or an anchor at a single place."""
    return {"points": _points(places)} | ({"kind": "anchor"} if len(places) == 1 else {})


def _pixels(places: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return (places * size).round().astype(np.int32)


if __name__ == "__main__":
    sys.exit(main())
