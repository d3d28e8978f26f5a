"""Bends a shape as rigidly as possible, so that its pins are where they are pulled: mesh, solver, raster.

Points are complex numbers x + iy in pixels, whole at pixel centres.
"""

from .mesh import Mesh, carried, from_below, is_at_end, mesh_of
from .pins import Pins, Wave, at_edge, behind, beyond, nearest_pin
from .raster import Raster, lies_over_itself, small, stacked
from .solver import Bent, bend

__all__ = [
    "Bent",
    "Mesh",
    "Pins",
    "Raster",
    "Wave",
    "at_edge",
    "behind",
    "bend",
    "beyond",
    "carried",
    "from_below",
    "is_at_end",
    "lies_over_itself",
    "mesh_of",
    "nearest_pin",
    "small",
    "stacked",
]
