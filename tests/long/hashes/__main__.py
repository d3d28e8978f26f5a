"""Hashes of what the ways from drags to pixels give, to see whether a change of the code changes them.

    .venv/bin/python tests/long/hashes                             prints a table, in about two minutes
    .venv/bin/python tests/long/hashes --save FILE.json            and keeps it, with samples beside it in FILE.npz
    .venv/bin/python tests/long/hashes --compare FILE.json         prints only what differs, and by how much
    .venv/bin/python tests/long/hashes --only move --only camera   cases whose names contain one of these

It calls the nodes and the page's routes on the photographs that ship with the pack, and on clips and masks made here,
with one thread, so that the same code gives the same hashes on the same machine. A difference is that of the samples,
at most 300,000 of each output, in levels of 255 where the output is a picture or a mask, and in its own unit otherwise.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy and torch: sums depend on how they are divided

import argparse
import hashlib
import json
import re
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path[0] = str(ROOT)  # in place of this folder

import cv2
import numpy as np
import torch

from dragnuwa.host.find import find_host
from tests.long.hashes.running import CASES

MODULES = "moved_pictures", "cameras_and_videos", "page_and_maps"  # with the cases, in the order of the table
SAMPLES = 300_000
LEVELS = 255


def hash_of(value: Any) -> str:
    data = np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else value
    return hashlib.sha256(data).hexdigest()[:16]


def plain(value: Any) -> np.ndarray | bytes:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        return value
    return value if isinstance(value, bytes) else str(value).encode()


def samples_of(value: np.ndarray | bytes) -> np.ndarray:
    """Evenly spaced values of an array, and the numbers in a text; pictures in bytes as their pixels."""
    if isinstance(value, bytes):
        found = decoded(value)
        if found is None:
            numbers = re.findall(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?", value) if value.isascii() else []
            return np.array([float(number) for number in numbers[:SAMPLES]])
        value = found
    flat = value.ravel()
    step = max(1, -(-flat.size // SAMPLES)) | 1  # odd, so that it meets each column
    return flat[::step].astype(np.float32)


def decoded(data: bytes) -> np.ndarray | None:
    """The pixels of a PNG, or of a sequence of JPEGs, from 0 to 1; None for something else."""
    if data.startswith(b"\x89PNG"):
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) / LEVELS
    if data[4:6] != b"\xff\xd8":
        return None
    frames, place = [], 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        frames.append(cv2.imdecode(np.frombuffer(data, np.uint8, length, place + 4), cv2.IMREAD_COLOR))
        place += 4 + length
    return np.stack(frames) / LEVELS


def difference(now: np.ndarray, before: np.ndarray) -> str:
    if now.shape != before.shape:
        return f"{before.size} values before, {now.size} now"
    if not now.size:
        return "another text"
    apart = np.abs(np.nan_to_num(now.astype(float)) - np.nan_to_num(before.astype(float)))
    is_picture = min(now.min(), before.min()) >= 0 and max(now.max(), before.max()) <= 1
    scale, unit = (LEVELS, "levels") if is_picture else (1, "in its own unit")
    return f"largest {scale * apart.max():.4g}, mean {scale * apart.mean():.4g} {unit}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--times", action="store_true", help="print the seconds of each case")
    options = parser.parse_args()
    find_host()
    for module in MODULES:
        import_module(f"tests.long.hashes.{module}")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    before = json.loads(options.compare.read_text()) if options.compare else None
    kept = np.load(options.compare.with_suffix(".npz")) if options.compare else {}
    table, samples, differing = {}, {}, 0
    begun = time.monotonic()
    for name, made in CASES.items():
        if options.only and not any(part in name for part in options.only):
            continue
        torch.manual_seed(0)
        started = time.monotonic()
        for output, value in made().items():
            key, value = f"{name}: {output}", plain(value)
            table[key], samples[key] = hash_of(value), samples_of(value)
            if before is None:
                print(f"{table[key]}  {key}", flush=True)
            elif table[key] != before.get(key):
                differing += 1
                print(f"{key}: {difference(samples[key], kept[key]) if key in before else 'new'}", flush=True)
        if options.times:
            print(f"    {time.monotonic() - started:.1f} s  {name}", flush=True)
    missing = [] if options.only or before is None else sorted(before.keys() - table.keys())
    print(*(f"{key}: missing" for key in missing), sep="\n", end="\n" if missing else "")
    if options.save:
        options.save.write_text(json.dumps(table, indent=1) + "\n")
        np.savez(options.save.with_suffix(".npz"), **samples)
    print(f"{len(table)} outputs of {len(CASES)} cases, {time.monotonic() - begun:.0f} s", end="")
    print("" if before is None else f"; {differing} differ" if differing or missing else "; all as before")
    return int(bool(differing or missing))


if __name__ == "__main__":
    sys.exit(main())
