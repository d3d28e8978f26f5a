"""As-rigid-as-possible deformation of a mesh (Sorkine and Alexa, "As-rigid-as-possible surface modeling", 2007; in the
plane Igarashi, Moscovich and Hughes, "As-rigid-as-possible shape manipulation", 2005).

Minimises  E = sum over edges ij of w_ij |(q_j - q_i) - r_i (p_j - p_i)|^2  over points q and rotations r, in turn: the
rotations in closed form (in the plane, a complex sum over its length), then the points from one linear system, which is
factorised once. Rotations are smoothed, as by Levi and Gotsman ("Smooth rotation enhanced as-rigid-as-possible mesh
animation", 2015), over a length that is the stiffness. What the pins leave open, such as the turn about a single one,
is decided by a weak pull towards rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from .mesh import Mesh, signed_areas
from .pins import Pins

ROUNDS = 150  # at most, for each frame; 15 are usual
MEMORY = 5  # rounds that the acceleration combines
WORSE = 2.0  # times the least change so far: then it begins anew
REGULAR = 1e-10
SETTLED = 1e-5  # of the shape's size, by which no point may move any more in a round
LAZY = 0.03  # weight with which a whole shape rests where it is, in edges: what no pin decides stays nearly there
LEANS = 1.0  # weight with which each point at the picture's edge rests, in edges
PINNED = 1e6  # weight of a pin, in edges
STIFFEST = 0.3  # of sqrt(area): the length over which the stiffest shape's rotations are smoothed
STIFF = 20.0  # weight of the edges in a stiff area
PIN_RADIUS = 0.1  # of sqrt(area): the radius of what turns and scales with a pin
FOLDED = 0.05  # of its area, below which a triangle is folded
MOST_FOLDED = 0.04  # of the whole area that may be
HALVINGS = 6  # of the way, where a shape folds


@dataclass(frozen=True)
class Bent:
    """
    Attributes:
        points: `[T, n]` complex, the points of the mesh in each frame.
        reached: `[T]` from 0 to 1: how much of the pins' way the shape follows before it would turn inside out.
    """

    points: np.ndarray
    reached: np.ndarray


def bend(mesh: Mesh, pins: Pins, stiffness: float = 0.5, stiff: np.ndarray | None = None) -> Bent:
    """
    Args:
        mesh: of the shape.
        pins: at least one.
        stiffness: from 0, soft, to 1.
        stiff: `[n]` bool, which points of the mesh hardly bend.
    """
    system = _System(mesh, pins, stiffness, stiff)
    frames = pins.moved.shape[1]
    points, reached = np.empty((frames, len(mesh.points)), complex), np.ones(frames)
    held, now = system.rest, mesh.points
    for time in range(frames):
        asked = system.targets(pins, time)
        if np.abs(asked - system.rest).max() < 1e-9 * mesh.step:
            held, now = system.rest, mesh.points
        else:
            found = system.solve(asked, now)
            if system.folds(found):
                held, now = _as_far_as_possible(system, held, asked, now)
                reached[time] = 1 - np.abs(asked - held).max() / max(np.abs(asked - system.rest).max(), mesh.step)
            else:
                held, now = asked, found
        points[time] = now
    return Bent(points, reached.clip(0, 1))


def _as_far_as_possible(
    system: _System, held: np.ndarray, asked: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The last targets `[c]` on the way from those `held` before to those `asked` at which the shape is not folded, and
    its points there."""
    low, high, kept = 0.0, 1.0, before
    for _ in range(HALVINGS):
        part = (low + high) / 2
        tried = system.solve(held + part * (asked - held), before)
        if system.folds(tried):
            high = part
        else:
            low, kept = part, tried
    return held + low * (asked - held), kept


class _System:
    """The equations of a mesh with its pins, factorised.

    Attributes:
        rest: `[c]` complex, where each constraint is at rest: the pins, what turns with them, and what stays.
    """

    def __init__(self, mesh: Mesh, pins: Pins, stiffness: float, stiff: np.ndarray | None):
        self.mesh = mesh
        count = len(mesh.points)
        edges, weights = _with_links(mesh, pins)
        if stiff is not None:
            weights = np.where(stiff[edges].all(1), STIFF * weights, weights)
        u, v = edges.T
        adjacent = csr_array(coo_array((np.r_[weights, weights], (np.r_[u, v], np.r_[v, u])), shape=(count,) * 2))
        self.first, self.second = np.r_[u, v], np.r_[v, u]
        self.weight = np.r_[weights, weights]
        self.arm = mesh.points[self.second] - mesh.points[self.first]
        self.group = _groups(count, edges, stiff)
        self.is_grouped = stiff is not None and bool(stiff.any())
        self.inertia = np.bincount(self.first, self.weight * np.abs(self.arm) ** 2, count)
        self.held, self.rest = self._constraints(pins)
        degree = np.bincount(self.first, self.weight, count)
        laplacian = coo_array((degree, (np.arange(count),) * 2), shape=(count,) * 2) - adjacent
        self.pull = PINNED * weights.mean() * self.held.T
        pinned = _pinned_parts(mesh, pins)[mesh.part]
        self.lazy = LAZY * pinned * mesh.areas_of_points / mesh.area * weights.mean()
        self.lazy[pins.cut] += LEANS * weights.mean()
        mass = coo_array((self.lazy, (np.arange(count),) * 2), shape=(count,) * 2)
        self.factorised = splu(csc_array(laplacian + mass + self.pull @ self.held))
        length = STIFFEST * stiffness**2 * mesh.area**0.5
        mass = coo_array((self.inertia, (np.arange(count),) * 2), shape=(count,) * 2)
        self.smoothing = splu(csc_array(mass + length**2 * laplacian)) if length else None
        self.settled = SETTLED * mesh.area**0.5

    def _constraints(self, pins: Pins) -> tuple[csr_array, np.ndarray]:
        corners, shares = self.mesh.located(pins.at)
        self.around, self.of = _surroundings(self.mesh, pins)
        single = np.r_[self.around, pins.stays]
        rows = np.r_[np.repeat(np.arange(len(corners)), 3), len(corners) + np.arange(len(single))]
        columns, values = np.r_[corners.ravel(), single], np.r_[shares.ravel(), np.ones(len(single))]
        shape = len(corners) + len(single), len(self.mesh.points)
        held = csr_array(coo_array((values, (rows.astype(int), columns.astype(int))), shape=shape))
        return held, held @ self.mesh.points

    def targets(self, pins: Pins, time: int) -> np.ndarray:
        """`[c]` complex: where the constraints are in a frame."""
        there = self.rest.copy()
        count, around = len(pins.at), len(self.around)
        there[:count] += pins.moved[:, time]
        if around:
            turn = np.nan_to_num(pins.turned[self.of, time])
            factor = pins.scaled[self.of, time] * np.exp(1j * turn)
            arm = self.rest[count : count + around] - self.rest[self.of]
            there[count : count + around] = there[self.of] + factor * arm
        return there

    def solve(self, targets: np.ndarray, points: np.ndarray) -> np.ndarray:
        """`[n]` complex: the points for the targets `[c]`, from those before, by Anderson's acceleration of the rounds
        (Peng et al., "Anderson acceleration for geometry optimization and physics simulation", 2018)."""
        pulled = self.pull @ targets
        points = self._round(points, pulled)
        results, changes, least = [], [], np.inf
        for _ in range(ROUNDS):
            result = self._round(points, pulled)
            change = result - points
            far = np.abs(change).max()
            if far < self.settled:
                return result
            if far > WORSE * least:
                results, changes = [], []
            least = min(least, far)
            results, changes = [*results[-MEMORY:], result], [*changes[-MEMORY:], change]
            points = _accelerated(results, changes)
        return result

    def _round(self, points: np.ndarray, pulled: np.ndarray) -> np.ndarray:
        """The points `[n]` for the rotations at the points before."""
        turn = self._rotations(points)
        along = self.weight / 2 * (turn[self.first] + turn[self.second]) * self.arm
        right = pulled + self.lazy * self.mesh.points - _summed(self.first, along, len(points))
        solved = self.factorised.solve(np.stack([right.real, right.imag], -1))
        return solved[:, 0] + 1j * solved[:, 1]

    def _rotations(self, points: np.ndarray) -> np.ndarray:
        """`[n]` complex of length 1: the rotation around each point, smooth, and one for each stiff area."""
        moved = points[self.second] - points[self.first]
        turn = self._smoothed(_summed(self.first, self.weight * self.arm.conj() * moved, len(points)))
        if self.is_grouped:
            turn = _summed(self.group, self.inertia * turn, len(points))[self.group]
        length = np.abs(turn)
        return np.where(length > 0, turn / np.maximum(length, np.finfo(float).tiny), 1)

    def _smoothed(self, turn: np.ndarray) -> np.ndarray:
        """Solves  sum over i of D_i |r_i - s_i / D_i|^2 + l^2 sum over ij of w_ij |r_i - r_j|^2  for r."""
        if self.smoothing is None:
            return turn
        solved = self.smoothing.solve(np.stack([turn.real, turn.imag], -1))
        return solved[:, 0] + 1j * solved[:, 1]

    def folds(self, points: np.ndarray) -> bool:
        """Whether too much of the shape is folded."""
        areas = signed_areas(points[self.mesh.triangles])
        return self.mesh.areas[areas < FOLDED * self.mesh.areas].sum() > MOST_FOLDED * self.mesh.area


def _accelerated(results: list[np.ndarray], changes: list[np.ndarray]) -> np.ndarray:
    """The combination of the last results whose changes cancel best."""
    if len(changes) < 2:
        return results[-1]
    steps = np.diff(np.array(changes), axis=0)  # [m, n]
    moves = np.diff(np.array(results), axis=0)
    normal = (steps.conj() @ steps.T).real
    normal[np.diag_indices(len(normal))] *= 1 + REGULAR
    shares = np.linalg.lstsq(normal, (steps.conj() @ changes[-1]).real, rcond=None)[0]
    return results[-1] - shares @ moves


def _summed(of: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(of, values.real, count) + 1j * np.bincount(of, values.imag, count)


def _surroundings(mesh: Mesh, pins: Pins) -> tuple[np.ndarray, np.ndarray]:
    """The points around the pins that turn or scale, each around the nearest one, and the number of that pin."""
    driven = np.flatnonzero(~np.isnan(pins.turned).all(1) | (pins.scaled != 1).any(1))
    if not len(driven):
        return driven, driven
    way = np.abs(mesh.points[:, None] - pins.at)  # [n, k]
    of = way.argmin(1)
    near = np.isin(of, driven) & (way.min(1) <= max(PIN_RADIUS * mesh.area**0.5, 1.5 * mesh.step))
    return np.flatnonzero(near), of[near]


def _with_links(mesh: Mesh, pins: Pins) -> tuple[np.ndarray, np.ndarray]:
    """The edges and their weights, with the links of the parts that have no pin to those that have."""
    reached = _pinned_parts(mesh, pins)
    ties = []
    todo = list(mesh.links)
    while todo:
        ends = [reached[mesh.part[link[:, 0]]] for link in todo]
        ready = next((k for k, end in enumerate(ends) if end.any()), None)
        if ready is None:
            break
        link = todo.pop(ready)
        if not ends[ready].all():
            ties.append(link.T)
            reached[mesh.part[link[:, 0]]] = True
    if not ties:
        return mesh.edges, mesh.weights
    added = np.concatenate(ties)
    return np.concatenate([mesh.edges, added]), np.concatenate([mesh.weights, np.ones(len(added))])


def _pinned_parts(mesh: Mesh, pins: Pins) -> np.ndarray:
    """`[parts]` bool: which parts have a pin, or stay."""
    pinned = np.zeros(mesh.part.max() + 1, bool)
    pinned[mesh.part[mesh.located(pins.at)[0][:, 0]]] = True
    pinned[mesh.part[pins.stays]] = True
    return pinned


def _groups(count: int, edges: np.ndarray, stiff: np.ndarray | None) -> np.ndarray:
    """`[n]` int: the points that share one rotation: those of a connected stiff area."""
    if stiff is None or not stiff.any():
        return np.arange(count)
    u, v = edges[stiff[edges].all(1)].T
    return connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(count,) * 2), directed=False)[1]
