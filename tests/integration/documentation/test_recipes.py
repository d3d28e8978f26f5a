"""docs/recipes/ names what is there: controls of the editor, inputs of nodes and blueprints, keys, templates' nodes."""

import json
import re
from collections.abc import Iterator

import pytest

from scripts.host import ROOT
from tests.integration.documentation.reading import page, read, section, table
from tests.integration.node_ids import NODES

RECIPES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/recipes/*.md"))
OF_COMFYUI = {"Open in MaskEditor", "Preview Mask"}
"""What ComfyUI's own page calls a control."""


def prose(name: str) -> str:
    """Without code blocks and the texts of links, and each space and line break as a space."""
    text = re.sub(r"^```.*?^```$", "", read(name), flags=re.MULTILINE | re.DOTALL)
    return " ".join(re.sub(r"\[[^\[\]]*\]\([^)]*\)", "", text).split())


@pytest.fixture(scope="module")
def words_of_the_editor() -> str:
    files = [*ROOT.glob("web/editor/strings/[!z]*.js"), *ROOT.glob("web/editor/tools/*.js")]
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.fixture(scope="module")
def graphs() -> list[dict]:
    """Templates and blueprints."""
    paths = [*ROOT.glob("workflows/*.json"), *ROOT.glob("workflows/more/*.json"), *ROOT.glob("subgraphs/*.json")]
    return [json.loads(path.read_text("utf-8")) for path in paths]


def nodes_of(graph: dict) -> Iterator[dict]:
    """Those of a graph and of the subgraphs in it."""
    yield from graph["nodes"]
    for subgraph in subgraphs_of(graph):
        yield from subgraph["nodes"]


def subgraphs_of(graph: dict) -> list[dict]:
    return graph.get("definitions", {}).get("subgraphs", [])


def titles_of(graph: dict) -> Iterator[str]:
    yield from (node["title"] for node in nodes_of(graph) if node.get("title"))
    yield from (subgraph["name"] for subgraph in subgraphs_of(graph))


@pytest.mark.parametrize("name", RECIPES)
def test_controls_in_italics_exist(name, words_of_the_editor, graphs):
    """Controls of the editor, by their text or its beginning, and titles of nodes, without what is in brackets."""
    titles = {part for graph in graphs for title in titles_of(graph) for part in (title, title.split(" (")[0])}
    named = {text.rstrip(":") for text in re.findall(r"(?<![*\w])\*([^*]+)\*(?!\*)", prose(name))}
    unknown = [
        text
        for text in named - titles - OF_COMFYUI
        if not re.search(rf"'{re.escape(text)}", words_of_the_editor) and not re.fullmatch(r"\([\w.\- ]+\)", text)
    ]
    assert unknown == []


@pytest.mark.parametrize("name", RECIPES)
def test_inputs_in_bold_are_those_of_blueprints(name, graphs):
    inputs = {slot["name"] for graph in graphs for node in nodes_of(graph) for slot in node.get("inputs", [])}
    inputs |= {item["name"] for graph in graphs for part in subgraphs_of(graph) for item in part["inputs"]}
    named = set(re.findall(r"\*\*([a-z_]+)\*\*", prose(name)))
    assert named - inputs == set()


@pytest.mark.parametrize("name", RECIPES)
def test_names_in_code_are_on_the_help_pages(name):
    """Inputs, outputs, options and fields."""
    known = {text for node in NODES for text in re.findall(r"`([a-z][a-z_0-9]*)`", page(node))}
    assert set(re.findall(r"`([a-z][a-z_0-9]*)`", prose(name))) - known == set()


@pytest.mark.parametrize("name", RECIPES)
def test_keys_are_those_of_the_editor(name):
    keys = " ".join(row[0] for row in table(section(page("DragNUWATrajectoryEditor"), "Keys")))
    for key in set(re.findall(r"<kbd>(.+?)</kbd>", read(name))) - {"R"}:  # R is ComfyUI's: it reads the files anew
        assert re.search(rf"(?<!\w){re.escape(key)}(?!\w)", keys), key


def test_every_recipe_is_in_the_list():
    listed = set(re.findall(r"\]\((\w+\.md#[\w-]+)\)", read("docs/recipes/index.md")))
    for name in RECIPES:
        file = name.rsplit("/", 1)[1]
        for title in re.findall(r"^## (.+)$", read(name), re.MULTILINE):
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            assert f"{file}#{slug}" in listed, title
