"""Runs what cannot be interrupted, such as another library's function, so that an interrupt need not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from .interrupt import InterruptCheck

LOOK_SECONDS = 0.1  # between two checks
Result = TypeVar("Result")


def run_aside(work: Callable[[], Result], give_up: Callable[[], None], check_interrupt: InterruptCheck) -> Result:
    """What `work` returns or raises. It runs in a thread of its own, which is left to itself when an interrupt comes.

    Args:
        give_up: called in that case; it should make `work` end soon, and take away what it uses.
        check_interrupt: called every tenth of a second.
    """
    running = _Running(work)
    thread = threading.Thread(target=running.run, name="dragnuwa-aside", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(LOOK_SECONDS)
            check_interrupt()
    except BaseException:  # also Ctrl-C
        give_up()
        raise
    return running.result()


class _Running(Generic[Result]):
    """Work, and how it ended."""

    def __init__(self, work: Callable[[], Result]):
        self._work = work
        self._found: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as error:  # raised again in the thread that waits
            self._error = error

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._found[0]
