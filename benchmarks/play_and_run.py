"""How close what the editor plays is to a run's last frame, where no model has its share; and how long both take.

    .venv/bin/python benchmarks/play_and_run.py FOLDER [--longer 1920] [--played 640] [--drawing DRAWING]

The photographs of scripts/demo/held_out_drags.json that are in the folder (Debian's lomiri-wallpapers-16.04 and -20.04
have them) with their drags, at a longer side of so many pixels. "Play" is the composition that the page gets, "run" is
what Move Picture makes of two frames. PSNR in dB is of the last frames of both, at play's size; "fills" is that of what
has been uncovered alone, by its share of the picture. Instead of the drags alone, the drawing may be a `pan` of the
camera to the right, a `zoom` out, the drags in front of such a `pan`, or an outline around the start of the drag
with two `pins` that bend it.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dragnuwa import trajectory  # noqa: E402
from dragnuwa.carry.borders import past_borders  # noqa: E402
from dragnuwa.carry.composite import CarryInputs, carry_at_full_size  # noqa: E402
from dragnuwa.carry.draft import draft_of, filled_like_draft  # noqa: E402
from dragnuwa.carry.drawing import drawing_on  # noqa: E402
from dragnuwa.carry.find import find  # noqa: E402
from dragnuwa.carry.rendering import compose, render  # noqa: E402
from dragnuwa.common.clip_shape import ClipShape  # noqa: E402
from dragnuwa.common.images import fit, nearest_even, to_floats, with_longer_side  # noqa: E402
from dragnuwa.common.picture_files import open_picture  # noqa: E402
from dragnuwa.vision.inpainting.fill import fill_hole  # noqa: E402
from dragnuwa.vision.segmentation.prepared import prepare  # noqa: E402

log = logging.getLogger(__name__)
DRAGS = ROOT / "scripts" / "demo" / "held_out_drags.json"
LONGER_CLIP, MULTIPLE, FRAMES = 480, 8, 2
GRID = [(x, y) for x in (0.1, 0.5, 0.9) for y in (0.1, 0.9)]


def camera(zoom: float, right: float) -> list[dict]:
    """Drags all over the picture that move as the camera does."""
    return [
        {"points": [{"x": x, "y": y}, {"x": 0.5 + zoom * (x - 0.5) + right, "y": 0.5 + zoom * (y - 0.5)}]}
        for x, y in GRID
    ]


def pinned(x: float, y: float) -> dict:
    """An ellipse around a place, whose upper end is drawn to the right while its lower end rests."""
    around = [(x + 0.09 * np.cos(angle), y + 0.13 * np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 24)[:-1]]
    pins = [[{"x": x - 0.03, "y": y - 0.08}, {"x": x + 0.08, "y": y - 0.1}], [{"x": x, "y": y + 0.08}]]
    return {
        "outline": [[{"x": float(right), "y": float(down)} for right, down in around]],
        "motion": {"points": [{"x": x, "y": y}]},
        "pins": [{"points": points} for points in pins],
    }


DRAWINGS = {
    "drags": lambda value: value,
    "pan": lambda value: {**value, "tracks": camera(1.0, 0.15)},
    "zoom": lambda value: {**value, "tracks": camera(0.8, 0.0)},
    "drags and pan": lambda value: {**value, "tracks": value["tracks"] + camera(1.0, 0.12)},
    "pins": lambda value: {
        "type": value["type"],
        "version": 2,
        "tracks": [],
        "objects": [pinned(**value["tracks"][0]["points"][0])],
    },
}


def compared(picture: torch.Tensor, value: dict, longest: int) -> str:
    """A row of the table, of a picture `[H, W, 3]` and a drawing that is played with that longer side."""
    height, width = picture.shape[:2]
    scale = LONGER_CLIP / max(height, width)
    clip = ClipShape(*(round(side * scale / MULTIPLE) * MULTIPLE for side in (width, height)), FRAMES)
    drags = trajectory.parse(value, width=clip.width, height=clip.height)
    prepared = prepare(picture, clip.size)
    _ = prepared.search.things  # which the page has done before
    began = time.perf_counter()
    drawing = drawing_on(prepared, drags, clip)
    start, cut_with = draft_of(picture, drawing)
    size = start.shape[1], start.shape[0]
    fill_with = filled_like_draft(start, drawing, cut_with=cut_with) if longest > max(size) else fill_hole
    size = with_longer_side(clip.size, max(longest, *size))
    found = find(drawing.at_size(size))
    image = fit(picture[None], *size, "crop")[0].movedim(-1, 0)
    played = past_borders(compose(found.background, cut_with(found.regions, image), image, fill_with=fill_with))
    between = time.perf_counter()
    video = carry_at_full_size(CarryInputs(picture[None], drags, clip)).video
    ended = time.perf_counter()
    shown = fit(video[-1:], *size, "crop")[0].numpy()
    last, uncovered = render(played, FRAMES - 1).colors.movedim(0, -1).numpy(), played.disoccluded[0]
    error = ((last - shown) ** 2).mean(-1)
    figures = [decibels(each.mean()) for each in (error, error * uncovered)]
    return " | ".join([*(f"{each:.1f}" for each in figures), f"{between - began:.1f}", f"{ended - between:.1f}"])


def decibels(squared: float) -> float:
    return float(-10 * np.log10(max(squared, 1e-12)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--longer", type=int, default=1920, help="px, of the pictures")
    parser.add_argument("--played", type=int, default=640, help="px, of what the editor plays")
    parser.add_argument("--drawing", choices=DRAWINGS, default="drags")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log.info("| | last frame | fills | play, s | run, s |\n| --- | --- | --- | --- | --- |")
    for name, value in json.loads(DRAGS.read_text("utf-8")).items():
        if (path := options.folder / name).exists():
            with open_picture(path) as image:
                pixels = to_floats(np.array(image.convert("RGB")))
            scale = options.longer / max(pixels.shape[:2])
            size = (nearest_even(pixels.shape[1] * scale), nearest_even(pixels.shape[0] * scale))
            picture, drawing = fit(pixels[None], *size, "crop")[0], DRAWINGS[options.drawing](value)
            log.info("| %s | %s |", path.stem, compared(picture, drawing, options.played))


if __name__ == "__main__":
    main()
