"""What a run finds to do, after whatever moment the one before was killed at."""

import pytest

from dragnuwa.remote.batch.board import MAX_LOSSES, Board
from dragnuwa.remote.batch.jobs import Job, JobsError, Setting
from dragnuwa.remote.batch.journal import Journal, JournalError
from dragnuwa.remote.batch.out_folder import OutFolder, OutInUse
from dragnuwa.remote.batch.resume import make_plan

PROMPT = {"1": {"class_type": "Number", "inputs": {"value": 0}}}
URL = "http://127.0.0.1:1"


def job(number: int, name: str | None = None) -> Job:
    return Job(name or f"job-{number}", (Setting("1", "value", number),))


@pytest.fixture
def run(tmp_path):
    """run(*jobs): the plan and the board of a run; the one before is killed."""
    opened = []

    def start(*jobs: Job):
        for each in opened:
            each.close()
        out = OutFolder(tmp_path / "out")
        journal = Journal(out.journal)
        opened[:] = journal, out
        plan = make_plan(list(jobs), PROMPT, journal, out)
        return plan, Board(plan, journal, out)

    yield start
    for each in opened:
        each.close()


def finish(board: Board, prompt_id: str, *, until: str = "shown"):
    """Take a job to its end, or to the moment before it is recorded, or shown."""
    sent = board.send(board.take(URL, 0), prompt_id, URL)
    (board.out.clean(prompt_id) / "result.txt").write_text(f"{sent.job.name} by {prompt_id}")
    if until == "shown":
        board.done(sent)
    elif until == "recorded":
        board._journal.done(prompt_id, sent.job.name, ["result.txt"])
    return sent


def result(tmp_path, name: str) -> str:
    return (tmp_path / "out" / name / "result.txt").read_text()


def test_a_result_that_is_recorded_is_shown_by_the_next_run(run, tmp_path):
    _, board = run(job(1))
    finish(board, "first", until="recorded")
    assert not (tmp_path / "out" / "job-1").exists()
    plan, _ = run(job(1))
    assert (plan.done, plan.waiting, plan.sent) == (1, [], [])
    assert result(tmp_path, "job-1") == "job-1 by first"


def test_a_result_that_is_not_recorded_is_asked_for_again(run, tmp_path):
    _, board = run(job(1))
    finish(board, "first", until="downloaded")
    plan, board = run(job(1))
    assert (plan.done, plan.waiting) == (0, [])
    assert [(sent.prompt_id, sent.server) for sent, _ in plan.sent] == [("first", URL)]
    assert not board.out.part("first").exists()
    assert board.servers() == {URL}


def test_what_was_sent_with_other_settings_is_given_up(run):
    _, board = run(job(1), job(2))
    board.send(board.take(URL, 0), "first", URL)
    plan, board = run(job(7, "job-1"), job(2))
    assert [each.name for each in plan.waiting] == ["job-1", "job-2"]
    assert plan.sent == []
    assert board.unwanted(URL) == {"first"}


def test_what_was_sent_for_a_job_that_is_not_wanted_any_more_is_given_up(run):
    _, board = run(job(1), job(2))
    board.send(board.take(URL, 0), "first", URL)
    plan, board = run(job(2))
    assert [each.name for each in plan.waiting] == ["job-2"]
    assert board.unwanted(URL) == {"first"}


def test_a_former_result_is_never_shown_for_changed_settings(run, tmp_path):
    """Not even while the job waits, and wherever the run was killed."""
    _, board = run(job(1))
    finish(board, "first")
    plan, board = run(job(5, "job-1"))
    assert [each.name for each in plan.waiting] == ["job-1"]
    assert not (tmp_path / "out" / "job-1").exists()
    (kept,) = (board.out.hidden / "replaced").iterdir()
    assert (kept / "result.txt").read_text() == "job-1 by first"
    finish(board, "second", until="recorded")
    plan, _ = run(job(5, "job-1"))
    assert plan.done == 1
    assert result(tmp_path, "job-1") == "job-1 by second"


def test_a_folder_that_no_batch_has_made_is_refused(run, tmp_path):
    (tmp_path / "out" / "job-1").mkdir(parents=True)
    with pytest.raises(JobsError, match="folders that are named like jobs but were not created by a batch: job-1"):
        run(job(1), job(2))
    plan, _ = run(job(2))
    assert [each.name for each in plan.waiting] == ["job-2"]


def test_a_job_that_stops_its_servers_fails_after_three_and_does_not_take_others_along(run):
    _, board = run(job(1), job(2), job(3))
    first, second = (board.send(board.take(URL, 0), str(number), URL) for number in range(2))
    board.hand_on(second, "gone", server_lost=True)
    board.hand_on(first, "gone", server_lost=True)
    alone = board.send(board.take(URL, 0), "3", URL)
    assert alone.job.name == "job-1"
    assert board.take(URL, 0) is None  # what may stop a server is there alone
    board.hand_on(alone, "gone", server_lost=True)
    again = board.send(board.take(URL, 0), "4", URL)
    board.hand_on(again, "gone", server_lost=True)
    events = [board.events.get() for _ in range(board.events.qsize())]
    assert events[-1].failed and events[-1].job == "job-1"
    assert f"{MAX_LOSSES} servers were lost while they had it, the last so: gone" in events[-1].text
    assert board.take(URL, 0).name == "job-2"
    plan, _ = run(job(1), job(2), job(3))
    assert [each.name for each in plan.waiting] == ["job-1", "job-2", "job-3"]
    assert plan.losses["job-2"] == 1 and "job-1" not in plan.losses  # what failed begins anew


def test_a_reason_with_half_a_character_is_recorded(run):
    _, board = run(job(1))
    board.fail(board.take(URL, 0), "half \ud800")
    plan, _ = run(job(1))
    assert plan.notes == ["1 failed before and are tried again: job-1"]


def test_one_run_at_a_time(run, tmp_path):
    run(job(1))
    with pytest.raises(OutInUse, match="Another run uses"):
        OutFolder(tmp_path / "out")


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 200])
def test_a_journal_that_is_broken(tmp_path, content):
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"cannot be read or written: .*Move it and the results in OUT away"):
        Journal(path)


def test_a_journal_of_a_later_version(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    journal._database.execute("PRAGMA user_version = 99")
    journal.close()
    with pytest.raises(JournalError, match=r"is of version 99; this program knows 1\. Update the pack"):
        Journal(tmp_path / "journal.sqlite")
