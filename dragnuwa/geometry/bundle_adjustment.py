"""Bundle adjustment: cameras and points, changed together until the points are seen where they were followed to.

Triggs, McLauchlan, Hartley and Fitzgibbon, "Bundle adjustment: a modern synthesis", 2000. Whatever moves by itself is
an outlier, which the loss limits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial.transform import Rotation

from ..common.interrupt import checkpoint

FEWEST = 100  # places of points, with less of which nothing is adjusted
SCALE, LEAST_SCALE = 0.5, 0.08  # px, of the robust loss, once the error is known that: larger ones count less
OUTLIERS = 8.0  # times that
STEPS = 60  # of the robust fit, at most
MOST_DAMPING, CONVERGED, EPSILON = 1e8, 1e-6, 1e-9


@dataclass(frozen=True)
class Cameras:
    """Cameras at some frames, and the points that they see.

    Attributes:
        rotation: `[T, 3, 3]`, and translation `[T, 3]`: a point X is at rotation @ X + translation for each; the
            identity and 0 for the first. Distances are in an arbitrary unit.
        focal: `[T]` px.
        points: `[N, 3]`; directions, if the camera does not travel. NaN where unknown.
        travels: whether it leaves its place.
        error: px, median distance between where points are and where they should be.
    """

    rotation: np.ndarray
    translation: np.ndarray
    focal: np.ndarray
    points: np.ndarray
    travels: bool
    error: float

    def seen(self) -> np.ndarray:
        """`[N, T, 2]` px from the middle of the picture: where the points should be."""
        there = np.einsum("tij,nj->nti", self.rotation, self.points) + self.translation
        return there[..., :2] / there[..., 2:] * self.focal[:, None]


@dataclass(frozen=True)
class Free:
    """What is adjusted beside rotations: where cameras are; one focal length of all, or one of each; points."""

    travel: bool = False
    focal: bool = False
    zoom: bool = False
    points: bool = True


def adjusted(start: Cameras, tracks: np.ndarray, free: Free, first_too: bool = False) -> Cameras:
    """The cameras and points that are seen where they were followed to; points that are not are unknown afterwards.

    Args:
        first_too: whether the first camera is adjusted as the others are.
    """
    checkpoint()
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.linalg.norm(start.seen() - tracks, axis=-1)
        ahead = np.einsum("tj,nj->nt", start.rotation[:, 2], start.points) + start.translation[:, 2] > 0
    scale = SCALE
    if np.isfinite(start.error):  # otherwise the guess is not good enough to tell outliers
        scale = min(SCALE, max(LEAST_SCALE, 2 * start.error))
        off[off > OUTLIERS * scale] = np.nan
    which, when = np.nonzero(np.isfinite(off) & ahead)
    if len(which) < FEWEST:
        return start
    problem = _Problem(start, tracks[which, when], which, when, free, first_too)
    change = _least(problem, scale)
    left = np.linalg.norm(problem.residuals(change).reshape(-1, 2), axis=1)
    return replace(problem.cameras(change), error=float(np.median(left)))


def _least(problem: _Problem, scale: float) -> np.ndarray:
    """The change that leaves the least robust error: Levenberg-Marquardt, in which the Schur complement eliminates the
    points, since cameras are few."""
    change, damping, cost = np.zeros(problem.size), 1e-3, None
    for _ in range(STEPS):
        checkpoint()
        residuals = problem.residuals(change)
        away = (residuals.reshape(-1, 2) ** 2).sum(1) / scale**2
        cost = _robust(away)
        weight = np.repeat((1 + away) ** -0.25, 2)
        jacobian = problem.jacobian(change).multiply(weight[:, None]).tocsr()
        left = weight * residuals
        improved = False
        while damping < MOST_DAMPING and not improved:
            tried = change - problem.step(jacobian, left, damping)
            new = _robust((problem.residuals(tried).reshape(-1, 2) ** 2).sum(1) / scale**2)
            improved = new < cost
            damping = damping / 5 if improved else damping * 4
        if not improved:
            break
        change = tried
        if cost - new < CONVERGED * cost:
            break
    return change


def _robust(away: np.ndarray) -> float:
    """The sum of soft L1 losses of squared distances in units of its scale."""
    return float((2 * (np.sqrt(1 + away) - 1)).sum()) if np.isfinite(away).all() else np.inf


class _Problem:
    """The distances between points and where they were followed to, as a function of small changes of a start."""

    def __init__(
        self, start: Cameras, positions: np.ndarray, which: np.ndarray, when: np.ndarray, free: Free, first_too: bool
    ):
        self.start, self.positions, self.which, self.when, self.free = start, positions, which, when, free
        frames, fixed = len(start.focal), 0 if first_too else 1
        camera = np.where(np.arange(frames) >= fixed, np.arange(frames) - fixed, -1)
        self.of_camera, moving = camera[when], frames - fixed
        self.columns, size = {}, 0
        for name, wanted, width in (
            ("rotation", True, 3 * moving), ("translation", free.travel, 3 * moving),
            ("focal", free.focal or free.zoom, moving if free.zoom else 1),
            ("points", free.points, 3 * len(start.points)),
        ):  # fmt: skip
            if wanted:
                self.columns[name] = slice(size, size + width)
                size += width
        self.size = size
        self.adjustable = camera >= 0

    def cameras(self, change: np.ndarray) -> Cameras:
        """The start with a change."""
        start, adjustable, parts = self.start, self.adjustable, self._parts(change)
        rotation, translation, focal = start.rotation.copy(), start.translation.copy(), start.focal.copy()
        rotation[adjustable] = Rotation.from_rotvec(parts["rotation"]).as_matrix() @ rotation[adjustable]
        if "translation" in parts:
            translation[adjustable] += parts["translation"]
        if "focal" in parts:
            own = parts["focal"] if self.free.zoom else np.full(adjustable.sum(), parts["focal"][0])
            focal[adjustable] *= np.exp(own)
            if not self.free.zoom:
                focal[:] = start.focal * np.exp(parts["focal"][0])
        points = start.points + parts["points"] if "points" in parts else start.points
        return replace(start, rotation=rotation, translation=translation, focal=focal, points=points)

    def _parts(self, change: np.ndarray) -> dict[str, np.ndarray]:
        parts = {name: change[columns] for name, columns in self.columns.items()}
        return {name: part if name == "focal" else part.reshape(-1, 3) for name, part in parts.items()}

    def _there(self, cameras: Cameras) -> np.ndarray:
        """`[n, 3]`: the points as their cameras have them."""
        rotation, points = cameras.rotation[self.when], cameras.points[self.which]
        return np.einsum("nij,nj->ni", rotation, points) + cameras.translation[self.when]

    def residuals(self, change: np.ndarray) -> np.ndarray:
        cameras = self.cameras(change)
        there = self._there(cameras)
        seen = there[:, :2] / there[:, 2:] * cameras.focal[self.when][:, None]
        return (seen - self.positions).ravel()

    def step(self, jacobian: csr_array, left: np.ndarray, damping: float) -> np.ndarray:
        """The change that would take away what is left, if it were linear."""
        points = self.columns.get("points", slice(self.size, self.size))
        of_cameras = jacobian[:, : points.start]
        own, gradient = (of_cameras.T @ of_cameras).toarray(), jacobian.T @ left
        own[np.diag_indices_from(own)] *= 1 + damping
        own[np.diag_indices_from(own)] += EPSILON
        if points.start == points.stop:
            return np.linalg.solve(own, gradient)
        of_points = jacobian[:, points]
        blocks = _blocks((of_points.T @ of_points).tocoo(), len(self.start.points))  # [N, 3, 3]
        diagonal = np.einsum("nii->ni", blocks)  # a view
        diagonal *= 1 + damping
        diagonal += EPSILON * (1 + diagonal.max(1, keepdims=True))
        inverse = _matrix_of(np.linalg.inv(blocks))
        both = (of_cameras.T @ of_points).tocsr()
        by_points = both @ inverse
        reduced = own - (by_points @ both.T).toarray()
        first = np.linalg.solve(reduced, gradient[: points.start] - by_points @ gradient[points])
        return np.concatenate([first, inverse @ (gradient[points] - both.T @ first)])

    def jacobian(self, change: np.ndarray) -> csr_array:
        """Rotations are taken to change about where they are: exact at the start, and nearly so around it."""
        cameras = self.cameras(change)
        there, count = self._there(cameras), len(self.which)
        focal = cameras.focal[self.when]
        scale = focal / there[:, 2]
        by_place = np.zeros((count, 2, 3))  # of the position in the picture, by the place
        by_place[:, 0, 0] = by_place[:, 1, 1] = scale
        by_place[:, :, 2] = -there[:, :2] * (scale / there[:, 2])[:, None]
        turned = there - cameras.translation[self.when]
        x, y, z = turned.T
        zero = np.zeros(count)
        by_turn = np.stack([zero, z, -y, -z, zero, x, y, -x, zero], -1).reshape(count, 3, 3)
        blocks = {"rotation": (by_place @ by_turn, self.of_camera), "translation": (by_place, self.of_camera)}
        blocks["points"] = by_place @ cameras.rotation[self.when], self.which
        rows, columns, values = [], [], []
        row = 2 * np.arange(count)[:, None, None] + np.arange(2)[:, None]  # [n, 2, 1]
        for name, (block, owner) in blocks.items():
            if name not in self.columns:
                continue
            column = self.columns[name].start + 3 * owner[:, None, None] + np.arange(3)
            use = np.broadcast_to((owner >= 0)[:, None, None], block.shape)
            rows.append(np.broadcast_to(row, block.shape)[use])
            columns.append(np.broadcast_to(column, block.shape)[use])
            values.append(block[use])
        if "focal" in self.columns:
            seen = there[:, :2] * scale[:, None]
            owner = self.of_camera if self.free.zoom else np.zeros(count, int)
            use = np.broadcast_to((owner >= 0)[:, None], seen.shape)
            rows.append(np.broadcast_to(row[..., 0], seen.shape)[use])
            columns.append(np.broadcast_to((self.columns["focal"].start + owner)[:, None], seen.shape)[use])
            values.append(seen[use])
        entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        return csr_array(entries, shape=(2 * count, self.size))


def _blocks(matrix: coo_array, count: int) -> np.ndarray:
    """`[count, 3, 3]` along the diagonal of a matrix that has no others."""
    found = np.zeros((count, 3, 3))
    row, column = matrix.coords
    np.add.at(found, (row // 3, row % 3, column % 3), matrix.data)
    return found


def _matrix_of(blocks: np.ndarray) -> csr_array:
    """The matrix with blocks `[N, 3, 3]` along its diagonal."""
    count = len(blocks)
    rows = np.broadcast_to((3 * np.arange(count)[:, None] + np.arange(3))[..., None], blocks.shape)
    return csr_array((blocks.ravel(), (rows.ravel(), rows.transpose(0, 2, 1).ravel())), shape=(3 * count, 3 * count))
