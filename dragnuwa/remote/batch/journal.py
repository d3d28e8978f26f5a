"""The state of each job, in an SQLite file that survives kills and power cuts.

Table `jobs` has a row for each job: its fingerprint, whether it waits, is done or has failed, and why. Table `prompts`
has a row for each prompt sent for it: to which server, and its state. A prompt is recorded before it is sent, so that a
resumed run knows where to ask for it.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

VERSION = 1
BUSY_SECONDS = 60.0  # for which a reader of the journal may delay a write
RAY = "ray:"
"""Prefix of the server for prompts executed by an actor of a Ray pool, which ends with the run."""

SCHEMA = """
CREATE TABLE batch (id TEXT NOT NULL);
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    reason TEXT,                        -- why it failed
    losses INTEGER NOT NULL DEFAULT 0,  -- servers that were lost while they had it
    prompt_id TEXT,                     -- whose result is shown
    files TEXT                          -- of the result, a JSON list
);
CREATE TABLE prompts (
    prompt_id TEXT PRIMARY KEY,
    job TEXT NOT NULL REFERENCES jobs (name),
    server TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'done', 'failed', 'given up')),
    sent REAL NOT NULL,                 -- seconds since 1970, as the following
    started REAL,                       -- when it was first seen to run
    ended REAL
);
CREATE INDEX prompts_by_state ON prompts (state);
"""
ENTER = (
    "INSERT INTO jobs (name, fingerprint, state) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
    "fingerprint = excluded.fingerprint, state = excluded.state, reason = NULL, losses = 0, prompt_id = NULL, "
    "files = NULL"
)


class JournalError(RuntimeError):
    """The journal cannot be read or written; the message says why, and what to do."""


@dataclass(frozen=True)
class Entry:
    """The journal's entry for a job."""

    fingerprint: str
    state: str
    reason: str | None
    losses: int
    prompt_id: str | None


@dataclass(frozen=True)
class SentPrompt:
    """A prompt that was sent, or was about to be."""

    prompt_id: str
    job: str
    server: str
    started: float | None


class Journal:
    """The journal at `path`, created if missing. For one process, and one thread at a time.

    Every method raises JournalError if the file cannot be read or written, and is durable when it returns.
    """

    def __init__(self, path: Path):
        self.path = path
        self.is_new = not path.exists()
        try:
            self._database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA synchronous = EXTRA")
            self._open()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _open(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version == 0:  # new, or its making was interrupted, which leaves nothing
            self.is_new = True
            batch = uuid.uuid4().hex[:12]
            made = f"{SCHEMA} INSERT INTO batch VALUES ('{batch}'); PRAGMA user_version = {VERSION};"
            self._database.executescript(f"BEGIN; {made} COMMIT;")
        elif version != VERSION:
            raise JournalError(f"{self.path} is of version {version}; this program knows {VERSION}. Update the pack.")
        (self.batch_id,) = self._database.execute("SELECT id FROM batch").fetchone()

    def close(self) -> None:
        self._database.close()

    def entries(self) -> dict[str, Entry]:
        rows = self._do("SELECT name, fingerprint, state, reason, losses, prompt_id FROM jobs")
        return {name: Entry(*rest) for name, *rest in rows}

    def sent_prompts(self) -> list[SentPrompt]:
        """The prompts whose outcome is not yet known."""
        rows = self._do("SELECT prompt_id, job, server, started FROM prompts WHERE state = 'sent' ORDER BY sent")
        return [SentPrompt(*row) for row in rows]

    def given_up(self) -> list[SentPrompt]:
        """The prompts that a server may still have, but whose results are no longer needed."""
        rows = self._do("SELECT prompt_id, job, server, started FROM prompts WHERE state = 'given up'")
        return [SentPrompt(*row) for row in rows]

    def add_jobs(self, jobs: Iterable[tuple[str, str, str]]) -> None:
        """Insert or reset jobs with names, fingerprints and states; other fields of existing entries are cleared."""
        self._together(*((ENTER, row) for row in jobs))

    def send(self, prompt_id: str, job: str, server: str) -> None:
        """A prompt is about to be sent to a server."""
        self._do(
            "INSERT INTO prompts (prompt_id, job, server, state, sent) VALUES (?, ?, ?, 'sent', ?)",
            prompt_id, job, server, time.time(),
        )  # fmt: skip

    def rename(self, prompt_id: str, given: str) -> None:
        """The server gave the prompt another id."""
        self._do("UPDATE prompts SET prompt_id = ? WHERE prompt_id = ?", given, prompt_id)

    def start(self, prompt_id: str, when: float) -> None:
        self._do("UPDATE prompts SET started = ? WHERE prompt_id = ?", when, prompt_id)

    def done(self, prompt_id: str, job: str, files: list[str]) -> None:
        """The result of a prompt is its job's, and is complete in `OutFolder.part`."""
        self._together(
            _end(prompt_id, "done"),
            (
                "UPDATE jobs SET state = 'done', reason = NULL, prompt_id = ?, files = ? WHERE name = ?",
                (prompt_id, json.dumps(files), job),
            ),
        )

    def fail(self, job: str, reason: str, prompt_id: str | None, *, still_there: bool) -> None:
        """A job has failed: before there was a prompt, with one that has ended, or with one that is still there."""
        failed = ("UPDATE jobs SET state = 'failed', reason = ? WHERE name = ?", (_writable(reason), job))
        ended = [_end(prompt_id, "given up" if still_there else "failed")] if prompt_id is not None else []
        self._together(*ended, failed)

    def give_up(self, prompt_id: str, job: str, losses: int) -> None:
        """The result of this prompt is no longer needed; its job has lost `losses` servers so far."""
        self._together(_end(prompt_id, "given up"), ("UPDATE jobs SET losses = ? WHERE name = ?", (losses, job)))

    def _together(self, *statements: tuple[str, tuple]) -> None:
        try:
            with self._database:  # commits, or rolls back where an error is raised
                self._database.execute("BEGIN")
                for statement, values in statements:
                    self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _do(self, statement: str, *values: object) -> list[tuple]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: sqlite3.Error) -> JournalError:
        broken = type(error) is sqlite3.DatabaseError  # subclasses are for problems outside the file
        remedy = " Move it and the results in OUT away, or give another OUT." if broken else ""
        return JournalError(f"The journal {self.path} cannot be read or written: {error}.{remedy}")


def _end(prompt_id: str, state: str) -> tuple[str, tuple]:
    return "UPDATE prompts SET state = ?, ended = ? WHERE prompt_id = ?", (state, time.time(), prompt_id)


def _writable(text: str) -> str:
    """`text` made valid for UTF-8: a server's message may contain lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
