"""Layers to frames: warping, compositing, and the exact flow and visibility that follow from the poses."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Layer:
    """A premultiplied texture `rgba` `[h, w, 4]` uint8 and its `poses` `[T, 3, 3]`, texture pixels to picture pixels.

    Coordinates are those of pixel centres: (0, 0) is the centre of the top left pixel.
    """

    rgba: np.ndarray
    poses: np.ndarray


def composite(layers: list[Layer], height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Paint the layers, the farthest first: frames `[T, H, W, 3]` and the layer each pixel shows `[T, H, W]`, uint8.

    The first layer has to cover the picture in every frame.
    """
    count = len(layers[0].poses)
    frames = np.empty((count, height, width, 3), np.uint8)
    owner = np.zeros((count, height, width), np.uint8)
    for time in range(count):
        frames[time] = cv2.warpAffine(
            layers[0].rgba[..., :3],
            layers[0].poses[time, :2],
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for index, layer in enumerate(layers[1:], 1):
            _paint(frames[time], owner[time], index, layer.rgba, layer.poses[time])
    return frames, owner


def forward_flow(layers: list[Layer], owner: np.ndarray) -> np.ndarray:
    """How far the surface that each pixel shows moves to the next frame: `[T-1, H, W, 2]` float32 px, (x, y)."""
    count, height, width = owner.shape
    poses = np.stack([layer.poses for layer in layers])  # [L, T, 3, 3]
    steps = poses[:, 1:] @ np.linalg.inv(poses[:, :-1]) - np.eye(3)  # [L, T-1, 3, 3] displacements
    y, x = np.mgrid[:height, :width]
    here = np.stack([x, y, np.ones_like(x)], -1).astype(np.float64)  # [H, W, 3]
    flow = np.empty((count - 1, height, width, 2), np.float32)
    for time in range(count - 1):
        for index in np.unique(owner[time]):
            seen = owner[time] == index
            flow[time][seen] = here[seen] @ steps[index, time, :2].T
    return flow


def hidden_next(owner: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Where the surface that a pixel shows is covered by another, or outside, in the next frame: `[T-1, H, W]` bool."""
    count, height, width = owner.shape
    y, x = np.mgrid[:height, :width]
    there_x, there_y = np.rint(flow[..., 0] + x).astype(int), np.rint(flow[..., 1] + y).astype(int)
    inside = (there_x >= 0) & (there_x < width) & (there_y >= 0) & (there_y < height)
    time = np.arange(count - 1)[:, None, None]
    return ~inside | (owner[time + 1, there_y.clip(0, height - 1), there_x.clip(0, width - 1)] != owner[:-1])


def seen_at(owner: np.ndarray, index: int, points: np.ndarray) -> np.ndarray:
    """Whether layer `index` is what the picture shows at `points` `[T, 2]`: `[T]` bool, False outside the picture."""
    count, height, width = owner.shape
    x, y = np.rint(points).astype(int).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return inside & (owner[np.arange(count), y.clip(0, height - 1), x.clip(0, width - 1)] == index)


def _paint(frame: np.ndarray, owner: np.ndarray, index: int, rgba: np.ndarray, pose: np.ndarray) -> None:
    height, width = owner.shape
    rows, columns = rgba.shape[:2]
    corners = pose[:2] @ np.array([[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]])
    left, top = np.maximum(np.floor(corners.min(1)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(1)).astype(int) + 2, (width, height))
    if left >= right or top >= bottom:
        return
    local = pose[:2].copy()
    local[:, 2] -= left, top
    patch = cv2.warpAffine(rgba, local, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    alpha = patch[..., 3:].astype(np.uint16)
    under = frame[top:bottom, left:right]
    under[:] = np.minimum(patch[..., :3] + (under * (255 - alpha) + 127) // 255, 255)
    owner[top:bottom, left:right][alpha[..., 0] > 127] = index
