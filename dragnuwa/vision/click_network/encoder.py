"""The features of EfficientNet-Lite0, without its classifier.

EfficientNet (arXiv 1905.11946) without squeeze-and-excitation and with ReLU6, as its Lite variants are. Each batch
normalisation is folded into the convolution before it: its statistics stay those of ImageNet.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 32  # px; a picture's sides have to be multiples of it
CHANNELS = 24, 40, 112, 320  # of the features at 1/4, 1/8, 1/16 and 1/32 of the picture's size
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures


@dataclass(frozen=True)
class Stage:
    """Blocks of the same width; the first one has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STEM = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
OUTPUTS = 1, 2, 4, 6  # the stages whose last block's output is returned


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow pads with "SAME": where a stride leaves an odd number, one more at the end."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__(inputs, outputs, kernel, stride, 0, groups=groups)
        total = kernel - stride
        self.margin = (total // 2, total - total // 2) * 2

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.margin) if any(self.margin) else x)


class Block(nn.Module):
    """An inverted residual: expansion, depthwise convolution, projection."""

    def __init__(self, inputs: int, stage: Stage, stride: int):
        super().__init__()
        width = inputs * stage.expansion
        self.expand = nn.Conv2d(inputs, width, 1) if stage.expansion > 1 else None
        self.depthwise = SameConv(width, width, stage.kernel, stride, groups=width)
        self.project = nn.Conv2d(width, stage.channels, 1)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.expand is None else F.relu6(self.expand(x))
        h = self.project(F.relu6(self.depthwise(h)))
        return x + h if self.residual else h


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = SameConv(3, STEM, 3, 2)
        self.stages, width = nn.ModuleList(), STEM
        for stage in STAGES:
            blocks = [
                Block(width if n == 0 else stage.channels, stage, stage.stride if n == 0 else 1)
                for n in range(stage.repeats)
            ]
            self.stages.append(nn.Sequential(*blocks))
            width = stage.channels
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features of pictures `[B, 3, H, W]` from 0 to 1, whose sides are multiples of `STRIDE`: `[B, C, H/s, W/s]`
        for s of 4, 8, 16 and 32."""
        h = F.relu6(self.stem((pictures - self.mean) / self.deviation))  # [B, 32, H/2, W/2]
        outputs = []
        for number, stage in enumerate(self.stages):
            h = stage(h)
            if number in OUTPUTS:
                outputs.append(h)
        return outputs
