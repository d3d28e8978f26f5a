"""Outlines of the things in the templates' photographs (web/pictures/), as objects of the Trajectory Editor."""

from __future__ import annotations

import json
from collections.abc import Sequence

# x y of each corner, fractions of the photograph
ROCKET = """
    0.505 0.298, 0.497 0.308, 0.49 0.322, 0.487 0.34, 0.486 0.41, 0.484 0.43, 0.484 0.63, 0.489 0.645, 0.489 0.952,
    0.519 0.952, 0.519 0.645, 0.524 0.63, 0.524 0.43, 0.523 0.41, 0.523 0.34, 0.52 0.322, 0.513 0.308
"""
OSPREY = """
    0.376 0.218, 0.385 0.212, 0.4 0.211, 0.413 0.214, 0.424 0.224, 0.43 0.238, 0.43 0.248, 0.434 0.262, 0.433 0.275,
    0.431 0.289, 0.427 0.278, 0.425 0.285, 0.424 0.3, 0.428 0.325, 0.433 0.335, 0.439 0.333, 0.446 0.347, 0.451 0.37,
    0.453 0.395, 0.452 0.43, 0.447 0.49, 0.44 0.54, 0.432 0.58, 0.42 0.605, 0.41 0.638, 0.4 0.66, 0.399 0.678,
    0.392 0.69, 0.385 0.68, 0.38 0.704, 0.37 0.7, 0.366 0.712, 0.355 0.75, 0.353 0.78, 0.351 0.805, 0.347 0.825,
    0.342 0.835, 0.333 0.832, 0.325 0.825, 0.315 0.83, 0.312 0.815, 0.305 0.83, 0.293 0.85, 0.295 0.835, 0.302 0.8,
    0.305 0.76, 0.306 0.73, 0.304 0.69, 0.302 0.64, 0.301 0.58, 0.299 0.53, 0.301 0.49, 0.304 0.46, 0.308 0.435,
    0.313 0.42, 0.325 0.39, 0.34 0.36, 0.35 0.345, 0.36 0.33, 0.365 0.32, 0.368 0.3, 0.365 0.29, 0.367 0.27,
    0.372 0.245, 0.37 0.24, 0.374 0.232
"""
WREN = """
    0.351 0.408, 0.355 0.398, 0.361 0.383, 0.367 0.36, 0.372 0.335, 0.375 0.31, 0.377 0.288, 0.381 0.273, 0.388 0.26,
    0.396 0.251, 0.406 0.246, 0.414 0.244, 0.425 0.247, 0.434 0.251, 0.443 0.247, 0.452 0.242, 0.46 0.238,
    0.467 0.236, 0.472 0.239, 0.471 0.241, 0.464 0.245, 0.455 0.251, 0.446 0.258, 0.44 0.265, 0.436 0.276, 0.43 0.29,
    0.424 0.306, 0.419 0.322, 0.419 0.335, 0.42 0.36, 0.421 0.385, 0.421 0.41, 0.421 0.43, 0.42 0.445, 0.411 0.44,
    0.402 0.434, 0.393 0.428, 0.384 0.423, 0.374 0.42, 0.36 0.416
"""
ROCK = """
    0.143 0.971, 0.154 0.966, 0.157 0.99, 0.23 1, 0.701 1, 0.712 0.987, 0.774 0.839, 0.818 0.76, 0.825 0.733,
    0.825 0.7, 0.82 0.677, 0.775 0.629, 0.736 0.626, 0.701 0.61, 0.676 0.587, 0.605 0.552, 0.523 0.499, 0.424 0.453,
    0.416 0.439, 0.397 0.425, 0.356 0.418, 0.315 0.425, 0.285 0.404, 0.249 0.411, 0.239 0.418, 0.229 0.446,
    0.217 0.46, 0.184 0.478, 0.157 0.506, 0.144 0.536, 0.141 0.566, 0.15 0.589, 0.17 0.612, 0.179 0.633, 0.182 0.677,
    0.191 0.719, 0.184 0.795, 0.166 0.83, 0.165 0.858, 0.156 0.899, 0.156 0.943, 0.149 0.948, 0.141 0.939
"""
NEAR_ROCK = """
    1 0.295, 0.94 0.351, 0.921 0.385, 0.897 0.457, 0.867 0.51, 0.847 0.561, 0.841 0.603, 0.829 0.642, 0.829 0.682,
    0.834 0.714, 0.83 0.76, 0.774 0.858, 0.751 0.911, 0.74 0.95, 0.73 0.966, 0.736 1, 1 1
"""
CUP = """
    0.128 0.55, 0.135 0.45, 0.15 0.38, 0.175 0.31, 0.21 0.25, 0.26 0.19, 0.295 0.16, 0.325 0.11, 0.36 0.08,
    0.41 0.055, 0.47 0.045, 0.53 0.052, 0.59 0.078, 0.63 0.108, 0.66 0.15, 0.675 0.18, 0.69 0.165, 0.706 0.18,
    0.706 0.2, 0.697 0.235, 0.72 0.275, 0.75 0.335, 0.778 0.41, 0.795 0.49, 0.8 0.57, 0.795 0.64, 0.78 0.71,
    0.755 0.77, 0.72 0.83, 0.67 0.88, 0.61 0.92, 0.55 0.945, 0.48 0.957, 0.41 0.95, 0.34 0.92, 0.27 0.87, 0.21 0.8,
    0.165 0.72, 0.14 0.64
"""
SHADOW_OF_CUP = """
    0.128 0.6, 0.128 0.7, 0.14 0.78, 0.17 0.87, 0.21 0.95, 0.25 1, 0.36 1, 0.5 1, 0.58 0.99, 0.62 0.96, 0.62 0.92,
    0.55 0.945, 0.48 0.957, 0.41 0.95, 0.34 0.92, 0.27 0.87, 0.21 0.8, 0.165 0.72, 0.14 0.64
"""
OTTER = """
    0.312 0.33, 0.31 0.31, 0.318 0.3, 0.335 0.292, 0.355 0.287, 0.38 0.286, 0.405 0.288, 0.43 0.297, 0.45 0.315,
    0.462 0.338, 0.475 0.37, 0.49 0.4, 0.51 0.425, 0.53 0.445, 0.55 0.455, 0.58 0.46, 0.62 0.458, 0.65 0.455,
    0.68 0.448, 0.71 0.445, 0.74 0.447, 0.76 0.455, 0.775 0.468, 0.79 0.49, 0.805 0.52, 0.82 0.55, 0.833 0.58,
    0.845 0.593, 0.86 0.58, 0.88 0.56, 0.9 0.552, 0.92 0.555, 0.935 0.565, 0.938 0.585, 0.932 0.61, 0.92 0.64,
    0.905 0.67, 0.89 0.69, 0.878 0.695, 0.86 0.69, 0.845 0.7, 0.83 0.7, 0.82 0.715, 0.8 0.725, 0.785 0.735,
    0.765 0.75, 0.755 0.77, 0.748 0.795, 0.735 0.8, 0.727 0.785, 0.738 0.765, 0.72 0.758, 0.69 0.755, 0.66 0.75,
    0.63 0.742, 0.6 0.735, 0.57 0.728, 0.55 0.715, 0.535 0.71, 0.533 0.685, 0.527 0.67, 0.51 0.69, 0.49 0.7,
    0.475 0.7, 0.458 0.685, 0.455 0.665, 0.44 0.65, 0.42 0.653, 0.4 0.648, 0.39 0.64, 0.395 0.633, 0.42 0.633,
    0.43 0.63, 0.425 0.615, 0.41 0.595, 0.4 0.57, 0.393 0.54, 0.388 0.51, 0.385 0.47, 0.38 0.445, 0.365 0.43,
    0.355 0.41, 0.345 0.398, 0.33 0.375, 0.32 0.36
"""


def moved(name: str, outline: str, motion: dict, **more: str) -> str:
    """The text of a drawing with one object.

    Args:
        name: of the object.
        outline: the corners, as above.
        motion: as the object has it: "points" or "keys".
        more: further areas of the object, as its outline: "shadow", "fill_from".
    """
    areas = {key: [_ring(corners)] for key, corners in {"outline": outline, **more}.items()}
    thing = {"id": name, "name": name, "color": "#d62728", **areas, "motion": motion}
    return json.dumps({"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [thing]})


def bent(name: str, outline: str, pins: Sequence[Sequence[tuple[float, float]]], **more) -> str:
    """The text of a drawing with one object that its pins bend.

    Args:
        name, outline: as for `moved`.
        pins: the places of each pin; one that rests has one.
        more: further fields of the object.
    """
    value = json.loads(moved(name, outline, {"points": [{"x": 0.5, "y": 0.5}]}))
    tracks = [{"points": [{"x": x, "y": y} for x, y in places], "ease": "ease_in_out"} for places in pins]
    value["objects"][0] |= {"pins": tracks, **more}
    return json.dumps(value)


def at_distances(things: dict[str, tuple[str, float]]) -> str:
    """The text of a drawing with objects that rest, by their names: the corners and the distance of each, from back to
    front."""
    objects = [
        {"id": name, "name": name, "color": color, "outline": [_ring(corners)], "motion": {"keys": [{"t": 0}]},
         "distance": distance}
        for color, (name, (corners, distance)) in zip(("#1f77b4", "#2ca02c", "#d62728"), things.items(), strict=True)
    ]  # fmt: skip
    return json.dumps({"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": objects})


def on_ground(text: str, horizon: float) -> str:
    """The same drawing with the horizon of its ground."""
    value = json.loads(text)
    return json.dumps(value | {"version": 2, "objects": value.get("objects", []), "horizon": horizon})


def _ring(corners: str) -> list[dict[str, float]]:
    positions = (corner.split() for corner in corners.split(","))
    return [{"x": float(x), "y": float(y)} for x, y in positions]


def with_anchors(text: str, positions: Sequence[tuple[float, float]]) -> str:
    """The same drawing, with an anchor at each of the places, fractions of the photograph."""
    anchors = [
        {"id": f"anchor{number}", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": x, "y": y}]}
        for number, (x, y) in enumerate(positions, start=1)
    ]
    return json.dumps(json.loads(text) | {"tracks": anchors})


# Drawings that several templates begin with.
RISING = moved("rocket", ROCKET, {"points": [{"x": 0.504, "y": 0.6}, {"x": 0.504, "y": 0.34}], "ease": "ease_in"})
NODDING = bent("otter", OTTER, [((0.345, 0.34), (0.318, 0.2), (0.335, 0.27))])
WALKING = moved("wren", WREN, {"points": [{"x": 0.385, "y": 0.33}, {"x": 0.47, "y": 0.375}]})
