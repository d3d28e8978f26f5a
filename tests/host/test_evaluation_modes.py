"""The evaluation's commands on a small checkpoint of random weights, sampled by the host itself."""

import json
import os
from pathlib import Path

import folder_paths
import numpy as np
import pytest
from PIL import Image

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host.fusion import sampling
from dragnuwa.research.evaluation import command as evaluation
from dragnuwa.research.evaluation import photos, settings
from dragnuwa.research.evaluation.cases import make_case
from dragnuwa.research.evaluation.generate import Conditions, Generator
from dragnuwa.research.evaluation.modes import Mode, conditions
from dragnuwa.research.evaluation.settings import MODES
from tests.support.commands import run_python

ROOT = Path(__file__).resolve().parents[2]
COMFYUI = Path(folder_paths.__file__).parent
FRAMES, SIDE = 4, 64


@pytest.fixture(scope="module")
def generator(random_file) -> Generator:
    return Generator(random_file)


@pytest.fixture(scope="module")
def told(random_file) -> settings.Settings:
    size = {"width": SIDE, "height": SIDE, "frames": FRAMES}
    return settings.Settings.for_checkpoint(random_file, **size, steps=1, modes=MODES, groups=("straight",))


def test_each_condition_that_is_left_out_changes_the_video_and_nothing_else_does(generator, told):
    case = make_case(0, ModelClip(SIDE, SIDE, FRAMES), groups=("straight",), named=True)
    made = {name: generator.generate(conditions(case, Mode(name)), told) for name in MODES}
    for one in made.values():
        assert one.frames.shape == (FRAMES, SIDE, SIDE, 3) and one.frames.dtype == np.uint8 and one.cpu_seconds > 0
    pairs = (("s2v", "gs2v"), ("s2v", "ps2v"), ("gs2v", "pgs2v"), ("p2v", "ps2v"), ("p2v", "pg2v"))
    for one, other in pairs:
        assert not np.array_equal(made[one].frames, made[other].frames), (one, other)
    again = generator.generate(conditions(case, Mode("pgs2v")), told)
    assert np.array_equal(again.frames, made["pgs2v"].frames)


def test_nothing_at_all_is_a_video_too(generator, told):
    nothing = Conditions(ModelClip(96, 64, FRAMES), np.zeros((0, FRAMES, 2)), np.zeros((0, FRAMES), bool), None, "", 3)
    assert generator.generate(nothing, told).frames.shape == (FRAMES, 64, 96, 3)


def test_drags_are_measured_and_the_run_goes_on(random_file, tmp_path, capsys):
    """By the command, in a Python of its own that finds the host."""
    out = tmp_path / "lines.jsonl"
    command = [str(random_file), "--out", str(out), "--steps", "1", "--size", "96x64", "--frames", "4", "--json"]
    evaluation.main([*command, "--scenes", "1"])
    assert json.loads(capsys.readouterr().out)["rows"]
    env = {**os.environ, "COMFYUI": str(COMFYUI)}
    done = run_python("-m", "dragnuwa.evaluation", *command, "--scenes", "2", env=env)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["settings"]["width"] == 96 and shown["settings"]["checkpoint"].startswith("random.safetensors ")
    assert {"model", "still", "ceiling"} <= set(shown["rows"][0])
    assert len(out.read_text().splitlines()) == 3
    assert "1 of 2 scenes" not in done.stderr and "2 of 2 scenes" in done.stderr


def test_modes_are_measured_and_the_run_goes_on(random_file, tmp_path, capsys):
    out = tmp_path / "modes.jsonl"
    command = [str(random_file), "--out", str(out), "--modes", "--steps", "1", "--size", f"{SIDE}x{SIDE}",
               "--frames", str(FRAMES)]  # fmt: skip
    evaluation.main([*command, "--scenes", "1", "--json"])
    first = json.loads(capsys.readouterr().out)
    assert first["settings"]["modes"] == list(MODES)
    evaluation.main([*command, "--scenes", "2"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in (*MODES, "still video", "true clip through the VAE", "named colour appears"))
    assert [json.loads(line)["number"] for line in out.read_text().splitlines()[1:]] == [0, 1]


def test_pictures_become_a_table_and_a_sheet(random_file, tmp_path, capsys):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (60, 90, 3), dtype=np.uint8)).resize((360, 240)).save(tmp_path / "one.png")
    drags = tmp_path / "drags.json"
    drags.write_text(json.dumps({"one.png": [[[30, 40], [50, 40]]]}))
    sheet = tmp_path / "sheet.jpg"
    command = [
        str(random_file),
        str(tmp_path),
        "--drags",
        str(drags),
        "--steps",
        "1",
        "--frames",
        str(FRAMES),
        "--json",
    ]
    photos.main([*command, "--out", str(sheet)])
    (picture,) = json.loads(capsys.readouterr().out)["pictures"]
    assert (picture["name"], picture["width"], picture["height"], picture["drags"]) == ("one.png", 160, 104, 1)
    assert picture["still"] == pytest.approx(1, abs=0.02) and picture["cpu_seconds"] > 0
    with Image.open(sheet) as image:
        assert image.size[0] == 5 * 160 + 4 * 4
    carried = tmp_path / "carried.jpg"
    photos.main([*command, "--out", str(carried), "--hold", "1"])
    assert carried.read_bytes() != sheet.read_bytes()


@pytest.mark.parametrize("chosen", [{"sampler": "fast"}, {"scheduler": "fast"}])
def test_a_sampler_that_the_host_lacks_is_named(chosen):
    with pytest.raises(ValueError, match=f"{next(iter(chosen))} must be one of .*(euler|karras).*found 'fast'"):
        sampling.sample(None, [], [], {}, steps=1, cfg=1.0, seed=0, **chosen)
