"""Carry: moves the picture's own pixels along its tracks, as a starting point for sampling.

`composite.carry_clip` is the entry point. A `drawing` on a picture says what is dragged. `find` says what moves, as
`regions`: what drags move (with the objects found by `dragnuwa.vision.segmentation`, and the camera) and the drawing's
objects. `dragnuwa.geometry` has their motions. They are `cut` out of the picture, and put as `layers` over the
background with its holes filled (`dragnuwa.vision.inpainting`): a composition, of which `rendering` renders the frames.
A `draft` is a smaller composition that looks like a run's video: the editor plays it. `noise_mask` sets for how much of
the schedule a sampling is tied to the result, `outlines` are those of what is carried, for the page. `settings` has the
parameters, and needs no OpenCV.
"""

from typing import Any

from .settings import CarrySettings

__all__ = ["Carried", "CarrySettings", "carry_clip"]


def __getattr__(name: str) -> Any:
    """Imports `carry_clip` and `Carried` lazily: they need OpenCV, which a server may lack."""
    if name in ("Carried", "carry_clip"):
        from . import composite

        return getattr(composite, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
