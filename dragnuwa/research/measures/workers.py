"""Measures many cases: in this process, in several, or on Ray. Only this process writes files."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ...common.errors import InputError

PACK = Path(__file__).resolve().parents[3]
OBJECT_STORE_BYTES = 200 * 2**20  # of a local cluster: a few results in transit


@dataclass(frozen=True)
class Outcome:
    """
    Attributes:
        number: of the case.
        line: its line of the file; empty if there is a problem.
        features: by the digest of each of its videos, what `video_work.packed` gives.
        problem: why it cannot be measured, or empty.
    """

    number: int
    line: dict
    features: dict[str, bytes]
    problem: str = ""


Measure = Callable[[int, Any], Outcome]  # of a case and its number


class Work(Protocol):
    """What is measured of each case. It is sent to other processes, each of which begins for itself.

    Attributes:
        device: of its networks, as torch names it.
    """

    device: str

    def begin(self) -> Measure:
        """Loads what is needed. Raises InputError if it cannot be."""


@dataclass(frozen=True)
class Figures:
    """Work that gives figures by name, and no features.

    Attributes:
        make: gives the function from a case's name to its figures, which raises InputError if there are none.
        device: as torch names it.
    """

    make: Callable[[], Callable[[str], dict[str, float | None]]]
    device: str = "cpu"

    def begin(self) -> Measure:
        figures = self.make()

        def measure(number: int, name: str) -> Outcome:
            try:
                return Outcome(number, {"name": name, **figures(name)}, {})
            except InputError as error:
                return Outcome(number, {}, {}, str(error))

        return measure


@dataclass(frozen=True)
class Pool:
    """
    Attributes:
        processes: how many measure at once, each with its own copy of the networks.
        ray: whether on Ray, as actors.
        address: of a Ray cluster whose machines all see the videos and networks by the same paths; None for this
            machine alone.
    """

    processes: int = 1
    ray: bool = False
    address: str | None = None

    def __post_init__(self):
        if self.processes < 1:
            raise InputError(f"--processes should be at least 1; found {self.processes}.")
        if self.address is not None and not self.ray:
            raise InputError("--ray-address is for --ray.")


def outcomes(work: Work, cases: Sequence[tuple[int, Any]], pool: Pool) -> Iterator[Outcome]:
    """The outcome of each numbered case, in the order in which they are done.

    Raises:
        InputError: if a network cannot be loaded, a process ends, or Ray is not installed or fails.
    """
    if not cases:
        return
    measure = work.begin()  # so that a wrong file is named at once, whatever the pool
    if pool.ray:
        del measure
        yield from _on_ray(work, cases, pool)
    elif pool.processes == 1:
        yield from (measure(number, case) for number, case in cases)
    else:
        del measure
        yield from _in_processes(work, cases, pool.processes)


def failed(problems: Sequence[str], count: int) -> str:
    """What to tell when some of `count` cases could not be measured."""
    return (
        f"{len(problems)} of {count} could not be measured; the first: {problems[0]} The others are kept, and the same "
        "command goes on."
    )


def _in_processes(work: Work, cases: Sequence[tuple[int, Any]], processes: int) -> Iterator[Outcome]:
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks of torch and CUDA
    executor = ProcessPoolExecutor(min(processes, len(cases)), context, _begin, (work,))
    try:
        for done in as_completed([executor.submit(_measured, *each) for each in cases]):
            yield done.result()
    except BrokenProcessPool as error:
        raise InputError(
            "A process that measured videos has ended, perhaps for lack of memory. What was measured is kept; the same "
            "command goes on. Give fewer --processes."
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


_measure: Measure | None = None  # of a process of the pool


def _begin(work: Work) -> None:
    import torch

    torch.set_num_threads(1)
    global _measure  # noqa: PLW0603 (what a process of the pool begins with)
    _measure = work.begin()


def _measured(number: int, case: Any) -> Outcome:
    return _measure(number, case)


class RayActor:
    """Measures a case at a time on Ray. Rows are of numbers, texts and bytes."""

    def __init__(self, work: Work, cases: Sequence[tuple[int, Any]]):
        self.measure, self.cases = work.begin(), dict(cases)

    def __call__(self, row: dict) -> dict:
        found = self.measure(int(row["number"]), self.cases[int(row["number"])])
        return {
            "number": found.number,
            "line": json.dumps(found.line),
            "digests": list(found.features),
            "features": list(found.features.values()),
            "problem": found.problem,
        }


def _on_ray(work: Work, cases: Sequence[tuple[int, Any]], pool: Pool) -> Iterator[Outcome]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InputError("--ray needs Ray: pip install 'dragnuwa[train,ray]'.") from error
    path = os.pathsep.join(dict.fromkeys([str(PACK), *filter(None, sys.path)]))
    local = {"num_cpus": pool.processes, "object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
    try:
        ray.init(
            address=pool.address,
            runtime_env={"env_vars": {"PYTHONPATH": path}},
            log_to_driver=False,
            **({} if pool.address else local),
        )
        ray.data.DataContext.get_current().enable_progress_bars = False
        rows = ray.data.from_items([{"number": number} for number, _ in cases], override_num_blocks=len(cases)).map(
            RayActor,
            fn_constructor_args=(work, cases),
            compute=ray.data.ActorPoolStrategy(size=min(pool.processes, len(cases)), max_tasks_in_flight_per_actor=1),
            num_cpus=1,
            num_gpus=1 if work.device.startswith("cuda") else 0,
        )
        for row in rows.iter_rows():
            features = dict(zip(row["digests"], row["features"], strict=True))
            yield Outcome(row["number"], json.loads(row["line"]), features, row["problem"])
    except (ray.exceptions.RayError, ConnectionError) as error:
        raise InputError(f"Ray: {error}") from error
    finally:
        ray.shutdown()
