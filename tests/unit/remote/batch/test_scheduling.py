"""What a run over several servers reports."""

from contextlib import closing
from types import SimpleNamespace

from dragnuwa.remote.batch import scheduling
from dragnuwa.remote.batch.board import Board, Event
from dragnuwa.remote.batch.jobs import Job
from dragnuwa.remote.batch.journal import Journal
from dragnuwa.remote.batch.out_folder import OutFolder
from dragnuwa.remote.batch.resume import make_plan

ANSWERS = SimpleNamespace(fault=None, accepts=True, lost=False, is_alive=lambda: True)


def test_a_job_that_ends_last_is_reported_whenever_it_ends(tmp_path):
    """One that failed between two looks was left out, and the command ended with 0 as if it were done."""
    job = Job("last", ())
    with closing(OutFolder(tmp_path / "out")) as out, closing(Journal(out.journal)) as journal:
        board = Board(make_plan([job], {}, journal, out), journal, out)
        events = scheduling._events([ANSWERS], board)
        assert next(events) is None
        board.fail(job, "broken")
        assert [event for event in events if event] == [Event("broken", "last", failed=True)]
