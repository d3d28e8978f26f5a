"""How the set-up talks: a line for each step, a word while a long one runs, and the reason when one fails."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import threading
import time
from pathlib import Path

from scripts.host import HOST

LOG = HOST / "setup.log"
QUIET_SECONDS = 15.0
LARGE_FILE_MB = 20.0
TAIL_LINES = 15
# What pip prints when something outside of it is wrong, and what to do then.
REMEDIES = (
    (r"No space left on device|Errno 28", "The disk is full: make room (df -h shows where) and run it again."),
    (
        r"DO NOT MATCH THE HASHES",
        "A downloaded file is not the one that was pinned. It may have been cut short (run it again), or the package "
        "index gave another file under that name: do not use it.",
    ),
    (
        r"Temporary failure in name resolution|NewConnectionError|Connection refused|Read timed out|ProxyError|"
        r"Could not fetch URL|No matching distribution found",
        "The package index gave no answer, or lacks this version: check the network and `pip config list`, "
        "then run it again.",
    ),
    (r"No module named pip", "That Python has no pip: add the packages above with the tool that made it."),
    (r"Permission denied|Errno 13", "A file could not be written: check who owns this folder."),
)


class SetupError(RuntimeError):
    """The set-up cannot go on; the message says why and what to do."""


def say(line: str) -> None:
    """Tell the person at the terminal, at once."""
    print(f"[setup] {line}", flush=True)


def follow(command: list[str | Path], doing: str) -> None:
    """Run a command with its output in .host/setup.log, and tell how far it is.

    Raises SetupError, with the end of the output and a remedy where one is known, if it fails.
    """
    started = time.monotonic()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    lines: queue.Queue[str | None] = queue.Queue()
    output: list[str] = []
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n")
        process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        threading.Thread(target=_read_lines, args=(process, lines), daemon=True).start()
        try:
            while True:
                try:
                    line = lines.get(timeout=QUIET_SECONDS)
                except queue.Empty:
                    say(f"  ... {doing}, {time.monotonic() - started:.0f} s")
                    continue
                if line is None:
                    break
                output.append(line)
                log.write(line)
                _say_if_large(line)
        except BaseException:
            process.kill()
            raise
        status = process.wait()
    if status != 0:
        raise SetupError(_explain(doing, status, "".join(output)))
    say(f"  done ({time.monotonic() - started:.0f} s)")


def _read_lines(process: subprocess.Popen, lines: queue.Queue) -> None:
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def _say_if_large(line: str) -> None:
    file = re.match(r"\s*(?:Downloading|Using cached) (\S+) \(([\d.]+) MB\)", line)
    if file and float(file[2]) >= LARGE_FILE_MB:
        say(f"  {file[1].rsplit('/', 1)[-1]} ({float(file[2]):.0f} MB)")
    elif line.startswith("Installing collected packages:"):
        say(f"  unpacking {line.count(',') + 1} packages")


def _explain(doing: str, status: int, output: str) -> str:
    tail = [f"  {line}" for line in output.splitlines()[-TAIL_LINES:]]
    remedies = [remedy for pattern, remedy in REMEDIES if re.search(pattern, output)]
    return "\n".join([f"{doing} failed with exit status {status}.", *remedies[:1], f"The end of {LOG}:", *tail])
