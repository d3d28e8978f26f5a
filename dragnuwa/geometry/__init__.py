"""Geometry of the plane: similarity transforms, warps, grids of pixels, registration of pictures, bending."""
