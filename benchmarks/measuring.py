"""Seconds and memory of parts of this process, for the other benchmarks. Linux only."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
MB = 1e6


@dataclass
class Used:
    """By a block of code: seconds, and the process's memory in MB before it and at its peak."""

    seconds: float = 0.0
    before: float = 0.0
    peak: float = 0.0

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.before:.0f} MB before, at most {self.peak:.0f} MB"


@contextmanager
def used() -> Iterator[Used]:
    """Filled in at the end of the block."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
    found, started = Used(before=_megabytes("VmRSS")), time.perf_counter()
    yield found
    found.seconds, found.peak = time.perf_counter() - started, _megabytes("VmHWM")


def _megabytes(field: str) -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) * 1024 / MB for line in status.splitlines() if line.startswith(field))


def seconds(work: Callable[[], object]) -> float:
    gc.collect()  # what the last one left would be freed within this one
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@dataclass(frozen=True)
class Turns:
    """Seconds of two ways of doing a thing, measured in turns."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    def __str__(self) -> str:
        ours, theirs, ratios = statistics.median(self.ours), statistics.median(self.theirs), self.ratios
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        return f"{ours:.2f} s against {theirs:.2f} s: ratio {statistics.median(ratios):.3f} ({spread})"


def in_turns(ours: Callable[[], object], theirs: Callable[[], object], pairs: int) -> Turns:
    """Both ways, in the order of `alternating`."""
    found = Turns([], [])
    for work, times in alternating((ours, found.ours), (theirs, found.theirs), pairs):
        times.append(seconds(work))
    return found


def alternating(ours: T, theirs: T, pairs: int) -> Iterator[T]:
    """In the order ours, theirs, theirs, ours, so that a machine that slows down favours neither."""
    for pair in range(pairs):
        yield from (ours, theirs) if pair % 2 == 0 else (theirs, ours)


def forget(path: Path) -> None:
    """Has the operating system drop a file from its page cache."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def remember(path: Path) -> None:
    """Has the operating system read a file into its page cache."""
    with path.open("rb", buffering=0) as file:
        while file.read(2**24):
            pass
