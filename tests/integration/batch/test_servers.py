"""Several servers: shared work, one that freezes, dies and comes back, and the limits of time."""

import sqlite3
import time
from collections import Counter

import pytest

from scripts.host import HostProcess, find_installation
from tests.integration.batch.sweep import HIDDEN, Sweep, batch_id, executions, freeze, kill, queued, thaw
from tests.support import stand_ins
from tests.support.waiting import wait_until

SILENCE = 3  # s
HEARTBEAT = ("--heartbeat", str(SILENCE))
WAITING = {"blurs": 0, "side": 64, "pauses": 1}  # jobs that take half a second each and leave the cores to others


@pytest.fixture(scope="module")
def second(host, tmp_path_factory):
    """A server that a test may freeze, and kill. It saves into the first one's output folder, as people have it."""
    installation = find_installation()
    folder = tmp_path_factory.mktemp("second")
    stand_ins.place(folder)
    shared = ["--cpu", "--output-directory", str(host.output_directory)]
    with HostProcess(installation.python, installation.comfyui, folder, extra_args=shared) as server:
        yield server


@pytest.fixture(autouse=True)
def thawed(second):
    """A test that fails while the server is frozen leaves it to the next as it was."""
    yield
    thaw(second.process.pid)


def shown_prompts(sweep: Sweep) -> list[str]:
    journal = sqlite3.connect(sweep.out / HIDDEN / "journal.sqlite")
    try:
        return [prompt_id for (prompt_id,) in journal.execute("SELECT prompt_id FROM jobs WHERE state = 'done'")]
    finally:
        journal.close()


def test_a_frozen_server_hands_its_jobs_on_and_is_cleared_when_it_comes_back(host, second, tmp_path):
    sweep = Sweep(tmp_path, 16, **WAITING).write()
    process = sweep.start(host.url, second.url, options=HEARTBEAT)
    wait_until(lambda: len(sweep.done()) >= 4)
    batch = batch_id(sweep.out)
    wait_until(lambda: len(queued(second.url, batch)) == 2)
    freeze(second.process.pid)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
    assert f"{second.url} has not answered for" in said
    assert sweep.wrong() == []
    assert executions(host.url, batch).most_common(1)[0][1] == 1
    # Each prompt saved into a folder of its own: both servers number the files in their common folder.
    saved = [list((host.output_directory / "dragnuwa_batch" / shown).iterdir()) for shown in shown_prompts(sweep)]
    assert [len(files) for files in saved] == [1] * 16
    # It comes back, with prompts of ours that were handed on: whoever runs next removes them.
    thaw(second.process.pid)
    again = Sweep(tmp_path, 18, **WAITING).write()
    assert again.run(host.url, second.url, options=HEARTBEAT).returncode == 0
    assert again.wrong() == []
    assert queued(second.url, batch) == []
    total = executions(host.url, batch) + executions(second.url, batch)
    assert total.keys() == {again.name(number) for number in range(18)}
    assert total.total() <= 18 + 2  # at most what ran when it froze


def test_a_frozen_server_that_comes_back_in_time_finishes_its_jobs(host, second, tmp_path):
    """Nobody has taken them: others have enough to do. So nothing is executed twice."""
    sweep = Sweep(tmp_path, 24, **WAITING).write()
    process = sweep.start(host.url, second.url, options=HEARTBEAT)
    wait_until(sweep.done)
    batch = batch_id(sweep.out)
    wait_until(lambda: len(queued(second.url, batch)) == 2)
    freeze(second.process.pid)
    time.sleep(SILENCE + 1.5)  # how long it is frozen
    thaw(second.process.pid)
    assert len(sweep.done()) < 21, "the jobs are too short: there was nothing left to do"
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
    assert f"{second.url} answers again" in said
    assert sweep.wrong() == []
    assert "waits again" not in said
    assert executions(host.url, batch) + executions(second.url, batch) == Counter(map(sweep.name, range(24))), said


def test_a_job_over_its_time_fails_and_the_others_go_on(host, tmp_path):
    slow = Sweep(tmp_path / "slow", 1, blurs=0, side=64, pauses=20).write()
    done = slow.run(host.url, options=("--timeout", "1"))
    assert done.returncode == 1
    assert "job-00: it ran longer than 1 s, the limit of --timeout" in done.stderr
    assert "1 failed: job-00. The same command tries them again." in done.stderr
    quick = Sweep(tmp_path / "quick", 2, **WAITING).write()
    assert quick.run(host.url, options=("--timeout", "30")).returncode == 0
    assert quick.wrong() == []


def test_one_frozen_server_alone_ends_the_run_and_keeps_its_jobs(second, tmp_path):
    """There is nobody to hand them on to, and they may be finished there: the next run asks."""
    sweep = Sweep(tmp_path, 4, **WAITING).write()
    process = sweep.start(second.url, options=HEARTBEAT)
    wait_until(lambda: len(sweep.done()) >= 1)
    freeze(second.process.pid)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert f"no ComfyUI answers at {second.url}" in said
    assert "of 4 jobs are done." in said and "To go on, type: " in said
    assert "Traceback" not in said
    thaw(second.process.pid)
    last = sweep.run(second.url)
    assert last.returncode == 0, last.stderr
    assert sweep.wrong() == []
    assert executions(second.url, batch_id(sweep.out)) == Counter(map(sweep.name, range(4)))


def test_a_killed_server_hands_its_jobs_on(host, second, tmp_path):
    """Killed while the batch is, too: the next run finds only one server, and asks it for everything."""
    sweep = Sweep(tmp_path, 12, **WAITING).write()
    process = sweep.start(host.url, second.url, options=HEARTBEAT)
    wait_until(lambda: len(sweep.done()) >= 3)
    second.process.kill()
    wait_until(lambda: len(sweep.done()) >= 6)
    kill(process)
    last = sweep.run(host.url, options=HEARTBEAT)
    assert last.returncode == 0, last.stderr
    assert sweep.wrong() == []
    assert executions(host.url, batch_id(sweep.out)).most_common(1)[0][1] == 1
