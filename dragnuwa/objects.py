"""The objects on which drags begin, where nobody has painted a mask."""

from __future__ import annotations

import cv2
import numpy as np

SURE = 0.5  # of the radius around a drag's beginning that belongs to its object
REACH = 5.0  # radii, within which the whole object lies
ROUNDS = 4  # of GrabCut
LEAST, MOST = 0.3, 0.5  # area of an object: of the disc of the radius, and of the disc of the reach
OPEN_RING = 0.1  # radii
FINEST = 10.0  # px; with a larger radius the picture is shrunk until it is that
OPEN = 5.0  # radii of an object's outline that may lie on the picture's border or at the reach: more, and it is ground
SAME = 0.5  # intersection over union from which two drags have found one object
MOST_DRAGS = 16  # for which objects are looked for: more of them say how a field moves


def find_objects(image: np.ndarray, starts: np.ndarray, pins: np.ndarray, *, radius: float) -> np.ndarray:
    """Looks for the object under each drag by GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004).

    Args:
        image: `[H, W, 3]` uint8.
        starts: `[n]` complex, x + iy in pixels, where the drags begin.
        pins: `[k]` complex, places that belong to no object.
        radius: in pixels; what is nearer to a drag is rather of the object, what is further rather not, and beyond five
            radii nothing is.

    Returns:
        `[n, H, W]` bool; empty where no object stands out, or there are more than `MOST_DRAGS`. Drags that have found
        one object have equal masks.
    """
    height, width = image.shape[:2]
    found = np.zeros((len(starts), height, width), bool)
    if len(starts) > MOST_DRAGS:
        return found
    for number, start in enumerate(starts):
        found[number] = _object(image, start, pins, radius)
    for later in range(len(starts)):
        for earlier in range(later):
            either = found[later] | found[earlier]
            if either.any() and (found[later] & found[earlier]).sum() > SAME * either.sum():
                found[later] = found[earlier] = either
    return found


def _object(image: np.ndarray, start: complex, pins: np.ndarray, radius: float) -> np.ndarray:
    """`[H, W]` bool. Looked for in a window around the start, which is shrunk where the radius is large."""
    height, width = image.shape[:2]
    reach, x, y = int(np.ceil(REACH * radius)) + 1, round(start.real), round(start.imag)
    rows = slice(max(y - reach, 0), min(y + reach + 1, height))
    columns = slice(max(x - reach, 0), min(x + reach + 1, width))
    window = image[rows, columns]
    shrunk = min(1.0, FINEST / radius)
    size = [max(2, round(side * shrunk)) for side in window.shape[1::-1]]  # width, height
    small = np.ascontiguousarray(cv2.resize(window, size, interpolation=cv2.INTER_AREA))
    x, y = ((np.arange(side) + 0.5) * whole / side - 0.5 for side, whole in zip(size, window.shape[1::-1], strict=True))
    places = x + columns.start + 1j * (y + rows.start)[:, None]  # where the small pixels lie in the picture
    found = _cut(small, places, start, pins, radius)
    border = (places.real < 1) | (places.real > width - 2) | (places.imag < 1) | (places.imag > height - 2)
    border |= np.abs(places - start) > (REACH - OPEN_RING) * radius
    discs = found.sum() / (np.pi * (shrunk * radius) ** 2)
    mask = np.zeros((height, width), bool)
    if LEAST <= discs <= MOST * REACH**2 and (found & border).sum() <= OPEN * shrunk * radius:
        whole = cv2.resize(found.astype(np.float32), window.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        mask[rows, columns] = whole > 0.5
    return mask


def _cut(image: np.ndarray, places: np.ndarray, start: complex, pins: np.ndarray, radius: float) -> np.ndarray:
    """`[h, w]` bool: the connected part of GrabCut's foreground that the start lies in."""
    distance = np.abs(places - start)
    state = np.full(places.shape, cv2.GC_PR_BGD, np.uint8)
    state[distance > REACH * radius] = cv2.GC_BGD
    state[distance < radius] = cv2.GC_PR_FGD
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
