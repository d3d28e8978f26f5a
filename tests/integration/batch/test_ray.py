"""`--ray`: a local cluster of two actors, each with a ComfyUI of its own, of which one is killed."""

import os
import shutil
import signal
import sqlite3
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from tests.integration.batch.sweep import HIDDEN, Sweep


@pytest.fixture
def environment():
    """Ray's files stay away from the person's own; not in tmp_path, as the path of a socket has to be short."""
    home = Path(tempfile.mkdtemp(prefix="ray"))
    yield {**os.environ, "HOME": str(home), "RAY_TMPDIR": str(home), "TMPDIR": str(home), "OMP_NUM_THREADS": "1"}
    shutil.rmtree(home, ignore_errors=True)


def servers_under(process: psutil.Process) -> list[psutil.Process]:
    """The ComfyUI processes that descend from a process."""
    found = []
    for child in process.children(recursive=True):
        try:
            command = child.cmdline()
        except psutil.Error:  # ended meanwhile
            continue
        if len(command) > 1 and command[1].endswith("main.py"):
            found.append(child)
    return found


def wait_until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
    return value


def test_an_actor_that_is_killed_is_started_again(tmp_path, environment):
    """Its ComfyUI ends with it, and every job has its own result in the end."""
    sweep = Sweep(tmp_path, 8, blurs=5, side=768).write()
    batch = sweep.start(options=("--ray", "--actors", "2"), env=environment)
    process = psutil.Process(batch.pid)
    wait_until(sweep.done)
    server, other = wait_until(lambda: len(found := servers_under(process)) == 2 and found)
    guard = server.parent()
    guard.parent().send_signal(signal.SIGKILL)  # the actor
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, 10)
    wait_until(lambda: not guard.is_running() or guard.status() == psutil.STATUS_ZOMBIE, 10)
    assert len(sweep.done()) < 8
    said = batch.communicate(timeout=120)[1]
    assert batch.returncode == 0, said
    assert sweep.wrong() == []
    assert not other.is_running()
    assert list(Path(environment["TMPDIR"]).glob("dragnuwa-batch-*")) == []
    journal = sqlite3.connect(sweep.out / HIDDEN / "journal.sqlite")
    rows = journal.execute("SELECT job, server FROM prompts WHERE state = 'done'").fetchall()
    journal.close()
    assert sorted(job for job, _ in rows) == [sweep.name(number) for number in range(8)]
    assert len({server for _, server in rows}) >= 2
    assert all(server.startswith("ray:") for _, server in rows)


def test_no_comfyui_for_the_actors_is_said(tmp_path, environment):
    """In one line, with what to do, and without the traceback of an actor."""
    sweep = Sweep(tmp_path, 1).write()
    broken = tmp_path / "ComfyUI"
    (broken / "comfy").mkdir(parents=True)
    (broken / "comfy" / "sd.py").touch()
    (broken / "main.py").write_text("raise SystemExit('no such model folder')")
    done = sweep.run(options=("--ray",), env={**environment, "COMFYUI": str(broken)})
    assert done.returncode == 1
    assert "no such model folder" in done.stderr
    assert "To go on, type: python" in done.stderr
    assert "Traceback" not in done.stderr
