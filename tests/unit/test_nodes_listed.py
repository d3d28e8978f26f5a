"""Every node that is written is one that ComfyUI is told of."""

import ast
from pathlib import Path

NODES = Path(__file__).parents[2] / "nodes"


def test_each_node_class_is_in_the_list():
    written = {
        found.name
        for path in NODES.glob("*.py")
        for found in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(found, ast.ClassDef) and "io.ComfyNode" in map(ast.unparse, found.bases)
    }
    (listed,) = [
        statement.value
        for statement in ast.parse((NODES / "__init__.py").read_text(encoding="utf-8")).body
        if isinstance(statement, ast.AnnAssign) and statement.target.id == "NODES"
    ]
    assert {name.id for name in listed.elts} == written
    assert len(written) > 20
