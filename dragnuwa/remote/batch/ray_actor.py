"""An actor of the Ray pool: runs one job at a time on its own ComfyUI, which it restarts if it dies.

It only writes temporary files; results are sent to the process that keeps the journal.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..client import Client, ClientError, HostUnreachable, Result
from ..headless import HeadlessComfyUI, HeadlessError
from .board import MAX_LOSSES
from .jobs import Job, JobsError
from .journal import RAY
from .server import CONNECT_SECONDS, MAX_READ_SECONDS, Limits
from .transfer import collect, prepare
from .workflow import Prompt

POLL = 0.2  # s
NO_FILES: Mapping[str, bytes] = {}


@dataclass(frozen=True)
class Work:
    """Settings shared by all actors of a run. Jobs are identified by their index in `jobs`.

    `folder`: for the servers' temporary files; None for the system's, on machines of a cluster.
    """

    prompt: Prompt
    jobs: tuple[Job, ...]
    batch_id: str
    limits: Limits
    comfyui: Path
    python: Path
    cpu: bool
    folder: Path | None


class Actor:
    """Called with a row {"number": index of the job}; returns it with the result.

    The row gets prompt_id, server, names and contents of the files, `reason` if the job has failed, and `fault` if
    ComfyUI does not start; both are "" otherwise.
    """

    def __init__(self, work: Work):
        self._work = work
        self._host = HeadlessComfyUI(work.comfyui, work.python, cpu=work.cpu, folder=work.folder)

    def __call__(self, row: dict) -> dict:
        job = self._work.jobs[int(row["number"])]
        losses = 0
        while True:
            try:
                return self._answer(row, *self._run(job))
            except HostUnreachable as error:
                self._host.stop()
                losses += 1
                if losses == MAX_LOSSES:
                    return self._answer(
                        row, reason=f"{losses} servers were lost while they had it, the last so: {error}"
                    )
            except HeadlessError as error:
                return self._answer(row, fault=str(error))
            except (ClientError, JobsError, OSError) as error:
                return self._answer(row, reason=str(error))

    def _run(self, job: Job) -> tuple[str, dict[str, bytes]]:
        if not self._host.alive:
            self._host.start()
        limits = self._work.limits
        client = Client(self._host.url, connect_seconds=CONNECT_SECONDS, read_seconds=MAX_READ_SECONDS)
        prompt_id, prompt = prepare(client, job, self._work.prompt, self._work.batch_id)
        client.queue(prompt, prompt_id=prompt_id)
        result = self._wait(client, prompt_id, limits)
        with tempfile.TemporaryDirectory() as folder:
            collect(client, result, Path(folder))
            return prompt_id, {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}

    def _wait(self, client: Client, prompt_id: str, limits: Limits) -> Result:
        """The result of a prompt. Raises HostUnreachable if ComfyUI has died, or has not answered for too long."""
        begun = heard = time.monotonic()
        while True:
            try:
                result = client.result(prompt_id)
                heard = time.monotonic()
            except HostUnreachable:
                if not self._host.alive or time.monotonic() - heard > limits.heartbeat:
                    raise
                result = None
            if result is not None:
                return result
            if limits.timeout is not None and time.monotonic() - begun > limits.timeout:
                self._host.stop()  # an interrupt might not reach a node that hangs
                raise ClientError(f"it ran longer than {limits.timeout:g} s, the limit of --timeout")
            time.sleep(POLL)

    def _answer(
        self,
        row: dict,
        prompt_id: str = "",
        files: Mapping[str, bytes] = NO_FILES,
        *,
        reason: str = "",
        fault: str = "",
    ) -> dict:
        return {
            "number": row["number"],
            "prompt_id": prompt_id,
            "server": f"{RAY}{platform.node()}:{os.getpid()}",
            "names": list(files),
            "contents": list(files.values()),
            "reason": reason,
            "fault": fault,
        }
