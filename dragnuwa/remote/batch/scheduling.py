"""A run over several servers: one thread for each, and their events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from queue import Empty

from ..client import Client, HostUnreachable
from .board import Board, Event
from .server import Limits, Server
from .workflow import Prompt

TICK = 0.2  # s
PATIENCE = 5.0  # s for the last requests to end


def run_on_servers(urls: Sequence[str], prompt: Prompt, board: Board, limits: Limits) -> Iterator[Event | None]:
    """Run the jobs of the board; yields events, and None periodically.

    If closed early, queued prompts are removed from the servers; running ones continue, and a resumed run takes their
    results.

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
        finished = board.finished  # read before the events, or events reported in between would be lost
        try:
            yield board.events.get(timeout=TICK)
            continue  # all reported events come before their consequences
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
