"""Selects the candidate that looks most like a single object.

The score is linear in a few properties of a candidate. Its weights are fitted by ridge regression to the intersection
over union within each picture, on drawn scenes and photographic cut-outs of development seeds; `benchmarks/objects.py
--fit` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .candidates import color_shares, edge_costs, open_background
from .superpixels import Superpixels

WEAK = 0.25  # quantile of edge strength that stands for an outline
SMALLEST, LARGEST = 12, 0.8  # area of an object: minimum in px, maximum as a fraction of the picture
MOST_OF_IT, GROUND_SIDES = 0.45, 3  # a mask is background from this part of the picture, or this number of its sides
ALONG = 0.1  # part of a side that a mask has to touch to reach it
NEIGHBOURS = 6  # most similar candidates over which the agreement is averaged
MAX_COLOR_SIMILARITY = 0.97  # between a candidate and its surroundings: above, it does not stand out
TIE_MARGIN = 0.02  # scores (predicted intersection over union) this close count as equal
RING = 3  # superpixels: width of the surroundings of a candidate
STRENGTH_FLOOR = 0.3  # CIELAB per px, added to strengths so that ratios of weak edges stay near 1


@dataclass(frozen=True)
class Properties:
    """Properties of a candidate. Logarithms are natural.

    Attributes:
        texture: logarithm of the mean edge strength inside.
        outline_over_texture: logarithm of the outline's lower quartile over that mean.
        outline_over_picture: logarithm of the outline's lower quartile over the picture's median edge.
        border: fraction of the outline that lies on the picture's border.
        area: logarithm of its fraction of the picture.
        area_squared: `area` squared, so that neither small nor large candidates always win.
        same_colors: Bhattacharyya coefficient of its colours and those of its surroundings.
        open_background: fraction of the outline next to open background; low for a part of an object.
        agreement: mean intersection over union with the most similar candidates.
        depth: minimum distance of the drags from the outline, as a fraction of sqrt(H*W).
        cut: cost of its outline over the square root of its area.
    """

    texture: float
    outline_over_texture: float
    outline_over_picture: float
    border: float
    area: float
    area_squared: float
    same_colors: float
    open_background: float
    agreement: float
    depth: float
    cut: float


WEIGHTS = Properties(
    texture=0.502,
    outline_over_texture=0.376,
    outline_over_picture=-0.418,
    border=-0.846,
    area=-0.278,
    area_squared=-0.035,
    same_colors=-0.664,
    open_background=0.252,
    agreement=0.295,
    depth=0.843,
    cut=-0.0878,
)


def best(patches: Superpixels, masks: list[np.ndarray], distance: np.ndarray) -> np.ndarray | None:
    """The candidate with the best score, the largest if several are nearly equal; None if none stands out.

    Args:
        masks: `[S]` bool each.
        distance: `[S]`, of each superpixel from the drags.
    """
    described = standing_out(patches, masks, distance)
    scores = {number: score(each) for number, each in described.items()}
    if not scores:
        return None
    equal = [number for number, value in scores.items() if value >= max(scores.values()) - TIE_MARGIN]
    return masks[max(equal, key=lambda number: described[number].area)]


def standing_out(patches: Superpixels, masks: list[np.ndarray], distance: np.ndarray) -> dict[int, Properties]:
    """The properties of the candidates by index, without those that have the colours of what is around them, or that
    are too small or too large to be an object."""
    described = describe(patches, masks, distance)
    return {number: each for number, each in described.items() if each.same_colors <= MAX_COLOR_SIMILARITY}


def is_ground(patches: Superpixels, mask: np.ndarray) -> bool:
    """Whether a mask `[S]` bool counts as background, not as an object: it covers much of the picture, or reaches three
    of its sides."""
    label = patches.label
    sides = sum(mask[side].mean() > ALONG for side in (label[0], label[-1], label[:, 0], label[:, -1]))
    return bool(patches.area[mask].sum() > MOST_OF_IT * patches.area.sum() or sides >= GROUND_SIDES)


def score(each: Properties) -> float:
    """How much a candidate looks like a single object; only meaningful relative to other candidates."""
    return float(np.dot(list(vars(WEIGHTS).values()), list(vars(each).values())))


def describe(patches: Superpixels, masks: list[np.ndarray], distance: np.ndarray) -> dict[int, Properties]:
    """The properties of the candidates by index, without those too small or too large to be an object."""
    if not masks:
        return {}
    agreement = _agreement(patches, masks)
    areas, whole = [patches.area[mask].sum() for mask in masks], patches.area.sum()
    numbers = [number for number, area in enumerate(areas) if SMALLEST <= area <= LARGEST * whole]
    if not numbers:
        return {}
    possible = np.stack([masks[number] for number in numbers])
    grounds = open_background(patches, possible, np.zeros(0, int))
    rings = patches.graph.grown(possible, RING) & ~possible
    similarity = np.sqrt(color_shares(patches, possible) * color_shares(patches, rings)).sum(-1)
    costs = edge_costs(patches)
    return {
        number: _properties(patches, masks[number], ground, distance, costs, (float(agreement[number]), float(similar)))
        for number, ground, similar in zip(numbers, grounds, similarity, strict=True)
    }


def _properties(
    patches: Superpixels,
    mask: np.ndarray,
    ground: np.ndarray,
    distance: np.ndarray,
    costs: np.ndarray,
    likeness: tuple[float, float],
) -> Properties:
    """The properties of a mask; `likeness` is its agreement with the other candidates, and how similar its colours are
    to those of what is around it."""
    agreement, same_colors = likeness
    outline = mask[patches.u] != mask[patches.v]
    inside = mask[patches.u] & mask[patches.v]
    length, strength = patches.length[outline], patches.strength[outline]
    texture = np.average(patches.strength[inside], weights=patches.length[inside]) if inside.any() else 0.0
    quartile = _weak(strength, length)
    area, border = patches.area[mask].sum(), patches.border[mask].sum()
    logarithm = np.log(area / patches.area.sum())
    return Properties(
        texture=np.log1p(texture),
        outline_over_texture=_ratio(quartile, texture),
        outline_over_picture=_ratio(quartile, patches.typical_strength),
        border=border / (length.sum() + border),
        area=logarithm,
        area_squared=logarithm**2,
        same_colors=same_colors,
        open_background=length[(ground[patches.u] | ground[patches.v])[outline]].sum() / max(length.sum(), 1),
        agreement=agreement,
        depth=distance[~mask].min(),
        cut=costs[outline].sum() / area**0.5,
    )


def _ratio(strength: float, reference: float) -> float:
    return float(np.log((strength + STRENGTH_FLOOR) / (reference + STRENGTH_FLOOR)))


def _weak(strength: np.ndarray, length: np.ndarray) -> float:
    """The lower quartile of edge strength, weighted by length."""
    order = np.argsort(strength)
    part = np.cumsum(length[order])
    return float(strength[order][np.searchsorted(part, WEAK * part[-1])])


def _agreement(patches: Superpixels, masks: list[np.ndarray]) -> np.ndarray:
    """`[C]`: mean intersection over union with the `NEIGHBOURS` most similar, itself included."""
    every = np.stack(masks).astype(np.float64)
    common = (every * patches.area) @ every.T  # [C, C]
    areas = np.diag(common)
    iou = common / np.maximum(areas[:, None] + areas - common, 1)
    return np.sort(iou, axis=1)[:, -NEIGHBOURS:].mean(1)
