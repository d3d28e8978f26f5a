"""Cases that repeat what others test: a run has some of them, and tests/long/exhaustive.py all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")
EXHAUSTIVE = os.environ.get("EXHAUSTIVE") == "1"


def some(few: Sequence[Case], every: Sequence[Case]) -> Sequence[Case]:
    """A few cases that differ in what they can find, or every one with EXHAUSTIVE=1."""
    return every if EXHAUSTIVE else few
