"""The folder in custom_nodes that the pack lies in."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from ..common.errors import printable

EDITOR = Path("nodes", "trajectory_editor.py")  # tells the pack from others, whatever its folder is called


def check(folder: Path) -> None:
    """Say in the log what is wrong with where the pack lies. To be called inside of the host."""
    import folder_paths  # it is there only inside of the host

    warn_of_name(folder)
    warn_of_copies(folder, map(Path, folder_paths.get_folder_paths("custom_nodes")))


def warn_of_copies(folder: Path, custom_nodes: Iterable[Path]) -> None:
    """Say in the log, once for all of them, if the pack lies there more than once.

    Each node comes from the last that ComfyUI loads, the routes from the first, and the page from any, so that two
    versions get mixed up.
    """
    copies = sorted(entry for place in custom_nodes for entry in _entries(place) if (entry / EDITOR).is_file())
    if len(copies) > 1 and folder == copies[-1]:
        names = " and ".join(f'"{copy.name}"' for copy in copies)
        logging.warning(
            printable(
                f"DragNUWA: the pack is in custom_nodes {len(copies)} times, as {names}. ComfyUI takes the nodes of "
                "one and the editor of another. Remove all but one and restart ComfyUI."
            )
        )


def _entries(place: Path) -> Iterator[Path]:
    """What ComfyUI loads from a folder of packs."""
    try:
        found = list(place.iterdir())
    except OSError:  # it is not there, or not for us to read
        return
    yield from (entry for entry in found if not entry.name.startswith(".") and entry.suffix != ".disabled")


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
