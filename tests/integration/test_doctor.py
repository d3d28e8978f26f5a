"""DragNUWA Doctor, as a node in a prompt and as a command."""

import subprocess

import pytest

from dragnuwa.common import errors
from dragnuwa.host import doctor
from scripts import project
from scripts.host import ROOT, find_installation
from tests.support.prompts import node

MODEL = "svd.safetensors"


def text_of(result) -> str:
    (shown,) = [output["text"] for output in result.outputs.values() if "text" in output]
    return "".join(shown)


@pytest.fixture
def said(client):
    """said(): what the node shows now."""
    return lambda: text_of(client.run({"doctor": node("DragNUWADoctor")}))


def test_the_report_has_what_a_bug_report_needs(said, host):
    report = said()
    assert f"DragNUWA {project.version()}, in custom_nodes/ComfyUI-DragNUWA" in report
    for wanted in (
        "ComfyUI 0.",
        ", frontend 1.",
        "Python 3.",
        "torch 2.",
        "cv2 ",
        "kornia ",
        "Problems:\n  none found",
    ):
        assert wanted in report
    assert str(host.base_directory) not in report and str(ROOT) not in report


def test_a_model_is_found_as_soon_as_it_is_there(said, host):
    """Without a restart, and not from the cache of an equal prompt."""
    assert f"not found checkpoints/{MODEL} (" in said()
    path = host.checkpoints_directory / "of mine" / MODEL
    path.parent.mkdir()
    path.touch()
    try:
        assert f"  found     checkpoints/{MODEL} (" in said()
    finally:
        path.unlink()
        path.parent.rmdir()


def test_a_broken_package_is_a_problem(monkeypatch):
    def missing():
        raise errors.PackageError("This needs OpenCV, which cannot be imported.")

    monkeypatch.setattr(doctor, "need_opencv", missing)
    monkeypatch.setattr(doctor.pack_folder, "problems", lambda pack: ["The pack is there twice."])
    assert list(doctor.problems(ROOT)) == [
        "The pack is there twice.",
        "This needs OpenCV, which cannot be imported.",
    ]


def test_the_command_needs_no_server():
    installation = find_installation()
    command = [installation.python, "-m", "dragnuwa.doctor", "--comfyui", installation.comfyui]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"Versions:\n  DragNUWA {project.version()}")


def test_a_folder_that_is_not_comfyui_is_named(tmp_path):
    command = [find_installation().python, "-m", "dragnuwa.doctor", "--comfyui", tmp_path]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 1 and said.stderr.startswith(f"error: There is no ComfyUI in {tmp_path}.")
