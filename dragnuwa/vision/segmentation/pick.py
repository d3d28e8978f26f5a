"""Picking: the object under a click, corrected by more of them. The search is that of drags (`find`); what does not
depend on the clicks is done once for a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .candidates import candidates_of_click, seeds_of
from .choice import describe, score
from .outline import opacity, refine_mask
from .search_image import SearchImage
from .superpixels import Superpixels

LIKELY = 20  # candidates with the best scores, of which the middle counts
CLOSE = 3  # px of the small picture around a click, which are surely as it says
NO_EDGE = 0.1  # CIELAB per px: as in drawings, where a colour is the same all over
OPEN_PART = 0.25  # of the outline of what a correction changes, at most without an edge
IN_THE_MIDDLE = 0.4, 0.8  # of the score, for a first click, and a correction, in the very middle of what it changes


@dataclass(frozen=True)
class Pick:
    """What clicks have picked so far, on superpixels.

    Attributes:
        inside, outside: `[n]` and `[m]` complex, the clicks, in pixels of the small picture.
        mask: `[S]` bool.
        candidates: `[S]` bool each, among which it was chosen.
    """

    inside: np.ndarray
    outside: np.ndarray
    mask: np.ndarray
    candidates: list[np.ndarray]


def first_pick(picture: SearchImage, place: complex) -> Pick:
    """The object under a click at a place of the image (x + iy in pixels). Unlike a drag, a click says that there is an
    object: where none stands out it is the likeliest candidate, and nothing only where there is none."""
    inside, outside = picture.in_small(np.array([place])), np.zeros(0, complex)
    patches = picture.patches
    found = _candidates(patches, inside, outside)
    nothing = np.zeros(patches.count, bool)
    return Pick(inside, outside, _chosen(patches, found, inside, nothing, inside[0]), found)


def corrected(picture: SearchImage, before: Pick, place: complex, belongs: bool) -> Pick:
    """A pick after one more click, at a place that belongs to the object, or does not.

    The mistake around the click is a thing, too: it is looked for as an object is, and added to what was picked or
    taken away. Among these and the candidates of before the choice is as for a first click.
    """
    patches = picture.patches
    click = picture.in_small(np.array([place]))
    inside, outside = (_beside(patches, clicks, click) for clicks in (before.inside, before.outside))
    mistakes = [*_candidates(patches, click, outside if belongs else inside), _alone(patches, click)]
    mistakes = _standing_out(patches, mistakes, before.mask)
    found = [*before.candidates, *(_changed(before.mask, each, belongs) for each in mistakes)]
    inside, outside = (np.append(inside, click), outside) if belongs else (inside, np.append(outside, click))
    needed, barred = patches.at(inside), patches.at(outside)
    fitting = {mask.tobytes(): mask for mask in found if mask[needed].all() and not mask[barred].any()}
    found = list(fitting.values())
    return Pick(inside, outside, _chosen(patches, found, inside, before.mask, click[0]), found)


def soft_mask(picture: SearchImage, pick: Pick) -> np.ndarray:
    """`[H, W]` float32 from 0 to 1: what is picked, at the picture's full size and soft at the edges."""
    patches = picture.patches
    if not pick.mask.any():
        return np.zeros(picture.image.shape[:2], np.float32)
    known = (_discs(places, patches.label.shape) for places in (pick.inside, pick.outside))
    return opacity(picture.image, refine_mask(picture.small, pick.mask[patches.label], *known))


def _discs(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`[h, w]` bool: what lies close around clicks. Not the superpixels under them, which may lie on both sides of an
    edge that the clicks are there to correct."""
    mask = np.zeros(shape, np.uint8)
    for place in places:
        cv2.circle(mask, (round(place.real), round(place.imag)), CLOSE, 1, -1)
    return mask > 0


def _candidates(patches: Superpixels, inside: np.ndarray, outside: np.ndarray) -> list[np.ndarray]:
    """Without the lines from click to click, which are there for the drags of a body."""
    return candidates_of_click(patches, seeds_of(patches, inside, outside)[0])


def _beside(patches: Superpixels, clicks: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The clicks on other superpixels than the last one: on the same, the last one counts."""
    return np.array([click for click in clicks if patches.at(np.array([click])) != patches.at(last)], complex)


def _alone(patches: Superpixels, click: np.ndarray) -> np.ndarray:
    """`[S]` bool: no more than the superpixel under a click."""
    mask = np.zeros(patches.count, bool)
    mask[patches.at(click)] = True
    return mask


def _standing_out(patches: Superpixels, parts: list[np.ndarray], mask: np.ndarray) -> list[np.ndarray]:
    """Those of the parts that end at an edge, or where the mask does: what is of one colour is changed as a whole. All
    of them, where there is none."""
    free = (patches.strength < NO_EDGE) & (mask[patches.one] == mask[patches.other])

    def ends(part: np.ndarray) -> bool:
        outline = part[patches.one] != part[patches.other]
        return patches.length[outline & free].sum() <= OPEN_PART * patches.length[outline].sum()

    return [part for part in parts if ends(part)] or parts


def _changed(mask: np.ndarray, part: np.ndarray, belongs: bool) -> np.ndarray:
    return mask | part if belongs else mask & ~part


def _chosen(
    patches: Superpixels, masks: list[np.ndarray], inside: np.ndarray, wrong: np.ndarray, click: complex
) -> np.ndarray:
    """The best of the masks, after a click on what is wrong with a mask; that one where there is none to choose."""
    if not masks:
        return wrong
    near = inside if len(inside) else np.array([click])  # all other clicks were on the patch of one that takes away
    (seeds, *_) = seeds_of(patches, near, np.zeros(0, complex))
    scores = {number: score(each) for number, each in describe(patches, masks, seeds.distance).items()}
    weight = IN_THE_MIDDLE[int(wrong.any())]
    likely = sorted(scores, key=scores.__getitem__)[-LIKELY:]
    scores = {n: scores[n] + weight * _centred(patches, masks[n] ^ wrong, click) for n in likely}
    return masks[max(scores, key=scores.__getitem__)] if scores else wrong


def _centred(patches: Superpixels, change: np.ndarray, place: complex) -> float:
    """How near to the middle of what changes a place lies: its depth there, as part of the deepest place's."""
    depth = cv2.distanceTransform(np.pad(change[patches.label], 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return float(depth[round(place.imag), round(place.real)] / max(depth.max(), 1.0))
