"""Names that scripts rely on: they stay importable wherever their code lies."""

import importlib
import runpy
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
    "dragnuwa.carry.depth.parallax": ("parallax", "seen_frames"),
    "dragnuwa.carry.depth.readers": ("depth_from_geometry", "depth_from_image", "of_geometry", "of_picture"),
    "dragnuwa.carry.video.tracked": ("ObjectTrack", "Followed"),
    "dragnuwa.client": ("Client", "ClientError"),
    "dragnuwa.convert": ("convert",),
}
COMMANDS = ("train", "evaluation", "batch", "convert", "doctor")


@pytest.mark.parametrize("module", NAMES)
def test_public_names_stay(module):
    found = importlib.import_module(module)
    assert [name for name in NAMES[module] if not callable(getattr(found, name, None))] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_keep_their_names(command, monkeypatch, capsys):
    """As `python -m` runs them, in this process; other tests start each of them in a Python of its own."""
    monkeypatch.setattr(sys, "argv", [command, "--help"])
    monkeypatch.delitem(sys.modules, f"dragnuwa.{command}", raising=False)  # which runpy warns of
    with pytest.raises(SystemExit) as end:
        runpy.run_module(f"dragnuwa.{command}", run_name="__main__", alter_sys=True)
    assert end.value.code == 0
    assert f"python -m dragnuwa.{command}" in capsys.readouterr().out
