"""Templates from compact descriptions: tools/template_sources/NAME.py becomes workflows/NAME.json.

ComfyUI's own page makes the nodes, sets their values and links them, so a template is just what the page would save.
A description holds no positions of sockets or widgets, only names:

    TEMPLATE = Template(
        note="## Title\\n\\nWhat to do.",
        nodes=[
            Node("picture", "LoadImage", at=(0, 40), values={"image": "example.png"}),
            Node("show", "PreviewImage", at=(340, 40), links={"images": "picture.IMAGE"}),
        ],
    )
"""

from __future__ import annotations

import importlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from frontend import load_workflow

SOURCES = Path(__file__).with_name("template_sources")
_NAMESPACE = uuid.UUID("5f3b7a52-5b6c-4c43-9d8e-1d0f7a6a2b11")  # the same name gives the same id each time
_EMPTY = {"last_node_id": 0, "last_link_id": 0, "nodes": [], "links": [], "groups": [], "version": 0.4}


@dataclass(frozen=True)
class Node:
    """A node: its name in the description, its type, the upper left corner, and what differs from the page's defaults.

    values: by the name of the widget. links: the name of the input -> "node.output", by names in the description.
    properties: of the node, such as "models", by which ComfyUI says what to download.
    """

    name: str
    type: str
    at: tuple[int, int]
    size: tuple[int, int] | None = None
    title: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A titled frame around nodes: upper left corner and size."""

    title: str
    at: tuple[int, int]
    size: tuple[int, int]


@dataclass(frozen=True)
class Template:
    """A workflow, with a note in Markdown that says in a few plain sentences how to use it. A line that begins with
    spaces goes on where the one before it ended."""

    note: str
    nodes: Sequence[Node]
    groups: Sequence[Group] = ()
    note_at: tuple[int, int] = (-380, 40)
    note_size: tuple[int, int] = (340, 480)


def sources() -> list[str]:
    """The names of all templates that are described."""
    return sorted(path.stem for path in SOURCES.glob("*.py") if path.stem not in ("__init__", "parts"))


def build(page: Page, name: str) -> dict:
    """The workflow that tools/template_sources/NAME.py describes, as the page saves it.

    Raises:
        playwright.sync_api.Error: a type, widget, input or output that does not exist, with its name.
    """
    template: Template = importlib.import_module(f"template_sources.{name}").TEMPLATE
    load_workflow(page, _EMPTY)
    note = Node("note", "MarkdownNote", template.note_at, template.note_size, "How to use this")
    described = [_described(node) for node in (note, *template.nodes)]
    described[0] |= {"text": re.sub(r"\n {2,}", " ", template.note), "color": "#432", "bgcolor": "#653"}
    workflow = page.evaluate(_BUILD, described)
    groups = [
        {"id": k, "title": g.title, "bounding": [*g.at, *g.size], "color": "#3f789e", "font_size": 24, "flags": {}}
        for k, g in enumerate(template.groups, start=1)
    ]
    kept = {key: workflow[key] for key in ("revision", "last_node_id", "last_link_id", "nodes", "links")}
    identity = str(uuid.uuid5(_NAMESPACE, name))
    return {"id": identity, **kept, "groups": groups, "config": {}, "extra": {}, "version": 0.4}


def _described(node: Node) -> dict:
    fields = {"name": node.name, "type": node.type, "at": node.at, "size": node.size, "title": node.title}
    return {**fields, "values": node.values, "links": node.links, "properties": node.properties}


_BUILD = """
(described) => {
  const made = new Map();
  const find = (list, name, what) => {
    const index = (list ?? []).findIndex((item) => item.name === name);
    if (index < 0) throw new Error(`${what} ${name}: there is ${(list ?? []).map((item) => item.name).join(', ')}`);
    return index;
  };
  described.forEach(({ name, type, at, size, title, values, properties, text, color, bgcolor }, k) => {
    const node = LiteGraph.createNode(type);
    if (!node) throw new Error(`${name}: there is no node ${type}`);
    node.id = k + 1;
    app.graph.add(node);
    node.pos = at;
    if (size) node.setSize(size);
    if (title) node.title = title;
    Object.assign(node.properties, properties);
    if (color) Object.assign(node, { color, bgcolor });
    if (text) node.widgets[0].value = text;
    for (const [key, value] of Object.entries(values)) {
      node.widgets[find(node.widgets, key, `the widget of ${name}`)].value = value;
    }
    made.set(name, node);
  });
  for (const { name, links } of described) {
    for (const [input, source] of Object.entries(links)) {
      const [from, output] = source.split('.');
      if (!made.has(from)) throw new Error(`${name}: there is no ${from}`);
      const to = made.get(name);
      const slot = find(made.get(from).outputs, output, `the output of ${from}`);
      const link = made.get(from).connect(slot, to, find(to.inputs, input, `the input of ${name}`));
      if (!link) throw new Error(`${name}: ${source} does not fit ${input}`);
    }
  }
  return JSON.parse(JSON.stringify(app.graph.serialize()));
}
"""
