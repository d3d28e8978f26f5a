"""How well a click picks the object under it, and how much one correction repairs: on held-out scenes and photographs.

    .venv/bin/python benchmarks/picking.py --pack PACK/pack --photos PACK/photos --cutouts PACK/cutouts --json out.json

The pictures are those of benchmarks/objects.py. The first click is at the place that lies deepest inside of the object;
`--anywhere` takes a random place well inside of it. The correction is one more click, at the deepest place of the
largest mistake: inside where something is missing, outside where something is too much. "After at most two steps"
is the best of what a person sees who goes to smaller and larger things by up to two steps. A box is 5 % too large to
each side. What is compared is the
outline that the editor gets, filled at the picture's size. "Asked at the object" counts the first clicks that find
ground, about which the editor asks; "asked on the ground" those at a random place away from the object. Seconds are
those of a click, without and with the preparation that is done once for a picture.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np

from benchmarks.object_cases import Case, add_sources, case_sets
from benchmarks.objects import likeness
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.segmentation.outline import depth_inside, outline_of
from dragnuwa.vision.segmentation.pick import Pick, boxed_pick, corrected, first_pick, seems_ground, sizes, soft_mask
from dragnuwa.vision.segmentation.prepared import SearchImage, search_image

WANTED = {"one click": 0.85, "after one correction": 0.93}
CLICK_SIDE = 1024  # px, longer side of the picture in which a click is timed
STEPS = 2
MARGIN = 0.05  # of a box's sides, by which it is drawn too large to each side
WELL_INSIDE = 0.4  # of the depth of the deepest place
APART = 0.06  # of the longer side: how far a click on the ground is from the object and from the picture's border
ABOUT = 0.2  # of it: how far from a place of another thing
BAD = 0.5


def deepest(mask: np.ndarray) -> complex:
    """The place of a mask `[H, W]` bool that lies deepest inside of it."""
    depth = depth_inside(mask)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return complex(x, y)


def anywhere(mask: np.ndarray, rng: np.random.Generator) -> complex:
    """A random place of a mask that is not near its rim."""
    depth = depth_inside(mask)
    y, x = np.nonzero(depth >= WELL_INSIDE * depth.max())
    k = rng.integers(len(x))
    return complex(x[k], y[k])


def on_ground(case: Case, rng: np.random.Generator) -> complex:
    """A random place away from the object, from the picture's border and from other things."""
    side = max(case.mask.shape)
    free = ~case.mask
    for pin in case.pins:
        free &= ~(
            cv2.circle(np.zeros(free.shape, np.uint8), (int(pin.real), int(pin.imag)), int(ABOUT * side), 1, -1) > 0
        )
    depth = depth_inside(free)
    y, x = np.nonzero(depth >= min(APART * side, WELL_INSIDE * depth.max()))
    k = rng.integers(len(x))
    return complex(x[k], y[k])


def largest_part(mask: np.ndarray) -> np.ndarray:
    """The connected part of a mask `[H, W]` bool that is largest."""
    _, label, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return label == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()


def box_around(mask: np.ndarray) -> tuple[complex, complex]:
    """Opposite corners of a box around a mask `[H, W]` bool, as a person draws it: a little too large."""
    (top, bottom), (left, right) = (np.flatnonzero(mask.any(axis))[[0, -1]] for axis in (1, 0))
    across, down = MARGIN * (right - left), MARGIN * (bottom - top)
    height, width = mask.shape
    return (
        complex(max(left - across, 0), max(top - down, 0)),
        complex(min(right + across, width - 1), min(bottom + down, height - 1)),
    )


def enclosed(picture: SearchImage, pick: Pick) -> np.ndarray:
    """`[H, W]` bool: what the outline that the editor gets encloses."""
    mask = soft_mask(picture, pick)
    height, width = mask.shape
    outline = outline_of(mask)
    return outline_mask(outline, width, height) >= 0.5 if outline else np.zeros(mask.shape, bool)


def measured(case: Case, first: complex, ground: complex) -> dict[str, float]:
    """The figures of a picture, for a first click on the object and one on the ground."""
    scale = CLICK_SIDE / max(case.mask.shape)
    size = tuple(round(side * scale) for side in case.mask.shape[::-1])
    large = cv2.resize(case.image, size, interpolation=cv2.INTER_CUBIC)
    truth = cv2.resize(case.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    click, beside = (complex((at.real + 0.5) * scale - 0.5, (at.imag + 0.5) * scale - 0.5) for at in (first, ground))
    begun = time.perf_counter()
    picture = search_image(large)
    prepared = time.perf_counter()
    pick = first_pick(picture, click)
    found = enclosed(picture, pick)
    ended = time.perf_counter()
    figures = {
        "one click": likeness(found, truth),
        f"one click, below {BAD}": float(likeness(found, truth) < BAD),
        "asked at the object": float(seems_ground(picture, pick)),
        "asked on the ground": float(seems_ground(picture, first_pick(picture, beside))),
        "seconds of a click": ended - prepared,
        "seconds of the first click": ended - begun,
    }
    others, number = sizes(picture, pick)
    near = others[max(number - STEPS, 0) : number + STEPS + 1]
    figures["after at most two steps"] = max(likeness(enclosed(picture, each), truth) for each in near)
    begun = time.perf_counter()
    figures["in a box"] = likeness(enclosed(picture, boxed_pick(picture, *box_around(truth))), truth)
    figures["seconds of a box"] = time.perf_counter() - begun
    if (found != truth).any():
        place = deepest(largest_part(found != truth))
        begun = time.perf_counter()
        found = enclosed(picture, corrected(picture, pick, place, bool(truth[int(place.imag), int(place.real)])))
        figures["seconds of a correction"] = time.perf_counter() - begun
    return figures | {"after one correction": likeness(found, truth)}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sources(made)
    made.add_argument("--scenes", type=int, default=100, help="of each set")
    made.add_argument("--development", action="store_true", help="of the half that choices were made on")
    made.add_argument("--anywhere", action="store_true", help="first click at a random place well inside of the object")
    made.add_argument("--json", type=Path, help="file for all figures")
    return made


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = parser().parse_args()
    cv2.setNumThreads(1)
    sets = case_sets(options)
    figures: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in sets}
    for name, make in sets.items():
        for number in range(options.scenes):
            seed = number if options.development else HELD_OUT_SEED + number
            case = make(seed)
            rng = np.random.default_rng(seed)
            first = anywhere(case.mask, rng) if options.anywhere else deepest(case.mask)
            for figure, value in measured(case, first, on_ground(case, rng)).items():
                figures[name][figure].append(value)
    rows = [("set", "figure", "mean", "median", "95th percentile", "wanted")]
    for name, columns in figures.items():
        for figure, values in columns.items():
            wanted = f"{WANTED[figure]:.2f}" if figure in WANTED else ""
            numbers = (np.mean(values), np.median(values), np.percentile(values, 95))
            rows.append((name, figure, *(f"{value:.3f}" for value in numbers), wanted))
    logging.info("%s", aligned(rows))
    if options.json is not None:
        options.json.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
