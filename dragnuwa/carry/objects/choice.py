"""The choice among candidates: which of them looks most like one object.

A linear score of a few properties of a candidate. Its weights are fitted to drawn scenes and cut-outs on photographs of
development seeds, by ridge regression of the intersection over union within each picture, in which good candidates
count more; `benchmarks/objects.py --fit` prints them.
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
UNSURE = 0.05  # of the score, by which a candidate is e times as likely to be the object
RING = 3  # superpixels around a candidate, whose colours its own are compared with
STRENGTH_FLOOR = 0.3  # CIELAB per px, below which edges are all the same
NEAREST = 0.01  # of the picture's unit, below which distances from the outline are all the same


@dataclass(frozen=True)
class Properties:
    """Of a candidate. Logarithms are natural ones.

    Attributes:
        outline_over_picture: logarithm of the outline's lower quartile over the picture's median edge.
        cut: mean cost of a pixel of its outline.
        border: part of the outline that is the picture's border.
        reaches_border: 1 where there is any such part, or 0.
        area: logarithm of its part of the picture.
        area_squared: its square, so that neither small nor large ones are always preferred.
        raggedness: logarithm of its outline's length over the root of its area.
        same_colors: Bhattacharyya coefficient of its colours and of those around it.
        same_colors_as_rest: the same of all that it is not.
        open_ground: part of the outline that has open ground beside it: around a part of a thing lies the rest of it.
        agreement: mean intersection over union with the candidates that are most like it.
        depth: logarithm of the least distance of the drags from the outline, over the root of its area: people begin
            in the middle of things.
    """

    outline_over_picture: float
    cut: float
    border: float
    reaches_border: float
    area: float
    area_squared: float
    raggedness: float
    same_colors: float
    same_colors_as_rest: float
    open_ground: float
    agreement: float
    depth: float


WEIGHTS = Properties(
    outline_over_picture=-0.00549,
    cut=-0.163,
    border=-0.94,
    reaches_border=-0.0685,
    area=-0.0888,
    area_squared=-0.0205,
    raggedness=-0.138,
    same_colors=-0.747,
    same_colors_as_rest=0.113,
    open_ground=0.17,
    agreement=0.177,
    depth=0.0974,
)


def best(patches: Superpixels, masks: list[np.ndarray], distance: np.ndarray) -> np.ndarray | None:
    """The candidate with the greatest expected overlap with the object, where each of them may be it, the better its
    score the rather; or None where none stands out.

    Args:
        masks: `[S]` bool each.
        distance: `[S]`, of each superpixel from the drags.
    """
    described = describe(patches, masks, distance)
    numbers = [number for number, each in described.items() if each.same_colors <= MOST_ALIKE]
    if not numbers:
        return None
    scores = np.array([np.dot(astuple(WEIGHTS), astuple(described[number])) for number in numbers])
    odds = np.exp((scores - scores.max()) / UNSURE)
    possible = [masks[number] for number in numbers]
    return possible[(_overlaps(patches, possible) @ odds).argmax()]


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
    length, cost = patches.length[outline], edge_costs(patches)[outline]
    quartile = _weak(patches.strength[outline], length)
    area, border = patches.area[mask].sum(), patches.border[mask].sum()
    ground = open_ground(patches, mask, np.zeros(0, int))
    logarithm = np.log(area / patches.area.sum())
    own, around, rest = (color_shares(patches, part) for part in (mask, _around(patches, mask), ~mask))
    return Properties(
        outline_over_picture=_ratio(quartile, patches.typical_strength),
        cut=cost.sum() / max(length.sum(), 1),
        border=border / (length.sum() + border),
        reaches_border=float(border > 0),
        area=logarithm,
        area_squared=logarithm**2,
        raggedness=np.log((length.sum() + border) / area**0.5),
        same_colors=np.sqrt(own * around).sum(),
        same_colors_as_rest=np.sqrt(own * rest).sum(),
        open_ground=length[(ground[patches.one] | ground[patches.other])[outline]].sum() / max(length.sum(), 1),
        agreement=agreement,
        depth=np.log(distance[~mask].min() + NEAREST) - logarithm / 2,
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
    return np.sort(_overlaps(patches, masks), axis=1)[:, -CLOSEST:].mean(1)


def _overlaps(patches: Superpixels, masks: list[np.ndarray]) -> np.ndarray:
    """`[C, C]`: intersection over union of each two."""
    every = np.stack(masks).astype(np.float64)
    common = (every * patches.area) @ every.T
    areas = np.diag(common)
    return common / np.maximum(areas[:, None] + areas - common, 1)
