"""How well a video follows its drags, measured. `python -m dragnuwa.evaluation --help` measures a checkpoint."""

from .metrics import appearance_drift, objmc, psnr, relative_objmc, undragged_motion
from .tracker import LucasKanade, MatchCutout, Tracker

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
