"""What is fuzzed, and what counts as a fault.

An input is described by values that JSON can hold, so that a corpus of them is a text file that every version reads.
"""

from __future__ import annotations

import json
import linecache
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis.strategies import SearchStrategy, integers

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus"
MAX_MEGABYTES = 500.0


def mostly(usual: SearchStrategy, other: SearchStrategy, *, one_in: int) -> SearchStrategy:
    """`other` once in so many times: hypothesis weighs the branches of `one_of` by what lies in them."""
    return integers(1, one_in).flatmap(lambda number: other if number == one_in else usual)


class Fault(Exception):
    """What an input must not cause."""


@dataclass(frozen=True)
class Target:
    """A parser, loader or node.

    Attributes:
        name: of the target and of its file in the corpus.
        descriptions: of inputs, as values of JSON.
        call: makes the input and uses it.
        refusal: the exceptions by which it may refuse an input.
        max_seconds: that an input may take.
    """

    name: str
    descriptions: SearchStrategy
    call: Callable[[Any], object]
    refusal: type[Exception] = ValueError
    max_seconds: float = 2.0


@dataclass(frozen=True)
class Outcome:
    """What an input did: whether it was refused with an error that the project documents, and what it cost.

    The seconds are the clock's, or this process's own where these are fewer: other processes may have the cores.
    """

    refused: bool
    seconds: float
    megabytes: float


def judge(target: Target, description: Any) -> Outcome:
    """Uses one input; twice where it took too much, since what is imported or compiled once is not the input's.

    Raises:
        Fault: an exception that no line of ours raises, or one with a message that cannot be printed; more than
            its `max_seconds`, or `MAX_MEGABYTES` beyond what the process had (on Linux).
    """
    outcome = _measure(target, description)
    if outcome.seconds > target.max_seconds or outcome.megabytes > MAX_MEGABYTES:
        outcome = _measure(target, description)
    if outcome.seconds > target.max_seconds:
        raise Fault(f"it took {outcome.seconds:.1f} s")
    if outcome.megabytes > MAX_MEGABYTES:
        raise Fault(f"it took {outcome.megabytes:.0f} MB")
    return outcome


def _measure(target: Target, description: Any) -> Outcome:
    before = _resident(reset=True)
    started, worked = time.perf_counter(), time.process_time()
    refused = False
    try:
        target.call(description)
    except Exception as error:
        refused = True
        if not isinstance(error, target.refusal) or not _is_documented(error):
            raise Fault(f"{type(error).__name__}: {ascii(str(error))[:300]}, from {_origin(error)}") from error
    seconds = min(time.perf_counter() - started, time.process_time() - worked)
    return Outcome(refused, seconds, _resident() - before)


def read_corpus(name: str) -> list[Any]:
    """The descriptions that are kept for a target."""
    path = CORPUS / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def add_to_corpus(name: str, descriptions: list[Any]) -> None:
    """Keeps descriptions, each once."""
    lines = {json.dumps(one): None for one in [*read_corpus(name), *descriptions]}
    (CORPUS / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), "ascii")


def _is_documented(error: Exception) -> bool:
    """Whether a `raise` of ours made it, with a message that UTF-8 can hold and a terminal can show."""
    file, line = _origin(error)
    ours = any(Path(file).is_relative_to(ROOT / folder) for folder in ("dragnuwa", "nodes"))
    printable = str(error).replace("\n", "").isprintable() and 20 < len(str(error)) < 2000
    return ours and printable and linecache.getline(file, line).strip().startswith("raise")


def _origin(error: Exception) -> tuple[str, int]:
    """File and line where it was raised."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno


def _resident(*, reset: bool = False) -> float:
    """Megabytes of memory that the process has taken at most since it was last reset; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024
