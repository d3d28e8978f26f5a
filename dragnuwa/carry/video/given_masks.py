"""Masks that were connected for the objects of a drawing on a clip: checked, and given to the drags and objects to
which they belong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from ...common.errors import InputError
from ...common.masks import FAINT, MASKED, as_masks, check_object_mask, masks_of_tracks
from ...trajectory import Trajectories
from ...trajectory.objects.masks import outline_mask
from .edits import ClipDrawing, name_of
from .from_masks import not_seen

Given = Sequence[np.ndarray | None]
"""For each drag and then each object its mask, `[1, H, W]` or `[T, H, W]` from 0 to 1; None for none."""


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
    found = _by_thing(as_masks(masks, "masks").cpu().numpy(), drawing)
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


def _by_thing(found: np.ndarray, drawing: ClipDrawing) -> np.ndarray:
    """`[N, 1, H, W]` or `[N, T, H, W]`."""
    things = len(drawing.trajectories.enabled) + len(drawing.trajectories.enabled_objects)
    frames = drawing.clip.frames
    if found.shape[1:] != (drawing.clip.height, drawing.clip.width):
        raise InputError(
            f"masks should have the clip's size, {drawing.clip.width}x{drawing.clip.height} pixels; found "
            f"{found.shape[2]}x{found.shape[1]}. Make them from the clip's own frames."
        )
    if len(found) == things:
        return found[:, None]
    if len(found) != things * frames and (drawing.trajectories.enabled_objects or len(found) % frames):
        raise InputError(
            f"masks should be {frames} for each of the {things} drags and objects, grouped by object, or one for each; "
            f"found {len(found)}. Connect one batch of {things * frames}, or none."
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
