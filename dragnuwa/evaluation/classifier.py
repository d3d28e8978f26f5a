"""A classifier of the kind and the colour of the one object in a picture, in the words of the scenes' captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..images import to_floats
from ..scenes.cutouts import SHAPES
from ..scenes.textures import PALETTE

KINDS, COLORS = tuple(SHAPES), tuple(PALETTE)
SIDE, CELLS = 96, 12  # px that a picture is scaled to, and cells per side of the attention map
CHANNELS = (32, 64, 128)


@dataclass(frozen=True)
class Seen:
    """Whether a video shows an object of the named kind, and of the named colour."""

    kind: bool
    color: bool

    @property
    def both(self) -> bool:
        return self.kind and self.color


class Classifier(nn.Module):
    """A small convolutional network that first locates the object, then pools the features at its place.

    `forward` takes pictures `[B, 3, H, W]` from 0 to 1 and gives scores of `KINDS` `[B, 10]`, of `COLORS` `[B, 12]`,
    and of the object's place in the attention map `[B, 144]`.
    """

    def __init__(self):
        super().__init__()
        layers, inner = [], 3
        for channels in CHANNELS:
            layers += [*_convolution(inner, channels, stride=2), *_convolution(channels, channels)]
            inner = channels
        self.body = nn.Sequential(*layers, *_convolution(inner, inner))
        self.place = nn.Conv2d(inner, 1, 1)
        self.kind = nn.Linear(2 * inner, len(KINDS))
        self.color = nn.Linear(2 * inner, len(COLORS))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = F.interpolate(pictures, (SIDE, SIDE), mode="bilinear", antialias=True) * 2 - 1  # [B, 3, 96, 96]
        x = self.body(x)  # [B, C, 12, 12]
        places = self.place(x).flatten(1)  # [B, 144]
        weight = places.softmax(1)[:, None]  # [B, 1, 144]
        x = x.flatten(2)  # [B, C, 144]
        there = (x * weight).sum(2)  # [B, C]
        edges = (x * weight / weight.amax(2, keepdim=True)).amax(2)  # [B, C]
        seen = torch.cat([there, edges], dim=1)  # [B, 2C]
        return self.kind(seen), self.color(seen), places


def _convolution(inner: int, channels: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inner, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels), nn.SiLU()]


@torch.no_grad()
def judge(classifier: Classifier, frames: np.ndarray, kind: str, color: str) -> Seen:
    """Whether the video `[T, H, W, 3]` uint8 shows this kind and this colour rather than any other, by the mean of the
    classifier's probabilities over the frames.

    Raises:
        ValueError: if the classifier knows no such kind or colour.
    """
    if kind not in KINDS or color not in COLORS:
        raise ValueError(
            f"The classifier knows the kinds {', '.join(KINDS)} in {', '.join(COLORS)}; found '{color} {kind}'."
        )
    kinds, colors, _ = (scores.softmax(1).mean(0) for scores in classifier.eval()(pictures(frames)))
    return Seen(KINDS[int(kinds.argmax())] == kind, COLORS[int(colors.argmax())] == color)


def pictures(frames: np.ndarray) -> Tensor:
    """uint8 `[B, H, W, 3]` as `[B, 3, H, W]` from 0 to 1."""
    return to_floats(frames).movedim(-1, 1)
