"""Measures how well videos follow their drags; see `python -m dragnuwa.evaluation --help`."""

from ...vision.tracking.metrics import objmc, relative_objmc, undragged_motion
from ...vision.tracking.point_tracker import LucasKanade, MatchCutout, Tracker
from .figures import appearance_drift, psnr

__all__ = [
    "LucasKanade",
    "MatchCutout",
    "Tracker",
    "appearance_drift",
    "objmc",
    "psnr",
    "relative_objmc",
    "undragged_motion",
]
