"""What a drawing moves in a picture, without rendering it: the layers, their masks, and the area they uncover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.interrupt import checkpoint, watched
from ..common.masks import MASKED, masks_for, split_masks, unfit_mask
from ..trajectory import MotionObject
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.outline import snapped
from ..vision.segmentation.prepared import PreparedPicture, prepare
from .bent import PinTracks
from .from_objects import object_layers
from .from_tracks import Assigned, assign, layers_of
from .layers import Layer, Stack, background
from .settings import CarrySettings

MORE = np.ones((3, 3), np.uint8)  # one more pixel of the clip around the hole: too large is harmless
MOST_NUMBERS = 2**28
"""Values in all masks at the picture's full size, 1 GiB: if there would be more, they have the clip's size."""


@dataclass(frozen=True)
class Found:
    """
    Attributes:
        stack: the layers, in the clip's pixels.
        objects: `[N + K, H, W]` as `dragnuwa.carry.find.object_masks` gives them.
        picture: (width, height) of the picture.
        mode: how it was fitted to the clip.
        bent: for each object that drags bend, the numbers `[m]` of its tracks, and its mask `[H, W]` of the clip.
    """

    stack: Stack
    objects: Tensor
    picture: tuple[int, int]
    mode: str
    bent: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    def hole(self) -> Tensor:
        """`[1, H, W]` at the picture's size, 0 or 1: all that moving objects uncover in any frame, with their rims."""
        left = cv2.dilate(self.stack.left[0].astype(np.uint8), MORE)
        whole = unfit_mask(torch.from_numpy(left)[None].float(), *self.picture, self.mode)
        return (whole > 0).float()


def find(
    picture: Tensor,
    points: np.ndarray,
    visible: np.ndarray,
    objects: Sequence[MotionObject],
    clip: ClipShape,
    masks: Tensor | None = None,
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    pins: PinTracks | None = None,
) -> Found:
    """
    Args:
        picture: `[H, W, 3]` from 0 to 1, of any size.
        points, visible, objects, masks: as `dragnuwa.carry.composite.carry` takes them.
        clip: size and number of frames.
        settings: `radius`, `carries` and `fit` are used.
        pins: what the drawing says of the tracks as pins; None if none bends anything.

    Raises:
        ValueError: if masks have a wrong size or match no track.
    """
    tracks = without_drift(points)
    tracks = tracks[..., 0] + 1j * tracks[..., 1]  # [N, T]
    prepared = prepare(picture, clip.size, settings.fit)
    given = [given_masks(part, prepared) for part in split_masks(masks, len(tracks), len(objects))]
    given[1] = with_snapped(objects, prepared, given[1])
    cut = (None if part is None else part.at_clip for part in given)
    search = TrackSearch(prepared, tracks) if settings.carries == "object" else None
    drawn = find_layers(tracks, visible, objects, clip, *cut, search, settings.radius, pins)
    at_picture = object_masks(prepared, drawn.assigned, objects, *given)
    return Found(drawn.stack, at_picture, prepared.picture, settings.fit, drawn.assigned.bent(visible))


@dataclass(frozen=True)
class Drawn:
    """
    Attributes:
        clip: size and number of frames; the layers are in its pixels.
        assigned: what each track carries, and the camera's motion.
        of_tracks: the layers of the tracks, from back to front.
        of_objects: those of the objects, in front of them.
    """

    clip: ClipShape
    assigned: Assigned
    of_tracks: tuple[Layer, ...]
    of_objects: tuple[Layer, ...]

    @property
    def stack(self) -> Stack:
        ground = background(self.assigned.camera, self.clip.size, self.clip.frames)
        return Stack(self.clip.size, ground, (*self.of_tracks, *self.of_objects))


def find_layers(
    tracks: np.ndarray,
    visible: np.ndarray,
    objects: Sequence[MotionObject],
    clip: ClipShape,
    of_tracks: np.ndarray | None,
    of_objects: np.ndarray | None,
    search: TrackSearch | None,
    radius: float,
    pins: PinTracks | None = None,
) -> Drawn:
    """
    Args:
        tracks: `[N, T]` complex, in the clip's pixels, inside it.
        visible: `[N, T]` bool.
        objects: the enabled ones, from back to front.
        clip: size and number of frames; the layers have this size.
        of_tracks, of_objects: masks of both, of the clip's size, as for `assign` and `object_layers`.
        search: finds the objects under tracks without a mask; None to carry their surroundings instead.
        radius: of these surroundings, in pixels.
        pins: what the drawing says of the tracks as pins; None if none bends anything.

    Raises:
        ValueError: if masks match no track.
    """
    assigned = assign(tracks, visible, of_tracks, clip.size, search, pins)
    checkpoint()
    moved = layers_of(assigned, visible, clip.size, radius)
    return Drawn(clip, assigned, tuple(moved), tuple(object_layers(objects, clip, of_objects)))


@dataclass(frozen=True)
class GivenMasks:
    """The connected masks.

    Attributes:
        at_clip: `[M, h, w]` from 0 to 1, of the clip's size.
        as_given: `[M, ...]` as connected, of the clip's size or the picture's; None without masks.
        of_image: masks `[H, W]` of the prepared picture's image by number, replacing the connected ones.
    """

    at_clip: np.ndarray
    as_given: Tensor | None
    of_image: dict[int, np.ndarray] = field(default_factory=dict)

    def at_picture(self, number: int, picture: PreparedPicture) -> Tensor:
        """`[H, W]` of the picture."""
        width, height = picture.picture
        if number in self.of_image:
            return picture.at_picture(self.of_image[number])
        if self.as_given is not None and self.as_given.shape[1:] == (height, width):
            return self.as_given[number]
        return unfit_mask(torch.from_numpy(self.at_clip[number : number + 1]), width, height, picture.mode)[0]


def given_masks(masks: Tensor | None, picture: PreparedPicture) -> GivenMasks | None:
    """
    Raises:
        InputError: if they have neither the picture's size nor the clip's.
    """
    if masks is None:
        return None
    masks = masks.float().cpu()
    at_clip = masks_for(picture.clip, masks, picture.picture, picture.clip, picture.mode)
    return GivenMasks(at_clip.numpy(), masks)


def object_masks(
    picture: PreparedPicture,
    assigned: Assigned,
    objects: Sequence[MotionObject],
    of_tracks: GivenMasks | None,
    of_objects: GivenMasks | None,
) -> Tensor:
    """`[N + K, H, W]` from 0 to 1: for each track, its mask or the object found for it, empty if it carries something
    else; then for each object of the trajectories, its mask or the area in its outline.

    They have the picture's size, or the clip's if that would take more than `MOST_NUMBERS`.

    Args:
        picture: prepared for the clip.
        assigned: what each track carries.
        objects: of the trajectories.
        of_tracks, of_objects: the connected masks.
    """
    count = len(assigned.owner) + len(objects)
    width, height = picture.picture
    full = count * width * height <= MOST_NUMBERS
    width, height = (width, height) if full else picture.clip
    if not objects and (assigned.owner < 0).all():
        return torch.zeros(1, 1, 1).expand(count, height, width)  # one zero for all
    masks = torch.zeros(count, height, width)
    number_given = 0 if of_tracks is None else len(of_tracks.at_clip)
    for number in watched(np.unique(assigned.owner[assigned.owner >= 0])):
        if not full:
            mask = torch.from_numpy(assigned.masks[number])
        elif number < number_given:
            mask = of_tracks.at_picture(number, picture)
        else:
            mask = picture.at_picture(assigned.found[number - number_given].mask)
        masks[np.flatnonzero(assigned.owner == number)] = mask
    for number, (mask, each) in enumerate(zip(masks[len(assigned.owner) :], objects, strict=True)):
        checkpoint()
        if of_objects is not None and (of_objects.at_clip[number] >= MASKED).any():
            at_clip = torch.from_numpy(of_objects.at_clip[number])
            mask[:] = of_objects.at_picture(number, picture) if full else at_clip
        else:
            outline = in_picture(each.outline, picture) if full else each.outline
            mask[:] = torch.from_numpy(outline_mask(outline, width, height))
    return masks


def in_picture(outline: Outline, picture: PreparedPicture) -> Outline:
    """Converts an outline from fractions of the clip to fractions of the picture."""
    shown, place = picture.shown, picture.place
    x = place.left, place.columns, shown.columns, shown.left, picture.clip[0], picture.picture[0]
    y = place.top, place.rows, shown.rows, shown.top, picture.clip[1], picture.picture[1]

    def moved(value: float, of: tuple[int, ...]) -> float:
        first, part, shown, begins, clip, size = of
        return ((value * clip - first) / part * shown + begins) / size

    return tuple(tuple((moved(a, x), moved(b, y)) for a, b in ring) for ring in outline)


def snapped_objects(
    objects: Sequence[MotionObject], picture: PreparedPicture, given: np.ndarray | None
) -> list[np.ndarray | None]:
    """For each object, its mask `[h, w]` from 0 to 1 of the prepared picture's image; None if it stays as drawn: a mask
    replaces it, its edge is "exact", or there is no edge nearby.

    Args:
        objects: the enabled ones.
        picture: prepared for the clip.
        given: `[K, ...]` from 0 to 1, masks that replace the outlines; an empty one keeps the outline.
    """
    found: list[np.ndarray | None] = []
    for number, each in enumerate(watched(objects)):
        replaced = given is not None and (given[number] >= MASKED).any()
        found.append(None if replaced or each.edge == "exact" else _snapped(each, picture))
    return found


def with_snapped(
    objects: Sequence[MotionObject], picture: PreparedPicture, given: GivenMasks | None
) -> GivenMasks | None:
    """The masks that replace outlines, including those of the objects that `snapped_objects` moves."""
    found = snapped_objects(objects, picture, None if given is None else given.at_clip)
    if all(mask is None for mask in found):
        return given
    width, height = picture.clip
    at_clip = np.zeros((len(objects), height, width), np.float32) if given is None else given.at_clip.copy()
    snapped_masks = {number: mask for number, mask in enumerate(found) if mask is not None}
    for number, mask in snapped_masks.items():
        at_clip[number] = picture.at_clip(mask)
    return GivenMasks(at_clip, None if given is None else given.as_given, snapped_masks)


def snapped_masks(
    objects: Sequence[MotionObject], picture: PreparedPicture, masks: np.ndarray | None, size: tuple[int, int]
) -> np.ndarray | None:
    """`[K, H, W]` from 0 to 1: the masks that replace outlines, including those of the objects that `snapped_objects`
    moves, at another (width, height) `size` with the clip's aspect ratio; None if all stay as drawn.

    Args:
        masks: `[K, H, W]`, the connected ones, of this size, or None.
    """
    found = snapped_objects(objects, picture, masks)
    if all(mask is None for mask in found):
        return masks
    whole = np.zeros((len(objects), size[1], size[0]), np.float32) if masks is None else masks.copy()
    for each, mask in zip(whole, found, strict=True):
        if mask is not None:
            each[:] = picture.fitted(mask, size)
    return whole


def _snapped(each: MotionObject, picture: PreparedPicture) -> np.ndarray | None:
    drawn = picture.outlined(each.outline)
    found = snapped(picture.image, drawn)
    return None if found is drawn else found
