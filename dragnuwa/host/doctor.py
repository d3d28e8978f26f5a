"""What an installation has and lacks, as a text for bug reports: versions, packages, model files, problems."""

from __future__ import annotations

import json
import pkgutil
import platform
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import torch

from ..common.errors import PackageError, need_opencv, printable
from . import pack_folder

PACKAGES = ("torch", "torchvision", "numpy", "scipy", "cv2", "kornia", "einops", "safetensors", "av", "PIL")
GIB = 2**30


def report(pack: Path) -> str:
    """Text for a bug report, without paths of the machine or names of a person's files. To be called inside the host.

    Args:
        pack: the pack's folder, with pyproject.toml and workflows/.
    """
    sections = {
        "Versions": _versions(pack),
        "Machine": _machine(),
        "Packages": map(_package, PACKAGES),
        "Model files of the templates": _models(pack),
        "Problems": list(problems(pack)) or ["none found"],
    }
    return printable("\n".join(line for title, lines in sections.items() for line in _section(title, lines)))


def problems(pack: Path) -> Iterator[str]:
    """What keeps the pack from working, each with what to do."""
    yield from pack_folder.problems(pack)
    try:
        need_opencv()
    except PackageError as error:
        yield str(error)


def _section(title: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield f"{title}:"
    yield from (f"  {line}" for line in lines)


def _versions(pack: Path) -> Iterator[str]:
    import comfyui_version

    cloned = "a clone" if (pack / ".git").exists() else "not a clone"
    yield f"DragNUWA {version(pack)}, in custom_nodes/{pack.name} ({cloned})"
    yield f"ComfyUI {comfyui_version.__version__}, frontend {_installed('comfyui_frontend_package')}"
    yield f"Python {platform.python_version()}"


def version(pack: Path) -> str:
    """The version in the pack's pyproject.toml."""
    with (pack / "pyproject.toml").open(encoding="utf-8") as file:
        return re.search(r'^version = "(.+)"$', file.read(), re.MULTILINE)[1]


def _installed(package: str) -> str:
    """The version of a package that has none in its module, from the name of its folder of metadata."""
    found = [match for place in sys.path for match in Path(place).glob(f"{package}-*.dist-info")]
    return found[0].name.removeprefix(f"{package}-").removesuffix(".dist-info") if found else "not installed"


def _machine() -> Iterator[str]:
    yield f"{platform.system()} {platform.release()}, {platform.machine()}"
    if not torch.cuda.is_available():
        yield "no GPU that torch can use through CUDA or ROCm"
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        yield f"{device.name}, {device.total_memory / GIB:.1f} GiB"


def _package(name: str) -> str:
    try:
        return f"{name} {pkgutil.resolve_name(f'{name}:__version__')}"
    except Exception as error:  # noqa: BLE001 - a broken package may raise anything, and the report has to go on
        return f"{name} cannot be imported: {type(error).__name__}: {str(error)[:200]}"


def _models(pack: Path) -> Iterator[str]:
    """For each file that templates ask for, whether ComfyUI finds it, and which templates those are."""
    templates: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for path in (pack / "workflows").rglob("*.json"):
        with path.open(encoding="utf-8") as file:
            for model in _asked_for(json.load(file)):
                templates[model["directory"], model["name"]].add(path.stem)
    for (folder, name), wanting in sorted(templates.items()):
        state = "found    " if name in _files(folder) else "not found"
        yield f"{state} {folder}/{name} ({'; '.join(sorted(wanting))})"


def _asked_for(value: object) -> Iterator[dict]:
    """The entries of all lists of models in a workflow."""
    if isinstance(value, dict):
        yield from (model for model in value.get("models") or () if isinstance(model, dict))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _asked_for(inner)


def _files(folder: str) -> set[str]:
    """The names of the files in a folder of models; none where this ComfyUI does not know such a folder."""
    import folder_paths  # only available inside the host

    if folder not in folder_paths.folder_names_and_paths:
        return set()
    return {Path(name).name for name in folder_paths.get_filename_list(folder)}


def read_model_folders(comfyui: Path) -> None:
    """Tell ComfyUI's modules of the folders in extra_model_paths.yaml, as its own start does."""
    from utils.extra_config import load_extra_path_config

    if (comfyui / "extra_model_paths.yaml").is_file():
        load_extra_path_config(str(comfyui / "extra_model_paths.yaml"))
