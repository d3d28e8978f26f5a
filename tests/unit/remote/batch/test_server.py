"""When a server of a run counts as lost."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import requests

from dragnuwa.remote.batch import server as server_module
from dragnuwa.remote.batch.board import Board
from dragnuwa.remote.batch.journal import Journal
from dragnuwa.remote.batch.out_folder import OutFolder
from dragnuwa.remote.batch.resume import make_plan
from dragnuwa.remote.batch.server import Limits, Server
from dragnuwa.remote.client import HostUnreachable, Queue

HEARTBEAT, READ = 60.0, 20.0  # s


@dataclass
class Time:
    """Time that passes only where it is told to, and a ComfyUI that answers at once, late, or not at all."""

    now: float = 1000.0
    answers: list[Exception | None] = field(default_factory=list)

    def prompts(self) -> Queue:
        error = self.answers.pop(0)
        if error is None:
            return Queue(frozenset(), frozenset())
        if isinstance(error, requests.ReadTimeout):
            self.now += READ
        raise HostUnreachable("no ComfyUI answers") from error


@pytest.fixture
def clock(monkeypatch) -> Time:
    clock = Time()
    monkeypatch.setattr(server_module, "time", SimpleNamespace(monotonic=lambda: clock.now, time=time.time))
    return clock


@pytest.fixture
def server(clock, tmp_path) -> Iterator[Server]:
    with closing(OutFolder(tmp_path / "out")) as out, closing(Journal(out.journal)) as journal:
        board = Board(make_plan([], {}, journal, out), journal, out)
        server = Server("http://127.0.0.1:1", {}, board, Limits(HEARTBEAT))
        server.client = clock
        yield server


def turn(server: Server, clock: Time, *answers: Exception | None) -> None:
    for answer in answers:
        clock.answers.append(answer)
        server._turn()


def test_one_late_answer_is_no_silence_however_long_nothing_was_asked(server, clock):
    """A run on a busy machine ended since the time between two polls counted as well."""
    turn(server, clock, None)
    clock.now += HEARTBEAT
    turn(server, clock, requests.ReadTimeout())
    assert server.trouble and not server.lost
    turn(server, clock, None)
    assert not server.trouble and not server.lost


def test_a_server_that_answers_nothing_for_the_heartbeat_is_lost_until_it_answers(server, clock):
    turn(server, clock, None, *[requests.ReadTimeout()] * 3)
    assert not server.lost
    turn(server, clock, requests.ReadTimeout())
    assert server.lost
    turn(server, clock, None)
    assert not server.lost


def test_a_wrong_address_is_lost_at_once_and_a_busy_server_is_not(server, clock):
    turn(server, clock, requests.ReadTimeout())
    assert not server.lost
    elsewhere = Server("http://127.0.0.1:2", {}, server._board, Limits(HEARTBEAT))
    elsewhere.client = clock
    turn(elsewhere, clock, requests.ConnectionError())
    assert elsewhere.lost
