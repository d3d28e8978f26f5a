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
    "comfyui_version",
    "folder_paths",
    "node_helpers",
    "nodes",
    "server",
    "utils",
}
PICTURES = {"common", "geometry", "trajectory"}
MOVING = PICTURES | {"carry", "vision"}

# Each folder of dragnuwa/, and the others that it may import. Those at its end are the commands and public names.
MAY_IMPORT = {
    "common": set(),
    "geometry": {"common"},
    "trajectory": {"common", "geometry"},
    "models": MOVING,
    "overlay": PICTURES | {"models", "vision"},
    "vision": PICTURES,
    "carry": PICTURES | {"vision"},
    "detail": MOVING,
    "provenance": PICTURES,
    "server": MOVING | {"provenance"},
    "remote": {"common", "provenance"},
    "host": MOVING | {"detail", "models", "provenance", "remote", "server"},
    "research": MOVING | {"host", "models", "overlay"},
    **{name: {"models"} for name in ("adapter", "checkpoint", "convert", "flow")},
    **{name: {"common", "remote"} for name in ("batch", "client")},
    "doctor": {"common", "host"},
    "evaluation": {"common", "research"},
    "train": {"common", "host", "research"},
}
MOST_FOLDERS, MOST_FILES = 13, 9  # directly in dragnuwa/, so that it can be taken in at one look

# Modules of the pack that are loaded with the entry point of each, at most: as many as today, so that it can only fall.
# What rose last: masks in a clip that are corrected by what moves there.
MOST_LOADED = {
    "dragnuwa.carry.composite": 59,
    "dragnuwa.carry.video.clip_editing": 82,
    "dragnuwa.host.depth_camera": 71,
}

# Of the library that ships: files, and functions with more than six arguments, at most; these, too, can only fall. What
# rose last: a text for each object, boxes of objects over time, points of a picture seen by a camera, mask propagation,
# the shots of a clip, ComfyUI's interface for nodes in one place, what a drag on a clip is on, the edges of objects in
# a picture with depth, the frames that a still scene is made of, and masks that are corrected by what moves.
MOST_LIBRARY_FILES, MOST_ARGUMENTS, MOST_WITH_MORE = 271, 6, 11

# Folders inside of those, and the others beside them that they may import.
MAY_IMPORT_BESIDE = {
    "models/draganything": {"weights"},
    "models/convert": {"checkpoint", "weights"},
    "vision/inpainting": set(),
    "vision/matting": set(),
    "vision/click_network": set(),
    "vision/segmentation": {"click_network"},
    "vision/tracking": set(),
    "research/scenes": set(),
    "research/videos": set(),
    "research/evaluation": {"resumed_lines", "scenes"},
    "research/measures": {"evaluation", "resumed_lines", "scenes", "videos"},
    "research/training": {"scenes", "videos"},
}


def imports(path: Path, inside: bool = True) -> Iterator[tuple[str, ...]]:
    """What a module imports, as the parts of absolute names; those of the pack begin with "dragnuwa" or "nodes".

    Args:
        inside: whether imports in functions, and those for types alone, count.
    """
    folder = path.relative_to(ROOT).parent.parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if inside else tree.body:
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
    files = {name for name in parts if (ROOT / f"dragnuwa/{name}.py").is_file()}
    assert len(parts - files) <= MOST_FOLDERS
    assert len(files) <= MOST_FILES


@pytest.mark.parametrize("folder", MAY_IMPORT_BESIDE)
def test_a_folder_inside_imports_beside_it_only_what_it_may(folder):
    outer, inner = folder.split("/")
    found = {
        target[2]
        for path in modules(f"dragnuwa/{folder}")
        for target in imports(path)
        if target[:2] == ("dragnuwa", outer) and len(target) > 2
    }
    assert found - {inner} <= MAY_IMPORT_BESIDE[folder]


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


def test_the_interface_for_nodes_is_imported_in_one_place():
    """There, one version of it stands in for another."""
    found = {path.name for path in (*modules("dragnuwa"), *modules("nodes"))
             for target in imports(path) if target[0] == "comfy_api"}  # fmt: skip
    assert found == {"node_api.py"}


def test_nodes_import_the_library_only():
    found = {
        (path.name, ".".join(target))
        for path in modules("nodes")
        for target in imports(path)
        if target[0] in HOST_MODULES - {"nodes"} or target[:2] in (("dragnuwa", "research"), ("dragnuwa", "remote"))
    }
    assert found == set()


def test_a_foreign_format_knows_no_other_but_by_name():
    """A format may build on another's writer; the registry alone knows them all."""
    formats = {path.stem for path in modules("dragnuwa/trajectory/formats")} - {"__init__", "registry", "importing"}
    shared = {"format", "reference", "rows", "wording"}
    for path in modules("dragnuwa/trajectory/formats"):
        if path.stem in formats - shared:
            others = {target[3] for target in imports(path) if target[:3] == ("dragnuwa", "trajectory", "formats")}
            assert others <= shared | {"kjnodes"}, path.name


def test_a_format_of_camera_paths_knows_no_other():
    folder = ROOT / "dragnuwa/carry/depth/cameras"
    formats = {"blender", "colmap", "json_matrices", "keyed", "odometry", "realestate", "recammaster", "viewport"}
    assert formats < {path.stem for path in folder.iterdir()}
    for path in folder.glob("*.py"):
        if path.stem not in ("registry", "paths"):
            inside = {target[4] for target in imports(path) if target[:4] == ("dragnuwa", "carry", "depth", "cameras")}
            assert not inside & formats, path.name


def test_a_training_recipe_knows_no_other():
    recipes = sorted(path.name for path in (ROOT / "dragnuwa/research/training/recipes").iterdir() if path.is_dir())
    for path in modules("dragnuwa/research/training"):
        inside = path.relative_to(ROOT / "dragnuwa/research/training").parts
        own = inside[1] if inside[0] == "recipes" and len(inside) > 2 else None
        if own is None and inside[0] in ("run_config.py", "recipes"):
            continue  # what chooses the recipe
        for target in imports(path):
            if target[:4] == ("dragnuwa", "research", "training", "recipes") and target[4] in recipes:
                assert target[4] == own, f"{path.name} imports {'.'.join(target)}"


def test_a_control_model_of_the_host_knows_no_other():
    models = {path.name for path in (ROOT / "dragnuwa/host").iterdir() if path.is_dir()} - {"training", "__pycache__"}
    assert "fusion" in models
    for path in modules("dragnuwa/host"):
        inside = path.relative_to(ROOT / "dragnuwa/host").parts
        for target in imports(path):
            if target[:2] == ("dragnuwa", "host") and target[2] in models and inside[0] != "training":
                assert target[2] == inside[0], f"{path.name} imports {'.'.join(target)}"


def test_what_runs_outside_of_comfyui_needs_no_comfyui():
    allowed = set(sys.stdlib_module_names)
    for name in ("installation", "headless", "guard"):
        assert {target[0] for target in imports(ROOT / f"dragnuwa/remote/{name}.py")} <= allowed, name


def loaded(name: str) -> set[Path]:
    """The modules of the pack that are imported with one, itself included, without those that functions import."""
    found, todo = set(), [tuple(name.split("."))]
    while todo:
        parts = todo.pop()
        for path in (ROOT.joinpath(*parts).with_suffix(".py"), ROOT.joinpath(*parts, "__init__.py")):
            if parts and path.is_file() and path not in found:
                found.add(path)
                todo += [part for target in imports(path, inside=False) for part in (target, target[:-1])]
    return {path for path in found if path.stem != "__init__"}


@pytest.mark.parametrize("name", MOST_LOADED)
def test_an_entry_point_loads_no_more_modules_than_it_did(name):
    found = loaded(name)
    assert 30 < len(found) <= MOST_LOADED[name]


def library() -> list[Path]:
    """The modules of the pack that ship with the nodes."""
    return [path for path in modules("dragnuwa") if part(path) not in ("remote", "research")]


def test_the_library_has_no_more_files_than_it_had():
    assert len(library()) <= MOST_LIBRARY_FILES


def test_few_functions_take_many_arguments():
    """What belongs together is one value: `Drawing`, `CarryInputs`, `ClipAndPicture`, `Sampling`."""
    found = []
    for path in library():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if sum(each.arg not in ("self", "cls") for each in arguments) > MOST_ARGUMENTS:
                    found.append(f"{path.name}: {node.name}")
    assert 0 < len(found) <= MOST_WITH_MORE, found
