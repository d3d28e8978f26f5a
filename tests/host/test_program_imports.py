"""What programs beside the library import of it exists: nothing else runs many of them."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(path for folder in ("tools", "benchmarks", "scripts") for path in (ROOT / folder).rglob("*.py"))
OURS = ("dragnuwa", "tools", "benchmarks", "scripts")


def imported(path: Path) -> list[tuple[str, str]]:
    """Modules of ours, and the names that are taken from each."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    taken = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return [(node.module, name.name) for node in taken if node.module.split(".")[0] in OURS for name in node.names]


def exists(module: str, name: str) -> bool:
    found = importlib.import_module(module)
    return hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}") is not None


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_it_imports_exists(path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    assert [each for each in imported(path) if not exists(*each)] == []
