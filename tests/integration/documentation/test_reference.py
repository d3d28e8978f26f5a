"""The examples in docs/reference/ run, and print what stands behind their print calls."""

import re

import pytest

from scripts.host import ROOT
from tests.integration.documentation.reading import blocks, read

PAGES = sorted(path.stem for path in ROOT.glob("docs/reference/*.md"))
WITHOUT = {"checkpoint", "client", "flow"}  # docs/library.md and docs/api.md have theirs


@pytest.mark.parametrize("name", sorted(set(PAGES) - WITHOUT))
def test_the_example_runs(name, monkeypatch, capsys):
    (code,) = blocks(read(f"docs/reference/{name}.md"), "python")
    monkeypatch.chdir(ROOT)
    exec(code, {})  # noqa: S102
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in re.findall(r"print\(.*\)  # (.+)", code) if line not in printed] == []
