"""Drag maps by separable Gaussians against the original way, a convolution with the whole kernel: one run, ratios.

    .venv/bin/python benchmarks/drag_maps.py

Both use the released kernel (199, sigma 20) and must agree to 1e-3. The clip is a quarter of the released size and 2
frames long, for the whole kernel takes minutes on a CPU at 576x320 and 14 frames.
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
import torch.nn.functional as F

from dragnuwa.models import drag_maps as flow

WIDTH, HEIGHT, FRAMES, KERNEL, SIGMA = 288, 160, 2, 199, 20.0
REPEATS = 2


def whole_kernel(points: np.ndarray, visible: np.ndarray) -> torch.Tensor:
    """Displacements at single pixels, then a convolution with the two-dimensional Gaussian: `[T, 2, H, W]`."""
    sparse = torch.zeros(FRAMES, 2, HEIGHT, WIDTH)
    for track in points:
        for i in range(FRAMES - 1):
            x, y = (int(round(value, 6)) for value in track[i])
            sparse[i + 1, :, y, x] = torch.from_numpy(track[i + 1] - track[i])
    offset = torch.arange(KERNEL) - KERNEL // 2
    kernel = torch.exp(-(offset[:, None] ** 2 + offset[None] ** 2) / (2 * SIGMA**2))
    return F.conv2d(sparse.flatten(0, 1)[:, None], kernel[None, None], padding=KERNEL // 2).view_as(sparse)


def separable(points: np.ndarray, visible: np.ndarray) -> torch.Tensor:
    return flow.encode(points, visible, height=HEIGHT, width=WIDTH, kernel_size=KERNEL, sigma=SIGMA)


def seconds(function: Callable, *arguments) -> float:
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rng = np.random.default_rng(0)
    logging.info("tracks  separable  whole kernel  ratio (medians of %d, in turn)", REPEATS)
    for tracks in (1, 100):
        points = rng.uniform(0, 1, (tracks, FRAMES, 2)) * (WIDTH - 1, HEIGHT - 1)
        visible = np.ones((tracks, FRAMES), bool)
        assert (separable(points, visible) - whole_kernel(points, visible)).abs().max() < 1e-3
        pairs = [(seconds(separable, points, visible), seconds(whole_kernel, points, visible)) for _ in range(REPEATS)]
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        logging.info("%6d  %7.4f s  %10.2f s  %5.0f", tracks, ours, theirs, ratio)


if __name__ == "__main__":
    main()
