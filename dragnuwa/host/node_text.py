"""Text that stands on a node in ComfyUI's page."""

from __future__ import annotations


def show(text: str, node_id: str | None) -> None:
    """Puts text on the node that runs; nowhere where no page has queued it."""
    from server import PromptServer  # there only inside of the host

    if node_id:
        PromptServer.instance.send_progress_text(text, node_id)
