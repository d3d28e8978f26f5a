"""Trackers by name: this project's own, and any in a TorchScript file, such as CoTracker3 (arXiv 2410.11831)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch

from ...carry.video.follow import follow
from ...common.errors import InputError
from ...vision.tracking.point_tracker import LucasKanade, Tracker
from .torchscript import load

LUCAS_KANADE, PATCHES = "lucas-kanade", "patches"
NAMES = (LUCAS_KANADE, PATCHES)
RADIUS = 0.05  # of sqrt(width * height): of the patch around a point
SEEN = 128  # of 255: the part of a patch's centre that has to be seen


def tracker_named(name: str, device: str = "cpu") -> Tracker:
    """
    Args:
        name: one of `NAMES`, or the path of a TorchScript file.

    Raises:
        InputError: if there is no such tracker, or the file cannot be read.
    """
    if name == LUCAS_KANADE:
        return LucasKanade()
    if name == PATCHES:
        return PatchFollower()
    path = Path(name)
    if not path.is_file():
        raise InputError(f"The tracker should be {', '.join(NAMES)} or a TorchScript file; found no file {name}.")
    return partial(by_script, load(path, device, "the tracker"), torch.device(device), path.name)


@dataclass(frozen=True)
class PatchFollower:
    """Follows the surroundings of each point as DragNUWA Edit Video follows a thing: by a similarity transform fitted
    to how they looked in the first frame. A point that is hidden is found again.

    Attributes:
        radius: of the surroundings, as a fraction of sqrt(width * height).
    """

    radius: float = RADIUS

    def __call__(self, frames: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `Tracker`."""
        height, width = frames.shape[1:3]
        reach = max(4, round(self.radius * (height * width) ** 0.5))
        tracks, visible = [], []
        for x, y in points:
            mask = np.zeros((height, width), np.float32)
            cv2.circle(mask, (round(float(x)), round(float(y))), reach, 1.0, -1)
            found = follow(len(frames), frames.__getitem__, mask, 0)
            way = found.motion.factor * complex(x, y) + found.motion.shift
            tracks.append(np.stack([way.real, way.imag], -1))
            visible.append(_shown(found.masks, tracks[-1], (width, height)))
        return np.stack(tracks), np.stack(visible)


def _shown(masks: np.ndarray, track: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`[T]` bool: whether masks `[T, h, w]` show the place of a track `[T, 2]` in pixels of (width, height) `size`."""
    small = track * np.array(masks.shape[:0:-1]) / size
    column, row = np.rint(small).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < masks.shape[2]) & (row < masks.shape[1])
    times = np.arange(len(masks))
    return inside & (masks[times, row.clip(0, masks.shape[1] - 1), column.clip(0, masks.shape[2] - 1)] >= SEEN)


def by_script(
    module: torch.nn.Module, device: torch.device, name: str, frames: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `Tracker`, by a module like CoTracker3's predictor: it takes a video `[1, T, 3, H, W]` from 0 to 255 and
    queries `[1, N, 3]` (frame, x, y), and returns tracks `[1, T, N, 2]` and visibility `[1, T, N]`, bool or
    from 0 to 1.

    Raises:
        InputError: if it returns something else.
    """
    video = torch.from_numpy(np.ascontiguousarray(frames)).to(device).permute(0, 3, 1, 2)[None].float()
    queries = torch.cat([torch.zeros(len(points), 1), torch.from_numpy(points).float()], 1)[None].to(device)
    with torch.inference_mode():
        answer = module(video, queries)
    if isinstance(answer, Mapping):
        answer = answer.get("tracks"), answer.get("visibility")
    expected = (1, len(frames), len(points))
    shapes = [tuple(each.shape) if isinstance(each, torch.Tensor) else None for each in answer[:2]]
    if shapes != [(*expected, 2), expected]:
        raise InputError(
            f"{name} should return tracks [1, T, N, 2] and visibility [1, T, N] = {[*expected]}; found {shapes}."
        )
    tracks, seen = (each[0].transpose(0, 1).cpu() for each in answer[:2])
    return tracks.double().numpy(), (seen if seen.dtype == torch.bool else seen > 0.5).numpy()
