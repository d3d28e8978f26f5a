"""Cuts dragged things out of a picture with depth, and puts them back over what a moving camera sees behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import fit
from ...common.interrupt import checkpoint, watched
from ...geometry.grids import Box
from ...geometry.similarity import SimilarityTransform
from ...geometry.warps import SimilarityWarp
from ...trajectory import SampledTracks, Trajectories
from ...vision.inpainting.fill import FillHole, fill_hole, smooth_fill
from ..bent import PinTracks, lies_over
from ..find import find
from ..layers import Layer, Stack
from ..rendering import FAINTEST, Rendering, rendering
from ..settings import CarrySettings
from .camera import PinholeCamera
from .readers import DrawnDepth
from .scene import DepthScene
from .things import OPAQUE, Thing, as_whole, continued, foot_of, ground_under, own_disparity

TOUCHING = 0.05  # part of the disparity by which what a thing touches may be nearer than it
BLURRED = 0.006  # of the picture's longer side: how far beyond a thing its depth reaches
NEARER = 1.1  # times as near as a thing: what stands before it, and is not what lies behind
SOFT = (3, 3)  # px, of the edge of what stands before a thing
NOTHING = np.zeros(0, complex)


@dataclass(frozen=True)
class CutThings:
    """
    Attributes:
        rendered: Carry's layers of the picture, with their edges, and the background filled behind them.
        scene: what the picture shows, with its things.
        ground: the same without the things that were cut out.
        things: those, from back to front.
        drawn: `[N]` complex, where drags and objects begin, in pixels.
    """

    rendered: Rendering
    scene: DepthScene
    ground: DepthScene
    things: tuple[Thing, ...]
    drawn: np.ndarray

    @cached_property
    def picture(self) -> np.ndarray:
        """`[H, W, 3]` float32: the picture without the things."""
        return np.ascontiguousarray(self.rendered.resting_ground[:3].movedim(0, -1).cpu().float().numpy())

    @cached_property
    def hole(self) -> np.ndarray:
        """`[H, W]` float32, 1 where that was filled."""
        return self.rendered.stack.left[0].astype(np.float32)

    def seen_by(self, cameras: Sequence[PinholeCamera]) -> CutThings:
        """The same with things continued beyond the picture's border, as far as the cameras, one for each frame, bring
        that into view."""
        return replace(self, things=tuple(continued(one, self.scene, cameras) for one in self.things))

    def over(self, frame: np.ndarray, near: np.ndarray, missing: np.ndarray, camera: PinholeCamera, time: int) -> None:
        """Puts the things over a frame, where nothing nearer is seen.

        Args:
            frame: `[H, W, 3]`, near: `[H, W]`, its disparity, missing: `[H, W]`, what the picture does not show. All
                float32, and changed.
            camera: of the frame.
            time: of the frame.
        """
        for thing in self._from_back(time):
            checkpoint()
            window = thing.reach(camera, self.scene, time)
            if window.empty:
                continue
            own, seen, invented = self._exposed(thing, camera, time, window)
            before = near[window.slices]
            shown = (seen >= before * (1 - TOUCHING)).astype(np.float32)
            share = own[..., 3] * cv2.blur(shown, SOFT, borderType=cv2.BORDER_REPLICATE)
            frame[window.slices] += share[..., None] * (own[..., :3] - frame[window.slices])
            missing[window.slices] += share * (invented - missing[window.slices])
            if not thing.layer.is_shadow:
                near[window.slices] = np.where((share >= OPAQUE) & (seen >= 0), np.maximum(seen, before), before)

    def _exposed(
        self, thing: Thing, camera: PinholeCamera, time: int, window: Box
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`[h, w, 4]`, a thing's pixels in a window of a frame, the mean over the instants of its motion blur with
        colours weighted by opacity; `[h, w]`, their disparity; and `[h, w]` bool, what lies beyond the picture."""
        warps = thing.layer.instants(time)
        picture = self.rendered.stack.background.box
        if len(warps) == 1:
            positions, seen = thing.sources(camera, self.scene, time, window)
            return thing.looked_up(positions), seen, ~picture.holds(positions)
        total = np.zeros((window.bottom - window.top, window.right - window.left, 4), np.float32)
        for warp in warps:
            positions, seen = thing.sources(camera, self.scene, time, window, warp)
            own = thing.looked_up(positions)
            total += np.concatenate([own[..., :3] * own[..., 3:], own[..., 3:]], -1)
        total[..., :3] /= np.maximum(total[..., 3:], FAINTEST)
        total[..., 3] /= len(warps)
        return total, seen, ~picture.holds(positions)

    def _from_back(self, time: int) -> list[Thing]:
        """The things that are visible at a frame, from far to near, a shadow behind its thing."""
        order, layers = [], [thing.layer for thing in self.things]
        for number, thing in enumerate(self.things):
            of = self.things[number + _to_thing(layers, number)]
            depth = float(np.median(of.disparity)) * of.moved(time)[1]
            if thing.layer.shown[time]:
                order.append((depth, number))
        return [self.things[number] for _, number in sorted(order)]

    def owners(self, positions: np.ndarray) -> np.ndarray:
        """`[N]`: for points `[N]` (complex) of the picture the place in `things` of the foremost one there, or -1."""
        found = np.full(len(positions), -1)
        for number, thing in enumerate(self.things):
            if not thing.layer.is_shadow:
                inside = thing.layer.box.holds(positions)
                at = np.where(inside, positions - (thing.layer.box.left + 1j * thing.layer.box.top), 0)
                opacity = thing.layer.opacity[np.rint(at.imag).astype(int), np.rint(at.real).astype(int)]
                found[inside & (opacity >= OPAQUE)] = number
        return found


def cut_things(
    stack: Stack,
    start: Tensor,
    scene: DepthScene | DrawnDepth,
    grows: bool = False,
    fill_with: FillHole = fill_hole,
    drawn: np.ndarray = NOTHING,
) -> CutThings:
    """
    Args:
        stack: the layers that the drawing moves in the picture, of the clip's size.
        start: `[3, H, W]` from 0 to 1, the picture fitted to the clip.
        scene: of the clip's size; or depth drawn by hand, of which every object is cut out, whether it moves or rests.
        grows: as of `Thing`.
        fill_with: fills what lies behind the things.
        drawn: as of `CutThings`.

    Raises:
        InputError: if the drags move the whole picture.
    """
    if stack.background.warp is not None:
        raise InputError(
            "These drags move the whole picture, as a flat camera does. Remove them, and move the camera by this "
            "node's own inputs, such as truck and dolly."
        )
    by_hand = isinstance(scene, DrawnDepth)
    stack = replace(stack, things=tuple(layer for layer in stack.things if not lies_over(layer)))
    rendered = rendering(_all_moving(stack) if by_hand else stack, start, fill_with=fill_with)
    if by_hand:
        return _by_hand(rendered, scene, drawn, grows)
    return _from_depth(rendered, scene, drawn, grows)


def cut_from_picture(
    picture: Tensor,
    scene: DepthScene | DrawnDepth,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    grows: bool = False,
) -> CutThings:
    """`cut_things` with the layers that Carry finds.

    Args:
        picture: `[H, W, 3]` from 0 to 1, of any size.
        masks: as for `dragnuwa.carry.carry_clip`.
        settings: `radius`, `carries` and `fit` are used.

    Raises:
        InputError: if the drags move the whole picture.
        ValueError: as `dragnuwa.carry.carry_clip`, but not if nothing is drawn.
    """
    tracks = replace(trajectories, objects=()).at_frames(clip)
    objects = trajectories.enabled_objects
    drags, pins = (tracks.points, tracks.visible), PinTracks.of(tracks.tracks)
    found = find(picture, *drags, objects, clip, masks, settings, pins)
    start = fit(picture[None], clip.width, clip.height, settings.fit)[0].movedim(-1, 0)
    drawn = _starts(tracks, trajectories, clip)
    return cut_things(found.stack, start, scene, grows, drawn=drawn)


def _all_moving(stack: Stack) -> Stack:
    """The stack with its resting objects cut out, too: they move before what is behind them."""
    still = SimilarityTransform(np.ones(len(stack.background.shown), complex), np.zeros(len(stack.background.shown)))
    rest = SimilarityWarp(still)
    return replace(stack, things=tuple(replace(one, warp=one.warp or rest) for one in stack.things))


def _starts(tracks: SampledTracks, trajectories: Trajectories, clip: ClipShape) -> np.ndarray:
    """`[N]` complex: where the visible drags and the objects begin."""
    drags = tracks.points[tracks.visible[:, 0], 0]
    pivots = np.array([each.pivot for each in trajectories.enabled_objects]).reshape(-1, 2) * clip.size - 0.5
    return np.concatenate([drags[:, 0] + 1j * drags[:, 1], pivots[:, 0] + 1j * pivots[:, 1]])


def _by_hand(rendered: Rendering, depth: DrawnDepth, drawn: np.ndarray, grows: bool) -> CutThings:
    size = rendered.stack.size
    ground = depth.scene(size)
    things = []
    layers = rendered.stack.things
    for number, layer in enumerate(layers):
        of = layers[number + _to_thing(layers, number)]
        foot = foot_of(of)
        own = depth.disparity(foot, size[1]) if of.distance is None else 1 / of.distance
        stands = of.distance is None and own > 1 / depth.farthest
        disparity = np.full(layer.opacity.shape, own, np.float32)
        plane = depth.ground(size[1]) if stands else None
        things.append(Thing(as_whole(layer), layer.box, _pixels(rendered, number), disparity, foot, plane, grows))
    seen = ground.disparity.copy()
    for thing in things:
        part = seen[thing.layer.box.slices]
        part[thing.layer.opacity >= OPAQUE] = thing.disparity.flat[0]
    return CutThings(rendered, DepthScene(seen, ground.intrinsics), ground, tuple(things), drawn)


def _from_depth(rendered: Rendering, scene: DepthScene, drawn: np.ndarray, grows: bool) -> CutThings:
    layers = rendered.stack.things
    hole = rendered.stack.left[0]
    things = []
    disparity = scene.disparity
    for number, layer in enumerate(watched(layers)):
        if layer.warp is None:
            continue  # what rests stays a part of the scene
        of = layers[number + _to_thing(layers, number)]
        own = own_disparity(scene, of)
        ground = ground_under(scene, of, own, hole)
        if layer.is_shadow:
            own = np.full(layer.opacity.shape, np.median(own), np.float32)
        else:
            disparity = _without(disparity, layer, own)
        things.append(Thing(as_whole(layer), layer.box, _pixels(rendered, number), own, foot_of(of), ground, grows))
    return CutThings(rendered, scene, DepthScene(disparity, scene.intrinsics), tuple(things), drawn)


def _to_thing(layers: Sequence[Layer], number: int) -> int:
    """1 for a shadow, which lies behind the next layer, its thing; 0 for others."""
    return int(layers[number].is_shadow and number + 1 < len(layers))


def _pixels(rendered: Rendering, number: int) -> np.ndarray:
    """`[h, w, 4]`: the colours and the opacity of a layer, in its box."""
    own = rendered.things[number][[0, 1, 2, 4]]
    return np.ascontiguousarray(own.movedim(0, -1).cpu().float().numpy())


def _without(disparity: np.ndarray, layer: Layer, own: np.ndarray) -> np.ndarray:
    """`[H, W]`: the disparity with a thing's place filled from around it, but not from what stands before it."""
    hole = np.zeros(disparity.shape, np.uint8)
    hole[layer.box.slices] = layer.hole
    reach = max(2, round(BLURRED * max(disparity.shape)))
    wide = cv2.dilate(hole, np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    around = cv2.dilate(wide.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    before = around & ~(hole > 0) & (disparity > NEARER * np.median(own))
    filled = smooth_fill(disparity[..., None], wide | before)[..., 0]
    return np.where(wide & ~before, filled, disparity).astype(np.float32)
