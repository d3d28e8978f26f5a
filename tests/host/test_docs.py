"""`make docs` needs ComfyUI's code, which this process has loaded, and no server."""

import sys

from tools import docs


def test_it_finds_all_current(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["docs.py", "--check"])
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert docs.main() == 0
    assert capsys.readouterr().out == ""
