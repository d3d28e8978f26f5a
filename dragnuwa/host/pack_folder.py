"""Checks the pack's folder in custom_nodes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from ..common.errors import printable

EDITOR = Path("nodes", "trajectory_editor.py")  # identifies the pack, whatever its folder is called


def check(folder: Path) -> None:
    """Log a warning for each problem with the pack's folder. To be called inside the host."""
    import folder_paths  # only available inside the host

    warn_of_name(folder)
    warn_of_copies(folder, map(Path, folder_paths.get_folder_paths("custom_nodes")))


def warn_of_copies(folder: Path, custom_nodes: Iterable[Path]) -> None:
    """Log a single warning if the pack is installed more than once.

    Each node comes from the last copy that ComfyUI loads, the routes from the first, and the page from any, so that
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
    except OSError:  # missing, or not readable
        return
    yield from (entry for entry in found if not entry.name.startswith(".") and entry.suffix != ".disabled")


def warn_of_name(folder: Path) -> None:
    """Log a warning if ComfyUI cannot serve scripts from a folder of this name.

    It registers the folder under its plain name but requests it under the URL-encoded one, so that no script is found
    if the name has a space or a letter such as "\u00e9".
    """
    if quote(folder.name) != folder.name:
        logging.warning(
            printable(
                f'DragNUWA: ComfyUI cannot serve the page from a folder called "{folder.name}", so the Trajectory '
                "Editor will show no canvas. Rename the folder in custom_nodes to ComfyUI-DragNUWA and restart ComfyUI."
            )
        )
