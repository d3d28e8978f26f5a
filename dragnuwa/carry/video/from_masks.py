"""Objects that something else has followed, such as ComfyUI's SAM3: their motion from their masks and colours."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import same_shape
from ...common.interrupt import checkpoint
from ...common.masks import MASKED
from ...geometry.frame_alignment import FrameAt
from ...geometry.similarity import AT_PLACE, SimilarityTransform
from .follow import between_masks, small_frames
from .template import Template
from .tracked import ObjectTrack

STRANGE = 0.6  # error from which an object has changed so much that only its mask says where it is


def from_masks(frame_at: FrameAt, masks: np.ndarray, frame: int) -> ObjectTrack:
    """
    Args:
        frame_at: the clip's frames.
        masks: `[T, h, w]` bool, or from 0 to 1, of any size with the clip's aspect ratio: what is seen of it in each.
        frame: the number of the frame to whose pixels its motion refers; it has to be seen there.

    Raises:
        InputError: if it is not seen in that frame.
    """
    height, width = frame_at(frame).shape[:2]
    small, size, scale = small_frames(frame_at, (width, height))
    seen = np.stack([cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) for mask in masks])
    if not (seen[frame] >= MASKED).any():
        raise not_seen(frame)
    template = Template.of(small(frame), seen[frame] >= MASKED)
    factor, shift = np.ones(len(masks), complex), np.zeros(len(masks), complex)
    visible = (seen >= MASKED).any((1, 2))
    for times in (range(frame + 1, len(masks)), range(frame - 1, -1, -1)):
        motion = AT_PLACE
        for time in times:
            checkpoint()
            if visible[time]:
                motion = _moved(template, small(time), seen[frame], seen[time], motion)
            factor[time], shift[time] = motion.factor, motion.shift
    everywhere = frozenset(range(len(masks)))
    found = (255 * seen).astype(np.uint8)
    motion = SimilarityTransform(factor, shift).unscaled(scale)
    return ObjectTrack(frame, motion, visible, found, (width, height), everywhere)


def not_seen(frame: int) -> InputError:
    return InputError(
        f"The masks show no object in frame {frame + 1}, in which it was drawn. Draw on it where they do."
    )


def _moved(
    template: Template, picture: np.ndarray, first: np.ndarray, mask: np.ndarray, before: SimilarityTransform
) -> SimilarityTransform:
    """The motion to a frame, from those of its mask and of the frame before."""
    by_mask = between_masks(first, mask, before)
    guesses = [by_mask, before]
    found = min(guesses, key=lambda each: template.error(picture, each))
    near = [found, *template.refinements(picture, found, template.mask)]
    best = min(near, key=lambda each: template.error(picture, each))
    return best if template.error(picture, best) < STRANGE else by_mask


def sam3_things(track_data: Any, clip: ClipShape) -> list[np.ndarray]:
    """The objects in ComfyUI's SAM3_TRACK_DATA: `[T, h, w]` bool each.

    Args:
        clip: size and number of frames of the clip that was tracked.

    Raises:
        InputError: if it is of another form, or of a clip with another number of frames or another shape.
    """
    packed = track_data.get("packed_masks") if isinstance(track_data, dict) else None
    if packed is None:
        raise InputError("SAM3 has tracked nothing. Give SAM3 Video Track other words, or a mask of what to track.")
    bits = np.asarray(packed.cpu() if hasattr(packed, "cpu") else packed)
    if bits.ndim != 4 or bits.dtype != np.uint8:
        raise InputError(
            f"sam3_tracks should hold bit-packed masks [T, N, h, w / 8], uint8; found {bits.dtype} {list(bits.shape)}. "
            "Connect the track_data of SAM3 Video Track."
        )
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
