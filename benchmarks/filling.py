"""What is filled in where something has gone: photographs with holes, and the ground behind the things of drawn scenes.

    .venv/bin/python benchmarks/filling.py --photos FOLDER [--count 60] [--scenes 60] [--sheet SHEET.png]

Photographs have 384 pixels on their shorter side and one ellipse, 25 to 70 pixels in radius, as the hole; where there
are fewer than COUNT, they are taken again with other holes. Measured in the hole, against the true picture:

- PSNR in dB;
- gradient: the mean absolute Sobel gradient as a fraction of the true one;
- texture distance: the relative Frobenius distance of the Gram matrices of 32 fixed random 7x7 filters, rectified, at
  two scales.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.object_cases import PHOTOS, drawn_case
from dragnuwa.common.picture_files import open_picture
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.assets import Assets
from dragnuwa.vision.inpainting.fill import fill_hole, smooth_fill
from dragnuwa.vision.segmentation.prepared import search_image
from scripts.sheets import write_sheet

SIDE = 384  # px
WIDEST = 1.8  # of it, the longer side
RIM = np.ones((9, 9), np.uint8)  # around the things of scenes, whose edges are soft
SHOWN = 90  # px around the middle of a hole, in the sheet
FILTERS, SCALES = 32, 2

Case = tuple[np.ndarray, np.ndarray, np.ndarray]  # a picture [H, W, 3] from 0 to 1 with something, without it, hole


def photo_cases(folder: Path, count: int) -> Iterator[Case]:
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in (*PHOTOS, ".png")]
    if not files:
        raise SystemExit(f"There is no photograph in {folder}.")
    for number in range(count):
        with open_picture(files[number % len(files)]) as image:
            picture = np.asarray(image.convert("RGB")).astype(np.float32) / 255
        scale = SIDE / min(picture.shape[:2])
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = (min(side, round(WIDEST * SIDE)) for side in picture.shape[:2])
        picture = np.ascontiguousarray(picture[:height, :width])
        random = np.random.default_rng(number)
        hole = np.zeros((height, width), np.uint8)
        middle = (int(width * random.uniform(0.25, 0.75)), int(height * random.uniform(0.3, 0.8)))
        radii = (int(random.uniform(25, 60)), int(random.uniform(25, 70)))
        cv2.ellipse(hole, middle, radii, random.uniform(0, 180), 0, 360, 1, -1)
        yield np.where(hole[..., None] > 0, 0, picture).astype(np.float32), picture, hole > 0


def scene_cases(count: int) -> Iterator[Case]:
    for number in range(count):
        case = drawn_case(HELD_OUT_SEED + number, Assets())
        image, ground = (each.astype(np.float32) / 255 for each in (case.image, case.ground))
        yield image, ground, cv2.dilate(case.mask.astype(np.uint8), RIM) > 0


def gradient(picture: np.ndarray, hole: np.ndarray) -> float:
    return float(np.mean([np.abs(cv2.Sobel(picture, cv2.CV_32F, *d))[hole].mean() for d in ((1, 0), (0, 1))]))


def psnr(one: np.ndarray, other: np.ndarray, hole: np.ndarray) -> float:
    return float(-10 * np.log10(np.maximum(((one - other)[hole] ** 2).mean(), 1e-6)))


def texture_distance(one: np.ndarray, other: np.ndarray, hole: np.ndarray) -> float:
    pairs = zip(_grams(one, hole), _grams(other, hole), strict=True)
    return float(np.mean([float((a - b).norm() / b.norm()) for a, b in pairs]))


def _grams(picture: np.ndarray, hole: np.ndarray) -> list[torch.Tensor]:
    filters = torch.randn(FILTERS, 3, 7, 7, generator=torch.Generator().manual_seed(7))
    filters -= filters.mean((2, 3), keepdim=True)
    filters /= filters.flatten(1).norm(dim=1)[:, None, None, None]
    pixels, inside = torch.from_numpy(picture).movedim(-1, 0)[None], torch.from_numpy(hole)[None, None].float()
    grams = []
    for _ in range(SCALES):
        found = F.conv2d(pixels, filters, padding=3).relu()[0, :, inside[0, 0] > 0.5]  # [FILTERS, n]
        grams.append(found @ found.T / found.shape[1])
        pixels, inside = F.avg_pool2d(pixels, 2), F.avg_pool2d(inside, 2)
    return grams


FILLS = {"smooth (Laplace)": smooth_fill, "exemplars": fill_hole}
WITH_THINGS = "exemplars, no things"


def measured(cases: Iterator[Case]) -> tuple[dict[str, np.ndarray], list[list[np.ndarray]]]:
    """For each filling `[cases, 4]`: PSNR, gradient, texture distance, seconds; and the rows of a sheet."""
    figures: dict[str, list] = {name: [] for name in (*FILLS, WITH_THINGS)}
    rows = []
    for picture, truth, hole in cases:
        row = [truth, np.where(hole[..., None], np.float32(0.5), truth)]
        searched = search_image((truth * 255).round().astype(np.uint8))
        things = cv2.resize(searched.things.astype(np.uint8), hole.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
        fills = {**FILLS, WITH_THINGS: partial(fill_hole, things=things & ~hole)}
        for name, fill in fills.items():
            started = time.perf_counter()
            filled = fill(picture, hole)
            seconds = time.perf_counter() - started
            share = gradient(filled, hole) / max(gradient(truth, hole), 1e-4)
            figures[name].append((psnr(filled, truth, hole), share, texture_distance(filled, truth, hole), seconds))
            row.append(filled)
        rows.append([_part(each, hole) for each in row])
    return {name: np.array(values) for name, values in figures.items()}, rows


def _part(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    row, column = (int(np.mean(positions)) for positions in np.nonzero(hole))
    row, column = (min(max(place, SHOWN), side - SHOWN) for place, side in zip((row, column), hole.shape, strict=True))
    return picture[row - SHOWN : row + SHOWN, column - SHOWN : column + SHOWN]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", required=True, type=Path, help="folder of photographs")
    parser.add_argument("--count", type=int, default=60, help="of photographs")
    parser.add_argument("--scenes", type=int, default=60, help="drawn scenes")
    parser.add_argument("--sheet", type=Path, help="each photograph: true, with its hole, and filled by each")
    options = parser.parse_args()
    rows = []
    for what, cases in {
        "photographs": photo_cases(options.photos, options.count),
        "drawn scenes": scene_cases(options.scenes),
    }.items():
        figures, shown = measured(cases)
        if not shown:
            continue
        rows = rows or shown
        lines = [f"{what:20} {'PSNR, dB':>9} {'gradient':>9} {'texture distance':>17} {'s a hole':>9}"]
        for name, values in figures.items():
            level, share, distance, seconds = values.mean(0)
            lines.append(f"{name:20} {level:9.2f} {share:9.2f} {distance:17.2f} {seconds:9.2f}")
        sys.stdout.write("\n".join([*lines, "", ""]))
    if options.sheet:
        write_sheet([torch.from_numpy(np.stack(row)) for row in rows], options.sheet, gap=2)


if __name__ == "__main__":
    main()
