"""How well the object under a drag is found, and what has gone is filled: on held-out scenes and photographs.

    .venv/bin/python benchmarks/objects.py --pack PACK/pack --photos PACK/photos --cutouts PACK/cutouts --json out.json

PACK is what tools/training_pack.py makes. The first set is drawn as the embedded model's scenes are, at about 512 px;
the second has cut-outs from their original files (200 to 1000 px, enlarged where need be) on photographs of 512 to
1024 px. Both halves of the files and the seeds are apart: `--development` takes the half that all choices and weights
were made on. `--fit` prints the weights of `dragnuwa.vision.segmentation.candidates` for the development half, by ridge
regression within each picture.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import astuple, fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np

from benchmarks.object_cases import Case, add_sources, case_sets
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.vision.inpainting.fill import fill_hole
from dragnuwa.vision.segmentation import find_objects
from dragnuwa.vision.segmentation.candidates import Properties, best, describe
from dragnuwa.vision.segmentation.find import search
from dragnuwa.vision.segmentation.prepared import search_image

CLIP_SIDE = 576  # px, longer side at which holes are filled, as in a clip
MARGIN = 7  # px, square by which a hole is larger than its object
RIDGE = 0.15  # of standardised properties, each picture counting 1
BAD = 0.5

Sets = dict[str, Callable[[int], Case]]


def likeness(found: np.ndarray, mask: np.ndarray) -> float:
    """Intersection over union of two masks `[H, W]` bool."""
    return float((found & mask).sum() / max(1, (found | mask).sum()))


def measured(case: Case) -> dict[str, float]:
    """Intersection over union of what is found, of the best candidate, and of each method; seconds of the search."""
    begun = time.perf_counter()
    found = find_objects(search_image(case.image), case.tracks, case.pins)
    figures = {"seconds": time.perf_counter() - begun}
    masks = {track: each.mask for each in found for track in each.tracks}
    nothing = np.zeros(case.mask.shape)
    shares = [likeness(masks.get(track, nothing) >= 0.5, case.mask) for track in range(len(case.tracks))]
    figures["found"] = float(np.mean(shares))
    picture = search_image(case.image)
    looked = search(picture, case.tracks, case.pins)
    truth = (
        cv2.resize(case.mask.astype(np.float32), picture.patches.label.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    )
    likenesses = [[likeness(mask[picture.patches.label], truth) for mask in body.masks] for body in looked]
    figures["best candidate"] = float(np.mean([max(values) for values in likenesses]))
    chosen = [best(picture.patches, body.masks, body.distance) for body in looked]
    figures["choice, before its outline is refined"] = float(
        np.mean([0.0 if mask is None else likeness(mask[picture.patches.label], truth) for mask in chosen])
    )
    return figures


def filled(case: Case) -> dict[str, float]:
    """PSNR in dB under the object, of the ground that is filled in, against the true one."""
    scale = CLIP_SIDE / max(case.mask.shape)
    size = tuple(round(side * scale) for side in case.mask.shape[::-1])
    image, ground = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (case.image, case.ground))
    mask = cv2.resize(case.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    hole = cv2.dilate(mask, np.ones((MARGIN, MARGIN)))
    results = {
        "filling": fill_hole(image.astype(np.float32) / 255, hole > 0) * 255,
        "Telea": cv2.inpaint(image, hole, 3, cv2.INPAINT_TELEA),
        "Navier-Stokes": cv2.inpaint(image, hole, 3, cv2.INPAINT_NS),
    }
    return {name: _psnr(result[mask > 0], ground[mask > 0]) for name, result in results.items()}


def _psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(((one.astype(float) - other) ** 2).mean(), 1e-2)))


def fitted(cases: Iterator[Case]) -> Properties:
    """The weights of the choice that foretell the intersection over union best within each picture."""
    described, targets = [], []
    for case in cases:
        picture = search_image(case.image)
        looked = search(picture, case.tracks, case.pins)
        size = picture.patches.label.shape[::-1]
        truth = cv2.resize(case.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
        for body in looked:
            found = describe(picture.patches, body.masks, body.distance)
            if found:
                described.append(np.array([astuple(each) for each in found.values()]))
                targets.append(
                    np.array([likeness(body.masks[number][picture.patches.label], truth) for number in found])
                )
    spread = np.concatenate(described).std(0)
    square, product = RIDGE * np.eye(len(spread)), np.zeros(len(spread))
    for values, target in zip(described, targets, strict=True):
        centred = (values - values.mean(0)) / spread
        square += centred.T @ centred / len(values)
        product += centred.T @ (target - target.mean()) / len(values)
    return Properties(*(np.linalg.solve(square, product) / spread).round(4).tolist())


def table(figures: dict[str, dict[str, list[float]]]) -> str:
    rows = [("set", "figure", "mean", "median", f"share under {BAD}")]
    for name, columns in figures.items():
        for figure, values in columns.items():
            share = f"{np.mean(np.array(values) < BAD):.3f}" if figure in SHARES else ""
            rows.append((name, figure, f"{np.mean(values):.3f}", f"{np.median(values):.3f}", share))
    return aligned(rows)


SHARES = ("found", "best candidate", "choice, before its outline is refined")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sources(made)
    made.add_argument("--scenes", type=int, default=200, help="of each set")
    made.add_argument("--first", type=int, default=0, help="number of the first scene")
    made.add_argument("--development", action="store_true", help="of the half that choices were made on")
    made.add_argument("--fit", action="store_true", help="print the weights of the choice")
    made.add_argument("--json", type=Path, help="file for all figures")
    return made


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = parser().parse_args()
    cv2.setNumThreads(1)
    sets: Sets = case_sets(options)
    development = options.development or options.fit
    seeds = range(options.first, options.first + options.scenes)
    seeds = [seed if development else HELD_OUT_SEED + seed for seed in seeds]
    if options.fit:
        weights = fitted(make(seed) for make in sets.values() for seed in seeds)
        logging.info("%s", "\n".join(f"{field.name}={getattr(weights, field.name)}" for field in fields(weights)))
        return
    figures: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in sets}
    for name, make in sets.items():
        for seed in seeds:
            case = make(seed)
            for figure, value in (measured(case) | {f"{way}, dB": of for way, of in filled(case).items()}).items():
                figures[name][figure].append(value)
    logging.info("%s", table(figures))
    if options.json is not None:
        options.json.write_text(json.dumps({"seeds": seeds, "figures": figures}))


if __name__ == "__main__":
    main()
