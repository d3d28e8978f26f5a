"""Runs a command that ends with whoever started this, however that ends: `python guard.py COMMAND...`.

The one who started it keeps a pipe to its standard input open. When the pipe ends, because that process was killed,
too, the command is killed. Standard library only, and run as a file.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1  # of Linux


def main(command: list[str]) -> int:
    ends_too = _die_with_parent()  # safe: there are no threads yet
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=ends_too) as child:  # noqa: PLW1509
        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), lambda number, frame: child.kill())
        threading.Thread(target=_kill_at_the_end, args=(child,), daemon=True).start()
        return child.wait()


def _kill_at_the_end(child: subprocess.Popen) -> None:
    sys.stdin.buffer.read()
    child.kill()


def _die_with_parent():
    """On Linux, what lets the command be killed with this process, even if that is killed itself."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
