"""The folder in custom_nodes that the pack lies in."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import quote

from ..errors import printable


def warn_of_name(folder: Path) -> None:
    """Say in the log if ComfyUI cannot serve the scripts of a folder of this name.

    It registers the folder under its plain name and asks for it under the name as URLs have it, so that every script of
    a pack in a folder with a space or a letter such as "\u00e9" is not found.
    """
    if quote(folder.name) != folder.name:
        logging.warning(
            printable(
                f'DragNUWA: ComfyUI cannot serve the page from a folder called "{folder.name}", so the Trajectory '
                "Editor will show no canvas. Rename the folder in custom_nodes to ComfyUI-DragNUWA and restart ComfyUI."
            )
        )
