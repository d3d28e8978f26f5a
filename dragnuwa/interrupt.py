"""Ending long work early: the library asks its caller, who may raise.

Functions that can take seconds take an `InterruptCheck` and call it at least once a frame, a drag or a file.
"""

from __future__ import annotations

from collections.abc import Callable

InterruptCheck = Callable[[], None]
"""Returns to let the work go on; what it raises ends the work."""


def never() -> None:
    """Lets all work go on to its end."""
