"""What a drag on a clip is on, in the frame in which it was drawn: by that picture, as Carry finds it, and by what
moves and what rests there in the clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.masks import MASKED
from ...vision.segmentation.candidates import NONE_OF_THEM, connected, cut_by_odds, log_odds
from ...vision.segmentation.closer import ENLARGED, enlarged, estimated_closer, pick_at
from ...vision.segmentation.outline import deepest, opacity
from ...vision.segmentation.pick import outlined, soft_mask
from ...vision.segmentation.prepared import Found, PreparedPicture, prepare
from ...vision.segmentation.superpixels import Superpixels
from .moving_clip import KNOWN, agreement
from .tracked import FrameMotion

SAME_OBJECT = 0.75  # overlap from which the outline by colours, which is finer, is that of what moves
DOUBTED = 0.8  # estimated overlap with the thing that is meant, below which another one is looked for
SURER = 0.1  # of that, by which one has to be better than another
INSIDE, PART = 0.7, 0.5  # what lies so far inside of an outline by colours, and is less of it, is a part that moves
LEFT_OUT, SURE = 0.3, 0.95  # probabilities of a part: one answer is below the first, and none above the second
LEAST_AT_REST, LEAST_PART = 0.1, 0.05  # of what was found: less of it, or of one part, may rest for a while
MOST_AT_REST = 0.5  # of what the network is sure of: with more, the thing itself rests
SURE_WITHOUT, AS_GOOD = 0.7, 0.05  # estimated overlap of an answer without what rests, and how much less is as good
LIKELY, LIKELY_SCORE = 0.25, 0.1  # estimated overlap, and that with agreement, by which an answer may be worse
LARGER = 0.25  # estimated overlap that all that is likely is worth more
HOLDS, LESS = 0.9, 0.85  # of a part, that its whole has; of a whole, that a part is less than
LEAST_PATCHES = 8  # superpixels: of fewer, none has an outline
MOTION_COUNTS, REST_COUNTS = 4.0, 3.0  # logarithms of the odds of the surest motion, and of what surely rests
REST_IN_BEST = 1.0  # the same of what the best answer has: a leg on which somebody stands is torn off otherwise
ODDS_COUNT = 0.15  # of the cost of an outline where no edge is, by pixel
MOST_ADDED = 0.15  # of the thing: a larger part that no likely answer has is something else that moves

Estimate = Callable[[Sequence[np.ndarray]], np.ndarray | None]
"""How good each of some masks `[H, W]` is for what is meant; None where nobody can say."""


def prepared_frame(picture: Tensor, size: tuple[int, int]) -> PreparedPicture:
    """A frame `[H, W, 3]` of a clip of (width, height) `size`; enlarged if it is so small that its parts are smaller
    than superpixels."""
    if max(picture.shape[:2]) < ENLARGED:
        picture = torch.from_numpy(enlarged(picture.cpu().float().numpy())).clamp(0, 1)
    return prepare(picture, size, "stretch")


def object_in_frame(prepared: PreparedPicture, place: complex, mask: np.ndarray, motion: FrameMotion) -> np.ndarray:
    """
    Args:
        prepared: the frame in which the drag was drawn.
        place: where it begins.
        mask: `[H, W]` from 0 to 1, what was found there as in any picture; empty for nothing.
        motion: of that frame.
    """
    clicked, moving = _whole(prepared, place, _by_click(prepared, place, mask)), motion.at(place)
    found = _moving_as_one(prepared, place, [each for each in (clicked, moving) if each is not None], motion)
    if found is None:
        found = _by_motion(clicked, moving, partial(_estimates, prepared, place))
    return _without_rest(prepared, place, found, motion)


def _by_click(prepared: PreparedPicture, place: complex, mask: np.ndarray) -> np.ndarray:
    """The mask `[H, W]` of what a drag that begins at a place is on; where the click network doubts it, what a click
    finds there, if that is surely better."""
    if not (mask >= MASKED).any():
        return mask
    estimate = _estimates(prepared, place, [mask])
    if estimate is None or estimate[0] >= DOUBTED:
        return mask
    pick = pick_at(prepared.search, complex(prepared.in_image(np.array([place]))[0]))
    clicked = prepared.at_clip(soft_mask(prepared.search, pick))
    if not pick.thing or not (clicked >= MASKED).any():
        return mask
    return clicked if _estimates(prepared, place, [clicked])[0] >= estimate[0] + SURER else mask


def _whole(prepared: PreparedPicture, place: complex, mask: np.ndarray) -> np.ndarray:
    """The mask `[H, W]` of what a drag is on; or of the whole of which it is a part, such as somebody with a head, if
    the click network takes that for about as likely. A part is torn off, which a whole is not that was not meant."""
    search = prepared.search
    click = search.in_small(prepared.in_image(np.array([place])))
    asked = search.ask(click, np.zeros(0, complex)) if (mask >= MASKED).any() else None
    if asked is None:
        return mask
    patches, own = search.patches, outlined(search, resized(mask, prepared.size)).mask
    area = patches.area[own].sum()
    masks = [own]
    for each in asked.containing(click, np.zeros(0, complex)):
        is_whole = patches.area[each & own].sum() >= HOLDS * area and area < LESS * patches.area[each].sum()
        masks += [each] if is_whole else []
    if len(masks) < 2 or not own.any():
        return mask
    estimates = asked.overlaps(masks)
    best = int((estimates + LARGER * _shares(patches, masks, _likely(masks, estimates))).argmax())
    return prepared.at_clip(opacity(search.image, masks[best][patches.label])) if best else mask


def _likely(masks: Sequence[np.ndarray], estimates: np.ndarray) -> np.ndarray:
    """`[S]` bool: all that those of some masks `[S]` bool have that may be meant, by their estimated overlaps `[M]`."""
    return np.any([masks[number] for number in np.flatnonzero(estimates >= estimates.max() - LIKELY)], axis=0)


def _shares(patches: Superpixels, masks: Sequence[np.ndarray], likely: np.ndarray) -> np.ndarray:
    """`[M]` from 0 to 1: how much of all that is likely, `[S]` bool, each of some masks `[S]` bool has."""
    return np.array([patches.area[each & likely].sum() for each in masks]) / max(1, patches.area[likely].sum())


def _by_motion(mask: np.ndarray, moving: np.ndarray | None, estimates_of: Estimate) -> np.ndarray:
    """The mask `[H, W]` of what a drag is on: as it was found in the picture, or what moves there, which may show the
    ground that it uncovers, too. What moves is taken unless the click network is sure of the other, and surer."""
    if moving is None:
        return mask
    one, other = mask >= MASKED, moving >= MASKED
    common = (one & other).sum()
    is_same = common >= SAME_OBJECT * max(1, (one | other).sum())
    is_part = common >= INSIDE * other.sum() and other.sum() < PART * one.sum()
    if is_same or is_part or not one.any():
        return mask if one.any() else moving
    estimates = estimates_of([mask, moving])
    if estimates is None:
        return moving
    found, moved = estimates
    return mask if found >= max(DOUBTED, moved + SURER) else moving


def _moving_as_one(
    prepared: PreparedPicture, place: complex, masks: Sequence[np.ndarray], motion: FrameMotion
) -> np.ndarray | None:
    """The mask `[H, W]` of what moves at a place, by the click network and by its motion: what moves and what rests
    decides which of the network's answers is meant, such as somebody or the shirt alone, and, where these differ or all
    lack a part, which superpixels belong to it (a minimum cut).

    Args:
        masks: `[H, W]` each, others that may be it.

    Returns:
        None where it mostly rests, where it is too small for superpixels, or where nothing is known of it.
    """
    search = prepared.search
    patches, click = search.patches, search.in_small(prepared.in_image(np.array([place])))
    asked = search.ask(click, np.zeros(0, complex))
    if asked is None:
        return None
    others = (outlined(search, resized(mask, prepared.size)).mask for mask in masks)
    answers = [mask for mask in (*others, *asked.containing(click, np.zeros(0, complex))) if mask.any()]
    if not answers:
        return None
    evidence = cv2.resize(motion.evidence, search.small.shape[1::-1])
    estimates = asked.overlaps(answers)
    likely = _likely(answers, estimates)
    scores = estimates + [agreement(evidence, each[patches.label], likely[patches.label]) for each in answers]
    scores += LARGER * _shares(patches, answers, likely)
    best = answers[int(scores.argmax())]
    inside = evidence[best[patches.label]]
    if best.sum() < LEAST_PATCHES or (inside > KNOWN).sum() <= (inside < -KNOWN).sum():
        return None
    weights = np.exp((scores - scores.max()) / LIKELY_SCORE)
    probability, seeds = weights @ np.array(answers, float) / weights.sum(), patches.at(click)
    motion = patches.mean(evidence)
    rest = np.where(best, REST_IN_BEST, REST_COUNTS)
    odds = log_odds(probability) + np.where(motion > 0, MOTION_COUNTS, rest) * motion
    found = connected(patches, cut_by_odds(patches, ODDS_COUNT * odds, seeds), seeds, NONE_OF_THEM)
    found &= ~_large_parts(patches, found & ~likely & ~best, MOST_ADDED * patches.area[best].sum())
    return prepared.at_clip(opacity(search.image, found[patches.label]))  # without GrabCut, which takes thin legs away


def _large_parts(patches: Superpixels, mask: np.ndarray, most: float) -> np.ndarray:
    """`[S]` bool: the connected parts of a mask that have more pixels than `most`."""
    labels = patches.graph.components((mask[patches.u] & mask[patches.v])[None])[0]
    area = np.bincount(labels, patches.area * mask, labels.max() + 1)
    return mask & (area > most)[labels]


def _without_rest(prepared: PreparedPicture, place: complex, mask: np.ndarray, motion: FrameMotion) -> np.ndarray:
    """The mask `[H, W]` of what a drag is on, without what rests beside it, such as a stone of its colour: if the click
    network is undecided about a part that rests while the others move, it is asked again, with that part as none of
    the thing."""
    own, search = mask >= MASKED, prepared.search
    click = search.in_small(prepared.in_image(np.array([place])))
    asked = search.ask(click, np.zeros(0, complex)) if own.any() else None
    if asked is None:
        return mask
    least = LEAST_AT_REST * own.sum()
    undecided = own & _at_clip(prepared, _undecided(asked))
    if undecided.sum() < least:
        return mask
    resting, decided = motion.resting, own & ~undecided
    parts = _connected(undecided & resting, LEAST_PART * own.sum())
    if sum(part.sum() for part in parts) < least or (decided & resting).sum() > MOST_AT_REST * decided.sum():
        return mask
    outside = search.in_small(prepared.in_image(np.concatenate([deepest(part) for part in parts])))
    again = search.ask(click, outside)
    answers = again.containing(click, outside)
    estimates = again.overlaps(answers)
    if not len(answers) or estimates.max() < SURE_WITHOUT:
        return mask
    good = np.any([answers[number] for number in np.flatnonzero(estimates >= estimates.max() - AS_GOOD)], axis=0)
    return np.minimum(mask, prepared.at_clip(opacity(search.image, good[search.patches.label])))


def _undecided(found: Found) -> np.ndarray:
    """`[h, w]` bool: what one of the network's answers leaves out, while none is sure of it."""
    probability = found.answer.logits[0].sigmoid().numpy()
    return (probability.min(0) < LEFT_OUT) & (probability.max(0) < SURE)


def _at_clip(prepared: PreparedPicture, mask: np.ndarray) -> np.ndarray:
    """`[H, W]` bool of the clip, from a mask `[h, w]` bool of the whole frame at any size."""
    return prepared.at_clip(cv2.resize(mask.astype(np.float32), prepared.size)) >= MASKED


def _connected(mask: np.ndarray, least: float) -> list[np.ndarray]:
    """`[H, W]` bool each: the connected parts of a mask that have at least so many pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return [labels == number for number in range(1, len(stats)) if stats[number, cv2.CC_STAT_AREA] >= least]


def _estimates(prepared: PreparedPicture, place: complex, masks: Sequence[np.ndarray]) -> np.ndarray | None:
    """How good masks `[H, W]` of what is at a place are, as of `estimated_closer`."""
    click = complex(prepared.in_image(np.array([place]))[0])
    return estimated_closer(prepared.search, click, [resized(mask, prepared.size) for mask in masks])


def resized(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
