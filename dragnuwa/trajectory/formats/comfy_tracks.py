"""ComfyUI's TRACKS: {"track_path": [T, N, 2], "track_visibility": [T, N] or [T, 1]}, arrays or tensors in pixels.

`dragnuwa.host.exchange` writes them, since they are tensors on ComfyUI's device.
"""

from __future__ import annotations

from typing import Any

from ..arrays import array, from_arrays, shaped, wrong_shape
from ..lost import notes_of_array
from ..trajectories import Trajectories
from .format import Reader, in_pixels


def recognises(value: Any) -> bool:
    return isinstance(value, dict) and "track_path" in value


def read(value: dict, size: tuple[int, int]) -> Trajectories:
    """Reads track_path, and track_visibility if present, by `from_arrays`.

    Raises:
        TrajectoryError: if shapes are wrong, and as `from_arrays`.
    """
    path = shaped(value["track_path"], "track_path")
    if path.ndim != 3:
        raise wrong_shape("track_path", "[frames, tracks, 2]", path)
    visible = value.get("track_visibility")
    if visible is not None:
        visible = shaped(visible, "track_visibility")
        if visible.ndim != 2:
            raise wrong_shape("track_visibility", "[frames, tracks]", visible)
        visible = visible.swapaxes(0, 1)
    width, height = size
    return from_arrays(path.swapaxes(0, 1), visible, width=width, height=height)


def report(value: Any, found: Trajectories) -> tuple[str, list[str]]:
    lost = notes_of_array(array(shaped(value["track_path"], "track_path"), "track_path").swapaxes(0, 1))
    return "TRACKS of ComfyUI", ["TRACKS hold no names, colours or curves.", *lost]


READER = Reader("TRACKS of ComfyUI", recognises, read, report, in_pixels)
