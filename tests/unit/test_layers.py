"""The layers: which part of the pack may import which, by the imports of every module, those in functions included."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST_MODULES = {
    "comfy",
    "comfy_api",
    "comfy_execution",
    "comfy_extras",
    "folder_paths",
    "node_helpers",
    "nodes",
    "server",
}
VALUES = {
    "atomic",
    "clip_shape",
    "errors",
    "finite",
    "images",
    "interrupt",
    "json_files",
    "picture_files",
    "progress",
}
PICTURES = {"clip_shape", "errors", "images", "interrupt", "progress", "trajectory"}
MODEL = {"adapter", "checkpoint", "flow", "weights"}
DATA = {"scenes", "videos"}

# Each folder and file of dragnuwa/, and the others that it may import.
MAY_IMPORT = {
    **{name: set() for name in VALUES},
    "images": {"errors", "finite", "interrupt"},
    "packages": {"errors"},
    "picture_files": {"errors"},
    "weights": {"errors", "finite"},
    "adapter": set(),
    "client": {"client_errors", "client_progress"},
    "client_errors": set(),
    "client_progress": set(),
    "checkpoint": {"adapter", "errors", "weights"},
    "convert": {"atomic", "checkpoint", "errors", "weights"},
    "trajectory": {"clip_shape", "errors", "interrupt"},
    "flow": {"clip_shape", "errors", "finite", "interrupt", "progress", "trajectory"},
    "carry": PICTURES,
    "detail": PICTURES | {"carry", "tracking"},
    "draganything": PICTURES | {"carry", "finite", "json_files", "weights"},
    "tracking": PICTURES,
    "overlay": PICTURES | {"flow"},
    "scenes": VALUES,
    "videos": VALUES | {"tracking"},
    "host": VALUES | MODEL | PICTURES | {"carry", "detail", "draganything", "packages", "tracking"},
    "evaluation": VALUES | MODEL | PICTURES | DATA | {"carry", "host", "overlay", "tracking"},
    "training": VALUES | MODEL | PICTURES | DATA | {"draganything", "host", "tracking"},
    "train": {"errors", "host", "training"},
    "batch": {"client", "errors", "host", "json_files"},
}


def imports(path: Path) -> Iterator[tuple[str, ...]]:
    """What a module imports, as the parts of absolute names; those of the pack begin with "dragnuwa" or "nodes"."""
    folder = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            yield from ((*module, alias.name) for alias in node.names)


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def part(path: Path) -> str:
    """The folder or file of dragnuwa/ that a module belongs to."""
    return path.relative_to(ROOT / "dragnuwa").with_suffix("").parts[0]


def test_every_part_has_its_place():
    parts = {part(path) for path in modules("dragnuwa")} - {"__init__"}
    assert parts == MAY_IMPORT.keys()


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_a_part_imports_only_what_it_may(name):
    found = defaultdict(set)
    for path in modules("dragnuwa"):
        if part(path) != name:
            continue
        for target in imports(path):
            if target[:1] == ("dragnuwa",) and target[1] != name:
                found[target[1]].add(path.name)
    assert {target: files for target, files in found.items() if target not in MAY_IMPORT[name]} == {}


def test_only_the_host_folder_imports_comfyui():
    found = {
        (str(path.relative_to(ROOT)), target[0])
        for path in modules("dragnuwa")
        for target in imports(path)
        if target[0] in HOST_MODULES and part(path) != "host"
    }
    assert found == set()


def test_nodes_import_the_library_and_the_nodes_grammar_only():
    found = {
        (path.name, ".".join(target))
        for path in modules("nodes")
        for target in imports(path)
        if target[0] in HOST_MODULES - {"comfy_api", "nodes"} or target[:2] == ("dragnuwa", "training")
    }
    assert found == set()


def test_a_foreign_format_knows_no_other_but_by_name():
    """A format may build on another's writer; the registry alone knows them all."""
    formats = {path.stem for path in modules("dragnuwa/trajectory/formats")} - {"__init__", "registry", "importing"}
    shared = {"format", "losses", "rows", "wording"}
    for path in modules("dragnuwa/trajectory/formats"):
        if path.stem in formats - shared:
            others = {target[3] for target in imports(path) if target[:3] == ("dragnuwa", "trajectory", "formats")}
            assert others <= shared | {"kjnodes"}, path.name


def test_a_training_recipe_knows_no_other():
    recipes = sorted(path.name for path in (ROOT / "dragnuwa/training/recipes").iterdir() if path.is_dir())
    for path in modules("dragnuwa/training"):
        inside = path.relative_to(ROOT / "dragnuwa/training").parts
        own = inside[1] if inside[0] == "recipes" and len(inside) > 2 else None
        if own is None and inside[0] in ("run_config.py", "recipes"):
            continue  # what chooses the recipe
        for target in imports(path):
            if target[:3] == ("dragnuwa", "training", "recipes") and target[3] in recipes:
                assert target[3] == own, f"{path.name} imports {'.'.join(target)}"


def test_a_control_model_of_the_host_knows_no_other():
    models = {path.name for path in (ROOT / "dragnuwa/host").iterdir() if path.is_dir()} - {"training", "__pycache__"}
    assert "dragnuwa" in models
    for path in modules("dragnuwa/host"):
        inside = path.relative_to(ROOT / "dragnuwa/host").parts
        for target in imports(path):
            if target[:2] == ("dragnuwa", "host") and target[2] in models and inside[0] != "training":
                assert target[2] == inside[0], f"{path.name} imports {'.'.join(target)}"


def test_a_batch_takes_of_the_host_folder_only_what_needs_no_comfyui():
    taken = {target[2] for path in modules("dragnuwa/batch") for target in imports(path) if target[1:2] == ("host",)}
    assert taken == {"places", "process"}
    allowed = set(sys.stdlib_module_names)
    for name in ("places", "process", "guard"):
        assert {target[0] for target in imports(ROOT / f"dragnuwa/host/{name}.py")} <= allowed, name
