"""What the guard runs ends with whoever started it, however that ends."""

import os
import subprocess
import sys

import pytest

from dragnuwa.remote.headless import GUARD
from tests.support.waiting import wait_until

CHILD = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1], 'pid').write_text(str(os.getpid())); time.sleep(600)"


@pytest.fixture
def guarded(tmp_path):
    """A guard, the id of its child, and its folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    command = [sys.executable, str(GUARD), str(folder), sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as guard:
        wait_until(lambda: (folder / "pid").exists() and (folder / "pid").read_text())
        yield guard, int((folder / "pid").read_text()), folder
        guard.kill()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_the_pipe_ends(guarded):
    guard, child, folder = guarded
    guard.stdin.close()
    guard.wait(20)
    assert not runs(child)
    assert not folder.exists()


def test_a_signal_to_the_guard(guarded):
    guard, child, _ = guarded
    guard.terminate()
    guard.wait(20)
    assert not runs(child)


def test_the_guard_is_killed(guarded):
    guard, child, _ = guarded
    guard.kill()
    guard.wait(20)
    wait_until(lambda: not runs(child))
