"""A run on Ray: a pool of actors, each with its own headless ComfyUI on its own device.

Ray Data distributes the jobs, and restarts actors that died together with their jobs. Only this process writes the
journal and OUT.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..installation import PACK, find_comfyui, find_python
from .board import Board, Event
from .jobs import Job
from .ray_actor import Actor, Work
from .server import Limits
from .workflow import Prompt

OBJECT_STORE_BYTES = 200 * 2**20  # of a local cluster: a few results in transit; more are spilled to disk


class RayPoolError(RuntimeError):
    """Ray is not installed, or its run has failed."""


@dataclass(frozen=True)
class Pool:
    """The number of actors (None for one per GPU, or one), and the cluster (None for this machine)."""

    actors: int | None = None
    address: str | None = None


def run_on_ray(pool: Pool, prompt: Prompt, board: Board, limits: Limits) -> Iterator[Event | None]:
    """Run the jobs of the board; yields events. If closed early, the actors and their servers are stopped.

    Raises:
        RayPoolError: if Ray is not installed, or fails.
        FileNotFoundError: if there is no ComfyUI.
        OSError, JournalError: if OUT cannot be written.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
    try:
        import ray.data
    except ImportError as error:
        raise RayPoolError("--ray needs Ray: pip install 'dragnuwa[batch,ray]'") from error
    comfyui = find_comfyui()
    jobs = board.take_all()
    if not jobs:
        return
    with tempfile.TemporaryDirectory(prefix="dragnuwa-batch-", ignore_cleanup_errors=True) as folder:
        try:
            gpus = _start(pool)
            work = Work(
                prompt=prompt,
                jobs=tuple(jobs),
                batch_id=board.batch_id,
                limits=limits,
                comfyui=comfyui,
                python=Path(find_python(comfyui) or sys.executable),
                cpu=gpus == 0,
                folder=Path(folder) if pool.address is None else None,
            )
            for row in _rows(work, pool.actors or gpus or 1):
                _record(board, jobs[row["number"]], row)
                while not board.events.empty():
                    yield board.events.get()
        except ray.exceptions.RayError as error:
            raise RayPoolError(f"Ray: {error}") from error
        finally:
            ray.shutdown()


def _start(pool: Pool) -> int:
    """Start Ray on this machine, or connect to the cluster; how many GPUs it has."""
    import ray

    path = os.pathsep.join(dict.fromkeys([str(PACK), *filter(None, sys.path)]))
    local = {
        "num_cpus": max(os.cpu_count() or 1, (pool.actors or 1) + 1),
        "object_store_memory": OBJECT_STORE_BYTES,
        "include_dashboard": False,
    }
    ray.init(
        address=pool.address,
        runtime_env={"env_vars": {"PYTHONPATH": path}},
        logging_level=logging.WARNING,
        log_to_driver=False,
        **({} if pool.address else local),
    )
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # hides its plans and progress
    return int(ray.cluster_resources().get("GPU", 0))


def _rows(work: Work, actors: int) -> Iterator[dict]:
    """The actors' results, in order of completion."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    rows = [{"number": number} for number in range(len(work.jobs))]
    answers = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        Actor,
        fn_constructor_args=(work,),
        compute=ray.data.ActorPoolStrategy(size=actors, max_tasks_in_flight_per_actor=1),
        num_cpus=1,
        num_gpus=0 if work.cpu else 1,
    )
    yield from answers.iter_rows()


def _record(board: Board, job: Job, row: dict) -> None:
    if row["fault"]:
        raise RayPoolError(row["fault"])
    if row["reason"]:
        board.fail(job, row["reason"])
        return
    sent = board.send(job, row["prompt_id"], row["server"])
    folder = board.out.clean(sent.prompt_id)
    for name, content in zip(row["names"], row["contents"], strict=True):
        (folder / name).write_bytes(content)
    board.done(sent)
