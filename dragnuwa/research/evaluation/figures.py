"""Figures of a video's pixels, by kornia: how well they keep what they were meant to show."""

from __future__ import annotations

import numpy as np

from ...vision.tracking.metrics import check_frames


def psnr(frames: np.ndarray, true: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, averaged over frames 1 and later, since frame 0 is the model's input.

    Raises:
        ValueError: if the videos are not `[T, H, W, 3]` uint8 of the same shape with at least 2 frames.
    """
    check_frames(frames)
    check_frames(true)
    if frames.shape != true.shape:
        raise ValueError(f"The videos differ: {list(frames.shape)} and {list(true.shape)}. Compare clips of one size.")
    return _psnr(frames[1:], true[1:])


def appearance_drift(frames: np.ndarray, track: np.ndarray, radius: int, last: int = -1) -> float:
    """How well the patch around a point keeps its appearance: PSNR in dB against the same patch in frame 0.

    The patch follows the found track with bilinear sampling; the picture is extended by repeating its edge.

    Args:
        frames: `[T, H, W, 3]` uint8.
        track: `[T, 2]`, finite; where the point was found.
        radius: the patch is a square of `2 * radius + 1` px.
        last: the frame to compare with frame 0.

    Returns:
        Infinity if the patch is identical, 0 if it differs as much as black from white.

    Raises:
        ValueError: if the frames, the track or the radius is invalid.
    """
    import cv2

    check_frames(frames)
    if np.shape(track) != (len(frames), 2) or not np.isfinite(track).all():
        raise ValueError(f"track must be [T, 2] = [{len(frames)}, 2] and finite; found {list(np.shape(track))}.")
    if radius < 1:
        raise ValueError(f"radius must be at least 1 px; found {radius}.")
    side = (2 * radius + 1, 2 * radius + 1)
    first, then = (
        cv2.getRectSubPix(frames[time].astype(np.float32), side, tuple(map(float, track[time]))) for time in (0, last)
    )
    return _psnr(then[None], first[None])


def _psnr(found: np.ndarray, true: np.ndarray) -> float:
    """Mean over `[B, h, w, 3]` pictures (0..255) of their PSNR, in float32."""
    import torch
    from kornia.metrics import psnr as of_pictures

    pairs = (
        [torch.from_numpy(picture.astype(np.float32)) for picture in pair] for pair in zip(found, true, strict=True)
    )
    return float(torch.tensor([float(of_pictures(*pair, 255.0)) for pair in pairs]).mean())
