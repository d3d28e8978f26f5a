"""Runs what cannot be interrupted, such as another library's function, so that an interrupt need not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from .interrupt import checkpoint

LOOK_SECONDS = 0.1  # between two checks
Result = TypeVar("Result")


def run_aside(work: Callable[[], Result], give_up: Callable[[], None]) -> Result:
    """What `work` returns or raises. It runs in a thread of its own, which is left to itself when an interrupt comes.

    Args:
        give_up: called in that case; it should make `work` end soon.
    """
    executor = ThreadPoolExecutor(1, thread_name_prefix="dragnuwa-aside")
    try:
        running = executor.submit(work)
        _watch(running, give_up)
        return running.result()
    finally:
        executor.shutdown(wait=False)


def _watch(running: Future, give_up: Callable[[], None]) -> None:
    try:
        while not running.done():
            wait([running], LOOK_SECONDS)
            checkpoint()
    except BaseException:  # also Ctrl-C
        give_up()
        raise
