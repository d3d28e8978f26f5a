"""Workflows that were saved with an older version open and run for ever (tests/saved)."""

import json
from pathlib import Path

import pytest
import requests

from scripts.frontend import api_prompt, replace_workflow
from tests.support.newer_nodes import absent

SAVED = Path(__file__).parents[2] / "saved"
API = sorted(SAVED.glob("*/api/*.json"))
PAGES = sorted(SAVED.glob("*/workflows/*.json"))
MISSING_FILES = {"value_not_in_list", "custom_validation_failed"}  # models and pictures that this server does not have


def name_of(path: Path) -> str:
    return f"{path.parents[1].name}: {path.stem}"


def ours(prompt: dict) -> dict[str, dict]:
    """The page gives a node that it does not know no class."""
    return {key: node for key, node in prompt.items() if (node["class_type"] or "").startswith("DragNUWA")}


@pytest.fixture(scope="module")
def known(client) -> dict:
    """What the server says of its nodes, megabytes."""
    return client.object_info()


@pytest.mark.parametrize("path", API, ids=name_of)
def test_the_server_takes_a_saved_prompt(path, host, client, known):
    """Every node, input and value is still known; only files may be missing, and nodes that this ComfyUI does not have
    yet."""
    prompt = json.loads(path.read_text(encoding="utf-8"))
    answer = requests.post(f"{host.url}/prompt", json={"prompt": prompt}, timeout=30).json()
    if "prompt_id" in answer:
        client.interrupt(answer["prompt_id"])
    errors = [error for node in answer.get("node_errors", {}).values() for error in node["errors"]]
    if newer := absent(prompt, known):
        assert answer["error"]["extra_info"]["node_id"] in newer, answer
    else:
        assert "prompt_id" in answer or errors, answer
    assert {error["type"] for error in errors} <= MISSING_FILES, answer
    for node in ours(prompt).values():
        inputs = known[node["class_type"]]["input"]
        assert node["inputs"].keys() <= {**inputs["required"], **inputs.get("optional", {})}.keys()


@pytest.mark.parametrize("editor_page", ["classic"], indirect=True)
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_the_page_opens_a_saved_workflow_as_it_was(path, editor_page, known):
    """What it would queue has every input that was saved with it, drawings included.

    Around a node that an older ComfyUI has not, newer pages mix up the values of a subgraph's face.
    """
    replace_workflow(editor_page, json.loads(path.read_text(encoding="utf-8")))
    saved = json.loads((path.parents[1] / "api" / path.name).read_text(encoding="utf-8"))
    found = ours(api_prompt(editor_page))
    assert found.keys() == ours(saved).keys()
    whole = not absent(saved, known)
    for key, node in ours(saved).items():
        assert found[key]["class_type"] == node["class_type"]
        kept = {name: found[key]["inputs"].get(name) for name in node["inputs"]}
        assert not whole or kept == node["inputs"]
