"""ComfyUI's progress bar of the node that runs, for long work in the library, which takes it as a `Progress`."""

from __future__ import annotations

import comfy.utils

from ..common.progress import Progress


def progress_bar() -> Progress:
    """A new bar. ComfyUI itself limits how often it is drawn."""
    return comfy.utils.ProgressBar(1).update_absolute
