"""Drag maps and masks laid over the frames of a clip; drag maps in the colours of a flow wheel, with a legend."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torchvision.utils import flow_to_image

from ..flow import check_maps
from ..images import as_masks, to_bytes, to_floats
from ..interrupt import InterruptCheck, never
from ..trajectory.types import PALETTE

FLOW_OPACITY = 0.7  # of the fastest pixel
MASK_OPACITY, RIM_OPACITY = 0.35, 0.9
LEAST_SIDE = 96  # pixels: a smaller picture has no room for the legend
LEGEND = 0.22  # of the shorter side


def flow_wheel(flow: torch.Tensor) -> torch.Tensor:
    """Drag maps as colours: the hue is the direction, the saturation the speed, white is rest (Middlebury's wheel).

    Args:
        flow: `[T, 2, H, W]` pixels per frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU; one scale for the whole clip.
    """
    return flow_to_image(flow.detach().cpu().float()).movedim(1, -1).float() / 255


def over_flow(images: torch.Tensor, flow: torch.Tensor) -> torch.Tensor:
    """Lays the colours of drag maps over pictures, the stronger the motion the more opaque, with a legend at the bottom
    right where the picture has room for it: the wheel, and the speed at its rim.

    Args:
        images: `[T, H, W, 3]` from 0 to 1.
        flow: `[T, 2, H, W]` pixels per frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.

    Raises:
        InputError: if they are no drag maps.
        ValueError: if frames or sizes differ.
    """
    check_maps(flow)
    frames, _, height, width = flow.shape
    if images.shape[:3] != (frames, height, width):
        raise ValueError(
            f"The drag maps are {frames} frames of {width}x{height}, the images {images.shape[0]} of "
            f"{images.shape[2]}x{images.shape[1]}. Encode the trajectories at the picture's size and number of frames."
        )
    speed = flow.detach().cpu().float().norm(dim=1).unsqueeze(-1)  # [T, H, W, 1]
    fastest = float(speed.max())
    opacity = FLOW_OPACITY * speed / max(fastest, 1e-6)
    laid = torch.lerp(images.detach().cpu().float(), flow_wheel(flow), opacity)
    if fastest > 0 and min(height, width) >= LEAST_SIDE:
        key = legend(fastest, round(LEGEND * min(height, width)))
        laid[:, -key.shape[0] :, -key.shape[1] :] = key
    return laid


def legend(fastest: float, side: int) -> torch.Tensor:
    """The colour wheel on black, `[side, W, 3]` from 0 to 1, with its rim's speed, in pixels a frame, written below."""
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


def over_masks(images: torch.Tensor, masks: torch.Tensor, check_interrupt: InterruptCheck = never) -> torch.Tensor:
    """Tints what masks cover, each in a colour of its own, with a rim.

    Args:
        images: `[T, H, W, 3]` from 0 to 1.
        masks: as `as_masks` takes it; every one of them is laid over every frame.
        check_interrupt: called for every mask.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.

    Raises:
        ValueError: if the sizes differ.
    """
    masks = as_masks(masks).detach().cpu().clamp(0, 1)
    height, width = images.shape[1:3]
    if masks.shape[1:] != (height, width):
        raise ValueError(
            f"The mask is {masks.shape[2]}x{masks.shape[1]}, the picture {width}x{height}. Use a mask of the picture's "
            "size: that of the Trajectory Editor's output, not that of the picture before it was fitted."
        )
    laid = images.detach().cpu().float()
    for index, mask in enumerate(masks):
        check_interrupt()
        name = PALETTE[index % len(PALETTE)]
        color = torch.tensor([int(name[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        around = F.max_pool2d(mask[None], 3, stride=1, padding=1)[0]
        within = -F.max_pool2d(-mask[None], 3, stride=1, padding=1)[0]
        opacity = torch.maximum(MASK_OPACITY * mask, RIM_OPACITY * (around - within))  # [H, W]
        laid = torch.lerp(laid, color.expand_as(laid), opacity[..., None].expand_as(laid))
    return laid
