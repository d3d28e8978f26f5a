"""The composition of a drawing for the page: the picture, what lies behind the things that move, and these with their
pixels and motions, from which the page draws every frame itself (`web/core/compose.js`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor

from ..carry.bent import PinTracks
from ..carry.composite import sampled_tracks
from ..carry.find import Drawn, find_layers, snapped_masks
from ..carry.from_objects import object_layers
from ..carry.layers import Layer, Stack, background, gone
from ..carry.rendering import rendering
from ..carry.settings import RADIUS
from ..common.clip_shape import ClipShape
from ..common.images import size_at
from ..common.interrupt import watched
from ..geometry.similarity import SimilarityTransform
from ..geometry.warps import InverseDistanceWarp, SimilarityWarp
from ..trajectory import SampledTracks, Trajectories
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import PreparedPicture
from .composition_body import written

LONGEST = 1280  # px, maximum longer side of a composition
SHORTEST = 64  # px, the least that a page may ask for
FEW = 640  # px, of its longer side, below which it is not made smaller because many things move
MOST_PIXELS = 24_000_000  # of all things together, if each filled the picture
MOST_FRAMES = 96  # instants at most; of longer clips, evenly spaced ones


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
        As `dragnuwa.server.composition_body.written`.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    height, width = start.shape[:2]
    found = layers_of(picture, (width, height), drawing, clip, sampled_tracks(drawing, clip))
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int)
    image = start.movedim(-1, 0)
    lifted = _lifted(found)
    return written(
        rendering(found.stack, image), found.sources, times, None if lifted is None else rendering(lifted, image)
    )


def _lifted(found: Sourced) -> Stack | None:
    """The layers where each object at rest is one that moves, but not away; None if no object rests."""
    stack, at_place = found.stack, np.ones_like(found.stack.background.shown, complex)
    still = SimilarityWarp(SimilarityTransform(at_place, 0 * at_place))
    resting = [layer.warp is None and "object" in of for layer, of in zip(stack.things, found.sources, strict=True)]
    if not any(resting):
        return None
    things = (replace(layer, warp=still) if rests else layer
              for layer, rests in zip(stack.things, resting, strict=True))  # fmt: skip
    return replace(stack, things=tuple(things))


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
