"""Fills a hole from a clean plate: a picture of the same scene without the objects.

A plate never matches exactly: a model changes size and tones, a second photograph has a slightly different viewpoint.
So the plate is fitted to the picture on a ring around the hole (`dragnuwa.geometry.registration`). The remaining
difference on the hole's border is interpolated into the hole (a membrane, as in Perez, Gangnet and Blake, "Poisson
image editing", 2003), so that there is no seam.
"""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from ...common.clip_shape import Size
from ...common.errors import InputError
from ...common.images import FullSize, as_images, fit, same_shape, shape_error, uncropped
from ...common.interrupt import checkpoint, watched
from ...geometry.grids import continued
from ...geometry.registration import MIN_RING_PIXELS, fit_plate
from .fill import smooth_fill, within

RING = 0.25  # width of the ring, as a fraction of sqrt(area of the hole)
LEAST_RING, MOST_RING = 12, 64  # px
LEAST_AGREEING = 0.5  # least fraction of the ring's pixels that must agree with the plate
BORDER = 2  # px, width of the border where the remaining difference is measured
SPREAD = 3.0  # px, sigma of smoothing along that border
DIFFERS = 0.04  # larger differences are not interpolated through the hole
FADE = 5.0  # px, over which such a difference fades out


def plate_for(
    size: tuple[int, int], background: Tensor, picture: tuple[int, int], clip: tuple[int, int], mode: str
) -> Tensor:
    """`[H, W, 3]`: the plate of a picture, or of the clip made from it, fitted to `size`.

    Args:
        size: (width, height), with the clip's aspect ratio.
        background: as `as_images` takes it, of any size; the first image is used.
        picture, clip: the (width, height) of each.
        mode: how the picture was fitted to the clip, as in `dragnuwa.common.images.fit`.

    Raises:
        InputError: if it is not a picture, or has neither the picture's aspect ratio nor the clip's.
    """
    plate = as_images(background, "background")[:1]
    found = plate.shape[2], plate.shape[1]
    for other, how in ((picture, mode), (clip, "stretch")):
        if same_shape(found, other):
            return fit(plate, *size, how)[0]
    raise InputError(
        f"background should have the aspect ratio of the picture, {picture[0]}x{picture[1]} pixels, or of the clip, "
        f"{clip[0]}x{clip[1]}; found {found[0]}x{found[1]}. Crop it like the picture."
    )


def plate_of_whole(background: Tensor | None, picture: Size, clip: Size, video: FullSize) -> Tensor | None:
    """A background for a video at the picture's size (`dragnuwa.common.images.full_size`). One that has the shape of a
    clip with another part of the picture is continued where the clip ends; all others, and None, are as they are."""
    if background is None or not video.is_whole:
        return background
    plate = as_images(background, "background")[:1]
    found = plate.shape[2], plate.shape[1]
    if shape_error(found, picture) <= shape_error(found, clip):
        return plate
    return fit(uncropped(plate, video.area), *video.size, "stretch")


def fill_from_plate(picture: np.ndarray, plate: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fills a hole from a clean plate. All other pixels are unchanged.

    Args:
        picture: `[H, W, 3]` float32 from 0 to 1.
        plate: the same, of the same size. It may differ slightly in tone and position, and entirely in parts.
        hole: `[H, W]` bool.

    Returns:
        The picture with the hole filled; the picture itself if there is no hole; the unfitted plate if everything is
        hole.

    Raises:
        InputError: if the plate shows something else around the hole.
    """
    checkpoint()
    if not hole.any():
        return picture
    everywhere, agrees = fit_plate(picture, plate, ring_of(hole))
    filled, count, agreeing = picture.copy(), len(agrees), int(agrees.sum())
    parts = _parts(hole)
    if len(parts) > 1:
        count = agreeing = 0
    for part in watched(parts):
        fit = everywhere
        if len(parts) > 1:  # objects at different depths have different parallax
            own, agrees = fit_plate(picture, plate, ring_of(part) & ~hole, everywhere)
            count, agreeing = count + len(agrees), agreeing + int(agrees.sum())
            fit = own if agrees.mean() >= LEAST_AGREEING else everywhere
        near = within(part, 0, MOST_RING)
        fitted = fit.apply(plate)[near]
        blended = without_seam(picture[near], fitted, hole[near])
        np.copyto(filled[near], blended, where=part[near][..., None])
    if count >= MIN_RING_PIXELS and agreeing < LEAST_AGREEING * count:
        raise InputError(
            f"background should show the picture without the moving objects: at least {LEAST_AGREEING:.0%} of the area "
            f"around them should look the same in both; found {agreeing / count:.0%}. Connect a background made from "
            "this picture, at the same position, or none."
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


def without_seam(picture: np.ndarray, fitted: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """A fitted plate `[h, w, 3]`, corrected by its difference from the picture at the hole's border: a small
    difference is interpolated through the hole, a larger one fades out within its first pixels."""
    side = 2 * BORDER + 1
    border = cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~hole
    if not border.any():
        return fitted.clip(0, 1)
    difference = picture - fitted
    size = np.abs(difference).mean(-1)
    slight = (border / (1 + (size / DIFFERS) ** 4)).astype(np.float32)
    through = smooth_fill(_spread(difference, slight), hole)
    checkpoint()
    rest = _spread(difference - _spread(difference, slight), border.astype(np.float32))
    rest, distance = continued(rest, border)
    fading = np.exp(-distance / FADE)[..., None] * rest
    return (fitted + through + fading).clip(0, 1)


def _spread(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted mean around each pixel of `[h, w, 3]`, over a larger area where nothing nearby has weight."""
    near = cv2.GaussianBlur(values * weight[..., None], (0, 0), SPREAD)
    total = cv2.GaussianBlur(weight, (0, 0), SPREAD)[..., None]
    mean = (values * weight[..., None]).sum((0, 1)) / max(float(weight.sum()), 1e-3)
    return ((near + 1e-3 * mean) / (total + 1e-3)).astype(np.float32)
