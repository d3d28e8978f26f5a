"""Segmentation: the objects on which drags begin, where nobody has painted a mask."""

from __future__ import annotations

import cv2
import numpy as np

from ..interrupt import InterruptCheck, never

SURE = 0.5  # of the radius around a drag's beginning that belongs to its object
REACH = 5.0  # radii, within which the whole object lies
CONTEXT = 7.5  # radii, how far around a drag's beginning one looks at what is ground
EXTENTS = (1.0, 1.5, 2.25)  # radii around a drag's beginning, with each of which GrabCut begins once
ROUNDS = 4  # of GrabCut
LEAST, MOST = 0.3, 0.5  # area of an object: of the disc of the radius, and of the disc of the reach
OPEN_RING = 0.1  # radii
FINEST = 10.0  # px; with a larger radius the picture is shrunk until it is that
OPEN = 5.0  # radii of an object's outline that may lie on the picture's border or at the reach: more, and it is ground
WEAKEST = 0.1  # part of an outline that may be weaker than what it is judged by
BESIDE = 5  # px, side of the square in which colours inside and outside of an outline are compared
SAME = 0.5  # intersection over union from which two drags have found one object
MOST_DRAGS = 16  # for which objects are looked for: more of them say how a field moves


def find_objects(
    image: np.ndarray,
    starts: np.ndarray,
    pins: np.ndarray,
    *,
    radius: float,
    check_interrupt: InterruptCheck = never,
) -> np.ndarray:
    """Looks for the object under each drag by GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004).

    Args:
        image: `[H, W, 3]` uint8.
        starts: `[n]` complex, x + iy in pixels, where the drags begin.
        pins: `[k]` complex, places that belong to no object.
        radius: in pixels; what is nearer to a drag is rather of the object, what is further rather not, and beyond five
            radii nothing is.
        check_interrupt: called for every drag.

    Returns:
        `[n, H, W]` bool; empty where no object stands out, or there are more than `MOST_DRAGS`. Drags that have found
        one object have equal masks.
    """
    height, width = image.shape[:2]
    found = np.zeros((len(starts), height, width), bool)
    if len(starts) > MOST_DRAGS:
        return found
    for number, start in enumerate(starts):
        check_interrupt()
        found[number] = _object(image, start, pins, radius)
    for later in range(len(starts)):
        for earlier in range(later):
            if found[later].any() and _likeness(found[later], found[earlier]) > SAME:
                found[later] = found[earlier] = found[later] | found[earlier]
    return found


def _object(image: np.ndarray, start: complex, pins: np.ndarray, radius: float) -> np.ndarray:
    """`[H, W]` bool. Looked for in a window around the start, which is shrunk where the radius is large.

    GrabCut finds what is of the colours that it began with. Begun too small, the rest of the object teaches it the
    ground; begun too large, the ground teaches it the object. So it begins with several sizes, and of what they give
    the one is taken whose outline stands out and which the others agree with.
    """
    height, width = image.shape[:2]
    margin, x, y = int(np.ceil(CONTEXT * radius)) + 1, round(start.real), round(start.imag)
    rows = slice(max(y - margin, 0), min(y + margin + 1, height))
    columns = slice(max(x - margin, 0), min(x + margin + 1, width))
    window = image[rows, columns]
    shrunk = min(1.0, FINEST / radius)
    size = [max(2, round(side * shrunk)) for side in window.shape[1::-1]]  # width, height
    small = np.ascontiguousarray(cv2.resize(window, size, interpolation=cv2.INTER_AREA))
    x, y = ((np.arange(side) + 0.5) * whole / side - 0.5 for side, whole in zip(size, window.shape[1::-1], strict=True))
    places = x + columns.start + 1j * (y + rows.start)[:, None]  # where the small pixels lie in the picture
    border = (places.real < 1) | (places.real > width - 2) | (places.imag < 1) | (places.imag > height - 2)
    border |= np.abs(places - start) > (REACH - OPEN_RING) * radius
    disc = np.pi * (shrunk * radius) ** 2
    candidates = [
        cut
        for cut in (_cut(small, places, start, pins, radius, extent * radius) for extent in EXTENTS)
        if LEAST <= cut.sum() / disc <= MOST * REACH**2 and (cut & border).sum() <= OPEN * shrunk * radius
        if not cut.all()  # a small picture may be all of one colour
    ]
    mask = np.zeros((height, width), bool)
    if candidates:
        found = _best(small, candidates).astype(np.float32)
        mask[rows, columns] = cv2.resize(found, window.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return mask


def _cut(
    image: np.ndarray, places: np.ndarray, start: complex, pins: np.ndarray, radius: float, extent: float
) -> np.ndarray:
    """`[h, w]` bool: the connected part of GrabCut's foreground that the start lies in."""
    distance = np.abs(places - start)
    state = np.full(places.shape, cv2.GC_PR_BGD, np.uint8)
    state[distance > REACH * radius] = cv2.GC_BGD
    state[distance < extent] = cv2.GC_PR_FGD
    for pin in pins:
        state[np.abs(places - pin) < SURE * radius] = cv2.GC_BGD
    state[distance < SURE * radius] = cv2.GC_FGD
    state.flat[distance.argmin()] = cv2.GC_FGD
    if not ((state == cv2.GC_PR_BGD) | (state == cv2.GC_BGD)).any():
        return np.zeros(places.shape, bool)
    cv2.setRNGSeed(0)  # it clusters colours from random beginnings
    cv2.grabCut(image, state, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    _, label = cv2.connectedComponents(((state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)).astype(np.uint8))
    return label == label.flat[distance.argmin()]


def _best(image: np.ndarray, candidates: list[np.ndarray]) -> np.ndarray:
    agreement = [np.mean([_likeness(one, other) for other in candidates]) for one in candidates]
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    contrast = [_contrast(lab, one) for one in candidates]
    return candidates[int(np.argmax(np.multiply(agreement, contrast)))]


def _contrast(lab: np.ndarray, mask: np.ndarray) -> float:
    """How much the colours on both sides of the outline differ in CIELAB, where it is nearly the weakest: a wrong
    outline has weak places, however strong it is elsewhere."""
    inside = mask.astype(np.float32)
    outline = mask & (cv2.erode(inside, np.ones((3, 3))) == 0)
    ours, theirs = (_mean_colors(lab, side) for side in (inside, 1 - inside))
    return float(np.quantile(np.linalg.norm(ours - theirs, axis=-1)[outline], WEAKEST))


def _mean_colors(lab: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`[h, w, 3]`: of the weighted pixels around each."""
    around = (BESIDE, BESIDE)
    return cv2.blur(lab * weight[..., None], around) / np.maximum(cv2.blur(weight, around), 1e-6)[..., None]


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks that are not empty."""
    return float((one & other).sum() / (one | other).sum())
