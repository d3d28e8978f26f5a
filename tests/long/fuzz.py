"""`make fuzz MINUTES=n`: random and damaged inputs for every parser, loader and node.

    .venv/bin/python tests/long/fuzz.py [--minutes 10] [--targets text,nodes] [--seed 0] [--json FILE]

Inputs come from the descriptions in tests/fuzzing/. Where atheris is installed (`pip install atheris`, Linux), coverage
of the library decides which of them are varied further; else they are drawn at random. Inputs that cause a fault are
added to tests/corpus/, which `make test` tries again. Exits with 1 where there is a fault.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

LIBRARY = dict.fromkeys(("text", "bytes", "value", "tracks", "route", "motions", "camera_paths"), "texts")
PICTURES = {"pictures": "pictures", "page": "pictures"}
VIDEOS = dict.fromkeys(("videos", "films", "credentials"), "videos") | {"answers": "answers"}
HOST = {"nodes": "nodes", "checkpoints": "checkpoints", "checkpoint_bytes": "checkpoints"}
MODULES = LIBRARY | PICTURES | VIDEOS | HOST
BUFFERS = (64, 512, 8192)  # bytes from which an input is drawn
KEPT_FAULTS = 20


def main() -> int:
    options = _options()
    if options.worker:
        return Worker(options).run()
    seconds = 60 * options.minutes * options.jobs / len(options.targets)
    print(f"[fuzz] {len(options.targets)} targets, {seconds:.0f} s each, {options.jobs} at once", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        reports = list(pool.map(lambda name: _run(name, seconds, options.seed), options.targets))
    _print_table(reports)
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1))
    return int(any(report["faults"] or report["exit"] for report in reports))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz.py", description="Fuzz every parser, loader and node.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once (default: the cores)")
    parser.add_argument("--targets", type=lambda text: text.split(","), default=list(MODULES), help=", ".join(MODULES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.targets) - MODULES.keys():
        parser.error(f"there is no target {', '.join(unknown)}; the targets are {', '.join(MODULES)}")
    return options


def _run(name: str, seconds: float, seed: int) -> dict:
    """Fuzzes one target in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, __file__, "--worker", name, "--seconds", str(seconds), "--seed", str(seed)]
        done = subprocess.run(
            [*command, "--report", report], cwd=folder, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
            capture_output=True, text=True, errors="replace", timeout=10 * seconds + 300,
        )  # fmt: skip
        found = json.loads(report.read_text()) if report.exists() else {"target": name, "inputs": 0, "faults": []}
    found["exit"] = 0 if done.returncode == 0 else done.returncode
    print(f"[fuzz] {name}: {found['inputs']:,} inputs, {len(found['faults'])} faults", flush=True)
    for fault in found["faults"]:
        print(f"[fuzz]   {fault['what']}\n[fuzz]   {json.dumps(fault['input'])[:300]}", flush=True)
    if done.returncode:
        print(f"[fuzz]   the process ended with {done.returncode}:\n{done.stderr[-2000:]}", flush=True)
    return found


def _print_table(reports: list[dict]) -> None:
    print("\n| target | inputs | taken | refused | longest, s | most memory, MB | guided | faults |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for one in reports:
        if not one["inputs"]:
            print(f"| {one['target']} | 0 | | | | | | ended with {one['exit']} |")
            continue
        print(
            f"| {one['target']} | {one['inputs']:,} | {one['inputs'] - one['refused']:,} | {one['refused']:,} | "
            f"{one['seconds']:.2f} | {one['megabytes']:.0f} | {'yes' if one['guided'] else 'no'} | "
            f"{len(one['faults'])} |"
        )
    print(f"\n{sum(one['inputs'] for one in reports):,} inputs, {sum(len(one['faults']) for one in reports)} faults")


class Worker:
    """Fuzzes one target for some seconds, and writes a report."""

    def __init__(self, options: argparse.Namespace):
        self.name, self.seconds, self.seed, self.path = options.worker, options.seconds, options.seed, options.report
        self.report = {"target": self.name, "inputs": 0, "refused": 0, "seconds": 0.0, "megabytes": 0.0, "faults": []}
        self.saved = 0.0
        self.report["guided"] = importlib.util.find_spec("atheris") is not None
        if self.name in HOST:
            _enter_host()
        logging.disable(logging.CRITICAL)
        warnings.simplefilter("ignore")

    def run(self) -> int:
        if self.report["guided"]:
            import atheris

            with atheris.instrument_imports(include=["dragnuwa"]):
                target = self._target()
        else:
            target = self._target()
        from tests.fuzzing.target import judge, read_corpus

        for description in read_corpus(self.name):
            self._try(judge, target, description)
        fuzz = self._fuzzer(target, judge)
        if not self.report["guided"]:
            return self._at_random(fuzz)
        arguments = [f"-max_total_time={max(1, round(self.seconds))}", f"-seed={self.seed + 1}", "-timeout=300"]
        arguments += [f"-max_len={max(BUFFERS)}", "-rss_limit_mb=0", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *arguments], fuzz)
        atheris.Fuzz()  # ends the process; the report is written on the way
        return 0

    def _at_random(self, fuzz) -> int:
        stream, ends = random.Random(self.seed), time.monotonic() + self.seconds
        while time.monotonic() < ends:
            fuzz(stream.randbytes(stream.choice(BUFFERS)))
        self._save()
        return 0

    def _target(self):
        module = importlib.import_module(f"tests.fuzzing.{MODULES[self.name]}")
        targets = module.targets() if hasattr(module, "targets") else module.TARGETS
        return next(target for target in targets if target.name == self.name)

    def _fuzzer(self, target, judge):
        """A function of bytes, from which hypothesis draws a description."""
        from hypothesis import HealthCheck, given, settings

        @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(target.descriptions)
        def test(description):
            self._try(judge, target, description)

        return test.hypothesis.fuzz_one_input

    def _try(self, judge, target, description) -> None:
        from tests.fuzzing.target import Fault, add_to_corpus

        report = self.report
        report["inputs"] += 1
        try:
            outcome = judge(target, description)
        except Fault as fault:
            what = str(fault)
            if what not in {one["what"] for one in report["faults"]} and len(report["faults"]) < KEPT_FAULTS:
                report["faults"].append({"what": what, "input": description})
                add_to_corpus(self.name, [description])
        else:
            report["refused"] += outcome.refused
            report["seconds"] = max(report["seconds"], outcome.seconds)
            report["megabytes"] = max(report["megabytes"], outcome.megabytes)
        if time.monotonic() - self.saved > 1:
            self._save()

    def _save(self) -> None:
        self.path.write_text(json.dumps(self.report))
        self.saved = time.monotonic()


def _enter_host() -> None:
    """Makes `import comfy` give the real ComfyUI, on the CPU, with folders of its own."""
    import tests.fuzzing  # noqa: F401 - ours, before ComfyUI's own folder of this name is on the path
    from scripts.host import find_installation

    sys.path.insert(0, str(find_installation().comfyui))
    from comfy.cli_args import args

    args.cpu, args.base_directory = True, tempfile.mkdtemp(prefix="dragnuwa-fuzz-")


if __name__ == "__main__":
    sys.exit(main())
