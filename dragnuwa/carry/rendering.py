"""Composes a picture's regions, and renders frames of a composition, from the picture's own pixels and the filled
background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..common.interrupt import checkpoint
from ..geometry.grids import Box
from ..vision.inpainting.clean_plate import fill_from_plate
from ..vision.inpainting.fill import FillHole, fill_hole
from .bent import resting
from .cut import as_array, cut, with_shadows
from .layers import NEUTRAL, Background, Composition, Frame, Region, disoccluded, foreground_mask, union_of_holes
from .settings import FILLS

MOST_AROUND = 0.5  # of the picture's sides: how far beyond them the fill reaches; beyond that, the edge is repeated


def compose(
    background: Region,
    regions: Sequence[Region],
    image: Tensor,
    fill: str = FILLS[0],
    *,
    plate: Tensor | None = None,
    fill_with: FillHole = fill_hole,
) -> Composition:
    """Cuts out a picture's regions along its edges (`dragnuwa.carry.cut`), and fills the background behind them.

    Args:
        background: the whole picture, which moves with the camera or rests.
        regions: in front of it, from back to front, from masks or segmentation.
        image: `[3, H, W]` from 0 to 1, of the regions' size.
        fill: as `CarrySettings.fill`; without effect if there is a plate.
        plate: `[H, W, 3]` from 0 to 1, of the picture's size: a clean plate of what lies behind the objects.
        fill_with: fills holes.

    Raises:
        InputError: if the plate shows something else around the objects.
    """
    checkpoint()
    layers = cut(regions, image)
    regions = [layer.region for layer in layers]
    height, width = image.shape[1:]
    left = disoccluded(regions, (width, height))
    neutral = fill != FILLS[0] and plate is None
    around = (0, 0, 0, 0) if neutral else _margins(background)
    frame_box = Box(around[0], around[1], around[0] + width, around[1] + height)
    window = (slice(None), *frame_box.slices)
    filled = _filled(regions, image, left[0], around, plate, fill_with)
    layers = with_shadows(layers, image, filled[window])
    whole = torch.cat([filled, torch.zeros_like(filled)])
    whole[4:][window] = torch.from_numpy(left).to(image)
    if neutral:
        whole[:3][window] = torch.where(whole[4:5][window] > 0, NEUTRAL, image)
    return Composition(Background(background, whole, frame_box, neutral), layers, image)


def render(composition: Composition, time: int) -> Frame:
    """A frame. Frame 0 of a picture is the picture, where nothing is disoccluded yet."""
    frame, image = _composed(composition, time), composition.image
    if time == 0 and image is not None:
        frame = torch.cat([image, frame[3:4], torch.zeros_like(frame[4:])])
    return Frame(frame.clamp(0, 1))  # rounding and bicubic interpolation overshoot


def _composed(composition: Composition, time: int) -> Tensor:
    """`[6, H, W]`: the layers of a frame over the background."""
    ground, (width, height) = composition.background, composition.size
    sources = ground.region.sources(ground.region.box.positions(), time) if ground.region.moves else None
    frame = ground.looked_up(sources)
    for layer in composition.layers:
        region = layer.region
        box = region.reach(time).within(width, height)
        if not region.shown[time] or box.empty:
            continue
        checkpoint()
        moved, opacity = layer.exposed(_sources(region, box, time))
        over = torch.cat([moved, torch.zeros_like(moved[:2])])
        window = (slice(None), *box.slices)
        frame[window] = torch.lerp(frame[window].clone(), over, opacity)  # autograd needs the old values
    if composition.image is not None and (rests := resting(composition.regions, time)) is not None:
        box, share = rests
        window = (slice(None), *box.slices)
        there, share = frame[window].clone(), torch.from_numpy(share).to(frame)
        colors = torch.lerp(there[:3], composition.image[window], share)
        frame[window] = torch.cat([colors, there[3:4], there[4:] * (1 - share)])
    return frame


def _sources(region: Region, box: Box, time: int):
    """The source in the picture of a frame's pixels in a box, for each instant that the frame averages."""
    return (None if warp is None else warp.sources(box.positions(), time) for warp in region.instants(time))


def _margins(background: Region) -> tuple[int, int, int, int]:
    """Margins in px (left, top, right, bottom) that the camera brings into the picture, at most `MOST_AROUND` of its
    sides."""
    if background.warp is None or not background.exact:  # an estimated camera motion: the clip shows what comes in
        return 0, 0, 0, 0
    width, height = background.box.right, background.box.bottom
    corners = background.box.corners()
    sources = np.stack([background.sources(corners, time) for time in range(len(background.shown))])
    across, down = round(MOST_AROUND * width), round(MOST_AROUND * height)
    beyond = (-sources.real.min(), -sources.imag.min(), sources.real.max() + 1 - width, sources.imag.max() + 1 - height)
    most = (across, down, across, down)
    return tuple(int(np.clip(np.ceil(px), 0, limit)) for px, limit in zip(beyond, most, strict=True))


def _filled(
    regions: Sequence[Region],
    image: Tensor,
    left: np.ndarray,
    margins: tuple[int, int, int, int],
    plate: Tensor | None,
    fill_with: FillHole,
) -> Tensor:
    """The picture `[3, H', W']` with margins; they and what the regions leave, `left` `[H, W]` bool, are filled.

    Foreground objects are never continued into them, not even resting ones (`foreground_mask`). With a plate
    `[H, W, 3]`, what the regions leave comes from it, and only the margins are filled.
    """
    before, above, after, below = margins
    around, size = ((above, below), (before, after)), left.shape[::-1]
    wide = F.pad(image[None], (before, after, above, below), mode="replicate")[0]
    hole = np.pad(left, around, constant_values=True)
    if not hole.any():
        return wide
    objects = np.pad(foreground_mask(regions, size), around)
    pixels, missing = as_array(wide), hole
    if plate is not None:
        window = slice(above, above + size[1]), slice(before, before + size[0])
        pixels[window] = fill_from_plate(pixels[window], plate.detach().cpu().float().numpy(), left)
        missing = np.pad(np.zeros_like(left), around, constant_values=True)
    else:
        for region in regions:
            if region.fill_from is not None and region.moves:
                own, sources = (np.pad(of, around) for of in (union_of_holes([region], size), region.fill_from))
                others = objects | missing
                pixels = fill_with(pixels, own & missing, things=others, sources=sources, device=image.device)
                missing = missing & ~own
    filled = fill_with(pixels, missing, things=objects, device=image.device)
    filled = torch.from_numpy(filled).to(image).movedim(-1, 0)
    return torch.where(torch.from_numpy(hole).to(image.device), filled, wide)
