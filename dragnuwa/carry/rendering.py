"""Rendering: the frames of a stack of layers, from the picture's own pixels and the filled background."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..common.interrupt import checkpoint, watched
from ..geometry.grids import Box, for_grid_sample
from ..vision.inpainting.clean_plate import fill_from_plate
from ..vision.inpainting.fill import FillHole, fill_hole
from .bent import resting
from .cut import own_pixels, with_edges, with_shadows
from .layers import Layer, Stack, holes
from .settings import FILLS

FAINTEST = 1e-6  # least opacity used as a divisor
NEUTRAL = 0.5  # grey
MOST_AROUND = 0.5  # of the picture's sides: how far beyond them the fill reaches; beyond that, the edge is repeated


@dataclass(frozen=True)
class Rendering:
    """The layers of a picture with their pixels, computed once by `rendering`.

    Attributes:
        stack: the layers, with their edges.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
        plate: `[6, H', W']`, the background without the moving objects, with margins for a moving camera: colours,
            carried, disoccluded, cleared.
        frame_box: the picture in the plate.
        things: for each layer in front `[5, h, w]` in its box: colours, weight, opacity.
        neutral: whether what the camera brings in at the border is grey.
    """

    stack: Stack
    image: Tensor
    plate: Tensor
    frame_box: Box
    things: tuple[Tensor, ...]
    neutral: bool

    @property
    def is_filled_around(self) -> bool:
        """Whether the plate has margins for a moving camera."""
        return self.plate.shape[1:] != self.image.shape[1:]

    @property
    def resting_ground(self) -> Tensor:
        """`[6, H, W]`, a view: the background where the picture has it, as `ground`."""
        return self.plate[(slice(None), *self.frame_box.slices)]

    def frame(self, time: int) -> Tensor:
        """As `composed`, but frame 0 is the picture, where nothing is disoccluded yet."""
        frame = self.composed(time)
        return torch.cat([self.image, frame[3:4], torch.zeros_like(frame[4:])]).clamp(0, 1) if time == 0 else frame

    def composed(self, time: int) -> Tensor:
        """`[6, H, W]` from 0 to 1: the colours of a frame; how much of each pixel is carried, is disoccluded or brought
        in by the camera, and is disoccluded by whole objects."""
        ground, (width, height) = self.stack.background, self.stack.size
        frame = self.ground(None if ground.warp is None else ground.sources(ground.box.positions(), time))
        for number, layer in enumerate(self.stack.things):
            box = layer.reach(time).within(width, height)
            if not layer.shown[time] or box.empty:
                continue
            checkpoint()
            warps = layer.instants(time)
            sources = (None if warp is None else warp.sources(box.positions(), time) for warp in warps)
            moved, opacity = self.exposed(number, sources)
            over = torch.cat([moved, torch.zeros_like(moved[:2])])
            window = (slice(None), *box.slices)
            frame[window] = torch.lerp(frame[window].clone(), over, opacity)  # autograd needs the old values
        if (rests := resting(self.stack, time)) is not None:
            box, share = rests
            there, share = frame[(slice(None), *box.slices)].clone(), torch.from_numpy(share).to(frame)
            colors = torch.lerp(there[:3], self.image[(slice(None), *box.slices)], share)
            frame[(slice(None), *box.slices)] = torch.cat([colors, there[3:4], there[4:] * (1 - share)])
        return frame.clamp(0, 1)  # rounding and bicubic interpolation overshoot

    def ground(self, sources: np.ndarray | None) -> Tensor:
        """The background at any points of a frame.

        Args:
            sources: `[h, w]` complex, the corresponding points of the picture; None for the picture itself.

        Returns:
            `[6, h, w]`, as `frame`.
        """
        if sources is None:
            return self.resting_ground.clone()
        in_plate = sources + (self.frame_box.left + 1j * self.frame_box.top)
        moved = torch.cat([_look_up(self.plate[:3], in_plate, "bicubic"), _look_up(self.plate[3:], in_plate)])
        inside = torch.from_numpy(self.stack.background.box.holds(sources)).to(moved)  # [h, w]
        if self.neutral:
            moved[:3] = torch.lerp(torch.full_like(moved[:3], NEUTRAL), moved[:3], inside)
        moved[4] = torch.lerp(torch.ones_like(inside), moved[4], inside)
        moved[5] *= inside
        moved[3] = 1 - moved[4]
        return moved

    def exposed(self, number: int, sources: Iterable[np.ndarray | None]) -> tuple[Tensor, Tensor]:
        """A motion-blurred layer: the mean over several instants, with colours weighted by opacity.

        Args:
            sources: for each of one or more instants, as `thing` takes them; consumed one by one, to save memory.

        Returns:
            As `thing`.
        """
        sources = iter(sources)
        moved, opacity = self.thing(number, next(sources))
        count = 1
        for count, positions in enumerate(sources, 2):
            if count == 2:
                moved = moved * opacity
            other, share = self.thing(number, positions)
            moved, opacity = moved + other * share, opacity + share
        if count == 1:
            return moved, opacity  # exact to the last bit
        return moved / opacity.clamp(min=FAINTEST), opacity / count

    def thing(self, number: int, sources: np.ndarray | None) -> tuple[Tensor, Tensor]:
        """A layer at any points of a frame, whether it is visible there or not.

        Args:
            sources: `[h, w]` complex, the corresponding points of the picture, NaN where unknown; None for its box.

        Returns:
            `[4, h, w]`, its colours and weight; and `[1, h, w]`, its opacity.
        """
        pixels, box = self.things[number], self.stack.things[number].box
        if sources is None:
            return pixels[:4], pixels[4:]  # exact to the last bit
        inside = self.stack.background.box.holds(sources)
        origin = box.left + 1j * box.top
        in_box = np.where(inside, sources, origin) - origin
        own = _look_up(pixels[3:], in_box)
        return (
            torch.cat([_look_up(pixels[:3], in_box, "bicubic"), own[:1]]),
            own[1:] * torch.from_numpy(inside).to(own),
        )


def rendering(
    stack: Stack,
    image: Tensor,
    fill: str = FILLS[0],
    *,
    background: Tensor | None = None,
    fill_with: FillHole = fill_hole,
) -> Rendering:
    """Cuts out a picture's layers along its edges (`dragnuwa.carry.cut`), and fills the background behind them.

    Args:
        stack: the layers, from masks or segmentation.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
        fill: as `CarrySettings.fill`; without effect if there is a background.
        background: `[H, W, 3]` from 0 to 1, of the stack's size: a clean plate of what lies behind the objects.
        fill_with: fills holes.

    Raises:
        InputError: if the background shows something else around the objects.
    """
    checkpoint()
    stack = with_edges(stack, image)
    neutral = fill != FILLS[0] and background is None
    margins = (0, 0, 0, 0) if neutral else _margins(stack)
    left, top, right, bottom = margins
    width, height = stack.size
    frame_box = Box(left, top, left + width, top + height)
    window = (slice(None), *frame_box.slices)
    wide = F.pad(image[None], (left, right, top, bottom), mode="replicate")[0]
    filled = _filled(stack, wide, margins, background, fill_with)
    stack = with_shadows(stack, image, filled[window])
    plate = torch.cat([filled, torch.zeros_like(filled)])
    plate[4:][window] = torch.from_numpy(stack.left).to(image)
    if neutral:
        plate[:3][window] = torch.where(plate[4:5][window] > 0, NEUTRAL, image)
    things = tuple(cut_out(image, layer) for layer in watched(stack.things))
    return Rendering(stack, image, plate, frame_box, things, neutral)


def _margins(stack: Stack) -> tuple[int, int, int, int]:
    """Margins in px (left, top, right, bottom) that the camera brings into the picture, at most `MOST_AROUND` of its
    sides."""
    ground = stack.background
    if ground.warp is None or not ground.exact:  # an estimated camera motion: the clip itself shows what comes in
        return 0, 0, 0, 0
    width, height = stack.size
    sources = np.stack([ground.sources(ground.box.corners(), time) for time in range(len(ground.shown))])
    across, down = round(MOST_AROUND * width), round(MOST_AROUND * height)
    beyond = (-sources.real.min(), -sources.imag.min(), sources.real.max() + 1 - width, sources.imag.max() + 1 - height)
    most = (across, down, across, down)
    return tuple(int(np.clip(np.ceil(px), 0, limit)) for px, limit in zip(beyond, most, strict=True))


def _filled(
    stack: Stack, image: Tensor, margins: tuple[int, int, int, int], background: Tensor | None, fill_with: FillHole
) -> Tensor:
    """The image `[3, H', W']` with margins; the areas behind moving layers and the margins are filled. Foreground
    objects are never continued into them, not even resting ones (`Stack.not_ground`). With a background `[H, W, 3]`,
    the areas behind layers come from it, and only the margins are filled."""
    left, top, right, bottom = margins
    around = ((top, bottom), (left, right))
    hole = np.pad(stack.left[0], around, constant_values=True)
    if not hole.any():
        return image
    things = np.pad(stack.not_ground, around)
    pixels = np.ascontiguousarray(image.detach().movedim(0, -1).cpu().float().numpy())
    missing = hole
    if background is not None:
        window = slice(top, top + stack.size[1]), slice(left, left + stack.size[0])
        plate = background.detach().cpu().float().numpy()
        pixels[window] = fill_from_plate(pixels[window], plate, stack.left[0])
        missing = np.pad(np.zeros_like(stack.left[0]), around, constant_values=True)
    else:
        for layer in stack.things:
            if layer.fill_from is not None and layer.warp is not None:
                own, sources = (np.pad(of, around) for of in (holes([layer], stack.size), layer.fill_from))
                pixels = fill_with(pixels, own & missing, things=things | missing, sources=sources, device=image.device)
                missing = missing & ~own
    filled = fill_with(pixels, missing, things=things, device=image.device)
    filled = torch.from_numpy(filled).to(image).movedim(-1, 0)
    return torch.where(torch.from_numpy(hole).to(image.device), filled, image)


def cut_out(image: Tensor, layer: Layer) -> Tensor:
    """`[5, h, w]` of the layer's box: colours, weight, opacity."""
    own = torch.from_numpy(np.stack([layer.weight, layer.opacity])).to(image)
    return torch.cat([own_pixels(image, layer), own])


def _look_up(picture: Tensor, positions: np.ndarray, mode: str = "bilinear") -> Tensor:
    """Samples `[C, h, w]` at points `[H, W]` (complex, pixels), clamped to the edge."""
    height, width = picture.shape[-2:]
    grid = torch.from_numpy(for_grid_sample(positions, width, height)).to(picture)  # [H, W, 2]
    return F.grid_sample(picture[None], grid[None], mode=mode, padding_mode="border", align_corners=False)[0]
