"""What a clip's frames consist of: the ground behind each object that is drawn on, and the objects, cut out, from back
to front. Whoever draws an object of a frame where it is to be has what `Composite.frame` renders, without rendering it:
how the object is moved has no share in this.

Pixels are `[4, h, w]` from 0 to 1: colours, and opacity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...common.images import to_floats
from ...common.interrupt import checkpoint
from ...geometry.grids import Box
from ...geometry.similarity import AT_PLACE, SimilarityTransform
from ..layers import Layer
from .composite import Composite
from .edits import UNEDITED, Edit

BESIDE = 1  # px around what is seen of a piece, between which and it colours are interpolated


class ByteFrames:
    """A clip's frames in bytes, each made floats when it is taken: a quarter of the memory of a tensor.

    Args:
        frames: `[T, H, W, 3]` uint8.
    """

    def __init__(self, frames: np.ndarray):
        self._frames, self.shape = frames, frames.shape

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, time: int) -> Tensor:
        """`[H, W, 3]` from 0 to 1."""
        return to_floats(self._frames[time])


@dataclass(frozen=True)
class Patch:
    """A part of a frame.

    Attributes:
        box: its place.
        pixels: `[4, h, w]`.
    """

    box: Box
    pixels: Tensor


@dataclass(frozen=True)
class Piece:
    """A part of an object, cut out of a frame.

    Attributes:
        patch: of that frame.
        onto: from pixels of that frame to pixels of the frame whose object it is a part of.
    """

    patch: Patch
    onto: SimilarityTransform


@dataclass(frozen=True)
class ObjectInFrame:
    """An object in a frame of the clip.

    Attributes:
        number: of its edit in the composite, from back to front.
        ground: what is behind it, opaque where it is uncovered once the object is moved; None where nothing is, as
            of a copy.
        pieces: from back to front.
    """

    number: int
    ground: Patch | None
    pieces: tuple[Piece, ...]


def is_bent(composite: Composite) -> bool:
    """Whether pins bend something, which no piece shows."""
    return any(edit.bend is not None for edit in composite.edits)


def frame_layers(composite: Composite, time: int) -> list[ObjectInFrame]:
    """What a frame consists of, but for the ground that nothing uncovers: objects from back to front, without those
    that it does not show. What nobody drew on is only needed where it may stand before something else, or has been
    hidden."""
    holes = {edit: composite.hole(time, [edit]) for edit in composite.edits if edit.leaves}
    whole = _together(composite, holes.values())
    behind = composite.ground.behind(time, whole)
    found: list[ObjectInFrame] = []
    for number, edit in enumerate(composite.edits):
        checkpoint()
        if edit.kind == UNEDITED:
            before = _together(composite, [holes[other] for other in composite.edits[number + 1 :] if other in holes])
            ground, pieces = None, _beside(composite, number, time, composite.uncovered(edit, time, before, whole))
        else:
            ground = _ground(behind, holes[edit]) if edit in holes else None
            pieces = _pieces(composite, number, time)
        if ground is not None or pieces:
            found.append(ObjectInFrame(number, ground, tuple(pieces)))
    return found


def _together(composite: Composite, holes: Iterable[np.ndarray]) -> np.ndarray:
    """`[H, W]` bool: all of some holes."""
    return np.any([*holes, np.zeros(composite.size[::-1], bool)], axis=0)


def edited_part(composite: Composite, time: int) -> Patch | None:
    """The part of an edited frame that differs from the clip's, opaque where it does; None where nothing does."""
    if not any(edit.changes(time) for edit in composite.edits):
        return None
    box, colors, changed = composite.edited_part(time)
    found = _ground(colors.cpu().numpy(), (changed > 0).cpu().numpy())
    return found and replace(found, box=found.box.shifted(box.left, box.top))


def _ground(colors: np.ndarray, area: np.ndarray) -> Patch | None:
    """The area `[H, W]` bool of a frame `[H, W, 3]`; None where it is empty."""
    if not area.any():
        return None
    box = Box.of(area)
    opacity = area[box.slices].astype(np.float32)[..., None]
    return Patch(box, torch.from_numpy(np.concatenate([colors[box.slices], opacity], -1)).movedim(-1, 0))


def _pieces(composite: Composite, number: int, time: int) -> list[Piece]:
    edit = composite.edits[number]
    shadow = composite.shadow(edit, time)
    below = [] if shadow is None else [_piece(shadow, AT_PLACE)]
    return [*below, *_placed(edit, composite.layers(number, time), time)]


def _beside(composite: Composite, number: int, time: int, hole: np.ndarray) -> list[Piece]:
    """Of an object that nobody drew on: what a hole `[H, W]` bool uncovers of it, and itself, if it may stand before
    something that is moved."""
    edit = composite.edits[number]
    pieces = _placed(edit, composite.completed(edit, time, hole), time)
    may_hide = any(other.kind != UNEDITED for other in composite.edits[:number])
    layer = composite.cut(edit, time) if (may_hide or pieces) and edit.track.visible[time] else None
    return pieces if layer is None else [*pieces, _piece(layer, AT_PLACE)]


def _placed(edit: Edit, layers: Sequence[tuple[Layer, int]], time: int) -> list[Piece]:
    return [
        _piece(layer, AT_PLACE if other == time else edit.track.between(other, time))
        for layer, other in layers
        if layer.region.opacity.any()
    ]


def _piece(layer: Layer, onto: SimilarityTransform) -> Piece:
    height, width = layer.region.opacity.shape
    part = Box.of(layer.region.opacity > 0).grown(BESIDE).within(width, height)
    pixels = torch.cat([layer.pixels[:3], layer.pixels[4:]])[(slice(None), *part.slices)]
    return Piece(Patch(part.shifted(layer.region.box.left, layer.region.box.top), pixels), onto)
