"""A camera path as the files of other tools hold it: a pose and a focal length for each of its frames.

Cameras look along +z, with x to the right and y down, as in OpenCV. Formats with other axes convert them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.spatial.transform import Rotation, Slerp

from ....common.errors import InputError
from ....trajectory.checks import describe
from ...settings import MATRICES
from ..camera import PinholeCamera, centred, focal_of
from ..path import focus_of
from ..scene import DepthScene
from .text import WHAT, few_enough

NOT_ROTATED = 1e-2  # by which a rotation may differ from a true one
MAX_DISTANCE = 1e6  # units of the file
MAX_ZOOM = 100.0
Where = Callable[[int], str]
"""The name of a pose by its index, for messages."""


@dataclass(frozen=True)
class Lens:
    """Focal lengths of the first frame, in parts of the picture's sides; None where a file does not say it.

    Attributes:
        across: in parts of the width.
        down: in parts of the height.
    """

    across: float | None = None
    down: float | None = None


@dataclass(frozen=True)
class Poses:
    """
    Attributes:
        matrices: `[N, 4, 4]`, from each camera to the first one, whose matrix is the identity.
        zoom: `[N, 2]`, focal lengths across and down, in parts of the first frame's.
        lens: of the first frame.
        left_out: what else the file says, a sentence each.
    """

    matrices: np.ndarray
    zoom: np.ndarray
    lens: Lens = Lens()
    left_out: tuple[str, ...] = ()

    def at_frames(self, frames: int) -> Poses:
        """The same path with another number of poses at equal times. Places are interpolated by PCHIP, rotations along
        the shortest way (slerp)."""
        count = len(self.matrices)
        if count == frames:
            return self
        own, times = np.linspace(0, 1, count), np.linspace(0, 1, frames)
        found = np.tile(np.eye(4), (frames, 1, 1))
        found[1:, :3, 3] = PchipInterpolator(own, self.matrices[:, :3, 3])(times[1:])
        found[1:, :3, :3] = Slerp(own, Rotation.from_matrix(self.matrices[:, :3, :3]))(times[1:]).as_matrix()
        zoom = np.concatenate([self.zoom[:1], PchipInterpolator(own, self.zoom)(times[1:])])
        return Poses(found, zoom, self.lens, self.left_out)

    def cameras(self, scene: DepthScene, focus: tuple[float, float], frames: int, scale: float) -> list[PinholeCamera]:
        """The cameras of a picture that move so.

        Args:
            focus: (x, y) in fractions of the picture.
            scale: how much of the distance to the focus a unit of the path is.
        """
        unit = scale * float(focus_of(scene, focus)[2])
        return self.at_frames(frames)._pinholes(scene.intrinsics, scene.size, unit)

    def on_pictures(self, size: tuple[int, int], angle: float) -> list[PinholeCamera]:
        """The cameras as they are, in units of the path.

        Args:
            size: (width, height) of the pictures in pixels.
            angle: degrees that the longer side shows where the lens is not known.
        """
        width, height = size
        across, down = self.lens.across, self.lens.down
        if across is None and down is None:
            focal = (focal_of(angle, size),) * 2
        else:  # pixels are square where one of the two is not known
            x = width * across if across is not None else height * down
            focal = (x, height * down if down is not None else x)
        return self._pinholes(centred(*focal, size), size, 1.0)

    def _pinholes(self, intrinsics: np.ndarray, size: tuple[int, int], unit: float) -> list[PinholeCamera]:
        cameras = []
        for matrix, zoom in zip(self.matrices, self.zoom, strict=True):
            own, turn = intrinsics.copy(), matrix[:3, :3].T
            own[[0, 1], [0, 1]] *= zoom
            cameras.append(PinholeCamera(turn, -turn @ matrix[:3, 3] * unit, own, size))
        return cameras


@dataclass(frozen=True)
class Choices:
    """What is read where a file leaves it open.

    Attributes:
        matrices: of `MATRICES`, what its matrices are.
        camera: the number of the camera, of a file with several.

    Raises:
        InputError: if matrices is something else.
    """

    matrices: str = MATRICES[0]
    camera: int = 1

    def __post_init__(self):
        if self.matrices not in MATRICES:
            raise InputError(f"matrices should be one of {', '.join(MATRICES)}; found {describe(self.matrices)}.")


def poses_of(
    rows: Sequence[Sequence[float]],
    kind: str,
    where: Where,
    focal: np.ndarray | None = None,
    lens: Lens | None = None,
    axes: np.ndarray | None = None,
) -> Poses:
    """Checked poses, relative to the first one.

    Args:
        rows: matrices row by row, 12 or 16 numbers each.
        kind: of `MATRICES`.
        where: names a pose.
        focal: `[N, 2]`, focal lengths across and down in any unit.
        axes: `[3, 3]`, from our axes to those of the file's cameras; by default the same.

    Raises:
        InputError: if there are fewer than two poses or too many, a matrix is not a rotation and a place, or a focal
            length is not above 0.
    """
    few_enough(len(rows))
    if len(rows) < 2:
        raise InputError(
            f"{WHAT} should have at least two poses, since the first is that of the picture; found {len(rows)}. Add "
            "the poses that follow."
        )
    found = np.array([row if len(row) == 16 else [*row, 0, 0, 0, 1] for row in rows], float).reshape(-1, 4, 4)
    _check(found, where)
    left, _, right = np.linalg.svd(found[:, :3, :3])
    found[:, :3, :3] = left @ right
    if kind == "w2c":
        found = _inverse(found)
    if axes is not None:
        change = np.eye(4)
        change[:3, :3] = axes
        found = np.linalg.inv(change) @ found @ change
    relative = _inverse(found[:1]) @ found
    relative[0] = np.eye(4)
    return Poses(relative, _zoom(focal, len(rows), where), lens or Lens())


def matrices_of(quaternions: np.ndarray, places: np.ndarray, where: Where) -> list[list[float]]:
    """The 3x4 matrices, row by row, of quaternions x, y, z, w `[N, 4]` and translations `[N, 3]`. Raises InputError
    unless all quaternions are of length 1."""
    lengths = np.linalg.norm(quaternions, axis=1)
    _first(
        ~(np.abs(lengths - 1) <= NOT_ROTATED),  # NaN, too
        where,
        "the quaternion should be of length 1, but it is not. Export the path again.",
    )
    turns = Rotation.from_quat(quaternions).as_matrix() if len(quaternions) else np.empty((0, 3, 3))
    return np.concatenate([turns, places[..., None]], 2).reshape(-1, 12).tolist()


def _check(matrices: np.ndarray, where: Where) -> None:
    turns, positions = matrices[:, :3, :3], matrices[:, :3, 3]
    with np.errstate(over="ignore", invalid="ignore"):
        bottom = np.abs(matrices[:, 3] - (0, 0, 0, 1)).max(1)
        error = np.abs(turns @ turns.transpose(0, 2, 1) - np.eye(3)).max((1, 2))
    _first(
        ~np.isfinite(matrices).all((1, 2)),
        where,
        "the matrix should have finite numbers, but it has NaN or infinite ones. Export the path again.",
    )
    _first(
        bottom > NOT_ROTATED,
        where,
        "the last row of the matrix should be 0 0 0 1, but it is not. Write its rows, not its columns, one after "
        "another.",
    )
    _first(
        error > NOT_ROTATED,
        where,
        "the first three columns of the matrix should be a rotation, but they are not. Remove scaling and shear from "
        "the camera, and export the path again.",
    )
    _first(
        np.linalg.det(turns) < 0,
        where,
        "the matrix should be a rotation, but it mirrors. Export the path with right-handed axes.",
    )
    _first(
        np.abs(positions).max(1) > MAX_DISTANCE,
        where,
        "the camera should be at most 1,000,000 units away, but it is farther. Export the path in larger units.",
    )


def _first(wrong: np.ndarray, where: Where, message: str) -> None:
    if wrong.any():
        raise InputError(f"{where(int(np.argmax(wrong)))}: {message}")


def _inverse(matrices: np.ndarray) -> np.ndarray:
    """Of rotations with positions, `[N, 4, 4]`."""
    found = np.tile(np.eye(4), (len(matrices), 1, 1))
    found[:, :3, :3] = matrices[:, :3, :3].transpose(0, 2, 1)
    found[:, :3, 3] = -np.einsum("nij,nj->ni", found[:, :3, :3], matrices[:, :3, 3])
    return found


def _zoom(focal: np.ndarray | None, count: int, where: Where) -> np.ndarray:
    if focal is None:
        return np.ones((count, 2))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        zoom = focal / focal[0]
    _first(
        ~(np.isfinite(focal) & (focal > 0)).all(1),
        where,
        "the focal length should be above 0, but it is not. Correct it, or remove all focal lengths.",
    )
    _first(
        ~((zoom <= MAX_ZOOM) & (zoom >= 1 / MAX_ZOOM)).all(1),
        where,
        f"the focal length should be at most {MAX_ZOOM:g} times as long or short as the first one, but it is not. "
        "Write all of them in the same unit.",
    )
    return zoom
