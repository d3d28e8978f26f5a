"""Objects whose masks are given: those that something else has followed, such as ComfyUI's SAM3, and those that are
connected for the objects of a drawing. Their motion comes from their masks and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import same_shape
from ...common.interrupt import checkpoint
from ...common.masks import FAINT, MASKED, as_masks, check_object_mask, masks_of_tracks
from ...geometry.frame_alignment import FrameAt
from ...geometry.similarity import AT_PLACE, SimilarityTransform
from ...trajectory import Trajectories
from ...trajectory.objects.masks import outline_mask
from .edits import ClipDrawing, name_of
from .follow import CHANGE, between_masks, bridged, cost_of_jump, small_frames
from .template import CLIPPED, Template
from .tracked import ObjectTrack

ROUNDS = 4  # of refinement
LEAST_SEEN = 0.05  # of an object: less of it does not say where it is
HIDDEN = 0.1  # what a place of it counts that is not seen, of the largest difference
STRAY = 0.1  # what it counts to be by the object's size from where it is expected
Given = Sequence[np.ndarray | None]
"""For each drag and then each object its mask, `[1, H, W]` or `[T, H, W]` from 0 to 1; None for none."""


def from_masks(
    frame_at: FrameAt, masks: np.ndarray, frame: int, whole_size: tuple[int, int] | None = None
) -> ObjectTrack:
    """
    Args:
        frame_at: the clip's frames, or small ones (`small_frames`).
        masks: `[T, h, w]` bool, or from 0 to 1, of any size with the clip's aspect ratio: what is seen of it in each.
        frame: the number of the frame to whose pixels its motion refers; it has to be seen there.
        whole_size: (width, height) of the clip, if the frames are small.

    Raises:
        InputError: if it is not seen in that frame.
    """
    whole_size = whole_size or frame_at(frame).shape[1::-1]
    small, size, scale = small_frames(frame_at, whole_size)
    seen = np.stack([cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) for mask in masks])
    if not (seen[frame] >= MASKED).any():
        raise not_seen(frame)
    fit = _MaskFit(Template.of(small(frame), seen[frame] >= MASKED), seen[frame] >= MASKED)
    factor, shift = np.ones(len(masks), complex), np.zeros(len(masks), complex)
    visible = (seen >= MASKED).any((1, 2))
    for times in (range(frame + 1, len(masks)), range(frame - 1, -1, -1)):
        motion = before = AT_PLACE
        for time in times:
            checkpoint()
            if visible[time]:
                ahead = motion.after(before.inverse()).after(motion)
                before, motion = motion, fit.motion(small(time), seen[time] >= MASKED, motion, ahead)
            factor[time], shift[time] = motion.factor, motion.shift
    factor, shift = bridged(factor, shift, visible, fit.middle)
    everywhere = frozenset(range(len(masks)))
    found = (255 * seen).astype(np.uint8)
    motion = SimilarityTransform(factor, shift).unscaled(scale)
    return ObjectTrack(frame, motion, visible, found, whole_size, everywhere)


def not_seen(frame: int) -> InputError:
    return InputError(
        f"The masks show no object in frame {frame + 1}, in which it was drawn. Draw on it where they do."
    )


class _MaskFit:
    """Fits motions to masks of an object in further frames, and to its colours there. A smaller mask may be that of an
    object that something hides in part, so that its middle and its size alone say little.

    Args:
        template: the object in the frame in which it was given.
        mask: `[h, w]` bool, of that frame.
    """

    def __init__(self, template: Template, mask: np.ndarray):
        self.template, self.mask = template, mask
        self.middle = complex(*np.argwhere(mask)[:, ::-1].mean(0))
        self.area = float(mask.sum())

    def motion(
        self, picture: np.ndarray, seen: np.ndarray, before: SimilarityTransform, ahead: SimilarityTransform
    ) -> SimilarityTransform:
        """The motion to a frame that shows `seen` `[h, w]` bool of it.

        Args:
            before: to the frame before.
            ahead: as the object would go on.
        """
        expected = self._at(before, ahead.apply(self.middle))
        if seen.sum() < LEAST_SEEN * self.area:
            return expected
        by_mask = between_masks(self.mask, seen, before)
        guesses = [before, expected, by_mask, self._at(before, by_mask.apply(self.middle))]
        for _ in range(ROUNDS):
            possible = [each for each in guesses if abs(each.factor) * CHANGE > abs(before.factor)]
            found = min(possible, key=lambda each: self._error(picture, seen, each, before, expected))
            if found is guesses[0]:
                break
            guesses = [found, *self.template.refinements(picture, found, self._back(seen, found) & self.template.mask)]
        return found

    def _at(self, motion: SimilarityTransform, middle: complex) -> SimilarityTransform:
        """A motion of the same size and turn that takes the object's middle elsewhere."""
        return replace(motion, shift=motion.shift + middle - motion.apply(self.middle))

    def _back(self, seen: np.ndarray, motion: SimilarityTransform) -> np.ndarray:
        """`[h, w]` bool, of the template's box: a mask of another frame, moved back to it."""
        back = motion.matrix() @ np.linalg.inv(self.template.to_box)
        way, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, self.template.mask.shape[::-1]
        return cv2.warpAffine(seen.astype(np.float32), back[:2], size, flags=way) >= MASKED

    def _error(
        self,
        picture: np.ndarray,
        seen: np.ndarray,
        motion: SimilarityTransform,
        before: SimilarityTransform,
        expected: SimilarityTransform,
    ) -> float:
        """How badly a motion explains what a frame shows of the object, from 0 on: by the colours there, by what is
        seen where it should not be, and by what should be seen and is not, which may be hidden; and by how far it is
        from what is expected."""
        template, there = self.template, self._back(seen, motion)
        both = there & template.mask
        area = max(1.0, seen.sum() * abs(template.to_box[0, 0] / motion.factor) ** 2)  # px of the box
        difference = np.minimum(template.difference(template.rectified(picture, motion)), CLIPPED)[both].sum() / CLIPPED
        outside, hidden = max(0.0, area - both.sum()), HIDDEN * (template.mask & ~there).sum()
        stray = abs(motion.apply(self.middle) - expected.apply(self.middle)) / self.area**0.5
        far = STRAY * min(stray, 1.0) + cost_of_jump(motion, before)
        return float((difference + outside + hidden) / area + far)


def sam3_objects(track_data: Any, clip: ClipShape) -> list[np.ndarray]:
    """The objects in ComfyUI's SAM3_TRACK_DATA: `[T, h, w]` bool each.

    Args:
        clip: size and number of frames of the clip that was tracked.

    Raises:
        InputError: if it is of another form, or of a clip with another number of frames or another shape.
    """
    packed = track_data.get("packed_masks") if isinstance(track_data, dict) else None
    if packed is None:
        raise InputError("SAM3 has tracked nothing. Give SAM3 Video Track other words, or a mask of what to track.")
    kind, shape = str(getattr(packed, "dtype", type(packed).__name__)).removeprefix("torch."), np.shape(packed)
    if kind != "uint8" or len(shape) != 4:  # some types of torch have no counterpart in numpy
        raise InputError(
            f"sam3_tracks should hold bit-packed masks [T, N, h, w / 8], uint8; found {kind} {list(shape)}. "
            "Connect the track_data of SAM3 Video Track."
        )
    bits = np.asarray(packed.cpu() if hasattr(packed, "cpu") else packed)
    if len(bits) != clip.frames:
        raise InputError(
            f"sam3_tracks has {len(bits)} frames, the clip has {clip.frames}. Track the same frames that are edited."
        )
    height, width = track_data.get("orig_size") or clip.size[::-1]
    if not same_shape((width, height), clip.size):
        raise InputError(
            f"sam3_tracks is of a video of {width}x{height} pixels, the clip has {clip.width}x{clip.height}. Track the "
            "same frames that are edited."
        )
    return list(np.moveaxis(np.unpackbits(bits, axis=-1, bitorder="little").astype(bool), 1, 0))


def given_masks(masks: Tensor | None, drawing: ClipDrawing) -> Given:
    """
    Args:
        masks: `[M, H, W]` from 0 to 1: for each object one for each frame of the clip, or one for the frame in which it
            was drawn; grouped by object, in the order of drags and then objects. Without objects, for any number of
            objects, one for each frame.

    Returns:
        Empty without masks, or where all are empty and there is one for each object.

    Raises:
        InputError: if masks have another number or size, are too faint, or a drag or an object is not where its mask
            is, by the rule of `dragnuwa.common.masks.masks_of_tracks`.
    """
    if masks is None:
        return ()
    found = _by_object(as_masks(masks, "masks").cpu().numpy(), drawing)
    most = found.max((1, 2, 3))
    faint = np.flatnonzero((most >= FAINT) & (most < MASKED))
    if len(faint):
        raise InputError(
            f"masks should reach {MASKED} on what they cover, or be empty; found {most[faint[0]]:.2g} at most in those "
            f"of object {faint[0] + 1} of {len(found)}. Put Threshold Mask behind them, or paint more strongly."
        )
    if found.shape[1] == 1 and (most < MASKED).all():
        return ()
    tracks, objects = drawing.trajectories.enabled, drawing.trajectories.enabled_objects
    of_objects = found[len(tracks) :] if objects else ()
    for each, mask in zip(objects, of_objects, strict=True):
        own = mask[0 if len(mask) == 1 else drawing.frame_of(each)]
        check_object_mask(own, outline_mask(each.outline, *drawing.clip.size), name_of(each))
    of_tracks = _of_tracks(found[: len(tracks)] if objects else found, drawing)
    return [*of_tracks, *(mask if (mask >= MASKED).any() else None for mask in of_objects)]


def _by_object(found: np.ndarray, drawing: ClipDrawing) -> np.ndarray:
    """`[N, 1, H, W]` or `[N, T, H, W]`."""
    expected = len(drawing.trajectories.enabled) + len(drawing.trajectories.enabled_objects)
    frames = drawing.clip.frames
    if found.shape[1:] != (drawing.clip.height, drawing.clip.width):
        raise InputError(
            f"masks should have the clip's size, {drawing.clip.width}x{drawing.clip.height} pixels; found "
            f"{found.shape[2]}x{found.shape[1]}. Make them from the clip's own frames."
        )
    if len(found) == expected:
        return found[:, None]
    if len(found) != expected * frames and (drawing.trajectories.enabled_objects or len(found) % frames):
        raise InputError(
            f"masks should be {frames} for each of the {expected} drags and objects, grouped by object, or one for "
            f"each; found {len(found)}. Connect one batch of {expected * frames}, or none."
        )
    return found.reshape(-1, frames, *found.shape[1:])


def _of_tracks(found: np.ndarray, drawing: ClipDrawing) -> list[np.ndarray | None]:
    """The mask of each drag, in the frame in which it was drawn."""
    tracks = drawing.trajectories.enabled
    if not tracks:
        return []
    frames = [0 if found.shape[1] == 1 else drawing.frame_of(track) for track in tracks]
    points = Trajectories(tuple(tracks), drawing.clip.size).at_frames(drawing.clip).points[:, 0]
    starts = points[:, 0] + 1j * points[:, 1]
    height, width = found.shape[2:]
    x, y = (np.rint(part).astype(int).clip(0, side - 1) for part, side in ((starts.real, width), (starts.imag, height)))
    holds = found[:, frames, y, x].T >= MASKED  # [N, M]
    area = (found >= MASKED).sum((1, 2, 3))
    for number, frame in enumerate(frames if len(found) == len(tracks) else ()):
        if not (found[number, frame] >= MASKED).any() and (area[number] or not area.any()):
            raise not_seen(frame)
    owner = masks_of_tracks(
        holds, area, np.ones(len(tracks), bool), lambda number: (found[number, frames[number]], starts[number]),
        lambda number: f"The drag '{name_of(tracks[number])}'",
    )  # fmt: skip
    return [found[number] if number >= 0 else None for number in owner]
