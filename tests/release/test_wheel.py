"""The library's wheel: what is in it, and that it works in a fresh environment without ComfyUI."""

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import project
from scripts.archive import ROOT, tracked_files
from scripts.host import PICTURES
from tests.release import wheel

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
LOCK = ROOT / "scripts" / "requirements.lock"
EXTRAS = project.read()["project"]["optional-dependencies"]


@pytest.fixture(scope="module")
def python_with(built, tmp_path_factory) -> Callable[[str], Path]:
    """python_with(extra): the Python of a fresh environment in which the wheel was installed with that extra."""
    return cache(lambda extra: wheel.environment(tmp_path_factory.mktemp("env"), built, extra))


def run(python: Path, *arguments: object, folder: Path) -> str:
    """What a command prints, in a folder where nothing of this checkout can be imported."""
    said = subprocess.run([python, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_it_has_the_whole_library_and_nothing_else(built):
    with zipfile.ZipFile(built) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert packed == {path for path in tracked_files() if path.startswith("dragnuwa/")}


def test_the_page_on_pypi_has_no_link_that_is_dead_there(built):
    with zipfile.ZipFile(built) as opened:
        (metadata,) = [name for name in opened.namelist() if name.endswith("/METADATA")]
        text = opened.read(metadata).decode("utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 5 and [link for link in links if not link.startswith("https://")] == []


def test_the_library_s_example_runs_without_comfyui(python_with, tmp_path):
    python = python_with("")
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    blocks = [block for page in pages for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S)]
    (example,) = [block for block in blocks if "flow.encode(" in block]
    (wanted,) = re.findall(r"print\(.*#\s*(.+)", example)
    assert run(python, "-c", example, folder=tmp_path).strip() == wanted
    assert "no comfy" in run(
        python, "-c", "from importlib.util import find_spec; print(find_spec('comfy') or 'no comfy')", folder=tmp_path
    )


@pytest.mark.parametrize(("extra", "command"), [("batch", "batch"), ("train", "train"), ("train", "evaluation")])
def test_the_programs_say_what_they_do(extra, command, python_with, tmp_path):
    assert f"python -m dragnuwa.{command}" in run(
        python_with(extra), "-m", f"dragnuwa.{command}", "--help", folder=tmp_path
    )


def test_batch_makes_videos_on_a_server(python_with, fresh, tmp_path):
    """With what the extra `batch` brings, on a ComfyUI that has the registry's archive."""
    shutil.copyfile(PICTURES / "dragnuwa-rocket.jpg", tmp_path / "rocket.jpg")
    drags = tmp_path / "drags.json"
    drags.write_text(json.dumps({"rocket.jpg": [[[60, 60], [60, 40]]]}), encoding="utf-8")
    workflow = ROOT / "workflows" / "api" / "move_a_picture.json"
    command = ("-m", "dragnuwa.batch", workflow, tmp_path, tmp_path / "out", "--drags", drags, "--server", fresh.url)
    run(python_with("batch"), *command, folder=tmp_path)
    (video,) = (tmp_path / "out").rglob("*.mp4")
    assert video.stat().st_size > 10_000


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("extra", EXTRAS)
def test_extras_resolve(extra, python):
    """By scripts/requirements.lock, which one resolution for all Pythons has written: each package that is asked for
    has a version in it that fits, on this Python."""
    locked: dict[str, list[str]] = {}
    environment = {"python_version": python, "python_full_version": f"{python}.9", "extra": extra}
    for line in re.findall(r"^([a-z0-9].*?) \\?$", LOCK.read_text(encoding="utf-8"), re.M):
        requirement = Requirement(line.rstrip(" \\"))
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            locked.setdefault(canonicalize_name(requirement.name), []).append(pin.version)
    for wanted in map(Requirement, [*project.read()["project"]["dependencies"], *EXTRAS[extra]]):
        if wanted.marker is None or wanted.marker.evaluate(environment):
            versions = locked.get(canonicalize_name(wanted.name), [])
            assert [one for one in versions if wanted.specifier.contains(one)] != [], wanted
