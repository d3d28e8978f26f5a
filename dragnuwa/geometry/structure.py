"""The cameras of a clip, from points that were followed through it: structure from motion.

Two frames that lie far apart are related by the essential matrix (Nister, "An efficient solution to the five-point
relative pose problem", 2004), the others are placed by the points that these show, and all cameras and points are then
adjusted together (`bundle_adjustment`).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ..common.interrupt import checkpoint
from .bundle_adjustment import Cameras, Free, adjusted

KEYS = 24  # frames that are adjusted together with the points
FEWEST = 24  # points that two frames have to share
ROUNDS = 3  # of adjusting, without the outliers of the last one
MOST_POINTS = 0.8  # of all: those on near things may be few, and are what tells that the camera travels
LEAST_PARALLAX = 0.4  # px, error of a camera that only turns, from which it may travel
PARALLAX = 3.0  # times the error of one that travels
ANGLE = 0.5  # degrees between the rays of a point, from which its distance is known
NEAREST, FARTHEST = 1e-3, 1e4  # distances of points, in units of the first baseline
TOLD = 0.9  # of the error that another focal length has to leave at most
MOST_FACTOR = 3.0  # between a focal length and its guess
WEIGHTED = 12  # rounds of the robust rotation between two frames


class Undetermined(ValueError):
    """The points do not tell how the camera moved."""


def solve_cameras(tracks: np.ndarray, focal: float, *, fixed_focal: bool) -> Cameras:
    """The camera in each frame.

    Args:
        tracks: `[N, T, 2]` px from the middle of the picture; NaN where a point is not seen.
        focal: px; a guess unless it is fixed.
        fixed_focal: whether it is known. A camera that does not travel tells it too little, and keeps the guess; it
            may zoom.

    Raises:
        Undetermined: if too few points are seen in frames that follow one another.
    """
    count = tracks.shape[1]
    keys = np.unique(np.linspace(0, count - 1, min(count, KEYS)).round().astype(int))
    useful = np.isfinite(tracks[:, keys, 0]).sum(1) >= 2
    own = tracks[useful][:, keys]
    turning = _turning(own, focal)
    found = turning if fixed_focal else _with_own_focal(turning, own)
    if _most_off(found, own, own) > LEAST_PARALLAX:
        travelling = _travelling(own, turning, fixed_focal)
        if travelling is not None and _tells_travel(found, travelling, own):
            found = travelling
    found = _at_all(found, keys, tracks[useful])
    points = np.full((len(tracks), 3), np.nan)
    points[useful] = found.points
    return replace(found, points=points)


def _tells_travel(turning: Cameras, travelling: Cameras, tracks: np.ndarray) -> bool:
    """Whether a camera that only turns explains the tracks far worse than one that travels."""
    known = travelling.seen()
    return _most_off(turning, tracks, known) > PARALLAX * _most_off(travelling, tracks, known)


def _most_off(cameras: Cameras, tracks: np.ndarray, among: np.ndarray) -> float:
    """px, up to which most points are from where they should be, of those that are somewhere `among` `[N, T, 2]`."""
    off = np.linalg.norm(cameras.seen() - tracks, axis=-1)
    off = off[np.isfinite(off) & np.isfinite(among[..., 0])]
    return float(np.quantile(off, MOST_POINTS)) if len(off) else np.inf


def _with_own_focal(turning: Cameras, tracks: np.ndarray) -> Cameras:
    """How far a camera turns says which focal length it has, if it turns enough; otherwise that is the guess."""
    freed = adjusted(turning, tracks, Free(zoom=True), first_too=True)
    factor = freed.focal[0] / turning.focal[0]
    told = freed.error < TOLD * turning.error and 1 / MOST_FACTOR < factor < MOST_FACTOR
    if not told:
        return turning
    back = freed.rotation[0].T  # the first one is the origin
    return replace(freed, rotation=freed.rotation @ back, points=freed.points @ back)


def _turning(tracks: np.ndarray, focal: float) -> Cameras:
    """A camera that turns and zooms in its place; the first focal length is the given one."""
    frames = tracks.shape[1]
    rotation = np.tile(np.eye(3), (frames, 1, 1))
    for time in range(1, frames):
        checkpoint()
        both = np.isfinite(tracks[:, [time - 1, time], 0]).all(1)
        if both.sum() < FEWEST:
            raise Undetermined(f"only {int(both.sum())} points are seen in two frames one after the other")
        rotation[time] = (
            _rotation(*(_rays(tracks[both, each], focal) for each in (time - 1, time))) @ rotation[time - 1]
        )
    points = np.nanmedian(np.einsum("tji,ntj->nti", rotation, _rays(tracks, focal)), axis=1)
    start = Cameras(rotation, np.zeros((frames, 3)), np.full(frames, focal), points, False, np.inf)
    return adjusted(start, tracks, Free(zoom=True))


def _rays(positions: np.ndarray, focal: float) -> np.ndarray:
    """`[..., 3]`, of length 1."""
    found = np.concatenate([positions / focal, np.ones_like(positions[..., :1])], -1)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def _rotation(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """`[3, 3]`, that takes most directions `[n, 3]` to others."""
    weight = np.ones(len(source))
    for _ in range(WEIGHTED):
        left, _, right = np.linalg.svd(np.einsum("n,ni,nj->ij", weight, target, source))
        turn = left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right
        error = np.linalg.norm(source @ turn.T - target, axis=1)
        weight = 1 / (1 + (error / max(float(np.median(error)), 1e-6)) ** 2)
    return turn


def _travelling(tracks: np.ndarray, turning: Cameras, fixed_focal: bool) -> Cameras | None:
    """A camera that also leaves its place; None if no two frames tell."""
    focal, frames = float(turning.focal[0]), tracks.shape[1]
    first = _first_pair(tracks, turning, focal)
    if first is None:
        return None
    number, turn, shift = first
    rotation, translation = np.tile(np.eye(3), (frames, 1, 1)), np.zeros((frames, 3))
    rotation[number], translation[number] = turn, shift
    solved = [0, number]
    while len(solved) < frames:
        checkpoint()
        points = _triangulated(tracks[:, solved], rotation[solved], translation[solved], focal)
        left = [time for time in range(frames) if time not in solved]
        shared = [int((np.isfinite(points[:, 0]) & np.isfinite(tracks[:, time, 0])).sum()) for time in left]
        time = left[int(np.argmax(shared))]
        near = min(solved, key=lambda each: abs(each - time))
        placed = _placed(points, tracks[:, time], (rotation[near], translation[near]), focal)
        if placed is None:
            return None
        rotation[time], translation[time] = placed
        solved.append(time)
    points = _triangulated(tracks, rotation, translation, focal)
    start = Cameras(rotation, translation, np.full(frames, focal), points, True, np.inf)
    for _ in range(ROUNDS):
        start = adjusted(start, tracks, Free(travel=True, focal=not fixed_focal))
        again = _triangulated(tracks, start.rotation, start.translation, float(start.focal[0]))
        known = np.isfinite(start.points[:, 0])
        start = replace(start, points=np.where(known[:, None], start.points, again))
    return start


def _first_pair(tracks: np.ndarray, turning: Cameras, focal: float) -> tuple[int, np.ndarray, np.ndarray] | None:
    """The frame that shows most parallax against the first one, with its rotation and direction of travel."""
    turned = replace(turning, points=_rays(tracks[:, 0], focal)).seen()
    away = np.linalg.norm(turned - tracks, axis=-1)  # [N, T]
    shared = np.isfinite(tracks[:, :1, 0]) & np.isfinite(tracks[..., 0])
    parallax = [
        float(np.median(away[shared[:, time] & np.isfinite(away[:, time]), time]))
        if shared[:, time].sum() >= FEWEST else -1.0
        for time in range(tracks.shape[1])
    ]  # fmt: skip
    number = int(np.argmax(parallax))
    if number == 0 or parallax[number] < 0:
        return None
    both = shared[:, number]
    pair = [np.ascontiguousarray(tracks[both, time] / focal) for time in (0, number)]
    cv2.setRNGSeed(0)  # the same result for the same clip
    essential, inside = cv2.findEssentialMat(*pair, np.eye(3), method=cv2.USAC_MAGSAC, prob=0.9999, threshold=1 / focal)
    if essential is None or essential.shape != (3, 3):
        return None
    count, turn, shift, _ = cv2.recoverPose(essential, *pair, np.eye(3), mask=inside)
    return (number, turn, shift[:, 0]) if count >= FEWEST // 2 else None


def _triangulated(tracks: np.ndarray, rotation: np.ndarray, translation: np.ndarray, focal: float) -> np.ndarray:
    """`[N, 3]`: points from where cameras see them; NaN where their rays hardly differ, or meet behind a camera."""
    seen = np.isfinite(tracks[..., 0])  # [N, T]
    x, y = np.nan_to_num(np.moveaxis(tracks / focal, -1, 0))
    camera = np.concatenate([rotation, translation[..., None]], -1)  # [T, 3, 4]
    rows = np.stack(
        [part[..., None] * camera[None, :, 2] - camera[None, :, axis] for axis, part in enumerate((x, y))], 2
    )  # [N, T, 2, 4]
    rows = (rows * seen[..., None, None]).reshape(len(tracks), -1, 4)
    point = np.linalg.svd(rows.transpose(0, 2, 1) @ rows)[2][:, -1]  # [N, 4]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = point[:, :3] / point[:, 3:]
    depth = np.einsum("tj,nj->nt", rotation[:, 2], found) + translation[:, 2]
    centres = -np.einsum("tji,tj->ti", rotation, translation)
    ways = found[:, None] - centres
    with np.errstate(divide="ignore", invalid="ignore"):
        ways /= np.linalg.norm(ways, axis=-1, keepdims=True)
        most, least = (np.where(seen[..., None], ways, beyond) for beyond in (-np.inf, np.inf))
        spread = np.linalg.norm(most.max(1) - least.min(1), axis=1)
    ahead = np.where(seen, depth, 1.0)
    good = ((ahead > NEAREST) & (ahead < FARTHEST)).all(1) & (spread > np.radians(ANGLE)) & (seen.sum(1) >= 2)
    return np.where(good[:, None], found, np.nan)


def _placed(
    points: np.ndarray, positions: np.ndarray, guess: tuple[np.ndarray, np.ndarray], focal: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """The rotation and translation of the camera that sees points at positions; None if too few are seen."""
    both = np.isfinite(points[:, 0]) & np.isfinite(positions[:, 0])
    if both.sum() < FEWEST // 2:
        return None
    turn, shift = cv2.Rodrigues(guess[0])[0], guess[1][:, None].copy()
    seen = points[both], positions[both] / focal, np.eye(3), None
    cv2.setRNGSeed(0)
    done, turn, shift, _ = cv2.solvePnPRansac(
        *seen, turn, shift, useExtrinsicGuess=True, iterationsCount=200, reprojectionError=2 / focal
    )
    return (cv2.Rodrigues(turn)[0], shift[:, 0]) if done else None


def _at_all(found: Cameras, keys: np.ndarray, tracks: np.ndarray) -> Cameras:
    """The cameras at all frames, from those at some: the others are placed by the points that are known."""
    count = tracks.shape[1]
    if len(keys) == count:
        return found
    nearest = np.abs(np.arange(count)[:, None] - keys).argmin(1)
    start = replace(
        found, rotation=found.rotation[nearest], translation=found.translation[nearest], focal=found.focal[nearest]
    )
    between = np.setdiff1d(np.arange(count), keys)
    part = replace(
        start, rotation=start.rotation[between], translation=start.translation[between], focal=start.focal[between],
        error=np.inf,
    )  # fmt: skip
    free = Free(travel=found.travels, zoom=not found.travels, points=False)
    for _ in range(2):
        part = adjusted(part, tracks[:, between], free, first_too=True)
    rotation, translation, focal = start.rotation.copy(), start.translation.copy(), start.focal.copy()
    rotation[between], translation[between], focal[between] = part.rotation, part.translation, part.focal
    return replace(start, rotation=rotation, translation=translation, focal=focal)
