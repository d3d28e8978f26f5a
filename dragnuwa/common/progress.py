"""Progress of long computations, which the library reports to its caller."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with the number of completed steps and their total."""


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""
