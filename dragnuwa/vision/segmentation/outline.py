"""An object's outline: refines a mask of superpixels into a soft matte at full resolution, and traces masks as rings of
points, as objects in the trajectory format use them; and snaps hand-drawn outlines to the picture's edges, within a
narrow band, and only to an edge that is much clearer than what the drawn outline follows."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from ...common.errors import InputError
from ...common.images import Placed
from ...common.masks import as_object_masks, masks_for
from ...trajectory.objects import Outline
from ...trajectory.objects.types import MAX_OBJECTS, MAX_RINGS

BAND = 14  # px of the small picture by which the outline may move to either side
ROUNDS = 1  # of GrabCut: more change little
MIN_IOU = 0.5  # between a mask and GrabCut's refinement of it; below, the refinement is discarded
CONTEXT = 32  # px of the small picture around the object that supply the background's colours
SOFT = 1.5  # px of the small picture to either side of the outline in which the edge is soft
LEAST_SOFT = 2  # px of the full picture: minimum of the same
SMOOTHNESS = 1e-4  # regularisation of the guided filter: variance of colours (0 to 1) below which it only blurs
CLEAR, OPAQUE = 0.1, 0.9  # opacities below and above which the filter's output is set to 0 and 1
FINER = 2  # upsampling of the mask before contours are traced
STRAY = 0.6  # px of the mask: initial tolerance when a ring is simplified
MIN_RING_AREA = 9.0  # px of the mask: area of the smallest ring that is kept
MOST_POINTS = 400  # in all rings together

Window = tuple[slice, slice]
SNAP_BAND = 0.05  # of sqrt(area): how far an outline may move
LEAST_BAND, MOST_BAND = 5, 12  # px of the downsampled copy
SIDE = 420  # px, maximum longer side of the copy
SNAP_CONTEXT = 3  # in band widths around the object: where the background's colours are learned
SNAP_CLEAR = 0.06  # least mean slope along an accepted edge, in colours from 0 to 1 per px
BETTER = 1.6  # required ratio to the mean slope along the drawn outline
AT_END, MOST_AT_END = 1.0, 0.5  # px from the band's border, and the largest part of a stretch that may lie there
KERNEL_3 = np.ones((3, 3), np.uint8)


def refine_mask(image: np.ndarray, mask: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Snaps the mask's outline to the picture's edges and removes specks. The mask is returned unchanged if the result
    differs too much from it, as when object and background have similar colours.

    Args:
        image: `[h, w, 3]` uint8, small.
        mask: `[h, w]` bool, not empty.
        inside, outside: `[h, w]` bool, pixels fixed as object and as background.
    """
    window = _around(mask, CONTEXT)
    cut = cut_in_band(image[window], mask[window], BAND, inside[window], outside[window])
    _, label = cv2.connectedComponents(cut.astype(np.uint8))
    found = np.zeros_like(mask)
    found[window] = np.isin(label, np.unique(label[inside[window]])) & cut
    return found if (found & mask).sum() >= MIN_IOU * (found | mask).sum() else mask


def cut_in_band(
    image: np.ndarray,
    mask: np.ndarray,
    band: int,
    inside: np.ndarray | bool = False,
    outside: np.ndarray | bool = False,
) -> np.ndarray:
    """`[h, w]` bool: the mask with its outline snapped to the picture's edges (GrabCut: Rother, Kolmogorov and Blake,
    2004).

    Args:
        image: `[h, w, 3]` uint8.
        mask: `[h, w]` bool. Returned unchanged if it leaves no pixels to learn object or background colours from.
        band: maximum distance of the new outline from the old one, in pixels.
        inside, outside: `[h, w]` bool, pixels fixed as object and as background.
    """
    state = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    state[~_grown(mask, band) | outside] = cv2.GC_BGD
    state[_shrunk(mask, band) | inside] = cv2.GC_FGD
    if not (state == cv2.GC_BGD).any() or not _object(state).any():
        return mask
    cv2.setRNGSeed(0)  # GrabCut initialises its clusters at random
    models = np.zeros((2, 1, 65))
    cv2.grabCut(np.ascontiguousarray(image), state, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _object(state)


def deepest(mask: np.ndarray) -> np.ndarray:
    """`[1]` complex: the pixel of a mask `[h, w]` bool that is farthest from its outline, as x + iy."""
    depth = depth_inside(mask)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return np.array([complex(x, y)])


def depth_inside(mask: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: distance in px of each pixel of a mask `[h, w]` bool to the nearest one outside the mask or
    beyond the picture; 0 outside the mask."""
    depth = np.zeros(mask.shape, np.float32)
    if mask.any():
        window = _around(mask, 0)
        inner = np.pad(mask[window], 1).astype(np.uint8)
        depth[window] = cv2.distanceTransform(inner, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return depth


def _object(state: np.ndarray) -> np.ndarray:
    return (state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)


def opacity(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[H, W]` float32 from 0 to 1: the mask at the picture's size, with edges as soft as those of the picture.

    A guided filter (He, Sun and Tang, "Guided image filtering", 2013) in a narrow band around the outline.

    Args:
        image: `[H, W, 3]` uint8.
        mask: `[h, w]` bool, of the picture's size or smaller.
    """
    height, width = image.shape[:2]
    scale = max(height / mask.shape[0], width / mask.shape[1])
    large = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    found = (large > 0.5).astype(np.float32)
    if not found.any():
        return found
    reach = max(LEAST_SOFT, round(SOFT * scale))
    window = _around(found > 0, 3 * reach)
    own = large[window]
    within, beyond = _shrunk(own > 0.5, reach), ~_grown(own > 0.5, reach)
    guide = np.ascontiguousarray(image[window]).astype(np.float32) / 255
    soft = _guided(guide, own, reach, ~within & ~beyond)
    soft = np.clip((soft - CLEAR) / (OPAQUE - CLEAR), 0, 1)
    soft[within] = 1
    soft[beyond] = 0
    found[window] = soft
    return found


def _guided(guide: np.ndarray, values: np.ndarray, reach: int, band: np.ndarray) -> np.ndarray:
    """Values `[h, w]` approximated by a locally linear function of the colours `[h, w, 3]`; meaningless outside of
    `band`, `[h, w]` bool."""

    def mean(array: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(array, -1, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_REFLECT_101)

    colors, level = mean(guide), mean(values)
    covariance = {
        (i, j): mean(guide[..., i] * guide[..., j]) - colors[..., i] * colors[..., j]
        for i in range(3)
        for j in range(i, 3)
    }
    shared = mean(guide * values[..., None]) - colors * level[..., None]
    near = cv2.dilate(band.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)
    slope = np.zeros_like(guide)
    slope[near] = _solved({key: part[near] for key, part in covariance.items()}, shared[near])
    offset = level - (slope * colors).sum(-1)
    return (mean(slope) * guide).sum(-1) + mean(offset)


def _solved(matrix: dict[tuple[int, int], np.ndarray], right: np.ndarray) -> np.ndarray:
    """`[N, 3]`: solves symmetric 3x3 systems with `SMOOTHNESS` added to the diagonal by Cramer's rule, which is
    several times faster here than LAPACK.

    Args:
        matrix: `[N]` each, the upper triangle.
        right: `[N, 3]`.
    """
    matrix = {key: part.astype(np.float64) for key, part in matrix.items()}  # nearly singular at grey edges
    aa, bb, cc = (matrix[k, k] + SMOOTHNESS for k in range(3))
    ab, ac, bc = matrix[0, 1], matrix[0, 2], matrix[1, 2]
    first, second, third = bb * cc - bc * bc, ac * bc - ab * cc, ab * bc - ac * bb
    rows = (
        (first, second, third),
        (second, aa * cc - ac * ac, ab * ac - aa * bc),
        (third, ab * ac - aa * bc, aa * bb - ab * ab),
    )
    determinant = aa * first + ab * second + ac * third
    solved = [sum(part * right[..., k] for k, part in enumerate(row)) / determinant for row in rows]
    return np.stack(solved, -1).astype(np.float32)


def _around(mask: np.ndarray, margin: int) -> Window:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return tuple(slice(max(line[0] - margin, 0), line[-1] + margin + 1) for line in (rows, columns))


def _grown(mask: np.ndarray, reach: int) -> np.ndarray:
    return cv2.dilate(mask.astype(np.uint8), _disc(reach)).astype(bool)


def _shrunk(mask: np.ndarray, reach: int) -> np.ndarray:
    """Pixels beyond the picture's border count as set, so that the mask is not eroded there."""
    return cv2.erode(mask.astype(np.uint8), _disc(reach)).astype(bool)


def _disc(reach: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))


def outline_of(mask: np.ndarray) -> Outline:
    """The outline of a mask `[H, W]` from 0 to 1 at the threshold 0.5, in fractions of its sides; empty if the mask
    reaches 0.5 nowhere. Holes are rings, too. Specks are dropped, and detail where there would be too many points.
    """
    height, width = mask.shape
    padded = np.pad(mask.astype(np.float32), 1)
    size = (width + 2) * FINER, (height + 2) * FINER
    sharp = (cv2.resize(padded, size, interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.uint8)
    found, _ = cv2.findContours(sharp, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [ring for ring in found if cv2.contourArea(ring) >= MIN_RING_AREA * FINER**2]
    rings = sorted(rings, key=cv2.contourArea, reverse=True)[:MAX_RINGS]
    stray = STRAY * FINER
    simple = _simplified(rings, stray)
    while sum(map(len, simple)) > MOST_POINTS and stray < max(size):
        stray *= 1.5
        simple = _simplified(rings, stray)
    scaled = [((ring[:, 0] + 0.5) / FINER - 1) / (width, height) for ring in simple]
    return tuple(tuple((x, y) for x, y in ring.round(6).tolist()) for ring in scaled)


def outline_in_clip(mask: np.ndarray, place: Placed, clip: tuple[int, int]) -> Outline:
    """As `outline_of`, in fractions of a clip (width, height) that shows the picture, and so its mask, at `place`."""
    offset, part = np.array([place.left, place.top]) / clip, np.array([place.columns, place.rows]) / clip
    return tuple(
        tuple((x, y) for x, y in (np.array(ring) * part + offset).round(6).tolist()) for ring in outline_of(mask)
    )


def _simplified(rings: list[np.ndarray], stray: float) -> list[np.ndarray]:
    simple = (cv2.approxPolyDP(ring, stray, closed=True) for ring in rings)
    return [ring for ring in simple if len(ring) >= 3 and cv2.contourArea(ring) > 0]


def outlines_of_masks(
    masks: torch.Tensor, picture: tuple[int, int], clip: tuple[int, int], mode: str
) -> list[list[list[dict[str, float]]]]:
    """The outline of each mask in fractions of the clip, ready for JSON; empty for an empty mask.

    Args:
        masks: same format as `as_masks`, of the picture's size or the clip's.
        picture, clip: (width, height) in pixels.
        mode: how the picture is fitted, as `dragnuwa.common.images.fit` says.

    Raises:
        InputError: if the masks have another shape or size, or there are more than `MAX_OBJECTS`.
    """
    masks = as_object_masks(masks)
    if len(masks) > MAX_OBJECTS:
        raise InputError(f"masks should be at most {MAX_OBJECTS}; found {len(masks)}. Connect fewer of them.")
    fitted = masks_for(clip, masks, picture, clip, mode).cpu().numpy()
    return [[[{"x": x, "y": y} for x, y in ring] for ring in outline_of(mask)] for mask in fitted]


def snapped(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[H, W]` float32 from 0 to 1: a mask with its outline snapped to the picture's edges; the same array if there is
    none nearby. Each stretch of the outline snaps independently.

    Args:
        image: `[H, W, 3]` uint8.
        mask: `[H, W]` float32 from 0 to 1.
    """
    drawn = mask >= 0.5
    if not drawn.any():
        return mask
    size = float(drawn.sum()) ** 0.5
    window = _around(drawn, round(SNAP_CONTEXT * SNAP_BAND * size) + SNAP_CONTEXT * LEAST_BAND)
    rows, columns = drawn[window].shape
    scale = min(1.0, SIDE / max(rows, columns))
    small = max(2, round(columns * scale)), max(2, round(rows * scale))
    picture = cv2.resize(np.ascontiguousarray(image[window]), small, interpolation=cv2.INTER_AREA)
    before = cv2.resize(mask[window], small, interpolation=cv2.INTER_AREA) >= 0.5
    if not before.any():
        return mask
    band = int(np.clip(round(SNAP_BAND * size * scale), LEAST_BAND, MOST_BAND))
    moved = _clearer(picture, before, cut_in_band(picture, before, band), band)
    if (moved == before).all():
        return mask
    changed = cv2.dilate((moved != before).astype(np.uint8), KERNEL_3).astype(np.float32)
    changed, moved = (
        cv2.resize(each.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
        for each in (changed, moved)
    )
    result = mask.copy()
    result[window] = np.where(changed > 0, moved, mask[window])
    return result


def _clearer(picture: np.ndarray, before: np.ndarray, after: np.ndarray, band: int) -> np.ndarray:
    """`[h, w]` bool: the mask `before` with those stretches of `after` whose edges are much clearer, and which do not
    run along the band's border (which would mean that the edge lies beyond it)."""
    slope = _slope(picture)
    outlines = [cv2.morphologyEx(each.astype(np.uint8), cv2.MORPH_GRADIENT, KERNEL_3) > 0 for each in (before, after)]
    far = cv2.distanceTransform((~outlines[0]).astype(np.uint8), cv2.DIST_L2, 5) >= band - AT_END
    count, label = cv2.connectedComponents((before != after).astype(np.uint8), connectivity=8)
    result = before.copy()
    for number in range(1, count):
        part = label == number
        if part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any():
            continue  # the picture's border is not an object's edge
        near = cv2.dilate(part.astype(np.uint8), KERNEL_3) > 0
        old, new = (slope[outline & near] for outline in outlines)
        at_end = far[outlines[1] & near]
        clear = len(new) and new.mean() >= max(SNAP_CLEAR, BETTER * (old.mean() if len(old) else 0))
        if clear and at_end.mean() <= MOST_AT_END:
            result[part] = after[part]
    return result


def _slope(picture: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: the largest slope of a colour per px, of colours from 0 to 1."""
    colors = cv2.GaussianBlur(picture.astype(np.float32) / 255, (0, 0), 1)
    down, right = (cv2.Sobel(colors, cv2.CV_32F, *of, scale=1 / 8) for of in ((0, 1), (1, 0)))
    return np.hypot(down, right).max(-1)
