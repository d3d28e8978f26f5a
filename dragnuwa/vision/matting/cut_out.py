"""Cuts an object out of a picture: opacity and foreground colours around its edge, from a mask. Its opacity is then
grown or shrunk, and feathered."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...common.masks import touching
from .alpha import FAR_APART, band, local_colors, own_colors, predicts, signed_distance, solve_opacity, widths

HALF = 0.5
SOFT = 0.05, 0.95  # a mask is soft between these opacities
ALPHA_AT, ALPHA_LEAST = 0.008, 4.0  # of the longer side, and px: beyond this distance a hard mask has no soft pixels
ALPHA_SHARE = 0.06  # fraction of soft pixels beyond it from which a mask counts as an opacity
CLEAR, OPAQUE = 0.05, 0.98  # opacities below and above which a pixel is background, or the object alone
SURENESS, LEAST_SURE = 0.1, 0.02  # weight of the colour estimate relative to the Laplacian, and its least fraction
THIN = 0.02  # weight of pixels of thin parts in the colours inside
WIDER = 2.25  # times the band's half width, where strands of hair stand out farther than that
RUNS_OUT = 0.1  # opacity near the border of the band, from which they do
RIM_OF_BAND = 3  # px
MARGIN = 3  # px beyond the band
LEVELS = 32  # level sets of opacity, each grown separately, so that soft edges and hair stay soft
OBLIQUE = 0.1  # px: an axis-aligned edge is 0.5 px from the nearest centres, an oblique one about 0.3 on average
DIGITS = 5  # decimals of a feathered opacity, to remove rounding errors
TRACE_DISTANCE, MIN_TRACE_DISTANCE = 0.004, 2  # of the longer side, and px: within this distance traces are assumed
REACH = 0.01  # of the longer side: within this distance, unless the colours are clearly not the object's
LIKE = 0.3  # least opacity estimated from colour at which a pixel may be the object's
FURTHER, FAINT = 1.5, 0.1  # of that distance, and least such opacity: what is there clearly is a trace
MOSTLY, BEYOND_NOISE = 0.9, 6.0  # quantile of that of the background, and the multiple of it that a trace has
OF_NEAR, OF_REACH = 0.1, 0.2  # of the object's own side: limits of both, so that its neighbours do not count as traces
RIM = np.ones((5, 5), np.uint8)  # smallest piece that certainly is background


@dataclass(frozen=True)
class Matte:
    """
    Attributes:
        top, left: of this part in the picture.
        opacity: `[h, w]` float32 from 0 to 1; 0 outside this part.
        colors: `[h, w, 3]` float32 from 0 to 1, of the foreground; exactly the picture's where opacity is 1.
    """

    top: int
    left: int
    opacity: np.ndarray
    colors: np.ndarray


def is_opacity(mask: np.ndarray) -> bool:
    """Whether a mask `[H, W]` from 0 to 1 is already an opacity: soft far beyond an antialiased or smoothed outline."""
    soft = (mask > SOFT[0]) & (mask < SOFT[1])
    if not soft.any():
        return False
    far = np.abs(signed_distance(mask >= HALF)) > max(ALPHA_LEAST, ALPHA_AT * max(mask.shape))
    return float(far[soft].mean()) > ALPHA_SHARE


def matte(image: np.ndarray, mask: np.ndarray) -> Matte:
    """
    Args:
        image: `[H, W, 3]` float32 from 0 to 1.
        mask: `[H, W]` float32 from 0 to 1, somewhere at least 0.5. If it is an opacity (`is_opacity`) it is kept, and
            only the colours are solved for.
    """
    narrow, wide = widths(mask.shape)
    rows, columns = (np.flatnonzero((mask > 0).any(axis)) for axis in (1, 0))
    for strands in (wide, _widest(wide)):
        around = wide + strands + MARGIN
        window = tuple(slice(max(line[0] - around, 0), line[-1] + around + 1) for line in (rows, columns))
        part, cut = np.ascontiguousarray(image[window]), np.ascontiguousarray(mask[window])
        opacity = cut if is_opacity(cut) else _opacity(part, cut, narrow, wide, strands)
        if opacity is cut or not _runs_out(opacity, cut, strands):
            break
    return Matte(window[0].start, window[1].start, opacity, own_colors(part, opacity))


def reach_of(size: tuple[int, int]) -> int:
    """px: how far a matte reaches beyond its mask at most, in a picture of (width, height) `size`."""
    wide = widths(size)[1]
    return wide + _widest(wide) + MARGIN


def _widest(wide: int) -> int:
    return round(WIDER * wide)


def _runs_out(opacity: np.ndarray, mask: np.ndarray, strands: int) -> bool:
    """Whether strands reach the border of a band of the half width `strands`, in px."""
    depth = cv2.distanceTransform((mask < HALF).astype(np.uint8), cv2.DIST_L2, 5)
    return bool((opacity[depth > strands - RIM_OF_BAND] > RUNS_OUT).any())


def _opacity(image: np.ndarray, mask: np.ndarray, narrow: int, wide: int, strands: int) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1. Colours far from the cut are used to find the band, then colours up to the band."""
    cut = mask >= HALF
    distance = signed_distance(cut)
    thin = THIN * (distance / narrow).clip(0, 1) ** 2  # so that thin parts contribute colours, too
    inside, outside = np.where(distance > narrow, 1, thin), distance < -strands
    colors = local_colors(image, inside.astype(np.float32), outside.astype(np.float32), wide)
    unknown = band(image, cut, colors, narrow, wide, strands)
    inside, outside = np.where(unknown, thin, cut), ~cut & ~unknown
    colors = local_colors(image, inside.astype(np.float32), outside.astype(np.float32), narrow + wide / 2)
    ring = cv2.dilate(unknown.astype(np.uint8), np.ones((2 * narrow + 1,) * 2, np.uint8)).astype(bool) & ~unknown
    trust = colors.trust * predicts(colors.guess, cut, ring, 2 * narrow)
    guess = (mask + trust * (colors.guess - mask)).astype(np.float32)
    solved = solve_opacity(image, unknown, cut.astype(np.float32), guess, SURENESS * np.maximum(trust, LEAST_SURE))
    solved = ((solved - CLEAR) / (OPAQUE - CLEAR)).clip(0, 1)
    solved = np.where(trust > 0, np.where(unknown, mask + trust * (solved - mask), cut), mask).astype(np.float32)
    return np.where(touching(solved > 0, cut), solved, 0)


def grown(opacity: np.ndarray, by: float) -> np.ndarray:
    """An opacity whose edge is moved outwards by `by` pixels (inwards if negative), with subpixel accuracy. Soft parts
    keep their profile. An object that extends beyond the picture's edge does not shrink there.

    An opacity is the mean of its level sets, which are grown by their distance transforms.

    Args:
        opacity: `[h, w]` float32 from 0 to 1.
        by: px, any finite number.

    Returns:
        `[h, w]` float32 from 0 to 1.
    """
    if by < 0:
        return 1 - grown(1 - opacity, -by)
    total = np.zeros_like(opacity)
    for level in (np.arange(LEVELS, dtype=np.float32) + 0.5) / LEVELS:
        beyond = (opacity < level).astype(np.uint8)
        if beyond.all():  # and so are all levels above
            break
        away = cv2.distanceTransform(beyond, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        total += (1 + by - OBLIQUE * min(by, 1) - away).clip(0, 1)  # the edge is half a pixel before the nearest centre
    return total / LEVELS


def feathered(opacity: np.ndarray, width: float) -> np.ndarray:
    """An opacity blurred so that a hard edge becomes a ramp of `width` pixels, half of it to either side, like the mask
    feather of compositing programs. An object that extends beyond the picture's edge is not feathered there.

    Args:
        opacity: `[h, w]` float32 from 0 to 1.
        width: px, at least 0; up to one pixel changes nothing.

    Returns:
        `[h, w]` float32 from 0 to 1.
    """
    kernel = _raised_cosine(width)
    blurred = cv2.sepFilter2D(opacity, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.round(blurred, DIGITS).clip(0, 1)


def _raised_cosine(width: float) -> np.ndarray:
    """`[n]` float64: a raised cosine of `width` px, integrated over pixels. Its sum is 1."""
    reach = math.ceil(max(0.0, width - 1) / 2)
    bounds = np.arange(-reach, reach + 2) - 0.5
    part = (bounds / max(width, 1.0)).clip(-0.5, 0.5)
    return np.diff(part + np.sin(2 * np.pi * part) / (2 * np.pi))


def remains(image: np.ndarray, opacity: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`[h, w]` bool: where traces of an object may be visible, inside its opacity or beyond.

    Args:
        image: `[h, w, 3]` float32 from 0 to 1, a part of a picture.
        opacity: `[h, w]` float32 from 0 to 1, of the object.
        size: (width, height) of the whole picture.
    """
    side = float(np.sqrt((opacity > 0.5).sum()))  # of a square as large as the object
    near = min(round(TRACE_DISTANCE * max(size)), OF_NEAR * side)
    reach = min(round(REACH * max(size)), OF_REACH * side)
    distance = cv2.distanceTransform((opacity <= 0).astype(np.uint8), cv2.DIST_L2, 5)
    outside = (distance > reach).astype(np.float32)
    colors = local_colors(image, opacity, outside, widths(size)[1])
    clear = colors.apart > FAR_APART
    ground = cv2.morphologyEx(((colors.guess < LIKE) & clear).astype(np.uint8), cv2.MORPH_OPEN, RIM) > 0
    noise = np.quantile(colors.guess[distance > reach], MOSTLY) if (distance > reach).any() else 1.0
    faint = clear & (colors.guess >= max(FAINT, BEYOND_NOISE * noise))
    trace = cv2.dilate(faint.astype(np.uint8), RIM) > 0  # such as the ends of hair
    return (
        (distance <= max(MIN_TRACE_DISTANCE, near))
        | ((distance <= reach) & ~ground)
        | ((distance <= FURTHER * reach) & trace)
    )
