"""A batch that an older version began goes on for ever (tests/saved): nothing that is done is done again."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from dragnuwa.remote.batch.journal import Journal
from dragnuwa.remote.batch.json_lines import read_json_lines
from dragnuwa.remote.batch.out_folder import HIDDEN, OutFolder
from dragnuwa.remote.batch.resume import make_plan
from dragnuwa.remote.batch.workflow import read_prompt

BATCHES = sorted((Path(__file__).parents[1] / "saved").glob("*/batch"))


def results(out: Path) -> dict[str, bytes]:
    files = [path for path in out.rglob("*") if path.is_file()]
    return {str(path.relative_to(out)): path.read_bytes() for path in files if HIDDEN not in path.parts}


@pytest.mark.parametrize("saved", BATCHES, ids=lambda path: path.parent.name)
def test_a_saved_batch_goes_on_where_it_was_killed(saved, tmp_path):
    """What is done stays as it is, what was sent is asked for, what failed is tried again, and the rest waits."""
    folder = shutil.copytree(saved, tmp_path / "batch")
    prompt = read_prompt(folder / "workflow.json")
    jobs = read_json_lines(folder / "jobs.jsonl", prompt)
    with closing(OutFolder(folder / "out")) as out, closing(Journal(out.journal)) as journal:
        plan = make_plan(jobs, prompt, journal, out)
    found = {
        "done": plan.done,
        "sent": {sent.prompt_id: job.name for sent, job in plan.sent},
        "waiting": [job.name for job in plan.waiting],
    }
    assert found == json.loads((saved / "expected.json").read_text("utf-8"))
    assert results(folder / "out") == results(saved / "out") != {}
