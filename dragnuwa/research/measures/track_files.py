"""Files of tracks: ComfyUI's TRACKS as npz, arrays of other tools, and every text that the pack reads."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ... import trajectory
from ...common.errors import InputError

SUFFIXES = (".npz", ".npy", ".json", ".txt", ".csv", ".svg")
PATHS = ("track_path", "tracks", "pred_tracks")
SEEN = ("track_visibility", "visibility", "pred_visibility")
MAX_VALUES = 100_000_000  # of an array
MOST_BYTES = 96 * 2**20  # of a text


@dataclass(frozen=True)
class Tracks:
    """
    Attributes:
        points: `[N, T, 2]` float64, (x, y) in pixels from the centre of the top left one.
        visible: `[N, T]` bool; None if the file says nothing of it.
    """

    points: np.ndarray
    visible: np.ndarray | None


def read_tracks(path: Path, size: tuple[int, int], frames: int | None = None) -> Tracks:
    """Tracks of a file.

    - .npz with track_path `[T, N, 2]` and, if it is known, track_visibility `[T, N]` or `[T, 1]`, as in ComfyUI's
      TRACKS; also called tracks or pred_tracks, and visibility or pred_visibility, `[1, T, N, 2]` and `[1, T, N]`, as
      CoTracker returns them.
    - .npy `[T, N, 2]`; if it is called NAME_tracks.npy, NAME_visibility.npy beside it is its visibility, as for
      Wan-Move and MoveBench.
    - Text that `dragnuwa.trajectory.parse` reads, such as the pack's own JSON: drags, sampled at `frames` instants.

    Args:
        path: of the file.
        size: (width, height) of the video in pixels, for drags, which are fractions of it.
        frames: of the clip, for drags; not needed for arrays.

    Raises:
        InputError: if the file is missing or no such file, or drags are given without `frames`.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    if path.suffix.lower() == ".npz":
        with _arrays(path) as arrays:
            points, seen = _first(path, arrays, PATHS), _first(path, arrays, SEEN)
            if points is None:
                raise InputError(
                    f"{path.name} should hold {' or '.join(PATHS)}; found {', '.join(arrays) or 'nothing'}."
                )
        return _tracks(path, points, seen)
    if path.suffix.lower() == ".npy":
        beside = path.with_name(path.name.removesuffix("_tracks.npy") + "_visibility.npy")
        has_beside = path.name.endswith("_tracks.npy") and beside.is_file()
        return _tracks(path, _array(path), _array(beside) if has_beside else None)
    return _drags(path, size, frames)


def _drags(path: Path, size: tuple[int, int], frames: int | None) -> Tracks:
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path.name} has more than {MOST_BYTES >> 20} MiB, too large for a text of drags.")
    width, height = size
    try:
        drags = trajectory.parse(path.read_bytes(), width=width, height=height)
        if frames is None:
            raise InputError("These are drags, not the positions at each frame. Give --frames, the clip's number.")
        points, visible = drags.sample(frames, width, height)
    except ValueError as error:
        raise InputError(f"{path.name}: {error}") from error
    return _tracks(path, points.swapaxes(0, 1), visible.T)


def _arrays(path: Path) -> np.lib.npyio.NpzFile:
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} cannot be read as an npz file of arrays.") from error
    if isinstance(found, np.ndarray):
        raise InputError(f"{path.name} holds one array, and is no npz file. Call it .npy.")
    return found


def _first(path: Path, arrays: Mapping[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray | None:
    name = next((name for name in names if name in arrays), None)
    if name is None:
        return None
    try:
        return arrays[name]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name}: {name} is broken, or holds objects, which may run code.") from error


def _array(path: Path) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path.name} cannot be read as an npy file of numbers.") from error


def _tracks(path: Path, points: np.ndarray, seen: np.ndarray | None) -> Tracks:
    """Checks `[T, N, 2]` and `[T, N]`, and turns them."""
    if points.ndim == 4 and points.shape[0] == 1:
        points = points[0]
    if points.ndim != 3 or points.shape[2] != 2 or 0 in points.shape or points.size > MAX_VALUES:
        raise InputError(f"{path.name}: tracks should be [T, N, 2], frames first; found {list(points.shape)}.")
    if not np.can_cast(points.dtype, np.float64, "same_kind"):
        raise InputError(f"{path.name}: tracks should be numbers; found {points.dtype}.")
    points = points.swapaxes(0, 1).astype(np.float64)
    return Tracks(points, None if seen is None else _visible(path, seen, points.shape[:2]))


def _visible(path: Path, seen: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    tracks, frames = shape
    found = seen[0] if seen.ndim > 2 and seen.shape[0] == 1 else seen
    found = found[..., 0] if found.ndim == 3 else found
    if not np.can_cast(found.dtype, np.float64, "same_kind") or found.shape not in ((frames, tracks), (frames, 1)):
        raise InputError(
            f"{path.name}: its visibility should be numbers [T, N] = [{frames}, {tracks}], as its tracks; found "
            f"{seen.dtype} {list(seen.shape)}."
        )
    return np.broadcast_to(np.asarray(found) > 0.5, (frames, tracks)).T
