"""How FVD and FID are computed by different programs. Figures of different conventions cannot be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

SIDE = 224  # px, of the frames that I3D takes
SQUASHED, CROPPED = "squashed", "cropped"
UNIT, BYTES = "0..1", "0..255"
AT_ONCE = 8  # frames


@dataclass(frozen=True)
class FvdConvention:
    """
    Attributes:
        name: of the convention, printed beside each figure.
        frames: `SQUASHED` to 224 x 224 pixels, or `CROPPED`: the shorter side is resized to 224, and the centre taken.
        ddof: the covariance is divided by N - ddof.
        source: the programs that do so.
    """

    name: str
    frames: str
    ddof: int
    source: str

    @property
    def label(self) -> str:
        return f"{self.name}: frames {self.frames} to {SIDE}x{SIDE}, covariance by {_divisor(self.ddof)}"


@dataclass(frozen=True)
class FidConvention:
    """
    Attributes:
        name: as of `FvdConvention`.
        pixels: the range in which the network gets frames of their own size, which it resizes: `UNIT` as float32, or
            `BYTES` as uint8.
        ddof, source: as of `FvdConvention`.
    """

    name: str
    pixels: str
    ddof: int
    source: str

    @property
    def label(self) -> str:
        return f"{self.name}: frames resized by the network, covariance by {_divisor(self.ddof)}"


FVD = {
    each.name: each
    for each in (
        FvdConvention("stylegan-v", SQUASHED, 0, "StyleGAN-V (arXiv 2112.14683), cd-fvd (arXiv 2404.12391)"),
        FvdConvention("original", SQUASHED, 1, "google-research/frechet_video_distance (arXiv 1812.01717)"),
        FvdConvention(
            "fvd-comparison", CROPPED, 1, "universome/fvd-comparison, JunyaoHu/common_metrics_on_video_quality"
        ),
    )
}
FID = {
    each.name: each
    for each in (
        FidConvention("stylegan", BYTES, 0, "StyleGAN2-ADA and later (arXiv 2006.06676)"),
        FidConvention("pytorch-fid", UNIT, 1, "mseitzer/pytorch-fid"),
        FidConvention("torch-fidelity", BYTES, 1, "toshas/torch-fidelity"),
    )
}


def for_i3d(frames: np.ndarray, how: str) -> torch.Tensor:
    """A video as I3D takes it.

    Both ways resize as programs in torch do: bilinear without antialiasing, pixel centres kept. (The original's
    TensorFlow 1 kept the corner instead, which moves the picture by half a pixel.)

    Args:
        frames: `[T, H, W, 3]` uint8.
        how: `SQUASHED` or `CROPPED`.

    Returns:
        `[1, 3, T, 224, 224]` float32 from -1 to 1.
    """
    height, width = frames.shape[1:3]
    scale = SIDE / min(height, width)
    size = (SIDE, SIDE)
    if how == CROPPED:
        size = (SIDE, math.ceil(width * scale)) if height < width else (math.ceil(height * scale), SIDE)
    top, left = ((side - SIDE) // 2 for side in size)
    parts = []
    for start in range(0, len(frames), AT_ONCE):
        pixels = torch.from_numpy(frames[start : start + AT_ONCE]).movedim(-1, 1).float()  # [t, 3, H, W]
        resized = F.interpolate(pixels, size, mode="bilinear", align_corners=False)
        parts.append(resized[..., top : top + SIDE, left : left + SIDE])
    return torch.cat(parts).transpose(0, 1)[None] / 127.5 - 1


def for_inception(frames: np.ndarray, pixels: str) -> torch.Tensor:
    """Frames `[T, H, W, 3]` uint8 as Inception takes them: `[T, 3, H, W]`, uint8 for `BYTES`, float32 for `UNIT`."""
    found = torch.from_numpy(frames).movedim(-1, 1).contiguous()
    return found if pixels == BYTES else found.float() / 255


def _divisor(ddof: int) -> str:
    return "N-1" if ddof else "N"
