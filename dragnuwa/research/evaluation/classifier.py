"""A classifier of the kind and the colour of the one object in a picture, in the words of the scenes' captions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...common.images import to_floats
from ..scenes.cutouts import SHAPES
from ..scenes.textures import PALETTE

KINDS, COLORS = tuple(SHAPES), tuple(PALETTE)
FINDER_SIDE, CELLS = 96, 48  # px that a picture is scaled to in which the object is looked for; cells of its mask
CROP_SIDE, MARGIN = 64, 1.25  # px of the crop around it, and its size as a multiple of the object's
# Thin tips, as a star's, cover little of a cell and are easily missed: a cell belongs to the object from this logit
# on, which is a quarter of it covered, and the box is so many times as large as what was found.
COVERED, ROOM = -1.0, 1.1


@dataclass(frozen=True)
class Seen:
    """Whether a video shows an object of the named kind, and of the named colour."""

    kind: bool
    color: bool

    @property
    def both(self) -> bool:
        return self.kind and self.color


class Finder(nn.Module):
    """Where the object is: pictures `[B, 3, 96, 96]` from 0 to 1 to the logits of its mask `[B, 48, 48]`."""

    def __init__(self):
        super().__init__()
        self.fine = nn.Sequential(_convolution(3, 16, stride=2), _convolution(16, 32))
        self.coarse = nn.Sequential(
            _convolution(32, 64, stride=2),
            _convolution(64, 64),
            _convolution(64, 128, stride=2),
            _convolution(128, 128),
            _convolution(128, 128, dilation=2),
            _convolution(128, 128, dilation=4),
            nn.Conv2d(128, 32, 1),
        )
        self.mask = nn.Sequential(_convolution(64, 32), nn.Conv2d(32, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        fine = self.fine(x * 2 - 1)  # [B, 32, 48, 48]
        coarse = self.coarse(fine)  # [B, 32, 12, 12]
        coarse = F.interpolate(coarse, (CELLS, CELLS), mode="bilinear")  # [B, 32, 48, 48]
        return self.mask(torch.cat([fine, coarse], 1))[:, 0]  # [B, 48, 48]


class Namer(nn.Module):
    """What a crop shows: `[B, 3, 64, 64]` from 0 to 1 to scores of `KINDS` `[B, 10]` and of `COLORS` `[B, 12]`."""

    def __init__(self):
        super().__init__()
        layers, inner = [], 3
        for channels in (32, 64, 128):
            layers += [_convolution(inner, channels, stride=2), _convolution(channels, channels)]
            inner = channels
        self.body = nn.Sequential(*layers, _convolution(inner, inner))
        self.kind = nn.Linear(2 * inner, len(KINDS))
        self.color = nn.Linear(2 * inner, len(COLORS))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.body(x * 2 - 1)  # [B, 128, 8, 8]
        x = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)  # [B, 256]
        return self.kind(x), self.color(x)


class Classifier(nn.Module):
    """Finds the object, cuts it out and names what the crop shows, by the mean over quarter turns and mirror images.

    `forward` takes pictures `[B, 3, H, W]` from 0 to 1 and gives probabilities of `KINDS` `[B, 10]` and of `COLORS`
    `[B, 12]`.
    """

    def __init__(self):
        super().__init__()
        self.finder, self.namer = Finder(), Namer()

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        height, width = pictures.shape[2:]
        small = scaled(pictures)  # [B, 3, 96, 96]
        views = [self.finder(small.rot90(turns, (2, 3))).rot90(-turns, (1, 2)) for turns in range(4)]
        masks = sum(views) / len(views) > COVERED  # [B, 48, 48]
        boxes = bounding_boxes(masks.numpy(), width, height)  # [B, 3]
        boxes[:, 2] *= ROOM
        ways = [(turns * np.pi / 2, mirror) for mirror in (1.0, -1.0) for turns in range(4)]
        scores = [self.namer(crops(pictures, boxes, angle=angle, mirror=mirror)) for angle, mirror in ways]
        kinds, colors = (torch.stack(each).softmax(2).mean(0) for each in zip(*scores, strict=True))
        return kinds, colors


def _convolution(inner: int, channels: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inner, channels, 3, stride, dilation, dilation, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.SiLU())


def scaled(pictures: Tensor) -> Tensor:
    """`[B, 3, H, W]` as the finder takes them, `[B, 3, 96, 96]`."""
    return F.interpolate(pictures, (FINDER_SIDE, FINDER_SIDE), mode="bilinear", antialias=True)


def bounding_boxes(masks: np.ndarray, width: int, height: int) -> Tensor:
    """Of the largest connected part of each mask `[B, h, w]` bool of a picture of this size: centre x and y, and half
    of the longer side, px `[B, 3]`. Of an empty mask, the whole picture's."""
    to_px = np.array([width, height]) / masks.shape[:0:-1]  # of a cell
    boxes = []
    for mask in masks:
        count, _, parts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        part = parts[1 + parts[1:, cv2.CC_STAT_AREA].argmax()] if count > 1 else np.array([0, 0, *mask.shape[::-1]])
        corner, sides = part[:2] * to_px, part[2:4] * to_px
        boxes.append([*(corner + sides / 2), sides.max() / 2])
    return torch.tensor(np.array(boxes), dtype=torch.float32)


def crops(pictures: Tensor, boxes: Tensor, *, angle: Tensor | float = 0.0, mirror: Tensor | float = 1.0) -> Tensor:
    """Squares of `MARGIN` times the boxes' size, `[B, 3, 64, 64]`; beyond the picture its border is repeated.

    Args:
        pictures: `[B, 3, H, W]`.
        boxes: `[B, 3]`: centre x and y, and half of the side, px.
        angle: radians by which the squares are turned, one for all or `[B]`.
        mirror: -1 where the squares are mirrored, else 1; one for all or `[B]`.
    """
    height, width = pictures.shape[2:]
    size = torch.tensor([width, height])
    angle, mirror = (torch.as_tensor(each, dtype=torch.float32).expand(len(boxes)) for each in (angle, mirror))
    cos, sin = angle.cos(), angle.sin()
    turned = torch.stack([torch.stack([cos * mirror, -sin], 1), torch.stack([sin * mirror, cos], 1)], 1)  # [B, 2, 2]
    turned = turned * (MARGIN * boxes[:, 2, None, None]) * 2 / size[:, None]
    centre = boxes[:, :2, None] * 2 / size[:, None] - 1  # [B, 2, 1]
    shape = [len(boxes), 3, CROP_SIDE, CROP_SIDE]
    grid = F.affine_grid(torch.cat([turned, centre], 2), shape, align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


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
    kinds, colors = (each.mean(0) for each in classifier.eval()(pictures(frames)))
    return Seen(KINDS[int(kinds.argmax())] == kind, COLORS[int(colors.argmax())] == color)


def pictures(frames: np.ndarray) -> Tensor:
    """uint8 `[B, H, W, 3]` as `[B, 3, H, W]` from 0 to 1."""
    return to_floats(frames).movedim(-1, 1)
