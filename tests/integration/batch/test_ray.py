"""`--ray`: a local cluster of two actors, each with a ComfyUI of its own, of which one is killed."""

import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from dragnuwa.remote.batch.jobs import Job
from dragnuwa.remote.batch.ray_actor import Actor, Work
from dragnuwa.remote.batch.server import Limits
from tests.integration.batch.sweep import HIDDEN, Sweep
from tests.support.waiting import wait_until


@pytest.fixture
def environment():
    """Ray's files stay away from the person's own; not in tmp_path, as the path of a socket has to be short.

    Its workers have the same right to the cores as other tests, and would wait for these otherwise; none is started
    before there is work for it.
    """
    home = Path(tempfile.mkdtemp(prefix="ray"))
    folders = dict.fromkeys(["HOME", "RAY_TMPDIR", "TMPDIR"], str(home))
    early = dict.fromkeys(["RAY_enable_worker_prestart", "RAY_prestart_worker_first_driver"], "0")
    yield {**os.environ, **folders, **early, "OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0"}
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


@pytest.mark.timeout(600)  # on two busy cores, three starts of ComfyUI and one of Ray take minutes
def test_an_actor_that_is_killed_is_started_again(tmp_path, environment):
    """Its ComfyUI ends with it, and every job has its own result in the end."""
    sweep = Sweep(tmp_path, 8, blurs=5, side=768).write()
    batch = sweep.start(options=("--ray", "--actors", "2"), env=environment)
    process = psutil.Process(batch.pid)
    wait_until(sweep.done, 240)
    server, other = wait_until(lambda: len(found := servers_under(process)) == 2 and found, 180)
    guard = server.parent()
    guard.parent().send_signal(signal.SIGKILL)  # the actor
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, 10)
    wait_until(lambda: not guard.is_running() or guard.status() == psutil.STATUS_ZOMBIE, 10)
    assert len(sweep.done()) < 8
    said = batch.communicate(timeout=240)[1]
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


@pytest.fixture
def actor(tmp_path):
    """actor(job, main): an actor in this process whose ComfyUI is a file of Python."""

    def make(job: Job, main: str) -> Actor:
        (tmp_path / "main.py").write_text(main)
        limits = Limits(heartbeat=2)
        python = Path(sys.executable)
        return Actor(Work({}, (job,), "batch", limits, tmp_path, python, cpu=True, folder=tmp_path))

    return make


def test_a_comfyui_that_does_not_start_is_said_with_its_log(actor):
    row = actor(Job("a", ()), "raise SystemExit('no such model folder')")({"number": 0})
    assert row["fault"].startswith("The ComfyUI in") and "no such model folder" in row["fault"]
    assert (row["reason"], row["names"]) == ("", [])


def test_a_job_that_kills_its_comfyui_fails_after_three(actor, tmp_path):
    """It answers, and is gone with the first prompt."""
    main = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def do_POST(self):
        open("prompts", "a").write("x")
        os._exit(1)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"""
    row = actor(Job("a", ()), main)({"number": 0})
    assert row["reason"].startswith("3 servers were lost while they had it, the last so: no ComfyUI answers at")
    assert (tmp_path / "prompts").read_text() == "xxx"
    assert list(tmp_path.glob("comfyui-*")) == []
