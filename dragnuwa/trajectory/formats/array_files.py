"""Tracks in files of arrays: NumPy's .npy and .npz, as point trackers write them, and ATI's .pth.

Positions are `[T, N, 2]`, `[N, T, 2]`, `[1, T, N, 2]` or, of one track, `[T, 2]`, in pixels; a third number is the
visibility. In an .npz, other arrays of the same shape say whether a point is visible ("visibility"), hidden
("occluded"), or how sure it is ("confidence"). Where nothing else says which axis is the time, it is the one along
which positions change less. ATI's .pth (bytedance/ATI) holds the bytes of an .npz with "array" `[N, T, 1, 3]`: eighths
of pixels, and of the visibility.

What is written is float32 `[1, T, N, 2]`, as CoTracker gives it: the axis of one says which of the others is the time.
In an .npz, "tracks" has positions of this shape, and "visibility" `[1, T, N]` says what is seen.

Files are hostile: nothing is unpickled, and no array is made that is larger than its bytes say.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.errors import printable
from ..arrays import from_arrays
from ..checks import shorten
from ..lost import notes_of_array
from ..trajectories import Trajectories
from ..types import MAX_TOTAL_POINTS, TrajectoryError
from .format import FileWriter, Limits, Reader, in_pixels, listed, sampled, sampled_motion

NPY, ZIP = b"\x93NUMPY", b"PK\x03\x04"
MAX_BYTES = 8 * 3 * MAX_TOTAL_POINTS + 2**20  # of positions and visibility as float64, and the other arrays
MAX_ENTRIES = 64
EIGHTH = 8
POSITIONS = ("tracks", "pred_tracks", "points", "coords", "trajectories", "trajs_2d", "array", "track_path")
SEEN, HIDDEN = ("vis",), ("occ", "hidden", "invisible")
SURE, HALF = ("conf", "score", "certain"), 0.5
_WHAT = "The file of arrays"
_REMEDY = "Save the positions as one array [frames, tracks, 2] with numpy.save or numpy.savez."


@dataclass(frozen=True)
class _Found:
    """
    Attributes:
        points: `[N, T, 2]`.
        visible: `[N, T]`; None where nothing is said.
        form: what the file is.
        notes: what was decided.
    """

    points: np.ndarray
    visible: np.ndarray | None
    form: str
    notes: tuple[str, ...] = ()


def recognises(value: Any) -> bool:
    return isinstance(value, (bytes, bytearray)) and bytes(value[:6]).startswith((NPY, ZIP))


def read(value: bytes, size: tuple[int, int]) -> Trajectories:
    """Reads a track for each point.

    Raises:
        TrajectoryError: if the file is damaged or too large, has no positions or several of them, or as `from_arrays`.
    """
    found, (width, height) = _found(bytes(value)), size
    return from_arrays(found.points, found.visible, width=width, height=height)


def report(value: bytes, _: Trajectories) -> tuple[str, list[str]]:
    found = _found(bytes(value))
    lost = notes_of_array(found.points.astype(np.float64))
    return found.form, ["Arrays hold no names, colours or curves.", *found.notes, *lost]


def _found(data: bytes, most: float = 1.0) -> _Found:
    """What is in a file, `most` as of `_of_arrays`."""
    if data.startswith(NPY):
        return _of_arrays({"": _array(data, "the array")}, "an array of NumPy")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _in_archive(data, archive, most)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise TrajectoryError(f"{_WHAT} is damaged ({printable(str(error))}). Save it again.") from None


def _in_archive(data: bytes, archive: zipfile.ZipFile, most: float) -> _Found:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise TrajectoryError(
            f"{_WHAT} should have at most {MAX_ENTRIES} entries of {MAX_BYTES >> 20} MiB in all, but it has "
            f"{len(entries):,} of {sum(entry.file_size for entry in entries) >> 20:,} MiB. Use fewer tracks or frames."
        )
    if any(entry.filename.endswith("data.pkl") for entry in entries):
        return _of_torch(data)
    arrays = {
        entry.filename.removesuffix(".npy"): _array(archive.read(entry), shorten(entry.filename))
        for entry in entries
        if entry.filename.endswith(".npy")
    }
    return _of_arrays(arrays, "arrays of NumPy", most)


def _of_torch(data: bytes) -> _Found:
    """ATI's tracks, or positions that were saved by PyTorch."""
    import torch  # imported lazily: drags are parsed without it

    try:
        saved = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (
        torch.serialization.pickle.UnpicklingError,
        RuntimeError,
        ValueError,
        LookupError,
        TypeError,
        EOFError,
    ) as error:
        reason = shorten(printable(str(error)))
        raise TrajectoryError(f"{_WHAT} holds something else than numbers ({reason}). {_REMEDY}") from None
    if isinstance(saved, bytes) and saved.startswith(ZIP):
        return _of_ati(saved)
    values = saved if isinstance(saved, dict) else {"": saved}
    arrays = {str(name): each.numpy() for name, each in values.items() if isinstance(each, torch.Tensor)}
    return _of_arrays(arrays, "tensors of PyTorch")


def _of_ati(data: bytes) -> _Found:
    found = _found(data, EIGHTH)
    return _Found(found.points / EIGHTH, found.visible, "tracks of ATI", found.notes)


def _array(data: bytes, name: str) -> np.ndarray:
    """A file of NumPy, whose header is checked first: memory for all that it claims would be reserved."""
    file, size = io.BytesIO(data), len(data)
    try:
        version = np.lib.format.read_magic(file)
        headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in headers:
            raise ValueError(f"version {version[0]}")
        shape, _, kind = headers[version](file)
        if kind.hasobject or kind.kind not in "biuf" or len(shape) > MAX_ENTRIES:
            raise ValueError(f"{kind} {list(shape)}")
        if math.prod(shape) * kind.itemsize > size - file.tell():
            raise ValueError(f"{size} bytes for {list(shape)}")
        return np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, TypeError, SyntaxError, OverflowError) as error:
        reason = shorten(printable(str(error)))
        raise TrajectoryError(f"{_WHAT}: {name or 'the array'} cannot be read ({reason}). {_REMEDY}") from None


def _of_arrays(arrays: dict[str, np.ndarray], form: str, most: float = 1.0) -> _Found:
    """What is in arrays; `most` is the visibility of a point that is seen."""
    name = _of_positions(arrays)
    points, notes = arrays[name], []
    if points.ndim == 2:  # of one track
        points = points[:, None]
    if points.ndim == 4 and 1 in (points.shape[0], points.shape[2]):
        points = points[0] if points.shape[0] == 1 else points[:, :, 0]
    if points.ndim != 3:
        raise TrajectoryError(
            f"{_WHAT}: positions should have the shape [frames, tracks, 2], of one video, but "
            f"{shorten(name) or 'the array'} has {list(arrays[name].shape)}. {_REMEDY}"
        )
    seen = points[..., 2] > HALF if points.shape[-1] == 3 else None
    if seen is not None and not _is_sure(points[..., 2], most):
        notes.append("The third numbers of positions go beyond 0 to 1, as no visibility does, and are not read.")
        seen = None
    points, other = points[..., :2], _visibility(arrays, name, points.shape[:2])
    seen = other if seen is None else seen if other is None else seen & other
    if _time_is_first(arrays[name], points):
        notes.append("The first of its axes is the time.")
        points, seen = points.swapaxes(0, 1), None if seen is None else seen.swapaxes(0, 1)
    else:
        notes.append("The second of its axes is the time.")
    unread = sorted(set(arrays) - {name} - {each for each in arrays if _says(each)})
    if unread:
        notes.append(f"Arrays that are not read: {listed(unread)}.")
    return _Found(points, seen, form, tuple(notes))


def _is_sure(values: np.ndarray, most: float) -> bool:
    """Whether numbers can say whether points are seen; NaN is no number."""
    known = values[np.isfinite(values)]
    return bool(((known >= 0) & (known <= most)).all())


def _of_positions(arrays: dict[str, np.ndarray]) -> str:
    """The name of the array with positions."""
    names = [
        name for name, each in arrays.items()
        if each.ndim in (2, 3, 4) and each.shape[-1] in (2, 3) and each.dtype.kind in "iuf" and not _says(name)
    ]  # fmt: skip
    known = [name for name in POSITIONS if name in names]
    if len(names) != 1 and not known:
        found = ", ".join(f"{shorten(name)} {list(each.shape)}" for name, each in list(arrays.items())[:8])
        raise TrajectoryError(
            f"{_WHAT} should have one array of positions, [frames, tracks, 2], but it has "
            f"{len(names) or 'none'} ({found or 'nothing'}). {_REMEDY}"
        )
    return known[0] if known else names[0]


def _says(name: str) -> bool:
    """Whether an array of this name says which points are seen."""
    return any(part in name.lower() for part in (*SEEN, *HIDDEN, *SURE))


def _visibility(arrays: dict[str, np.ndarray], of: str, shape: tuple[int, int]) -> np.ndarray | None:
    """`[a, b]` bool of positions `[a, b, 2]`: what all arrays say together."""
    seen = None
    for name, each in arrays.items():
        if name == of or not _says(name):
            continue
        if _longer(each.shape) != _longer(shape):
            raise TrajectoryError(
                f"{_WHAT}: {shorten(name)} should have a number for each of the positions, {list(shape)}, but its "
                f"shape is {list(each.shape)}. Save it in the shape of the positions."
            )
        flat, hidden = each.reshape(shape), any(part in name.lower() for part in HIDDEN)
        shown = flat <= HALF if hidden else flat > HALF if flat.dtype.kind != "b" else flat
        seen = shown if seen is None else seen & shown
    return seen


def _longer(sides: tuple[int, ...]) -> list[int]:
    """Without axes of one."""
    return [side for side in sides if side != 1]


def _time_is_first(given: np.ndarray, points: np.ndarray) -> bool:
    """Whether positions `[a, b, 2]` are `[T, N, 2]`: of a batch they are; else points move less from frame to frame
    than they are apart."""
    if given.ndim != 3:
        return given.ndim == 2 or given.shape[0] == 1
    first, second = (_step(points, axis) for axis in (0, 1))
    return first < second


def _step(points: np.ndarray, axis: int) -> float:
    """The median distance of neighbours along an axis; infinite where there are none."""
    if points.shape[axis] < 2:
        return math.inf
    apart = np.linalg.norm(np.diff(points.astype(np.float64), axis=axis), axis=-1)
    return float(np.median(apart[np.isfinite(apart)])) if np.isfinite(apart).any() else math.inf


def write_npy(trajectories: Trajectories, clip: ClipShape) -> bytes:
    """Positions at the frames of the clip, in pixels."""
    return _written(np.save, _positions(trajectories, clip)[0])


def write_npz(trajectories: Trajectories, clip: ClipShape) -> bytes:
    """The same, and what is seen."""
    tracks, visibility = _positions(trajectories, clip)
    return _written(np.savez_compressed, tracks=tracks, visibility=visibility)


def _positions(trajectories: Trajectories, clip: ClipShape) -> tuple[np.ndarray, np.ndarray]:
    """`[1, T, N, 2]` float32, and `[1, T, N]` bool."""
    found = sampled(trajectories, clip)
    return found.points.swapaxes(0, 1)[None].astype(np.float32), found.visible.T[None]


def _written(save: Callable[..., None], *values: np.ndarray, **named: np.ndarray) -> bytes:
    file = io.BytesIO()
    save(file, *values, **named)
    return file.getvalue()


READER = Reader(
    "arrays (.npy, .npz, .pth of ATI)",
    recognises,
    read,
    report,
    in_pixels,
)
NPY_WRITER = FileWriter(
    "npy", write_npy, Limits(visibility=False, names=False, outside=False, motion=sampled_motion), ".npy"
)
NPZ_WRITER = FileWriter(
    "npz", write_npz, Limits(visibility=True, names=False, outside=False, motion=sampled_motion), ".npz"
)
