"""Many prompts from many clients, with interrupts: what comes out, and what stays in memory. `make soak`.

    .venv/bin/python tests/long/soak.py --prompts 300 --clients 8 --interrupts 50 --json soak.json

Runs the templates that ship, with other sizes, drags, models and settings, a tenth of them broken, in a real ComfyUI.
Prompts are interrupted at random moments and sent again. Then a fresh ComfyUI without a cache runs the same prompts one
after another. It fails (exit status 1) where

- a prompt that is whole fails, or its frames or texts differ from those of the sequential run by a single pixel;
- a broken prompt runs, or its error is not the message that a person should get;
- memory is not flat: the median of the last fifth of the prompts (resident memory of the server, after each of them) is
  more than 3 % above the median from a sixth to a third of them (from prompt 50 to prompt 100 of 300). Medians, since
  single figures move by the size of the prompt that has just run.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import queue
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import psutil
import requests
from PIL import Image

from dragnuwa.remote.client import Client, ClientError, NodeError, PromptInterrupted, Result
from scripts.host import HOST, PICTURES, HostProcess, HostProcessError, find_installation, stop_on_terminate
from tests.long.soak_prompts import BROKEN, RANDOM, Job, make_jobs
from tests.support import random_checkpoint

GROWTH = 0.03  # largest, of resident memory
PROMPT_SECONDS = 900  # for a prompt, waiting for its turn included
LONGEST_DELAY = 1.5  # s, from when an interrupt finds a prompt running to when it is sent
MEASURABLE = {
    # Of glibc: freed memory goes back to the system at once, so that resident memory is memory in use. Otherwise it
    # depends on how the heap has been cut up, which differs by a few percent from run to run.
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    # Of oneDNN: it keeps up to 1024 of the convolutions that it has compiled, one for each shape. Filling that cache
    # takes longer than a soak, and looks like a leak.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "0",
}
HOST_ERRORS = ("KSampler",)  # nodes of the host in which our own checks run


@dataclass
class Outcome:
    """What became of a job: the digests of its results by node, or the error's message; how often it was interrupted,
    and the server's resident memory in MB when it was done."""

    results: dict[str, list[str]] = field(default_factory=dict)
    error: str = ""
    class_type: str = ""
    seconds: float = 0.0
    interrupts: int = 0
    memory: float = 0.0


@dataclass
class Run:
    """The outcomes of all jobs in one server, and its memory in the order in which they finished."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def interrupts(self) -> int:
        return sum(outcome.interrupts for outcome in self.outcomes.values())


class Soak:
    """Jobs in one server."""

    def __init__(self, server: HostProcess, jobs: list[Job], folder: Path):
        self.server, self.jobs, self.folder = server, jobs, folder
        self.process = psutil.Process(server.process.pid)
        self.run = Run()
        self.landed = 0  # interrupts
        self.failure: BaseException | None = None

    def together(self, clients: int, interrupts: int, seed: int) -> Run:
        """From several clients at once, in any order."""
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in self.jobs:
            waiting.put(job)
        threads = [threading.Thread(target=self._guarded, args=(self._work, waiting)) for _ in range(clients)]
        threads.append(threading.Thread(target=self._guarded, args=(self._interrupt, interrupts, seed)))
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.run.seconds = time.monotonic() - started
        if self.failure:
            raise self.failure
        return self.run

    def one_by_one(self) -> Run:
        started = time.monotonic()
        client = Client(self.server.url)
        for job in self.jobs:
            self._finish(job, self._try(client, job))
        self.run.seconds = time.monotonic() - started
        return self.run

    def _guarded(self, work: Callable, *args) -> None:
        """An error in a thread ends the soak; it is raised again by `together`."""
        try:
            work(*args)
        except BaseException as error:  # noqa: BLE001
            self.failure = self.failure or error

    def _work(self, waiting: queue.SimpleQueue[Job]) -> None:
        client = Client(self.server.url)
        while not self.failure:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            self._finish(job, self._try(client, job))

    def _try(self, client: Client, job: Job) -> Outcome:
        """Again after each interrupt."""
        outcome = Outcome()
        while True:
            try:
                result = client.run(job.prompt, timeout=PROMPT_SECONDS)
            except PromptInterrupted:
                outcome.interrupts += 1
                with self.run.lock:
                    self.landed += 1
                continue
            except NodeError as error:
                outcome.error, outcome.class_type = error.message, error.class_type
            except ClientError as error:
                outcome.error = str(error)
            else:
                outcome.seconds = result.seconds
                outcome.results = self._digests(client, job, result)
            return outcome

    def _digests(self, client: Client, job: Job, result: Result) -> dict[str, list[str]]:
        return {node: self._digest(client, result, node) for node in job.compared}

    def _digest(self, client: Client, result: Result, node: str) -> list[str]:
        """Of each picture its pixels' digest, and the texts as they are."""
        found = [str(text) for text in result.outputs.get(node, {}).get("text", [])]
        for item in result.files(node):
            path = client.download(item, self.folder / threading.current_thread().name)
            with Image.open(path) as image:
                found.append(f"{image.mode} {image.size} {hashlib.sha256(image.tobytes()).hexdigest()}")
            path.unlink()
        return found

    def _finish(self, job: Job, outcome: Outcome) -> None:
        outcome.memory = self.process.memory_info().rss / 1e6
        with self.run.lock:
            self.run.outcomes[job.number] = outcome
            self.run.memory.append(outcome.memory)
            done = len(self.run.memory)
        if done % max(1, len(self.jobs) // 10) == 0:
            print(f"[soak] {done:4} of {len(self.jobs)} prompts, {self.landed} interrupts, {outcome.memory:.0f} MB")

    def _interrupt(self, wanted: int, seed: int) -> None:
        """Spread over the whole run: the k-th once k / wanted of the prompts are done."""
        draw, client = random.Random(seed), Client(self.server.url)
        while self.landed < wanted and len(self.run.memory) < len(self.jobs) and not self.failure:
            running = requests.get(f"{self.server.url}/queue", timeout=60).json()["queue_running"]
            if not running or self.landed / wanted > len(self.run.memory) / len(self.jobs):
                time.sleep(0.05)
                continue
            time.sleep(draw.uniform(0, LONGEST_DELAY))
            client.interrupt(running[0][1])


def problems(jobs: list[Job], run: Run, alone: Run) -> list[str]:
    """Every broken promise but that of memory."""
    found = []
    for job in jobs:
        one, other = run.outcomes[job.number], alone.outcomes[job.number]
        name = f"prompt {job.number} ({job.kind})"
        if job.expected is None:
            if one.error or other.error:
                found.append(f"{name} failed: {one.error or other.error}")
            elif not one.results or not all(one.results.values()):
                found.append(f"{name} gave no picture")
            elif one.results != other.results:
                found.append(f"{name} is not what it is alone")
        else:
            found += [f"{name}: {word}" for word in _wrong_error(job, one)]
    return found


def _wrong_error(job: Job, outcome: Outcome) -> list[str]:
    if not outcome.error:
        return ["ran, though it is broken"]
    if job.expected not in outcome.error or not outcome.class_type.startswith(("DragNUWA", *HOST_ERRORS)):
        return [f'"{job.expected}" expected, found in {outcome.class_type or "no node"}: {outcome.error[:300]}']
    return []


def growth(memory: list[float]) -> tuple[float, float, float]:
    """Medians in MB of the early and the late prompts, and by which part the later one is larger."""
    count = len(memory)
    early = median(memory[count // 6 : max(count // 3, count // 6 + 1)])
    late = median(memory[-max(1, count // 5) :])
    return early, late, late / early - 1


def start(installation, base: Path, *arguments: str) -> HostProcess:
    """A server with what the prompts need, to be entered."""
    server = HostProcess(installation.python, installation.comfyui, base, extra_args=arguments, environment=MEASURABLE)
    for folder in (server.input_directory, server.checkpoints_directory):
        folder.mkdir(parents=True)
    shutil.copy(installation.comfyui / "input" / "example.png", server.input_directory)
    shutil.copytree(PICTURES, server.input_directory, dirs_exist_ok=True)
    checkpoint = server.checkpoints_directory / RANDOM
    random_checkpoint.write(checkpoint)
    (server.checkpoints_directory / BROKEN).write_bytes(checkpoint.read_bytes()[:100_000])
    return server


def report(jobs: list[Job], run: Run, alone: Run) -> None:
    """The table."""
    print(f"\n{'prompts':28} {'number':>6} {'interrupts':>10} {'errors':>6} {'seconds':>8} {'alone':>6}")
    for kind, count in sorted(Counter(job.kind for job in jobs).items()):
        ours = [run.outcomes[job.number] for job in jobs if job.kind == kind]
        theirs = [alone.outcomes[job.number] for job in jobs if job.kind == kind]
        errors, interrupts = sum(bool(o.error) for o in ours), sum(o.interrupts for o in ours)
        seconds, without = (median(o.seconds for o in side) for side in (ours, theirs))
        print(f"{kind:28} {count:6} {interrupts:10} {errors:6} {seconds:8.2f} {without:6.2f}")
    early, late, more = growth(run.memory)
    print(f"\nmemory: {early:.0f} MB early, {late:.0f} MB at the end, {more:+.1%}; at most {max(run.memory):.0f} MB")
    print(f"time: {run.seconds:.0f} s together, {alone.seconds:.0f} s one by one")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--interrupts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    stop_on_terminate()
    jobs = make_jobs(given.prompts, given.seed)
    try:
        run, alone = soak(jobs, given)
    except HostProcessError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    report(jobs, run, alone)
    wrong = problems(jobs, run, alone)
    early, late, more = growth(run.memory)
    if more > GROWTH:
        wrong.append(f"memory grew from {early:.0f} to {late:.0f} MB, by {more:.1%}; at most {GROWTH:.0%} is allowed")
    if run.interrupts < given.interrupts:
        wrong.append(f"{run.interrupts} interrupts landed of {given.interrupts}; send more prompts")
    if given.json:
        outcomes = {number: dataclasses.asdict(outcome) for number, outcome in sorted(run.outcomes.items())}
        figures = {"early": early, "late": late, "growth": more, "memory": run.memory, "seconds": run.seconds}
        figures |= {"alone_seconds": alone.seconds, "interrupts": run.interrupts, "problems": wrong}
        given.json.write_text(json.dumps(figures | {"outcomes": outcomes}, indent=1), encoding="utf-8")
    print(*(f"FAILED: {line}" for line in wrong), sep="\n")
    print("failed" if wrong else f"all {len(jobs)} prompts as they should be, {run.interrupts} interrupts")
    return bool(wrong)


def soak(jobs: list[Job], given: argparse.Namespace) -> tuple[Run, Run]:
    installation = find_installation()
    (HOST / "soak").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOST / "soak") as folder:
        base = Path(folder)
        with start(installation, base / "together") as server:
            run = Soak(server, jobs, base / "downloads").together(given.clients, given.interrupts, given.seed)
        with start(installation, base / "alone", "--cache-none") as server:
            alone = Soak(server, jobs, base / "downloads").one_by_one()
    return run, alone


if __name__ == "__main__":
    sys.exit(main())
