"""Cuts a picture's regions out, composes them before the filled background, and renders frames of the composition.

A cut is the opacity and foreground colour of each pixel along the edges of whole objects, so that hair and soft focus
move with the object and the old background does not; and the strength of shadows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

from ..common.interrupt import checkpoint, watched
from ..common.masks import MASKED
from ..geometry.grids import Box
from ..vision.inpainting.clean_plate import fill_from_plate
from ..vision.inpainting.fill import FillHole, fill_hole, in_frame
from ..vision.matting import matte, remains
from ..vision.matting.alpha import COLOR_MARGIN, own_colors
from ..vision.matting.cut_out import feathered, grown
from .borders import OPAQUE, come_in
from .layers import (
    NEUTRAL,
    OBJECT,
    SHADOW,
    SURROUNDINGS,
    Background,
    Composition,
    Frame,
    Layer,
    Region,
    disoccluded,
    foreground_mask,
    hole_of,
    union_of_holes,
)
from .regions import lies_over, resting
from .settings import FILLS

TOUCHING = 0.05  # part of the disparity by which what a layer touches may be nearer than it
SOFT = (3, 3)  # px, of the edge of what stands before a layer
MOST_AROUND = 0.5  # of the picture's sides: how far beyond them the fill reaches; beyond that, the edge is repeated
FINISHED_MARGIN = 3  # px around a grown and feathered cut: one for its edge, two for the rim of the hole
MIN_BRIGHTNESS = 0.02  # background below this is too dark to measure a shadow on
DARKEST = 0.95  # largest opacity
WINDOW, LEAST_WINDOW, MOST_WINDOW = 0.05, 5, 31  # median filter: of sqrt(area of the shadow), and limits in px
GRAIN = 1.0  # px, sigma of the blur before picture and background are compared
LEVELS = 255
Size = tuple[int, int]
CutRegion = Callable[[Region, np.ndarray], tuple[Region, "np.ndarray | None"]]
CutOut = Callable[[Sequence[Region], Tensor], tuple[Layer, ...]]
"""`cut`, or `dragnuwa.carry.draft.LargeCut` for a picture that is smaller than a run's."""


def cut(regions: Sequence[Region], image: Tensor, cut_one: CutRegion | None = None) -> tuple[Layer, ...]:
    """Layers with edges from the picture (`dragnuwa.vision.matting`): whole objects that move get their true opacity,
    colours and hole, also beyond their masks. Resting ones only get the finish that they ask for.

    Args:
        regions: with opacities from masks or segmentation. A shadow keeps its area until `with_shadows` measures it.
        image: `[3, H, W]` from 0 to 1.
        cut_one: as `cut_region`, which is the default.
    """
    pixels, before = None, None
    cut_one, layers = cut_one or cut_region, []
    for region in watched(regions):
        colors = None
        if is_cut(region):
            if pixels is None:
                pixels = as_array(image)
            if lies_over(region) and before is not None and before[0].opacity is region.opacity:
                colors = before[2]  # of the same object
                region = replace(before[1], warp=region.warp, exposures=region.exposures)
            else:
                before = (region, *cut_one(region, pixels))
                region, colors = before[1:]
        layers.append(layer_of(region, image, colors))
    return tuple(layers)


def cut_region(region: Region, pixels: np.ndarray) -> tuple[Region, np.ndarray | None]:
    """A region with its edge from the picture `[H, W, 3]` float32, and its colours `[h, w, 3]` there; None for the
    picture's own."""
    size, colors = pixels.shape[1::-1], None
    if _has_edge(region):
        region, colors = _with_edge(region, pixels, size)
    if _is_unfinished(region):
        region, colors = _finished(region, colors, pixels, size)
    return region, colors


def as_array(image: Tensor) -> np.ndarray:
    """`[H, W, 3]` float32 of a picture `[3, H, W]`."""
    return np.ascontiguousarray(image.detach().movedim(0, -1).cpu().float().numpy())


def is_cut(region: Region) -> bool:
    """Whether its edge comes from the picture, or has a finish."""
    return _has_edge(region) or _is_unfinished(region)


def _has_edge(region: Region) -> bool:
    moves = region.role == OBJECT and region.moves
    return moves and bool((region.opacity >= MASKED).any())  # what a clip's motion shows may lie beyond the picture


def _with_edge(region: Region, pixels: np.ndarray, size: Size) -> tuple[Region, np.ndarray]:
    found = matte(pixels, region.opacity_in(size))
    height, width = found.opacity.shape
    part = Box(found.left, found.top, found.left + width, found.top + height)
    hole = np.zeros(size[::-1], bool)
    hole[region.box.slices] = region.hole
    hole[part.slices] |= remains(pixels[part.slices], found.opacity, size)
    hole = hole[part.slices]
    weight = hole.astype(np.float32)
    return replace(region, box=part, opacity=found.opacity, weight=weight, hole=hole, soft=True), found.colors


def _is_unfinished(region: Region) -> bool:
    return region.role != SURROUNDINGS and (region.grow != 0 or region.feather != 0)


def _finished(
    region: Region, colors: np.ndarray | None, pixels: np.ndarray, size: Size
) -> tuple[Region, np.ndarray | None]:
    """A region with the finish (grow, feather) that it asks for.

    It is applied after matting, which would snap a cut that has grown or shrunk by a few pixels back to the edge. The
    area that the object covered before stays in its hole; otherwise a shrunk cut would leave its old rim behind. The
    outer half of a feather extends the object's own colours, not the background's; a grown area shows the picture, as
    if the outline had been drawn further out.
    """
    beyond = max(region.grow, 0) + region.feather / 2
    box = region.box.grown(math.ceil(beyond) + FINISHED_MARGIN).within(*size)
    whole = region.opacity_in(size)[box.slices]
    shape = grown(whole, region.grow) if region.grow else whole
    if colors is not None:  # a resting layer shows the picture's own pixels
        colors = own_colors(
            np.ascontiguousarray(pixels[box.slices]), shape, COLOR_MARGIN + math.ceil(region.feather / 2)
        )
    opacity = feathered(shape, region.feather) if region.feather else shape
    hole = union_of_holes([region], size)[box.slices] | hole_of(opacity, 0)
    done = replace(region, grow=0.0, feather=0.0)
    return replace(done, box=box, opacity=opacity, weight=hole.astype(np.float32), hole=hole), colors


def layer_of(region: Region, image: Tensor, colors: np.ndarray | None) -> Layer:
    """A region with its pixels of a picture `[3, H, W]`: exactly the picture's where it is opaque, and `colors`
    `[h, w, 3]` elsewhere, if there are any."""
    shown = image[(slice(None), *region.box.slices)]
    if colors is not None:
        edge = torch.from_numpy(region.opacity < 1).to(image.device)
        shown = torch.where(edge, torch.from_numpy(colors).to(image).movedim(-1, 0), shown)
    own = torch.from_numpy(np.stack([region.weight, region.opacity])).to(image)
    height, width = image.shape[1:]
    return Layer(region, torch.cat([shown, own]), Box(0, 0, width, height))


def with_shadows(layers: tuple[Layer, ...], image: Tensor, plate: Tensor) -> tuple[Layer, ...]:
    """Layers with the measured strength of their shadows: they darken what they fall on, instead of covering it.

    A shadow is a layer of one dark colour c whose opacity a says how much of the background's light it blocks: where
    the picture p shows it over the background g, p = (1 - a) g + a c. g is the filled background, so the strength of a
    shadow is measured after filling; texture is averaged out, since that of the fill differs.

    Args:
        layers: with shadows as drawn, opaque in their outlines.
        image: `[3, H, W]` from 0 to 1.
        plate: the same without the moving objects and their shadows.
    """
    if not any(layer.region.role == SHADOW for layer in layers):
        return layers
    pixels, ground = as_array(image), as_array(plate)
    objects = (layer.region for layer in layers if layer.region.role != SHADOW)
    covered = union_of_holes(objects, pixels.shape[1::-1])

    def measured_layer(layer: Layer) -> Layer:
        box = layer.region.box.slices
        region, colors = measured(layer.region, pixels[box], ground[box], covered[box])
        return layer_of(region, image, colors)

    return tuple(measured_layer(layer) if layer.region.role == SHADOW else layer for layer in layers)


def measured(region: Region, shown: np.ndarray, ground: np.ndarray, covered: np.ndarray) -> tuple[Region, np.ndarray]:
    """A shadow with its opacity, and its colours `[h, w, 3]`.

    Args:
        shown, ground: `[h, w, 3]` in its box, the picture and the background.
        covered: `[h, w]` bool, where objects cover it.
    """
    seen = region.hole & ~covered
    opacity, color = np.zeros(region.hole.shape, np.float32), np.zeros(3, np.float32)
    if seen.any():
        light = [cv2.GaussianBlur(each, (0, 0), GRAIN) for each in (shown, ground)]  # [h, w, 3]
        channel = int(np.argmin(light[0][seen].sum(0) / np.maximum(light[1][seen].sum(0), MIN_BRIGHTNESS)))
        taken = 1 - light[0][..., channel] / np.maximum(light[1][..., channel], MIN_BRIGHTNESS)
        opacity = _smoothed(taken.clip(0, DARKEST).astype(np.float32), seen, region.hole)
        left = light[0] - (1 - opacity[..., None]) * light[1]
        color = left[seen].sum(0) / max(opacity[seen].sum(), MIN_BRIGHTNESS)
    colors = np.broadcast_to(color.clip(0, 1).astype(np.float32), shown.shape).copy()
    return replace(region, opacity=opacity, soft=True), colors


def _smoothed(opacity: np.ndarray, seen: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """`[h, w]`: the opacity without the background's texture; extended under objects from beside them, and 0 outside
    the shadow."""
    nearest = ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True)
    opacity = np.where(inside, opacity[tuple(nearest)], 0)
    size = int(np.clip(WINDOW * np.sqrt(inside.sum()), LEAST_WINDOW, MOST_WINDOW)) | 1
    median = cv2.medianBlur((opacity * LEVELS).round().astype(np.uint8), size).astype(np.float32) / LEVELS
    return np.where(inside, cv2.GaussianBlur(median, (0, 0), size / 4), 0).astype(np.float32)


def compose(
    background: Region,
    layers: tuple[Layer, ...],
    image: Tensor,
    fill: str = FILLS[0],
    *,
    plate: Tensor | None = None,
    fill_with: FillHole = fill_hole,
) -> Composition:
    """Puts what was cut out of a picture over its background, filled behind it.

    Args:
        background: the whole picture, which moves with the camera or rests.
        layers: in front of it, from back to front, as they were `cut` out of the picture.
        image: `[3, H, W]` from 0 to 1, of their size.
        fill: as `CarrySettings.fill`; without effect if there is a plate.
        plate: `[H, W, 3]` from 0 to 1, of the picture's size: a clean plate of what lies behind the objects.
        fill_with: fills holes.

    Raises:
        InputError: if the plate shows something else around the objects.
    """
    checkpoint()
    regions = [layer.region for layer in layers]
    height, width = image.shape[1:]
    left = disoccluded(regions, (width, height))
    neutral = fill != FILLS[0] and plate is None
    around = (0, 0, 0, 0) if neutral else _margins(background)
    frame_box = Box(around[0], around[1], around[0] + width, around[1] + height)
    window = (slice(None), *frame_box.slices)
    things = None if background.fill_from is None else ~background.fill_from
    filled = _filled(Uncovered(regions, left[0], around, things), image, plate, fill_with)
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
    return Frame(pixels.clamp_(0, 1), frame.disparity)  # rounding and bicubic interpolation overshoot


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
    box = region.reach(time, layer.box).within(width, height)
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

    moved, opacity = layer.exposed(exposures(), time)
    over = torch.cat([moved, torch.zeros_like(moved[:2])])
    if layer.limits != picture:  # it goes on beyond the picture, which does not show that
        over[4] = torch.from_numpy(~picture.holds(sources)).to(over)
    if frame.disparity is not None:
        opacity = _in_depth(frame.disparity[box.slices], opacity, disparity, region.is_shadow)
    there = frame.pixels[(slice(None), *box.slices)]
    if over.requires_grad or opacity.requires_grad or there.requires_grad:
        there.copy_(torch.lerp(there.clone(), over, opacity))  # autograd needs the old values
    else:
        there.lerp_(over, opacity)


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
    across, down = round(MOST_AROUND * width), round(MOST_AROUND * height)
    margins = np.minimum(come_in(background, (width, height)), (across, down, across, down))
    return tuple(int(px) for px in margins)


@dataclass(frozen=True)
class Uncovered:
    """What is to be filled in a picture.

    Attributes:
        regions: in front of the background.
        left: `[H, W]` bool, what they uncover.
        margins: px to the left, above, to the right and below, which are filled, too.
        things: `[H, W]` bool, what is no ground, as far as that is known.
    """

    regions: Sequence[Region]
    left: np.ndarray
    margins: tuple[int, int, int, int]
    things: np.ndarray | None


def _filled(uncovered: Uncovered, image: Tensor, plate: Tensor | None, fill_with: FillHole) -> Tensor:
    """The picture `[3, H', W']` with margins; they and what the regions leave are filled.

    Foreground objects are never continued into them, not even resting ones (`foreground_mask`), and other things are
    never copied. With a plate `[H, W, 3]`, what the regions leave comes from it, and only the margins are filled.
    """
    regions, left, things = uncovered.regions, uncovered.left, uncovered.things
    before, above, after, below = uncovered.margins
    around, size = ((above, below), (before, after)), left.shape[::-1]
    wide = F.pad(image[None], (before, after, above, below), mode="replicate")[0]
    hole = np.pad(left, around, constant_values=True)
    if not hole.any():
        return wide
    objects = np.pad(foreground_mask(regions, size, things), around)
    things = None if things is None else np.pad(things, around)
    pixels, missing, fill_with = as_array(wide), hole, in_frame(fill_with, uncovered.margins)
    if plate is not None:
        window = slice(above, above + size[1]), slice(before, before + size[0])
        pixels[window] = fill_from_plate(pixels[window], plate.detach().cpu().float().numpy(), left)
        missing = np.pad(np.zeros_like(left), around, constant_values=True)
    else:
        for region in regions:
            if region.fill_from is not None and region.moves:
                own, sources = (np.pad(of, around) for of in (union_of_holes([region], size), region.fill_from))
                others = objects | missing
                pixels = fill_with(pixels, own & missing, foreground=others, sources=sources, device=image.device)
                missing = missing & ~own
    filled = fill_with(pixels, missing, foreground=objects, things=things, device=image.device)
    filled = torch.from_numpy(filled).to(image).movedim(-1, 0)
    return torch.where(torch.from_numpy(hole).to(image.device), filled, wide)
