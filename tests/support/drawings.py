"""Drawings of drags and objects in the pack's own format."""

from __future__ import annotations

from collections.abc import Iterable

from dragnuwa import trajectory

TYPE = "dragnuwa.trajectories"


def tracks_value(*tracks: dict, **fields) -> dict:
    """A drawing of version 1 as a value of JSON."""
    return {"type": TYPE, "version": 1, "tracks": list(tracks), **fields}


def objects_value(*objects: dict, tracks: Iterable[dict] = (), **fields) -> dict:
    """A drawing of version 2 as a value of JSON."""
    return {"type": TYPE, "version": 2, "tracks": list(tracks), "objects": list(objects), **fields}


def parsed(value: object, size: tuple[int, int] = (576, 320)) -> trajectory.Trajectories:
    """A drawing of any form, read for a clip of `size`: width and height."""
    return trajectory.parse(value, width=size[0], height=size[1])


def parsed_tracks(*tracks: dict, size: tuple[int, int]) -> trajectory.Trajectories:
    """A drawing of version 1, read for a clip of `size`."""
    return parsed(tracks_value(*tracks), size)


def parsed_objects(*objects: dict, size: tuple[int, int], tracks: Iterable[dict] = ()) -> trajectory.Trajectories:
    """A drawing of version 2, read for a clip of `size`."""
    return parsed(objects_value(*objects, tracks=tracks), size)


def rectangle_ring(left: float, top: float, right: float, bottom: float, size: tuple[int, int] = (1, 1)) -> list[dict]:
    """A ring of an outline, from places in a picture of `size`."""
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return [{"x": x / size[0], "y": y / size[1]} for x, y in corners]
