"""Picks the object under a click and corrects it with further clicks. The search is the one used for drags (`find`);
whatever does not depend on the clicks is computed once per picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from ...trajectory.objects import Outline
from .candidates import candidates_of_click, seeds_of
from .choice import describe, score
from .outline import opacity, outline_in_clip, refine_mask
from .prepared import PreparedPicture, SearchImage
from .superpixels import Superpixels

LIKELY = 20  # candidates with the best scores, among which the click's position decides
CLOSE = 3  # px of the small picture around a click that are fixed as the click says
NO_EDGE = 0.1  # CIELAB per px: no edge, as inside the flat areas of a drawing
OPEN_PART = 0.25  # maximum fraction of a correction's outline that does not follow an edge
IN_THE_MIDDLE = 0.4, 0.8  # bonus to the score if a first click, or a correction, is at the centre of its change
PICKS = 64
"""Number of picks that are cached per picture, so that a correction does not start over."""

Clicks = tuple[tuple[float, float], ...]
"""x, y in fractions of the clip."""


@dataclass(frozen=True)
class Pick:
    """The selection so far, on superpixels.

    Attributes:
        inside, outside: `[n]` and `[m]` complex, the clicks, in pixels of the small picture.
        mask: `[S]` bool.
        candidates: `[S]` bool each, from which the mask was chosen.
    """

    inside: np.ndarray
    outside: np.ndarray
    mask: np.ndarray
    candidates: list[np.ndarray]


def first_pick(picture: SearchImage, point: complex) -> Pick:
    """The object under a click (x + iy in pixels of the image). Unlike a drag, a click implies that there is an object:
    if none stands out the likeliest candidate is taken, and the mask is empty only if there is none."""
    inside, outside = picture.in_small(np.array([point])), np.zeros(0, complex)
    patches = picture.patches
    found = _candidates(patches, inside, outside)
    nothing = np.zeros(patches.count, bool)
    return Pick(inside, outside, _chosen(patches, found, inside, nothing, inside[0]), found)


def corrected(picture: SearchImage, before: Pick, point: complex, belongs: bool) -> Pick:
    """A pick after one more click, on a point that belongs to the object or does not.

    The region to correct is found in the same way as an object, then added to or subtracted from the previous mask.
    The results join the previous candidates, and the choice among them is made as for a first click.
    """
    patches = picture.patches
    click = picture.in_small(np.array([point]))
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
    """`[H, W]` float32 from 0 to 1: the selection at the picture's full size, soft at the edges."""
    patches = picture.patches
    if not pick.mask.any():
        return np.zeros(picture.image.shape[:2], np.float32)
    known = (_discs(clicks, patches.label.shape) for clicks in (pick.inside, pick.outside))
    return opacity(picture.image, refine_mask(picture.small, pick.mask[patches.label], *known))


def _discs(clicks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`[h, w]` bool: discs around clicks. Not the superpixels under them, which may straddle the very edge that the
    clicks are meant to correct."""
    mask = np.zeros(shape, np.uint8)
    for click in clicks:
        cv2.circle(mask, (round(click.real), round(click.imag)), CLOSE, 1, -1)
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


def _chosen(
    patches: Superpixels, masks: list[np.ndarray], inside: np.ndarray, wrong: np.ndarray, click: complex
) -> np.ndarray:
    """The best of the masks, after a click that corrects the mask `wrong`; `wrong` itself if there are none."""
    if not masks:
        return wrong
    near = inside if len(inside) else np.array([click])  # a negative click may override all positive ones
    (seeds, *_) = seeds_of(patches, near, np.zeros(0, complex))
    scores = {number: score(each) for number, each in describe(patches, masks, seeds.distance).items()}
    weight = IN_THE_MIDDLE[int(wrong.any())]
    likely = sorted(scores, key=scores.__getitem__)[-LIKELY:]
    scores = {n: scores[n] + weight * _centred(patches, masks[n] ^ wrong, click) for n in likely}
    return masks[max(scores, key=scores.__getitem__)] if scores else wrong


def _centred(patches: Superpixels, change: np.ndarray, click: complex) -> float:
    """How close a click is to the centre of a change: its depth inside, as a fraction of the maximum depth."""
    depth = cv2.distanceTransform(np.pad(change[patches.label], 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return float(depth[round(click.imag), round(click.real)] / max(depth.max(), 1.0))


class ClipPicture:
    """The part of a picture that a clip shows, and what has been picked in it. Not thread-safe."""

    def __init__(self, picture: PreparedPicture):
        self._picture = picture
        _ = picture.search.patches.parent  # so that the first click does not wait for it
        self._picks: dict[tuple[Clicks, Clicks], Pick] = {}

    def pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck = no_interrupt) -> Outline:
        """The outline of the object that contains all of `points` and none of `minus`, in fractions of the clip; empty
        if nothing was found. The first point finds the object, the rest correct it in turn.

        Args:
            points: at least one. Points on the bars of a padded picture are moved to the picture's edge.
            check_interrupt: called before each search.
        """
        mask = soft_mask(self._picture.search, self._pick(points, minus, check_interrupt))
        return outline_in_clip(mask, self._picture.place, self._picture.clip)

    def _pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck) -> Pick:
        key = points, minus
        if key in self._picks:
            return self._picks[key]
        if len(points) == 1 and not minus:
            check_interrupt()
            found = first_pick(self._picture.search, self._in_image(points[0]))
        else:
            last, belongs = (minus[-1], False) if minus else (points[-1], True)
            before = self._pick(points if minus else points[:-1], minus[:-1], check_interrupt)
            check_interrupt()
            found = corrected(self._picture.search, before, self._in_image(last), belongs)
        if len(self._picks) >= PICKS:
            self._picks.pop(next(iter(self._picks)))
        self._picks[key] = found
        return found

    def _in_image(self, click: tuple[float, float]) -> complex:
        """A click in pixels of the image."""
        x, y = np.array(click) * self._picture.clip - 0.5
        return complex(self._picture.in_image(np.array([x + 1j * y]))[0])
