"""How far long work has come: the library tells its caller, who may show it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with how many steps are done, and how many there are."""


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""
