"""What is drawn on a picture, at the frames of a clip: the value from which everything finds what moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape, Size
from ..common.errors import InputError
from ..common.interrupt import watched
from ..common.masks import MASKED, as_object_masks, masks_for, split_masks, unfit_mask
from ..geometry.grids import rescaled_positions
from ..trajectory import MotionObject, Track, Trajectories
from ..trajectory.sampling import without_drift
from ..vision.segmentation.outline import snapped
from ..vision.segmentation.prepared import PreparedPicture, prepare
from .settings import CarrySettings


@dataclass(frozen=True)
class ConnectedMasks:
    """Masks of what is dragged, or of objects.

    Attributes:
        at_clip: `[M, h, w]` from 0 to 1, of the layers' size.
        as_given: `[M, ...]` as connected, of the clip's size or the picture's; None if no others are known.
        of_image: masks `[H, W]` of the prepared picture's image by number, which replace the connected ones.
    """

    at_clip: np.ndarray
    as_given: Tensor | None = None
    of_image: dict[int, np.ndarray] = field(default_factory=dict)

    def at_picture(self, number: int, picture: PreparedPicture) -> Tensor:
        """`[H, W]` of the picture."""
        width, height = picture.picture
        if number in self.of_image:
            return picture.at_picture(self.of_image[number])
        if self.as_given is not None and self.as_given.shape[1:] == (height, width):
            return self.as_given[number]
        return unfit_mask(torch.from_numpy(self.at_clip[number : number + 1]), width, height, picture.mode)[0]


@dataclass(frozen=True)
class Drawing:
    """Drags and objects on a picture.

    Attributes:
        picture: prepared for the clip; objects are searched for in it.
        clip: size of the layers and number of frames. The size may differ from that which the picture is prepared for,
            but not the aspect ratio.
        points: `[N, T]` complex, the drags in pixels of the clip that the picture is prepared for, anchors without
            their drift.
        visible: `[N, T]` bool.
        drags: the N drags as they were drawn; empty if only their positions are known.
        objects: the enabled ones, from back to front.
        of_drags: the masks of the drags; None without any.
        given: the masks that replace outlines of the objects; None without any.
        settings: `radius`, in pixels of the layers, `carries` and `fill` are used.
    """

    picture: PreparedPicture
    clip: ClipShape
    points: np.ndarray
    visible: np.ndarray
    drags: tuple[Track, ...] = ()
    objects: tuple[MotionObject, ...] = ()
    of_drags: ConnectedMasks | None = None
    given: ConnectedMasks | None = None
    settings: CarrySettings = CarrySettings()  # noqa: RUF009 (immutable)

    @cached_property
    def tracks(self) -> np.ndarray:
        """`[N, T]` complex: the drags in pixels of the layers, inside the picture. What has stopped at its edge does so
        at any size."""
        moved = rescaled_positions(self.points, self.picture.clip, self.clip.size)
        sides = zip(
            (self.points.real, self.points.imag),
            (moved.real, moved.imag),
            self.picture.clip,
            self.clip.size,
            strict=True,
        )
        x, y = (
            np.select([before <= 0, before >= clip - 1], [0, side - 1], after).clip(0, side - 1)
            for before, after, clip, side in sides
        )
        return x + 1j * y

    @cached_property
    def of_objects(self) -> ConnectedMasks | None:
        """The masks that replace outlines of the objects, those moved to the picture's edges included."""
        return _with_snapped(self)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can move: there is no object, and no drag is visible in frame 0."""
        return not self.objects and not self.visible[:, :1].any()

    def at_size(self, size: tuple[int, int]) -> Drawing:
        """The same drawing, without masks, for layers of another (width, height)."""
        larger = max(after / before for after, before in zip(size, self.clip.size, strict=True))
        settings = replace(self.settings, radius=self.settings.radius * larger)
        return replace(self, clip=ClipShape(*size, self.clip.frames), settings=settings)


def drawing_on(
    picture: Tensor | PreparedPicture,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
) -> Drawing:
    """The enabled drags and objects, sampled at the frames of a clip.

    Args:
        picture: `[H, W, 3]` from 0 to 1, of any size; or prepared for this clip.
        trajectories: drags and objects.
        clip: size and number of frames.
        masks: `[M, H, W]` from 0 to 1, of the picture's size or the clip's, thresholded at 0.5: one per drag (empty for
            none); or any number, and each drag gets the smallest one that it begins in
            (`dragnuwa.common.masks.owners`); or one per drag and then one per object, which replaces the object's
            outline unless it is empty. If all are empty, of whatever size (Load Image gives such a mask for a picture
            without one), they are ignored.
        settings: `radius`, `carries` and `fit` are used.

    Raises:
        ValueError: if masks have a wrong size or number.
    """
    sampled = replace(trajectories, objects=()).at_frames(clip)
    points, objects = without_drift(sampled.points), trajectories.enabled_objects
    if isinstance(picture, Tensor):
        picture = prepare(picture, clip.size, settings.fit)
    of_drags, of_objects = (
        connected_masks(part, picture) for part in split_masks(some_masks(masks), len(points), len(objects))
    )
    positions = points[..., 0] + 1j * points[..., 1]
    return Drawing(picture, clip, positions, sampled.visible, sampled.tracks, objects, of_drags, of_objects, settings)


def some_masks(masks: Tensor | None) -> Tensor | None:
    """Masks of objects, as `as_object_masks` takes and returns them; None if all are empty."""
    masks = None if masks is None else as_object_masks(masks)
    return masks if masks is not None and (masks >= MASKED).any() else None


def masks_at_picture(masks: Tensor | None, picture: Size, clip: Size, mode: str) -> Tensor | None:
    """As `some_masks`, and those of the clip's (width, height) at the picture's, which is fitted to it by `mode`."""
    masks = some_masks(masks)
    is_of_clip = masks is not None and (masks.shape[2], masks.shape[1]) == clip
    return unfit_mask(masks, *picture, mode) if is_of_clip else masks


def connected_masks(masks: Tensor | None, picture: PreparedPicture) -> ConnectedMasks | None:
    """
    Raises:
        InputError: if they have neither the picture's size nor the clip's.
    """
    if masks is None:
        return None
    masks = masks.float().cpu()
    at_clip = masks_for(picture.clip, masks, picture.picture, picture.clip, picture.mode)
    return ConnectedMasks(at_clip.numpy(), masks)


def check_something_moves(drawing: Drawing, trajectories: Trajectories) -> None:
    """
    Raises:
        ValueError: if there is no object, and no drag is visible in frame 0; or if a visible one begins outside the
            picture.
    """
    if drawing.is_empty:
        drawn = len(trajectories.tracks) + len(trajectories.objects)
        if drawn == 0:
            raise ValueError("There is nothing to move: nothing is drawn yet. Draw a drag in the Trajectory Editor.")
        raise ValueError(
            f"There is nothing to move: none of the {drawn} drags and objects is enabled and visible in the first "
            "frame. Enable one in the Trajectory Editor, or draw another."
        )
    width, height = drawing.picture.clip
    for track, shown in zip(drawing.drags, drawing.visible[:, 0], strict=True):
        start = track.points[0]
        if shown and not (0 <= start.x <= 1 and 0 <= start.y <= 1):
            raise InputError(
                f"The drag '{track.name or track.id}' starts outside the picture, at {start.x * width:g}, "
                f"{start.y * height:g} of {width}x{height} pixels, where there is nothing to move. "
                'Press "Move in" in the Trajectory Editor, or move its first point inside.'
            )


def _with_snapped(drawing: Drawing) -> ConnectedMasks | None:
    """The masks that replace outlines, and those of the objects whose outline an edge of the picture is near."""
    given, picture = drawing.given, drawing.picture
    found = {}
    for number, each in enumerate(watched(drawing.objects)):
        replaced = given is not None and (given.at_clip[number] >= MASKED).any()
        if not replaced and each.edge != "exact" and (mask := _snapped(each, picture)) is not None:
            found[number] = mask
    if not found:
        return given
    width, height = drawing.clip.size
    whole = np.zeros((len(drawing.objects), height, width), np.float32) if given is None else given.at_clip.copy()
    for number, mask in found.items():
        whole[number] = picture.fitted(mask, drawing.clip.size)
    return ConnectedMasks(whole, None if given is None else given.as_given, found)


def _snapped(each: MotionObject, picture: PreparedPicture) -> np.ndarray | None:
    """The mask `[h, w]` of the prepared picture's image that an object's outline stands for; None without an edge that
    is near."""
    drawn = picture.outlined(each.outline)
    found = snapped(picture.image, drawn)
    return None if found is drawn else found
