"""A sweep whose results tell by their colour which job they are of, and the command that runs it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
from PIL import Image

from scripts.host import ROOT

HIDDEN = ".dragnuwa-batch"


def heed_interrupts() -> None:
    """Where the tests run in the background of a shell, they ignore Ctrl-C, and so would all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def workflow(blurs: int, side: int, pauses: int = 0) -> dict[str, dict]:
    """A picture, blurred some times or after some pauses so that it takes a while, and saved."""
    nodes = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "absent.png"}, "_meta": {"title": "Picture"}},
        "2": {
            "class_type": "ImageScale",
            "inputs": {"image": ["1", 0], "width": side, "height": side, "upscale_method": "area", "crop": "disabled"},
        },
    }
    for number in range(blurs):
        inputs = {"image": [str(2 + number), 0], "blur_radius": 15, "sigma": 10.0}
        nodes[str(3 + number)] = {"class_type": "ImageBlur", "inputs": inputs}
    last = [str(2 + blurs), 0]
    for number in range(pauses):
        nodes[f"pause {number}"] = {"class_type": "StandInPause", "inputs": {"image": last}}
        last = [f"pause {number}", 0]
    nodes["90"] = {
        "class_type": "SaveImage",
        "inputs": {"images": last, "filename_prefix": "sweep"},
        "_meta": {"title": "Save"},
    }
    return nodes


def color_of(number: int) -> tuple[int, int, int]:
    return (number * 4 % 256, number * 60 % 256, 255 - number * 4 % 256)


@dataclass(frozen=True)
class Sweep:
    """A folder with a workflow and `count` jobs, of which each has a picture of the same file name and its own colour.

    `blurs` and `side` (px) decide how long a job takes; `pauses` are half a second each in which the cores are free, on
    a server with the stand-in for it.
    """

    folder: Path
    count: int
    blurs: int = 2
    side: int = 512
    pauses: int = 0

    def write(self) -> Sweep:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "workflow.json").write_text(json.dumps(workflow(self.blurs, self.side, self.pauses)))
        lines = []
        for number in range(self.count):
            picture = self.folder / f"{number}" / "picture.png"
            picture.parent.mkdir(exist_ok=True)
            Image.new("RGB", (16, 16), color_of(number)).save(picture)
            value = {"upload": f"{number}/picture.png"}
            lines.append(json.dumps({"name": self.name(number), "inputs": {"Picture": {"image": value}}}))
        (self.folder / "jobs.jsonl").write_text("\n".join(lines))
        return self

    @staticmethod
    def name(number: int) -> str:
        return f"job-{number:02}"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def command(self, *servers: str, options: tuple[str, ...] = (), out: Path | None = None) -> list[str]:
        arguments = [self.folder / "workflow.json", self.folder / "jobs.jsonl", out or self.out, *options]
        arguments += [part for url in servers for part in ("--server", url)]
        return [sys.executable, "-m", "dragnuwa.batch", *map(str, arguments)]

    def start(
        self, *servers: str, options: tuple[str, ...] = (), preexec_fn: Callable[[], None] = heed_interrupts, **popen
    ) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*servers, options=options), cwd=ROOT, text=True, stderr=subprocess.PIPE,
            preexec_fn=preexec_fn, **popen,  # noqa: PLW1509 (no thread of the tests holds a lock then)
        )  # fmt: skip

    def run(self, *servers: str, options: tuple[str, ...] = (), **popen) -> subprocess.CompletedProcess:
        command = self.command(*servers, options=options)
        return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300, **popen)

    def wrong(self) -> list[str]:
        """The jobs that have no result, more than one, or another's."""
        return [self.name(number) for number in range(self.count) if not self._is_right(number)]

    def done(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir() if path.name != HIDDEN) if self.out.exists() else []

    def _is_right(self, number: int) -> bool:
        folder = self.out / self.name(number)
        files = list(folder.iterdir()) if folder.is_dir() else []
        return len(files) == 1 and is_color(files[0], color_of(number), self.side)


def is_color(path: Path, color: tuple[int, int, int], side: int) -> bool:
    with Image.open(path) as image:
        image.load()
        found = image.convert("RGB").getpixel((side // 2, side // 2))
        return image.size == (side, side) and all(abs(a - b) <= 1 for a, b in zip(found, color, strict=True))


def batch_id(out: Path) -> str:
    """The id of the batch in `out`, which its uploads have in their path."""
    database = sqlite3.connect(out / HIDDEN / "journal.sqlite")
    try:
        return database.execute("SELECT id FROM batch").fetchone()[0]
    finally:
        database.close()


def executions(url: str, batch: str) -> Counter[str]:
    """How often a server has completed each job of a batch, by its own history."""
    records = requests.get(f"{url}/history", timeout=30).json().values()
    return Counter(job for record in records if record["status"]["completed"] for job in _jobs_of(record, batch))


def queued(url: str, batch: str) -> list[str]:
    """The jobs of a batch that a server runs or that wait there."""
    queue = requests.get(f"{url}/queue", timeout=30).json()
    items = [*queue["queue_running"], *queue["queue_pending"]]
    return [job for item in items for job in _jobs_of({"prompt": item}, batch)]


def _jobs_of(record: dict, batch: str) -> Iterator[str]:
    parts = str(record["prompt"][2].get("1", {}).get("inputs", {}).get("image", "")).split("/")
    if parts[:2] == ["dragnuwa_batch", batch]:
        yield parts[2]


def kill(process: subprocess.Popen) -> None:
    """SIGKILL, which leaves a process no time for anything."""
    process.kill()
    process.communicate()


def freeze(pid: int) -> None:
    os.killpg(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    os.killpg(pid, signal.SIGCONT)
