"""The jobs that make a benchmark's videos: what they set, and what is refused."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dragnuwa.common.errors import InputError
from dragnuwa.remote.batch.json_lines import read_json_lines
from dragnuwa.remote.batch.workflow import read_prompt
from dragnuwa.research.measures.cases import Choices
from dragnuwa.research.measures.command import argument_parser, main
from dragnuwa.research.measures.generate import drawing, targets_in
from dragnuwa.research.measures.layouts.magicbench import MagicBench
from dragnuwa.research.measures.layouts.vipseg import VipSeg
from dragnuwa.trajectory import parse
from tests.support import benchmarks as made
from tests.support.benchmarks import FRAMES, HEIGHT, WIDTH

ROOT = Path(__file__).parents[4]
WORKFLOWS = ROOT / "workflows" / "api"
SIZE = ["--size", f"{WIDTH}x{HEIGHT}", "--frames", str(FRAMES)]
# What a person with a GPU would compare on a benchmark.
COMPARED = ("drag_a_picture", "draganything", "carry_with_svd", "carry_with_wan")


def generate(name: str, place: Path, out: Path, *more: str, workflow: str = "carry_with_wan") -> list:
    """The jobs, as the batch reads them."""
    path = WORKFLOWS / f"{workflow}.json"
    main(["generate", name, str(place), "--workflow", str(path), "--out", str(out), *more])
    return read_json_lines(out / "jobs.jsonl", read_prompt(path))


@pytest.mark.parametrize("workflow", COMPARED)
def test_each_job_has_the_picture_the_drags_and_the_size(tmp_path, workflow):
    jobs = generate("vipseg", made.vipseg(tmp_path / "place"), tmp_path / "out", *SIZE, workflow=workflow)
    assert [job.name for job in jobs] == ["12_abc", "2cdbf5f0a7"]
    given = {setting.input: setting.value for setting in jobs[1].settings}
    assert (given["width"], given["height"], given["frames"]) == (WIDTH, HEIGHT, FRAMES)
    assert (np.asarray(Image.open(given["image"].path)) == made.frames(seed=10)[0]).all()
    points, visible = parse(given["trajectories"], width=WIDTH, height=HEIGHT).sample(FRAMES, WIDTH, HEIGHT)
    assert visible.all() and points[1] == pytest.approx(made.track(38, 48))


def test_a_text_goes_where_it_is_wanted(tmp_path):
    place = made.movebench(tmp_path / "place")
    jobs = generate("movebench", place, tmp_path / "out", "--frames", str(FRAMES), "--text", "Positive text")
    given = {setting.input: setting.value for setting in jobs[0].settings}
    assert given["text"] == "A square, which goes to the right."
    with pytest.raises(SystemExit):
        generate("vipseg", made.vipseg(tmp_path / "other"), tmp_path / "out", *SIZE, "--text", "Positive text")


@pytest.mark.parametrize(("layout", "make", "count"), [(VipSeg, made.vipseg, 2), (MagicBench, made.magicbench, 2)])
def test_things_may_be_given_with_their_outlines(tmp_path, layout, make, count):
    found = layout(make(tmp_path), Choices((WIDTH, HEIGHT), FRAMES))
    case = found.case(found.names()[0])
    drawn = parse(drawing(case, objects=True), width=WIDTH, height=HEIGHT)
    masks = drawn.object_masks(WIDTH, HEIGHT) >= 0.5
    assert masks.shape == (count, HEIGHT, WIDTH)
    assert (masks ^ case.masks).sum() < 0.02 * case.masks.sum()


def test_the_commands_that_follow_are_printed(tmp_path, capsys):
    place = made.vipseg(tmp_path / "a place")
    generate("vipseg", place, tmp_path / "out", *SIZE, "--tracker", "patches")
    batch, bench = (shlex.split(line) for line in capsys.readouterr().out.splitlines())
    assert batch[:3] == ["python", "-m", "dragnuwa.batch"] and batch[4] == str(tmp_path / "out" / "jobs.jsonl")
    options = argument_parser().parse_args(bench[3:])
    assert (options.place, options.size, options.frames) == (place, (WIDTH, HEIGHT), FRAMES)
    assert options.tracker == "patches" and str(options.videos) == batch[-1]


def test_a_benchmark_without_masks_has_no_objects(tmp_path):
    with pytest.raises(SystemExit):
        generate("movebench", made.movebench(tmp_path), tmp_path / "out", "--frames", str(FRAMES), "--objects")


EDITED = ("trajectories", "width", "height", "frames")
NODES = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "DragNUWATrajectoryEditor", "inputs": dict.fromkeys(EDITED)},
    "3": {"class_type": "Note", "inputs": {}, "_meta": {"title": "Note"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "message", "options"),
    [("none", "not JSON", {}), ([], "API format", {}), ({"nodes": []}, "API format", {}),
     ({"2": NODES["2"]}, "one LoadImage", {}), ({**NODES, "4": NODES["2"]}, "Name it by its id", {}),
     ({**NODES, "2": {**NODES["2"], "inputs": {"width": 1}}}, "no input trajectories", {}),
     (NODES, "with a text", {"text": "Note"}), (NODES, "with a text", {"text": "Prompt"})],
)  # fmt: skip
def test_a_workflow_that_cannot_make_them_is_refused(tmp_path, prompt, message, options):
    path = tmp_path / "workflow.json"
    path.write_text(prompt if isinstance(prompt, str) else json.dumps(prompt))
    with pytest.raises(InputError, match=message):
        targets_in(path, **options)


def test_one_of_several_nodes_is_named_by_its_id(tmp_path):
    (tmp_path / "workflow.json").write_text(json.dumps({**NODES, "4": NODES["2"]}))
    assert targets_in(tmp_path / "workflow.json", editor="4").editor == "4"
