"""Parts of the pages that the tests in this folder read."""

from __future__ import annotations

import re

from scripts.host import ROOT


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def page(name: str) -> str:
    return read(f"web/docs/{name}.md")


def section(text: str, title: str) -> str:
    """The lines below a heading, down to the next of the same level or above."""
    level, *_ = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE).groups()
    after = re.split(rf"^{level} {re.escape(title)}$", text, flags=re.MULTILINE)[1]
    return re.split(rf"^#{{1,{len(level)}}} ", after, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """The cells of every table row, without headings."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = [number for number, row in enumerate(rows) if set("".join(row)) <= set("- :")]
    return [row for number, row in enumerate(rows) if number not in rules and number + 1 not in rules]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
