"""Templates and blueprints from compact descriptions.

tools/template_sources/NAME.py becomes workflows/TITLE.json, or one in a folder there, and workflows/api/NAME.json; a
file there with a table of TEMPLATES becomes one of each for every name in it.
tools/blueprint_sources/NAME.py becomes subgraphs/TITLE.json, a node with a graph inside that ComfyUI offers in its node
library.

ComfyUI's own page makes the nodes, sets their values and links them, so a template is just what the page would save.
A description holds no positions of sockets or widgets, only names:

    TEMPLATE = Template(
        title="Show a picture",
        note="## Title\\n\\nWhat to do.",
        nodes=[
            Node("picture", "LoadImage", at=(0, 40), values={"image": "dragnuwa-rocket.jpg"}),
            Node("show", "PreviewImage", at=(340, 40), links={"images": "picture.IMAGE"}),
        ],
    )
"""

from __future__ import annotations

import importlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from scripts.frontend import load_workflow

TEMPLATES = Path(__file__).with_name("template_sources")
BLUEPRINTS = Path(__file__).with_name("blueprint_sources")
BUILD = Path(__file__).with_name("build_graph.js")
MORE = "more"  # the folder of templates that ComfyUI's dialog does not list: it looks into no folder of workflows/
LOADERS = {"LoadImage": "image", "LoadVideo": "file"}  # what names the file of an example
INPUTS = "inputs"  # in the links of a node in a subgraph: the inputs of the subgraph
_NAMESPACE = uuid.UUID("5f3b7a52-5b6c-4c43-9d8e-1d0f7a6a2b11")  # the same name gives the same id each time
_EMPTY = {"last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "groups": [], "version": 0.4}
_INNER_IDS = 100  # the first id in a subgraph: the ids of all nodes of a workflow differ


@dataclass(frozen=True)
class Node:
    """A node: its name in the description, its type, the upper left corner, and what differs from the page's defaults.

    values: by the name of the widget. links: the name of the input -> "node.output", by names in the description.
    properties: of the node, such as "models", by which ComfyUI says what to download.
    """

    name: str
    type: str | Subgraph
    at: tuple[int, int]
    size: tuple[int, int] | None = None
    title: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)


FOLDED = frozenset({"checkpoint", "hold", "strength"})
"""What a blueprint may keep inside: the widgets of that name are found by entering it."""


@dataclass(frozen=True)
class Subgraph:
    """A graph that is one node from outside. Where an input leads to a widget, the node shows that widget.

    inputs: their names, in the order in which the node shows them; nodes link to "inputs.NAME". Links to one of
        `FOLDED` that is not among them are dropped.
    outputs: the name of each -> "node.output".
    description, chinese, aliases: for the search in ComfyUI's node library, where it is a blueprint. `chinese` is the
        description in Chinese, which is shown below it: ComfyUI translates no text of a blueprint.
    """

    title: str
    inputs: Sequence[str]
    outputs: dict[str, str]
    nodes: Sequence[Node]
    description: str = ""
    chinese: str = ""
    aliases: Sequence[str] = ()

    @property
    def id(self) -> str:
        return str(uuid.uuid5(_NAMESPACE, self.title))

    def __post_init__(self):
        inside = {f"{INPUTS}.{name}" for name in FOLDED - {*self.inputs}}
        nodes = [
            replace(node, links={name: source for name, source in node.links.items() if source not in inside})
            for node in self.nodes
        ]
        object.__setattr__(self, "nodes", nodes)

    @property
    def values(self) -> dict[str, Any]:
        """What the widgets on the node's face begin with: the values of the widgets that they lead to."""
        return {
            source.split(".")[1]: node.values[name]
            for node in self.nodes
            for name, source in node.links.items()
            if source.startswith(f"{INPUTS}.") and name in node.values
        }


@dataclass(frozen=True)
class Template:
    """A workflow, with a note in Markdown that says in a few plain sentences how to use it. A line that begins with
    spaces goes on where the one before it ended.

    title: the file's name, by which people find it in ComfyUI's dialog of templates. Where that lists them by name, as
        it does on Windows, the alphabet is the order of their use: what needs a download begins with "With".
    chinese: the same note in Chinese, which is shown below it: ComfyUI translates no text of a workflow.
    folder: in workflows/, "" or MORE.
    shown_drags: a drawing for the template's picture, where the template itself begins without drags.
    app_inputs: "node.widget" in the order in which ComfyUI's app mode shows them; its output is the node "save".
    """

    title: str
    note: str
    chinese: str
    nodes: Sequence[Node]
    app_inputs: Sequence[str] = ()
    folder: str = ""
    shown_drags: str = ""
    note_at: tuple[int, int] = (0, 440)
    note_size: tuple[int, int] = (300, 420)

    @property
    def path(self) -> Path:
        """In workflows/, without an ending."""
        return Path(self.folder, self.title)

    @property
    def text(self) -> str:
        """The note in both languages."""
        return re.sub(r"\n {2,}", " ", f"{self.note}\n---\n\n{self.chinese}")


def template_sources() -> dict[str, Template]:
    """All templates, by name: that of the file that describes one, or those in TEMPLATES of a file that has a table."""
    found: dict[str, Template] = {}
    for path in TEMPLATES.glob("[a-z]*.py"):
        module = _module(path)
        found |= getattr(module, "TEMPLATES", None) or {path.stem: module.TEMPLATE}
    return dict(sorted(found.items()))


def blueprints() -> list[Subgraph]:
    return [_module(path).BLUEPRINT for path in sorted(BLUEPRINTS.glob("[a-z]*.py"))]


def _module(path: Path) -> Any:
    return importlib.import_module(f"tools.{path.parent.name}.{path.stem}")


def build(page: Page, template: Template, name: str) -> dict:
    """The workflow of a template, as the page saves it.

    Raises:
        playwright.sync_api.Error: a type, widget, input or output that does not exist, with its name.
    """
    note = Node("note", "MarkdownNote", template.note_at, template.note_size, "How to use this")
    nodes = [note, *_with_words_marked(template.nodes)]
    workflow = _saved(page, nodes, template.text)
    ids = {node.name: number for number, node in enumerate(nodes, start=1)}
    shown = [[ids[node], widget] for node, widget in (path.split(".") for path in template.app_inputs)]
    app = {"linearData": {"inputs": shown, "outputs": [ids["save"]]}, "linearMode": False} if shown else {}
    extra = {**app, "dragnuwa_fits": True}  # the editor's page shows it as large as the window allows
    return {"id": str(uuid.uuid5(_NAMESPACE, name)), **workflow, "extra": extra}


def _with_words_marked(nodes: Sequence[Node]) -> list[Node]:
    """What a node has as its prompt is of the example's picture: the page takes it away with that."""
    files = [node.values[LOADERS[node.type]] for node in nodes if isinstance(node.type, str) and node.type in LOADERS]

    def marked(node: Node) -> Node:
        if len(files) != 1 or "prompt" not in node.values:
            return node
        words = {"picture": files[0], "words": node.values["prompt"]}
        return replace(node, properties=node.properties | {"example_words": words})

    return [marked(node) for node in nodes]


def build_blueprint(page: Page, blueprint: Subgraph) -> dict:
    """A workflow that holds nothing but the blueprint, as the page saves one."""
    workflow = _saved(page, [Node("blueprint", blueprint, (0, 0))], "")
    return {
        "id": blueprint.id,
        **workflow,
        "extra": {
            "BlueprintDescription": f"{blueprint.description}\n\n{blueprint.chinese}",
            "BlueprintSearchAliases": list(blueprint.aliases),
        },
    }


def _saved(page: Page, nodes: Sequence[Node], note: str) -> dict:
    load_workflow(page, _EMPTY)
    ours = {blueprint.id for blueprint in blueprints()}
    inside = {node.type.id: _showing(node.type, node.values) for node in nodes if isinstance(node.type, Subgraph)}
    first = sorted(inside.values(), key=lambda graph: graph.id not in ours)  # with the ids that it has as a blueprint
    described = {
        "nodes": [_described(node) for node in nodes],
        "note": note,
        "subgraphs": [_subgraph(value, (k + 1) * _INNER_IDS) for k, value in enumerate(first)],
    }
    workflow = page.evaluate(BUILD.read_text(encoding="utf-8"), described)
    _fix_ids(workflow)
    kept = {key: workflow[key] for key in ("revision", "last_node_id", "last_link_id", "nodes", "links")}
    definitions = {"definitions": workflow["definitions"]} if inside else {}
    return {**kept, "groups": [], **definitions, "config": {}, "version": 0.4}


def _showing(graph: Subgraph, values: dict[str, Any]) -> Subgraph:
    """The graph with the values of its node's face in the widgets that they belong to: the page before 1.46 takes them
    from there."""

    def shown(node: Node) -> Node:
        led = {name: source.removeprefix(f"{INPUTS}.") for name, source in node.links.items()}
        own = {name: values[source] for name, source in led.items() if source in values}
        return replace(node, values=node.values | own)

    return replace(graph, nodes=[shown(node) for node in graph.nodes])


def _subgraph(graph: Subgraph, first_id: int) -> dict:
    return {
        "id": graph.id,
        "title": graph.title,
        "inputs": list(graph.inputs),
        "outputs": graph.outputs,
        "nodes": [_described(node) for node in graph.nodes],
        "firstId": first_id,
    }


def _described(node: Node) -> dict:
    fields = {"name": node.name, "at": node.at, "size": node.size, "links": node.links, "properties": node.properties}
    if isinstance(node.type, Subgraph):
        values = node.type.values | node.values
        return {**fields, "type": node.type.id, "title": node.title or node.type.title, "values": values}
    return {**fields, "type": node.type, "title": node.title, "values": node.values}


def _fix_ids(workflow: dict) -> None:
    """The page draws an id by chance for each input and output of a subgraph: the same ones each time instead."""
    for graph in workflow.get("definitions", {}).get("subgraphs", ()):
        for side in ("inputs", "outputs"):
            for slot in graph[side]:
                slot["id"] = str(uuid.uuid5(_NAMESPACE, f"{graph['name']}/{side}/{slot['name']}"))
