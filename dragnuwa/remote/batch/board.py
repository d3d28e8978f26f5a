"""Keeps track of which jobs wait and which are at which server. Every change is journalled first."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from queue import SimpleQueue
from threading import RLock

from ...common.errors import InputError
from .jobs import Job
from .journal import Journal
from .out_folder import OutFolder
from .resume import Plan
from .signing import Signing

MAX_LOSSES = 3
"""Servers that may be lost while running a job before it counts as failed, since it may be what crashes them."""

AHEAD = 2
"""Our prompts at a server: one running and one queued, so that it is never idle."""


@dataclass
class Sent:
    """A prompt at a server. Only modified by that server's thread."""

    prompt_id: str
    job: Job
    server: str
    started: float | None = None  # seconds since 1970
    confirmed: bool = False  # acknowledged by the server
    missed: float | None = None  # seconds since 1970, when the server first did not know it


@dataclass(frozen=True)
class Event:
    """A message for the user. `job` is None if it concerns no single job; `failed` marks the job's final failure."""

    text: str
    job: str | None = None
    failed: bool = False


class Board:
    """The jobs of a run, shared by the threads of the servers. Methods raise JournalError and OSError."""

    def __init__(self, plan: Plan, journal: Journal, out: OutFolder, signing: Signing | None = None):
        self.out, self._signing = out, signing
        self.events: SimpleQueue[Event] = SimpleQueue()
        self._journal, self._lock = journal, RLock()
        self._waiting = deque(plan.waiting)
        self._losses = dict(plan.losses)
        self._open = {job.name for job in plan.waiting} | {job.name for _, job in plan.sent}
        self._sent = {sent.prompt_id: Sent(sent.prompt_id, job, sent.server, sent.started) for sent, job in plan.sent}
        self._silent: dict[str, str] = {}  # servers whose jobs others may take, and why
        self._given_up = {(sent.server, sent.prompt_id) for sent in journal.given_up()}

    @property
    def batch_id(self) -> str:
        return self._journal.batch_id

    @property
    def finished(self) -> bool:
        with self._lock:
            return not self._open

    def servers(self) -> set[str]:
        """Servers that have, or may have, prompts of ours."""
        with self._lock:
            return {sent.server for sent in self._sent.values()}

    def running_at(self) -> list[str]:
        """The servers that were last seen to run a prompt of ours."""
        with self._lock:
            return sorted({sent.server for sent in self._sent.values() if sent.started is not None})

    def at(self, server: str) -> list[Sent]:
        with self._lock:
            return [sent for sent in self._sent.values() if sent.server == server]

    def unwanted(self, server: str) -> set[str]:
        """Prompts that a server may still have, but whose results are no longer needed."""
        with self._lock:
            return {prompt_id for where, prompt_id in self._given_up if where == server}

    def take(self, server: str, occupied: int) -> Job | None:
        """The next job for a server that has `occupied` unwanted prompts of ours; None if it should get none now.

        Unassigned jobs come first, then those of a silent server, which may still come back and finish them. A job that
        was at a server when it was lost is sent alone from then on, to find out whether it is the cause.
        """
        with self._lock:
            present = self.at(server)
            if len(present) + occupied >= AHEAD or any(self._losses.get(sent.job.name) for sent in present):
                return None
            for job in self._waiting:
                if not present or not self._losses.get(job.name):
                    self._waiting.remove(job)
                    return job
            return None if present else self._take_from_a_silent_server()

    def _take_from_a_silent_server(self) -> Job | None:
        for sent in [sent for sent in self._sent.values() if sent.server in self._silent]:
            self.hand_on(sent, self._silent[sent.server], server_lost=True)
            if self._waiting:  # otherwise it has failed
                return self._waiting.popleft()
        return None

    def take_all(self) -> list[Job]:
        """All jobs, for a pool that distributes them itself; prompts at other servers are given up."""
        with self._lock:
            for sent in list(self._sent.values()):
                self.hand_on(sent, f"{sent.server} is not asked for it in this run", server_lost=False)
            jobs = list(self._waiting)
            self._waiting.clear()
            return jobs

    def put_back(self, job: Job) -> None:
        """Returns a taken job to the queue."""
        with self._lock:
            self._waiting.appendleft(job)

    def send(self, job: Job, prompt_id: str, server: str) -> Sent:
        """A job is about to be sent to a server as the prompt with this id."""
        with self._lock:
            self._journal.send(prompt_id, job.name, server)
            self._sent[prompt_id] = Sent(prompt_id, job, server)
            return self._sent[prompt_id]

    def confirm(self, sent: Sent, given: str) -> None:
        """The server has accepted the prompt under this id."""
        with self._lock:
            if given != sent.prompt_id:
                self._journal.rename(sent.prompt_id, given)
                del self._sent[sent.prompt_id]
                sent.prompt_id = given
                self._sent[given] = sent
            sent.confirmed = True

    def start(self, sent: Sent) -> None:
        """The prompt runs."""
        with self._lock:
            sent.started = time.time()
            self._journal.start(sent.prompt_id, sent.started)

    def done(self, sent: Sent) -> None:
        """The result is completely downloaded to its part of OUT, where it is signed, if it is to be."""
        if self._signing is not None:
            try:
                notes = self._signing.sign(sent.job, self.out.part(sent.prompt_id))
            except InputError as error:
                self.fail(sent.job, str(error), sent)
                return
            for note in notes:
                self.note(note)
        with self._lock:
            files = self.out.secure(sent.prompt_id)
            self._journal.done(sent.prompt_id, sent.job.name, files)
            self.out.show(sent.job.name, sent.prompt_id)
            del self._sent[sent.prompt_id]
            self._open.discard(sent.job.name)
            self.events.put(Event("done", sent.job.name))

    def fail(self, job: Job, reason: str, sent: Sent | None = None, *, still_there: bool = False) -> None:
        """The job has failed in this run. `still_there`: its prompt must still be removed."""
        with self._lock:
            self._journal.fail(job.name, reason, sent.prompt_id if sent else None, still_there=still_there)
            if still_there:
                self._given_up.add((sent.server, sent.prompt_id))
            if sent is not None:
                del self._sent[sent.prompt_id]
            self._open.discard(job.name)
            self.events.put(Event(reason, job.name, failed=True))

    def hand_on(self, sent: Sent, reason: str, *, server_lost: bool) -> None:
        """The job waits again, for any server. `server_lost`: the job may have crashed the server."""
        with self._lock:
            name = sent.job.name
            losses = self._losses.get(name, 0) + server_lost
            self._losses[name] = losses
            self._journal.give_up(sent.prompt_id, name, losses)
            self._given_up.add((sent.server, sent.prompt_id))
            del self._sent[sent.prompt_id]
            if losses >= MAX_LOSSES:
                self.fail(sent.job, f"{losses} servers were lost while they had it, the last so: {reason}")
            else:
                self._waiting.appendleft(sent.job)
                self.events.put(Event(f"{name} waits again: {reason}"))

    def is_silent(self, server: str, reason: str) -> None:
        """A server has been silent for too long: other servers may take its jobs, but it keeps them until then."""
        with self._lock:
            self._silent[server] = reason

    def is_heard(self, server: str) -> None:
        """The server answers again, and keeps the jobs that no other has taken."""
        with self._lock:
            self._silent.pop(server, None)

    def note(self, text: str) -> None:
        self.events.put(Event(text))

    def close(self) -> None:
        """Close the journal; threads that are still running can no longer change anything."""
        with self._lock:
            self._journal.close()
