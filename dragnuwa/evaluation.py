"""Measures how well videos follow their drags; see `python -m dragnuwa.evaluation --help`.

The code is in `research/evaluation/`.
"""

from .research.evaluation import (
    LucasKanade,
    MatchCutout,
    Tracker,
    appearance_drift,
    objmc,
    psnr,
    relative_objmc,
    undragged_motion,
)

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

if __name__ == "__main__":
    from .research.evaluation.command import main

    main()
