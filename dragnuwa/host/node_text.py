"""Shows text on a node in ComfyUI's page."""

from __future__ import annotations


def show(text: str, node_id: str | None) -> None:
    """Shows text on the running node; does nothing if the prompt was not queued from a page."""
    from server import PromptServer  # only available inside the host

    if node_id:
        PromptServer.instance.send_progress_text(text, node_id)
