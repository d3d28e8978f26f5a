"""Every node has its texts and a help page that agree with the running server and with the code.

The frontend fetches a node's help from /extensions/<folder of the pack>/docs/<node id>/<locale>.md, then from
/extensions/<folder>/docs/<node id>.md, and passes over anything that is served as HTML. It falls back to no other
language, so the flat file is the one that ships.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
import requests

from dragnuwa import trajectory
from scripts.host import ROOT, find_installation
from tests.integration.documentation.reading import blocks, page, section, table
from tests.integration.node_ids import NODES
from tools.docs import inputs_of

WIDTH, HEIGHT = 576, 320


def test_the_nodes_of_the_server_are_those_that_have_a_page(nodes):
    assert sorted(nodes) == NODES
    assert sorted(path.stem for path in ROOT.glob("web/docs/*.md")) == NODES


@pytest.mark.parametrize("name", NODES)
def test_everything_has_a_text(name, nodes):
    node = nodes[name]
    assert node["display_name"].startswith(("DragNUWA ", "DragAnything "))
    assert node["description"].endswith(".")
    for kind, options in inputs_of(node).values():
        assert options.get("tooltip", "").endswith("."), (kind, options)
    assert len(node["output_tooltips"]) == len(node["output"])
    assert all((tooltip or "").endswith(".") for tooltip in node["output_tooltips"])


@pytest.mark.parametrize("name", NODES)
def test_the_help_page_is_served_where_the_frontend_looks(name, nodes, host):
    folder = nodes[name]["python_module"].split(".")[1]
    answer = requests.get(f"{host.url}/extensions/{folder}/docs/{name}.md", timeout=10)
    assert answer.status_code == 200
    assert "text/html" not in answer.headers["content-type"]
    assert answer.content.decode("utf-8") == page(name)


@pytest.mark.parametrize("name", NODES)
def test_the_help_page_lists_inputs_and_outputs(name, nodes):
    node, text = nodes[name], page(name)
    assert text.startswith(f"# {node['display_name']}\n")
    rows = {row[0].strip("`"): row for row in table(section(text, "Inputs"))}
    assert rows.keys() == inputs_of(node).keys()
    outputs = [row[0].strip("`") for row in table(section(text, "Outputs"))]
    assert outputs == node["output_name"]
    for input_name, (kind, options) in inputs_of(node).items():
        optional = ", optional" if input_name in node["input"].get("optional", {}) else ""
        values = rows[input_name][2]
        assert values.endswith(optional)
        values = values.removesuffix(optional)
        if kind in ("INT", "FLOAT"):
            step = f", step {options['step']:g}" if options.get("step", 1) != 1 else ""
            assert values == f"{options['min']:g} to {options['max']:.15g}{step}; default {options['default']:g}"
        elif kind == "COMBO" and "default" not in options:  # the user's files
            assert values == "a file"
        elif kind == "COMBO":
            choices = ", ".join(f"`{option}`" for option in options["options"])
            assert values == f"{choices}; default {options['default']}"
        elif kind == "BOOLEAN":
            assert values == f"`true`, `false`; default {'true' if options['default'] else 'false'}"
        elif kind != "STRING" or options.get("forceInput"):
            assert values == kind
        else:
            assert values == (f"text; default `{options['default']}`" if options["default"] else "text; default empty")


@pytest.mark.parametrize("name", NODES)
def test_a_page_has_its_sections(name):
    text = page(name)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[-2:] == ["Error messages", "Limits"]
    assert section(text, "Example").strip()


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in NODES for text in blocks(page(name), "json")])
def test_every_example_is_read(name, text):
    drags = trajectory.parse(text, width=WIDTH, height=HEIGHT)
    assert drags.tracks
    points, visible = drags.sample(14, WIDTH, HEIGHT)
    assert points.shape[:2] == visible.shape == (len(drags.tracks), 14)


@pytest.mark.parametrize("name", NODES)
def test_every_message_that_a_page_quotes_exists(name, messages):
    rows = table(section(page(name), "Error messages"))
    assert rows
    for quote, remedy in rows:
        assert remedy.endswith(".")
        quote = quote.removeprefix("… ")
        likely = (message for message in messages if sum(map(len, message)) > len(quote) / 3)
        assert any(matches(message, quote) for message in likely), f"no error of the code reads: {quote}"


def matches(message: tuple[str, ...], quote: str) -> bool:
    """Whether a quote is the message with some text between its parts."""
    if not all(part in quote for part in message):
        return False  # most are not; the pattern alone would take seconds
    return re.fullmatch(".+?".join(map(re.escape, message)), quote) is not None


@pytest.fixture(scope="module")
def messages() -> set[tuple[str, ...]]:
    """Every text in the code, whole and up to each of its sentences, as its parts between inserted values."""
    files = [*ROOT.glob("dragnuwa/**/*.py"), *ROOT.glob("nodes/*.py"), find_installation().comfyui / "nodes.py"]
    texts = {text for file in files for text in _texts(ast.parse(file.read_text(encoding="utf-8")))}
    return {tuple(sentence.split("…")) for text in texts for sentence in _sentences(text)}


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _sentences(text: str) -> Iterator[str]:
    ends = {match.end() for match in re.finditer(r"\.(?= )|(?=\n)", text)} | {len(text)}
    return (text[:end] for end in ends)
