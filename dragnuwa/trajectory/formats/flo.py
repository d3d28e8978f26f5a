"""Optical flow: Middlebury .flo files, and tracks that follow a grid of points through flow fields.

The format (Baker et al., "A Database and Evaluation Methodology for Optical Flow", 2011) is little-endian: float32
202021.25, which reads "PIEH"; int32 width, int32 height; then float32 u, v for each pixel, row by row. Above 1e9 the
flow is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import map_coordinates

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..arrays import from_arrays
from ..checks import integer
from ..trajectories import Trajectories
from ..types import MAX_POINTS, MAX_SIDE, MAX_TOTAL_POINTS, MAX_TRACKS, Track, TrajectoryError
from .format import Limits, Reader, count

MAGIC = b"PIEH"
MAX_PIXELS = 2**24
"""Pixels of one flow field, 4096 x 4096; 128 MiB."""
MAX_TOTAL_PIXELS = 2**28
"""Pixels of all fields of one clip together: 129 of 1920 x 1080; 2 GiB."""
INTERVAL = 16
"""Default spacing of the grid in pixels."""
_HEADER = 12  # bytes
_UNKNOWN = 1e9


def read_flo(source: str | PathLike | bytes) -> np.ndarray:
    """Reads a .flo file, from its path or content: flow [H, W, 2] float32, pixels to the right and down.

    Raises:
        TrajectoryError: if it is not a .flo file, its size is out of range, or bytes are missing or left over.
        OSError: if the file cannot be opened.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, what = bytes(source), "The .flo file"
        width, height = _size(data[:_HEADER], what)
        return _field(data[_HEADER:], width, height, what)
    what = f'The .flo file "{Path(source).name}"'
    with open(source, "rb") as file:
        width, height = _size(file.read(_HEADER), what)
        return _field(file.read(8 * width * height + 1), width, height, what)


def is_flo(path: Path) -> bool:
    """Whether a file begins as a .flo file. Raises OSError if it cannot be opened."""
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def write_flo(flow: np.ndarray) -> bytes:
    """Encodes flow [H, W, 2] in pixels to the right and down as a .flo file.

    Raises:
        TrajectoryError: if the shape is wrong, or there are more pixels than `read_flo` accepts.
    """
    if flow.ndim != 3 or flow.shape[2] != 2 or not 1 <= flow.shape[0] * flow.shape[1] <= MAX_PIXELS:
        raise TrajectoryError(
            f"Optical flow: a field should have the shape [height, width, 2] and at most {MAX_PIXELS:,} pixels, but "
            f"its shape is {list(flow.shape)}. Write one field a file, at a smaller size."
        )
    size = np.array([flow.shape[1], flow.shape[0]], dtype="<i4")
    return MAGIC + size.tobytes() + np.ascontiguousarray(flow, dtype="<f4").tobytes()


def read_files(files: Sequence[Path]) -> list[np.ndarray]:
    """Reads the fields of a clip, one file per step.

    Raises:
        TrajectoryError: if there is no file, one is invalid, sizes differ, or there are too many pixels in all.
        OSError: if a file cannot be opened.
    """
    pixels = sum(file.stat().st_size for file in files) // 8
    if not files or pixels > MAX_TOTAL_PIXELS:
        raise TrajectoryError(
            f"Optical flow: there should be .flo files of at most {MAX_TOTAL_PIXELS:,} pixels in all, but there are "
            f"{len(files):,} files of {pixels:,}. Choose a folder that holds the flow of one clip, or make it smaller."
        )
    flows = [read_flo(file) for file in watched(files)]
    for file, flow in zip(files, flows, strict=True):
        if flow.shape != flows[0].shape:
            raise TrajectoryError(
                f'The .flo file "{file.name}" is {flow.shape[1]} x {flow.shape[0]}, but "{files[0].name}" is '
                f"{flows[0].shape[1]} x {flows[0].shape[0]}. Choose files of one size."
            )
    return flows


def report(files: int, found: Trajectories, interval: int) -> tuple[str, list[str]]:
    """The number of files, and of grid points that were lost."""
    width, height = found.canvas
    lost = len(grid(width, height, interval)) - len(found.tracks)
    notes = [f"A grid of points every {interval} pixels of {width} x {height} follows the flow."]
    if lost:
        notes.append(f"Left out: {count(lost, 'point')} that left the picture, or had no flow, at the first step.")
    return count(files, ".flo file"), notes


def tracks_from_flows(flows: Sequence[Any], *, interval: int = INTERVAL) -> Trajectories:
    """Follow a grid of points, `interval` pixels apart, through flow fields.

    Field k moves the points from frame k to frame k+1, by bilinear sampling. A point is lost, and hidden from then on,
    when it leaves the picture or reaches unknown flow; a point lost at the first step is left out.

    Args:
        flows: fields [H, W, 2], arrays or tensors of one size, pixels to the right and down.
        interval: pixels between the points of the grid, from 1.

    Returns:
        Trajectories with "linear" tracks of len(flows) + 1 points, on a canvas of W x H.

    Raises:
        TrajectoryError: if there is no field, a shape is wrong, there are more than 16,384 points, or none of them can
            be followed.
    """
    interval = integer(interval, 1, MAX_SIDE, "Optical flow", "the interval", "It is the pixels between two tracks.")
    fields = _fields(flows)
    height, width = fields[0].shape[:2]
    starts = grid(width, height, interval)  # [N, 2]
    if len(starts) * (len(fields) + 1) > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"Optical flow: a grid of {len(starts):,} tracks in {len(fields) + 1:,} frames has more than "
            f"{MAX_TOTAL_POINTS:,} places. Use a larger interval, or fewer files."
        )

    positions = np.repeat(starts[:, None], len(fields) + 1, axis=1)  # [N, T, 2]
    followed = np.ones(positions.shape[:2], dtype=bool)  # [N, T]
    for k, field in enumerate(watched(fields)):
        here = positions[:, k]
        step, known = _flow_at(field, here)
        there = here + step
        inside = ((there >= 0) & (there <= [width - 1, height - 1])).all(axis=1)
        followed[:, k + 1] = followed[:, k] & known & inside
        positions[:, k + 1] = np.where(followed[:, k + 1, None], there, here)

    kept = followed[:, 1]
    if not kept.any():
        raise TrajectoryError(
            "Optical flow: no point of the grid can be followed, because the flow is unknown or leads out of the "
            "picture everywhere. Check that these are flow fields in pixels, of this picture."
        )
    return from_arrays(positions[kept], followed[kept], width=width, height=height)


def _size(header: bytes, what: str) -> tuple[int, int]:
    """Width and height from the header of a .flo file."""
    if len(header) < _HEADER or header[:4] != MAGIC:
        raise TrajectoryError(
            f'{what} should begin with "PIEH" and its size, but it begins with {header[:8]!r}. Choose a file in the '
            "Middlebury .flo format."
        )
    width, height = (int(side) for side in np.frombuffer(header, dtype="<i4", offset=4))
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise TrajectoryError(
            f"{what} should have at least 1 and at most {MAX_PIXELS:,} pixels, but it says {width} x {height}. It "
            "is damaged, or the flow should be made at a smaller size."
        )
    return width, height


def _field(data: bytes, width: int, height: int, what: str) -> np.ndarray:
    expected = 8 * width * height
    if len(data) != expected:
        problem = f"only {len(data):,} are there" if len(data) < expected else "there are more"
        raise TrajectoryError(
            f"{what} should have {expected:,} bytes of flow for {width} x {height} pixels, but {problem}. It is "
            "damaged; copy or make it again."
        )
    return np.frombuffer(data, dtype="<f4").reshape(height, width, 2).astype(np.float32)


def _fields(flows: Sequence[Any]) -> list[np.ndarray]:
    """Flow fields as float arrays [H, W, 2] of one size."""
    if not 1 <= len(flows) < MAX_POINTS:
        raise TrajectoryError(
            f"Optical flow: there should be 1 to {MAX_POINTS - 1:,} fields, but there are {len(flows):,}. Choose the "
            "fields between the frames of one clip."
        )
    fields = [np.asarray(flow.detach().cpu().float() if hasattr(flow, "detach") else flow) for flow in flows]
    for k, field in enumerate(fields):
        if field.ndim != 3 or field.shape[2] != 2 or field.shape != fields[0].shape or field.dtype.kind != "f":
            raise TrajectoryError(
                f"Optical flow, field {k + 1}: it should be numbers of the shape [height, width, 2], the same for all "
                f"fields, but it is {field.dtype} of the shape {list(field.shape)}; field 1 has "
                f"{list(fields[0].shape)}. Choose fields of one size."
            )
        if field.shape[0] < 1 or field.shape[1] < 1:
            raise TrajectoryError(f"Optical flow, field {k + 1}: it has no pixels. Choose a field that is not empty.")
    return fields


def grid(width: int, height: int, interval: int) -> np.ndarray:
    """Points [N, 2], `interval` pixels apart, starting half of that from the left and top border; at least one."""
    x = np.arange(min(interval, width) // 2, width, interval)
    y = np.arange(min(interval, height) // 2, height, interval)
    if len(x) * len(y) > MAX_TRACKS:
        raise TrajectoryError(
            f"Optical flow: a grid of every {interval} pixels on {width} x {height} gives {len(x) * len(y):,} tracks, "
            f"but there should be at most {MAX_TRACKS:,}. Use a larger interval."
        )
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float64)


def _flow_at(field: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Samples flow [H, W, 2] at positions [N, 2]: [N, 2], and [N] bool, whether at least half the weight is known."""
    known = (np.abs(field) <= _UNKNOWN).all(axis=2)  # NaN fails the comparison
    planes = (known, *np.moveaxis(np.where(known[..., None], field, 0.0), 2, 0))
    weight, u, v = (_at_positions(plane, at) for plane in planes)
    reliable = weight >= 0.5
    return np.stack([u, v], axis=1) / np.where(reliable, weight, 1.0)[:, None], reliable


def _at_positions(plane: np.ndarray, at: np.ndarray) -> np.ndarray:
    return map_coordinates(plane, at.T[::-1], output=np.float64, order=1, mode="nearest")


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    if not tracks:
        return ""
    return "No tracks: the files say how far each pixel moves, and the drags fade with the distance."


READER = Reader(
    name="optical flow (.flo)",
    recognises=lambda value: isinstance(value, (bytes, bytearray)) and value.startswith(MAGIC),
    read=lambda value, size: tracks_from_flows([read_flo(value)]),
    report=lambda value, found: report(1, found, INTERVAL),
)
LIMITS = Limits(visibility=True, names=False, outside=False, motion=_motion)
"""Limits of drag maps written by `write_flo`."""
