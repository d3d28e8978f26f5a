"""Ending long work early: the library asks its caller, who may raise.

Functions that can take seconds take an `InterruptCheck` and call it at least once a frame, a drag or a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

InterruptCheck = Callable[[], None]
"""Returns to let the work go on; what it raises ends the work."""
Item = TypeVar("Item")


def no_interrupt() -> None:
    """Lets all work go on to its end."""


def watched(items: Iterable[Item], check_interrupt: InterruptCheck) -> Iterator[Item]:
    """The items, with a check before each."""
    for item in items:
        check_interrupt()
        yield item
