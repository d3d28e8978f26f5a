"""Picks the object under a click and corrects it with further clicks. The search is the one used for drags (`find`);
whatever does not depend on the clicks is computed once per picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from .candidates import Properties, candidates_of_click, describe, distinct, is_ground, open_strength, score, seeds_of
from .outline import deepest, depth_inside, opacity, refine_mask
from .prepared import HALF, Found, SearchImage
from .superpixels import Superpixels, overlap

FIXED_RADIUS = 3  # px of the small picture around a click that are fixed as the click says
NO_EDGE = 0.1  # CIELAB per px: no edge, as inside the flat areas of a drawing
OPEN_PART = 0.25  # maximum fraction of a correction's outline that does not follow an edge
OPEN_EDGES = 1.0, 2.0  # edges of open background, as multiples of `open_strength`
GROUND_LEAD = 0.64  # margin for replacing a fragment of the background by all of it
IN_THE_MIDDLE = 0.4, 0.8  # bonus to the score if a first click, or a correction, is at the centre of its change
IN_THE_MIDDLE_LEARNED = 0.15, 0.15  # the same, to the click network's estimate
MIN_KEPT = 0.08  # intersection over union that a pick keeps with itself when it is corrected
DUPLICATE = 0.9  # intersection over union above which two sizes are duplicates
STEPS = 4  # maximum number of smaller and of larger ones
SAME = 0.75  # intersection over union from which two sizes are no step apart
NESTED = 0.9  # part of the smaller mask that has to lie inside the larger one
FILLS = 0.5  # bonus to the score of a candidate whose bounding box is the box


@dataclass(frozen=True)
class Pick:
    """The selection so far, on superpixels.

    Attributes:
        inside, outside: `[n]` and `[m]` complex, the clicks, in pixels of the small picture.
        mask: `[S]` bool.
        candidates: `[S]` bool each, from which the mask was chosen.
        scores: how good they are by index, where that was asked with these clicks alone; None to ask again.
        thing: whether a thing is meant, rather than ground, as far as the click network can tell.
        opacity: `[H, W]` float32 from 0 to 1, in the image, of something smaller than superpixels that a closer look
            has found (`closer.pick_at`); else None.
    """

    inside: np.ndarray
    outside: np.ndarray
    mask: np.ndarray
    candidates: list[np.ndarray]
    scores: dict[int, float] | None = None
    thing: bool = True
    opacity: np.ndarray | None = None


def first_pick(picture: SearchImage, point: complex) -> Pick:
    """The object under a click (x + iy in pixels of the image). Unlike a drag, a click implies that there is an object:
    if none stands out the likeliest candidate is taken, or the ground of which it seems to be a fragment, and the mask
    is empty only if there is none."""
    inside, outside = picture.in_small(np.array([point])), np.zeros(0, complex)
    patches, asked = picture.patches, _asked(picture, inside, outside)
    checkpoint()
    cuts = _candidates(patches, inside, outside)
    checkpoint()
    found = distinct([*_learned(asked, inside, outside), *cuts])
    described = _described(patches, found, inside)
    scores = scores_of(found, described, asked)
    grounds = _grounds(patches, found, scores)
    objects, nothing = _not_ground(scores, grounds, asked), np.zeros(patches.count, bool)
    chosen = _chosen(patches, found, objects, nothing, inside[0], asked is not None)
    if asked is None:
        chosen = _whole_ground(found, described, grounds, chosen)
    is_thing = asked is None or asked.is_thing()
    line = patches.line_under(inside)
    if line.any() and (not is_thing or is_ground(patches, chosen)):
        chosen, is_thing = line, True
    return Pick(inside, outside, chosen, found, scores, is_thing)


def seems_ground(picture: SearchImage, pick: Pick) -> bool:
    """Whether a pick is rather ground than an object, as the click network says of the clicks or the mask by itself."""
    return pick.opacity is None and (not pick.thing or is_ground(picture.patches, pick.mask))


def estimated_overlaps(picture: SearchImage, point: complex, masks: list[np.ndarray]) -> np.ndarray | None:
    """How good masks are by the click network's estimate: the intersection over union of each with the thing that a
    click means, and a bonus for the picture's main subject (`Found.overlaps`).

    Args:
        point: x + iy in pixels of the image.
        masks: `[H, W]` from 0 to 1 each.

    Returns:
        `[M]`; None without the network.
    """
    asked = _asked(picture, picture.in_small(np.array([point])), np.zeros(0, complex))
    return None if asked is None else asked.overlaps([outlined(picture, mask).mask for mask in masks])


def learned_mask(picture: SearchImage, point: complex) -> np.ndarray:
    """`[h, w]` bool, of the small picture: the click network's own answer to a click, in a sixth of the time of
    `first_pick`, which mostly has its outline nearby. Empty where the network takes what is there for ground."""
    inside, outside = picture.in_small(np.array([point])), np.zeros(0, complex)
    asked = _asked(picture, inside, outside)
    masks = _learned(asked, inside, outside)
    if asked is None or not masks or not asked.is_thing():
        return np.zeros(picture.patches.label.shape, bool)
    return masks[int(asked.overlaps(masks).argmax())][picture.patches.label]


def corrected(picture: SearchImage, before: Pick, point: complex, belongs: bool) -> Pick:
    """A pick after one more click, on a point that belongs to the object or does not.

    The region to correct is found in the same way as an object, then added to or subtracted from the previous mask.
    The results join the previous candidates, and the choice among those that leave something of the pick is made as for
    a first click.
    """
    patches = picture.patches
    click = picture.in_small(np.array([point]))
    inside, outside = (_beside(patches, clicks, click) for clicks in (before.inside, before.outside))
    mistakes = [*_candidates(patches, click, outside if belongs else inside), _alone(patches, click)]
    mistakes += _reached(patches, click, before.mask)
    mistakes = _standing_out(patches, mistakes, before.mask)
    found = [*before.candidates, *(_changed(before.mask, each, belongs) for each in mistakes)]
    inside, outside = (np.append(inside, click), outside) if belongs else (inside, np.append(outside, click))
    # an outline that was drawn may be anything, so that only the click's part of it is looked for
    asked = _asked(picture, inside, outside, before.mask) if before.candidates else None
    found += _learned(asked, inside, outside)
    needed, barred = patches.at(inside), patches.at(outside)
    found = distinct(mask for mask in found if mask[needed].all() and not mask[barred].any())
    if before.candidates:  # an outline that was drawn may be anything
        found = [mask for mask in found if overlap(patches, mask, before.mask) >= MIN_KEPT] or found
    scores = scores_of(found, _described(patches, found, inside if len(inside) else click), asked)
    objects = _not_ground(scores, _grounds(patches, found, scores), asked)
    chosen = _chosen(patches, found, objects, before.mask, click[0], asked is not None)
    return Pick(inside, outside, chosen, found)


def sizes(picture: SearchImage, pick: Pick) -> tuple[list[Pick], int]:
    """Smaller and larger alternatives to a pick, from small to large, and the index of the pick; of an empty one, as in
    a picture of a few pixels, none."""
    if not pick.mask.any():
        return [pick], 0
    scores = pick.scores
    if scores is None:
        clicks = pick.inside if len(pick.inside) else pick.outside
        described = _described(picture.patches, pick.candidates, clicks)
        scores = scores_of(pick.candidates, described, _asked(picture, pick.inside, pick.outside))
    masks, number = nested_sizes(picture.patches, pick.candidates, scores, pick.mask)
    picks = [pick if mask is pick.mask else replace(pick, mask=mask, opacity=None) for mask in masks]
    smaller, larger = picks[:number], picks[number + 1 :]
    smaller = _differing(picture, picks[number], smaller[::-1])[::-1]
    return [*smaller, picks[number], *_differing(picture, picks[number], larger)], len(smaller)


def _differing(picture: SearchImage, pick: Pick, others: list[Pick]) -> list[Pick]:
    """Those whose refined outlines differ from their predecessors', starting from `pick`."""
    kept, last = [], _refined(picture, pick)
    for other in others:
        found = _refined(picture, other)
        if (found & last).sum() < DUPLICATE * (found | last).sum():
            kept.append(other)
            last = found
    return kept


def outlined(picture: SearchImage, mask: np.ndarray) -> Pick:
    """An object with an existing outline, to be corrected by clicks, from its mask `[H, W]` from 0 to 1."""
    small = cv2.resize(mask, picture.small.shape[1::-1], interpolation=cv2.INTER_AREA)
    inside = picture.patches.mean(small) >= HALF
    return Pick(np.zeros(0, complex), np.zeros(0, complex), inside, [])


def soft_mask(picture: SearchImage, pick: Pick) -> np.ndarray:
    """`[H, W]` float32 from 0 to 1: the selection at the picture's full size, soft at the edges."""
    if pick.opacity is not None:
        return pick.opacity
    if not pick.mask.any():
        return np.zeros(picture.image.shape[:2], np.float32)
    return opacity(picture.image, _refined(picture, pick))


def _refined(picture: SearchImage, pick: Pick) -> np.ndarray:
    """`[h, w]` bool, of the small picture."""
    label = picture.patches.label
    known = (_discs(clicks, label.shape) for clicks in (pick.inside, pick.outside))
    return refine_mask(picture.small, pick.mask[label], *known)


def _discs(clicks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`[h, w]` bool: discs around clicks. Not the superpixels under them, which may straddle the very edge that the
    clicks are meant to correct."""
    mask = np.zeros(shape, np.uint8)
    for click in clicks:
        cv2.circle(mask, (round(click.real), round(click.imag)), FIXED_RADIUS, 1, -1)
    return mask > 0


def _candidates(patches: Superpixels, inside: np.ndarray, outside: np.ndarray) -> list[np.ndarray]:
    """Without the lines between seeds, which only make sense for the drags of one group."""
    return candidates_of_click(patches, seeds_of(patches, inside, outside)[0])


def _beside(patches: Superpixels, clicks: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The clicks on superpixels other than that of the last click, which overrides them."""
    return np.array([click for click in clicks if patches.at(np.array([click])) != patches.at(last)], complex)


def _alone(patches: Superpixels, click: np.ndarray) -> np.ndarray:
    """`[S]` bool: only the superpixel under a click."""
    mask = np.zeros(patches.count, bool)
    mask[patches.at(click)] = True
    return mask


def _reached(patches: Superpixels, click: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    """The areas reachable from a click without crossing the mask's outline, or an edge stronger than those of open
    background, for several tolerances: background inside a rough outline, for instance."""
    edges = np.array(OPEN_EDGES)[:, None] * open_strength(patches)
    linked = (patches.strength < edges) & (mask[patches.u] == mask[patches.v])
    seeds = np.zeros((len(edges), patches.count), bool)
    seeds[:, patches.at(click)] = True
    return list(patches.graph.reached(linked, seeds))


def _standing_out(patches: Superpixels, parts: list[np.ndarray], mask: np.ndarray) -> list[np.ndarray]:
    """Those of the parts that end at an edge, or at the mask's outline, so that a flat area changes as a whole; all of
    them if there are none."""
    free = (patches.strength < NO_EDGE) & (mask[patches.u] == mask[patches.v])

    def ends(part: np.ndarray) -> bool:
        outline = part[patches.u] != part[patches.v]
        return patches.length[outline & free].sum() <= OPEN_PART * patches.length[outline].sum()

    return [part for part in parts if ends(part)] or parts


def _changed(mask: np.ndarray, part: np.ndarray, belongs: bool) -> np.ndarray:
    return mask | part if belongs else mask & ~part


def _described(patches: Superpixels, masks: list[np.ndarray], near: np.ndarray) -> dict[int, Properties]:
    """By index, those of the masks that may be objects, for clicks `near` [n]."""
    (seeds, *_) = seeds_of(patches, near, np.zeros(0, complex))
    return describe(patches, masks, seeds.distance)


def _asked(
    picture: SearchImage, inside: np.ndarray, outside: np.ndarray, before: np.ndarray | None = None
) -> Found | None:
    """What the click network says of clicks, which correct the mask `before`; None without the network, or without a
    click on the object."""
    return picture.ask(inside, outside, before=before) if len(inside) else None


def _learned(asked: Found | None, inside: np.ndarray, outside: np.ndarray) -> list[np.ndarray]:
    """The click network's masks that have all the clicks inside, and none of those outside."""
    return [] if asked is None else asked.containing(inside, outside)


def scores_of(masks: list[np.ndarray], described: dict[int, Properties], asked: Found | None) -> dict[int, float]:
    """How good the masks that may be objects are, by index: as the click network estimates, or without it as `score`
    does."""
    if asked is None:
        return {number: score(each) for number, each in described.items()}
    overlaps = asked.overlaps([masks[number] for number in described])
    return dict(zip(described, overlaps.tolist(), strict=True))


def _grounds(patches: Superpixels, masks: list[np.ndarray], scores: dict[int, float]) -> dict[int, float]:
    """The scores of the masks that count as background, by index."""
    return {number: value for number, value in scores.items() if is_ground(patches, masks[number])}


def _not_ground(scores: dict[int, float], grounds: dict[int, float], asked: Found | None) -> dict[int, float]:
    """The scores of the candidates to choose from: of objects, or of ground if there is nothing else, or the click
    network sees nothing else."""
    objects = {number: value for number, value in scores.items() if number not in grounds}
    if asked is not None and grounds and not asked.is_thing():
        return grounds
    return objects or grounds


def _chosen(
    patches: Superpixels,
    masks: list[np.ndarray],
    scores: dict[int, float],
    wrong: np.ndarray,
    click: complex,
    is_learned: bool,
) -> np.ndarray:
    """The best of the masks that have scores, after a click that corrects the mask `wrong`; `wrong` itself if there are
    none."""
    weight = (IN_THE_MIDDLE_LEARNED if is_learned else IN_THE_MIDDLE)[int(wrong.any())]
    best, most = wrong, -np.inf
    for number, value in sorted(scores.items(), key=lambda each: -each[1]):
        if value + weight < most:
            break  # nor can those after it become the best
        total = value + weight * centred(patches, masks[number] ^ wrong, click)
        if total > most:
            best, most = masks[number], total
    return best


def _whole_ground(
    masks: list[np.ndarray], described: dict[int, Properties], grounds: dict[int, float], chosen: np.ndarray
) -> np.ndarray:
    """The likeliest ground where the chosen mask seems to be a fragment of it: it looks as much like ground as like an
    object, has the colours of what is around it, or lies along the picture's border. Otherwise the chosen mask."""
    objects = [each for number, each in described.items() if masks[number] is chosen and number not in grounds]
    if not grounds or not objects:
        return chosen
    fragment = objects[0].same_colors + objects[0].border
    likeliest = max(grounds, key=grounds.__getitem__)
    return masks[likeliest] if grounds[likeliest] > score(objects[0]) - fragment + GROUND_LEAD else chosen


def centred(patches: Superpixels, change: np.ndarray, click: complex) -> float:
    """How close a click is to the centre of a change: its depth inside, as a fraction of the maximum depth."""
    depth = depth_inside(change[patches.label])
    return float(depth[round(click.imag), round(click.real)] / max(depth.max(), 1.0))


def nested_sizes(
    patches: Superpixels, masks: list[np.ndarray], scores: dict[int, float], chosen: np.ndarray
) -> tuple[list[np.ndarray], int]:
    """
    Args:
        masks: `[S]` bool each, the candidates.
        scores: by index, for those that may be objects: how much each looks like one.
        chosen: `[S]` bool, the pick.

    Returns:
        At most `STEPS` smaller ones, the chosen one and at most `STEPS` larger ones, from small to large, and the index
        of the chosen one. They are the best that differ from each other (`SAME`) and of which each lies in the next, so
        that no step goes past an object that looks likelier than the two around it.
    """
    kept, smaller = [chosen], 0
    for number in sorted(scores, key=lambda number: -scores[number]):
        mask = masks[number]
        is_smaller = patches.area[mask].sum() < patches.area[chosen].sum()
        if (smaller if is_smaller else len(kept) - 1 - smaller) == STEPS:
            continue
        if all(overlap(patches, mask, other) < SAME and _shared(patches, mask, other) >= NESTED for other in kept):
            kept.append(mask)
            smaller += is_smaller
    return sorted(kept, key=lambda mask: patches.area[mask].sum()), smaller


def _shared(patches: Superpixels, one: np.ndarray, other: np.ndarray) -> float:
    """The part of the smaller of two masks that lies in the larger one."""
    areas = [patches.area[mask].sum() for mask in (one & other, one, other)]
    return areas[0] / max(min(areas[1:]), 1)


def boxed_pick(picture: SearchImage, first: complex, last: complex) -> Pick:
    """The object whose bounding box is closest to a box. It contains the box's centre, and nothing outside the box.

    Args:
        first, last: opposite corners, x + iy in pixels of the image.
    """
    patches = picture.patches
    corners = picture.in_small(np.array([first, last]))
    left, right = np.rint(np.sort(corners.real)).astype(int)
    top, bottom = np.rint(np.sort(corners.imag)).astype(int)
    box = np.zeros(patches.label.shape, bool)
    box[top : bottom + 1, left : right + 1] = True
    (seeds,) = seeds_of(patches, corners.mean(keepdims=True), np.zeros(0, complex))
    outside = np.setdiff1d(np.flatnonzero(patches.mean(box) < HALF), seeds.inside)
    nothing = np.zeros(0, complex)
    asked = picture.ask(nothing, nothing, box=(corners[0], corners[1]))
    masks = candidates_of_click(patches, replace(seeds, outside=outside))
    masks = distinct([*([] if asked is None else asked.masks()), *masks])
    described = describe(patches, masks, seeds.distance)
    scores = {
        number: value + FILLS * _fill(patches, masks[number], box)
        for number, value in scores_of(masks, described, asked).items()
    }
    if not scores:
        return Pick(nothing, nothing, np.zeros(patches.count, bool), masks)
    mask = masks[max(scores, key=scores.__getitem__)]
    return Pick(deepest(mask[patches.label]), nothing, mask, masks)


def _fill(patches: Superpixels, mask: np.ndarray, box: np.ndarray) -> float:
    """Intersection over union of a box `[h, w]` bool and the bounding box of a mask `[S]` bool."""
    shown = mask[patches.label]
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    around = np.zeros_like(box)
    around[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return float((around & box).sum() / (around | box).sum())
