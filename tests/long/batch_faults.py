"""60 jobs of `python -m dragnuwa.batch` under faults: each has exactly one result in the end, and it is its own.

    .venv/bin/python tests/long/batch_faults.py [--seed N]

Two ComfyUI servers of its own. At random moments the batch is killed 20 times, one server is killed 5 times and started
again, the other is frozen 3 times for longer than the heartbeat, and the disk is full 2 times. It takes some minutes,
and is no part of `make test`, which has small versions of all of this in tests/integration/batch.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.host import HostProcess, find_installation, free_port, stop_on_terminate
from tests.integration.batch.sweep import HIDDEN, Sweep, batch_id, executions, freeze, kill, thaw

log = logging.getLogger(__name__)

JOBS, HEARTBEAT = 60, 4.0
FAULTS = {"kill the batch": 20, "kill a server": 5, "freeze a server": 3, "fill the disk": 2}
DISK_BYTES = 4 * 2**20
RUNS_AT_THE_END = 10
EXECUTED = "Prompt executed in"  # in ComfyUI's log, once for each prompt


class Fault(AssertionError):
    """What should not be."""


class Disk:
    """A small disk for OUT, a tmpfs. Where the user may not mount one, a limit for files' sizes takes its place."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(folder)]
        self.mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        self.full = False
        log.info("the disk is %s", "a tmpfs" if self.mounted else "this one, and full by a limit for files' sizes")

    def fill(self) -> None:
        self.full = True
        if self.mounted:
            with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
                while ballast.write(bytes(512)):
                    pass

    def free(self) -> None:
        self.full = False
        (self.folder / "ballast").unlink(missing_ok=True)

    def limit(self) -> None:
        """In the process of the batch."""
        if self.full and not self.mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self.folder)], check=True)


@dataclass
class Trial:
    sweep: Sweep
    disk: Disk
    folder: Path
    chance: random.Random
    servers: list[HostProcess] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    batch: subprocess.Popen | None = None
    ended: Counter = field(default_factory=Counter)

    def start_server(self, port: int) -> HostProcess:
        """A ComfyUI with a log of its own."""
        installation = find_installation()
        self.logs.append(self.folder / f"server-{len(self.logs)}.log")
        base = self.folder / str(port)
        server = HostProcess(installation.python, installation.comfyui, base, port, ["--cpu"], log_path=self.logs[-1])
        return server.__enter__()

    def start_batch(self) -> None:
        urls = [server.url for server in self.servers]
        options = ("--heartbeat", str(HEARTBEAT), "--timeout", "120")
        self.batch = self.sweep.start(*urls, options=options, preexec_fn=self.disk.limit)

    def go_on(self) -> None:
        """See to it that a batch runs: one may have ended with failed jobs, which the next tries again."""
        if self.batch is not None and self.batch.poll() is not None:
            self.take_end()
        if self.batch is None:
            self.start_batch()

    def take_end(self) -> int:
        said = self.batch.communicate()[1]
        if "Traceback" in said:
            raise Fault(said)
        code, self.batch = self.batch.returncode, None
        self.ended[code] += 1
        return code

    def kill_the_batch(self) -> None:
        if self.batch is not None:
            kill(self.batch)
            self.batch = None

    def kill_a_server(self) -> None:
        server = self.servers[0]
        server.process.kill()
        server.process.wait()
        time.sleep(self.chance.uniform(0, 2 * HEARTBEAT))
        self.servers[0] = self.start_server(server.port)

    def freeze_a_server(self) -> None:
        freeze(self.servers[1].process.pid)
        time.sleep(self.chance.uniform(0.5 * HEARTBEAT, 2.5 * HEARTBEAT))
        thaw(self.servers[1].process.pid)

    def fill_the_disk(self) -> None:
        self.disk.fill()
        if not self.disk.mounted:  # the limit is for a new process
            self.kill_the_batch()
            self.start_batch()
        if self.take_end() != 1:
            raise Fault("a batch on a full disk should end with 1")
        self.disk.free()

    def run(self) -> None:
        faults = [name for name, count in FAULTS.items() for _ in range(count)]
        self.chance.shuffle(faults)
        for number, name in enumerate(faults, 1):
            self.go_on()
            time.sleep(self.chance.uniform(0.3, 3.0))
            log.info("%d/%d %s, %d jobs done", number, len(faults), name, len(self.done()))
            getattr(self, name.replace(" ", "_"))()
        if len(self.done()) == JOBS:
            raise Fault("all jobs were done before the last fault: make them longer")
        for _ in range(RUNS_AT_THE_END):
            self.go_on()
            if self.take_end() == 0:
                return
        raise Fault(f"jobs are left after {RUNS_AT_THE_END} runs without faults")

    def done(self) -> list[str]:
        return [name for name in self.sweep.done() if name != "ballast"]

    def report(self, seconds: float) -> None:
        wrong = self.sweep.wrong()
        batch = batch_id(self.sweep.out)
        survivor = executions(self.servers[1].url, batch)
        total = sum(path.read_text(errors="replace").count(EXECUTED) for path in self.logs)
        log.info("%d jobs in %.0f s: %d wrong, missing or double", JOBS, seconds, len(wrong))
        log.info("faults: %s", ", ".join(f"{name} {count}x" for name, count in FAULTS.items()))
        log.info("runs that ended by themselves, by exit code: %s", dict(self.ended))
        log.info("%d prompts were executed at all servers, of them %d at the one that lived", total, survivor.total())
        twice = [job for job, count in survivor.items() if count > 1]
        log.info("at the one that lived, more than once: %s", ", ".join(twice) or "none")
        for job in twice:  # given up while the server was frozen for longer than the heartbeat
            log.info("  %s: %s", job, prompts_of(self.sweep.out, job))
        allowed = JOBS + 2 * (FAULTS["kill a server"] + FAULTS["freeze a server"])
        if wrong or self.done() != sorted(map(self.sweep.name, range(JOBS))):
            raise Fault(f"wrong: {wrong}")
        if total > allowed:
            raise Fault(f"{total} executions; a lost server may cost two, so {allowed} were expected at most")


def prompts_of(out: Path, job: str) -> list[tuple]:
    """What the journal says about the prompts of a job: server, state, seconds from being sent to the end."""
    journal = sqlite3.connect(out / HIDDEN / "journal.sqlite")
    try:
        columns = "server, state, round(started - sent, 1), round(ended - sent, 1)"
        return journal.execute(f"SELECT {columns} FROM prompts WHERE job = ? ORDER BY sent", (job,)).fetchall()
    finally:
        journal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    stop_on_terminate()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        disk = Disk(folder / "disk")
        stack.callback(disk.close)
        sweep = Sweep(folder / "jobs", JOBS, blurs=10, side=768).write()
        (sweep.folder / "out").symlink_to(disk.folder, target_is_directory=True)
        trial = Trial(sweep, disk, folder, random.Random(seed))
        stack.callback(trial.kill_the_batch)
        for _ in range(2):
            trial.servers.append(trial.start_server(free_port()))
        stack.callback(lambda: [server.__exit__() for server in trial.servers])
        begun = time.monotonic()
        trial.run()
        trial.report(time.monotonic() - begun)


if __name__ == "__main__":
    main()
