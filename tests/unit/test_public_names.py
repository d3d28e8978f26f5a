"""Names that scripts rely on: they stay importable wherever their code lies."""

import importlib
import subprocess
import sys

import pytest

NAMES = {
    "dragnuwa.trajectory": ("parse",),
    "dragnuwa.flow": ("encode",),
    "dragnuwa.checkpoint": ("load", "load_adapter", "Checkpoint", "CheckpointError"),
    "dragnuwa.adapter": ("FusionConfig", "MultiscaleFusion"),
    "dragnuwa.evaluation": ("objmc", "relative_objmc"),
    "dragnuwa.detail": ("restore", "Restored"),
    "dragnuwa.carry": ("carry_clip", "Carried", "CarrySettings"),
    "dragnuwa.carry.filling": ("fill_hole",),
    "dragnuwa.client": ("Client", "ClientError"),
    "dragnuwa.convert": ("convert",),
}
COMMANDS = ("train", "evaluation", "batch", "convert")


@pytest.mark.parametrize("module", NAMES)
def test_public_names_stay(module):
    found = importlib.import_module(module)
    assert [name for name in NAMES[module] if not callable(getattr(found, name, None))] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_keep_their_names(command):
    asked = [sys.executable, "-m", f"dragnuwa.{command}", "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert f"python -m dragnuwa.{command}" in done.stdout
