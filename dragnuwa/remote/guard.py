"""Runs a command that ends with its starter, however that ends: `python guard.py FOLDER COMMAND...`.

The starter keeps a pipe to this process's standard input open. When the pipe closes, also because the starter was
killed, the command is killed and its temporary FOLDER removed. Standard library only, and run as a file.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1  # of Linux


def main(folder: str, command: list[str]) -> int:
    ends_too = _die_with_parent()  # safe: there are no threads yet
    left = threading.Event()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=ends_too) as child:  # noqa: PLW1509
        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), lambda number, frame: child.kill())
        threading.Thread(target=_wait_until_left, args=(child, left), daemon=True).start()
        code = child.wait()
    if left.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _wait_until_left(child: subprocess.Popen, left: threading.Event) -> None:
    sys.stdin.buffer.read()
    left.set()
    child.kill()


def _die_with_parent():
    """On Linux, a hook that makes the kernel kill the command with this process, even if this one is killed itself."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
