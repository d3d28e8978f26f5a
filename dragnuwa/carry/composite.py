"""The carried video: layers of the picture, moved along their tracks and composited over the filled background.

The result looks pasted, but moves exactly as drawn. A video model that starts from its noised latents makes it look
natural (SDEdit, arXiv 2108.01073; Time-to-Move, arXiv 2511.08633); `dragnuwa.carry.noise_mask` says for how long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.errors import InputError
from ..common.images import as_images, fit, size_at
from ..common.interrupt import Progress, checkpoint, no_progress
from ..common.masks import MASKED, as_things
from ..trajectory import MotionObject, SampledTracks, Trajectories
from ..vision.inpainting.clean_plate import plate_for
from .bent import PinTracks, told_limits
from .cut import with_edges
from .find import Found, find
from .layers import Stack
from .rendering import rendering
from .settings import CarrySettings

MOST = 2048  # px, default limit of the longer side


@dataclass(frozen=True)
class Carried:
    """The carried video, and what each of its pixels shows.

    Attributes:
        video: `[T, H, W, 3]` from 0 to 1; frame 0 is the picture.
        carried: `[T, H, W]` from 0 to 1, confidence that a pixel shows what a track carried. It is 1 in a mask; around
            a track without one it falls off like the drag maps' Gaussian, to 0.5 at the radius.
        uncovered: `[T, H, W]` from 0 to 1, background that was disoccluded, or brought in by a camera move.
        cleared: `[T, H, W]` from 0 to 1, the part of it that masked objects have disoccluded. There the filling can be
            trusted; around a track without a mask, it may be made of what should have moved.
        objects: `[N + K, H', W']` from 0 to 1, at the picture's full size, or the clip's if there are too many: for
            each track, the object that it carries (the connected mask, or the object that was found; empty if it
            carries something else, or nothing); then the K objects of the trajectories. As masks, they give the same
            video again.
    """

    video: Tensor
    carried: Tensor
    uncovered: Tensor
    cleared: Tensor
    objects: Tensor


def carry_clip(
    image: Tensor | None,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    progress: Progress = no_progress,
    *,
    background: Tensor | None = None,
) -> Carried:
    """`carry` for a raw picture, drags and objects: fits the picture to the clip, and samples the motion at its frames.

    Args:
        image: as `as_images` takes it, of any size; the first image is used, fitted to the clip as the settings say.
            Objects are searched for in it at full size.
        trajectories: drags and objects; disabled ones carry nothing.
        clip: size and number of frames.
        masks: as `as_masks` takes it, of the image's size or the clip's, and paired as in `carry`. If all are empty, of
            whatever size (Load Image gives such a mask for a picture without one), they are ignored.
        settings: how it is carried.
        progress: called after each frame.
        background: as `dragnuwa.vision.inpainting.clean_plate.plate_for` takes it: the picture without the moving
            objects.

    Raises:
        ValueError: if there is no image or nothing to carry, masks have a wrong size, or the background has a wrong
            aspect ratio; otherwise as `carry`.
    """
    if image is None:
        raise ValueError("There is no picture to carry. Connect an image, best the Trajectory Editor's.")
    image, masks = as_images(image), some_masks(masks)
    tracks, objects = sampled_tracks(trajectories, clip), trajectories.enabled_objects
    start = fit(image[:1], clip.width, clip.height, settings.fit)[0]
    if background is not None:
        whole = (image.shape[2], image.shape[1])
        background = plate_for(clip.size, background, whole, clip.size, settings.fit)
    drawn = tracks.points, tracks.visible
    return carry(
        start,
        *drawn,
        masks,
        settings,
        progress,
        picture=image[0],
        objects=objects,
        background=background,
        pins=PinTracks.of(tracks.tracks),
    )


def find_in_clip(
    image: Tensor,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
) -> Found:
    """What `carry_clip` would move, without moving it. The arguments and errors are the same."""
    image, masks = as_images(image), some_masks(masks)
    tracks, objects = sampled_tracks(trajectories, clip), trajectories.enabled_objects
    pins = PinTracks.of(tracks.tracks)
    found = find(image[0], tracks.points, tracks.visible, objects, clip, masks, settings, pins)
    start = fit(image[:1], clip.width, clip.height, settings.fit)[0].movedim(-1, 0)
    return replace(found, stack=with_edges(found.stack, start))


def some_masks(masks: Tensor | None) -> Tensor | None:
    """Masks of objects, as `as_things` takes and returns them; None if all are empty."""
    masks = None if masks is None else as_things(masks)
    return masks if masks is not None and (masks >= MASKED).any() else None


def carry(
    image: Tensor,
    points: np.ndarray,
    visible: np.ndarray,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    progress: Progress = no_progress,
    *,
    picture: Tensor | None = None,
    objects: Sequence[MotionObject] = (),
    background: Tensor | None = None,
    pins: PinTracks | None = None,
) -> Carried:
    """Moves parts of a picture along tracks.

    With a mask, the object under it moves as a whole: one track shifts it, two also rotate it, three or more also scale
    it. Its edge and its own colours, without those of the old background, are estimated from the picture
    (`dragnuwa.carry.cut`). Without a mask, the object under the start of the track is segmented; tracks that move
    rigidly together share one (`dragnuwa.vision.segmentation`). If none is found, or wanted, a track carries what lies
    within `radius` of it, up to halfway to the next track; close tracks that move alike carry it as one piece. Tracks
    that cover most of the frame and move together (pan, zoom, roll) move the whole frame. Later tracks lie in front,
    and moving ones in front of resting ones. While a track is hidden, so is what it carries. A track that moves at most
    one pixel right and down is an anchor: it holds what is under it exactly still (the drift is only there for the drag
    maps).

    Objects lie in front of all of that, in their own order, and each follows its own motion (`from_objects`).

    Args:
        image: `[H, W, 3]` from 0 to 1.
        points: `[N, T, 2]` x and y in pixels, finite and inside the picture.
        visible: `[N, T]` bool.
        masks: `[M, H, W]` from 0 to 1, of the image's size or the picture's, thresholded at 0.5: one per track (empty
            for none); or any number, and each track gets the smallest one that it begins in
            (`dragnuwa.common.masks.owners`); or one per track and then one per object, which replaces the object's
            outline unless it is empty.
        settings: `radius`, `carries`, `fill` and `fit` are used here.
        progress: called after each frame.
        picture: `[H', W', 3]`, the picture before it was fitted to become the image; the image itself if None.
        objects: the enabled ones, from back to front.
        background: `[H, W, 3]` from 0 to 1, the image without the moving objects. Disoccluded areas are filled from it,
            whatever the settings say.
        pins: what the drawing says of the tracks as pins: those on one object may bend it (`bent`). None if none does.

    Raises:
        ValueError: if shapes do not agree, points lie outside, there is nothing to carry, masks match no track, or the
            background shows something else.
    """
    _check(image, points, visible, bool(objects))
    (height, width), frames = image.shape[:2], points.shape[1]
    clip, whole = ClipShape(width, height, frames), image if picture is None else picture
    found = find(whole, points, visible, objects, clip, masks, settings, pins)
    told_limits(found.stack.things)
    pixels = image.movedim(-1, 0)
    rendered = rendering(found.stack, pixels, settings.fill, background=background)
    video = image.new_empty(frames, height, width, 3)
    carried, uncovered = (image.new_empty(frames, height, width) for _ in range(2))
    cleared = _room_for_cleared(rendered.stack, uncovered)
    for time in range(frames):
        checkpoint()
        frame = rendered.frame(time)
        video[time], carried[time], uncovered[time] = frame[:3].movedim(0, -1), frame[3], frame[4]
        if cleared is not None:
            cleared[time] = frame[5]
        progress(time + 1, frames)
    return Carried(video, carried, uncovered, uncovered if cleared is None else cleared, found.objects.to(image.device))


def _room_for_cleared(stack: Stack, uncovered: Tensor) -> Tensor | None:
    """For `Carried.cleared`; None where it is `uncovered` itself, which saves memory in long clips."""
    of_all, of_whole = stack.left
    same = stack.background.warp is None and np.array_equal(of_all, of_whole)
    return None if same else torch.empty_like(uncovered)


def sampled_tracks(trajectories: Trajectories, clip: ClipShape) -> SampledTracks:
    """The drawn tracks of a picture at the frames of a clip, if there is something to carry.

    Raises:
        ValueError: if there is no object, and no track is visible in frame 0; or if a visible one begins outside the
            picture.
    """
    sampled = replace(trajectories, objects=()).at_frames(clip)
    if not sampled.visible[:, :1].any() and not trajectories.enabled_objects:
        drawn = len(trajectories.tracks) + len(trajectories.objects)
        if drawn == 0:
            raise ValueError("There is nothing to move: nothing is drawn yet. Draw a drag in the Trajectory Editor.")
        raise ValueError(
            f"There is nothing to move: none of the {drawn} drags and objects is enabled and visible in the first "
            "frame. Enable one in the Trajectory Editor, or draw another."
        )
    for track, shown in zip(sampled.tracks, sampled.visible[:, 0], strict=True):
        start = track.points[0]
        if shown and not (0 <= start.x <= 1 and 0 <= start.y <= 1):
            raise InputError(
                f"The drag '{track.name or track.id}' starts outside the picture, at {start.x * clip.width:g}, "
                f"{start.y * clip.height:g} of {clip.width}x{clip.height} pixels, where there is nothing to move. "
                'Press "Move in" in the Trajectory Editor, or move its first point inside.'
            )
    return sampled


def _check(image: Tensor, points: np.ndarray, visible: np.ndarray, objects: bool) -> None:
    if image.ndim != 3 or image.shape[-1] != 3 or min(image.shape[:2]) < 2:
        raise ValueError(f"image must be [H, W, 3], at least 2 pixels wide and high; found {list(image.shape)}.")
    height, width = image.shape[:2]
    if points.ndim != 3 or points.shape[1] < 2 or points.shape[2] != 2:
        raise ValueError(f"points must be [N, T, 2] with at least two frames; found {list(points.shape)}.")
    if visible.shape != points.shape[:2]:
        raise ValueError(f"visible must be [N, T] = {list(points.shape[:2])}; found {list(visible.shape)}.")
    if not visible[:, :1].any() and not objects:
        raise ValueError("There is nothing to move: no drag is visible in the first frame.")
    if not ((points >= 0) & (points <= (width - 1, height - 1))).all():  # false for NaN, too
        raise ValueError(f"points must be finite and lie inside the picture of {width}x{height} pixels.")


def carry_at_full_size(
    image: Tensor | None,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    longer_side: int = 0,
    background: Tensor | None = None,
    progress: Progress = no_progress,
) -> Carried:
    """`carry_clip` at the picture's size.

    Args:
        image, trajectories, masks, background, progress: as for `carry_clip`.
        clip: the video's aspect ratio and number of frames, and the size to which the settings' radius refers.
        settings: `radius`, `carries`, `fill` and `fit` are used.
        longer_side: of the video in pixels; 0 for the picture's, at most `MOST`. Both sides are even.

    Raises:
        ValueError: as `carry_clip`.
    """
    size = clip.size if image is None else _size(as_images(image), clip, settings.fit, longer_side)
    large = ClipShape(*size, clip.frames)
    settings = replace(settings, radius=settings.radius * max(size) / max(clip.size))
    return carry_clip(image, trajectories, large, masks, settings, progress, background=background)


def _size(images: Tensor, clip: ClipShape, mode: str, longer_side: int) -> tuple[int, int]:
    """Width and height of the video, both even, as video codecs require."""
    size = size_at(clip.width / clip.height, images.shape[2], images.shape[1], mode)
    longest = longer_side or min(MOST, max(size))
    return tuple(max(2, int(side * longest / max(size)) // 2 * 2) for side in size)
