"""A run over several servers: a thread for each, and what they report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from queue import Empty

from ..client import Client, HostUnreachable
from .board import Board, Event
from .server import Limits, Server
from .workflow import Prompt

TICK = 0.2  # s
PATIENCE = 5.0  # s that servers have to end their last request


def run_on_servers(urls: Sequence[str], prompt: Prompt, board: Board, limits: Limits) -> Iterator[Event | None]:
    """Run the jobs of the board; yields what happens, and None now and then.

    Closed early, it removes from the servers what waits there; what runs goes on, and whoever resumes takes its result.

    Raises:
        HostUnreachable: if no server answers any more.
        OSError, JournalError: if OUT cannot be written.
    """
    accepting = list(dict.fromkeys(Client(url).url for url in urls))
    servers = [Server(url, prompt, board, limits) for url in accepting]
    servers += [Server(url, prompt, board, limits, accepts=False) for url in sorted(board.servers() - set(accepting))]
    for server in servers:
        server.others = [other for other in servers if other is not server]
        server.start()
    try:
        yield from _events(servers, board)
    finally:
        for server in servers:
            server.stopping.set()
        deadline = time.monotonic() + PATIENCE
        for server in servers:
            server.join(max(0.0, deadline - time.monotonic()))


def _events(servers: list[Server], board: Board) -> Iterator[Event | None]:
    while True:
        finished = board.finished  # asked before the events: what is reported later would be lost after it
        try:
            yield board.events.get(timeout=TICK)
            continue  # all that was reported comes before what follows from it
        except Empty:
            yield None
        for server in servers:
            if server.fault is not None:
                raise server.fault
            if not server.is_alive():
                raise RuntimeError(f"The thread for {server.url} has ended; its error is above.")
        if finished:
            return
        accepting = [server for server in servers if server.accepts]
        if all(server.lost for server in accepting):
            raise HostUnreachable("; ".join(server.trouble for server in accepting))
