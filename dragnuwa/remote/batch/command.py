"""The command line: arguments, output and exit codes."""

from __future__ import annotations

import argparse
import errno
import logging
import math
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ...common.errors import PackageError, printable
from ...provenance.manifest import CHOICES
from ..client import HostUnreachable
from .board import Board, Event
from .jobs import Job, JobsError
from .journal import Journal, JournalError
from .json_lines import read_json_lines
from .out_folder import OutFolder, OutInUse
from .pictures import EDITOR, LOADER, Targets, read_pictures
from .progress import Progress
from .ray_pool import Pool, RayPoolError, run_on_ray
from .resume import Plan, make_plan
from .scheduling import run_on_servers
from .server import Limits
from .signing import Signing, prepare_signing
from .workflow import Prompt, few, find_by_class, read_prompt

log = logging.getLogger(__name__)

DONE, STOPPED, UNUSABLE, SIGNAL = 0, 1, 2, 128
"""Exit codes: all jobs are done; some failed, or the run stopped; the input cannot be used (also argparse's code);
added to the number of the signal that ended it."""

REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), " Make room on this disk."),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), " Make it writable, or give another OUT."),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), " Give a folder, or the name of a new one, as OUT."),
}

DEFAULT_SERVER = "http://127.0.0.1:8188"


class Terminated(KeyboardInterrupt):
    """The process was asked to end by a signal other than Ctrl-C."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.batch",
        description="Run a workflow for many jobs on running ComfyUI servers, and download the results. "
        "An interrupted run is resumed by the same command. See docs/batch.md.",
    )
    parser.add_argument("workflow", type=Path, metavar="WORKFLOW.json", help="in the API format, as in workflows/api")
    parser.add_argument(
        "jobs", type=Path, metavar="JOBS", help="a folder of pictures, or a file of JSON lines with a job in each"
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder for the results, with a subfolder for each job")
    parser.add_argument(
        "--server", action="append", metavar="URL",
        help=f"address of a ComfyUI (default {DEFAULT_SERVER}); several times for several, which share the jobs",
    )  # fmt: skip
    parser.add_argument(
        "--heartbeat", type=_seconds, default=60.0, metavar="SECONDS",
        help="give up a server after this long without an answer; others then take its jobs (default %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="maximum run time of a job (default: no limit)"
    )
    parser.add_argument(
        "--sign",
        type=Path,
        metavar="SIGNING.json",
        help="sign the MP4 files of the results, after their download, as this file names (needs the extra provenance)",
    )
    parser.add_argument(
        "--made",
        choices=CHOICES,
        default="model",
        help="with --sign, how the videos are made: all by a model, by moving the picture and completing it by a "
        "model, or without one (default %(default)s)",
    )
    pool = parser.add_argument_group("on Ray, instead of --server (needs the extra ray)")
    pool.add_argument(
        "--ray", action="store_true", help="start a ComfyUI for each actor of a pool, and run the jobs there"
    )
    pool.add_argument("--actors", type=_count, metavar="N", help="how many (default: one for each GPU, or one)")
    pool.add_argument("--ray-address", metavar="ADDRESS", help="of a Ray cluster (default: one on this machine)")
    pictures = parser.add_argument_group("for a folder of pictures")
    pictures.add_argument("--drags", type=Path, help="JSON: an object of trajectories by the picture's file name")
    pictures.add_argument("--loader", metavar="ID", help=f"which {LOADER} node gets the picture, if there are several")
    pictures.add_argument("--editor", metavar="ID", help=f"which {EDITOR} gets the drags, if there are several")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; gives its exit code. Raises SystemExit for arguments that cannot be used."""
    parser = argument_parser()
    options = parser.parse_args(arguments)
    if options.ray and options.server:
        parser.error("--ray starts servers of its own, and takes no --server.")
    if not options.ray and (options.actors or options.ray_address):
        parser.error("--actors and --ray-address are for --ray.")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    again = _typed(arguments)
    try:
        with _signals():
            try:
                prompt = read_prompt(options.workflow)
                jobs = _read_jobs(options, prompt)
                signing = options.sign and prepare_signing(options.sign, CHOICES[options.made], prompt)
            except (ValueError, OSError, PackageError) as error:
                parser.error(printable(str(error)))
            return _run(options, prompt, jobs, signing, again)
    except Terminated as ended:
        return SIGNAL + ended.number
    except KeyboardInterrupt:
        return SIGNAL + signal.SIGINT


def _read_jobs(options: argparse.Namespace, prompt: Prompt) -> list[Job]:
    if not options.jobs.is_dir():
        if only := [name for name in ("drags", "loader", "editor") if getattr(options, name) is not None]:
            raise ValueError(f"--{only[0]} is for a folder of pictures, and {options.jobs} is none.")
        return read_json_lines(options.jobs, prompt)
    loader = find_by_class(prompt, LOADER, options.loader, "--loader")
    editor = find_by_class(prompt, EDITOR, options.editor, "--editor") if options.drags is not None else None
    return read_pictures(options.jobs, options.drags, Targets(loader, editor))


def _run(options: argparse.Namespace, prompt: Prompt, jobs: list[Job], signing: Signing | None, again: str) -> int:
    progress = board = None
    try:
        with closing(OutFolder(options.out)) as out, closing(Journal(out.journal)) as journal:
            plan = make_plan(jobs, prompt, journal, out)
            _tell(plan, jobs, "pictures" if options.jobs.is_dir() else "jobs")
            with (
                Progress(len(jobs), plan.done) as progress,
                closing(Board(plan, journal, out, signing)) as board,
                closing(_events(options, prompt, board)) as events,
            ):
                for event in events:
                    progress.show(event)
    except (OutInUse, JobsError) as error:
        log.error("%s", printable(str(error)))
        return STOPPED if isinstance(error, OutInUse) else UNUSABLE
    except KeyboardInterrupt:
        _say_how_to_go_on("stopped.", progress, board, again)
        raise
    except (HostUnreachable, JournalError, RayPoolError, OSError) as error:
        _say_how_to_go_on(f"stopped: {_reason(error, options.out)}", progress, board, again)
        return STOPPED
    if progress.failed:
        failed = few(progress.failed)
        log.error("%d failed: %s. The same command tries them again.", len(progress.failed), printable(failed))
    return STOPPED if progress.failed else DONE


def _events(options: argparse.Namespace, prompt: Prompt, board: Board) -> Iterator[Event | None]:
    limits = Limits(options.heartbeat, options.timeout)
    if options.ray:
        return run_on_ray(Pool(options.actors, options.ray_address), prompt, board, limits)
    return run_on_servers(options.server or [DEFAULT_SERVER], prompt, board, limits)


def _tell(plan: Plan, jobs: list[Job], what: str) -> None:
    log.info("%d %s, %d of them done before", len(jobs), what, plan.done)
    if plan.sent:
        log.info("%d were sent to a server before, and are asked for there", len(plan.sent))
    for note in plan.notes:
        log.info("%s", printable(note))


def _say_how_to_go_on(reason: str, progress: Progress | None, board: Board | None, again: str) -> None:
    said = [reason.rstrip(".") + "."]
    if progress is not None:
        said.append(f"{progress.done} of {progress.total} jobs are done.")
    if board is not None and (running := board.running_at()):
        said.append(f"What runs at {', '.join(running)} goes on, and the next run takes its result.")
    log.error("%s To go on, type: %s", printable(" ".join(said)), printable(again))


def _reason(error: Exception, out: Path) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename or out}).{REMEDIES.get(error.errno, '')}"
    return str(error)


def _typed(arguments: list[str] | None) -> str:
    """The command as typed in a shell."""
    command = sys.orig_argv if arguments is None else ["python", "-m", "dragnuwa.batch", *arguments]
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


@contextmanager
def _signals() -> Iterator[None]:
    """Makes termination signals act like Ctrl-C, except for the exit code."""

    def end(number: int, frame: object) -> None:
        raise Terminated(number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0; found {text!r}")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1; found {text!r}")
    return int(text)
