"""What the checks of a checkpoint's numbers cost: loading with them against loading without, in turns.

    .venv/bin/python benchmarks/checkpoint_checks.py [--small] [--warm] [--rounds 8] [--json FILE]

A file in the released layout and of its size (4.8 GB of random float16) is loaded as DragNUWA Load Checkpoint does, in
the order with, without, without, with. Each time it comes from the disk, as after a start of the computer; with
`--warm` from the page cache. With `--small` the UNet is small and the file has 1.5 GB: hardly any LoRA to be merged.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.host import find_installation  # noqa: E402

COMFYUI = find_installation().comfyui
sys.path.insert(0, str(COMFYUI))

from comfy.cli_args import args  # noqa: E402

args.cpu = True

from benchmarks.measuring import forget, in_turns  # noqa: E402
from dragnuwa.host.fusion.load import load  # noqa: E402
from dragnuwa.models import weights  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a small UNet: 1.5 GB instead of 4.8 GB")
    parser.add_argument("--warm", action="store_true", help="the file is in memory already")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "released.safetensors")
        layout = ROOT / "tests" / "integration" / "released_layout.py"
        size = [] if options.small else ["--full"]
        subprocess.run([sys.executable, layout, COMFYUI, path, *size], check=True)
        load(path)  # the first one imports, and reads the disk
        turns = in_turns(
            lambda: _load(path, options.warm, weights.check_weight),
            lambda: _load(path, options.warm, lambda path, key, tensor: None),
            options.rounds,
        )
    for checked, plain in zip(turns.ours, turns.theirs, strict=True):
        sys.stdout.write(f"with {checked:.2f} s, without {plain:.2f} s, ratio {checked / plain:.3f}\n")
    sys.stdout.write(f"with against without: {turns}\n")
    if options.json:
        options.json.write_text(json.dumps({"with": turns.ours, "without": turns.theirs}, indent=1))


def _load(path: Path, warm: bool, check: Callable) -> None:
    with patch.object(weights, "check_weight", check):
        if not warm:
            forget(path)
        load(path)


if __name__ == "__main__":
    main()
