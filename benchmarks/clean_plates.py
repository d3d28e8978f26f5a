"""A background that the user gives: how well an altered plate is fitted, and whether its edge shows.

    .venv/bin/python benchmarks/clean_plates.py --photos FOLDER [--count 60] [--sheet SHEET.png]

The photographs and holes of `benchmarks/filling.py`, darkened so that nothing is cut off. The plate is the photograph
moved by 3 px, 10 % brighter and 8 levels up, in 8 bits, at half the size. "Damaged" has JPEG's quality 80, too, and
discs of other colours over a quarter of the ring. Measured:

- ring: PSNR of the fitted plate around the hole, in dB, against the photograph at half the size and enlarged again,
  which is the best that such a plate can show; of "damaged" only where it is not covered;
- seam: in the hole's outermost two pixels, the mean absolute difference from the photograph, in levels of 255, after
  averaging along the edge (Gaussian, 3 px), which leaves the step and takes away the grain that half the size has lost;
- hole: PSNR against the photograph itself, which the half size limits;
- agrees: the part of the ring that shows the same, of which half is needed; "another photograph" has that of a plate
  that shows something else, and how many of these are refused.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.filling import gradient, photo_cases, psnr
from dragnuwa.common.images import resize
from dragnuwa.geometry.registration import fit_plate
from dragnuwa.vision.inpainting.clean_plate import LEAST_AGREEING, fill_from_plate, ring_of
from dragnuwa.vision.inpainting.fill import fill_hole
from scripts.sheets import write_sheet

DARKENED, GAIN, OFFSET, SHIFT = 0.85, 1.1, 8 / 255, (2.4, 1.8)
QUALITY, DAMAGED = 80, 0.25
EDGE, ALONG = 2, 3.0  # px
FADED = 12  # px around what is covered, where the seam is not measured
SHOWN = 110  # px around the middle of a hole, in the sheet


def sized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    pixels = torch.from_numpy(np.ascontiguousarray(picture)).movedim(-1, 0)[None]
    return np.ascontiguousarray(resize(pixels, width, height)[0].movedim(0, -1).numpy())


def halved(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    return sized(sized(picture, width // 2, height // 2), width, height)


def altered(picture: np.ndarray) -> np.ndarray:
    """The plate, enlarged to the picture's size as the nodes do."""
    height, width = picture.shape[:2]
    move = np.array([[1, 0, SHIFT[0]], [0, 1, SHIFT[1]]])
    moved = cv2.warpAffine(picture, move, (width, height), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
    small = sized((moved * GAIN + OFFSET).astype(np.float32).clip(0, 1), width // 2, height // 2)
    return sized((small * 255).round() / 255, width, height)


def damaged(plate: np.ndarray, ring: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """With discs over a part of the ring; and where they are `[H, W]` bool."""
    coded = cv2.imencode(".jpg", (plate * 255).round().astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    plate = cv2.imdecode(coded, cv2.IMREAD_COLOR).astype(np.float32) / 255
    random = np.random.default_rng(seed)
    covered, positions = np.zeros(ring.shape, np.uint8), np.argwhere(ring)
    while covered[ring].mean() < DAMAGED:
        row, column = (int(place) for place in random.choice(positions))
        disc = cv2.circle(np.zeros_like(covered), (column, row), 15, 1, -1) > 0
        plate[disc] = random.random(3)
        covered[disc] = 1
    return plate, covered > 0


def seam(filled: np.ndarray, truth: np.ndarray, hole: np.ndarray, covered: np.ndarray) -> float:
    inner = cv2.erode(hole.astype(np.uint8), np.ones((2 * EDGE + 1,) * 2, np.uint8), borderValue=1) > 0
    near = cv2.dilate(covered.astype(np.uint8), np.ones((2 * FADED + 1,) * 2, np.uint8)) > 0
    edge = hole & ~inner & ~near
    weight = edge.astype(np.float32)
    difference = cv2.GaussianBlur((filled - truth) * weight[..., None], (0, 0), ALONG)
    difference /= np.maximum(cv2.GaussianBlur(weight, (0, 0), ALONG), 1e-3)[..., None]
    return float(np.abs(difference[edge]).mean() * 255)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", required=True, type=Path, help="folder of photographs")
    parser.add_argument("--count", type=int, default=60, help="of photographs")
    parser.add_argument("--sheet", type=Path, help="each photograph: true, with its hole, and filled in each way")
    options = parser.parse_args()
    rows, agreeing = [], []
    figures: dict[str, list] = {"as it is": [], "altered": [], "damaged": [], "exemplars, no plate": []}
    cases = [(truth * DARKENED, hole) for _, truth, hole in photo_cases(options.photos, options.count)]
    for number, (truth, hole) in enumerate(cases):
        picture, best, ring = np.where(hole[..., None], np.float32(0.5), truth), halved(truth), ring_of(hole)
        plate = altered(truth)
        worse, covered = damaged(plate, ring, number)
        started = time.perf_counter()
        filled = {
            "as it is": np.where(hole[..., None], plate, truth),
            "altered": fill_from_plate(picture, plate, hole),
        }
        seconds = time.perf_counter() - started
        filled |= {
            "damaged": fill_from_plate(picture, worse, hole),
            "exemplars, no plate": fill_hole(picture, hole),
        }
        for name, made in filled.items():
            ground, given, hidden, same = plate, plate, np.zeros_like(hole), 1.0
            if name == "damaged":
                given, hidden = worse, cv2.dilate(covered.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
            if name != "as it is":
                fit, agrees = fit_plate(picture, given, ring)
                ground, same = fit.apply(given), agrees.mean()
            share = gradient(made, hole) / max(gradient(truth, hole), 1e-4)
            figures[name].append(
                (
                    psnr(ground, best, ring & ~hidden),
                    seam(made, truth, hole, hidden),
                    psnr(made, truth, hole & ~hidden),
                    share,
                    same,
                )
            )
        other = sized(cases[(number + 7) % len(cases)][0], truth.shape[1], truth.shape[0])
        agreeing.append(fit_plate(picture, other, ring)[1].mean())
        middle = [int(np.mean(positions)) for positions in np.nonzero(hole)]
        row, column = (min(max(m, SHOWN), side - SHOWN) for m, side in zip(middle, hole.shape, strict=True))
        part = slice(row - SHOWN, row + SHOWN), slice(column - SHOWN, column + SHOWN)
        rows.append([each[part] for each in (truth, picture, *filled.values())])
        sys.stderr.write(f"{number} {seconds:.2f} s {figures['altered'][-1]}\n")
    lines = [f"{'':20} {'ring, dB':>9} {'seam':>6} {'worst':>6} {'hole, dB':>9} {'gradient':>9} {'agrees':>7}"]
    for name, values in figures.items():
        level, step, inside, share, same = np.mean(values, 0)
        worst = np.max(values, 0)[1]
        ring_level = "" if "exemplars" in name else f"{level:.1f}"
        lines.append(f"{name:20} {ring_level:>9} {step:6.2f} {worst:6.2f} {inside:9.1f} {share:9.2f} {same:7.2f}")
    rings = [row[0] for row in figures["altered"]]
    agreed = min(row[4] for row in figures["damaged"])
    above = np.mean([level >= 45 for level in rings])
    refused = np.mean(np.array(agreeing) < LEAST_AGREEING)
    lines.append(
        f"altered: at least 45 dB in {above:.0%}, at least {min(rings):.1f}; damaged: agrees at least {agreed:.2f}"
    )
    lines.append(f"another photograph: agrees {np.mean(agreeing):.2f}, refused {refused:.0%}")
    sys.stdout.write("\n".join([*lines, ""]))
    if options.sheet:
        write_sheet([torch.from_numpy(np.stack(row)) for row in rows], options.sheet, gap=2)


if __name__ == "__main__":
    main()
