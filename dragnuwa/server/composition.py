"""The composition of a drawing for the page: the picture, what lies behind the things that move, and these with their
pixels and motions, from which the page draws every frame itself (`web/core/compose.js`)."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from torch import Tensor

from ..carry.bend_warp import BendWarp
from ..carry.bent import PinTracks
from ..carry.composite import sampled_tracks
from ..carry.find import Drawn, find_layers, snapped_masks
from ..carry.from_objects import object_layers
from ..carry.layers import Layer, Stack, background, gone
from ..carry.rendering import Rendering, rendering
from ..carry.settings import RADIUS
from ..common.clip_shape import ClipShape
from ..common.images import size_at, to_bytes
from ..common.interrupt import watched
from ..geometry.grids import Box
from ..geometry.warps import InverseDistanceWarp, SimilarityWarp, Warp
from ..trajectory import SampledTracks, Trajectories
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import PreparedPicture

LONGEST = 1280  # px, maximum longer side of a composition
SHORTEST = 64  # px, the least that a page may ask for
FEW = 640  # px, of its longer side, below which it is not made smaller because many things move
MOST_PIXELS = 24_000_000  # of all things together, if each filled the picture
MOST_FRAMES = 96  # instants at most; of longer clips, evenly spaced ones
LEVEL = 1  # of compression: the page usually is on the same machine


@dataclass(frozen=True)
class Sourced:
    """The layers of a drawing, and what each comes from.

    Attributes:
        stack: the layers.
        sources: for each layer in front, the ids of its drags as "tracks", or of its "object".
    """

    stack: Stack
    sources: tuple[dict[str, Any], ...]


def composed_size(
    clip: ClipShape, picture: tuple[int, int], mode: str, longest: int, drawing: Trajectories
) -> tuple[int, int]:
    """(width, height) of a composition: with at most `longest` pixels, never more than the picture has, or the clip
    where that has more; and less if many things move.

    Args:
        picture: its (width, height).
        mode: how it is fitted to the clip.
    """
    aspect = clip.width / clip.height
    own = max(*size_at(aspect, *picture, mode), *clip.size)
    wanted = min(longest, own, LONGEST)
    objects = drawing.enabled_objects
    count = sum(track.enabled for track in drawing.tracks) + sum(1 + bool(each.shadow) for each in objects)
    many = (MOST_PIXELS / max(1, count) * max(aspect, 1 / aspect)) ** 0.5
    scale = min(wanted, max(many, FEW)) / max(clip.size)
    return tuple(max(2, round(side * scale)) for side in clip.size)


def composition(picture: PreparedPicture, start: Tensor, drawing: Trajectories, clip: ClipShape) -> bytes:
    """What `dragnuwa.carry.carry_clip` renders with default settings, as layers.

    Args:
        picture: prepared for this clip.
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `composed_size`.
        drawing: drags and objects.
        clip: size and number of frames.

    Returns:
        The length of a JSON text as a big-endian 32-bit number, and the text; then arrays one after another, deflated
        (zlib), to which the text refers by their numbers. Pixels are from 0 to 255; each is minus the one to its left.

        `size` is the picture's; `arrays` has the type and the shape of each;
        `image` `[H, W, 3]` is the picture; `plate` has the `pixels` of what lies behind all things and their `box` in
        the picture, which may extend beyond it; `camera` `[T, 4]` moves it. `layers` has from back to front: `tracks`
        or `object`, where it comes from; its `box`, `colors` `[h, w, 3]`, `opacity` and, where anything bends, `hole`
        `[h, w]`; `shown` `[T]`; whether it is a `shadow`; its `motion`, None at rest.

        A motion has its `kind`, and `first` `[T + 1]`: frame t is the mean of the instants `first[t]` to
        `first[t + 1]`. A "similarity" has `moves` `[S, 4]` (factor and shift, real and imaginary part). An "inverse"
        has `tracks` `[n, T, 2]` and the `radius`. A "mesh" has its `rest` `[n, 2]`, `triangles` `[m, 3]`, their `order`
        from back to front, and `points` `[S, n, 2]`; or it is `in_front`, only what lies over another part of the
        layer before it.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    height, width = start.shape[:2]
    found = layers_of(picture, (width, height), drawing, clip, sampled_tracks(drawing, clip))
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int)
    return written(rendering(found.stack, start.movedim(-1, 0)), found.sources, times)


def written(rendered: Rendering, sources: Sequence[dict[str, Any]], times: np.ndarray) -> bytes:
    """What `composition` returns, of layers with their pixels, at the frames `times`."""
    return _Writer(rendered, sources, times).body()


def layers_of(
    picture: PreparedPicture,
    size: tuple[int, int],
    drawing: Trajectories,
    clip: ClipShape,
    sampled: SampledTracks,
) -> Sourced:
    """The layers that the drags and objects move, of (width, height) `size`."""
    points = without_drift(sampled.points)  # [N, T, 2]
    width, height = size
    scale = np.array(size) / clip.size
    objects = drawing.enabled_objects
    small = _complex((points + 0.5) * scale - 0.5)
    shape = ClipShape(width, height, clip.frames)
    drawn = find_layers(
        _inside(small, width, height),
        sampled.visible,
        (),
        shape,
        None,
        None,
        TrackSearch(picture, _complex(points)),
        RADIUS * max(scale),
        PinTracks.of(sampled.tracks),
    )
    ids = [track.id for track in sampled.tracks]
    things = [
        (layer, {"tracks": [ids[number] for number in _tracks_of(layer, drawn, sampled.visible)]})
        for layer in drawn.of_tracks
    ]
    masks = snapped_masks(objects, picture, None, size)
    for number, each in enumerate(watched(objects)):
        own = None if masks is None else masks[number : number + 1]
        things += [(layer, {"object": each.id}) for layer in object_layers([each], shape, own)]
    ground = background(drawn.assigned.camera, size, clip.frames)
    return Sourced(Stack(size, ground, tuple(layer for layer, _ in things)), tuple(of for _, of in things))


def _tracks_of(layer: Layer, drawn: Drawn, visible: np.ndarray) -> Sequence[int]:
    """The numbers of the tracks from which a layer was made."""
    assigned = drawn.assigned
    if layer.whole:
        for members in assigned.together(visible):
            hole = gone(assigned.masks[assigned.owner[members[0]]])
            if hole.sum() == layer.hole.sum() and np.array_equal(hole[layer.box.slices], layer.hole):
                return members
    free = assigned.tracks[assigned.free]
    if isinstance(layer.warp, InverseDistanceWarp):
        return [number for number in assigned.free if (assigned.tracks[number] == layer.warp.points).all(1).any()]
    if isinstance(layer.warp, SimilarityWarp):
        alike = np.abs(free - free[:, :1] - layer.warp.motion.shift).max(1) < 1e-6
        return [number for number in assigned.free[alike] if layer.box.holds(assigned.tracks[number, 0])]
    return []


def _complex(points: np.ndarray) -> np.ndarray:
    return points[..., 0] + 1j * points[..., 1]


def _inside(points: np.ndarray, width: int, height: int) -> np.ndarray:
    return points.real.clip(0, width - 1) + 1j * points.imag.clip(0, height - 1)


@dataclass(frozen=True)
class _Writer:
    """Collects the arrays of a composition."""

    rendered: Rendering
    sources: Sequence[dict[str, Any]]
    times: np.ndarray
    _arrays: list[np.ndarray] = field(default_factory=list)

    def body(self) -> bytes:
        stack, image = self.rendered.stack, self.rendered.image
        camera = stack.background.warp
        described = {
            "size": stack.size,
            "frames": len(self.times),
            "image": self._pixels(image.movedim(0, -1)),
            "plate": self._plate(),
            "camera": None if camera is None else self._add(_moves([camera.motion.at(time) for time in self.times])),
            "layers": [self._layer(*each) for each in watched(list(zip(stack.things, self.rendered.things,
                                                                       self.sources, strict=True)))],
        }  # fmt: skip
        described["arrays"] = [[str(each.dtype), each.shape] for each in self._arrays]
        text = json.dumps(described, separators=(",", ":")).encode()
        packer = zlib.compressobj(LEVEL)
        packed = [packer.compress(each.tobytes()) for each in watched(self._arrays)]
        return b"".join((struct.pack(">I", len(text)), text, *packed, packer.flush()))

    def _plate(self) -> dict[str, Any] | None:
        """What is behind things, and around the picture; None where that is the picture itself."""
        rendered = self.rendered
        left, top = rendered.frame_box.left, rendered.frame_box.top
        height, width = rendered.plate.shape[1:]
        box = Box(0, 0, width, height)
        if not rendered.is_filled_around:
            rows, columns = np.nonzero(rendered.stack.left[0])
            if not len(rows):
                return None
            box = Box.around(columns + 1j * rows, 0)
        pixels = rendered.plate[(slice(0, 3), *box.slices)].movedim(0, -1)
        return {"box": _corners(box.shifted(-left, -top)), "pixels": self._pixels(pixels)}

    def _layer(self, layer: Layer, cut: Tensor, source: dict[str, Any]) -> dict[str, Any]:
        described = {
            **source,
            "box": _corners(layer.box),
            "colors": self._pixels(cut[:3].movedim(0, -1)),
            "opacity": self._pixels(cut[4:].movedim(0, -1)),
            "shown": self._add(layer.shown[self.times].astype(np.uint8)),
            "shadow": layer.is_shadow,
            "motion": None if layer.warp is None else self._motion(layer),
        }
        if layer.warp is not None and self._bends:
            described["hole"] = self._add(layer.hole.astype(np.uint8))
        return described

    @cached_property
    def _bends(self) -> bool:
        return any(isinstance(layer.warp, BendWarp) for layer in self.rendered.stack.things)

    def _motion(self, layer: Layer) -> dict[str, Any]:
        instants = [layer.instants(time) for time in self.times.tolist()]
        first = np.cumsum([0, *map(len, instants)]).astype(np.int32)
        at = [(warp, time) for time, warps in zip(self.times.tolist(), instants, strict=True) for warp in warps]
        return {"first": self._add(first), **self._instants(layer.warp, at)}

    def _instants(self, warp: Warp, at: list[tuple[Warp, int]]) -> dict[str, Any]:
        if isinstance(warp, SimilarityWarp):
            return {"kind": "similarity", "moves": self._add(_moves([each.motion.at(time) for each, time in at]))}
        if isinstance(warp, InverseDistanceWarp):
            tracks = self._add(_pairs(warp.points[:, self.times]))
            return {"kind": "inverse", "tracks": tracks, "radius": warp.radius}
        if isinstance(warp, BendWarp):
            if warp.in_front:
                return {"kind": "mesh", "in_front": True}
            mesh = warp.rest.mesh
            return {
                "kind": "mesh",
                "rest": self._add(_pairs(mesh.points)),
                "triangles": self._add(mesh.triangles.astype(np.int32)),
                "order": self._add(warp.order.astype(np.int32)),
                "points": self._add(_pairs(np.stack([each.points[time] for each, time in at])).astype(np.float32)),
                "in_front": False,
            }
        raise TypeError(f"A {type(warp).__name__} has no form in a composition.")

    def _pixels(self, values: Tensor) -> int:
        """Of `[h, w, C]` from 0 to 1."""
        return self._add(np.diff(to_bytes(values), axis=1, prepend=np.uint8(0)))

    def _add(self, array: np.ndarray) -> int:
        self._arrays.append(np.ascontiguousarray(array))
        return len(self._arrays) - 1


def _moves(motions: Sequence[Any]) -> np.ndarray:
    """`[S, 4]`: factors and shifts."""
    return np.array([(each.factor.real, each.factor.imag, each.shift.real, each.shift.imag) for each in motions])


def _pairs(points: np.ndarray) -> np.ndarray:
    """`[..., 2]` of complex points."""
    return np.stack([points.real, points.imag], -1)


def _corners(box: Box) -> list[int]:
    return [int(side) for side in (box.left, box.top, box.right, box.bottom)]
