"""How alike two videos are, frame by frame: PSNR and SSIM, by kornia."""

from __future__ import annotations

import numpy as np

from ...common.errors import InputError
from ...vision.tracking.metrics import check_frames

WINDOW = 11  # px, of SSIM
MOST_PSNR = 100.0  # dB; it is infinite for equal pictures, which JSON cannot represent


def psnr_of_frames(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, the mean over all frames of at most 100 each.

    (`dragnuwa.evaluation.psnr` leaves out the first frame, which its model is given.)

    Args:
        a, b: videos `[T, H, W, 3]` uint8.

    Raises:
        InputError: if they are no videos of one size.
    """
    import torch
    from kornia.metrics import psnr

    check_same(a, b)
    found = [float(psnr(*map(_picture, pair), 1.0)) for pair in zip(a, b, strict=True)]
    return float(torch.tensor(found, dtype=torch.float64).clamp(max=MOST_PSNR).mean())


def ssim_of_frames(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity, at most 1, the mean over all frames, pixels and the channels red, green and blue: with a
    Gaussian window of 11 pixels and sigma 1.5 where it lies within the picture (Wang et al., 2004, section III.C).

    Args:
        a, b: videos `[T, H, W, 3]` uint8, each side at least 11 px.

    Raises:
        InputError: if they are no videos of one size, or too small.
    """
    from kornia.metrics import ssim

    check_same(a, b)
    if min(a.shape[1:3]) < WINDOW:
        raise InputError(f"SSIM needs at least {WINDOW} px on each side; found {a.shape[2]}x{a.shape[1]}.")
    found = [
        float(ssim(*map(_picture, pair), WINDOW, 1.0, eps=0.0, padding="valid").mean())
        for pair in zip(a, b, strict=True)
    ]
    return float(np.mean(found))


def check_same(a: np.ndarray, b: np.ndarray) -> None:
    """
    Raises:
        InputError: unless both are videos of the same size and number of frames.
    """
    for each in (a, b):
        check_frames(each)
    if a.shape != b.shape:
        sizes = " and ".join(f"{len(each)} frames of {each.shape[2]}x{each.shape[1]}" for each in (a, b))
        raise InputError(f"Compared videos should have the same size and number of frames; found {sizes}.")


def _picture(frame: np.ndarray):
    """`[1, 3, H, W]` float32 from 0 to 1."""
    import torch

    return torch.from_numpy(frame).movedim(-1, 0)[None] / 255
