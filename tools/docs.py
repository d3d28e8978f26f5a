"""Writes what the documentation takes from the nodes' schemas, so that a fact about a node is written once.

    make docs
    .venv/bin/python tools/docs.py --check    writes nothing; exit code 1 if a file is not current

Generated are locales/en/nodeDefs.json, docs/errors.md, the tables of nodes in docs/nodes.md, the sheets of
docs/gallery.md, and the tables of inputs and outputs of the help pages in web/docs/. In a page they stand between HTML
comments, which neither GitHub nor ComfyUI shows; the rest of a page is written by hand. A node without a help page gets
one to fill in. Texts that a translation lacks, or has of nodes that are gone, are listed.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from scripts.host import ROOT, find_installation
from tools import error_index
from tools.gallery import sheets

LOCALES, PAGES = ROOT / "locales", ROOT / "web" / "docs"
NODES_PAGE, GALLERY, ERRORS = ROOT / "docs" / "nodes.md", ROOT / "docs" / "gallery.md", ROOT / "docs" / "errors.md"
ENGLISH = LOCALES / "en" / "nodeDefs.json"
PURPOSES = ("Draw drags", "Edit drags", "Keep the picture", "Steer the model", "Edit a video", "Evaluate",
            "Content credentials", "Get help")  # fmt: skip
"""Categories of the node library in the order of docs/nodes.md; one that is not here comes last."""
NEW_PAGE = """\
# {display_name}

{description}

## Inputs

<!-- inputs: written by make docs -->
<!-- end of inputs -->

## Outputs

<!-- outputs: written by make docs -->
<!-- end of outputs -->

## Example

## Error messages

| Message | What to do |
| --- | --- |

## Limits
"""


def main() -> int:
    nodes = load_nodes()
    stale = {
        path: text for path, text in documents(nodes).items() if not path.exists() or path.read_text("utf-8") != text
    }
    check = "--check" in sys.argv[1:]
    for path, text in stale.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} {'is not current: run make docs' if check else 'is written'}")
    untranslated = translation_gaps(nodes)
    print(*untranslated, sep="\n", end="\n" if untranslated else "")
    return 1 if check and (stale or untranslated) else 0


def load_nodes() -> dict[str, dict]:
    """What a server would say of the pack's nodes in /object_info, by node id. Needs ComfyUI's code, but no server."""
    return {name: node.GET_NODE_INFO_V1() for name, node in node_classes().items()}


def node_classes() -> dict[str, type]:
    """The pack's node classes by their ids, imported as ComfyUI imports the pack."""
    sys.path.insert(0, str(find_installation().comfyui))
    from comfy.cli_args import args

    args.cpu = True  # otherwise the host looks for a GPU while it is imported
    spec = importlib.util.spec_from_file_location("pack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    pack = importlib.util.module_from_spec(spec)
    sys.modules["pack"] = pack
    spec.loader.exec_module(pack)
    found = importlib.import_module("pack.nodes").NODES
    return {node.GET_SCHEMA().node_id: node for node in found}


def documents(nodes: dict[str, dict]) -> dict[Path, str]:
    """Every file with generated parts, and what it should hold. `nodes` is as in /object_info.

    Raises:
        ValueError: if a page lacks the comments between which a table stands.
    """
    english = {name: english_texts(node) for name, node in nodes.items()}
    wanted = {ENGLISH: json.dumps(english, ensure_ascii=False, indent=2) + "\n"}
    wanted[NODES_PAGE] = put(NODES_PAGE.read_text("utf-8"), NODES_PAGE.name, "nodes", _nodes_by_purpose(nodes))
    wanted[GALLERY] = put(GALLERY.read_text("utf-8"), GALLERY.name, "sheets", sheets())
    wanted[ERRORS] = error_index.page()
    for name, node in nodes.items():
        path = PAGES / f"{name}.md"
        text = path.read_text("utf-8") if path.exists() else NEW_PAGE.format(**node)
        text = put(text, path.name, "inputs", markdown(_input_table(node)))
        wanted[path] = put(text, path.name, "outputs", markdown(_output_table(node)))
    return wanted


def english_texts(node: dict) -> dict:
    """The entry of a node in nodeDefs.json, with the schema's own texts."""
    inputs = {}
    for name, (kind, options) in inputs_of(node).items():
        inputs[name] = {"name": options.get("display_name") or name, "tooltip": options["tooltip"]}
        if kind == "COMBO" and not lists_files(kind, options):
            inputs[name]["options"] = {option: option for option in options["options"]}
    outputs = zip(node["output_name"], node["output_tooltips"], strict=True)
    return {
        "display_name": node["display_name"],
        "description": node["description"],
        "inputs": inputs,
        "outputs": {str(index): {"name": name, "tooltip": tooltip} for index, (name, tooltip) in enumerate(outputs)},
    }


def inputs_of(node: dict) -> dict[str, tuple[str, dict]]:
    """Type and options of each input, the required ones first, as the node shows them."""
    return {**node["input"].get("required", {}), **node["input"].get("optional", {})}


def lists_files(kind: str, options: dict) -> bool:
    """Whether the choices are the user's own files: then none of them can be the default."""
    return kind == "COMBO" and "default" not in options


def translation_gaps(nodes: dict[str, dict]) -> list[str]:
    """A line for each text that a language other than English lacks, or has without need."""
    wanted = set(leaves({name: english_texts(node) for name, node in nodes.items()}))
    lines = []
    for path in sorted(LOCALES.glob("*/nodeDefs.json")):
        has = {key for key, text in leaves(json.loads(path.read_text("utf-8"))).items() if text.strip()}
        lines += [f"{path.relative_to(ROOT)} lacks {key}" for key in sorted(wanted - has) if path != ENGLISH]
        lines += [f"{path.relative_to(ROOT)} has no use for {key}" for key in sorted(has - wanted) if path != ENGLISH]
    return lines


def leaves(value: dict | str, path: str = "") -> dict[str, str]:
    """Every text of nested dictionaries, by its keys as a path."""
    if isinstance(value, str):
        return {path: value}
    return {key: text for name, inner in value.items() for key, text in leaves(inner, f"{path}/{name}").items()}


def put(text: str, page: str, mark: str, content: str, *, by: str = "make docs") -> str:
    """The text with this content between the comments called `mark`.

    Raises:
        ValueError: if the text of this page lacks the comments.
    """
    begin, end = f"<!-- {mark}: written by {by} -->", f"<!-- end of {mark} -->"
    if len(found := re.findall(f"{re.escape(begin)}\n.*?{re.escape(end)}", text, re.DOTALL)) != 1:
        raise ValueError(f"{page} should have the line '{begin}' and after it '{end}' once; found {len(found)}.")
    return text.replace(found[0], f"{begin}\n\n{content}\n\n{end}")


def markdown(table: list[list[str]]) -> str:
    """A table whose first row is its head."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (table[0], ["---"] * len(table[0]), *table[1:]))


def _input_table(node: dict) -> list[list[str]]:
    optional = node["input"].get("optional", {})
    rows = [
        [f"`{name}`", options["tooltip"], _values(kind, options) + (", optional" if name in optional else "")]
        for name, (kind, options) in inputs_of(node).items()
    ]
    return [["Input", "What it is", "Values"], *rows]


def _output_table(node: dict) -> list[list[str]]:
    rows = zip(node["output_name"], node["output_tooltips"], strict=True)
    return [["Output", "What it is"], *([f"`{name}`", tooltip] for name, tooltip in rows)]


def _values(kind: str, options: dict) -> str:
    """What an input takes: its range or choices, and its default."""
    if kind in ("INT", "FLOAT"):
        step = f", step {options['step']:g}" if options.get("step", 1) != 1 else ""
        return f"{options['min']:g} to {options['max']:.15g}{step}; default {options['default']:g}"
    if lists_files(kind, options):
        return "a file"
    if kind == "COMBO":
        return f"{', '.join(f'`{option}`' for option in options['options'])}; default {options['default']}"
    if kind == "BOOLEAN":
        return f"`true`, `false`; default {str(options['default']).lower()}"
    if kind == "STRING" and not options.get("forceInput"):
        return f"text; default `{options['default']}`" if options["default"] else "text; default empty"
    return kind


def _nodes_by_purpose(nodes: dict[str, dict]) -> str:
    """A section with a table for each category of the node library."""
    purposes: dict[str, list[list[str]]] = {title: [] for title in PURPOSES}
    for name, node in nodes.items():
        row = [f"[{node['display_name']}](../web/docs/{name}.md)", node["description"], f"`{name}`"]
        purposes.setdefault(node["category"].rsplit("/", 1)[-1].capitalize(), []).append(row)
    head = ["Node", "What it does", "Id"]
    return "\n\n".join(f"## {title}\n\n{markdown([head, *rows])}" for title, rows in purposes.items() if rows)


if __name__ == "__main__":
    sys.exit(main())
