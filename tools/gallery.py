"""The sheets of docs/gallery.md, with what the pages that explain them say of them, so that it is written once."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "docs"


@dataclass(frozen=True)
class Sheet:
    """A picture of a page, under a title of its own in the gallery."""

    title: str
    picture: str
    page: str


CARD, CARRY, LONGER = "models/README.md", "web/docs/DragNUWACarry.md", "web/docs/DragNUWATransformTrajectories.md"
MEASURED = "docs/measurements.md"
SHEETS = (
    Sheet("Twelve photographs, without a model", "assets/twelve_photos.jpg", CARD),
    Sheet("Twelve living things that bend", "assets/bending_photographs.jpg", MEASURED),
    Sheet("A flag, a palm and a braid that sway", "assets/swaying_photographs.jpg", MEASURED),
    Sheet("A walking woman who waves", "assets/waving_clip.jpg", MEASURED),
    Sheet("Six photographs with depth by hand", "assets/depth_by_hand.jpg", MEASURED),
    Sheet("Photographs and drawings, with Carry", "assets/tiny_photos_carried.jpg", CARD),
    Sheet("The same without Carry", "assets/tiny_photos.jpg", CARD),
    Sheet("The same after Restore Detail", "assets/tiny_photos_restored.jpg", CARD),
    Sheet("Prompts without a picture", "assets/tiny_prompts.jpg", CARD),
    Sheet("A drag, with and without Carry", "web/docs/DragNUWACarry.jpg", CARRY),
    Sheet("A longer clip", "web/docs/long_clip.jpg", LONGER),
)


def sheets() -> str:
    """All sheets with their texts, and a link to the page that each is from."""
    return "\n\n".join(map(_section, SHEETS))


def _section(sheet: Sheet) -> str:
    text = (ROOT / sheet.page).read_text("utf-8")
    title = re.search(r"^# (.+)$", text, re.MULTILINE)[1]
    own = _with_links_from_here(said_of(text, posixpath.relpath(sheet.picture, posixpath.dirname(sheet.page))), sheet)
    return f"## {sheet.title}\n\n{own}\n\nFrom [{title}]({posixpath.relpath(sheet.page, FOLDER)})."


def said_of(text: str, picture: str) -> str:
    """A picture of a page, and what stands below it up to the next picture, heading or table.

    Raises:
        ValueError: if the page does not show it.
    """
    rest = re.search(rf"^!\[[^\]]*\]\({re.escape(picture)}\)\n.*", text, re.MULTILINE | re.DOTALL)
    if not rest:
        raise ValueError(f"The page should show {picture}.")
    first, *others = rest[0].split("\n\n")
    kept = [first]
    for block in others:
        if block.startswith(("![", "#", "|")):
            break
        kept.append(block)
    return "\n\n".join(kept).strip()


def _with_links_from_here(text: str, sheet: Sheet) -> str:
    def moved(match: re.Match) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(sheet.page), match[1]))
        return f"]({posixpath.relpath(target, FOLDER)})"

    return re.sub(r"\]\((?![a-z]+:)([^)#\s]+)\)", moved, text)
