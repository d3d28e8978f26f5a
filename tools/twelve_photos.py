"""Makes a sheet of photographs that were moved by one drag each, without a model: as found, and outlined by hand.

    .venv/bin/python tools/twelve_photos.py FOLDER --out SHEET.jpg

FOLDER has the photographs that scripts/demo/twelve_photos.json names; models/README.md says where they come from. A row
for each: with its drag, and its outline where one was drawn; the last frame of DragNUWA Move Picture with its defaults;
the last frame with the outline, or a grey field; and a part of the row's last frame around the drag. With `--frames`,
the last frames are written at their full size, to be looked at, and with `--checkpoint` also those that the first
template's settings make with that model.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch
from PIL import Image

from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.common.atomic import read_drags
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from dragnuwa.overlay import tracks as draw
from dragnuwa.research.evaluation.generate import Generator, load_generator
from dragnuwa.research.evaluation.photos import Photo, clip_size
from dragnuwa.research.evaluation.settings import Settings
from dragnuwa.trajectory import Trajectories, parse
from scripts.sheets import read_tensor, write_sheet
from tools.blueprint_sources.drag_to_video_embedded import FOLLOW
from tools.restored_pictures import STEPS, generated

PHOTOS = ROOT / "scripts" / "demo" / "twelve_photos.json"
AREA = 576 * 320  # px, of the clip to whose size Move Picture's radius refers
FRAMES = 2  # the last one is shown
DOTS = 14  # on the way of a drag
TILE = 264, 176  # px
PART = 0.45  # of the frame's sides, which the last column shows
GAP, QUALITY = 3, 75


@dataclass(frozen=True)
class Dragged:
    """A photograph `[1, H, W, 3]` from 0 to 1, the drag on it, and the same with an outline, if it has one."""

    name: str
    picture: torch.Tensor
    drag: Trajectories
    outlined: Trajectories | None

    @property
    def best(self) -> Trajectories:
        return self.outlined or self.drag


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the photographs")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="JSON: drag and outline by file name")
    parser.add_argument("--out", type=Path, metavar="SHEET.jpg")
    parser.add_argument("--frames", type=Path, help="folder for the last frames")
    parser.add_argument("--checkpoint", type=Path, help="the small model, for frames that it has made, restored")
    parser.add_argument("--only", nargs="*", help="names of photographs")
    options = parser.parse_args()
    settings = options.checkpoint and Settings.for_checkpoint(options.checkpoint, steps=STEPS, cfg=1.0)
    generator = options.checkpoint and load_generator(options.checkpoint)
    rows = []
    for name, drawn in read_drags(options.photos).items():
        if options.only and name not in options.only:
            continue
        photo = read(options.folder / name, drawn)
        found = moved(photo, photo.drag)
        outlined = moved(photo, photo.outlined) if photo.outlined else None
        rows.append(row_of(photo, found, outlined))
        frames = {"found": found, "outlined": outlined}
        if generator:
            frames["restored"] = restored(photo, generator, settings)
        if options.frames:
            write(frames, options.frames, Path(name).stem)
        print(name)
    if options.out:
        write_sheet(rows, options.out, gap=GAP, quality=QUALITY)
        print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")
    return 0


def read(path: Path, drawn: dict) -> Dragged:
    picture = read_tensor(path)
    width, height = picture.shape[2], picture.shape[1]
    texts = (json.dumps(drawn[key]) if key in drawn else None for key in ("drag", "outlined"))
    drag, outlined = (None if text is None else parse(text, width=width, height=height) for text in texts)
    return Dragged(path.name, picture, drag, outlined)


def moved(photo: Dragged, drawn: Trajectories) -> torch.Tensor:
    """`[H, W, 3]`, the last frame."""
    clip = ClipShape(*clip_size(photo.picture.shape[2], photo.picture.shape[1], AREA), FRAMES)
    return carry_at_full_size(CarryInputs(photo.picture, drawn, clip)).video[-1]


def restored(photo: Dragged, generator: Generator, settings: Settings) -> torch.Tensor:
    """`[H, W, 3]`, the last frame of the model's clip with the picture's detail."""
    whole = to_bytes(photo.picture[0])
    small = to_bytes(fit(photo.picture, *clip_size(whole.shape[1], whole.shape[0]))[0])
    clip = generated(Photo(photo.name, whole, small, photo.best), generator, settings)
    return restore_clip(
        ClipAndPicture(to_floats(clip), photo.picture), photo.best.to_json(), settings=DetailSettings(follow=FOLLOW)
    ).images[-1]


def row_of(photo: Dragged, found: torch.Tensor, outlined: torch.Tensor | None) -> torch.Tensor:
    """`[4, h, w, 3]`."""
    still = fit(photo.picture, 2 * TILE[0], 2 * TILE[1]).expand(DOTS, -1, -1, -1)
    drawn = draw.drags(still, photo.best)[:1]
    best = found if outlined is None else outlined
    tiles = [drawn, found[None], torch.full_like(found[None], 0.85) if outlined is None else outlined[None]]
    return torch.cat([fit(tile, *TILE) for tile in (*tiles, part(best, photo.drag))])


def part(frame: torch.Tensor, drag: Trajectories) -> torch.Tensor:
    """`[1, h, w, 3]`, the frame `[H, W, 3]` around the middle of the drag."""
    height, width = frame.shape[:2]
    points, _ = drag.sample(FRAMES, width, height)
    tall = min(PART * height, PART * width * TILE[1] / TILE[0])
    size = round(tall * TILE[0] / TILE[1]), round(tall)
    middle = (points[0, 0] + points[0, -1]) / 2
    left, top = (
        int(min(max(place - side / 2, 0), whole - side))
        for place, side, whole in zip(middle, size, (width, height), strict=True)
    )
    return frame[None, top : top + size[1], left : left + size[0]]


def write(frames: dict[str, torch.Tensor | None], folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, frame in frames.items():
        if frame is not None:
            Image.fromarray(to_bytes(frame)).save(folder / f"{name}-{kind}.png")


if __name__ == "__main__":
    sys.exit(main())
