"""The running node's progress bar as a `Progress`, for long computations in the library."""

from __future__ import annotations

import comfy.utils

from ..common.progress import Progress


def progress_bar() -> Progress:
    """A new bar. ComfyUI itself limits how often it is drawn."""
    return comfy.utils.ProgressBar(1).update_absolute
