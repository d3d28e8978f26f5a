"""Links of Markdown files, and the anchors of their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from scripts.host import ROOT

BUILT = ("node_modules", "output", "runs", "site")  # and what begins with a dot
CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def markdown_files() -> list[str]:
    """All of the repository's, by their paths."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name not in BUILT]
    paths = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


def links(text: str) -> Iterator[tuple[str, str]]:
    """The target and the anchor of each link and picture, those in code aside."""
    for spaced, plain in re.findall(r"\]\((?:<([^>]+)>|([^)\s]+))\)", CODE.sub("`code`", text)):
        target, _, anchor = (spaced or plain).partition("#")
        yield unquote(target), anchor


def anchors(text: str) -> set[str]:
    """Those that GitHub gives to the headings."""
    found: set[str] = set()
    for title in re.findall(r"^#+ (.+?)\s*$", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found.add(next(name for count in range(100) if (name := f"{slug}-{count}" if count else slug) not in found))
    return found
