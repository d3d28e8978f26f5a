"""Pictures to test with, made up."""

from __future__ import annotations

import cv2
import numpy as np
import torch

GROUND, RED, BLUE = (60, 160, 60), (190, 60, 60), (40, 60, 190)


def noise_image(width: int, height: int, seed: int = 0) -> torch.Tensor:
    """`[1, H, W, 3]` from 0 to 1, as the nodes take it."""
    return torch.rand(1, height, width, 3, generator=torch.Generator().manual_seed(seed))


def texture(height: int, width: int, seed: int = 0, grain: float = 2.0) -> np.ndarray:
    """`[H, W, 3]` uint8: smooth noise in which every place looks its own."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), grain), None, 0, 255, cv2.NORM_MINMAX)


def boxes_on_ground(
    *boxes: tuple[int, int, int, int], size: tuple[int, int] = (288, 192), colors=(RED,), seed: int = 0
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A green ground with boxes (left, top, right, bottom) of these colours in turn on it, all noisy; and the boxes as
    masks."""
    width, height = size
    noise = np.random.default_rng(seed).integers(-15, 15, (height, width, 3))
    image, masks = np.full((height, width, 3), GROUND), []
    for number, (left, top, right, bottom) in enumerate(boxes):
        mask = np.zeros((height, width), bool)
        mask[top:bottom, left:right] = True
        image[mask] = colors[number % len(colors)]
        masks.append(mask)
    return (image + noise).clip(0, 255).astype(np.uint8), masks


def box_mask(left: int, top: int, right: int, bottom: int, size: tuple[int, int]) -> torch.Tensor:
    """`[H, W]`: 1 in a box of a picture of `size`, 0 elsewhere."""
    mask = torch.zeros(size[1], size[0])
    mask[top:bottom, left:right] = 1
    return mask
