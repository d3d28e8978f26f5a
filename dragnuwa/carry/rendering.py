"""Composes a picture's regions, and renders frames of a composition, from the picture's own pixels and the filled
background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
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
from .layers import NEUTRAL, Background, Composition, Frame, Layer, Region, disoccluded, foreground_mask, union_of_holes
from .settings import FILLS

TOUCHING = 0.05  # part of the disparity by which what a layer touches may be nearer than it
OPAQUE = 0.5  # opacity from which a pixel shows a layer, and has its disparity
SOFT = (3, 3)  # px, of the edge of what stands before a layer
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
    frame, image = composition.background.at(time), composition.image
    for layer in _from_back(composition.layers, time, in_depth=frame.disparity is not None):
        _put(frame, layer, time, composition.background.region.box)
    if image is not None:
        _leave_at_rest(frame.pixels, composition, time)
    pixels = frame.pixels
    if time == 0 and image is not None:
        pixels = torch.cat([image, pixels[3:4], torch.zeros_like(pixels[4:])])
    return Frame(pixels.clamp(0, 1), frame.disparity)  # rounding and bicubic interpolation overshoot


def _from_back(layers: Sequence[Layer], time: int, in_depth: bool) -> list[Layer]:
    """The layers that a frame shows: as they are, but in a picture with depth from far to near, a shadow behind its
    object."""
    shown = [(number, layer) for number, layer in enumerate(layers) if layer.region.shown[time]]
    if not in_depth:
        return [layer for _, layer in shown]

    def distance(numbered: tuple[int, Layer]) -> float:
        number, layer = numbered
        has_object = layer.region.is_shadow and number + 1 < len(layers)
        return (layers[number + 1] if has_object else layer).region.warp.nearness(time)

    return [layer for _, layer in sorted(shown, key=distance)]


def _put(frame: Frame, layer: Layer, time: int, picture: Box) -> None:
    """Puts a layer over a frame, where nothing nearer is seen."""
    region, (height, width) = layer.region, frame.pixels.shape[1:]
    box = region.reach(time).within(width, height)
    if box.empty:
        return
    checkpoint()
    positions, sources, disparity = box.positions(), None, None

    def exposures() -> Iterator[np.ndarray | None]:
        nonlocal sources, disparity
        for warp in region.instants(time):
            if frame.disparity is None:
                sources = None if warp is None else warp.sources(positions, time)
            else:
                sources, disparity = warp.seen(positions, time)
            yield sources

    moved, opacity = layer.exposed(exposures())
    over = torch.cat([moved, torch.zeros_like(moved[:2])])
    if layer.limits != picture:  # it goes on beyond the picture, which does not show that
        over[4] = torch.from_numpy(~picture.holds(sources)).to(over)
    if frame.disparity is not None:
        opacity = _in_depth(frame.disparity[box.slices], opacity, disparity, region.is_shadow)
    window = (slice(None), *box.slices)
    frame.pixels[window] = torch.lerp(frame.pixels[window].clone(), over, opacity)  # autograd needs the old values


def _in_depth(before: np.ndarray, opacity: Tensor, disparity: np.ndarray, is_shadow: bool) -> Tensor:
    """`[1, h, w]`: the opacity of a layer of some disparity `[h, w]` where nothing nearer is seen; `before` `[h, w]`,
    the disparity of what is seen, becomes the layer's where that is opaque."""
    visible = (disparity >= before * (1 - TOUCHING)).astype(np.float32)
    visible = cv2.blur(visible, SOFT, borderType=cv2.BORDER_REPLICATE)
    opacity = opacity * torch.from_numpy(visible).to(opacity)
    if not is_shadow:
        opaque = (opacity[0] >= OPAQUE).cpu().numpy() & (disparity >= 0)
        np.copyto(before, np.maximum(disparity, before).astype(np.float32), where=opaque)
    return opacity


def _leave_at_rest(pixels: Tensor, composition: Composition, time: int) -> None:
    """Shows the picture itself around the part of what bends that rests."""
    if (rests := resting(composition.regions, time)) is None:
        return
    box, share = rests
    window = (slice(None), *box.slices)
    there, share = pixels[window].clone(), torch.from_numpy(share).to(pixels)
    colors = torch.lerp(there[:3], composition.image[window], share)
    pixels[window] = torch.cat([colors, there[3:4], there[4:] * (1 - share)])


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
