"""A clean plate: a picture of the same place without the things, from which a hole is filled.

Plates are never exactly alike: a model changes size and tones, a second photograph was taken from a step aside. So the
plate is fitted to the picture on a ring around the hole (`plate_fit`). The difference that remains on the hole's border
is continued into the hole (a membrane, as in Perez, Gangnet and Blake, "Poisson image editing", 2003), so that there is
no seam.
"""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from ..common.errors import InputError
from ..common.images import as_images, fit
from ..common.interrupt import InterruptCheck, no_interrupt, watched
from .filling import within
from .plate_fit import FEW, fit_plate
from .smooth_filling import smooth_fill

RING = 0.25  # width of the ring, as a fraction of the root of the hole's area
LEAST_RING, MOST_RING = 12, 64  # px
LEAST_AGREEING = 0.5  # of the ring's places, for a plate to be of this picture
BORDER = 2  # px, width of the border on which the remaining difference is measured
SPREAD = 3.0  # px, sigma along that border
DIFFERS = 0.04  # difference there, above which it is not continued through the hole
FADE = 5.0  # px, in which such a difference fades
ASPECT = 0.03  # by which the aspect ratios of plate and picture may differ


def plate_for(
    size: tuple[int, int], background: Tensor, picture: tuple[int, int], clip: tuple[int, int], mode: str
) -> Tensor:
    """`[H, W, 3]`: a plate of a picture, or of the clip that was made from it, so that it fits what is `size` large.

    Args:
        size: (width, height), of the clip's aspect ratio.
        background: as `as_images` takes it, of any size, of which the first is used.
        picture, clip: the (width, height) of each.
        mode: how the picture was fitted to the clip, as `dragnuwa.common.images.fit` says.

    Raises:
        InputError: if it is no picture, or its aspect ratio is neither the picture's nor the clip's.
    """
    plate = as_images(background, "background")[:1]
    found = plate.shape[2], plate.shape[1]
    for other, how in ((picture, mode), (clip, "stretch")):
        if abs(np.log(found[0] / found[1] * other[1] / other[0])) <= ASPECT + 1 / min(found):
            return fit(plate, *size, how)[0]
    raise InputError(
        f"background should have the aspect ratio of the picture, {picture[0]}x{picture[1]} pixels, or of the clip, "
        f"{clip[0]}x{clip[1]}; found {found[0]}x{found[1]}. Crop it as the picture."
    )


def fill_from_plate(
    picture: np.ndarray, plate: np.ndarray, hole: np.ndarray, check_interrupt: InterruptCheck = no_interrupt
) -> np.ndarray:
    """Fills a hole with what a clean plate shows there. All other pixels stay the picture's.

    Args:
        picture: `[H, W, 3]` float32 from 0 to 1.
        plate: the same, of the same size: it may differ a little in tone and place, and in parts altogether.
        hole: `[H, W]` bool.
        check_interrupt: called many times.

    Returns:
        The picture with the hole filled; the picture itself if there is no hole; the plate as it is, where there is
        nothing but hole.

    Raises:
        InputError: if the plate shows something else around the hole.
    """
    check_interrupt()
    if not hole.any():
        return picture
    everywhere, agrees = fit_plate(picture, plate, ring_of(hole), check_interrupt=check_interrupt)
    filled, count, agreeing = picture.copy(), len(agrees), int(agrees.sum())
    parts = _parts(hole)
    if len(parts) > 1:
        count = agreeing = 0
    for part in watched(parts, check_interrupt):
        fit = everywhere
        if len(parts) > 1:  # things at different distances have not moved alike
            own, agrees = fit_plate(picture, plate, ring_of(part) & ~hole, everywhere, check_interrupt)
            count, agreeing = count + len(agrees), agreeing + int(agrees.sum())
            fit = own if agrees.mean() >= LEAST_AGREEING else everywhere
        near = within(part, 0, MOST_RING)
        fitted = fit.apply(plate)[near]
        blended = _blended(picture[near], fitted, hole[near], check_interrupt)
        np.copyto(filled[near], blended, where=part[near][..., None])
    if count >= FEW and agreeing < LEAST_AGREEING * count:
        raise InputError(
            f"background should show the picture without what moves: at least {LEAST_AGREEING:.0%} of what is around "
            f"that should look alike in both; found {agreeing / count:.0%}. Connect a background that was made from "
            "this picture, at the same place, or none."
        )
    return filled


def _parts(hole: np.ndarray) -> list[np.ndarray]:
    """`[H, W]` bool each: the parts of a hole whose rings do not touch."""
    wide = hole | ring_of(hole)
    count, labels = cv2.connectedComponents(wide.astype(np.uint8))
    return [(labels == number) & hole for number in range(1, count)]


def ring_of(hole: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: the ring."""
    side = 2 * int(np.clip(RING * hole.sum() ** 0.5, LEAST_RING, MOST_RING)) + 1
    return cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~hole


def _blended(picture: np.ndarray, fitted: np.ndarray, hole: np.ndarray, check_interrupt: InterruptCheck) -> np.ndarray:
    """The fitted plate `[h, w, 3]`, with the difference between it and the picture at the hole's border continued: a
    slight one through the hole, any other only into its first pixels."""
    side = 2 * BORDER + 1
    border = cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~hole
    if not border.any():
        return fitted.clip(0, 1)
    difference = picture - fitted
    size = np.abs(difference).mean(-1)
    slight = (border / (1 + (size / DIFFERS) ** 4)).astype(np.float32)
    through = smooth_fill(_spread(difference, slight), hole, check_interrupt)
    check_interrupt()
    rest = _spread(difference - _spread(difference, slight), border.astype(np.float32))
    distance, nearest = cv2.distanceTransformWithLabels(
        (~border).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros((nearest.max() + 1, 3), np.float32)
    of_label[nearest[border]] = rest[border]
    fading = np.exp(-distance / FADE)[..., None] * of_label[nearest]
    return (fitted + through + fading).clip(0, 1)


def _spread(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted mean around each place of `[h, w, 3]`; further away, where nothing has weight, of more."""
    near = cv2.GaussianBlur(values * weight[..., None], (0, 0), SPREAD)
    total = cv2.GaussianBlur(weight, (0, 0), SPREAD)[..., None]
    mean = (values * weight[..., None]).sum((0, 1)) / max(float(weight.sum()), 1e-3)
    return ((near + 1e-3 * mean) / (total + 1e-3)).astype(np.float32)
