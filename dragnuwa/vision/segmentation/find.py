"""Finds the objects on which drags begin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ...common.interrupt import checkpoint
from ...common.masks import MASKED
from ...geometry.bending import from_below, mesh_of
from ...geometry.similarity import motion_groups
from .candidates import best, candidates, distinct, is_ground, seeds_of, standing_out
from .closer import better_seen_closer
from .outline import deepest, depth_inside, opacity, refine_mask
from .prepared import HALF, Found, PreparedPicture, SearchImage
from .superpixels import Superpixels, overlap

SEVERAL, INSIDE = 3, 0.12  # from this many drags on, their median depth inside the mask, as a fraction of its maximum
MOST_DRAGS = 16  # with more of them, the drags describe a motion field rather than objects
ALL = 0.8  # of the largest object that one of several clicks takes, what all together take at least
SHARED = 0.5  # of a mask, from which what holds it is the same object
CIRCLE_RADII = (1.6, 2.6)  # of the part's radius: how far from its centre the clicks around it are
CLICKS_PER_CIRCLE = 8  # clicks on each of these circles
LARGER = 1.15  # of the part's area: from here on, something is more than the part
SURE = 0.7  # estimated intersection over union from which the whole is believed
HELD = 0.8  # of the part's area that the whole holds
SMALL = 0.25  # of the main subject's area: up to here, what lies on it is a part of it
CERTAIN = 0.8  # of the part being on the main subject
SEAM = 0.67  # of a part's outline, along which it meets the rest of one thing at most
AS_GOOD = 0.05  # of the estimated overlap: up to here below the best other answer, the main subject is as likely
CLEAR = 0.1  # of the estimated overlap: from here on above the main subject's, a part is clearly meant
SAME = 0.75  # intersection over union from which a mask is the main subject
ROUNDS = 2  # from a nose to a head, from a head to an animal
NOTHING = np.zeros(0, complex)
HALF_PIXEL = 0.5 + 0.5j


@dataclass(frozen=True)
class MotionGroup:
    """Drags that move rigidly together, and the candidates for their object.

    Attributes:
        drags: `[m]` int, indices of the drags.
        starts: `[m]` complex, where they begin, in pixels of the small picture.
        masks: candidates, `[S]` bool each.
        distance: `[S]`, of each superpixel from the drags, as in `Seeds`.
        outside: superpixels that belong to no candidate.
        asked: what the click network says of the starts; None without it.
    """

    drags: np.ndarray
    starts: np.ndarray
    masks: list[np.ndarray]
    distance: np.ndarray
    outside: np.ndarray
    asked: Found | None


@dataclass(frozen=True)
class FoundObject:
    """
    Attributes:
        tracks: `[m]` int, ascending: indices of the tracks that move it.
        mask: `[H, W]` float32 from 0 to 1, opacity, soft at the edges.
    """

    tracks: np.ndarray
    mask: np.ndarray


def find_objects(picture: SearchImage, tracks: np.ndarray, pins: np.ndarray) -> list[FoundObject]:
    """Finds the object under each drag. Drags that move rigidly together share one object.

    Args:
        picture: preferably made from the picture at full size.
        tracks: `[n, T]` complex, x + iy in pixels of its image: the drags, each of which begins inside it and moves.
        pins: `[k]` complex, points that belong to no object.

    Returns:
        The objects without duplicates, in the order of their first drags; empty if no object stands out, the candidate
        is background, or there are more than `MOST_DRAGS` drags. The picture keeps them for whoever asks again.
    """
    if not 0 < len(tracks) <= MOST_DRAGS:
        return []
    starts, groups = tracks[:, 0], motion_groups(tracks)
    asked = "apart", starts.tobytes(), tuple(group.tobytes() for group in groups), pins.tobytes()
    return picture.answers.made(asked, lambda: _objects_apart(picture, starts, groups, pins))


def _objects_apart(
    picture: SearchImage, starts: np.ndarray, groups: list[np.ndarray], pins: np.ndarray
) -> list[FoundObject]:
    patches, found = picture.patches, {}
    for group in search(picture, starts, groups, pins):
        checkpoint()
        if len(group.drags) >= SEVERAL and _on_ground(picture, group.starts):
            continue
        mask = best_of(patches, group)
        small = _seen_closer(picture, starts[group.drags], mask)
        if small is not None:
            _add(found, FoundObject(group.drags, small))
        elif mask is not None and not is_ground(patches, mask):
            known = (np.isin(patches.label, part) for part in (patches.at(group.starts), group.outside))
            mask = refine_mask(picture.small, mask[patches.label], *known)
            if _holds(mask, group.starts):
                _add(found, FoundObject(group.drags, opacity(picture.image, mask)))
    return sorted(found.values(), key=lambda each: each.tracks[0])


def _on_ground(picture: SearchImage, starts: np.ndarray) -> bool:
    """Whether the networks say so of most of the points, each asked alone: of a camera's drags, one may begin on a
    object."""
    shown = picture.learned
    if shown is None:
        return False
    return float(np.mean([shown.ask(start[None], np.zeros(0, complex)).is_thing() for start in starts])) < HALF


def best_of(patches: Superpixels, group: MotionGroup) -> np.ndarray | None:
    """The candidate that is most likely the object; None if none stands out."""
    if group.asked is None:
        return best(patches, group.masks, group.distance)
    masks = [mask for mask in distinct(group.masks) if not is_ground(patches, mask)]
    masks = [masks[number] for number in standing_out(patches, masks, group.distance)]
    if not masks or not group.asked.is_thing():
        line = patches.line_under(group.starts)
        return line if line.any() else None
    return masks[int(group.asked.overlaps(masks).argmax())]


def _add(found: dict[bytes, FoundObject], new: FoundObject) -> None:
    """Groups for which the same mask was found share one object."""
    if not new.mask.any():
        return
    key = new.mask.tobytes()
    before = found[key].tracks if key in found else new.tracks
    found[key] = FoundObject(np.union1d(before, new.tracks), new.mask)


def _seen_closer(picture: SearchImage, starts: np.ndarray, mask: np.ndarray | None) -> np.ndarray | None:
    """As `better_seen_closer`, of a drag that was searched alone: `starts` `[m]` complex, in px of the image."""
    return better_seen_closer(picture, starts[0], mask) if len(starts) == 1 else None


def _holds(mask: np.ndarray, starts: np.ndarray) -> bool:
    """Whether most drags begin well inside the mask. They lie close to its outline where background patches have been
    strung together from drag to drag."""
    if len(starts) < SEVERAL:
        return True
    depth = depth_inside(mask)
    own = depth[np.rint(starts.imag).astype(int), np.rint(starts.real).astype(int)]
    return float(np.median(own)) >= INSIDE * depth.max()


def search(picture: SearchImage, starts: np.ndarray, groups: list[np.ndarray], pins: np.ndarray) -> list[MotionGroup]:
    """All drags that begin at `starts` `[n]` complex by motion group, with their candidates. `picture` and `pins` as
    for `find_objects`."""
    starts, pinned = picture.in_small(starts), picture.in_small(pins)
    found = []
    for drags in groups:
        others = np.concatenate([pinned, np.delete(starts, drags)])
        found.append(group_of(picture, drags, starts[drags], others))
    return found


def group_of(picture: SearchImage, drags: np.ndarray, starts: np.ndarray, others: np.ndarray) -> MotionGroup:
    """A group of drags that begin at `starts` [m] (complex, px of the small picture), with its candidates, to which
    none of the points `others` belong."""
    asked = picture.ask(starts, others)
    masks = [] if asked is None else asked.containing(starts, others)
    for seeds in seeds_of(picture.patches, starts, others):
        checkpoint()
        masks += candidates(picture.patches, seeds)
    return MotionGroup(drags, starts, masks, seeds.distance, seeds.outside, asked)


def objects_together(
    picture: SearchImage, starts: np.ndarray, moving: np.ndarray, pins: np.ndarray
) -> list[FoundObject]:
    """The objects under drags and anchors of which several may lie on one: two do, if what a click on one of them takes
    holds the other, or most of what a click on that takes. Of a drag, that is the whole object rather than the part on
    which it begins (`whole`).

    Args:
        picture: as for `find_objects`.
        starts: `[n]` complex, in px of its image, where they begin.
        moving: `[n]` bool, which of them are drags. An object that none of these is on is left out.
        pins: as for `find_objects`.

    Returns:
        As `find_objects`.
    """
    if not 0 < len(starts) <= MOST_DRAGS:
        return []
    asked = "together", starts.tobytes(), moving.tobytes(), pins.tobytes()
    return picture.answers.made(asked, lambda: _objects_together(picture, starts, moving, pins))


def _objects_together(
    picture: SearchImage, starts: np.ndarray, moving: np.ndarray, pins: np.ndarray
) -> list[FoundObject]:
    patches, places = picture.patches, starts
    starts, pinned = picture.in_small(starts), picture.in_small(pins)
    at = patches.label[np.rint(starts.imag).astype(int), np.rint(starts.real).astype(int)]
    clicks: list[np.ndarray | None] = []
    for number, start in enumerate(starts):
        checkpoint()
        group = group_of(picture, np.array([number]), starts[[number]], pinned)
        mask = best_of(patches, group)
        if mask is not None and moving[number]:
            mask = whole_around(picture, mask, start, pinned)
        clicks.append(mask)
    links = [
        [
            mask is not None and (mask[there] or _shared(patches, mask, other))
            for there, other in zip(at, clicks, strict=True)
        ]
        for mask in clicks
    ]
    count, label = connected_components(coo_array(np.array(links, bool)), directed=False)
    found: dict[bytes, FoundObject] = {}
    for number in range(count):
        members = np.flatnonzero(label == number)
        if not moving[members].any():
            continue
        others = np.concatenate([pinned, np.delete(starts, members)])
        mask = _held(picture, clicks, members, starts, at, others)
        small = _seen_closer(picture, places[members], mask)
        if small is not None:
            _add(found, FoundObject(members, small))
        elif mask is not None and (not is_ground(patches, mask) or _is_main_subject(picture, mask, starts[members])):
            known = (np.isin(patches.label, patches.at(part)) for part in (starts[members], others))
            _add(
                found,
                FoundObject(members, opacity(picture.image, refine_mask(picture.small, mask[patches.label], *known))),
            )
    return sorted(found.values(), key=lambda each: each.tracks[0])


def _is_main_subject(picture: SearchImage, mask: np.ndarray, starts: np.ndarray) -> bool:
    """Whether a mask `[S]` bool is the picture's main subject, as the networks see it, and points `[m]` complex are on
    that: however large, such as somebody in a portrait, it is no ground."""
    if picture.learned is None:
        return False
    subjects, certainty = picture.learned.subjects_at(starts)
    return certainty >= CERTAIN and any(overlap(picture.patches, mask, subject) >= SAME for subject in subjects)


def _shared(patches: Superpixels, mask: np.ndarray, other: np.ndarray | None) -> bool:
    """Whether a mask holds most of another one."""
    return other is not None and patches.area[mask & other].sum() >= SHARED * patches.area[other].sum()


def _held(
    picture: SearchImage,
    clicks: list[np.ndarray | None],
    members: np.ndarray,
    starts: np.ndarray,
    at: np.ndarray,
    others: np.ndarray,
) -> np.ndarray | None:
    """The mask of several tracks: the smallest of what clicks on them take that holds them all; what all of them
    together take; or all that the clicks take."""
    masks = [clicks[member] for member in members if clicks[member] is not None]
    whole = [mask for mask in masks if mask[at[members]].all()]
    if whole:
        return min(whole, key=lambda mask: picture.patches.area[mask].sum())
    if len(members) < 2:
        return None
    group = group_of(picture, members, starts[members], others)
    mask, area = best_of(picture.patches, group), picture.patches.area
    if mask is not None and area[mask].sum() >= ALL * max(area[one].sum() for one in masks):
        return mask
    return np.any(masks, 0)


@dataclass(frozen=True)
class TrackSearch:
    """
    Attributes:
        picture: prepared for the clip.
        tracks: `[N, T]` complex, in pixels of the clip from its corner, anchors without their drift.
    """

    picture: PreparedPicture
    tracks: np.ndarray

    @property
    def _centred(self) -> np.ndarray:
        """The tracks from the centre of the clip's first pixel, which is the same place in clips of all sizes."""
        return self.tracks - HALF_PIXEL

    def find(self, asked: np.ndarray, pins: np.ndarray) -> list[FoundObject]:
        """
        Args:
            asked: indices of the requested tracks, ascending. A track that begins on the bars of a padded picture has
                no object.
            pins: indices of tracks whose start points belong to none of the objects.

        Returns:
            The visible objects, with the indices of their tracks and masks of the prepared picture's image.
        """
        picture, tracks = self.picture, self._centred
        starts = tracks[:, 0]
        asked = asked[picture.shows(starts[asked])]
        if not len(asked):
            return []
        others = picture.in_image(starts[pins][picture.shows(starts[pins])])
        found = find_objects(picture.search, picture.in_image(tracks[asked]), others)
        return self._shown(found, asked)

    def find_together(self, drags: np.ndarray, anchors: np.ndarray, pins: np.ndarray) -> list[FoundObject]:
        """The objects under tracks of which several may lie on one, however they move; as `find`.

        Args:
            drags: indices of the tracks whose objects are wanted.
            anchors: of those that hold such an object, if they lie on one.
            pins: of those that belong to none of the objects.
        """
        picture, starts = self.picture, self._centred[:, 0]
        asked = np.concatenate([drags, anchors])
        moving = np.arange(len(asked)) < len(drags)
        shown = picture.shows(starts[asked])
        asked, moving = asked[shown], moving[shown]
        others = picture.in_image(starts[pins][picture.shows(starts[pins])])
        found = objects_together(picture.search, picture.in_image(starts[asked]), moving, others)
        return self._shown(found, asked)

    def _shown(self, found: list[FoundObject], asked: np.ndarray) -> list[FoundObject]:
        """The objects that the clip shows, with the numbers of the tracks `asked`."""
        picture, shown = self.picture, []
        for each in found:
            checkpoint()
            if (picture.at_clip(each.mask) >= MASKED).any():
                shown.append(replace(each, tracks=asked[each.tracks]))
        return shown


def whole_around(picture: SearchImage, part: np.ndarray, start: complex, outside: np.ndarray) -> np.ndarray:
    """`[S]` bool, the superpixels of the whole that a part belongs to; the part, if there is none, or no network.

    Args:
        picture: in which it is.
        part: `[S]` bool.
        start: the click (complex, px of the small picture) that took the part.
        outside: `[k]` complex, points that do not belong to it.
    """
    for _ in range(ROUNDS if picture.learned is not None else 0):
        larger = _larger(picture, part, start, outside)
        if larger is None:
            return _subject(picture, part, start, outside)
        part = larger
    return part


def _larger(picture: SearchImage, part: np.ndarray, start: complex, outside: np.ndarray) -> np.ndarray | None:
    patches = picture.patches
    area = patches.area[part].sum()
    best, sure = None, SURE
    for click in _around(part[patches.label]):
        checkpoint()
        answer = _thing_at(picture, np.array([click]), outside)
        if answer is None:
            continue
        mask, estimate = answer
        grows = patches.area[mask].sum() >= LARGER * area and patches.area[mask & part].sum() >= HELD * area
        if estimate > sure and mask[patches.at(np.array([start]))].all() and grows:
            best, sure = mask, estimate
    return best


def _thing_at(picture: SearchImage, inside: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, float] | None:
    """What the click network takes clicks for, `[S]` bool, and its estimated overlap with what is meant; None for
    ground."""
    asked = picture.ask(inside, outside)
    masks = asked.containing(inside, outside)
    if not masks or not asked.is_thing():
        return None
    estimates = asked.overlaps(masks)
    best = int(estimates.argmax())
    return masks[best], float(estimates[best])


def _subject(picture: SearchImage, part: np.ndarray, start: complex, outside: np.ndarray) -> np.ndarray:
    """The main subject with the part, if that is a small part of it, or a larger one by what the click network answers
    to clicks on both of them; otherwise the part."""
    area = picture.patches.area
    subjects, certainty = picture.learned.subjects_at(np.array([start]))
    if certainty < CERTAIN or not subjects:
        return part
    subject = subjects[0]
    barred = subject[picture.patches.at(outside)].any()
    if barred or area[subject & part].sum() < HALF * area[part].sum():
        return part
    small = area[part].sum() <= SMALL * area[subject].sum()
    return subject | part if small or _is_one_thing(picture, part, subject, start) else part


def _is_one_thing(picture: SearchImage, part: np.ndarray, subject: np.ndarray, start: complex) -> bool:
    """Whether the click network takes the main subject for the whole of a click on a part and one on the rest; and the
    two meet along a small share of the part's outline, unlike a cup and its saucer, or a click on the part alone does
    not clearly mean the part, or the picture's lower border cuts the subject off, as it does somebody in a portrait."""
    patches, rest = picture.patches, subject & ~part
    if patches.area[rest].sum() < (LARGER - 1) * patches.area[part].sum():
        return False
    both = np.append(start, deepest(rest[patches.label]))
    asked = picture.ask(both, NOTHING)
    answers = [mask for mask in asked.containing(both, NOTHING) if overlap(patches, mask, subject) < SAME]
    estimates = asked.overlaps([subject, *answers])
    if not asked.is_thing() or estimates[0] <= max(SURE, estimates.max() - AS_GOOD):
        return False
    outline = part[patches.u] != part[patches.v]
    seam = outline & (rest[patches.u] | rest[patches.v])
    if patches.length[seam].sum() <= SEAM * patches.length[outline].sum():
        return True
    alone, parted = picture.ask(both[:1], NOTHING).estimates([subject, part])
    if alone >= parted - CLEAR:
        return True
    return from_below(mesh_of(subject[patches.label].astype(np.float32))) is not None


def _around(part: np.ndarray) -> list[complex]:
    """Points around a part `[h, w]` bool, inside of the picture and outside of the part."""
    height, width = part.shape
    y, x = np.nonzero(part)
    centre, radius = complex(x.mean(), y.mean()), (len(x) / np.pi) ** 0.5
    found = []
    for circle, away in enumerate(CIRCLE_RADII):
        turn = 2j * np.pi * (np.arange(CLICKS_PER_CIRCLE) + circle / 2) / CLICKS_PER_CIRCLE
        for point in centre + away * radius * np.exp(turn):
            column, row = round(point.real), round(point.imag)
            if 0 <= column < width and 0 <= row < height and not part[row, column]:
                found.append(complex(column, row))
    return found
