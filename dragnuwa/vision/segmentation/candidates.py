"""Candidates: what may be the object under a body's drags or a click, by several methods and extents.

No single one is best. Cuts by colour follow many-coloured things as far as their colours reach; cuts by edges alone
find textured things with a strong outline; nearness along the picture finds thin ones; merged regions have the extents
in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from .graph_cut import FIXED, Costs, components, connected, least_cut
from .merging import joining
from .superpixels import Superpixels

EXTENTS = (0.025, 0.045, 0.08, 0.14)  # of the picture's unit around the drags, which cuts by colour begin with
TIGHTNESS = (2.5, 6.0)  # of cuts by colour: how much an outline costs against colours
PINNED = 0.03  # of the picture's unit around what belongs to no object, or to another
OPEN = 2.0  # CIELAB per px, where the picture has few edges: edges that the open ground crosses
ISLANDS = (0.1, 2.0)  # of a candidate's area, what may be added to it
ROUNDS = 3  # of learning the colours
NEARER = 2  # of these rounds, in which what lies near the drags is rather object
EDGE_BIASES = ((1.0, 0.003), (1.0, 0.007), (0.4, 0.0012))  # of cuts by edges: fineness, and worth of a pixel of area
FINENESS = 2.5, 1.0  # strength of an edge that is cut at 1/e of the cost: least, and part of the picture's median
WEAKEST = 0.02  # cost of cutting the strongest edge, against a jagged outline
BORDER_COLOR, BORDER_EDGE = 0.3, 4.0  # cost of a pixel of the picture's border in the object
CLEAREST = 3.0  # log-likelihood ratio by which one superpixel's colour may count
WEIGHT = 0.35  # of a pixel's colour against one of outline
GEODESIC, STEEP = 1.5, 2.5  # powers of an edge's strength that make distances along the picture, of drags and clicks
NEARNESS = 0.25, 0.5, 0.75, 1.0, 1.5, 2.5  # times as far from a click as from the picture's border, at most
GROWTH = 1.08  # of merged regions, by which one has to be larger than the last


@dataclass(frozen=True)
class Seeds:
    """What is known of an object: superpixels that belong to it, and such that do not.

    Attributes:
        inside, outside: superpixels.
        distance: `[S]`, of each superpixel from the drags, in the picture's unit.
    """

    inside: np.ndarray
    outside: np.ndarray
    distance: np.ndarray


def seeds_of(patches: Superpixels, starts: np.ndarray, outside: np.ndarray) -> list[Seeds]:
    """The beginnings of a body's drags (complex, in pixels), with and without the shortest lines that connect them.
    `outside`: places that belong to other bodies, or rest."""
    canvas = np.ones(patches.label.shape, np.uint8)
    for one, other in _tree(starts):
        ends = ((round(place.real), round(place.imag)) for place in (one, other))
        cv2.line(canvas, *ends, 0)
    points = patches.at(starts)
    for place in starts:
        canvas[round(place.imag), round(place.real)] = 0
    distance = patches.mean(_distance(canvas))
    lines = np.unique(patches.label[canvas == 0])
    others = np.setdiff1d(_within(patches, outside, PINNED), points)
    kinds = [points] if len(starts) < 2 else [points, np.setdiff1d(lines, others)]
    return [Seeds(inside, others, distance) for inside in kinds]


def _within(patches: Superpixels, places: np.ndarray, reach: float) -> np.ndarray:
    """The superpixels that lie nearer than that to places."""
    if not len(places):
        return np.zeros(0, int)
    canvas = np.ones(patches.label.shape, np.uint8)
    canvas[np.rint(places.imag).astype(int), np.rint(places.real).astype(int)] = 0
    return np.union1d(patches.at(places), np.flatnonzero(patches.mean(_distance(canvas)) < reach))


def _distance(canvas: np.ndarray) -> np.ndarray:
    """`[h, w]` of each pixel from the zeros, in the picture's unit."""
    return cv2.distanceTransform(canvas, cv2.DIST_L2, 5) / canvas.size**0.5


def candidates(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    """What may be under drags: masks `[S]` bool, each connected with the seeds."""
    return _whole(patches, seeds, [*_cuts(patches, seeds), *_nearest(patches, seeds, GEODESIC, (1.0,))])


def candidates_of_click(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    """What may be under a click: as `candidates`, of more extents. A click lies in the middle of what it means, which
    tells them apart; a drag begins anywhere, and more of them only mislead its choice."""
    cuts = [*_cuts(patches, seeds), *_nearest(patches, seeds, STEEP, NEARNESS), *_regions(patches, seeds)]
    return _whole(patches, seeds, cuts)


def _cuts(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    cuts = [_cut_by_color(patches, seeds, extent, tightness) for extent in EXTENTS for tightness in TIGHTNESS]
    return cuts + [_cut_by_edges(patches, seeds, fineness, worth) for fineness, worth in EDGE_BIASES]


def _whole(patches: Superpixels, seeds: Seeds, cuts: list[np.ndarray]) -> list[np.ndarray]:
    """What of each cut is connected with the seeds, without and with its islands; each mask once."""
    masks = [connected(patches, cut, seeds.inside, seeds.outside) for cut in cuts]
    masks = list({mask.tobytes(): mask for mask in masks}.values())
    grown = [larger for mask in masks for larger in _with_islands(patches, mask, seeds)]
    return list({mask.tobytes(): mask for mask in masks + grown}.values())


def open_ground(patches: Superpixels, mask: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """`[S]` bool: what can be reached from the picture's border, or from `outside`, beside a mask and without crossing
    an edge that stands out."""
    weak = patches.strength < OPEN * (1 + 0.7 * patches.typical_strength)
    label = components(patches, weak & ~mask[patches.one] & ~mask[patches.other])
    begins = patches.border > 0
    begins[outside] = True
    return np.isin(label, label[begins & ~mask]) & ~mask


def _with_islands(patches: Superpixels, mask: np.ndarray, seeds: Seeds) -> list[np.ndarray]:
    """A mask with the islands beside it that the open ground does not reach, each of at most a share of its area: hair
    and hats of other colours, tips in another light. One for each of `ISLANDS`."""
    islands = ~mask & ~open_ground(patches, mask, seeds.outside)
    if not islands.any():
        return []
    label = components(patches, islands[patches.one] & islands[patches.other])
    beside = [
        label[one[islands[one] & mask[other]]]
        for one, other in ((patches.one, patches.other), (patches.other, patches.one))
    ]
    area = np.bincount(label, patches.area)
    added = np.unique(np.concatenate(beside))
    small = [added[area[added] <= share * patches.area[mask].sum()] for share in ISLANDS]
    return [mask | (islands & np.isin(label, each)) for each in small]


def edge_costs(patches: Superpixels, fineness: float = 1.0) -> np.ndarray:
    """`[E]`: what it costs to have an edge in the outline; the less, the stronger it stands out in this picture."""
    scale = fineness * (FINENESS[0] + FINENESS[1] * patches.typical_strength)
    return patches.length * (np.exp(-patches.strength / scale) + WEAKEST)


def color_shares(patches: Superpixels, mask: np.ndarray) -> np.ndarray:
    """`[K]`: the part of the area under a mask `[S]` that each colour of the palette has; never 0."""
    shares = ((mask * patches.area) @ patches.palette) / max((mask * patches.area).sum(), 1)
    return (shares + 0.002) / (1 + 0.002 * len(shares))


def _cut_by_color(patches: Superpixels, seeds: Seeds, extent: float, tightness: float) -> np.ndarray:
    """GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) on superpixels, with colour histograms."""
    cost = tightness * edge_costs(patches)
    near = np.clip(1 - seeds.distance / (1.5 * extent), -1, 1)
    mask = seeds.distance < extent
    mask[seeds.inside] = True
    for number in range(ROUNDS):
        shares = color_shares(patches, mask), color_shares(patches, ~mask)
        ratio = np.clip(patches.palette @ np.log(shares[0] / shares[1]), -CLEAREST, CLEAREST)
        if number < NEARER:
            ratio = ratio + 0.6 * near
        colors = WEIGHT * patches.area * ratio
        against = np.maximum(-colors, 0) + BORDER_COLOR * patches.border
        cut = least_cut(patches, _costs(seeds, cost, np.maximum(colors, 0), against))
        mask, before = connected(patches, cut, seeds.inside, seeds.outside), mask
        if (mask == before).all():
            break
    return mask


def _cut_by_edges(patches: Superpixels, seeds: Seeds, fineness: float, worth: float) -> np.ndarray:
    """The object is as large as its outline is worth it, whatever its colours (Carreira and Sminchisescu, "CPMC:
    automatic object segmentation using constrained parametric min-cuts", 2012)."""
    costs = _costs(seeds, edge_costs(patches, fineness), worth * patches.area, BORDER_EDGE * patches.border)
    return least_cut(patches, costs)


def _nearest(patches: Superpixels, seeds: Seeds, power: float, nearness: tuple[float, ...]) -> list[np.ndarray]:
    """What is nearer to the drags than to the picture's border, or so many times nearer, along ways that cross few
    edges (Bai and Sapiro, "A geodesic framework for fast interactive image and video segmentation", ICCV 2007)."""
    way = patches.strength**power + 0.02
    graph = csr_array((way, (patches.one, patches.other)), shape=(patches.count, patches.count))
    ground = np.union1d(np.setdiff1d(np.flatnonzero(patches.border), seeds.inside), seeds.outside)
    from_drags, from_ground = (
        dijkstra(graph, directed=False, indices=ends, min_only=True) if len(ends) else np.full(patches.count, np.inf)
        for ends in (seeds.inside, ground)
    )
    return [from_drags < times * from_ground for times in nearness]


def _regions(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    """The merged regions that hold all of the drags and nothing else's place, each larger than the last by `GROWTH`."""
    steps = joining(patches.parent, patches.count, seeds.inside[0])
    never = steps.max() + 1
    steps = np.where(steps < 0, never, steps)
    area = np.cumsum(np.bincount(steps, patches.area, never + 1))
    first, last = steps[seeds.inside].max(), min(steps[seeds.outside], default=never)
    return [steps <= step for step in range(first, last) if area[step + 1] > GROWTH * area[step]]


def _costs(seeds: Seeds, cut: np.ndarray, not_object: np.ndarray, not_ground: np.ndarray) -> Costs:
    not_object, not_ground = not_object.astype(float), not_ground.astype(float)
    not_object[seeds.inside], not_ground[seeds.inside] = FIXED, 0
    not_object[seeds.outside], not_ground[seeds.outside] = 0, FIXED
    return Costs(cut, not_object, not_ground)


def _tree(places: np.ndarray) -> list[tuple[complex, complex]]:
    """The shortest lines that connect places (Prim's tree)."""
    reached, left, lines = [places[0]], list(places[1:]), []
    while left:
        distance = np.abs(np.array(reached)[:, None] - np.array(left))
        one, other = np.unravel_index(distance.argmin(), distance.shape)
        lines.append((reached[one], left[other]))
        reached.append(left.pop(other))
    return lines
