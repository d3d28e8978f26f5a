"""Whose memory it is that grows over many interrupts, and whether it levels off.

    .venv/bin/python tests/long/interrupt_memory.py --interrupts 120
    .venv/bin/python tests/long/interrupt_memory.py --interrupts 120 --only-host
    MALLOC_ARENA_MAX=1 .venv/bin/python tests/long/interrupt_memory.py --interrupts 120

Interrupts the shipped workflow at a random moment of its sampling or decoding, again and again, and prints the
server's resident memory. With --only-host, the model, the conditioning and the latent are made once and stay in
ComfyUI's cache: then nothing but ComfyUI's own KSampler and VAE Decode runs. The server inherits the environment, in
which glibc's arenas can be limited; what follows `--` goes to ComfyUI, such as --cache-none.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import psutil
import requests

from dragnuwa.remote.client import Client, PromptInterrupted
from scripts.host import PICTURES, HostProcess, find_installation, stop_on_terminate

WORKFLOW = ROOT / "workflows" / "api" / "drag_with_text.json"
CHECKPOINT, EDITOR, GUIDANCE, SAMPLER, DECODE = "3", "4", "8", "9", "10"
STEPS = 3
PART = 10  # interrupts of which the median is one figure


def prompt_of(index: int, only_host: bool, frames: int) -> dict:
    """The workflow with a seed of its own, and with drags of its own where they count."""
    prompt = json.loads(WORKFLOW.read_text(encoding="utf-8"))
    prompt[SAMPLER]["inputs"] |= {"seed": index, "steps": STEPS}
    prompt[EDITOR]["inputs"]["frames"] = frames
    kept = {"show": {"class_type": "PreviewImage", "inputs": {"images": [DECODE, 0]}}}
    if only_host:
        prompt[GUIDANCE]["inputs"]["model"] = [CHECKPOINT, 0]
    else:
        drags = [[{"x": 20 + index % 64, "y": 60}, {"x": 90, "y": 30 + index % 64}]]
        prompt[EDITOR]["inputs"]["trajectories"] = json.dumps(drags)
    shown = {"SaveVideo", "CreateVideo", "PreviewImage", "DragNUWAPreviewTrajectories"}
    return {key: node for key, node in prompt.items() if node["class_type"] not in shown} | kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interrupts", type=int, default=120)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--only-host", action="store_true", help="run nothing of this pack but what is cached")
    parser.add_argument("--forget", action="store_true", help="clear ComfyUI's history after each interrupt")
    parser.add_argument("comfyui", nargs="*", help="arguments of ComfyUI, after --")
    given = parser.parse_args()
    stop_on_terminate()
    installation = find_installation()
    with tempfile.TemporaryDirectory() as base:
        server = HostProcess(installation.python, installation.comfyui, base, extra_args=given.comfyui)
        with server:
            shutil.copytree(PICTURES, server.input_directory, dirs_exist_ok=True)
            report(measure(server, given))
    return 0


def measure(server: HostProcess, given: argparse.Namespace) -> list[float]:
    """Resident MB after each interrupt, the first being that before any."""
    client, process, draw = Client(server.url), psutil.Process(server.process.pid), random.Random(0)
    seconds = 0.0
    print(f"without a prompt: {process.memory_info().rss / 1e6:.0f} MB")
    for index in range(3):
        seconds = client.run(prompt_of(index, given.only_host, given.frames)).seconds
        print(f"after whole prompt {index + 1}: {process.memory_info().rss / 1e6:.0f} MB, {seconds:.1f} s", flush=True)
    figures = [process.memory_info().rss / 1e6]
    index = 3
    while len(figures) <= given.interrupts:
        arm = Once(threading.Timer(draw.uniform(0, seconds), client.interrupt))
        try:
            client.run(prompt_of(index, given.only_host, given.frames), on_progress=arm)
        except PromptInterrupted:
            figures.append(process.memory_info().rss / 1e6)
        arm.stop()
        if given.forget:
            requests.post(f"{server.url}/history", json={"clear": True}, timeout=10).raise_for_status()
        index += 1
    return figures


class Once:
    """Starts a timer at the first call, which is when the prompt has begun."""

    def __init__(self, timer: threading.Timer):
        self.timer = timer
        self.timer_starts = iter([timer.start])

    def __call__(self, _progress) -> None:
        next(self.timer_starts, lambda: None)()

    def stop(self) -> None:
        self.timer.cancel()
        if self.timer.ident:
            self.timer.join()


def report(figures: list[float]) -> None:
    print(f"before: {figures[0]:.0f} MB")
    for start in range(1, len(figures), PART):
        part = figures[start : start + PART]
        print(f"interrupts {start:3} to {start + len(part) - 1:3}: {median(part):.0f} MB, at most {max(part):.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
