"""Builds entities from drags: assigns masks to tracks, and decides what a track without a mask moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ...common.clip_shape import ClipShape
from ...common.errors import InputError, printable
from ...common.images import as_images, shape_of, size_at
from ...common.interrupt import watched
from ...common.masks import MASKED, as_object_masks, check_size, fit_mask, owners
from ...geometry.similarity import REST, find_camera_motion, motion_groups
from ...trajectory import SampledTracks, Track, Trajectories
from ...trajectory.sampling import positions, without_drift
from ...vision.segmentation.find import TrackSearch
from ...vision.segmentation.prepared import prepare
from .entities import LATENT, Entities, centres, measure
from .resize import resize_mask

DISC = 10  # px, radius of the entity of a track without an object: an anchor, camera motion, part of the background
NAMED = 6  # maximum number of tracks that a report names


@dataclass(frozen=True)
class FoundEntities:
    """
    Attributes:
        entities: of the drags.
        report: how drags and masks were used, in a few lines.
    """

    entities: Entities
    report: str


@dataclass(frozen=True)
class _Drags:
    """The drags of a clip.

    Attributes:
        sampled: at the clip's frames.
        tracks: `[N, T]` complex, in pixels, inside the picture and without the drift of anchors.
        moves: `[N]` bool.
        free: `[N]` bool, tracks that begin in the picture and are not explained by camera motion.
    """

    sampled: SampledTracks
    tracks: np.ndarray
    moves: np.ndarray
    free: np.ndarray

    @classmethod
    def of(cls, trajectories: Trajectories, clip: ClipShape) -> _Drags:
        """The drawn drags, and after them one for each object."""
        sampled = _one_each(trajectories.at_frames(clip))
        if not sampled.tracks:
            raise InputError("There is no drag. Draw one on each object that moves, in the Trajectory Editor.")
        points = without_drift(sampled.points)
        tracks = points[..., 0] + 1j * points[..., 1]
        moves = np.abs(tracks - tracks[:, :1]).max(1) >= REST
        drawn = sampled.owner < 0
        of_camera = np.zeros(len(tracks), bool)
        if drawn.any():
            _, of_camera[drawn] = find_camera_motion(tracks[drawn], sampled.visible[drawn], clip.size)
        starts = positions(sampled.tracks, np.zeros(1), np.array(clip.size))[:, 0]
        inside = ((starts >= 0) & (starts <= clip.size)).all(1)  # otherwise it moves nothing visible
        return cls(sampled, tracks, moves, moves & ~of_camera & inside)

    @property
    def drawn(self) -> _Drags:
        """Those that do not come from an object of the trajectory format."""
        kept = self.sampled.owner < 0
        return _Drags(_subset(self.sampled, kept), self.tracks[kept], self.moves[kept], self.free[kept])

    def start(self, index: int) -> tuple[int, int]:
        """Row and column of the pixel in which a track begins."""
        x, y = self.sampled.points[index, 0]
        return int(y), int(x)

    def named(self, index: int) -> str:
        return _name(self.sampled.tracks[index])


def _one_each(sampled: SampledTracks) -> SampledTracks:
    """All drawn tracks, and the first track of each object, which lies deepest inside it."""
    first = np.unique(sampled.owner, return_index=True)[1]
    return _subset(sampled, (sampled.owner < 0) | np.isin(np.arange(len(sampled.owner)), first))


def _subset(sampled: SampledTracks, kept: np.ndarray) -> SampledTracks:
    tracks = tuple(track for track, keep in zip(sampled.tracks, kept, strict=True) if keep)
    return SampledTracks(tracks, sampled.clip, sampled.points[kept], sampled.visible[kept], sampled.owner[kept])


def find_entities(
    trajectories: Trajectories,
    clip: ClipShape,
    masks: torch.Tensor | None = None,
    picture: torch.Tensor | None = None,
    fit: str = "crop",
) -> FoundEntities:
    """Builds an entity for each drag, and for each object, with its outline as the mask.

    A track owns the mask in which it begins, the smallest if there are several. Without masks, the objects under the
    drags are segmented from the picture (`dragnuwa.vision.segmentation`). An anchor outside every mask, or in the mask
    of a moving track, becomes a small static disc. Tracks of the camera's motion, and those under which no object was
    found, become small moving discs. From back to front: static before moving, discs before objects, earlier tracks
    before later ones.

    Args:
        trajectories: the drags; disabled ones do not count. Entities may leave the picture.
        clip: size and number of frames.
        masks: same format as `as_masks`, of the picture's size or the clip's. If all are empty, of whatever size, as
            Load Image returns for a picture without a mask, and there is a picture, they are ignored.
        picture: same format as `as_images`, of any size; only the first is used.
        fit: how the picture is fitted to the clip's aspect ratio; see `dragnuwa.common.images.fit`.

    Raises:
        InputError: if the picture has another shape, there is no drag, a moving track begins in none of the masks, a
            mask is empty, vanishes on the latent grid or has another size, or there are neither masks nor a picture.
    """
    if picture is not None:
        shape_of(picture)
    drags = _Drags.of(trajectories, clip)
    of_track, notes = _of_drawn(drags.drawn, clip, masks, picture, fit)
    outlines = trajectories.object_masks(*clip.size) >= MASKED if trajectories.enabled_objects else ()
    of_track += [
        (mask, f'Object "{printable(each.name or each.id)}"')
        for mask, each in zip(outlines, trajectories.enabled_objects, strict=True)
    ]
    parts = [
        _disc(drags, index, clip) if mask is None else measure(mask, clip.size, what)
        for index, (mask, what) in enumerate(watched(of_track))
    ]
    other = dropped(drags.tracks, drags.moves & (drags.sampled.owner < 0), [mask for mask, _ in of_track])
    kept = [index for index in range(len(parts)) if index not in other]
    order = sorted(kept, key=lambda index: (drags.moves[index], of_track[index][0] is not None, index))
    entities = Entities(
        clip.size,
        _centres(drags, clip)[order],
        drags.sampled.visible[order],
        np.array([parts[index][0] for index in order]),
        np.stack([parts[index][1] for index in order]),
    )
    if other:
        notes.append(
            f"Several tracks move one object as one: its entity follows that in their middle ({len(other)} less)."
        )
    summary = _summary([of_track[index][0] is not None for index in order], drags.moves[order])
    return FoundEntities(entities, printable("\n".join([summary, *notes])))


# For each track its mask at the clip's aspect ratio, or None for a disc, and how messages refer to it.
Masks = list[tuple[np.ndarray | None, str]]


def _of_drawn(
    drags: _Drags, clip: ClipShape, masks: torch.Tensor | None, picture: torch.Tensor | None, fit: str
) -> tuple[Masks, list[str]]:
    given = None if masks is None else as_object_masks(masks)
    painted = given is not None and bool((given >= MASKED).any())
    if not drags.sampled.tracks:
        return [], ["The masks are not used: there are only objects, which have outlines."] if painted else []
    if given is not None and (painted or picture is None):
        return _given(drags, clip, given, picture, fit)
    of_track, notes = _looked_for(drags, clip, picture, fit)
    return of_track, notes + (
        [] if given is None else ["The masks are empty: the objects were looked for in the picture."]
    )


def _given(
    drags: _Drags, clip: ClipShape, masks: torch.Tensor, picture: torch.Tensor | None, fit: str
) -> tuple[Masks, list[str]]:
    cut = _at_aspect(masks >= MASKED, clip, picture, fit)
    inside = np.stack([resize_mask(mask, clip.width, clip.height) for mask in cut])  # [M, H, W]
    _refuse_empty(drags, cut)
    owner = _owners(drags, inside)
    homeless = np.flatnonzero(drags.free & (owner < 0))
    if len(homeless):
        raise InputError(
            f"{_listed(drags, homeless)} in none of the {len(cut)} masks. A mask belongs to the track that begins in "
            "it: begin the drag on the object, or paint a mask for it."
        )
    owned = {cut[index].tobytes() for index in set(owner[owner >= 0].tolist())}
    unused = [str(index + 1) for index, mask in enumerate(cut) if mask.any() and mask.tobytes() not in owned]
    notes = [f"No track begins in mask {', '.join(unused)}: it is not used."] if unused else []
    return [(cut[index], f"Mask {index + 1}") if index >= 0 else (None, "") for index in owner], notes


def _refuse_empty(drags: _Drags, masks: np.ndarray) -> None:
    """With one mask per track, an empty mask means that the track has none; but a moving track needs one."""
    for index, mask in enumerate(masks):
        one_each = len(masks) == len(drags.moves)
        if not mask.any() and not (one_each and not drags.free[index]):
            whose = f", that of {drags.named(index)}," if one_each else ""
            raise InputError(
                f"Mask {index + 1}{whose} is empty. Paint the object that the drag moves, or disconnect masks, so that "
                "objects are looked for in the picture."
            )


def _owners(drags: _Drags, inside: np.ndarray) -> np.ndarray:
    """`[N]`: the mask of each track by `dragnuwa.common.masks.owners`, or -1. An anchor on a moving object is not part
    of it."""
    holds = np.stack([inside[(slice(None), *drags.start(index))] for index in range(len(drags.moves))])  # [N, M]
    owner = owners(holds, inside.sum((1, 2)))
    return np.where(~drags.free & np.isin(owner, owner[drags.free]), -1, owner)


def _looked_for(drags: _Drags, clip: ClipShape, picture: torch.Tensor | None, fit: str) -> tuple[Masks, list[str]]:
    of_track: Masks = [(None, "") for _ in drags.moves]
    present = drags.sampled.visible[:, 0]
    asked = np.flatnonzero(drags.free & present)
    if not len(asked):
        return of_track, []
    if picture is None:
        raise InputError(
            "DragAnything moves whole objects, and nothing says what they are. Connect masks, or the picture to image, "
            "so that the objects are looked for."
        )
    image = as_images(picture)[0]
    prepared = prepare(image, clip.size, fit)
    pins = np.flatnonzero(present & ~drags.free)
    for each in TrackSearch(prepared, drags.tracks).find(asked, pins):
        (mask,) = _at_aspect(prepared.at_picture(each.mask)[None] >= MASKED, clip, picture, fit)
        if mask.any():
            for index in each.tracks:
                of_track[index] = (mask, f"The object under {drags.named(index)}")
    lost = [index for index in asked if of_track[index][0] is None]
    if not lost:
        return of_track, []
    return of_track, [
        f"{_listed(drags, lost)} on nothing that stands out: a disc of {DISC} px moves there. For a whole object, "
        "paint a mask."
    ]


def _at_aspect(masks: torch.Tensor, clip: ClipShape, picture: torch.Tensor | None, fit: str) -> np.ndarray:
    """Masks `[M, h, w]` bool, fitted to the clip's aspect ratio like the picture, but not resized."""
    height, width = masks.shape[1:]
    if picture is not None:
        check_size(masks, (picture.shape[2], picture.shape[1]), clip.size)
    if fit == "stretch" or (width, height) == clip.size:
        return masks.cpu().numpy()
    framed = fit_mask(masks.float(), *size_at(clip.width / clip.height, width, height, fit), fit)
    return (framed >= MASKED).cpu().numpy()


def _centres(drags: _Drags, clip: ClipShape) -> np.ndarray:
    """`[N, T, 2]` int. Paths continue beyond the picture's border; anchors stay still."""
    fractions = np.arange(clip.frames) / (clip.frames - 1)
    points = positions(drags.sampled.tracks, fractions, np.array(clip.size))
    return centres(np.where(drags.moves[:, None, None], points, drags.sampled.points[:, :1]), clip.size, clip.size)


def _disc(drags: _Drags, index: int, clip: ClipShape) -> tuple[int, np.ndarray]:
    row, column = drags.start(index)
    rows, columns = np.arange(clip.height)[:, None] - row, np.arange(clip.width) - column
    disc = rows**2 + columns**2 <= DISC**2
    return DISC, resize_mask(disc, clip.width // LATENT, clip.height // LATENT)


def _summary(masked: Sequence[bool], moves: np.ndarray) -> str:
    whole = int(np.sum(masked))
    discs, rest = len(masked) - whole, int((~moves).sum())
    return f"{len(masked)} entities: {whole} objects and {discs} discs; {rest} of them rest."


def _name(track: Track) -> str:
    return f'track "{track.name or track.id}"'


def _listed(drags: _Drags, indices: Sequence[int]) -> str:
    """Tracks as the beginning of a sentence about where they begin."""
    names = ", ".join(drags.named(index) for index in indices[:NAMED])
    more = f" and {len(indices) - NAMED} more" if len(indices) > NAMED else ""
    return f"{names[:1].upper()}{names[1:]}{more} {'begins' if len(indices) == 1 else 'each begin'}"


def dropped(tracks: np.ndarray, moves: np.ndarray, masks: Sequence[np.ndarray | None]) -> dict[int, int]:
    """Maps each drag without an entity of its own to the drag that the entity follows instead: of the drags that move
    rigidly together under the same mask, the one that begins closest to their middle.

    Args:
        tracks: `[N, T]` complex, in pixels.
        moves: `[N]` bool.
        masks: `[H, W]` bool for each drag, or None.
    """
    sharing: dict[bytes, list[int]] = {}
    for index in np.flatnonzero(moves):
        if masks[index] is not None:
            sharing.setdefault(masks[index].tobytes(), []).append(int(index))
    instead = {}
    for indices in sharing.values():
        for body in motion_groups(tracks[indices]):
            members = np.array(indices)[body]
            starts = tracks[members, 0]
            middle = members[np.abs(starts - starts.mean()).argmin()]
            instead |= {int(index): int(middle) for index in members if index != middle}
    return instead
