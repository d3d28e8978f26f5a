"""docs/batch.md: its options are those of the command, its jobs are read, its limits are those of the code."""

import json
import re

from dragnuwa.remote.batch.command import DEFAULT_SERVER, argument_parser
from dragnuwa.remote.batch.json_lines import MAX_FILE_BYTES, MAX_JOBS, MAX_NAME, read_json_lines
from tests.integration.documentation.reading import blocks, read, table

PAGE = "docs/batch.md"


def options() -> dict[str, object]:
    return {action.option_strings[-1]: action.default for action in argument_parser()._actions if action.option_strings}


def test_every_option_is_described_and_exists():
    described = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", read(PAGE)))
    assert described == options().keys() - {"--help"}
    rows = {row[0].strip("`").split()[0]: row[1] for row in table(read(PAGE)) if row[0].startswith("`--")}
    assert f"default {options()['--heartbeat']:g}" in rows["--heartbeat"]
    assert f"`{DEFAULT_SERVER}`" in rows["--server"]


def test_the_example_of_json_lines_is_read(tmp_path):
    (example,) = blocks(read(PAGE), "json")
    (tmp_path / "jobs.jsonl").write_text(example)
    (tmp_path / "bird.jpg").write_bytes(b"a picture")
    (tmp_path / "bird.csv").write_text("drags")
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": ""}, "_meta": {"title": "Load Image"}},
        "2": {"class_type": "KSampler", "inputs": {"seed": 0, "cfg": 1.0}, "_meta": {"title": "KSampler"}},
        "4": {"class_type": "DragNUWATrajectoryEditor", "inputs": {"trajectories": ""}},
        "8": {"class_type": "DragNUWAApply", "inputs": {"strength": 1.0}},
    }
    assert [job.name for job in read_json_lines(tmp_path / "jobs.jsonl", prompt)] == ["seed-1", "seed-2", "bird"]


def test_the_example_in_python_writes_jobs(tmp_path, monkeypatch):
    (code,) = blocks(read(PAGE), "python")
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102
    lines = (tmp_path / "jobs.jsonl").read_text().splitlines()
    assert len(lines) == 1000 and json.loads(lines[7]) == {"name": "seed-7", "inputs": {"KSampler": {"seed": 7}}}


def test_limits():
    text = read(PAGE)
    assert f"{MAX_JOBS:,} jobs" in text
    assert f"{MAX_FILE_BYTES >> 20} MiB" in re.sub(r"\s+", " ", text)
    assert f"at most {MAX_NAME} characters" in re.sub(r"\s+", " ", text)
