"""Drag maps. The code is in `models.drag_maps`."""

from .models.drag_maps import encode, encode_trajectories

__all__ = ["encode", "encode_trajectories"]
