"""A server that HostProcess starts is never left behind, and one that fails says why. With the real ComfyUI."""

import os
import signal
import subprocess
import sys

import pytest

from scripts.host import ROOT, HostProcess, HostProcessError, find_installation

# What the demo and `make serve` do, in short: start a server, tell its process id, and wait to be stopped.
PARENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from scripts.host import HostProcess, find_installation, stop_on_terminate
stop_on_terminate()
comfyui = find_installation()
with HostProcess(comfyui.python, comfyui.comfyui, sys.argv[2]) as server:
    print(server.process.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def installation():
    return find_installation()


def test_a_server_that_cannot_start_shows_its_log(installation, tmp_path):
    refused = HostProcess(installation.python, installation.comfyui, tmp_path, extra_args=["--no-such-option"])
    with (
        pytest.raises(HostProcessError, match=r"(?s)exit status 2 .*unrecognized arguments: --no-such-option"),
        refused,
    ):
        pass


def test_a_server_that_does_not_answer_in_time_is_stopped(installation, tmp_path):
    slow = HostProcess(installation.python, installation.comfyui, tmp_path, timeout=0.1)
    with pytest.raises(HostProcessError, match=r"did not answer within 0\.1 s"), slow:
        pass
    assert slow.process.poll() is not None


def test_a_server_goes_with_the_process_that_started_it(tmp_path):
    command = [sys.executable, "-c", PARENT, str(ROOT / "scripts"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        server = int(parent.stdout.readline())
        parent.send_signal(signal.SIGTERM)
        parent.wait(30)
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
