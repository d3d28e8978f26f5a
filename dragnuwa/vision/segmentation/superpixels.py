"""Superpixels, small patches of uniform colour bounded by the picture's edges, their graph with its components and its
minimum cut, and the hierarchy of regions into which they merge.

Masks of them are `[..., S]` bool: many are labelled at once, since most of the time of a single one is overhead.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

SPACING = 8  # px between the seeds of the watershed
SMOOTHING = 1.0  # px, sigma of the blur before the gradient
WIDEST_LINE = 9  # px
LINE_SMOOTHING = 0.7  # px, sigma of the blur before lines are looked for
LINE_CONTRAST = 8.0  # CIELAB, in one of its channels
AROUND, GROUND = 49, 0.5  # px, side of the square around a line, and the least part of it that is ground
CALM = 0.8  # CIELAB per px, the most that the ground around it changes
COLORS = 24  # in the picture's palette
COLOR_SIGMA = 8.0  # CIELAB, of the soft assignment of superpixels to colours of the palette
MERGE_SIZE = 0.4  # exponent of the smaller region's area in the cost of a merge, so that specks are merged first
NONE = -1  # instead of a parent, or of a number of steps
FINE = 1000.0  # SciPy's maximum flow needs integer capacities: costs are rounded to a thousandth
FIXED = 1e5  # effectively infinite cost


@dataclass(frozen=True)
class Superpixels:
    """S superpixels and the E pairs of them that touch.

    Attributes:
        label: `[h, w]` int, the superpixel of each pixel.
        area: `[S]` px.
        palette: `[S, K]`, soft assignment of each to the colours of the picture's palette; rows sum to 1.
        border: `[S]` px of the picture's border in each.
        u, v: `[E]` int, the two ends of each edge, u ascending.
        length: `[E]` px of boundary between them.
        strength: `[E]`, mean gradient along that boundary, in CIELAB per px.
        line: `[S]` int, from 1, the line of which each is a part (`_lines`), or 0.
    """

    label: np.ndarray
    area: np.ndarray
    palette: np.ndarray
    border: np.ndarray
    u: np.ndarray
    v: np.ndarray
    length: np.ndarray
    strength: np.ndarray
    line: np.ndarray

    @property
    def count(self) -> int:
        return len(self.area)

    @cached_property
    def typical_strength(self) -> float:
        """The median strength of all edges."""
        return float(np.median(self.strength)) if len(self.strength) else 0.0

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.count, self.u, self.v)

    @cached_property
    def network(self) -> FlowNetwork:
        """For minimum cuts of the graph."""
        return FlowNetwork.of(self.graph)

    @cached_property
    def parent(self) -> np.ndarray:
        """`[2 S - 1]` int, the region hierarchy that `merged` returns; computed on first use, since it takes as long as
        the superpixels."""
        return merged(self.area, self.u, self.v, self.length, self.strength)

    def at(self, points: np.ndarray) -> np.ndarray:
        """The superpixels under points (complex, in pixels, inside the picture), without duplicates."""
        return np.unique(self.label[np.rint(points.imag).astype(int), np.rint(points.real).astype(int)])

    def line_under(self, points: np.ndarray) -> np.ndarray:
        """`[S]` bool: the line on which all points (as for `at`) lie; empty if there is none. The click network, which
        sees less detail, takes it for ground."""
        numbers = np.unique(self.line[self.at(points)])
        return (self.line == numbers[0]) & (len(numbers) == 1 and numbers[0] > 0)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """`[S]`: mean of `[h, w]` over each superpixel."""
        return np.bincount(self.label.ravel(), values.ravel(), self.count) / self.area


def superpixels(image: np.ndarray) -> Superpixels:
    """Divides a picture `[h, w, 3]` uint8 by a colour watershed (Meyer, "Color image segmentation", 1992), seeded at
    the smoothest pixel of each grid cell."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    gradient = _gradient(lab)
    lines = _lines(lab, gradient)
    label = _watershed(image, lab, _with_lines(_smoothest(gradient), lines))
    area = np.bincount(label.ravel())
    line = np.zeros(len(area), int)
    line[label[lines > 0]] = lines[lines > 0]
    means = np.stack([np.bincount(label.ravel(), lab[..., channel].ravel()) / area for channel in range(3)], -1)
    sides = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
    border = np.bincount(sides, minlength=len(area))
    return Superpixels(label, area, _palette(means), border, *_pairs(label, gradient), line)


def _gradient(lab: np.ndarray) -> np.ndarray:
    """`[h, w]`: how fast the colour changes, in CIELAB per px."""
    smooth = cv2.GaussianBlur(lab, (0, 0), SMOOTHING)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.sqrt((across**2 + down**2).sum(-1))


def _smoothest(gradient: np.ndarray) -> np.ndarray:
    """Markers `[h, w]` int32 for the watershed, from 1: one in each cell of the grid, where the gradient is least."""
    height, width = gradient.shape
    padded = np.pad(gradient, ((0, -height % SPACING), (0, -width % SPACING)), constant_values=np.inf)
    rows, columns = (side // SPACING for side in padded.shape)
    cells = padded.reshape(rows, SPACING, columns, SPACING).swapaxes(1, 2).reshape(rows, columns, -1)
    least = cells.argmin(-1)
    markers = np.zeros(gradient.shape, np.int32)
    y = np.arange(rows)[:, None] * SPACING + least // SPACING
    x = np.arange(columns) * SPACING + least % SPACING
    markers[y, x] = np.arange(1, least.size + 1).reshape(least.shape)
    return markers


def _lines(lab: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """`[h, w]` int32: thin things before calm ground, such as masts and stems, numbered from 1; 0 elsewhere. They are
    narrower than `WIDEST_LINE`, of another colour than what is on both sides of them, and longer than two cells of the
    grid."""
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEST_LINE, WIDEST_LINE))
    smooth = cv2.GaussianBlur(lab, (0, 0), LINE_SMOOTHING)
    hats = [cv2.morphologyEx(smooth, way, element) for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)]
    thin = np.stack(hats).max((0, -1)) >= LINE_CONTRAST
    around = (cv2.dilate(thin.astype(np.uint8), element) == 0).astype(np.float32)
    share = cv2.blur(around, (AROUND, AROUND))
    thin &= (share >= GROUND) & (cv2.blur(gradient * around, (AROUND, AROUND)) <= CALM * share)
    _, number, stats, _ = cv2.connectedComponentsWithStats(thin.astype(np.uint8), connectivity=8)
    long = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(1) > 2 * SPACING
    return np.where(thin & long[number], number, 0)


def _with_lines(markers: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The markers with those of lines `[h, w]`: one for the part of a line in each cell of the grid. A line is too thin
    for the smoothest pixel of a cell."""
    y, x = np.indices(lines.shape) // SPACING
    parts = np.ravel_multi_index((lines, y, x), (lines.max() + 1, y.max() + 1, x.max() + 1))
    on_line, made = lines > 0, markers.copy()
    made[on_line] = markers.max() + 1 + np.unique(parts[on_line], return_inverse=True)[1]
    return made


def _watershed(image: np.ndarray, lab: np.ndarray, markers: np.ndarray) -> np.ndarray:
    """`[h, w]` int from 0. OpenCV leaves a line between the patches; each of its pixels is assigned to the neighbour
    nearest in colour."""
    around = ((1, 1), (1, 1))  # OpenCV also marks the picture's border as such a line
    label = cv2.watershed(np.pad(image, (*around, (0, 0)), mode="edge"), np.pad(markers, around))
    lab = np.pad(lab, (*around, (0, 0)), constant_values=np.inf)
    label[0], label[-1], label[:, 0], label[:, -1] = (-1,) * 4
    inner = label[1:-1, 1:-1]
    while (open_ := inner < 1).any():
        nearest, filled = np.full(inner.shape, np.inf, np.float32), inner.copy()
        for down, right in ((0, 1), (2, 1), (1, 0), (1, 2)):
            beside = (slice(down, down + inner.shape[0]), slice(right, right + inner.shape[1]))
            distance = np.abs(lab[1:-1, 1:-1] - lab[beside]).sum(-1)
            nearer = open_ & (label[beside] > 0) & (distance < nearest)
            filled[nearer], nearest[nearer] = label[beside][nearer], distance[nearer]
        inner[:] = filled
    return np.unique(inner, return_inverse=True)[1].reshape(inner.shape)


def _palette(means: np.ndarray) -> np.ndarray:
    """`[S, K]` of mean colours `[S, 3]`."""
    cv2.setRNGSeed(0)  # k-means initialises its centres at random
    enough = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 10, 0.5)
    means = means.astype(np.float32)
    _, _, colors = cv2.kmeans(means, min(COLORS, len(means)), None, enough, 1, cv2.KMEANS_PP_CENTERS)
    distance = ((means[:, None] - colors) ** 2).sum(-1)  # [S, K]
    belongs = np.exp(-(distance - distance.min(1, keepdims=True)) / (2 * COLOR_SIGMA**2))
    return belongs / belongs.sum(1, keepdims=True)


def _pairs(label: np.ndarray, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """`u, v, length, strength` of `Superpixels`."""
    keys, strengths = [], []
    count = int(label.max()) + 1
    for first, second in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        apart = label[first] != label[second]
        low, high = np.minimum(label[first], label[second])[apart], np.maximum(label[first], label[second])[apart]
        keys.append(low.astype(np.int64) * count + high)
        strengths.append(np.maximum(gradient[first], gradient[second])[apart])
    key, pair = np.unique(np.concatenate(keys), return_inverse=True)
    length = np.bincount(pair, minlength=len(key))
    return key // count, key % count, length, np.bincount(pair, np.concatenate(strengths), len(key)) / length


def merged(area: np.ndarray, u: np.ndarray, v: np.ndarray, length: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Hierarchical segmentation: neighbouring superpixels are merged step by step, weakest edge first (Arbelaez, Maire,
    Fowlkes and Malik, "Contour detection and hierarchical image segmentation", PAMI 2011). Arguments as in
    `Superpixels`.

    Returns:
        `[2 S - 1]` int: the parent of each superpixel and, after them, of each merged region. A parent's index is
        larger than its children's; the root, the whole picture, has `NONE`. If the graph is not connected, there are
        fewer entries and several roots.
    """
    area, parent = area.tolist(), [NONE] * len(area)
    touching: list[dict[int, tuple[float, float]]] = [{} for _ in area]  # by region: length, and length times strength
    for first, second, long, strong in zip(*(part.tolist() for part in (u, v, length, strength)), strict=True):
        touching[first][second] = touching[second][first] = (long, long * strong)

    def cost(first: int, second: int) -> float:
        long, strong = touching[first][second]
        return strong / long * min(area[first], area[second]) ** MERGE_SIZE

    queue = [(cost(first, second), first, second) for first, second in zip(u.tolist(), v.tolist(), strict=True)]
    heapq.heapify(queue)
    while queue:
        _, *parts = heapq.heappop(queue)
        if any(parent[part] != NONE for part in parts):
            continue
        region, beside = len(parent), {}
        for part in parts:
            parent[part] = region
            for neighbour, (long, strong) in touching[part].items():
                if neighbour not in parts:
                    del touching[neighbour][part]
                    before = beside.get(neighbour, (0.0, 0.0))
                    beside[neighbour] = before[0] + long, before[1] + strong
        parent.append(NONE)
        area.append(area[parts[0]] + area[parts[1]])
        touching.append(beside)
        for neighbour, edge in beside.items():
            touching[neighbour][region] = edge
            heapq.heappush(queue, (cost(region, neighbour), region, neighbour))
    return np.array(parent)


def joining(parent: np.ndarray, count: int, start: int) -> np.ndarray:
    """`[count]` int: the number of steps up the hierarchy `parent` from superpixel `start` until the region contains
    each of the superpixels; `NONE` if it never does."""
    steps = np.full(len(parent), NONE)
    region, step = start, 0
    while region != NONE:
        steps[region], region, step = step, parent[region], step + 1
    up, found = parent.tolist(), steps.tolist()
    for region in range(len(up) - 1, -1, -1):
        if found[region] == NONE and up[region] != NONE:
            found[region] = found[up[region]]
    return np.array(found[:count])


@dataclass(frozen=True)
class Graph:
    """S superpixels and the E pairs of them that touch.

    Attributes:
        count: S.
        u, v: `[E]` int, the two ends of each edge, u ascending; no edge twice.
    """

    count: int
    u: np.ndarray
    v: np.ndarray

    @cached_property
    def adjacency(self) -> csr_array:
        """`[S, S]` int32: 1 where two superpixels touch."""
        ends = np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u])
        return csr_array((np.ones(2 * len(self.u), np.int32), ends), shape=(self.count, self.count))

    def grown(self, masks: np.ndarray, steps: int) -> np.ndarray:
        """`[C, S]` bool: masks `[C, S]` bool with all superpixels that are at most `steps` edges away."""
        found = masks.T.copy(order="C")
        for _ in range(steps):
            found |= (self.adjacency @ found.view(np.uint8)) > 0
        return found.T

    def components(self, linked: np.ndarray) -> np.ndarray:
        """`[..., S]` int: the component of each superpixel, where `linked` `[..., E]` says which pairs are connected.
        No number occurs in two of the `...`."""
        rows, edge = np.divmod(np.flatnonzero(linked), max(len(self.u), 1))
        nodes = math.prod(linked.shape[:-1]) * self.count
        first, second = (rows * self.count + ends[edge] for ends in (self.u, self.v))
        begins = np.zeros(nodes + 1, np.int32)
        begins[1:] = np.cumsum(np.bincount(first, minlength=nodes))
        links = csr_array((np.ones(len(second)), second.astype(np.int32), begins), shape=(nodes, nodes))
        return connected_components(links, directed=False)[1].reshape(*linked.shape[:-1], self.count)

    def reached(self, linked: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """`[..., S]` bool: the components of pairs `linked` `[..., E]` that contain one of `seeds` `[..., S]` bool."""
        label = self.components(linked)
        kept = np.zeros(label.size, bool)
        kept[label[seeds]] = True
        return kept[label]

    def containing(self, masks: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """`[..., S]` bool: the components of masks that contain seeds, which are `[..., S]` bool, inside the masks."""
        return self.reached(masks[..., self.u] & masks[..., self.v], seeds)


@dataclass(frozen=True)
class Costs:
    """
    Attributes:
        cut: `[E]`, of having an edge of the graph in the outline.
        not_object: `[S]`, of labelling a superpixel background.
        not_background: `[S]`, of labelling it object.
    """

    cut: np.ndarray
    not_object: np.ndarray
    not_background: np.ndarray


def overlap(patches: Superpixels, one: np.ndarray, other: np.ndarray) -> float:
    """The intersection over union of two masks `[S]` bool, by area."""
    return float(patches.area[one & other].sum() / max(patches.area[one | other].sum(), 1))


@dataclass(frozen=True)
class FlowNetwork:
    """A graph with a source and a sink, laid out once for any number of cuts.

    Attributes:
        begins, ends: a sparse matrix's `indptr` and `indices`: all edges in both directions.
        position: `[2 E + 2 S]` int, of each capacity in the matrix's data: from u to v, from v to u, from the source,
            to the sink.
    """

    begins: np.ndarray
    ends: np.ndarray
    position: np.ndarray

    @classmethod
    def of(cls, graph: Graph) -> FlowNetwork:
        nodes = np.arange(graph.count)
        source, sink = np.full(graph.count, graph.count), np.full(graph.count, graph.count + 1)
        # the last two carry nothing; SciPy would add them for each cut
        rows = np.concatenate([graph.u, graph.v, source, nodes, nodes, sink])
        columns = np.concatenate([graph.v, graph.u, nodes, sink, source, nodes])
        order = np.lexsort((columns, rows))
        position = np.empty(len(order), int)
        position[order] = np.arange(len(order))
        begins = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=graph.count + 2))])
        return cls(begins.astype(np.int32), columns[order].astype(np.int32), position[: -2 * graph.count])

    def cut(self, costs: Costs) -> np.ndarray:
        """`[S]` bool: the superpixels of the object, by the minimum cut into object and background (Boykov and Jolly,
        "Interactive graph cuts", ICCV 2001); of several such cuts, the smallest object."""
        count = len(costs.not_object)
        capacity = np.zeros(len(self.ends), np.int32)
        each = np.concatenate([costs.cut, costs.cut, costs.not_object, costs.not_background])
        capacity[self.position] = np.minimum(each, FIXED) * FINE
        flow = maximum_flow(self._matrix(capacity, self.ends, self.begins), count, count + 1).flow
        if not np.array_equal(flow.indices, self.ends):  # so far it is, as all edges are there in both directions
            raise RuntimeError(
                "SciPy's maximum flow should have the layout of its network, and has another. "
                f"Report this with the version of SciPy, {scipy.__version__}, and install an earlier one."
            )
        left = capacity - flow.data
        open_ = left > 0
        begins = np.concatenate([[0], np.cumsum(open_)])[self.begins].astype(np.int32)
        residual = self._matrix(left[open_], self.ends[open_], begins)
        mask = np.zeros(count + 2, bool)
        mask[breadth_first_order(residual, count, return_predecessors=False)] = True
        return mask[:count]

    def _matrix(self, data: np.ndarray, ends: np.ndarray, begins: np.ndarray) -> csr_array:
        size = len(self.begins) - 1
        return csr_array((data, ends, begins), shape=(size, size))
