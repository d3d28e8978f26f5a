"""Checks the pack's folder in custom_nodes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from ..common.errors import printable

EDITOR = Path("nodes", "trajectory_editor.py")  # identifies the pack, whatever its folder is called


def check(folder: Path) -> None:
    """Log a warning for each problem with the pack's folder. To be called inside the host, by each copy of the pack."""
    copies = copies_in(_custom_nodes())
    first = len(copies) > 1 and folder != copies[-1]  # one of them is enough to say that there are several
    for problem in [*name_problems(folder), *(() if first else copy_problems(copies))]:
        logging.warning(problem)


def problems(folder: Path) -> list[str]:
    """What is wrong with the pack's folder, and what to do. To be called inside the host."""
    return [*name_problems(folder), *copy_problems(copies_in(_custom_nodes()))]


def name_problems(folder: Path) -> Iterator[str]:
    """Says so if ComfyUI cannot serve scripts from a folder of this name.

    It registers the folder under its plain name but requests it under the URL-encoded one, so that no script is found
    if the name has a space or a letter such as "\u00e9".
    """
    if quote(folder.name) != folder.name:
        yield printable(
            f'DragNUWA: ComfyUI cannot serve the page from a folder called "{folder.name}", so the Trajectory '
            "Editor will show no canvas. Rename the folder in custom_nodes to ComfyUI-DragNUWA and restart ComfyUI."
        )


def copy_problems(copies: Sequence[Path]) -> Iterator[str]:
    """Says so if the pack is installed more than once.

    Each node comes from the last copy that ComfyUI loads, the routes from the first, and the page from any, so that
    versions get mixed up.
    """
    if len(copies) > 1:
        names = " and ".join(f'"{copy.name}"' for copy in copies)
        yield printable(
            f"DragNUWA: the pack is in custom_nodes {len(copies)} times, as {names}. ComfyUI takes the nodes of "
            "one and the editor of another. Remove all but one and restart ComfyUI."
        )


def copies_in(custom_nodes: Iterable[Path]) -> list[Path]:
    """The folders of the pack that ComfyUI loads, in order."""
    return sorted(entry for place in custom_nodes for entry in _entries(place) if (entry / EDITOR).is_file())


def _custom_nodes() -> list[Path]:
    import folder_paths  # only available inside the host

    return [Path(place) for place in folder_paths.get_folder_paths("custom_nodes")]


def _entries(place: Path) -> Iterator[Path]:
    """What ComfyUI loads from a folder of packs."""
    try:
        found = list(place.iterdir())
    except OSError:  # missing, or not readable
        return
    yield from (entry for entry in found if not entry.name.startswith(".") and entry.suffix != ".disabled")
