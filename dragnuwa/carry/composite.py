"""The carried video: layers of the picture, moved along their tracks and composited over the filled background.

The result looks pasted, but moves exactly as drawn. A video model that starts from its noised latents makes it look
natural (SDEdit, arXiv 2108.01073; Time-to-Move, arXiv 2511.08633); `dragnuwa.carry.noise_mask` says for how long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.images import FullSize, as_images, fit, full_size
from ..common.interrupt import Progress, checkpoint, no_progress
from ..trajectory import Trajectories
from ..trajectory.objects.change import in_area
from ..vision.inpainting.clean_plate import plate_for, plate_of_whole
from ..vision.inpainting.fill import FillHole, fill_hole
from ..vision.segmentation.prepared import PreparedPicture, prepare
from .borders import past_borders
from .draft import draft_of, filled_like_draft
from .drawing import check_something_moves, drawing_on, masks_at_picture
from .find import Found, find, hole_at_picture
from .layers import Composition
from .regions import log_limits
from .rendering import compose, cut, render
from .settings import CarrySettings


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
    """Moves parts of a picture along drags, and objects along their own motion.

    With a mask, the object under it moves as a whole: one drag shifts it, two also rotate it, three or more also scale
    it. Its edge and its own colours, without those of the old background, are estimated from the picture
    (`rendering.cut`). Without a mask, the object under the start of the drag is segmented; drags that move rigidly
    together share one (`dragnuwa.vision.segmentation`). If none is found, or wanted, a drag carries what lies within
    `radius` of it, up to halfway to the next drag; close drags that move alike carry it as one piece. Drags that cover
    most of the frame and move together (pan, zoom, roll) move the whole frame. Later drags lie in front, and moving
    ones in front of resting ones. While a drag is hidden, so is what it carries. A drag that moves at most one pixel
    right and down is an anchor: it holds what is under it exactly still (the drift is only there for the drag maps).

    Objects lie in front of all of that, in their own order, and each follows its own motion (`regions`).

    Args:
        image: as `as_images` takes it, of any size; the first image is used, fitted to the clip as the settings say.
            Objects are searched for in it at full size.
        trajectories: drags and objects; disabled ones carry nothing.
        clip: size and number of frames.
        masks: as `dragnuwa.carry.drawing.drawing_on` takes them.
        settings: how it is carried.
        progress: called after each frame.
        background: as `dragnuwa.vision.inpainting.clean_plate.plate_for` takes it: the picture without the moving
            objects. Disoccluded areas are filled from it, whatever the settings say.

    Raises:
        ValueError: if there is no image or nothing to carry, masks have a wrong size or match no drag, or the
            background has a wrong aspect ratio or shows something else.
    """
    return CarryInputs(image, trajectories, clip, masks, background).carried(settings, progress)


def find_in_clip(
    image: Tensor,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
) -> Found:
    """What `carry_clip` would move, without moving it. The arguments and errors are the same."""
    return _found(as_images(image)[0], trajectories, clip, masks, settings)


def _found(
    picture: Tensor | PreparedPicture,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None,
    settings: CarrySettings,
) -> Found:
    drawing = drawing_on(picture, trajectories, clip, masks, settings)
    check_something_moves(drawing, trajectories)
    return find(drawing)


def uncovered_by(found: Found, image: Tensor) -> Tensor:
    """`[1, H, W]` at the picture's size, 0 or 1: all that moving objects uncover in any frame, with their rims.

    Args:
        found: in the first of the images `[B, H, W, C]`.
    """
    drawing = found.drawing
    start = fit(as_images(image)[:1], *drawing.clip.size, drawing.settings.fit)[0].movedim(-1, 0)
    return hole_at_picture(found, [layer.region for layer in cut(found.regions, start)])


def carry(
    image: Tensor,
    found: Found,
    plate: Tensor | None = None,
    progress: Progress = no_progress,
    fill_with: FillHole = fill_hole,
) -> Carried:
    """The carried video of what a drawing moves.

    Args:
        image: `[H, W, 3]` from 0 to 1, of the drawing's size.
        found: what moves.
        plate: `[H, W, 3]` from 0 to 1, the image without the moving objects; None to fill what they uncover.
        progress: called after each frame.
        fill_with: fills holes.

    Raises:
        ValueError: if the plate shows something else.
    """
    (height, width), frames = image.shape[:2], found.drawing.clip.frames
    log_limits(found.regions)
    settings = found.drawing.settings
    start = image.movedim(-1, 0)
    layers = cut(found.regions, start)
    composition = compose(found.background, layers, start, settings.fill, plate=plate, fill_with=fill_with)
    composition = past_borders(composition)
    video = image.new_empty(frames, height, width, 3)
    carried, uncovered = (image.new_empty(frames, height, width) for _ in range(2))
    cleared = _room_for_cleared(composition, uncovered)
    for time in range(frames):
        checkpoint()
        frame = render(composition, time)
        video[time], carried[time], uncovered[time] = frame.colors.movedim(0, -1), frame.carried, frame.disoccluded
        if cleared is not None:
            cleared[time] = frame.cleared
        progress(time + 1, frames)
    cleared = uncovered if cleared is None else cleared
    return Carried(video, carried, uncovered, cleared, found.object_masks().to(image.device))


def _room_for_cleared(composition: Composition, uncovered: Tensor) -> Tensor | None:
    """For `Carried.cleared`; None where it is `uncovered` itself, which saves memory in long clips."""
    of_all, of_objects = composition.disoccluded
    same = not composition.background.region.moves and np.array_equal(of_all, of_objects)
    return None if same else torch.empty_like(uncovered)


@dataclass(frozen=True)
class CarryInputs:
    """What `carry_clip` takes, but for the settings; its `carried` is that function."""

    image: Tensor | None
    trajectories: Trajectories
    clip: ClipShape
    masks: Tensor | None = None
    background: Tensor | None = None

    def carried(
        self,
        settings: CarrySettings,
        progress: Progress = no_progress,
        prepared: PreparedPicture | None = None,
        fill_with: FillHole = fill_hole,
    ) -> Carried:
        """As `carry_clip`.

        Args:
            prepared: the picture, prepared for this clip, if it already is.
            fill_with: fills holes.
        """
        if self.image is None:
            raise ValueError("There is no picture to carry. Connect an image, best the Trajectory Editor's.")
        image, size = as_images(self.image), self.clip.size
        picture = image[0] if prepared is None else prepared
        found = _found(picture, self.trajectories, self.clip, self.masks, settings)
        start, plate = fit(image[:1], *size, settings.fit)[0], self.background
        if plate is not None:
            plate = plate_for(size, plate, (image.shape[2], image.shape[1]), size, settings.fit)
        return carry(start, found, plate, progress, fill_with)

    def in_video(self, video: FullSize, settings: CarrySettings) -> tuple[CarryInputs, CarrySettings]:
        """The same for a video of the picture instead of its clip, with the settings for that.

        Args:
            video: as `dragnuwa.common.images.full_size` gives it.
            settings: for the clip: `radius` and `fit` change.
        """
        image, clip = as_images(self.image), self.clip.size
        picture = image.shape[2], image.shape[1]
        large = replace(
            self,
            image=image,
            trajectories=in_area(self.trajectories, video.area),
            clip=ClipShape(*video.size, self.clip.frames),
            masks=masks_at_picture(self.masks, picture, clip, settings.fit),
            background=plate_of_whole(self.background, picture, clip, video),
        )
        radius = settings.radius * video.area[2] * video.size[0] / clip[0]
        return large, replace(settings, radius=radius, fit=video.mode)


def carry_at_full_size(
    inputs: CarryInputs,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    longer_side: int = 0,
    progress: Progress = no_progress,
) -> Carried:
    """`carry_clip` at the picture's size (`dragnuwa.common.images.full_size`).

    Args:
        inputs: the clip has the number of frames, the aspect ratio, and the size to which the settings' radius refers.
        settings: `radius`, `carries`, `fill` and `fit` are used.
        longer_side: of the video in pixels; 0 for the picture's, at most 2048.
        progress: called after each frame.

    Raises:
        ValueError: as `carry_clip`.
    """
    if inputs.image is None:
        return inputs.carried(settings, progress)
    image = as_images(inputs.image)
    prepared = prepare(image[0], inputs.clip.size, settings.fit)
    video = full_size(prepared.picture, inputs.clip.size, settings.fit, longer_side)
    fill_with = fill_hole
    if inputs.background is None:
        drawing = drawing_on(prepared, inputs.trajectories, inputs.clip, inputs.masks, settings)
        start, cut_with = draft_of(image[0], drawing)
        fill_with = filled_like_draft(start, drawing, video.area, cut_with)
    large, settings = replace(inputs, image=image).in_video(video, settings)
    prepared = prepare(image[0], video.size, video.mode, prepared)
    return large.carried(settings, progress, prepared, fill_with)
