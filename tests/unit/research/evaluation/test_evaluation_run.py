"""A run goes on where it stopped, its table says what it has measured, and the command refuses wrong options."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.research.evaluation.generate import Video
from dragnuwa.research.evaluation.report import as_json, summarise, text
from dragnuwa.research.evaluation.run import evaluate, measure_videos
from dragnuwa.research.evaluation.settings import Settings
from tests.support.commands import run_python

ROOT = Path(__file__).resolve().parents[4]
SETTINGS = Settings("made.safetensors 0", ModelClip(96, 96, 6))


class Maker:
    """Figures of videos without a model: the truth as the model's. Breaks off at the case `until`."""

    def __init__(self, until: int = 1000):
        self.until, self.made = until, 0

    def __call__(self, case):
        if self.made == self.until:
            raise KeyboardInterrupt
        self.made += 1
        true = case.scene.frames
        still = np.repeat(true[:1], len(true), axis=0)
        return measure_videos(case, {"model": Video(true, 1.5), "still": still, "ceiling": true // 2 * 2})


def test_a_run_that_was_interrupted_gives_the_same_lines(tmp_path):
    whole = evaluate(tmp_path / "whole.jsonl", SETTINGS, 6, Maker)
    broken = tmp_path / "folder" / "broken.jsonl"
    with pytest.raises(KeyboardInterrupt):
        evaluate(broken, SETTINGS, 6, lambda: Maker(until=3))
    cut = broken.read_bytes()
    broken.write_bytes(cut[:-10])  # killed while it wrote the third line
    rest = Maker()
    assert evaluate(broken, SETTINGS, 6, lambda: rest) == whole
    assert rest.made == 4
    assert broken.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_finished_run_makes_nothing_and_may_be_made_longer(tmp_path):
    path, more = tmp_path / "lines.jsonl", Maker()
    evaluate(path, SETTINGS, 2, Maker)
    assert len(evaluate(path, SETTINGS, 1, lambda: pytest.fail("nothing is to be done"))) == 1
    assert len(evaluate(path, SETTINGS, 3, lambda: more)) == 3
    assert more.made == 1


def test_figures_of_other_settings_are_not_mixed(tmp_path):
    path = tmp_path / "lines.jsonl"
    evaluate(path, SETTINGS, 1, Maker)
    other = Settings("made.safetensors 0", ModelClip(96, 96, 6), steps=7)
    with pytest.raises(ValueError, match=r"measured with other settings \(steps was 25, is 7\)"):
        evaluate(path, other, 1, Maker)


@pytest.mark.parametrize(
    "content", [b"notes\n", b"notes", b'{"a": 1}\n', b"[]\n", b'{"settings": {}}\n{"number": 4}\n', b"[" * 9999 + b"\n"]
)
def test_another_file_is_left_alone(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"is not a file of this program|with other settings"):
        evaluate(path, SETTINGS, 1, Maker)
    assert path.read_bytes() == content


def test_the_table_has_the_bounds_beside_the_figures(tmp_path):
    rows = summarise(evaluate(tmp_path / "lines.jsonl", SETTINGS, 10, Maker), SETTINGS.clip.height)
    by_name = {row.name: row for row in rows}
    straight = by_name["relative ObjMC, one object, straight"]
    assert (straight.bound, straight.scenes, straight.reached) == (0.15, 2, True)
    assert straight.values["still"] == pytest.approx(1, abs=0.01)
    assert [row.bound for row in rows[:6]] == [0.15, 0.25, 0.30, 0.25, 1.5, 3.0]
    assert by_name["CPU seconds a clip"].values == {"model": 1.5}
    drift = by_name["dragged object's drift below the VAE's ceiling, dB"]
    assert drift.values["ceiling"] == 0 and "still" not in drift.values and drift.scenes == 8
    lines = text(rows).splitlines()
    assert len(lines) == len(rows) + 1 and len({len(line) for line in lines}) == 1
    assert "true clip through the VAE" in lines[0] and "<= 0.15" in lines[1]
    assert json.loads(json.dumps(as_json(rows), allow_nan=False))[0]["at_most"] == 0.15


def test_the_table_averages_scenes_takes_the_median_of_motion_and_scales_it():
    def line(group: str, **figures) -> dict:
        return {"group": group, "model": figures, "ceiling": {"drift": 30.0}}

    rows = summarise(
        [
            line("straight", psnr=20, lost=0, relative_objmc=0.1, drift=28.0),
            line("straight", psnr=30, lost=0.5, relative_objmc=0.3, drift=24.0),
            line("still", psnr=25, lost=0.1, relative_objmc=9.0, drift=29.0, undragged_motion=[1.0, 8.0, 2.0]),
        ],
        height=256,
    )
    values = {row.name: row.values["model"] for row in rows}
    assert values["relative ObjMC, one object, straight"] == pytest.approx(0.2)
    assert values["motion of undragged or anchored objects, median, px of 128"] == 1.0
    assert values["dragged object's drift below the VAE's ceiling, dB"] == pytest.approx((2 + 6 + 1) / 3)
    assert not any("camera" in name for name in values)
    assert [row.reached for row in rows[:3]] == [False, True, True]


def test_help_needs_nothing():
    done = run_python("-m", "dragnuwa.evaluation", "--help", env={**os.environ, "COMFYUI": "/nowhere"})
    assert done.returncode == 0, done.stderr
    for option in ("CHECKPOINT", "--out", "--modes", "--groups", "--scenes", "--steps", "--baselines-only", "--json"):
        assert option in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--modes", "s2v,t2v"), "modes must be of s2v, p2v, gs2v, ps2v, pgs2v, pg2v, each once; found s2v, t2v"),
        (("--groups", "fast"), "groups must be of straight, curved, several, camera, still, each once; found fast"),
        (("--modes", "--groups", "camera"), "groups must be of straight, curved, each once; found camera"),
        (("--modes", "--baselines-only"), "--baselines-only and --modes exclude each other"),
        (("--size", "large"), "--size must be WIDTHxHEIGHT"),
        (("--size", "100x100"), "width must be a multiple of 8"),
        (("--frames", 1), "frames must be 2 to 1024; found 1"),
        (("--steps", 0), "steps must be 1 to 10000; found 0"),
        (("--scenes", 0), "scenes must be at least 1; found 0"),
        (("--assets", "nothing"), "nothing is no pack of pictures"),
    ],
)
def test_wrong_options_end_in_words(options, message, random_file, tmp_path, capsys):
    from dragnuwa.research.evaluation.command import main

    with pytest.raises(SystemExit):
        main([*map(str, (random_file, "--out", tmp_path / "lines.jsonl", *options))])
    assert message in capsys.readouterr().err


def test_a_missing_checkpoint_is_named(tmp_path, capsys):
    from dragnuwa.research.evaluation.command import main

    with pytest.raises(SystemExit):
        main(["none.safetensors", "--out", str(tmp_path / "lines.jsonl")])
    assert "There is no file none.safetensors" in capsys.readouterr().err


def test_groups_may_be_chosen(tmp_path):
    told = replace(SETTINGS, groups=("curved", "still"))
    assert [line["group"] for line in evaluate(tmp_path / "lines.jsonl", told, 3, Maker)] == [
        "curved",
        "still",
        "curved",
    ]
