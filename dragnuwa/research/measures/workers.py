"""Measures many cases: in this process, in several, or on Ray. Only this process writes files."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from ...common.errors import InputError
from .video_sets import Case
from .video_work import Measure, Outcome, Work

PACK = Path(__file__).resolve().parents[3]
OBJECT_STORE_BYTES = 200 * 2**20  # of a local cluster: a few results in transit


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


def outcomes(work: Work, cases: Sequence[tuple[int, Case]], pool: Pool) -> Iterator[Outcome]:
    """The outcome of each numbered case, in the order in which they are done.

    Raises:
        InputError: if a network cannot be loaded, a process ends, or Ray is not installed or fails.
    """
    if not cases:
        return
    measure = Measure(work)  # so that a wrong file is named at once, whatever the pool
    if pool.ray:
        del measure
        yield from _on_ray(work, cases, pool)
    elif pool.processes == 1:
        yield from (measure(number, case) for number, case in cases)
    else:
        del measure
        yield from _in_processes(work, cases, pool.processes)


def _in_processes(work: Work, cases: Sequence[tuple[int, Case]], processes: int) -> Iterator[Outcome]:
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
    _measure = Measure(work)


def _measured(number: int, case: Case) -> Outcome:
    return _measure(number, case)


class RayActor:
    """Measures a case at a time on Ray. Rows are of numbers, texts and bytes."""

    def __init__(self, work: Work, cases: Sequence[tuple[int, Case]]):
        self.measure, self.cases = Measure(work), dict(cases)

    def __call__(self, row: dict) -> dict:
        found = self.measure(int(row["number"]), self.cases[int(row["number"])])
        return {
            "number": found.number,
            "line": json.dumps(found.line),
            "digests": list(found.features),
            "features": list(found.features.values()),
            "problem": found.problem,
        }


def _on_ray(work: Work, cases: Sequence[tuple[int, Case]], pool: Pool) -> Iterator[Outcome]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InputError("--ray needs Ray: pip install 'comfyui-dragnuwa[train,ray]'.") from error
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
