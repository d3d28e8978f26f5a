"""Layers of a picture with depth: what is dragged is cut out of it, at its own depth, and seen by a moving camera over
what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.errors import InputError
from ...common.interrupt import checkpoint, watched
from ...geometry.grids import Box
from ...vision.inpainting.fill import FillHole, fill_hole, smooth_fill
from ..borders import OPAQUE, continued, cut_off, ends_at_borders
from ..find import Found
from ..layers import Composition, Layer, Region
from ..rendering import as_array, compose, cut
from .background import DepthBackground, InpaintedBackground, inpaint_if_seen
from .camera import PinholeCamera, is_at_rest
from .projected import Projected, Relief, foot_of, ground_under, own_disparity, projected
from .readers import DrawnDepth
from .scene import DepthScene

BLURRED = 0.006  # of the picture's longer side: how far beyond a layer its depth reaches
IN_FRONT_RATIO = 1.1  # times as near as a layer: what stands before it, and is not what lies behind
MAX_MARGIN = 0.3  # of the picture's longer side
MARGIN_FACTOR = 1.15  # than what comes into view
MIN_MARGIN = 2  # px
BORDER_POINTS = 5  # points of a border by which it is followed


@dataclass(frozen=True)
class LayeredScene:
    """A picture with depth, of which the layers that move were cut out.

    Attributes:
        flat: the composition without depth.
        scene: what the picture shows, with its layers.
        ground: the same without the layers that were cut out.
        layers: those, from back to front, with their motion in the picture.
        reliefs: where each of them is in depth.
        drawn: `[N]` complex, where drags and objects begin, in pixels.
    """

    flat: Composition
    scene: DepthScene
    ground: DepthScene
    layers: tuple[Layer, ...]
    reliefs: tuple[Relief, ...]
    drawn: np.ndarray

    @property
    def image(self) -> Tensor:
        """`[3, H, W]`: the picture, fitted to the clip."""
        return self.flat.image

    @cached_property
    def resting(self) -> np.ndarray:
        """`[H, W, 3]` float32: the picture without the layers that were cut out."""
        return as_array(self.flat.background.resting[:3])

    @cached_property
    def hole(self) -> np.ndarray:
        """`[H, W]` float32, 1 where something was cut out and filled."""
        return self.flat.disoccluded[0].astype(np.float32)

    def inpainted(
        self, cameras: Sequence[PinholeCamera], fill_with: FillHole = fill_hole, nearest_borders: bool = True
    ) -> InpaintedBackground | None:
        """What lies behind the scene's near parts, as far as cameras see it; None if they see the picture itself.
        `nearest_borders` as of `inpaint_background`."""
        ground_only = self.flat.background.region.fill_from
        things = None if ground_only is None else ~ground_only
        return inpaint_if_seen(self.ground, self.resting, cameras, fill_with, things, nearest_borders)

    def seen_by(
        self,
        cameras: Sequence[PinholeCamera],
        times: Sequence[int],
        device: torch.device | str = "cpu",
        fill_with: FillHole = fill_hole,
    ) -> Composition:
        """What cameras see, one for each frame, in the frames of some times.

        Layers that the picture's border cuts off go on beyond it, as far as the cameras bring that into view.
        """
        layers = (
            replace(layer, region=projected(layer.region, relief, cameras, self.scene))
            for layer, relief in zip(self.layers, self.reliefs, strict=True)
        )
        layers = tuple(extended_past_border(layer, self.scene, cameras) for layer in layers)
        inpainted = self.inpainted([cameras[time] for time in times], fill_with)
        ground = DepthBackground(self.ground, self.resting, self.hole, inpainted, cameras, device)
        image = self.image if is_at_rest(cameras[0], self.scene) else None
        return Composition(ground, layers, image)


def cut_out(
    found: Found,
    start: Tensor,
    depth: DepthScene | DrawnDepth,
    grows: bool = False,
    fill_with: FillHole = fill_hole,
) -> LayeredScene:
    """
    Args:
        found: what the drawing moves in the picture.
        start: `[3, H, W]` from 0 to 1, the picture fitted to the clip.
        depth: of the clip's size; or depth drawn by hand, of which every object is cut out, whether it moves or rests.
        grows: as of `Relief`.
        fill_with: fills what lies behind the layers.

    Raises:
        InputError: if the drags move the whole picture.
    """
    if found.background.moves:
        raise InputError(
            "These drags move the whole picture, as a flat camera does. Remove them, and move the camera by this "
            "node's own inputs, such as truck and dolly."
        )
    by_hand = isinstance(depth, DrawnDepth)
    # By hand, what rests moves before what is behind it, too.
    regions = [region.as_moving() for region in found.regions] if by_hand else found.regions
    flat = compose(found.background, cut(regions, start), start, fill_with=fill_with)
    layers = [layer for layer in flat.layers if layer.region.moves]  # what rests stays a part of the scene
    if by_hand:
        return _by_hand(flat, layers, depth, _starts(found), grows)
    return _measured(flat, layers, depth, _starts(found), grows)


def _starts(found: Found) -> np.ndarray:
    """`[N]` complex: where the visible drags and the objects begin."""
    drawing = found.drawing
    pivots = np.array([each.pivot for each in drawing.objects]).reshape(-1, 2) * drawing.clip.size - 0.5
    return np.concatenate([drawing.tracks[drawing.visible[:, 0], 0], pivots[:, 0] + 1j * pivots[:, 1]])


def _by_hand(
    flat: Composition, layers: Sequence[Layer], depth: DrawnDepth, drawn: np.ndarray, grows: bool
) -> LayeredScene:
    size = flat.size
    ground, reliefs = depth.scene(size), []
    for number, layer in enumerate(layers):
        of = layers[number + _to_object(layers, number)].region
        foot = foot_of(of)
        own = depth.disparity(foot, size[1]) if of.distance is None else 1 / of.distance
        stands = of.distance is None and own > 1 / depth.farthest
        disparity = np.full(layer.region.opacity.shape, own, np.float32)
        reliefs.append(Relief(disparity, foot, depth.ground(size[1]) if stands else None, grows))
    seen = ground.disparity.copy()
    for layer, relief in zip(layers, reliefs, strict=True):
        seen[layer.region.box.slices][layer.region.opacity >= OPAQUE] = relief.disparity.flat[0]
    return LayeredScene(flat, DepthScene(seen, ground.intrinsics), ground, tuple(layers), tuple(reliefs), drawn)


def _measured(
    flat: Composition, layers: Sequence[Layer], scene: DepthScene, drawn: np.ndarray, grows: bool
) -> LayeredScene:
    disparity, hole, reliefs = scene.disparity, flat.disoccluded[0], []
    for number, layer in enumerate(watched(layers)):
        of = layers[number + _to_object(layers, number)].region
        own, smooth = own_disparity(scene, of)
        ground = ground_under(scene, of, own, hole)
        if layer.region.is_shadow:
            own = np.full(layer.region.opacity.shape, np.median(own), np.float32)
        else:
            disparity = _without(disparity, layer.region, own)
        reliefs.append(Relief(own, foot_of(of), ground, grows, smooth))
    without = DepthScene(disparity, scene.intrinsics)
    return LayeredScene(flat, scene, without, tuple(layers), tuple(reliefs), drawn)


def _to_object(layers: Sequence[Layer], number: int) -> int:
    """1 for a shadow, which lies behind the next layer, its object; 0 for others."""
    return int(layers[number].region.is_shadow and number + 1 < len(layers))


def _without(disparity: np.ndarray, region: Region, own: np.ndarray) -> np.ndarray:
    """`[H, W]`: the disparity with the place of a region, whose own is `own`, filled from around it, but not from what
    stands before it."""
    hole = np.zeros(disparity.shape, np.uint8)
    hole[region.box.slices] = region.hole
    reach = max(2, round(BLURRED * max(disparity.shape)))
    wide = cv2.dilate(hole, np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    around = cv2.dilate(wide.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    before = around & ~(hole > 0) & (disparity > IN_FRONT_RATIO * np.median(own))
    filled = smooth_fill(disparity[..., None], wide | before)[..., 0]
    return np.where(wide & ~before, filled, disparity).astype(np.float32)


def owners(layers: Sequence[Layer], positions: np.ndarray) -> np.ndarray:
    """`[N]`: for points `[N]` (complex) of the picture the number of the foremost layer there, or -1."""
    found = np.full(len(positions), -1)
    for number, layer in enumerate(layers):
        region = layer.region
        if not region.is_shadow:
            inside = region.box.holds(positions)
            at = np.where(inside, positions - (region.box.left + 1j * region.box.top), 0)
            opacity = region.opacity[np.rint(at.imag).astype(int), np.rint(at.real).astype(int)]
            found[inside & (opacity >= OPAQUE)] = number
    return found


def extended_past_border(layer: Layer, scene: DepthScene, cameras: Sequence[PinholeCamera]) -> Layer:
    """A layer that the picture's border cuts off, continued beyond it as far as moving cameras bring that into view:
    mirrored at the border, which leaves neither a seam nor a blur there.

    The layer as it is where nothing of it is cut off by the border of the picture that `scene` is of.
    """
    width, height = scene.size
    region, size = layer.region, np.array([width, height, width, height])
    if (ends := ends_at_borders(region, scene.size)) is None:
        return layer
    wanted = np.zeros(4)
    for time in range(len(cameras)):
        checkpoint()
        wanted = np.fmax(wanted, _come_in(region, scene, time))
    margins = np.minimum(np.ceil(wanted * MARGIN_FACTOR) + MIN_MARGIN, MAX_MARGIN * size.max())
    margins = np.where(cut_off(ends), margins, 0).astype(int)
    return _with_margins(layer, margins, ends) if margins.any() else layer


def _come_in(region: Region, scene: DepthScene, time: int) -> np.ndarray:
    """`[4]`: how far the picture's borders (left, top, right, bottom) have come into a frame, in the region's
    pixels."""
    (width, height), box, warp = scene.size, region.box, region.warp
    x, y = np.linspace(box.left, box.right - 1, BORDER_POINTS), np.linspace(box.top, box.bottom - 1, BORDER_POINTS)
    on = [0 + 1j * y, x + 0j, width - 1 + 1j * y, x + 1j * (height - 1)]
    found = [warp.project(each, time) for each in on]  # [BORDER_POINTS, 3] each
    own = float(np.median(warp.relief.disparity))
    seen = found[0][np.isfinite(found[0][:, 2]), 2]  # none of it where all of it is behind the camera
    enlarged = max(float(np.median(seen)) / own if own > 0 and len(seen) else 1.0, 0.2)
    into = [found[0][:, 0].max(), found[1][:, 1].max(), width - 1 - found[2][:, 0].min(),
            height - 1 - found[3][:, 1].min()]  # fmt: skip
    return np.nan_to_num(np.array(into)) / enlarged


def _with_margins(layer: Layer, margins: np.ndarray, ends: tuple[int, int, int, int]) -> Layer:
    """A layer with margins (left, top, right, bottom) beyond what the picture shows of it; `ends` are how far from each
    border it ends."""
    left, top, right, bottom = margins = tuple(int(each) for each in margins)
    region = layer.region
    if (pixels := continued(layer, margins, ends)) is None:
        return layer
    box = Box(region.box.left - left, region.box.top - top, region.box.right + right, region.box.bottom + bottom)
    wide = ((top, bottom), (left, right))

    def moved_box(warp: Projected) -> Projected:
        relief = replace(warp.relief, disparity=np.pad(warp.relief.disparity, wide, mode="edge"))
        return replace(warp, relief=relief, box=box)

    region = replace(
        region,
        box=box,
        opacity=pixels[4],
        weight=pixels[3],
        hole=np.pad(region.hole, wide),
        warp=moved_box(region.warp),
        exposures=tuple(moved_box(warp) for warp in region.exposures),
    )
    return Layer(region, torch.from_numpy(pixels).to(layer.pixels), box)
