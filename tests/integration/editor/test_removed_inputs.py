"""Workflows that were saved with an input that its node no longer has."""

import json

import pytest
import requests

from scripts.frontend import replace_workflow
from scripts.host import ROOT

NODE = "app.graph.nodes.find(n => n.type === 'DragNUWADragAnythingApply')"
REMOVED = "shipped_batch_order"
VALUES = {"width": 512, "height": 256, "frames": 16, "strength": 0.5, "start_percent": 0.1, "end_percent": 0.9,
          "entity_mode": "vector", "fit": "pad"}  # fmt: skip
SOCKETS = {"positive": "CONDITIONING", "negative": "CONDITIONING", "control_net": "CONTROL_NET", "image": "IMAGE"}
MISSING_FILES = {"value_not_in_list", "custom_validation_failed"}  # models and pictures that this server does not have


def saved() -> dict:
    """DragAnything Apply as the page saved it, with Load Image as its picture."""
    *before, fit = VALUES.values()
    names = [*[*VALUES][:-1], REMOVED, "fit"]
    inputs = [{"name": name, "type": kind, "link": 1 if name == "image" else None} for name, kind in SOCKETS.items()]
    inputs += [{"name": name, "type": "*", "link": None, "widget": {"name": name}} for name in names]
    apply = {
        "id": 2, "type": "DragNUWADragAnythingApply", "pos": [360, 80], "size": [300, 400], "flags": {}, "order": 1,
        "mode": 0, "properties": {}, "inputs": inputs, "outputs": [], "widgets_values": [*before, True, fit],
    }  # fmt: skip
    loader = {
        "id": 1, "type": "LoadImage", "pos": [20, 80], "size": [300, 320], "flags": {}, "order": 0, "mode": 0,
        "properties": {}, "inputs": [], "widgets_values": ["example.png", "image"],
        "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}, {"name": "MASK", "type": "MASK", "links": None}],
    }  # fmt: skip
    return {
        "version": 0.4, "last_node_id": 2, "last_link_id": 1, "groups": [], "config": {}, "extra": {},
        "nodes": [loader, apply], "links": [[1, 1, 0, 2, 3, "IMAGE"]],
    }  # fmt: skip


def test_the_page_gives_all_other_values_to_their_inputs(editor_page):
    replace_workflow(editor_page, saved())
    for _ in range(2):  # the second time as this version saves it
        found = editor_page.evaluate(f"() => Object.fromEntries({NODE}.widgets.map(w => [w.name, w.value]))")
        assert {name: found.get(name) for name in VALUES} == VALUES
        sockets = editor_page.evaluate(f"() => {NODE}.inputs.filter(i => i.link != null || !i.widget).map(i => i.name)")
        assert REMOVED not in sockets and "image" in sockets
        again = editor_page.evaluate("() => JSON.parse(JSON.stringify(app.graph.serialize()))")
        assert REMOVED not in json.dumps(again)
        replace_workflow(editor_page, again)


def test_values_that_are_saved_by_name_are_opened_by_name(editor_page):
    """As if an input had come between others since; a page that saves no names has the order alone."""
    replace_workflow(editor_page, saved())
    graph = editor_page.evaluate("() => JSON.parse(JSON.stringify(app.graph.serialize()))")
    (node,) = (node for node in graph["nodes"] if node["type"] == "DragNUWADragAnythingApply")
    if "widgets_values_named" in node:
        assert {name: node["widgets_values_named"][name] for name in VALUES} == VALUES
        node["widgets_values"] = node["widgets_values"][1:]
    replace_workflow(editor_page, graph)
    found = editor_page.evaluate(f"() => Object.fromEntries({NODE}.widgets.map(w => [w.name, w.value]))")
    assert {name: found.get(name) for name in VALUES} == VALUES


@pytest.mark.parametrize("name", ["draganything", "draganything_with_carry"])
def test_the_server_takes_a_prompt_with_it(name, host, client):
    prompt = json.loads((ROOT / "workflows" / "api" / f"{name}.json").read_text(encoding="utf-8"))
    (node,) = (node for node in prompt.values() if node["class_type"] == "DragNUWADragAnythingApply")
    node["inputs"][REMOVED] = True
    answer = requests.post(f"{host.url}/prompt", json={"prompt": prompt}, timeout=30).json()
    if "prompt_id" in answer:
        client.interrupt(answer["prompt_id"])
    errors = [error for found in answer.get("node_errors", {}).values() for error in found["errors"]]
    assert "prompt_id" in answer or errors, answer
    assert {error["type"] for error in errors} <= MISSING_FILES, answer
