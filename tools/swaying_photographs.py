"""Makes a sheet of photographs in which something sways, without a model.

    .venv/bin/python tools/click_data/photographs.py FOLDER --things benchmarks/swaying_photographs.json
    .venv/bin/python tools/swaying_photographs.py FOLDER --out SHEET.jpg [--frames FRAMES]

`benchmarks/swaying_photographs.json` has the photographs, with outlines, the places that are held, and how each sways.
A row for each: the photograph with its outline and what holds it; then frames of DragNUWA Move Picture in which it has
swung furthest to either side, and the last one. With `--frames`, these are written beside each other at their full
size, to be looked at. It says by how much the last frame differs from the first.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
import torch
from PIL import Image

from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes
from dragnuwa.research.evaluation.photos import clip_size
from dragnuwa.trajectory import parse
from scripts.sheets import read_tensor, write_sheet
from tools.bending_photographs import AREA, GAP, QUALITY, Photograph, resting, track

LISTED = ROOT / "benchmarks" / "swaying_photographs.json"
FRAMES = 17
SHOWN = 2, 6, 16  # furthest to one side, and to the other, of two swings; the last
TILE = 300, 260  # px
NO_STROKE = np.zeros((0, 2))


def swayed(photo: Photograph, sway: dict) -> torch.Tensor:
    """`[FRAMES, H, W, 3]`: a photograph in which its thing sways, held by its pins."""
    picture = photo.picture
    height, width = picture.shape[1:3]
    thing = resting(photo.rings) | {"sway": sway}
    if photo.pins:
        thing["pins"] = [track(pin) for pin in photo.pins]
    value = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [thing]}
    drawing = parse(json.dumps(value), width=width, height=height)
    return carry_at_full_size(CarryInputs(picture, drawing, ClipShape(*clip_size(width, height, AREA), FRAMES))).video


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the photographs")
    parser.add_argument("--out", type=Path, metavar="SHEET.jpg")
    parser.add_argument("--frames", type=Path, help="folder for the frames at full size")
    options = parser.parse_args()
    rows = []
    for each in json.loads(LISTED.read_text("utf-8"))["photographs"]:
        name, (thing,) = Path(each["file"]).stem, each["things"]
        pins = [np.array([pin]) for pin in each["pins"]]
        picture = read_tensor(options.folder / each["file"])
        photo = Photograph(name, picture, [np.array(ring) for ring in thing["outline"]], NO_STROKE, pins)
        clip = swayed(photo, each["sway"])
        levels = np.abs(to_bytes(clip[-1]).astype(int) - to_bytes(clip[0])).max()
        print(f"{name}: the last frame and the first differ by {levels} levels at most", flush=True)
        rows.append(torch.cat([photo.around(frame, TILE) for frame in (photo.marked()[0], *clip[list(SHOWN)])]))
        if options.frames:
            options.frames.mkdir(parents=True, exist_ok=True)
            Image.fromarray(to_bytes(torch.cat([*clip[list(SHOWN)]], 1))).save(options.frames / f"{name}.png")
    if options.out:
        write_sheet(rows, options.out, gap=GAP, quality=QUALITY)
        print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
