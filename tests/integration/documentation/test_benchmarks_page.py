"""docs/benchmarks.md: its commands are read, its workflows exist, and every benchmark is named."""

import shlex

from dragnuwa.remote.batch.command import argument_parser as batch_parser
from dragnuwa.research.measures.bench import TAP_VID
from dragnuwa.research.measures.command import argument_parser
from dragnuwa.research.measures.generate import targets_in
from dragnuwa.research.measures.layouts.registry import LAYOUTS
from scripts.host import ROOT
from tests.integration.documentation.reading import blocks, read, table

PAGE = "docs/benchmarks.md"
EVALUATION = ["python", "-m", "dragnuwa.evaluation"]


def test_the_three_commands_are_read():
    (block,) = blocks(read(PAGE), "bash")
    generate, batch, bench = (shlex.split(line) for line in block.strip().splitlines())
    made = argument_parser().parse_args(generate[len(EVALUATION) :])
    measured = argument_parser().parse_args(bench[len(EVALUATION) :])
    jobs = batch_parser().parse_args(batch[3:])
    assert generate[:3] == bench[:3] == EVALUATION and batch[2] == "dragnuwa.batch"
    assert (made.workflow, made.out / "jobs.jsonl", made.place) == (jobs.workflow, jobs.jobs, measured.place)
    assert measured.videos == jobs.out


def test_each_system_has_a_workflow_and_options_that_are_read():
    rows = [row for row in table(read(PAGE)) if len(row) == 3 and row[1].startswith("`workflows/")]
    assert len(rows) == 4
    for _, workflow, options in rows:
        path = workflow.strip("`")
        targets_in(ROOT / path)
        argument_parser().parse_args(
            ["generate", "vipseg", "place", "--workflow", path, "--out", "out", *options.strip("`").split()]
        )


def test_every_benchmark_is_described():
    rows = {row[0].strip("`") for row in table(read(PAGE)) if len(row) == 3 and row[0].startswith("`")}
    assert rows == {TAP_VID, *LAYOUTS}
