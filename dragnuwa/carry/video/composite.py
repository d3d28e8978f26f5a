"""The edited clip: each frame with its objects where they are to be, over the ground that other frames show.

What a frame does not show of an object, because something stands before it or it has left the picture, is taken from
others. Outside of what changes, every pixel is the clip's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce
from typing import Protocol

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.images import to_bytes
from ...common.interrupt import Progress, checkpoint, no_progress, one_ahead, watched
from ...common.masks import MASKED
from ...geometry.grids import Box
from ...geometry.similarity import SimilarityTransform
from ...geometry.warps import SimilarityWarp
from ...vision.matting.cut_out import reach_of
from ...vision.segmentation.prepared import search_image
from ...vision.tracking.shots import shot_of
from ..layers import Composition, Frame, Layer, Region, region_of_mask, whole_picture
from ..regions import shadow_region
from ..rendering import FINISHED_MARGIN, cut_region, layer_of, measured, render
from .completion import SeenParts
from .edits import UNEDITED, Edit
from .plate import Ground
from .tracked import grown

NOWHERE = Box(0, 0, 0, 0)
AT_REST = SimilarityWarp(SimilarityTransform.at_rest(1))
OVERLAP = np.ones((5, 5), np.uint8)
RIM = 0.006  # of sqrt(width * height): the soft edge of an object, which is no ground
LEAST_RIM = 6  # px
EDGE, LEAST_EDGE = 0.003, 2  # of sqrt(width * height), and px: the part of that which has two colours
SHADOW_RIM = 0.0  # the same around a shadow, which is outlined by hand: the least one
CACHED_LAYERS = 32  # objects, cut out of frames


class Frames(Protocol):
    """A clip `[T, H, W, 3]`, such as a tensor, of which one frame `[H, W, 3]` from 0 to 1 is taken at a time."""

    shape: tuple[int, ...]

    def __len__(self) -> int:
        """The number of frames."""

    def __getitem__(self, time: int) -> Tensor:
        """The frame of a number."""


@dataclass(frozen=True)
class Composite:
    """A clip with its edits.

    Attributes:
        clip: its frames.
        edits: of all objects that are known in it, from back to front.
        motions: `[T, 3, 3]`, the camera's, from pixels of the first frame of each shot to pixels of its frames.
        shots: of the clip (`dragnuwa.vision.tracking.shots`); empty for one.
    """

    clip: Frames
    edits: tuple[Edit, ...]
    motions: np.ndarray
    shots: tuple[range, ...] = ()

    def edited(self, progress: Progress = no_progress) -> tuple[Tensor, Tensor]:
        """The edited clip `[T, H, W, 3]`; and `[T, H, W]` from 0 to 1, where it differs, 1 on what was moved and where
        it was.

        Args:
            progress: called after each frame.
        """
        video = self._copied()
        change = video.new_zeros(video.shape[:3])
        _ = self.cut  # before two threads ask for it
        for time in one_ahead(range(len(video)), self._cut_all):
            checkpoint()
            if any(edit.changes(time) for edit in self.edits):
                box, colors, changed = self.edited_part(time)
                video[time][box.slices], change[time][box.slices] = colors, changed
            progress(time + 1, len(video))
        return video, change

    def plate(self) -> Tensor:
        """`[T, H, W, 3]`: the clip without the objects that are edited."""
        plate = self._copied()
        for time in range(len(plate)):
            gone = [edit for edit in self.edits if edit.kind != UNEDITED and edit.track.visible[time]]
            hole = self.hole(time, gone)
            plate[time] = torch.from_numpy(self.ground.behind(time, hole)).to(plate)
        return plate

    def _copied(self) -> Tensor:
        return torch.stack([self.clip[time] for time in range(len(self.clip))])

    @cached_property
    def seen(self) -> dict[Edit, SeenParts]:
        """What the frames show of each object."""
        return {edit: SeenParts.of(edit.track) for edit in self.edits}

    @property
    def size(self) -> tuple[int, int]:
        return self.clip.shape[2], self.clip.shape[1]

    def pixels(self, time: int) -> np.ndarray:
        """`[H, W, 3]` float32."""
        return np.ascontiguousarray(self.clip[time].detach().cpu().float().numpy())

    def foreground(self, time: int) -> np.ndarray:
        """`[H, W]` bool: the objects in a frame and their shadows, with their soft edges. All of a piece of the scene:
        no frame shows what is behind that."""
        found, shadows = self.masks(time, self.edits), shadows_of(self.edits, time)
        for piece in (edit.track for edit in self.edits if edit.track.is_scene):
            found |= cv2.resize(piece.whole_at(time).astype(np.uint8), self.size) > 0
        return with_rim(found if shadows is None else found | shadows, RIM)

    def masks(self, time: int, edits: Sequence[Edit]) -> np.ndarray:
        """`[H, W]` bool: what a frame shows of objects."""
        return shown_of(edits, time, self.size)

    @cached_property
    def ground(self) -> Ground:
        return Ground(self.motions, self.pixels, self.foreground, self.things, self.shots)

    def things(self, time: int) -> np.ndarray:
        """`[H, W]` bool: what a frame shows of people, animals and other things, edited or not."""
        found = search_image(to_bytes(self.clip[time])).things.astype(np.uint8)
        return cv2.resize(found, self.size, interpolation=cv2.INTER_NEAREST).astype(bool)

    @cached_property
    def cut(self) -> Callable[[Edit, int], Layer | None]:
        """An object as a frame shows it; None where it does not. Frames near one another need the same ones."""
        return lru_cache(CACHED_LAYERS)(self._cut)

    def _cut(self, edit: Edit, time: int) -> Layer | None:
        mask = edit.track.mask_at(time)
        if not (mask >= MASKED).any():
            return None
        region = region_of_mask(mask, AT_REST, np.ones(1, bool))
        region, colors = cut_region(replace(region, grow=edit.grow, feather=edit.feather), self.pixels(time))
        others = self.masks(time, [other for other in self.edits if other is not edit])
        region = replace(region, opacity=region.opacity * ~(others & (mask < MASKED))[region.box.slices])
        return layer_of(region, self.clip[time].movedim(-1, 0), colors)

    def _cut_all(self, time: int) -> None:
        """Cuts out what a frame needs, which takes half of its time and depends on no other frame."""
        for edit in (edit for edit in self.edits if edit.changes(time)):
            self.cut(edit, time)
            self.cut(edit, edit.source(time))

    def hole(self, time: int, edits: Sequence[Edit]) -> np.ndarray:
        """`[H, W]` bool: what the objects and their shadows uncover when they are taken out of a frame."""
        hole = np.zeros(self.size[::-1], bool)
        for edit in watched(edits):
            layer = self.cut(edit, time)
            if layer is not None:
                hole[layer.region.box.slices] |= layer.region.hole
            shadow = edit.shadow_at(time)
            if shadow is not None:
                hole |= with_rim(shadow, SHADOW_RIM)
        return hole

    @cached_property
    def shadow(self) -> Callable[[Edit, int], Layer | None]:
        """An object's shadow as a frame shows it; None where it does not."""
        return lru_cache(CACHED_LAYERS)(self._shadow)

    def _shadow(self, edit: Edit, time: int) -> Layer | None:
        area = edit.shadow_at(time)
        if area is None or not area.any():
            return None
        region = shadow_region(area, np.ones(1, bool))
        box = region.box.slices
        ground = self.ground.behind(time, self.hole(time, [edit]))
        region, colors = measured(region, self.pixels(time)[box], ground[box], self.masks(time, self.edits)[box])
        return layer_of(region, self.clip[time].movedim(-1, 0), colors)

    def edited_part(self, time: int) -> tuple[Box, Tensor, Tensor]:
        """The part of an edited frame in which all lies that differs from the clip's: its box, its colours `[h, w, 3]`,
        and `[h, w]` from 0 to 1, where it differs."""
        changing = [edit for edit in self.edits if edit.changes(time)]
        hole = self.hole(time, [edit for edit in changing if edit.leaves])
        behind = self.clip[time].new_zeros(6, *hole.shape)
        behind[:3] = torch.from_numpy(self.ground.behind(time, hole)).movedim(-1, 0)
        behind[4] = torch.from_numpy(hole)
        layers: list[Layer] = []
        moved: dict[Edit, list[Layer]] = {}
        for number, edit in enumerate(self.edits):
            if edit in changing:
                moved[edit] = self._moved(number, time) if edit.is_drawn(time) else []
                layers += moved[edit]
            else:
                before = [other for other in self.edits[number + 1 :] if other in changing and other.leaves]
                uncovered = self.uncovered(edit, time, self.hole(time, before), hole)
                missing = self.completed(edit, time, uncovered)
                layers += [_placed(each, edit.track.between(other, time)) for each, other in missing]
                layers += self._in_front(edit, time, layers, hole)
        made = render(Composition(_Behind(self._whole, behind), tuple(layers)), 0)
        areas = [layer.region.reach(0) for layer in layers] + ([Box.of(hole)] if hole.any() else [])
        box = reduce(Box.joined, areas).within(*self.size) if areas else NOWHERE
        box = NOWHERE if box.empty else box
        changed = torch.maximum(made.carried, made.disoccluded)[box.slices]
        own = self.clip[time][box.slices]
        colors = torch.where(changed[..., None] > 0, made.colors[(slice(None), *box.slices)].movedim(0, -1), own)
        return box, *self._at_rest(time, moved, colors, changed, box)

    @cached_property
    def _whole(self) -> Region:
        return whole_picture(None, self.size, 1)

    def _at_rest(
        self, time: int, changing: dict[Edit, list[Layer]], colors: Tensor, changed: Tensor, box: Box
    ) -> tuple[Tensor, Tensor]:
        """A part of an edited frame `[h, w, 3]`, and `[h, w]`, where it differs: with the clip itself where nothing
        moves, as around the part of what bends that rests.

        Args:
            changing: the layers of each edit that the frame shows moved.
            box: of the part.
        """
        bending = [edit for edit in changing if edit.only_bends(time)]
        if not bending:
            return colors, changed
        busy = self.hole(time, [edit for edit in changing if edit.leaves and edit not in bending])
        for edit in changing:
            if edit in bending:
                own = edit.track.motion.at(time)
                for place, area in edit.bend.moving(self.cut(edit, time), time, own):
                    seen = place.within(*self.size)
                    if not seen.empty:
                        busy[seen.slices] |= area[seen.shifted(-place.left, -place.top).slices]
            else:
                for layer in changing[edit]:
                    busy[layer.region.reach(0).within(*self.size).slices] = True
        way = cv2.distanceTransform((~busy).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
        kept = np.minimum(way / max(edit.bend.margin for edit in bending), 1)[box.slices]
        kept = torch.from_numpy(kept).to(colors)
        return torch.lerp(colors, self.clip[time][box.slices], kept[..., None]), changed * (kept < 1)

    def _moved(self, number: int, time: int) -> list[Layer]:
        """An object where it is to be in a frame, from back to front."""
        edit, source = self.edits[number], self.edits[number].source(time)
        move, shadow, layers = edit.move(time), self.shadow(edit, source), self.layers(number, source)
        placed = self._bent(edit, layers, time) if edit.bends(time) else [
            _placed(each, move.after(edit.track.between(frame, source))) for each, frame in layers
        ]  # fmt: skip
        return placed if shadow is None else [_placed(shadow, move), *placed]

    def layers(self, number: int, time: int) -> list[tuple[Layer, int]]:
        """The whole object of a number in a frame, from back to front, with the frames that they were cut out of: what
        it lacks there because something hides it or it has left the picture, as another frame shows it, and then
        itself. No edit has a share in that."""
        edit, hidden = self.edits[number], self._hidden(number, time)
        beneath = cv2.dilate(hidden.astype(np.uint8), OVERLAP).astype(bool)  # no gap shows between the two
        layers = self.completed(edit, time, beneath)
        layer = self.cut(edit, time)
        if layer is not None:
            layer = layer.masked(~hidden[layer.region.box.slices]) if layers else layer  # its edge there shows both
            layers = [*layers, (layer, time)]
        return layers

    def _bent(self, edit: Edit, layers: Sequence[tuple[Layer, int]], time: int) -> list[Layer]:
        """Layers, each cut out of the frame of a number, as pins bend them in a frame: what lies over another part of
        the object is before all of it."""
        own = edit.track.motion
        onto = edit.move(time).after(own.at(edit.source(time)))
        found = [edit.bend.placed(layer, time, own.at(frame), onto) for layer, frame in layers]
        return [*(each[0] for each in found), *(each for of in found for each in of[1:])]

    def completed(self, edit: Edit, source: int, hidden: np.ndarray) -> list[tuple[Layer, int]]:
        """What a frame does not show of an object where it is hidden `[H, W]` bool, or has left the picture: as other
        frames show it, with their numbers. Nothing of it in a shot that does not show it."""
        layers: list[tuple[Layer, int]] = []
        if not hidden.any() or (self.shots and not edit.track.is_in(shot_of(self.shots, source))):
            return layers
        for other in reversed(self.seen[edit].completing(source)):
            between = edit.track.between(other, source)
            if not _is_hidden(self._room(edit, other), between, hidden).any():
                continue  # so that it need not be cut out there
            layer = self.cut(edit, other)
            layer = layer and layer.masked(_is_hidden(layer.region.box, between, hidden))
            if layer is not None and layer.region.opacity.any():
                layers.append((layer, other))
        return layers

    def uncovered(self, edit: Edit, time: int, before: np.ndarray, hole: np.ndarray) -> np.ndarray:
        """`[H, W]` bool: where a frame shows more of an object that stays as it is. That is the hole left `before` it,
        and its soft edge in all of the `hole`, which has colours of what has gone; but what changes its shape has
        another edge in other frames."""
        is_met = edit.track.visible[time] and hole[self._room(edit, time).slices].any()
        if not is_met or self.seen[edit].changes_shape:
            return before
        edge = max(LEAST_EDGE, round(EDGE * hole.size**0.5))
        return before | (hole & grown(self.masks(time, [edit]), edge))

    def _hidden(self, number: int, time: int) -> np.ndarray:
        """`[H, W]` bool: what stands before an object in a frame, by the objects in front of it; everything, where its
        own motion is not known."""
        if not self.edits[number].track.placed[time]:
            return np.ones(self.size[::-1], bool)
        hidden = with_rim(self.masks(time, self.edits[number + 1 :]), RIM)
        for border in (np.s_[:2], np.s_[-2:], np.s_[:, :2], np.s_[:, -2:]):
            hidden[border] = True  # the picture's border cuts an object off sharply
        return hidden

    def _in_front(self, edit: Edit, time: int, layers: Sequence[Layer], hole: np.ndarray) -> list[Layer]:
        """An object that stays as it is, before layers: nothing changes where it is opaque. None where it meets neither
        these nor the hole."""
        if not layers or not edit.track.visible[time]:
            return []
        room = self._room(edit, time)
        meets = any(not room.common(layer.region.reach(0)).empty for layer in layers)
        layer = self.cut(edit, time) if meets or hole[room.slices].any() else None
        return [] if layer is None else [layer.unweighted()]

    def _room(self, edit: Edit, time: int) -> Box:
        """All that a cut may show of an object that a frame shows."""
        mask = edit.track.masks[time]
        near = Box.of(mask > 0) if mask.any() else Box(0, 0, 0, 0)
        x, y = (whole / small for whole, small in zip(self.size, mask.shape[::-1], strict=True))
        whole = Box(int(near.left * x), int(near.top * y), math.ceil(near.right * x), math.ceil(near.bottom * y))
        beyond = max(edit.grow, 0) + edit.feather / 2 + max(x, y, 1)  # its mask is enlarged smoothly
        return whole.grown(reach_of(self.size) + FINISHED_MARGIN + math.ceil(beyond)).within(*self.size)


@dataclass(frozen=True)
class _Behind:
    """A frame's ground `[6, H, W]`, which layers are put over."""

    region: Region
    pixels: Tensor

    def at(self, time: int) -> Frame:
        return Frame(self.pixels)


def _placed(layer: Layer, move: SimilarityTransform) -> Layer:
    """A layer of one frame with its motion to another, as its only frame."""
    warp = SimilarityWarp(SimilarityTransform(np.array([move.factor]), np.array([move.shift])))
    return replace(layer, region=replace(layer.region, warp=warp))


def shown_of(edits: Sequence[Edit], time: int, size: tuple[int, int]) -> np.ndarray:
    """`[H, W]` bool: what a frame of (width, height) `size` shows of the objects of edits."""
    found = np.zeros(size[::-1], bool)
    for edit in edits:
        if edit.track.visible[time]:
            found |= edit.track.mask_at(time) >= MASKED
    return found


def shadows_of(edits: Sequence[Edit], time: int) -> np.ndarray | None:
    """`[H, W]` bool: the shadows of edits' objects in a frame; None where none is known."""
    found = [shadow for edit in edits if (shadow := edit.shadow_at(time)) is not None]
    return np.any(found, axis=0) if found else None


def with_rim(found: np.ndarray, width: float) -> np.ndarray:
    """`[H, W]` bool: what is found `[H, W]`, grown by its soft edge, of sqrt(H * W)."""
    radius = max(LEAST_RIM, round(width * (found.shape[0] * found.shape[1]) ** 0.5))
    return grown(found, radius)


def _is_hidden(box: Box, between: SimilarityTransform, hidden: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: which pixels of a box are hidden, or outside the picture, in another frame, to whose pixels
    `between` leads."""
    there = between.apply(box.positions())
    column, row = np.rint(there.real).astype(int), np.rint(there.imag).astype(int)
    height, width = hidden.shape
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    return ~inside | hidden[row.clip(0, height - 1), column.clip(0, width - 1)]
