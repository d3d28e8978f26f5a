"""Draws drag maps, in the colours of a flow wheel with a legend, and masks over the frames of a clip."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torchvision.utils import flow_to_image

from ..common.images import to_bytes, to_floats
from ..common.interrupt import checkpoint
from ..common.masks import as_masks
from ..models.drag_maps import check_maps
from ..trajectory.types import PALETTE

FLOW_OPACITY = 0.7  # of the fastest pixel
MASK_OPACITY, RIM_OPACITY = 0.35, 0.9
LEAST_SIDE = 96  # pixels: a smaller picture has no room for the legend
LEGEND = 0.22  # of the shorter side


def flow_wheel(flow: torch.Tensor, fastest: torch.Tensor | None = None) -> torch.Tensor:
    """Drag maps as colours: hue is direction, saturation is speed, and white means no motion (Middlebury's wheel).

    Args:
        flow: `[T, 2, H, W]` pixels per frame.
        fastest: `[2]`, the displacement at the wheel's rim; the largest of these maps if None.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU; one scale for the whole clip.
    """
    flow = flow.detach().cpu().float()
    if fastest is None:
        return flow_to_image(flow).movedim(1, -1).float() / 255
    # flow_to_image normalises by its input's maximum, so a column with the clip's maximum is appended to each frame.
    beside = fastest.view(1, 2, 1, 1).expand(len(flow), 2, flow.shape[2], 1)
    return flow_to_image(torch.cat([flow, beside], 3))[..., :-1].movedim(1, -1).float() / 255


class FlowLayer:
    """A layer for `over_frames` with the colours of drag maps, more opaque where motion is faster. If the picture has
    room, a legend at the bottom right shows the wheel and the speed at its rim.

    Args:
        flow: `[T, 2, H, W]` pixels per frame.
        images: `[T, H, W, 3]`, the frames below.

    Raises:
        InputError: if `flow` does not hold drag maps.
        ValueError: if frames or sizes differ.
    """

    def __init__(self, flow: torch.Tensor, images: torch.Tensor):
        check_maps(flow)
        frames, _, height, width = flow.shape
        if images.shape[:3] != (frames, height, width):
            raise ValueError(
                f"The drag maps are {frames} frames of {width}x{height}, the images {images.shape[0]} of "
                f"{images.shape[2]}x{images.shape[1]}. Encode the trajectories at the picture's size and number of "
                "frames."
            )
        self.flow = flow.detach()
        self.fastest = _fastest(self.flow)
        self.most = float(self.fastest.norm())
        side = round(LEGEND * min(height, width))
        self.legend = legend(self.most, side) if self.most > 0 and min(height, width) >= LEAST_SIDE else None

    def __call__(self, frame: torch.Tensor, now: int) -> torch.Tensor:
        flow = self.flow[now].cpu().float()
        speed = flow.square().sum(0).sqrt()  # torch's norm takes ten times as long along the first dimension
        opacity = FLOW_OPACITY * speed / max(self.most, 1e-6)
        laid = torch.lerp(frame, flow_wheel(flow[None], self.fastest)[0], opacity[..., None])
        if self.legend is not None:
            laid[-self.legend.shape[0] :, -self.legend.shape[1] :] = self.legend
        return laid


def _fastest(flow: torch.Tensor) -> torch.Tensor:
    """`[2]` float32: the longest displacement of drag maps `[T, 2, H, W]`."""
    found = torch.zeros(2)
    for frame in flow:
        checkpoint()
        steps = frame.cpu().float().flatten(1)  # [2, H * W]
        longest = steps[:, steps.square().sum(0).argmax()]
        found = max(found, longest, key=lambda step: float(step.square().sum()))
    return found


def legend(fastest: float, side: int) -> torch.Tensor:
    """The colour wheel on black, `[side, W, 3]` from 0 to 1, with the speed at its rim in pixels per frame below."""
    room = max(10, side // 4)  # for the text
    ray = torch.linspace(-1, 1, side - room)
    y, x = torch.meshgrid(ray, ray, indexing="ij")
    disc = (x.square() + y.square() <= 1).float()
    wheel = flow_wheel(torch.stack([x, y])[None] * disc)[0] * disc[..., None]
    text = f"{fastest:.1f} px"
    scale = room / 30
    (length, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    width = max(side, length + 6)
    plate = np.zeros((side, width, 3), np.uint8)
    left = (width - (side - room)) // 2
    plate[: side - room, left : left + side - room] = to_bytes(wheel)
    at = ((width - length) // 2, side - room // 4)
    cv2.putText(plate, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return to_floats(plate)


class MaskLayer:
    """A layer for `over_frames` with masks, each tinted in its own colour, with a rim.

    Args:
        masks: same format as `as_masks`; each is drawn over every frame.
        images: `[T, H, W, 3]`, the frames below.

    Raises:
        ValueError: if the sizes differ.
    """

    def __init__(self, masks: torch.Tensor, images: torch.Tensor):
        masks = as_masks(masks).detach()
        height, width = images.shape[1:3]
        if masks.shape[1:] != (height, width):
            raise ValueError(
                f"The mask is {masks.shape[2]}x{masks.shape[1]}, the picture {width}x{height}. Use a mask of the "
                "picture's size: that of the Trajectory Editor's output, not that of the picture before it was fitted."
            )
        self.tints: list[tuple[torch.Tensor, torch.Tensor]] = []  # of each mask, color [3] and opacity [H, W, 1]
        for index, mask in enumerate(masks):
            checkpoint()
            name = PALETTE[index % len(PALETTE)]
            color = torch.tensor([int(name[i : i + 2], 16) for i in (1, 3, 5)]) / 255
            self.tints.append((color, _opacity(mask.cpu().clamp(0, 1))[..., None]))

    def __call__(self, frame: torch.Tensor, now: int) -> torch.Tensor:
        for color, opacity in self.tints:
            checkpoint()
            frame = torch.lerp(frame, color.expand_as(frame), opacity.expand_as(frame))
        return frame


def _opacity(mask: torch.Tensor) -> torch.Tensor:
    """`[H, W]`: opacity of the tint of a mask from 0 to 1."""
    around = F.max_pool2d(mask[None], 3, stride=1, padding=1)[0]
    within = -F.max_pool2d(-mask[None], 3, stride=1, padding=1)[0]
    return torch.maximum(MASK_OPACITY * mask, RIM_OPACITY * (around - within))
