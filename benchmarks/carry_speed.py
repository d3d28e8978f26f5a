"""Carrying a picture along its tracks against going over every pixel: one run, a ratio.

    .venv/bin/python benchmarks/carry_speed.py

14 frames of 576x320 with 8 tracks, each carrying its surroundings. The naive way asks for every pixel and every track
whether it is carried; it runs on one frame, where both must agree to 1/255.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch

from dragnuwa.carry.composite import carry
from dragnuwa.carry.settings import CarrySettings

WIDTH, HEIGHT, FRAMES, TRACKS, RADIUS = 576, 320, 14, 8, 24.0
REPEATS = 5


def tracks() -> np.ndarray:
    """`[N, T, 2]`: eight columns, each down by whole pixels and back."""
    way = np.array([0, 4, 8, 12, 16, 20, 24, 28, 24, 20, 16, 12, 8, 4], float)
    x = np.linspace(40, WIDTH - 40, TRACKS).round()
    return np.stack([np.stack([np.full(FRAMES, column), 120 + 4 * way], -1) for column in x])


def pixel_by_pixel(image: np.ndarray, points: np.ndarray, ground: np.ndarray, frame: int) -> np.ndarray:
    made = ground.copy()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            for track in points:
                source_x, source_y = x - track[frame, 0] + track[0, 0], y - track[frame, 1] + track[0, 1]
                if (source_x - track[0, 0]) ** 2 + (source_y - track[0, 1]) ** 2 <= RADIUS**2:
                    made[y, x] = image[int(source_y), int(source_x)]
    return made


def seconds(function: Callable, *arguments, **options) -> float:
    started = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - started


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    image = torch.rand(HEIGHT, WIDTH, 3, generator=torch.Generator().manual_seed(0))
    points, around, objects = tracks(), CarrySettings(RADIUS, "surroundings"), CarrySettings(RADIUS, "object")
    visible = np.ones(points.shape[:2], bool)
    carried = carry(image, points, visible, settings=around)
    frame = FRAMES // 2
    aside = visible.copy()
    aside[:, 1:] = False  # all hidden: the filled ground alone
    ground = carry(image, points, aside, settings=around).video[frame].numpy()
    naive = pixel_by_pixel(image.numpy(), points, ground, frame)
    assert np.abs(carried.video[frame].numpy() - naive).max() <= 1 / 255
    ours = statistics.median(seconds(carry, image, points, visible, settings=around) for _ in range(REPEATS))
    found = statistics.median(seconds(carry, image, points, visible, settings=objects) for _ in range(REPEATS))
    theirs = seconds(pixel_by_pixel, image.numpy(), points, ground, frame) * FRAMES
    logging.info("carry: %.2f s, pixel by pixel: %.1f s, ratio %.0f", ours, theirs, theirs / ours)
    logging.info("looking for the objects as well: %.2f s", found)


if __name__ == "__main__":
    main()
