"""A benchmark by three commands: its jobs, the batch that makes its videos, and their figures."""

import json

from dragnuwa.research.measures.command import main
from scripts.host import ROOT
from tests.support import benchmarks as made
from tests.support.benchmarks import FRAMES, HEIGHT, WIDTH
from tests.support.commands import run_python

WORKFLOW = ROOT / "workflows" / "api" / "move_a_picture.json"


def evaluation(*arguments: object) -> None:
    """`python -m dragnuwa.evaluation`, without the seconds that a Python of its own takes to start."""
    main([*map(str, arguments)])


def test_vipseg_from_its_folder_to_its_table(host, tmp_path, capsys):
    place, out, size = made.vipseg(tmp_path / "place"), tmp_path / "out", ["--size", f"{WIDTH}x{HEIGHT}"]
    clip = [*size, "--frames", str(FRAMES)]
    evaluation("generate", "vipseg", place, "--workflow", WORKFLOW, "--out", out, "--objects", *clip)
    jobs = [out / "jobs.jsonl", out / "videos", "--server", host.url]
    batch = run_python("-m", "dragnuwa.batch", WORKFLOW, *jobs, timeout=180)
    assert batch.returncode == 0, batch.stderr
    lines = out / "figures.jsonl"
    capsys.readouterr()
    evaluation("bench", "vipseg", place, "--videos", out / "videos", "--out", lines, "--json", *clip)
    found = json.loads(capsys.readouterr().out)
    assert found["settings"]["results"] == 2 and found["mean"]["relative_objmc"] < 0.2
