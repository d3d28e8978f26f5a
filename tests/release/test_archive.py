"""The registry's archive: what is in it, how large it is, and that a fresh ComfyUI runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dragnuwa.remote.client import Client
from scripts import archive, project
from scripts.host import PICTURES

ROOT = archive.ROOT
# Top-level entries, with the most MiB that each may take.
MOST_MIB = {"models": 42, "workflows": 5, "web": 2, "dragnuwa": 1}
COMMANDS = {"batch": "batch", "train": "train", "evaluation": "train"}


def test_its_size(packed):
    taken = archive.sizes(packed)
    assert packed.stat().st_size <= archive.MOST_MIB * archive.MIB
    assert {name: size for name, size in taken.items() if size > MOST_MIB.get(name, 0.1) * archive.MIB} == {}


def test_what_is_left_out(unpacked):
    for path in (
        "tests",
        "docs",
        "assets",
        "scripts",
        "dragnuwa/remote",
        "dragnuwa/research",
        "dragnuwa/host/training",
    ):
        assert (ROOT / path).exists(), path
        assert not (unpacked / path).exists(), path


def test_the_registry_reads_its_name_and_version(unpacked):
    written = project.read(unpacked / "pyproject.toml")
    assert "comfyui" not in written["project"]["name"].lower()
    assert written["tool"]["comfy"]["PublisherId"] and written["project"]["version"].count(".") == 2


def test_all_nodes_and_the_page_are_there(fresh, unpacked):
    known = Client(fresh.url).object_info().items()
    nodes = {name for name, node in known if node["python_module"].endswith("dragnuwa")}
    assert nodes == set(json.loads((ROOT / "locales" / "en" / "nodeDefs.json").read_text(encoding="utf-8")))
    log = fresh.log()
    assert "dragnuwa" in log and "Traceback" not in log and "IMPORT FAILED" not in log
    scripts = requests.get(f"{fresh.url}/extensions", timeout=30).json()
    ours = [path for path in scripts if path.startswith("/extensions/dragnuwa/")]
    assert len(ours) == len(list((unpacked / "web").rglob("*.js")))
    templates = requests.get(f"{fresh.url}/workflow_templates", timeout=30).json()["dragnuwa"]
    assert set(templates) == {path.stem for path in (ROOT / "workflows").glob("*.json")}


def test_the_first_template_makes_a_video(fresh, tmp_path):
    """As it ships, with the small model that is in the archive, but for fewer steps."""
    client = Client(fresh.url)
    prompt = json.loads((ROOT / "workflows" / "api" / "carry_a_picture.json").read_text(encoding="utf-8"))
    by_type = {node["class_type"]: node["inputs"] for node in prompt.values()}
    by_type["LoadImage"]["image"] = client.upload_image(PICTURES / "dragnuwa-rocket.jpg")
    by_type["KSampler"]["steps"] = 1
    by_type["DragNUWATrajectoryEditor"]["trajectories"] = json.dumps([[{"x": 80, "y": 60}, {"x": 80, "y": 30}]])
    (video,) = [item for item in client.run(prompt).files() if item["filename"].endswith(".mp4")]
    assert Path(client.download(video, tmp_path)).stat().st_size > 10_000


@pytest.mark.parametrize("command", COMMANDS)
def test_a_program_that_is_left_out_says_where_it_is(command, unpacked):
    said = subprocess.run(
        [sys.executable, "-m", f"dragnuwa.{command}", "--help"],
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert len(said.stderr.strip().splitlines()) == 1
    assert f'pip install "dragnuwa[{COMMANDS[command]}]"' in said.stderr


@pytest.mark.parametrize("module", ["client", "evaluation"])
def test_a_module_that_is_left_out_says_where_it_is(module, unpacked):
    code = f"import dragnuwa.{module}"
    said = subprocess.run([sys.executable, "-c", code], cwd=unpacked, capture_output=True, text=True, check=False)
    assert "MissingPartError" in said.stderr and 'pip install "dragnuwa[' in said.stderr.splitlines()[-1]
