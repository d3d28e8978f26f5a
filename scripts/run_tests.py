"""Runs the tests in groups, each a pytest of its own, four at once, and shows what each says when it has ended.

    .venv/bin/python scripts/run_tests.py [ARGUMENTS OF PYTEST]

Where the arguments name files or folders, there is one process for these alone.

A page has a time for each of its answers, which four groups on two cores may not leave it. So a test in a browser that
has failed, if it is one of few, is run again when all groups have ended: it fails if it fails alone, too. What was run
again is said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=10"]
AT_ONCE = 4  # on two cores too, since many tests wait: of three at once, both cores had work for 70 % of the time
CACHE = ".pytest_cache"
EDITOR = "tests/integration/editor"
TEMPLATES = "tests/integration/test_browser.py"
# The tests in a browser in which the page runs templates and the nodes of other packs.
RUNNING = [
    *(
        f"{EDITOR}/test_{name}.py"
        for name in ("blueprints", "first_minute", "main_job", "other_packs", "refining", "result", "saved_workflows",
                     "segmenters")
    ),
    TEMPLATES,
]  # fmt: skip
# Those in which it shows how something moves: videos, what bends, and what is played and performed.
MOVING = [
    f"{EDITOR}/test_{name}.py"
    for name in ("bending", "bending_video", "camera_in_depth", "edited_video", "long_video", "performing",
                 "play_and_carry", "video", "video_drawing", "video_kinds")
]  # fmt: skip
CARRYING = ["tests/unit/carry", "tests/unit/detail", "tests/unit/server"]
SERVERS = ["tests/integration/batch", "tests/integration/documentation"]
RESEARCH = "tests/unit/research"
DRAGANYTHING = "tests/host/draganything"
TRAINING = [f"tests/host/test_{name}.py" for name in ("svd_lora", "training", "training_engine")]


def all_but(folder: str, others: list[str]) -> list[str]:
    """The arguments of pytest for a folder without those of its files that have groups of their own."""
    return [folder, *(f"--ignore={path}" for path in others)]


# As few as keep the cores busy to the end: each group imports torch, and most start a server of their own. The longest
# first, but no three of those in a browser at once, and short ones for those who are done before the last long one.
# Those in a browser are three, as a page that has shown hundreds of graphs gets slow.
GROUPS = {
    "browser": all_but(EDITOR, [*RUNNING, *MOVING]),
    "host": all_but("tests/host", [DRAGANYTHING, *TRAINING]),
    "browser-moving": MOVING,
    "carrying": CARRYING,
    "browser-runs": RUNNING,
    "integration": all_but("tests/integration", [EDITOR, TEMPLATES, *SERVERS]),
    "unit": all_but("tests", ["tests/host", "tests/integration", "tests/release", RESEARCH, *CARRYING]),
    "servers": [*SERVERS, "tests/release"],
    "draganything": [DRAGANYTHING],
    "training": TRAINING,
    "research": [RESEARCH],
}
PASSED, FAILED, NONE_SELECTED = 0, 1, 5  # exit codes of pytest
IN_BROWSER = {name for name in GROUPS if name.startswith("browser")}
FEW = 12  # tests of a group in a browser that are run again; more have not failed by accident


def main(arguments: list[str]) -> int:
    if any(Path(argument.split("::")[0]).exists() for argument in arguments):
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    running: list[subprocess.Popen] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        groups = [pool.submit(run, name, arguments, running) for name in GROUPS]
        try:
            codes = dict(zip(GROUPS, (group.result() for group in groups), strict=True))
        finally:  # after Ctrl-C, none is left behind or begun
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.terminate()
    for name in sorted(IN_BROWSER):
        if codes[name] == FAILED and 0 < len(failed := failures_of(name)) <= FEW:
            print(f"[test] {name}: again, alone: {', '.join(failed)}", flush=True)
            codes[name] = subprocess.run([*command_of(name), *failed], env=environment_of(name), check=False).returncode
    return outcome(list(codes.values()))


def run(name: str, arguments: list[str], running: list[subprocess.Popen]) -> int:
    """The exit code of a group, which is among `running` from its start; its output is shown as a whole."""
    print(f"[test] {name}: started", flush=True)
    begun = time.monotonic()
    command = [*command_of(name), *GROUPS[name], *arguments]
    process = subprocess.Popen(command, env=environment_of(name), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    running.append(process)
    output, _ = process.communicate()
    sys.stdout.buffer.write(b"\n%s\n[test] %s: ended after %d s\n" % (output, name.encode(), time.monotonic() - begun))
    sys.stdout.flush()
    return process.returncode


def command_of(name: str) -> list[str]:
    """pytest for a group, which remembers its own failures."""
    return [*PYTEST, "-o", f"cache_dir={CACHE}/{name}"]


def environment_of(name: str) -> dict[str, str]:
    """Each group has its share of the cores: more threads than cores would spend their time waiting for each other."""
    threads = str(max(1, (os.cpu_count() or AT_ONCE) // AT_ONCE))
    environment = {"OMP_NUM_THREADS": threads, **os.environ, "SERVER_LOG": f"{name}.log"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # some fifty processes would each compile the same modules
    return environment


def failures_of(name: str) -> list[str]:
    """The tests of a group that failed when it was run last."""
    file = Path(CACHE, name, "v", "cache", "lastfailed")
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []


def outcome(codes: list[int]) -> int:
    """The exit code of all processes together: a failure's, if there is one; tests have to be selected in one at least.

    A process that a signal has ended has a negative code, and has failed as well.
    """
    failures = [code for code in codes if code not in (PASSED, NONE_SELECTED)]
    return failures[0] if failures else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
