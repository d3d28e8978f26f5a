"""A composition as bytes for the page: a JSON text, and the arrays to which it refers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..carry.layers import Composition, Layer, Region
from ..common.interrupt import watched
from ..geometry.grids import Box
from ..geometry.warps import BendWarp, InverseDistanceWarp, SimilarityWarp, Warp, similarity_near
from .packed_arrays import PackedArrays, corners, moves


def written(
    composition: Composition, sources: Sequence[dict[str, Any]], times: np.ndarray, lifted: Composition | None = None
) -> bytes:
    """A composition as bytes.

    Args:
        composition: of a picture.
        sources: for each layer the ids of its drags as "tracks", or of its "object".
        times: `[T]` int, the frames.
        lifted: the same, where those of objects at rest are cut out as if they moved.

    Returns:
        As `dragnuwa.server.packed_arrays.PackedArrays.body`.

        `size` is the picture's; `image` `[H, W, 3]` is the picture; `plate` has the `pixels` of what lies behind all
        objects and their `box` in the picture, which may extend beyond it; `camera` `[T, 4]` moves it. `layers` has,
        from back to front: `tracks` or `object`, where it comes from; its `box`, `colors` `[h, w, 3]`, `opacity` and,
        where anything bends, `hole` `[h, w]`; `shown` `[T]`; whether it is a `shadow`; its `motion`, None at rest. An
        object at rest also has how it is `lifted` (`box`, `colors`, `opacity`) when the page moves it, over `under`, as
        `plate`, for all such objects.

        A motion has its `kind`, and `first` `[T + 1]`: frame t is the mean of the instants `first[t]` to
        `first[t + 1]`. A "similarity" has `moves` `[S, 4]` (factor and shift, real and imaginary part). An "inverse"
        has `tracks` `[n, T, 2]` and the `radius`. A "mesh" has its `rest` `[n, 2]`, `triangles` `[m, 3]`, their `order`
        from back to front, and `points` `[S, n, 2]`; `part` `[n]`, `edges` `[e, 2]`, `weights` `[e]`, `links`
        `[b, 2, 3]` and `step`, as of `dragnuwa.geometry.bending.Mesh`, by which the page bends it; or it is
        `in_front`, only what lies over another part of the layer before it.
    """
    return _Writer(composition, sources, times, lifted).body()


@dataclass(frozen=True)
class _Writer:
    """Collects the arrays of a composition."""

    composition: Composition
    sources: Sequence[dict[str, Any]]
    times: np.ndarray
    lifted: Composition | None
    _arrays: PackedArrays = field(default_factory=PackedArrays)

    def body(self) -> bytes:
        made = self.composition
        camera = made.background.region.warp
        described = {
            "size": made.size,
            "frames": len(self.times),
            "image": self._arrays.pixels(made.image.movedim(0, -1)),
            "plate": self._plate(made),
            "under": None if self.lifted is None or camera is not None else self._plate(self.lifted),
            "camera": None if camera is None else self._moves(camera.motion.at(time) for time in self.times),
            "layers": [self._layer(number) for number in watched(range(len(made.layers)))],
        }  # fmt: skip
        return self._arrays.body(described)

    def _plate(self, composition: Composition) -> dict[str, Any] | None:
        """What is behind the layers, and around the picture; None where that is the picture itself."""
        background = composition.background
        left, top = background.frame_box.left, background.frame_box.top
        height, width = background.plate.shape[1:]
        box = Box(0, 0, width, height)
        if not background.is_filled_around:
            rows, columns = np.nonzero(composition.disoccluded[0])
            if not len(rows):
                return None
            box = Box.around(columns + 1j * rows, 0)
        pixels = background.plate[(slice(0, 3), *box.slices)].movedim(0, -1)
        return {"box": corners(box.shifted(-left, -top)), "pixels": self._arrays.pixels(pixels)}

    def _layer(self, number: int) -> dict[str, Any]:
        layer = self.composition.layers[number]
        region = layer.region
        described = {
            **self.sources[number],
            **self._cut(layer),
            "shown": self._arrays.add(region.shown[self.times].astype(np.uint8)),
            "shadow": region.is_shadow,
            "motion": self._motion(region) if region.moves else None,
        }
        if not region.moves and self.lifted is not None and self.lifted.layers[number].region.moves:
            described["lifted"] = self._cut(self.lifted.layers[number])
        if region.moves and self._bends:
            described["hole"] = self._arrays.add(_with_margins(region.hole, layer.margins).astype(np.uint8))
        return described

    def _cut(self, layer: Layer) -> dict[str, Any]:
        return {
            "box": corners(layer.box),
            "colors": self._arrays.pixels(layer.pixels[:3].movedim(0, -1)),
            "opacity": self._arrays.pixels(layer.pixels[4:].movedim(0, -1)),
        }

    @cached_property
    def _bends(self) -> bool:
        return any(isinstance(region.warp, BendWarp) for region in self.composition.regions)

    def _motion(self, region: Region) -> dict[str, Any]:
        instants = [region.instants(time) for time in self.times.tolist()]
        first = np.cumsum([0, *map(len, instants)]).astype(np.int32)
        at = [(warp, time) for time, warps in zip(self.times.tolist(), instants, strict=True) for warp in warps]
        return {"first": self._arrays.add(first), **self._instants(region.warp, region.box, at)}

    def _instants(self, warp: Warp, box: Box, at: list[tuple[Warp, int]]) -> dict[str, Any]:
        if isinstance(warp, SimilarityWarp):
            return {"kind": "similarity", "moves": self._moves(each.motion.at(time) for each, time in at)}
        if isinstance(warp, InverseDistanceWarp):
            tracks = self._points(warp.points[:, self.times])
            return {"kind": "inverse", "tracks": tracks, "radius": warp.radius}
        if isinstance(warp, BendWarp):
            return mesh_body(self._arrays, warp, [each.points[time] for each, time in at])
        # Any other motion is drawn by the similarity transform that it comes closest to.
        return {
            "kind": "similarity",
            "moves": self._moves(similarity_near(each, box, time) for each, time in at),
        }

    def _moves(self, motions: Iterable[Any]) -> int:
        return self._arrays.add(moves(motions))

    def _points(self, points: np.ndarray) -> int:
        return self._arrays.add(_pairs(points))


def _with_margins(values: np.ndarray, margins: tuple[int, int, int, int]) -> np.ndarray:
    """Values `[h, w]` in a layer's region, in the box of its pixels."""
    left, top, right, bottom = margins
    return np.pad(values, ((top, bottom), (left, right)))


def mesh_body(arrays: PackedArrays, warp: BendWarp, points: Sequence[np.ndarray]) -> dict[str, Any]:
    """A mesh as `written` describes it, with its `points` `[n]` (complex) at some instants."""
    if warp.in_front:
        return {"kind": "mesh", "in_front": True}
    mesh = warp.rest.mesh
    return {
        "kind": "mesh",
        "rest": arrays.add(_pairs(mesh.points)),
        "triangles": arrays.add(mesh.triangles.astype(np.int32)),
        "order": arrays.add(warp.order.astype(np.int32)),
        "part": arrays.add(mesh.part.astype(np.int32)),
        "edges": arrays.add(mesh.edges.astype(np.int32)),
        "weights": arrays.add(mesh.weights),
        "links": arrays.add(mesh.links.astype(np.int32)),
        "step": mesh.step,
        "points": arrays.add(_pairs(np.stack(points).astype(np.complex64))),
        "in_front": False,
    }


def _pairs(points: np.ndarray) -> np.ndarray:
    """`[..., 2]` of complex points."""
    return np.stack([points.real, points.imag], -1)
