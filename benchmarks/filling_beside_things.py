"""What is filled in where a thing, or a part of one, has gone from a photograph in which other things stand.

    .venv/bin/python benchmarks/filling_beside_things.py --photos FOLDER --sheet SHEET.png [--holes FOLDER]

Each photograph has one hole, drawn by chance before anything is filled: the finder's own pick at a random place of what
stands out, taken whole in every second photograph and cut in two by a random line through its middle in the others, of
which one half goes. The drag that takes it away is carried as DragNUWA Carry does. Shown are the photograph with the
hole's outline, what was filled in without knowing what things are, and what is filled in. A person has to look at them:
no figure says whether what is in the hole can be recognised as a part of a thing. Seconds are those of filling alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.object_cases import PHOTOS
from benchmarks.picking import deepest
from dragnuwa.carry.composite import find_in_clip
from dragnuwa.carry.rendering import compose, cut
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import parse
from dragnuwa.vision.segmentation.pick import first_pick, seems_ground, soft_mask
from dragnuwa.vision.segmentation.prepared import SearchImage, search_image
from scripts.sheets import read_tensor, write_sheet

LONGEST = 960  # px, to which photographs are fitted
ROUNDS = 4  # through the photographs at most
TRIED = 40  # places of a photograph at most
SALIENT = 0.5  # at such places, from 0 to 1
LEAST, MOST = 0.006, 0.25  # of the picture: the area of what goes
SHIFT = 40  # px, of the drag
TILE = 480  # px, the width of a picture in the sheet
AROUND = 0.6  # of the hole's sides, that a tile shows beside it
RED = (1.0, 0.1, 0.1)


@dataclass(frozen=True)
class Hole:
    """
    Attributes:
        picture: `[1, H, W, 3]` from 0 to 1.
        mask: `[H, W]` bool, what goes.
    """

    name: str
    picture: torch.Tensor
    mask: np.ndarray


def holes(folder: Path, count: int, seed: int) -> Iterator[Hole]:
    """One in each photograph in which something is found, and then another one in each, until there are enough."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in (*PHOTOS, ".png")]
    made = 0
    for number, path in enumerate(files * ROUNDS):
        if made == count:
            return
        picture = _fitted(read_tensor(path))
        random = np.random.default_rng((seed, number))
        searched = search_image((picture[0].numpy() * 255).round().astype(np.uint8))
        mask = _gone(searched, random, in_part=bool(number % 2))
        if mask is not None:
            made += 1
            yield Hole(path.stem, picture, mask)


def _fitted(picture: torch.Tensor) -> torch.Tensor:
    """Of even sides, at most `LONGEST`."""
    height, width = picture.shape[1:3]
    scale = min(1.0, LONGEST / max(height, width))
    size = tuple(int(side * scale) // 2 * 2 for side in (width, height))
    return torch.from_numpy(cv2.resize(picture[0].numpy(), size, interpolation=cv2.INTER_AREA))[None]


def _gone(picture: SearchImage, random: np.random.Generator, in_part: bool) -> np.ndarray | None:
    """`[H, W]` bool: what goes; None where nothing is found in `TRIED` places."""
    height, width = picture.image.shape[:2]
    for _ in range(TRIED):
        place = complex(random.uniform(0, width - 1), random.uniform(0, height - 1))
        salient = picture.learned.salient[picture.patches.at(picture.in_small(np.array([place])))]
        line = random.uniform(0, 2 * np.pi)
        if salient[0] < SALIENT:
            continue
        pick = first_pick(picture, place)
        if seems_ground(picture, pick):
            continue
        mask = soft_mask(picture, pick) >= 0.5
        if in_part and mask.any():
            y, x = np.nonzero(mask)
            rows, columns = np.mgrid[:height, :width]
            mask &= (columns - x.mean()) * np.cos(line) + (rows - y.mean()) * np.sin(line) > 0
        if LEAST <= mask.mean() <= MOST:
            return mask
    return None


def filled(hole: Hole) -> tuple[list[np.ndarray], list[float]]:
    """The ground `[H, W, 3]` without knowing what things are, and with it, and the seconds of each."""
    start, (height, width) = deepest(hole.mask), hole.mask.shape
    ends = [start, start + (SHIFT if start.real < width / 2 else -SHIFT)]
    drag = {"id": "a", "kind": "path", "points": [{"x": at.real / width, "y": at.imag / height} for at in ends]}
    drawing = parse({"type": "dragnuwa.trajectories", "version": 1, "tracks": [drag]}, width=width, height=height)
    mask = torch.from_numpy(hole.mask.astype(np.float32))[None]
    found = find_in_clip(hole.picture, drawing, ClipShape(width, height, 2), mask)
    pictures, seconds = [], []
    for background in (replace(found.background, fill_from=None), found.background):
        begun = time.perf_counter()
        image = hole.picture[0].movedim(-1, 0)
        composed = compose(background, cut(found.regions, image), image)
        seconds.append(time.perf_counter() - begun)
        pictures.append(composed.background.at(1).colors.movedim(0, -1).numpy())
    return pictures, seconds


def outlined(hole: Hole) -> np.ndarray:
    """`[H, W, 3]`: the photograph with the outline of what goes."""
    rim = cv2.morphologyEx(hole.mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.where(rim[..., None] > 0, np.float32(RED), hole.picture[0].numpy())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", required=True, type=Path, help="folder of photographs")
    parser.add_argument("--count", type=int, default=60, help="of photographs")
    parser.add_argument("--seed", type=int, default=0, help="of the holes")
    parser.add_argument("--sheet", type=Path, help="all of them, a row each")
    parser.add_argument("--holes", type=Path, help="folder for each of them at full size")
    options = parser.parse_args()
    rows, times = [], []
    for number, hole in enumerate(holes(options.photos, options.count, options.seed)):
        pictures, seconds = filled(hole)
        times.append(seconds)
        row = [outlined(hole), *pictures]
        if options.holes:
            options.holes.mkdir(parents=True, exist_ok=True)
            together = [torch.from_numpy(np.stack(row))]
            write_sheet(together, options.holes / f"{number:02d}_{hole.name}.png", gap=4)
        rows.append(torch.from_numpy(np.stack([cv2.resize(_part(each, hole.mask), (TILE, TILE)) for each in row])))
    before, now = np.array(times).mean(0)
    sys.stdout.write(f"{len(rows)} holes; {before:.2f} s to fill one before, {now:.2f} s now\n")
    if options.sheet:
        write_sheet(rows, options.sheet, gap=2)


def _part(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """A square around the hole, within the picture as far as that is large enough."""
    left, top, width, height = cv2.boundingRect(hole.astype(np.uint8))
    side = min(int(max(width, height) * (1 + 2 * AROUND)), *hole.shape)
    first = (
        int(np.clip(begin + size / 2 - side / 2, 0, whole - side))
        for begin, size, whole in ((top, height, hole.shape[0]), (left, width, hole.shape[1]))
    )
    row, column = first
    return picture[row : row + side, column : column + side]


if __name__ == "__main__":
    main()
