"""One server of a run: a thread that keeps it busy, follows its prompts, and downloads their results."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import requests

from ..client import Client, ClientError, HostUnreachable, PromptInterrupted, Queue
from .board import Board, Sent
from .jobs import Job, JobsError
from .journal import JournalError
from .transfer import collect, prepare
from .workflow import Prompt

FIRST_WAIT, LONGEST_WAIT, GROWTH = 0.1, 2.0, 1.3  # s between polls, with back-off while nothing changes
ON_ITS_WAY = 3.0  # s for which a prompt may be in transit after it was sent
CONNECT_SECONDS, MAX_READ_SECONDS = 5.0, 20.0


@dataclass(frozen=True)
class Limits:
    """In s: how long a server may leave requests unanswered before others take its jobs, and how long a job may run."""

    heartbeat: float = 60.0
    timeout: float | None = None


class Server(threading.Thread):
    """A thread for the ComfyUI at `url`. It ends when `stopping` is set, or with a `fault`, which ends the whole run.

    `accepts` is False for a server that only has prompts of an earlier run, and gets no new ones.
    """

    def __init__(self, url: str, prompt: Prompt, board: Board, limits: Limits, *, accepts: bool = True):
        super().__init__(name=url, daemon=True)
        self.client = Client(
            url, connect_seconds=CONNECT_SECONDS, read_seconds=min(MAX_READ_SECONDS, max(1.0, limits.heartbeat / 3))
        )
        self.url, self.accepts = self.client.url, accepts
        self.fault: OSError | JournalError | None = None
        self.trouble = ""  # why it does not answer
        self.others: list[Server] = []
        self.stopping = threading.Event()
        self._prompt, self._board, self._limits = prompt, board, limits
        self._has_answered = self._is_there = False  # it is there if it has answered, or at least accepted a connection
        self._asked = time.monotonic()  # when the first request began that has not been answered
        self._interrupted: float | None = None  # seconds since 1970, when a prompt of ours last was

    @property
    def lost(self) -> bool:
        """Whether nothing is there, or it has not answered for too long."""
        return bool(self.trouble) and (not self._is_there or self._silence > self._limits.heartbeat)

    @property
    def _silence(self) -> float:
        """For how many s a server in trouble has left requests unanswered; the time between them tells nothing."""
        return time.monotonic() - self._asked

    def run(self) -> None:
        wait = FIRST_WAIT
        try:
            while not self.stopping.wait(wait):
                wait = FIRST_WAIT if self._turn() else min(wait * GROWTH, LONGEST_WAIT)
            self._withdraw()
        except (OSError, JournalError) as error:
            self.fault = error

    def _turn(self) -> bool:
        """Poll the server once and process the answer; returns whether anything has changed."""
        if not self.trouble:
            self._asked = time.monotonic()
        try:
            queue = self.client.prompts()
            self._is_heard()
            occupied = self._remove_unwanted(queue)
            changed = False
            for sent in self._board.at(self.url):
                changed |= self._follow(sent, queue)
            while self.accepts and not self.stopping.is_set() and (job := self._board.take(self.url, occupied)):
                self._send(job)
                changed = True
            return changed
        except ClientError as error:
            self._is_silent(error)
            return False

    def _is_heard(self) -> None:
        if self.trouble:
            self._board.note(f"{self.url} answers again" if self._has_answered else f"{self.url} answers")
        self.trouble = ""
        self._board.is_heard(self.url)
        self._has_answered = self._is_there = True
        self._asked = time.monotonic()

    def _is_silent(self, error: ClientError) -> None:
        self._is_there |= isinstance(error.__cause__, requests.ReadTimeout)
        if not self.trouble and (self._is_there or any(not other.lost for other in self.others)):
            self._board.note(f"{error}. It is given up after {self._limits.heartbeat:g} s")
        self.trouble = str(error)
        if self._silence > self._limits.heartbeat:
            self._board.is_silent(self.url, f"{self.url} has not answered for {self._silence:.0f} s")

    def _remove_unwanted(self, queue: Queue) -> int:
        """Remove the prompts that were reassigned or took too long; returns how many there were."""
        unwanted = self._board.unwanted(self.url) & (queue.running | queue.waiting)
        for prompt_id in unwanted:
            self._interrupt(prompt_id)
        return len(unwanted)

    def _interrupt(self, prompt_id: str) -> None:
        self._interrupted = time.time()
        self.client.interrupt(prompt_id)

    def _follow(self, sent: Sent, queue: Queue) -> bool:
        if sent.prompt_id in queue.running:
            return self._watch(sent)
        if sent.prompt_id in queue.waiting:
            sent.confirmed = True
            return False
        try:
            result = self.client.result(sent.prompt_id)
            if result is None:
                return self._miss(sent)
            collect(self.client, result, self._board.out.clean(sent.prompt_id))
        except HostUnreachable:
            raise
        except PromptInterrupted:
            self._is_interrupted(sent)
        except ClientError as error:
            self._board.fail(sent.job, str(error), sent)
        else:
            self._board.done(sent)
        return True

    def _watch(self, sent: Sent) -> bool:
        """A prompt is running: record its start, and fail the job if it has run too long."""
        sent.confirmed = True
        if sent.started is None:
            self._board.start(sent)
            return True
        limit = self._limits.timeout
        if limit is None or time.time() - sent.started <= limit:
            return False
        self._board.fail(sent.job, f"it ran longer than {limit:g} s, the limit of --timeout", sent, still_there=True)
        self._interrupt(sent.prompt_id)
        return True

    def _miss(self, sent: Sent) -> bool:
        """The server does not know a prompt: it was restarted, or the prompt was never received, or was deleted."""
        now = time.time()
        if sent.missed is None:
            sent.missed = now
        if not sent.confirmed and now - sent.missed < ON_ITS_WAY:
            return False
        reason = f"{self.url} knows its prompt no more: it was restarted, or the prompt was deleted"
        self._board.hand_on(sent, reason, server_lost=sent.confirmed or sent.started is not None)
        return True

    def _is_interrupted(self, sent: Sent) -> None:
        if self._interrupted is not None and self._interrupted >= (sent.started or 0):
            # The interrupt was meant for another prompt of ours, which had just ended.
            self._board.hand_on(sent, "it was interrupted together with another", server_lost=False)
        else:
            self._board.fail(sent.job, "it was interrupted in ComfyUI", sent)

    def _send(self, job: Job) -> None:
        try:
            prompt_id, prompt = prepare(self.client, job, self._prompt, self._board.batch_id)
        except HostUnreachable:
            self._board.put_back(job)
            raise
        except (ClientError, JobsError, OSError) as error:
            self._board.fail(job, str(error))
            return
        sent = self._board.send(job, prompt_id, self.url)
        try:
            given = self.client.queue(prompt, prompt_id=prompt_id)
        except HostUnreachable:
            raise  # it may have been received: the next polls will show
        except ClientError as error:
            self._board.fail(job, str(error), sent, still_there=True)
        else:
            self._board.confirm(sent, given)

    def _withdraw(self) -> None:
        """After a run was stopped: remove queued prompts from the server; running ones continue."""
        if self.trouble:
            return
        try:
            for sent in self._board.at(self.url):
                self.client.withdraw(sent.prompt_id)
        except ClientError as error:
            self.trouble = str(error)
