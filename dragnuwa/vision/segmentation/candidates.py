"""Candidate masks for the object under a group of drags or a click, by several methods at several scales; and the one
that looks most like a single object.

No single method wins everywhere. Colour cuts follow multicoloured objects to the limits of their colours, edge cuts
find textured objects with a strong outline, geodesic distance finds thin ones, and merged regions fill in the sizes
between.

The score of a candidate is linear in a few of its properties. Its weights are fitted by ridge regression to the
intersection over union within each picture, on drawn scenes and photographic cut-outs of development seeds;
`benchmarks/objects.py --fit` prints them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.special import logit

from ...common.interrupt import watched
from .superpixels import FIXED, Costs, Superpixels, joining

EXTENTS = (0.025, 0.045, 0.08, 0.14)  # fraction of sqrt(H*W): initial radius of colour cuts around the drags
TIGHTNESS = (2.5, 6.0)  # of colour cuts: weight of the outline against colours
PINNED = 0.03  # fraction of sqrt(H*W): radius around a point outside the object that is excluded with it
OPEN = 2.0  # CIELAB per px, in a picture with few edges: edges weaker than this do not stop the open background
ISLANDS = (0.1, 2.0)  # largest island that is added to a candidate, as a fraction of its area
ROUNDS = 3  # of re-estimating the colours
BIASED_ROUNDS = 2  # of these rounds, in which superpixels near the drags are biased towards the object
EDGE_BIASES = ((1.0, 0.003), (1.0, 0.007), (0.4, 0.0012))  # of edge cuts: fineness, and reward per pixel of area
FINENESS = 2.5, 1.0  # edge strength at which the cut costs 1/e: minimum, and fraction of the picture's median
SUREST = 0.92  # probability, of which odds are taken
WEAKEST = 0.02  # cost of cutting the strongest edge, against a jagged outline
BORDER_COLOR, BORDER_EDGE = 0.3, 4.0  # cost per pixel of the picture's border inside the object
CLEAREST = 3.0  # a superpixel's log-likelihood ratio is clipped here
WEIGHT = 0.35  # of a pixel's colour against a pixel of outline
GEODESIC, STEEP = 1.5, 2.5  # exponents of edge strength in geodesic distances, of drags and clicks
NEARNESS = 0.25, 0.5, 0.75, 1.0, 1.5, 2.5  # thresholds on distance to the click over distance to the border
GROWTH = 1.08  # minimum growth in area from one merged region to the next
WEAK = 0.25  # quantile of edge strength that stands for an outline
MIN_AREA, MAX_AREA = 12, 0.8  # area of an object: minimum in px, maximum as a fraction of the picture
MOST_OF_IT, GROUND_SIDES = 0.45, 3  # a mask is background from this part of the picture, or this number of its sides
ALONG = 0.1  # part of a side that a mask has to touch to reach it
NEIGHBOURS = 6  # most similar candidates over which the agreement is averaged
MAX_COLOR_SIMILARITY = 0.97  # between a candidate and its surroundings: above, it does not stand out
TIE_MARGIN = 0.02  # scores (predicted intersection over union) this close count as equal
RING = 3  # superpixels: width of the surroundings of a candidate
NONE_OF_THEM = np.zeros(0, int)  # superpixels
STRENGTH_FLOOR = 0.3  # CIELAB per px, added to strengths so that ratios of weak edges stay near 1


@dataclass(frozen=True)
class Seeds:
    """Superpixels known to belong to the object, and known not to.

    Attributes:
        inside, outside: indices of superpixels.
        distance: `[S]`, of each superpixel from the drags, as a fraction of sqrt(H*W).
    """

    inside: np.ndarray
    outside: np.ndarray
    distance: np.ndarray


def seeds_of(patches: Superpixels, starts: np.ndarray, outside: np.ndarray) -> list[Seeds]:
    """The start points of a group's drags (complex, in pixels), without and with the shortest lines that connect them.
    `outside`: points that belong to other groups, or stay still."""
    canvas = np.ones(patches.label.shape, np.uint8)
    for start, end in _tree(starts):
        ends = ((round(point.real), round(point.imag)) for point in (start, end))
        cv2.line(canvas, *ends, 0)
    at_starts = patches.at(starts)
    for point in starts:
        canvas[round(point.imag), round(point.real)] = 0
    distance = patches.mean(_distance(canvas))
    lines = np.unique(patches.label[canvas == 0])
    others = np.setdiff1d(_within(patches, outside, PINNED), at_starts)
    kinds = [at_starts] if len(starts) < 2 else [at_starts, np.setdiff1d(lines, others)]
    return [Seeds(inside, others, distance) for inside in kinds]


def _within(patches: Superpixels, points: np.ndarray, radius: float) -> np.ndarray:
    """The superpixels within a radius of any of the points."""
    if not len(points):
        return np.zeros(0, int)
    canvas = np.ones(patches.label.shape, np.uint8)
    canvas[np.rint(points.imag).astype(int), np.rint(points.real).astype(int)] = 0
    return np.union1d(patches.at(points), np.flatnonzero(patches.mean(_distance(canvas)) < radius))


def _distance(canvas: np.ndarray) -> np.ndarray:
    """`[h, w]`: distance of each pixel to the nearest zero, as a fraction of sqrt(H*W)."""
    return cv2.distanceTransform(canvas, cv2.DIST_L2, 5) / canvas.size**0.5


def candidates(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    """Candidates for drags: masks `[S]` bool, each connected to the seeds."""
    return _whole(patches, seeds, [*_cuts(patches, seeds), *_nearest(patches, seeds, GEODESIC, (1.0,))])


def candidates_of_click(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    """Candidates for a click: as `candidates`, at more scales. Users click near the middle of what they mean, which
    tells the extra candidates apart; a drag may begin anywhere on an object, so there they only hurt the choice."""
    more = [*_nearest(patches, seeds, STEEP, NEARNESS), *_regions(patches, seeds)]
    cuts = [*_cuts(patches, seeds), *more]
    return _whole(patches, seeds, cuts)


def _cuts(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    colors = watched([(extent, tightness) for extent in EXTENTS for tightness in TIGHTNESS])
    cuts = [_cut_by_color(patches, seeds, extent, tightness) for extent, tightness in colors]
    return cuts + [_cut_by_edges(patches, seeds, *bias) for bias in watched(EDGE_BIASES)]


def _whole(patches: Superpixels, seeds: Seeds, cuts: list[np.ndarray]) -> list[np.ndarray]:
    """The part of each cut that is connected to the seeds, without and with its islands; duplicates removed."""
    masks = distinct(connected(patches, np.stack(cuts), seeds.inside, seeds.outside))
    return distinct([*masks, *_with_islands(patches, np.stack(masks), seeds)])


def distinct(masks: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The masks without duplicates, each where it comes first."""
    return list({mask.tobytes(): mask for mask in masks}.values())


def open_background(patches: Superpixels, masks: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """`[..., S]` bool: superpixels outside masks `[..., S]` that can be reached from the picture's border, or from
    `outside`, without crossing a strong edge."""
    weak = patches.strength < open_strength(patches)
    begins = _surely_background(patches, outside)
    return patches.graph.reached(weak & ~masks[..., patches.u] & ~masks[..., patches.v], begins & ~masks) & ~masks


def open_strength(patches: Superpixels) -> float:
    """CIELAB per px: weaker edges do not stop the open background."""
    return OPEN * (1 + 0.7 * patches.typical_strength)


def _surely_background(patches: Superpixels, outside: np.ndarray) -> np.ndarray:
    """`[S]` bool: superpixels at the picture's border, and those of `outside`."""
    found = patches.border > 0
    found[outside] = True
    return found


def _with_islands(patches: Superpixels, masks: np.ndarray, seeds: Seeds) -> list[np.ndarray]:
    """Masks `[C, S]` plus the adjacent islands that the open background does not reach, such as hair and hats of
    another colour. One result for each maximum size in `ISLANDS`."""
    islands = ~masks & ~open_background(patches, masks, seeds.outside)
    labels = patches.graph.components(islands[:, patches.u] & islands[:, patches.v])
    found = []
    for mask, island, label in zip(masks, islands, labels, strict=True):
        if not island.any():
            continue
        label = label - label.min()  # each mask has numbers of its own, and counts from 0 here
        beside = [label[u[island[u] & mask[v]]] for u, v in ((patches.u, patches.v), (patches.v, patches.u))]
        area = np.bincount(label, patches.area)
        added = np.unique(np.concatenate(beside))
        small = [added[area[added] <= share * patches.area[mask].sum()] for share in ISLANDS]
        found += [mask | (island & np.isin(label, each)) for each in small]
    return found


def edge_costs(patches: Superpixels, fineness: float = 1.0) -> np.ndarray:
    """`[E]`: cost of having an edge in the outline; the stronger the edge is for this picture, the cheaper."""
    scale = fineness * (FINENESS[0] + FINENESS[1] * patches.typical_strength)
    return patches.length * (np.exp(-patches.strength / scale) + WEAKEST)


def cut_by_odds(patches: Superpixels, odds: np.ndarray, inside: np.ndarray = NONE_OF_THEM) -> np.ndarray:
    """`[S]` bool: the superpixels that belong to an object, with an outline along its edges: the minimum cut.

    Args:
        odds: `[S]`, by pixel: logarithms of those that each belongs to it, times what they count beside the cost of a
            pixel of an outline where no edge is.
        inside: `[n]` int, superpixels that surely belong to it.
    """
    costs = Costs(edge_costs(patches), patches.area * np.maximum(odds, 0), patches.area * np.maximum(-odds, 0))
    return patches.network.cut(_fixed(costs, inside, NONE_OF_THEM))


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Logarithms of the odds of probabilities, none of which is taken for sure."""
    return logit(probability.clip(1 - SUREST, SUREST))


def color_shares(patches: Superpixels, masks: np.ndarray) -> np.ndarray:
    """`[..., K]`: palette histograms of the area under masks `[..., S]` bool, smoothed so that no entry is 0."""
    areas = masks * patches.area
    shares = (areas @ patches.palette) / np.maximum(areas.sum(-1, keepdims=True), 1)
    return (shares + 0.002) / (1 + 0.002 * shares.shape[-1])


def _cut_by_color(patches: Superpixels, seeds: Seeds, extent: float, tightness: float) -> np.ndarray:
    """GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) on superpixels, with colour histograms."""
    cost = tightness * edge_costs(patches)
    near = np.clip(1 - seeds.distance / (1.5 * extent), -1, 1)
    mask = seeds.distance < extent
    mask[seeds.inside] = True
    for number in range(ROUNDS):
        shares = color_shares(patches, mask), color_shares(patches, ~mask)
        ratio = np.clip(patches.palette @ np.log(shares[0] / shares[1]), -CLEAREST, CLEAREST)
        if number < BIASED_ROUNDS:
            ratio = ratio + 0.6 * near
        colors = WEIGHT * patches.area * ratio
        against = np.maximum(-colors, 0) + BORDER_COLOR * patches.border
        costs = Costs(cost, np.maximum(colors, 0), against)
        cut = patches.network.cut(_fixed(costs, seeds.inside, seeds.outside))
        mask, before = connected(patches, cut, seeds.inside, seeds.outside), mask
        if (mask == before).all():
            break
    return mask


def _cut_by_edges(patches: Superpixels, seeds: Seeds, fineness: float, worth: float) -> np.ndarray:
    """Trades outline cost against a constant reward per area, ignoring colours (Carreira and Sminchisescu, "CPMC:
    automatic object segmentation using constrained parametric min-cuts", 2012)."""
    costs = Costs(edge_costs(patches, fineness), worth * patches.area, BORDER_EDGE * patches.border)
    return patches.network.cut(_fixed(costs, seeds.inside, seeds.outside))


def _nearest(patches: Superpixels, seeds: Seeds, power: float, nearness: tuple[float, ...]) -> list[np.ndarray]:
    """Superpixels whose geodesic distance to the seeds is less than `nearness` times that to the background (Bai and
    Sapiro, "A geodesic framework for fast interactive image and video segmentation", ICCV 2007)."""
    step = patches.strength**power + 0.02
    graph = csr_array((step, (patches.u, patches.v)), shape=(patches.count, patches.count))
    background = np.union1d(np.setdiff1d(np.flatnonzero(patches.border), seeds.inside), seeds.outside)
    to_seeds, to_background = (
        dijkstra(graph, directed=False, indices=ends, min_only=True) if len(ends) else np.full(patches.count, np.inf)
        for ends in (seeds.inside, background)
    )
    return [to_seeds < times * to_background for times in nearness]


def _regions(patches: Superpixels, seeds: Seeds) -> list[np.ndarray]:
    """The merged regions that contain all inside seeds and no outside seed, each larger than the last by `GROWTH`."""
    steps = joining(patches.parent, patches.count, seeds.inside[0])
    never = steps.max() + 1
    steps = np.where(steps < 0, never, steps)
    area = np.cumsum(np.bincount(steps, patches.area, never + 1))
    first, last = steps[seeds.inside].max(), min(steps[seeds.outside], default=never)
    return [steps <= step for step in range(first, last) if area[step + 1] > GROWTH * area[step]]


def _fixed(costs: Costs, inside: np.ndarray, outside: np.ndarray) -> Costs:
    """Costs with which superpixels `[n]` int are surely labelled object, and others background."""
    not_object, not_background = costs.not_object.astype(float), costs.not_background.astype(float)
    not_object[inside], not_background[inside] = FIXED, 0
    not_object[outside], not_background[outside] = 0, FIXED
    return Costs(costs.cut, not_object, not_background)


def _tree(points: np.ndarray) -> list[tuple[complex, complex]]:
    """The minimum spanning tree of points (Prim's algorithm)."""
    reached, left, lines = [points[0]], list(points[1:]), []
    while left:
        distance = np.abs(np.array(reached)[:, None] - np.array(left))
        u, v = np.unravel_index(distance.argmin(), distance.shape)
        lines.append((reached[u], left[v]))
        reached.append(left.pop(v))
    return lines


def connected(patches: Superpixels, masks: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The components of masks `[..., S]` bool that contain a superpixel of `inside`, with their holes filled, except
    holes that contain a superpixel of `outside`."""
    seeds = np.zeros(patches.count, bool)
    seeds[inside] = True
    kept = patches.graph.containing(masks, masks & seeds)
    return kept | ~patches.graph.containing(~kept, ~kept & _surely_background(patches, outside))


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
    numbers = [number for number, area in enumerate(areas) if MIN_AREA <= area <= MAX_AREA * whole]
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
