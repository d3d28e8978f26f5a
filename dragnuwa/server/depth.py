"""A picture with depth for the page: its pixels and those behind them, with their disparity, and what moves in it. From
this, the page draws what any camera sees (`web/core/depth/`), while a hand turns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..carry.depth.background import EdgeMatte, InpaintedBackground
from ..carry.depth.camera import PinholeCamera
from ..carry.depth.layers import LayeredScene, cut_out, extended_past_border
from ..carry.depth.path import CameraMoves
from ..carry.depth.projected import Relief, projected
from ..carry.drawing import drawing_on
from ..carry.find import find
from ..carry.layers import Layer
from ..common.clip_shape import ClipShape
from ..common.images import to_bytes
from ..common.interrupt import watched
from ..geometry.warps import BendWarp, SimilarityWarp, similarity_near
from ..trajectory import Trajectories
from ..vision.inpainting.fill import fill_smoothly
from ..vision.segmentation.prepared import PreparedPicture
from .composition_body import mesh_body
from .packed_arrays import PackedArrays, corners, moves
from .play import MOST_FRAMES, Through

REACH = {"pan": 12.0, "tilt": 10.0, "truck": 0.25, "pedestal": 0.15, "dolly": 0.3, "orbit": 15.0, "rise": 10.0}
"""How far a hand turns a camera to either side before the page asks anew; what that brings into view is filled."""


def depth_picture(
    picture: PreparedPicture, start: Tensor, trajectories: Trajectories, clip: ClipShape, through: Through
) -> bytes:
    """What a camera needs that moves through a picture with depth, wherever it goes within `REACH`.

    Args:
        picture: prepared for this clip.
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `dragnuwa.server.play.played_size`.
        trajectories: drags and objects.
        clip: size and number of frames.
        through: that camera; what the picture does not show is filled smoothly.

    Returns:
        As `dragnuwa.server.packed_arrays.PackedArrays.body`.

        `size` is the picture's, and `lens` its focal lengths across and down and its centre, in px. `times` `[T]` are
        those of the frames, fractions of the clip; `base` `[T, 4, 3]` is the path that the moves start from, rotation,
        translation and lens as parts of the picture's, or None; `sway` `[T, 3]` an unsteady hand of one degree.

        `image` `[H, W, 3]` is the picture; `picture`, `hole` and `disparity` `[H, W]` (1 / depth) are those without
        the `layers`. At the edges of its near parts it shows `objects` or, where `at` says so, `ground`, by the
        `opacity` of objects; `beside` is how far on the last pixel of the object is that a pixel shows in part.
        `behind` has the `picture` without its near parts, its `disparity`, and its `margin` in px.

        `layers` are from back to front: `tracks` or `object`, where each comes from; `box`, `colors`, `opacity`,
        `disparity` `[h, w]`; `shown` `[T]`; `moves` `[T, 4]`, a similarity transform for each frame, and the `mesh` by
        which it bends, as of `dragnuwa.server.composition_body.written`, or None; whether it is a `shadow`, `bends`
        otherwise than these say, and `grows`; its `foot`, and the `ground` on which it stands (across, down, constant)
        or None.
    """
    drawing = drawing_on(picture, trajectories, clip).at_size((start.shape[1], start.shape[0]))
    found = find(drawing)
    cut = cut_out(found, start.movedim(-1, 0), through.scene, through.grows, fill_smoothly)
    return _Writer(cut, clip.frames, through, {region.ids[0] for region in found.of_objects}).body()


@dataclass(frozen=True)
class _Writer:
    """Collects the arrays of an answer; `objects` are the ids of those that are drawn."""

    cut: LayeredScene
    frames: int
    through: Through
    objects: set[str]
    _arrays: PackedArrays = field(default_factory=PackedArrays)

    def body(self) -> bytes:
        cut, add = self.cut, self._arrays.add
        times = np.linspace(0, self.frames - 1, min(self.frames, MOST_FRAMES)).round().astype(int)
        cameras = self._cameras(times)
        behind = cut.inpainted(cameras, fill_smoothly, nearest_borders=False)  # those are striped, and take memory
        lens = cut.scene.intrinsics
        moved = self.through.moves
        described = {
            "size": cut.scene.size,
            "lens": [float(lens[0, 0]), float(lens[1, 1]), float(lens[0, 2]), float(lens[1, 2])],
            "times": (times / (self.frames - 1)).tolist(),
            "base": self._base(times),
            "sway": add(moved.sway(np.arange(self.frames) / (self.frames - 1))[times]),
            "image": self._arrays.pixels(cut.image.movedim(0, -1)),
            "picture": self._pixels(cut.resting),
            "hole": add(to_bytes(torch.from_numpy(cut.hole))),
            "disparity": add(cut.ground.disparity),
            "scene": add(cut.scene.disparity),
            **self._edges(behind.edges),
            "behind": self._behind(behind),
            "layers": [
                self._layer(*each, cameras, times) for each in watched(list(zip(cut.layers, cut.reliefs, strict=True)))
            ],
        }
        return self._arrays.body(described)

    def _cameras(self, times: np.ndarray) -> list[PinholeCamera]:
        """What the page may show: the path as it is, and the ends of what a hand may make of it."""
        scene, focus = self.cut.scene, self.through.moves.focus
        path = self.through.path.cameras(self.through.moves, scene, self.frames)
        ends = [
            CameraMoves(**{name: sign * most}, focus=focus).moved(scene)
            for name, most in REACH.items()
            for sign in (-1, 1)
        ]
        return [*(path[time] for time in times), *ends]

    def _base(self, times: np.ndarray) -> int | None:
        """The path alone, without moves."""
        path, scene = self.through.path, self.cut.scene
        if not path.text.strip():
            return None
        cameras = path.cameras(CameraMoves(focus=self.through.moves.focus), scene, self.frames)
        own = scene.intrinsics
        rows = [
            [*each.rotation, each.translation, [*(np.diag(each.intrinsics) / np.diag(own))]]
            for each in (cameras[time] for time in times)
        ]
        return self._arrays.add(np.array([np.stack(row) for row in rows], np.float64))

    def _edges(self, edges: EdgeMatte) -> dict[str, int]:
        numbers = np.arange(edges.owner.size, dtype=np.int32).reshape(edges.owner.shape)
        return {
            "objects": self._pixels(edges.objects),
            "ground": self._pixels(edges.ground),
            "opacity": self._pixels(edges.opacity[..., None]),
            "at": self._arrays.add(edges.at.astype(np.uint8)),
            "beside": self._arrays.add(edges.owner - numbers),
        }

    def _behind(self, behind: InpaintedBackground) -> dict[str, int]:
        picture, disparity = self._pixels(behind.picture), self._arrays.add(behind.scene.disparity)
        return {"picture": picture, "disparity": disparity, "margin": behind.margin}

    def _layer(
        self, layer: Layer, relief: Relief, cameras: Sequence[PinholeCamera], times: np.ndarray
    ) -> dict[str, Any]:
        own, scene = layer.region, self.cut.scene
        resting = replace(own, warp=None, exposures=())
        wide = extended_past_border(replace(layer, region=projected(resting, relief, cameras, scene)), scene, cameras)
        relief = wide.region.warp.relief
        places = moves([similarity_near(own.warp, own.box, time) for time in times.tolist()])
        bends = isinstance(own.warp, BendWarp) and not own.exposures
        ids = {"object": own.ids[0]} if own.ids[0] in self.objects else {"tracks": own.ids}
        return {
            **ids,
            "box": corners(wide.region.box),
            "colors": self._arrays.pixels(wide.pixels[:3].movedim(0, -1)),
            "opacity": self._arrays.pixels(wide.pixels[4:].movedim(0, -1)),
            "disparity": self._arrays.add(relief.disparity),
            "shown": self._arrays.add(own.shown[times].astype(np.uint8)),
            "moves": self._arrays.add(places),
            "mesh": self._mesh(own.warp, times) if bends else None,
            "bends": bool(own.exposures) or not (bends or isinstance(own.warp, SimilarityWarp)),
            "shadow": own.is_shadow,
            "grows": relief.grows,
            "foot": [relief.foot.real, relief.foot.imag],
            "ground": None if relief.ground is None else [getattr(relief.ground, name) for name in GROUND],
        }

    def _mesh(self, warp: BendWarp, times: np.ndarray) -> dict[str, Any]:
        first = self._arrays.add(np.arange(len(times) + 1, dtype=np.int32))
        return {"first": first, **mesh_body(self._arrays, warp, [warp.points[time] for time in times])}

    def _pixels(self, values: np.ndarray) -> int:
        return self._arrays.pixels(torch.from_numpy(values))


GROUND = ("across", "down", "constant")
