"""What a drawing moves in a picture, without rendering it: the regions, and their masks. And for whatever sees no
picture, the drawing in which those drags that bend something have become an object with pins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.interrupt import checkpoint, watched
from ..common.kept import digest
from ..common.masks import MASKED, masks_of_tracks, unfit_mask
from ..geometry.similarity import REST, find_camera_motion, find_ground_motion
from ..geometry.warps import SimilarityWarp
from ..trajectory import DrawnPath, MotionObject, Point, Track, Trajectories
from ..trajectory.bending import BentShape
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..trajectory.objects.sampling import unique_ids
from ..trajectory.objects.types import MAX_OBJECTS, MAX_PINS, middle
from ..trajectory.pins import CENTRE, stiffness_of
from ..vision.segmentation import FoundObject
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.outline import outline_of
from ..vision.segmentation.prepared import PreparedPicture
from .drawing import Drawing
from .layers import Region, disoccluded, whole_picture
from .regions import bends, bent_by, bent_shape_of, joined, region_of_object, regions_around, regions_of_objects
from .settings import CARRIES, FILLS

ONE_PIXEL = np.ones((3, 3), np.uint8)  # one more pixel of the clip around the hole: too large is harmless
MOST_NUMBERS = 2**28
"""Values in all masks at the picture's full size, 1 GiB: if there would be more, they have the clip's size."""


@dataclass(frozen=True)
class Found:
    """What each drag and object of a drawing moves.

    Attributes:
        drawing: of which this was found.
        masks: `[H, W]` float32 each, of the drawing's size: the connected ones of drags, then those of the objects
            that were found.
        owner: `[N]` int, the mask of each drag, or -1.
        objects: those that were found, with masks of the prepared picture.
        free: `[n]` int, the drags that carry their surroundings.
        camera: the camera's motion, if the drags without masks show one.
    """

    drawing: Drawing
    masks: list[np.ndarray]
    owner: np.ndarray
    objects: list[FoundObject]
    free: np.ndarray
    camera: SimilarityWarp | None

    @cached_property
    def background(self) -> Region:
        """The whole picture, which moves with the camera or rests, and is filled from what is no thing."""
        clip, picture = self.drawing.clip, self.drawing.picture
        whole = whole_picture(self.camera, clip.size, clip.frames)
        if self.drawing.settings.fill != FILLS[0]:  # nothing will be copied, and it takes a second to look
            return whole
        things = picture.fitted(picture.search.things.astype(np.float32), clip.size) >= MASKED
        return replace(whole, fill_from=~things)

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """All that is in front of the background, from back to front: what drags move, and then the objects.

        Raises:
            InputError: if a mask lies beside the outline that it replaces.
        """
        checkpoint()
        return *self.of_drags, *self.of_objects

    @cached_property
    def of_drags(self) -> tuple[Region, ...]:
        """What drags move: first what rests, then what moves, in the order of the drags."""
        drawing, owner = self.drawing, self.owner
        found = []
        for members in self.together:
            tracks, shown = drawing.tracks[members], drawing.visible[members].any(0)
            region = region_of_object(self.mask_of(members), tracks, shown, self._ids(members))
            found += [(members.max(), each) for each in bent_by(region, self.shape(members))]
        taken = np.zeros(drawing.clip.size[::-1], bool)
        for number in np.unique(owner[owner >= 0]):
            taken |= self.masks[number] >= MASKED
        around = regions_around(drawing.tracks, drawing.visible, self.free, taken, drawing.settings.radius)
        found += [(members.max(), replace(region, ids=self._ids(members))) for members, region in around]
        return tuple(region for _, region in sorted(found, key=lambda pair: (pair[1].moves, pair[0])))

    @cached_property
    def of_objects(self) -> tuple[Region, ...]:
        """The objects of the drawing, with their shadows."""
        given = self.drawing.of_objects
        return tuple(
            regions_of_objects(self.drawing.objects, self.drawing.clip, None if given is None else given.at_clip)
        )

    @cached_property
    def together(self) -> list[np.ndarray]:
        """The drags of each mask, `[m]` int each. Equal masks are one object."""
        objects: dict[bytes, list[int]] = {}
        present = self.drawing.visible[:, 0] & (self.owner >= 0)
        digests = {number: digest(self.masks[number]) for number in np.unique(self.owner[present])}
        for track in np.flatnonzero(present):
            objects.setdefault(digests[self.owner[track]], []).append(track)
        return [np.array(members) for members in objects.values()]

    def mask_of(self, members: np.ndarray) -> np.ndarray:
        """`[H, W]`: the mask of drags on one object."""
        return self.masks[self.owner[members[0]]]

    @property
    def bent(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The drags `[m]` of each object that they bend, and its mask `[H, W]`."""
        return tuple((members, self.mask_of(members)) for members in self.together if self._bends(members))

    def shape(self, members: np.ndarray) -> BentShape | None:
        """The object on which drags are, if they bend it."""
        if not self._bends(members):
            return None
        picture, size = self.drawing.picture, self.drawing.clip.size
        pins, (ways, mask) = [self.drawing.drags[number] for number in members], self._held(members)
        shape = bent_shape_of(pins, ways, mask)
        return shape if self._searched(members) is None else shape.placed(lambda at: picture.in_layers(at, size), size)

    def _bends(self, members: np.ndarray) -> bool:
        if not self.drawing.drags:
            return False
        return bends([self.drawing.drags[number] for number in members], *self._held(members))

    def _held(self, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The ways `[m, T]` of drags on one object, and its mask: in pixels of the prepared picture where it was found
        in that, so that a draft and a larger video bend alike."""
        if (found := self._searched(members)) is None:
            return self.drawing.tracks[members], self.mask_of(members)
        return self.drawing.picture.in_image(self.drawing.points[members]), found.mask

    def _searched(self, members: np.ndarray) -> FoundObject | None:
        """The object on which drags are, if it was found in the picture; None for one of a connected mask."""
        number = self.owner[members[0]] - self._number_given
        return self.objects[number] if number >= 0 else None

    @property
    def _number_given(self) -> int:
        """Of connected masks of drags."""
        return 0 if self.drawing.of_drags is None else len(self.drawing.of_drags.at_clip)

    def _ids(self, members: np.ndarray) -> tuple[str, ...]:
        return tuple(self.drawing.drags[number].id for number in members) if self.drawing.drags else ()

    def object_masks(self) -> Tensor:
        """`[N + K, H, W]` from 0 to 1: for each drag, its mask or the object found for it, empty if it carries
        something else; then for each object of the drawing, its mask or the area in its outline.

        They have the picture's size, or the clip's if that would take more than `MOST_NUMBERS`.
        """
        drawing, picture = self.drawing, self.drawing.picture
        count = len(self.owner) + len(drawing.objects)
        width, height = picture.picture
        full = count * width * height <= MOST_NUMBERS
        width, height = (width, height) if full else picture.clip
        if not drawing.objects and (self.owner < 0).all():
            return torch.zeros(1, 1, 1).expand(count, height, width)  # one zero for all
        masks = torch.zeros(count, height, width)
        for number in watched(np.unique(self.owner[self.owner >= 0])):
            if not full:
                mask = torch.from_numpy(self.masks[number])
            elif number < self._number_given:
                mask = drawing.of_drags.at_picture(number, picture)
            else:
                mask = picture.at_picture(self.objects[number - self._number_given].mask)
            masks[np.flatnonzero(self.owner == number)] = mask
        given = drawing.of_objects
        for number, (mask, each) in enumerate(zip(masks[len(self.owner) :], drawing.objects, strict=True)):
            checkpoint()
            if given is not None and (given.at_clip[number] >= MASKED).any():
                mask[:] = given.at_picture(number, picture) if full else torch.from_numpy(given.at_clip[number])
            else:
                outline = in_picture(each.outline, picture) if full else each.outline
                mask[:] = torch.from_numpy(outline_mask(outline, width, height))
        return masks


def find(drawing: Drawing) -> Found:
    """Gives each drag a connected mask, a segmented object, its surroundings, or the camera's motion.

    A drag that is hidden in frame 0 carries nothing.

    Raises:
        InputError: if masks match no drag.
    """
    tracks, visible, size = drawing.tracks, drawing.visible, drawing.clip.size
    masks = [] if drawing.of_drags is None else list(drawing.of_drags.at_clip.astype(np.float32))
    present = visible[:, 0]
    owner = _owners(tracks[:, 0], present, masks)
    free = np.flatnonzero(present & (owner < 0))
    camera, of_camera = find_camera_motion(tracks[free], visible[free], size)
    free = free[~of_camera]
    moves = np.abs(tracks - tracks[:, :1]).max(1) >= REST
    asked, found = free[moves[free]], []
    if drawing.settings.carries == CARRIES[0] and len(asked):
        found = _searched(drawing, free, moves, owner, len(masks))
        masks += [drawing.picture.fitted(each.mask, size) for each in found]
        free, on_ground = free[owner[free] < 0], asked[owner[asked] < 0]
        if camera is None and (camera := find_ground_motion(tracks[on_ground], visible[on_ground], size)) is not None:
            free = np.setdiff1d(free, on_ground)
    return Found(drawing, masks, owner, found, free, None if camera is None else SimilarityWarp(camera))


def _owners(starts: np.ndarray, present: np.ndarray, masks: list[np.ndarray]) -> np.ndarray:
    """`[N]`: the number of each drag's mask, from `dragnuwa.common.masks.masks_of_tracks`, or -1 for none.

    Args:
        starts: `[N]` complex, in pixels of the masks.
        present: `[N]` bool, which drags carry something.
        masks: `[H, W]` from 0 to 1 each.
    """
    if not masks:
        return np.full(len(starts), -1)
    all_masks = np.stack(masks)
    x, y = (np.rint(part).astype(int) for part in (starts.real, starts.imag))
    holds, area = (all_masks[:, y, x] >= MASKED).T, (all_masks >= MASKED).sum((1, 2))
    return masks_of_tracks(
        holds, area, present, lambda number: (masks[number], starts[number]), lambda number: f"Drag {number + 1}"
    )


def _searched(
    drawing: Drawing, free: np.ndarray, moves: np.ndarray, owner: np.ndarray, known: int
) -> list[FoundObject]:
    """The objects under drags without a mask: first those that drags and anchors may bend together.

    Args:
        free: the drags without a mask.
        moves: `[N]` bool.
        owner: `[N]`, changed: those of objects get the numbers from `known` on.
    """
    search = TrackSearch(drawing.picture, drawing.points)
    present, found = np.flatnonzero(drawing.visible[:, 0]), []
    if (may_bend := joined(drawing.drags)).any():
        together = free[may_bend[free]]
        others = np.setdiff1d(present, together)
        found = search.find_together(together[moves[together]], together[~moves[together]], others)
        for number, each in enumerate(found, known):
            owner[each.tracks] = number
    asked = free[moves[free]]
    taken_or_resting = present[(owner[present] >= 0) | ~moves[present]]
    alone = search.find(asked[owner[asked] < 0], taken_or_resting)
    for number, each in enumerate(alone, known + len(found)):
        owner[each.tracks] = number
    return found + alone


def hole_at_picture(found: Found, regions: Sequence[Region]) -> Tensor:
    """`[1, H, W]` at the picture's size, 0 or 1: all that moving regions, with their edges, uncover in any frame."""
    picture = found.drawing.picture
    left = cv2.dilate(disoccluded(regions, found.drawing.clip.size)[0].astype(np.uint8), ONE_PIXEL)
    whole = unfit_mask(torch.from_numpy(left)[None].float(), *picture.picture, picture.mode)
    return (whole > 0).float()


def in_picture(outline: Outline, picture: PreparedPicture) -> Outline:
    """Converts an outline from fractions of the clip to fractions of the picture."""
    shown, place = picture.shown, picture.place
    x = place.left, place.columns, shown.columns, shown.left, picture.clip[0], picture.picture[0]
    y = place.top, place.rows, shown.rows, shown.top, picture.clip[1], picture.picture[1]

    def moved(value: float, of: tuple[int, ...]) -> float:
        first, part, shown, begins, clip, size = of
        return ((value * clip - first) / part * shown + begins) / size

    return tuple(tuple((moved(a, x), moved(b, y)) for a, b in ring) for ring in outline)


def with_bent_objects(drawing: Trajectories, found: Found, clip: ClipShape) -> Trajectories:
    """The drawing with an object for everything that its drags and anchors bend, behind the objects that it has; its
    pins are these tracks, which are no drags any more. The drawing itself if they bend nothing.

    Args:
        found: of this drawing.
        clip: for which it was found.
    """
    enabled = drawing.enabled
    room = MAX_OBJECTS - len(drawing.objects)
    made, gone = [], set()
    for members, mask in found.bent[:room]:
        outline = outline_of(mask)
        if not outline or len(members) > MAX_PINS:
            continue
        tracks = [enabled[number] for number in members]
        first = tracks[0]
        pins = tuple(replace(_as_pin(track, clip), bend="") for track in tracks)
        made.append(
            MotionObject(
                outline=outline,
                pivot=middle(outline),
                motion=DrawnPath((Point(*middle(outline)),)),
                id=first.id,
                name=first.name,
                color=first.color,
                edge="exact",
                stiffness=stiffness_of(tracks),
                pins=pins,
            )
        )
        gone.update(track.id for track in tracks)
    if not made:
        return drawing
    left = tuple(track for track in drawing.tracks if track.id not in gone)
    return replace(drawing, tracks=left, objects=tuple(unique_ids([*made, *drawing.objects])))


def _as_pin(track: Track, clip: ClipShape) -> Track:
    """A track in the coordinates of objects, whose origin is the picture's corner, not the centre of its first
    pixel."""
    right, down = CENTRE.real / clip.width, CENTRE.imag / clip.height
    return replace(track, points=tuple(replace(point, x=point.x + right, y=point.y + down) for point in track.points))
