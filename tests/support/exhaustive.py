"""Cases that repeat what others test: a run has some of them, and tests/long/exhaustive.py all."""

from __future__ import annotations

import os
from typing import TypeVar

Cases = TypeVar("Cases")
EXHAUSTIVE = os.environ.get("EXHAUSTIVE") == "1"


def some(few: Cases, every: Cases) -> Cases:
    """A few cases that differ in what they can find, or every one with EXHAUSTIVE=1; or a smaller and a larger size."""
    return every if EXHAUSTIVE else few
