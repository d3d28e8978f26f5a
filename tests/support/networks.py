"""Small networks in TorchScript, of the forms of I3D, Inception and LPIPS."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch


class VideoNetwork(torch.nn.Module):
    """As StyleGAN-V's i3d_torchscript.pt: its features are means over quarters of the frames."""

    def forward(
        self, x: torch.Tensor, rescale: bool = True, resize: bool = True, return_features: bool = False
    ) -> torch.Tensor:
        if rescale or resize or not return_features:
            raise RuntimeError("expected prepared frames")
        if x.shape[3] != 224 or x.shape[4] != 224:
            raise RuntimeError("expected 224 x 224 px")
        return torch.nn.functional.adaptive_avg_pool3d(x, [1, 2, 2]).flatten(1)  # [B, 12]


class PlainVideoNetwork(torch.nn.Module):
    """As an I3D without options, whose features have further axes of length 1."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.adaptive_avg_pool3d(x, [1, 1, 1])


class PictureNetwork(torch.nn.Module):
    """As StyleGAN's Inception, of pictures from 0 to 255."""

    def forward(self, img: torch.Tensor, return_features: bool = False) -> torch.Tensor:
        if not return_features:
            raise RuntimeError("expected return_features")
        return torch.nn.functional.adaptive_avg_pool2d(img.float(), [2, 2]).flatten(1)  # [B, 12]


class ListedPictureNetwork(torch.nn.Module):
    """As pytorch-fid's Inception, which returns a list."""

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return [torch.nn.functional.adaptive_avg_pool2d(x, [1, 1])]


class Distance(torch.nn.Module):
    """As LPIPS: `[B, 1, 1, 1]`."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a - b).abs().mean([1, 2, 3], keepdim=True)


class Broken(torch.nn.Module):
    """Returns what is asked for in no case: NaN, or another shape."""

    def __init__(self, nan: bool):
        super().__init__()
        self.nan = nan

    def forward(self, x: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
        return torch.full([x.shape[0], 3], torch.nan) if self.nan else torch.zeros([7, 5, 2])


def save(network: torch.nn.Module, path: Path) -> Path:
    """Writes a network as TorchScript."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # that torch will drop TorchScript
        torch.jit.script(network).save(str(path))
    return path
