"""Interrupting long computations, and reporting their progress: the library calls functions of its caller.

Functions that can take seconds accept an `InterruptCheck` and call it at least once per frame, drag or file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

InterruptCheck = Callable[[], None]
"""Returns to continue; any exception that it raises ends the computation."""
Item = TypeVar("Item")
Progress = Callable[[int, int], None]
"""Called with the number of completed steps and their total."""


def no_interrupt() -> None:
    """Never interrupts."""


def watched(items: Iterable[Item], check_interrupt: InterruptCheck) -> Iterator[Item]:
    """The items, with a check before each."""
    for item in items:
        check_interrupt()
        yield item


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""
