"""The choice among candidates: which of them looks most like one object.

A linear score of a few properties of a candidate. Its weights are fitted to drawn scenes and cut-outs on photographs of
development seeds, by ridge regression of the intersection over union within each picture; `benchmarks/objects.py
--fit` prints them.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from .candidates import color_shares, edge_costs, open_ground
from .superpixels import Superpixels

WEAK = 0.25  # part of an outline that may be weaker than what it is judged by
SMALLEST, LARGEST = 12, 0.8  # area of an object: least in px, most as part of the picture
CLOSEST = 6  # of the other candidates, which a candidate is compared with
MOST_ALIKE = 0.97  # of the colours of an object and around it: more, and nothing stands out
NEARLY = 0.02  # of the score, which foretells the intersection over union
RING = 3  # superpixels around a candidate, whose colours its own are compared with
STRENGTH_FLOOR = 0.3  # CIELAB per px, below which edges are all the same


@dataclass(frozen=True)
class Properties:
    """Of a candidate. Logarithms are natural ones.

    Attributes:
        texture: logarithm of the mean strength of edges inside.
        outline_over_texture: logarithm of the outline's lower quartile over it.
        outline_over_picture: the same over the picture's median edge.
        border: part of the outline that is the picture's border.
        area: logarithm of its part of the picture.
        area_squared: its square, so that neither small nor large ones are always preferred.
        same_colors: Bhattacharyya coefficient of its colours and of those around it.
        open_ground: part of the outline that has open ground beside it: around a part of a thing lies the rest of it.
        agreement: mean intersection over union with the candidates that are most like it.
        depth: least distance of the drags from the outline, in the picture's unit.
        cut: cost of its outline, over the root of its area.
    """

    texture: float
    outline_over_texture: float
    outline_over_picture: float
    border: float
    area: float
    area_squared: float
    same_colors: float
    open_ground: float
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
    open_ground=0.252,
    agreement=0.295,
    depth=0.843,
    cut=-0.0878,
)


def best(patches: Superpixels, masks: list[np.ndarray], distance: np.ndarray) -> np.ndarray | None:
    """The candidate with the best score, of nearly equal ones the largest; or None where none stands out.

    Args:
        masks: `[S]` bool each.
        distance: `[S]`, of each superpixel from the drags.
    """
    described = describe(patches, masks, distance)
    scores = {number: score(each) for number, each in described.items() if each.same_colors <= MOST_ALIKE}
    if not scores:
        return None
    equal = [number for number, value in scores.items() if value >= max(scores.values()) - NEARLY]
    return masks[max(equal, key=lambda number: described[number].area)]


def score(each: Properties) -> float:
    """How much a candidate looks like one object; the difference between two is what counts."""
    return float(np.dot(astuple(WEIGHTS), astuple(each)))


def describe(patches: Superpixels, masks: list[np.ndarray], distance: np.ndarray) -> dict[int, Properties]:
    """The properties of the candidates, by their number; without those that cannot be an object."""
    agreement = _agreement(patches, masks)
    whole = patches.area.sum()
    return {
        number: _properties(patches, mask, distance, float(agreement[number]))
        for number, mask in enumerate(masks)
        if SMALLEST <= patches.area[mask].sum() <= LARGEST * whole
    }


def _properties(patches: Superpixels, mask: np.ndarray, distance: np.ndarray, agreement: float) -> Properties:
    outline = mask[patches.one] != mask[patches.other]
    inside = mask[patches.one] & mask[patches.other]
    length, strength = patches.length[outline], patches.strength[outline]
    texture = np.average(patches.strength[inside], weights=patches.length[inside]) if inside.any() else 0.0
    quartile = _weak(strength, length)
    area, border = patches.area[mask].sum(), patches.border[mask].sum()
    ground = open_ground(patches, mask, np.zeros(0, int))
    logarithm = np.log(area / patches.area.sum())
    ring = _around(patches, mask)
    return Properties(
        texture=np.log1p(texture),
        outline_over_texture=_ratio(quartile, texture),
        outline_over_picture=_ratio(quartile, patches.typical_strength),
        border=border / (length.sum() + border),
        area=logarithm,
        area_squared=logarithm**2,
        same_colors=np.sqrt(color_shares(patches, mask) * color_shares(patches, ring)).sum(),
        open_ground=length[(ground[patches.one] | ground[patches.other])[outline]].sum() / max(length.sum(), 1),
        agreement=agreement,
        depth=distance[~mask].min(),
        cut=edge_costs(patches)[outline].sum() / area**0.5,
    )


def _ratio(one: float, other: float) -> float:
    return float(np.log((one + STRENGTH_FLOOR) / (other + STRENGTH_FLOOR)))


def _weak(strength: np.ndarray, length: np.ndarray) -> float:
    """What a quarter of an outline stays below."""
    order = np.argsort(strength)
    part = np.cumsum(length[order])
    return float(strength[order][np.searchsorted(part, WEAK * part[-1])])


def _around(patches: Superpixels, mask: np.ndarray) -> np.ndarray:
    grown = mask.copy()
    for _ in range(RING):
        touched = grown.copy()
        touched[patches.other[grown[patches.one]]] = True
        touched[patches.one[grown[patches.other]]] = True
        grown = touched
    return grown & ~mask


def _agreement(patches: Superpixels, masks: list[np.ndarray]) -> np.ndarray:
    """`[C]`: mean intersection over union with the `CLOSEST` most alike, itself among them."""
    every = np.stack(masks).astype(np.float64)
    common = (every * patches.area) @ every.T  # [C, C]
    areas = np.diag(common)
    likeness = common / np.maximum(areas[:, None] + areas - common, 1)
    return np.sort(likeness, axis=1)[:, -CLOSEST:].mean(1)
