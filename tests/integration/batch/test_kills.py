"""A batch that is killed, beside a server that lives: every job is executed once, and shows its own result."""

import random
import shlex
import signal
import subprocess
import time
from collections import Counter

import pytest

from scripts.host import ROOT
from tests.integration.batch.sweep import Sweep, batch_id, executions, kill, queued


@pytest.fixture
def sweep(tmp_path):
    return Sweep(tmp_path, 12, pauses=1).write()  # six seconds at least: no machine is done before the last kill


def test_a_batch_that_is_killed_at_random_moments(host, sweep):
    """Three kills; without the journal the orphans of each would be executed again."""
    chance = random.Random(7)
    for _ in range(3):
        process = sweep.start(host.url)
        time.sleep(chance.uniform(0.6, 2.0))
        kill(process)
        assert set(sweep.done()) < {sweep.name(number) for number in range(12)}
    last = sweep.run(host.url)
    assert last.returncode == 0, last.stderr
    assert sweep.wrong() == []
    assert executions(host.url, batch_id(sweep.out)) == Counter(map(sweep.name, range(12)))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_batch_that_is_asked_to_end(host, sweep, number, code):
    """It says how to go on, leaves nothing waiting at the server, and what runs there is not done again."""
    process = sweep.start(host.url)
    while ": done (" not in process.stderr.readline():
        pass
    process.send_signal(number)
    said = process.stderr.read()
    assert process.wait(20) == code, said
    assert "Traceback" not in said
    assert "of 12 jobs are done." in said and "To go on, type: " in said
    typed = shlex.split(said.split("To go on, type: ")[1])
    assert len(queued(host.url, batch_id(sweep.out))) <= 1
    last = subprocess.run(typed, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert last.returncode == 0, last.stderr
    assert sweep.wrong() == []
    assert executions(host.url, batch_id(sweep.out)) == Counter(map(sweep.name, range(12)))
