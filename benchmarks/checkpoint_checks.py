"""What the checks of a checkpoint's numbers cost: loading with them against loading without, in turns.

    .venv/bin/python benchmarks/checkpoint_checks.py [--rounds 8] [--json FILE]

A file in the released layout (VAE and CLIP vision model at their true sizes, a small UNet: 1.5 GB of random float16) is
loaded as DragNUWA Load Checkpoint does, from the page cache, in the order with, without, without, with. The ratio is a
bound from above: at the real size, merging LoRA into 1.5 billion numbers comes on top of loading, and reading the disk.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from host import find_installation  # noqa: E402

COMFYUI = find_installation().comfyui
sys.path.insert(0, str(COMFYUI))

from comfy.cli_args import args  # noqa: E402

args.cpu = True

from dragnuwa import weights  # noqa: E402
from dragnuwa.host.dragnuwa.load import load  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "released.safetensors")
        layout = ROOT / "tests" / "integration" / "released_layout.py"
        subprocess.run([sys.executable, layout, COMFYUI, path], check=True)
        load(path)  # the first one imports, and reads the disk
        turns = [_turn(path, first_with=number % 2 == 0) for number in range(options.rounds)]
    ratios = [checked / plain for checked, plain in turns]
    for checked, plain in turns:
        sys.stdout.write(f"with {checked:.2f} s, without {plain:.2f} s, ratio {checked / plain:.3f}\n")
    sys.stdout.write(f"median ratio {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}\n")
    if options.json:
        options.json.write_text(json.dumps({"turns": turns, "ratios": ratios}, indent=1))


def _turn(path: Path, *, first_with: bool) -> tuple[float, float]:
    """Seconds with the checks and without."""
    found = {}
    for checked in (first_with, not first_with):
        check = weights.check_weight if checked else (lambda path, key, tensor: None)
        with patch.object(weights, "check_weight", check):
            started = time.perf_counter()
            load(path)
            found[checked] = time.perf_counter() - started
    return found[True], found[False]


if __name__ == "__main__":
    main()
