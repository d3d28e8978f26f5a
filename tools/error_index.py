"""docs/errors.md: every error message of the pack, with the help pages that say more of it.

The messages are read from the code: the text of each error that it makes, with an ellipsis for each value. `make docs`
writes the page.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from scripts.archive import ROOT, shipped_files

PAGES = ROOT / "web" / "docs"
MAKES_AN_ERROR = re.compile(r"(Error|Refused|wrong|wrong_shape)$")
ELLIPSIS = "…"
FEWEST_LETTERS = 12  # of its own words, below which a message is only others put together
LEAST_SHARED = 24  # letters that a help page must have of a message to be about it
# Parts of the pack, the longest paths first where one is inside another.
PARTS = {
    "dragnuwa/carry/depth/cameras": "Camera paths",
    "dragnuwa/carry/depth": "Camera in depth",
    "dragnuwa/carry/video": "Drags on a video",
    "dragnuwa/carry": "Carry",
    "dragnuwa/detail": "Restore Detail",
    "dragnuwa/trajectory/formats": "Formats of other tools",
    "dragnuwa/trajectory/motion": "Motion tools",
    "dragnuwa/trajectory/objects": "Objects",
    "dragnuwa/trajectory": "Drags",
    "dragnuwa/vision/inpainting": "Filling what is uncovered",
    "dragnuwa/vision": "Finding objects and tracks",
    "dragnuwa/models": "Checkpoints and drag maps",
    "dragnuwa/provenance": "Content credentials",
    "dragnuwa/host": "Models in ComfyUI",
    "dragnuwa/server": "The editor's requests",
    "dragnuwa/overlay": "Previews",
    "dragnuwa/common": "Pictures, videos, files and packages",
    "dragnuwa": "Programs",
    "nodes": "Nodes",
}
HEAD = """\
# Error messages

Every message that the nodes and the editor may show, by the part that it comes from. An ellipsis stands for a value of
yours. A message says what was expected, what was found, and what to do; where a help page says more, it is linked. To
report one that you cannot solve, add the report of [DragNUWA Doctor](../web/docs/DragNUWADoctor.md).

<!-- Written by make docs from the code. -->
"""


def page() -> str:
    """The text of docs/errors.md."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in shipped_files():
        if path.endswith(".py") and "/" in path:
            found[_part(path)].update(messages((ROOT / path).read_text(encoding="utf-8")))
    helps = {path.stem: _plain(path.read_text(encoding="utf-8")) for path in sorted(PAGES.glob("*.md"))}
    sections = [HEAD]
    for title in PARTS.values():
        if rows := [_row(message, helps) for message in sorted(found[title], key=_order)]:
            sections.append("\n".join([f"## {title}\n", "| Message | Help pages |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(sections)


def messages(source: str) -> Iterator[str]:
    """The messages of the errors that a module makes."""
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        name = ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
        if MAKES_AN_ERROR.search(name):
            text = _composed(name, [_text(argument, constants) for argument in node.args])
            if sum(letter.isalpha() for letter in text) >= FEWEST_LETTERS:
                yield " ".join(text.split())


def _composed(name: str, texts: list[str]) -> str:
    """The message of a call, by the texts of its arguments."""
    if name == "wrong" and len(texts) == 5:
        where, what, expected, _, remedy = texts
        return f"{where}: {what} should be {expected}, but it is {ELLIPSIS}. {remedy}"
    if name == "wrong_shape" and len(texts) == 3:
        return f"Tracks from another node: {texts[0]} should have the shape {texts[1]}, but its shape is {ELLIPSIS}."
    return next((text for text in texts if text != ELLIPSIS), "")


def _text(node: ast.expr, constants: dict[str, ast.expr]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, constants) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, constants) + _text(right, constants)
        case ast.Call(func=ast.Name(id="printable"), args=[inner]):
            return _text(inner, constants)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return re.sub(r"\{\w*\}", ELLIPSIS, _text(inner, constants))
        case ast.FormattedValue(value=inner) | inner if isinstance(inner, ast.Name) and inner.id in constants:
            return _text(constants[inner.id], {})
    return ELLIPSIS


def _part(path: str) -> str:
    return next(title for folder, title in PARTS.items() if path.startswith(folder))


def _order(message: str) -> tuple[bool, str]:
    """By the alphabet; those that begin with a value of the person's come last."""
    return message.startswith(ELLIPSIS), re.sub(r"[^a-z ]", "", message.lower()).strip()


def _row(message: str, helps: dict[str, str]) -> str:
    pages = [name for name, text in helps.items() if _told(message, text)]
    links = ", ".join(f"[{_title(name)}](../web/docs/{name}.md#error-messages)" for name in pages)
    return f"| {_escaped(message)} | {links} |"


def _told(message: str, page: str) -> bool:
    """Whether a help page has the message, by its longest words between values."""
    longest = max(_plain(message).split(ELLIPSIS), key=len).strip()
    return len(longest) >= LEAST_SHARED and longest in page


def _title(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# DragNUWA ")


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").replace("\\", "").split())


def _escaped(text: str) -> str:
    """Text for a cell of a table, in which nothing is markup."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
