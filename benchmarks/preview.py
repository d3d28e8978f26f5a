"""The preview of many tracks against the naive way, every track on a copy of every frame: one run, ratios.

    .venv/bin/python benchmarks/preview.py

At 576x320 and 14 frames. The naive way takes a second for every few hundred tracks, so it draws the first of them only
and its time for all is in proportion.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
import torch

from dragnuwa.clip_shape import ClipShape
from dragnuwa.overlay import tracks as draw
from dragnuwa.overlay.frames import over_frames
from dragnuwa.trajectory.types import PALETTE

WIDTH, HEIGHT, FRAMES = 576, 320, 14
COUNTS = (8, 100, 1_000, 10_000)
NAIVE_COUNT = 100
REPEATS = 3


def zoom(count: int) -> np.ndarray:
    """`[N, T, 2]`: points anywhere that move away from the centre, as a camera that goes in shows them."""
    start = np.random.default_rng(0).uniform(0, (WIDTH - 1, HEIGHT - 1), (count, 1, 2))
    grown = 1 + 0.2 * np.linspace(0, 1, FRAMES)[None, :, None]
    return np.clip((start - (288, 160)) * grown + (288, 160), 0, (WIDTH - 1, HEIGHT - 1))


def naive(images: torch.Tensor, points: np.ndarray, visible: np.ndarray, colors: list[str]) -> torch.Tensor:
    """Paths, dots and markers, drawn on a copy for each track and frame and blended with the rest."""
    frames = np.ascontiguousarray((images.numpy() * 255).round().astype(np.uint8))
    for track, color in zip(points, colors, strict=True):
        rgb = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
        line = np.rint(track * 16).astype(np.int32)
        for now, frame in enumerate(frames):
            ahead = frame.copy()
            cv2.polylines(ahead, [line], False, rgb, 3, cv2.LINE_AA, 4)
            cv2.addWeighted(ahead, draw.PATH_OPACITY, frame, 1 - draw.PATH_OPACITY, 0, dst=frame)
            cv2.polylines(frame, [line[: now + 1]], False, rgb, 3, cv2.LINE_AA, 4)
            for point in line.tolist():
                cv2.circle(frame, point, 18, (255, 255, 255), -1, cv2.LINE_AA, 4)
            cv2.circle(frame, line[now].tolist(), 90, (255, 255, 255), -1, cv2.LINE_AA, 4)
            cv2.circle(frame, line[now].tolist(), 70, rgb, -1, cv2.LINE_AA, 4)
    return torch.from_numpy(frames).float() / 255


def layered(images: torch.Tensor, points: np.ndarray, visible: np.ndarray, colors: list[str]) -> torch.Tensor:
    """As the preview does it."""
    return over_frames(images, [draw.TrackLayer(points, visible, colors, ClipShape(WIDTH, HEIGHT, FRAMES))])


def seconds(way: Callable, count: int) -> float:
    """The best of a few runs."""
    points = zoom(count)
    colors = [PALETTE[index % len(PALETTE)] for index in range(count)]
    arguments = (torch.full((FRAMES, HEIGHT, WIDTH, 3), 0.5), points, np.ones(points.shape[:2], bool), colors)
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        way(*arguments)
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    one = seconds(naive, NAIVE_COUNT) / NAIVE_COUNT
    for count in COUNTS:
        ours = seconds(layered, count)
        logging.info(
            "%6d tracks: %.3f s, the naive way %.2f s: %.1f times as fast", count, ours, one * count, one * count / ours
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
