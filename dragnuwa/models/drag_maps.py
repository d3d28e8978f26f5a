"""Drag maps: sampled trajectories as the network's input (arXiv 2308.08089, "Trajectory Sampler").

At each step a drag is the displacement of one pixel. Splatted with a Gaussian it becomes a dense map, and the maps of a
clip are the input of the flow pyramid in `dragnuwa.adapter`.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from ..common.clip_shape import ClipShape
from ..common.errors import InputError
from ..common.interrupt import Progress, checkpoint, no_progress, watched
from ..trajectory import Trajectories
from ..trajectory.sampling import PIXEL_DIGITS

SIGMAS = 0.001, 1_000_000
"""Minimum and maximum sigma of the Gaussian, in pixels; the square of anything beyond would under- or overflow."""


def half_radius(sigma: float) -> float:
    """The distance from a drag, in pixels, at which its map has fallen to one half."""
    return sigma * math.sqrt(2 * math.log(2))


def encode(
    points: np.ndarray | torch.Tensor,
    visible: np.ndarray | torch.Tensor,
    *,
    height: int,
    width: int,
    kernel_size: int = 199,
    sigma: float = 20.0,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
    progress: Progress = no_progress,
) -> torch.Tensor:
    """Draws sampled trajectories as drag maps.

    Frame i + 1 holds, at the integer pixel of each point in frame i, the displacement to frame i + 1, convolved with a
    Gaussian of peak 1 truncated to a square of `kernel_size`. Frame 0 is zero. A displacement counts only if its point
    is visible at both ends. If two tracks start from the same pixel, the later track wins.

    A two-dimensional Gaussian is the outer product of two one-dimensional ones, so a frame's map is one matrix product
    over its tracks; the working memory stays below the size of one map.

    Args:
        points: `[N, T, 2]` x and y in pixels, inside the picture, finite.
        visible: `[N, T]` bool.
        height: of the maps, in pixels.
        width: of the maps, in pixels.
        kernel_size: side of the Gaussian's square in pixels, odd. The released model uses 199, the paper 99.
        sigma: of the Gaussian in pixels, of `SIGMAS`. The released model uses 20, the paper 10.
        device: of the maps; by default that of `points` if it is a tensor, else the CPU.
        dtype: of the maps.
        progress: called after each frame.

    Returns:
        `[T, 2, H, W]` displacement in pixels per frame; channel 0 is x, channel 1 is y.

    Raises:
        ValueError: if shapes do not match, points are not finite or lie outside, or the kernel is invalid.
    """
    if isinstance(points, torch.Tensor):
        device = points.device if device is None else device
    points, visible = _array(points, np.float64), _array(visible, bool)
    _check(points, visible, (width, height), kernel_size, sigma)
    frames = points.shape[1]
    maps = torch.empty(frames, 2, height, width, device=device, dtype=dtype)  # [T, 2, H, W]
    maps[0] = 0
    steps = _steps(points, visible, width)
    for time, made in enumerate(maps[1:]):
        checkpoint()
        made.zero_()
        for start, displacement in _chunks(*(part[:, time] for part in steps), (width, height)):
            checkpoint()
            y = _gaussians(start[:, 1], height, kernel_size, sigma).to(maps)  # [n, H]
            x = _gaussians(start[:, 0], width, kernel_size, sigma).to(maps)  # [n, W]
            drags = torch.from_numpy(displacement).to(maps)  # [n, 2]
            weighted = (drags[..., None] * y[:, None]).flatten(1)  # [n, 2H]
            made.flatten(0, 1).addmm_(weighted.T, x)  # a view: [2H, W]
        progress(time + 1, frames - 1)
    return maps


def encode_trajectories(
    trajectories: Trajectories,
    clip: ClipShape,
    *,
    kernel_size: int = 199,
    sigma: float = 20.0,
    progress: Progress = no_progress,
) -> torch.Tensor:
    """Drag maps `[T, 2, H, W]` of drags on a clip; see `encode`.

    Raises:
        TrajectoryError: if the clip is out of range.
        ValueError: if the kernel is invalid.
    """
    points, visible = trajectories.sample(clip.frames, clip.width, clip.height)
    kernel = {"kernel_size": kernel_size, "sigma": sigma}
    return encode(points, visible, height=clip.height, width=clip.width, **kernel, progress=progress)


def _array(values: np.ndarray | torch.Tensor, dtype: type) -> np.ndarray:
    """Sampling runs on the CPU: a few float64 numbers per track."""
    return np.asarray(values.detach().cpu() if isinstance(values, torch.Tensor) else values, dtype=dtype)


def _steps(points: np.ndarray, visible: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The start pixel and the displacement of each track at each step, both `[N, T-1, 2]`; the displacement is 0 where
    it does not count."""
    # Round first, or truncation loses a pixel: 25 / 576 * 576 is 24.999999999999996 in float64.
    pixel = np.floor(np.round(points[:, :-1], PIXEL_DIGITS))  # [N, T-1, 2]
    displacement = points[:, 1:] - points[:, :-1]
    counts = visible[:, 1:] & visible[:, :-1]
    counts &= ~_overwritten(pixel, counts, width)
    return pixel, np.where(counts[..., None], displacement, 0.0)


def _chunks(pixel: np.ndarray, displacement: np.ndarray, size: tuple[int, int]):
    """Yields `(pixel [n, 2], displacement [n, 2])` of one step in chunks of tracks small enough for their Gaussians
    (H + W values per track, and 2 H weighted ones) to take less memory than the map (2 H W)."""
    width, height = size
    moving = np.flatnonzero(displacement.any(axis=1))
    count = max(1, 2 * height * width // (6 * height + 2 * width))
    for first in range(0, len(moving), count):
        tracks = moving[first : first + count]
        yield pixel[tracks], displacement[tracks]


def _overwritten(pixel: np.ndarray, counts: np.ndarray, width: int) -> np.ndarray:
    """`[N, T-1]` bool: where a later track writes to the same pixel of the same frame."""
    overwritten = np.zeros_like(counts)
    for frame in watched(range(pixel.shape[1])):
        tracks = np.flatnonzero(counts[:, frame])[::-1]  # latest first, since unique() keeps the first
        address = pixel[tracks, frame, 1] * width + pixel[tracks, frame, 0]
        last = np.unique(address, return_index=True)[1]
        overwritten[np.delete(tracks, last), frame] = True
    return overwritten


def _gaussians(centre: np.ndarray, length: int, kernel_size: int, sigma: float) -> torch.Tensor:
    """`[..., length]` float32 values of a Gaussian of peak 1 at each centre, zero beyond half the kernel's size."""
    offset = torch.arange(length) - torch.from_numpy(centre.astype(np.float32))[..., None]
    return torch.exp(offset.square() / (-2 * sigma**2)) * (offset.abs() <= kernel_size // 2)


def check_maps(flow: torch.Tensor) -> None:
    """
    Raises:
        InputError: if drag maps from another node are not finite numbers `[T, 2, H, W]`.
    """
    form = isinstance(flow, torch.Tensor) and flow.ndim == 4 and flow.shape[1] == 2 and 0 not in flow.shape
    if not form or not flow.is_floating_point():
        found = f"{list(flow.shape)} of {flow.dtype}" if isinstance(flow, torch.Tensor) else type(flow).__name__
        raise InputError(
            f"Drag maps should be numbers [frames, 2, height, width]; found {found}. Connect DragNUWA Encode "
            "Trajectories."
        )
    if not all(end.isfinite() for end in flow.aminmax()):
        raise InputError("Drag maps should be finite; found NaN or infinity. Look at the node that made them.")


def _check(points, visible, size: tuple[int, int], kernel_size, sigma) -> None:
    width, height = size
    if points.ndim != 3 or points.shape[1] < 2 or points.shape[2] != 2:
        raise ValueError(f"points must be [N, T, 2] with at least two frames; found {list(points.shape)}.")
    if visible.shape != points.shape[:2]:
        raise ValueError(f"visible must be [N, T] = {list(points.shape[:2])}; found {list(visible.shape)}.")
    if height < 1 or width < 1:
        raise ValueError(f"height and width must be at least 1 pixel; found {height} and {width}.")
    pixel = np.round(points, PIXEL_DIGITS)
    if not ((pixel >= 0) & (pixel < (width, height))).all():  # also False for NaN
        raise ValueError(f"points must be finite and lie inside the picture of {width}x{height} pixels.")
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be an odd number of pixels, such as 199; found {kernel_size}.")
    if not SIGMAS[0] <= sigma <= SIGMAS[1]:  # also False for NaN
        raise ValueError(f"sigma must be from {SIGMAS[0]:g} to {SIGMAS[1]:,} pixels, such as 20; found {sigma:g}.")
