"""The running node: its interrupt, its progress bar, and the text that it shows."""

from __future__ import annotations

import comfy.utils
from comfy.model_management import throw_exception_if_processing_interrupted as check_interrupt

from ..common.interrupt import Progress, interrupts

__all__ = ["check_interrupt", "interruptible", "progress_bar", "show_text"]

interruptible = interrupts(check_interrupt)
"""Decorates what a node executes: ComfyUI's interrupt ends it."""


def progress_bar() -> Progress:
    """A new bar. ComfyUI itself limits how often it is drawn."""
    return comfy.utils.ProgressBar(1).update_absolute


def show_text(text: str, node_id: str | None) -> None:
    """Shows text on the running node; does nothing if there is none, or the prompt was not queued from a page."""
    from server import PromptServer  # only available inside the host

    if node_id and text:
        PromptServer.instance.send_progress_text(text, node_id)
