"""The pack on several versions of ComfyUI, of Python and of the page: which of them boot, load, run and are drawn on.

    make matrix                                                          all, and the table in docs/compatibility.md
    .venv/bin/python tests/long/matrix.py --host 0.30.0 --python 3.11 --frontend newest      a part

The checks are tests of tests/integration, run on that ComfyUI. What was found is kept in .host/matrix/ until the pack
changes, so the same command goes on after an interruption; --again tries again. A Python that this machine lacks is
named in the table.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":  # under pytest they are on the path, and behind ComfyUI's own modules
    sys.path.insert(0, str(ROOT))

from scripts.chromium import ensure_chromium
from scripts.host import HOST, stop_on_terminate
from scripts.progress import SetupError
from tests.long.matrix_environments import (
    ARCHIVES,
    WORK,
    find_interpreter,
    make_environment,
    newest_frontend,
    pinned_frontend,
    unpack,
    version_of,
)
from tools.docs import markdown, put

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
# The page that ComfyUI's own requirements name, and the newest one.
PINNED, NEWEST = FRONTENDS = ("pinned", "newest")
CHECKS = {
    "boots": (
        "tests/integration/test_host_boots.py::test_the_server_answers",
        "tests/integration/test_host_boots.py::test_the_pack_is_imported_without_complaint",
    ),
    "loads": (
        "tests/integration/test_host_boots.py::test_the_pack_has_its_node",
        "tests/integration/editor/test_saved_workflows.py::test_the_server_takes_a_saved_prompt",
        "tests/integration/editor/test_saved_workflows.py::test_the_page_opens_a_saved_workflow_as_it_was",
        "tests/integration/test_browser.py::test_the_page_makes_of_it_the_prompt_that_ships",
    ),
    "runs": ("tests/integration/test_workflows.py::test_the_embedded_model_makes_a_video",),
    "draws": ("tests/integration/editor/test_main_job.py::test_a_picture_is_drawn_on_and_becomes_a_video",),
}
# What the pack consists of at a user's: when it changes, nothing that was found before counts.
PACK = ("__init__.py", "requirements.txt", "dragnuwa", "nodes", "web", "workflows", "locales", "models")
FOUND = WORK / "found.json"
PAGE = ROOT / "docs" / "compatibility.md"
RESULTS = ("-o", "junit_family=xunit1", "--junitxml")  # with the file of each test
MAX_REASON = 200


@dataclass(frozen=True)
class Combination:
    comfyui: str
    frontend: str
    python: str

    def __str__(self) -> str:
        return f"ComfyUI {self.comfyui}, Python {self.python}, {self.frontend} frontend"

    @property
    def file_name(self) -> str:
        return f"{self.comfyui}-py{self.python}-{self.frontend}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", choices=ARCHIVES, nargs="+", default=list(ARCHIVES), help="versions of ComfyUI")
    parser.add_argument("--python", choices=PYTHONS, nargs="+", default=list(PYTHONS), help="versions of Python")
    parser.add_argument("--frontend", choices=FRONTENDS, nargs="+", default=list(FRONTENDS))
    parser.add_argument("--again", action="store_true", help="also try what was tried with this very pack")
    parser.add_argument("--page", action="store_true", help="write the table into docs/compatibility.md")
    arguments = parser.parse_args()
    stop_on_terminate()
    chosen = itertools.product(arguments.host, arguments.frontend, arguments.python)
    wanted = list(itertools.starmap(Combination, chosen))
    interpreters = {version: path for version in PYTHONS if (path := find_interpreter(version))}
    found = Found()
    try:
        ensure_chromium()
        for combination in wanted:
            if combination.python in interpreters and (arguments.again or not found.of(combination)):
                try_out(combination, interpreters[combination.python], found)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    table, below = report(found, interpreters)
    print(f"{markdown(table)}\n\n{below}")
    if arguments.page:
        text = put(PAGE.read_text("utf-8"), PAGE.name, "matrix", f"{markdown(table)}\n\n{below}", by="make matrix")
        PAGE.write_text(text, encoding="utf-8")
    return 0 if all(found.passed(combination) for combination in wanted if combination.python in interpreters) else 1


def try_out(combination: Combination, interpreter: Path, found: Found) -> None:
    """One combination. Where its packages cannot be had, it stays untried, and the others go on."""
    started = time.monotonic()
    _say(f"{combination} ...")
    try:
        entry = attempt(combination, interpreter)
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return
    found.add(combination, entry)
    _say(f"    {_cell(entry['failed'])} ({time.monotonic() - started:.0f} s)")
    for check, reason in entry["failed"].items():
        if reason:
            _say(f"    {check}: {reason}")


class Found:
    """What was found with the pack as it is: for each combination the date, the frontend's version, and what failed."""

    def __init__(self):
        self.pack = _hash_of_pack()
        self.entries: dict[str, dict] = {}
        if FOUND.exists() and (kept := json.loads(FOUND.read_text("utf-8")))["pack"] == self.pack:
            self.entries = kept["entries"]

    def of(self, combination: Combination) -> dict:
        """The entry of a combination; empty where it was not tried."""
        return self.entries.get(str(combination), {})

    def passed(self, combination: Combination) -> bool:
        entry = self.of(combination)
        return bool(entry) and not any(entry["failed"].values())

    def add(self, combination: Combination, entry: dict) -> None:
        self.entries[str(combination)] = entry
        unfinished = FOUND.with_suffix(".part")
        unfinished.write_text(json.dumps({"pack": self.pack, "entries": self.entries}, indent=1), encoding="utf-8")
        unfinished.replace(FOUND)


def _hash_of_pack() -> str:
    files = [path for name in PACK for path in [ROOT / name, *(ROOT / name).rglob("*")] if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(path for path in files if "__pycache__" not in path.parts):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def attempt(combination: Combination, interpreter: Path) -> dict:
    """Makes what the combination needs, and runs the checks on it."""
    WORK.mkdir(parents=True, exist_ok=True)
    comfyui = unpack(combination.comfyui)
    python = make_environment(combination.python, comfyui, interpreter)
    folder = pinned_frontend(python) if combination.frontend == PINNED else newest_frontend()
    failed = run_checks(combination, comfyui, python, folder)
    return {"date": time.strftime("%Y-%m-%d"), "frontend": version_of(folder), "failed": failed}


def run_checks(combination: Combination, comfyui: Path, python: Path, folder: Path) -> dict[str, str]:
    """For each check why it failed, or nothing. The whole output is in .host/matrix/logs/."""
    logs = WORK / "logs"
    logs.mkdir(exist_ok=True)
    log, results = (logs / f"{combination.file_name}.{ending}" for ending in ("log", "xml"))
    results.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "COMFYUI": str(comfyui),
        "COMFYUI_PYTHON": str(python),
        "COMFYUI_FRONTEND": str(folder / "static"),
    }
    tests = [test for tests in CHECKS.values() for test in tests]
    command = [sys.executable, "-m", "pytest", *RESULTS, results, *tests]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            process.wait()
        except BaseException:  # Ctrl-C, too: pytest stops its ComfyUI
            process.terminate()
            process.wait()
            raise
    if (server_log := HOST / "logs" / "integration.log").exists():
        shutil.copyfile(server_log, logs / f"{combination.file_name}.comfyui.log")
    cases = list(ElementTree.parse(results).iter("testcase")) if results.exists() else []
    return {check: reason_of(cases, tests) for check, tests in CHECKS.items()}


def reason_of(cases: list[ElementTree.Element], tests: Sequence[str]) -> str:
    """The first failure of these tests in a few words, or nothing. A test that was not run has failed."""
    for test in tests:
        own = [case for case in cases if f"{case.get('file')}::{case.get('name').split('[')[0]}" == test]
        if not own:
            return f"{test.split('::')[1]} was not run"
        for case in own:
            for kind in ("failure", "error", "skipped"):
                if (problem := case.find(kind)) is not None:
                    words = " ".join(f"{case.get('name')}: {problem.get('message')}".split())
                    return words if len(words) <= MAX_REASON else f"{words[:MAX_REASON]} ..."
    return ""


def report(found: Found, interpreters: dict[str, Path]) -> tuple[list[list[str]], str]:
    """The table of all combinations, and the lines below it: the date, and a note for each reason of a failure."""
    rows, notes, dates = [["ComfyUI", "Frontend", *(f"Python {version}" for version in PYTHONS)]], [], set()
    for comfyui, page in itertools.product(ARCHIVES, FRONTENDS):
        entries = {version: found.of(Combination(comfyui, page, version)) for version in PYTHONS}
        versions = sorted({entry["frontend"] for entry in entries.values() if entry})
        dates |= {entry["date"] for entry in entries.values() if entry}
        cells = []
        for version, entry in entries.items():
            missing = "not available here" if version not in interpreters else "not tried"
            cells.append(_cell(entry["failed"], notes) if entry else missing)
        rows.append([comfyui, " ".join([", ".join(versions), f"({page})"]).strip(), *cells])
    when = " to ".join(sorted({min(dates), max(dates)})) if dates else "not yet"
    lines = [f"Tried with `make matrix`: {when}.", *(f"{number}. {note}" for number, note in enumerate(notes, 1))]
    return rows, "\n".join([lines[0], "", *lines[1:]]).strip()


def _cell(failed: dict[str, str], notes: list[str] | None = None) -> str:
    """What passed; what failed follows with the number of its note, which is added to the notes."""
    passed = [check for check, reason in failed.items() if not reason]
    words = ["all" if len(passed) == len(CHECKS) else ", ".join(passed) or "none"]
    for check, reason in failed.items():
        if reason:
            words.append(f"not {check}")
            if notes is not None:
                note = f"{check}: {reason.replace('|', '/')}"
                notes += [note] if note not in notes else []
                words[-1] += f" ({notes.index(note) + 1})"
    return "; ".join(words)


def _say(line: str) -> None:
    print(f"[matrix] {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
