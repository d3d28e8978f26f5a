"""Carry: the picture's own pixels, moved along its tracks, from which a sampling starts.

`composite.carry_clip` is the entry. A drawing becomes a stack of `layers` (`drawn`): what its tracks move
(`from_tracks`, with the search of `dragnuwa.vision.segmentation`, and the `camera`) and its objects (`from_objects`),
whose motions are in `transforms`. `rendering` makes frames of the stack, with clean `edges`, over the background, whose
holes are filled (`filling`). `object_masks` are the masks of what is carried, and `noise_mask` says for how much of the
schedule the sampling is tied to the result. `settings` has the parameters, and needs no OpenCV.
"""

from typing import Any

from .settings import CarrySettings

__all__ = ["Carried", "CarrySettings", "carry_clip"]


def __getattr__(name: str) -> Any:
    """`carry_clip` and `Carried` when they are first asked for: they need OpenCV, which a server may lack."""
    if name in ("Carried", "carry_clip"):
        from . import composite

        return getattr(composite, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
