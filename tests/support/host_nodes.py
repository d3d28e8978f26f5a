"""The pack's nodes, called as ComfyUI does it. Imported in ComfyUI's code."""

from __future__ import annotations

from tests.fuzzing.nodes import all_nodes


def run_node(node_id: str, **inputs) -> tuple:
    """What a node gives."""
    return all_nodes()[node_id].EXECUTE_NORMALIZED(**inputs).result
