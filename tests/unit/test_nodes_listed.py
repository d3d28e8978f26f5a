"""Every node that is written is one that ComfyUI is told of, and can be interrupted."""

import ast
from pathlib import Path

NODES = Path(__file__).parents[2] / "nodes"


def written_nodes() -> dict[str, ast.ClassDef]:
    return {
        found.name: found
        for path in NODES.glob("*.py")
        for found in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(found, ast.ClassDef) and "io.ComfyNode" in map(ast.unparse, found.bases)
    }


def test_each_node_class_is_in_the_list():
    written = written_nodes().keys()
    (listed,) = [
        statement.value
        for statement in ast.parse((NODES / "__init__.py").read_text(encoding="utf-8")).body
        if isinstance(statement, ast.AnnAssign) and statement.target.id == "NODES"
    ]
    assert {name.id for name in listed.elts} == written
    assert len(written) > 20


def test_each_node_can_be_interrupted():
    """The library asks whether to go on (`dragnuwa.common.interrupt`); without this nobody would answer."""
    for name, node in written_nodes().items():
        (execute,) = [each for each in node.body if getattr(each, "name", None) == "execute"]
        assert [ast.unparse(each) for each in execute.decorator_list] == ["classmethod", "interruptible"], name
