"""What the pack adds to ComfyUI's start: seconds, and modules that ComfyUI has not loaded itself.

    .venv/bin/python benchmarks/pack_import.py [--rounds 5] [--json FILE]

Each round is a process of its own that imports what ComfyUI's server imports, and then the pack as ComfyUI does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from scripts.host import find_installation  # noqa: E402

IMPORTING = """
import asyncio, importlib.util, json, sys, time
root, comfyui = sys.argv[1:]
sys.path.insert(0, comfyui)
from comfy.cli_args import args
args.cpu = True
started = time.perf_counter()
import execution, nodes, server
host, before = time.perf_counter() - started, set(sys.modules)
started = time.perf_counter()
spec = importlib.util.spec_from_file_location("pack", root + "/__init__.py", submodule_search_locations=[root])
pack = sys.modules["pack"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pack)
asyncio.run(asyncio.run(pack.comfy_entrypoint()).get_node_list())
seconds = time.perf_counter() - started
libraries = sorted({name.partition(".")[0] for name in set(sys.modules) - before} - {"pack"})
print(json.dumps({"host": host, "pack": seconds, "libraries": libraries}))
"""


def measure(comfyui: Path) -> dict:
    """One round: seconds for ComfyUI's own modules and for the pack, and the libraries that the pack brings."""
    command = [sys.executable, "-c", IMPORTING, str(ROOT), str(comfyui)]
    done = subprocess.run(command, cwd=comfyui, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rounds = [measure(find_installation().comfyui) for _ in range(options.rounds)]
    pack, host = (statistics.median(one[name] for one in rounds) for name in ("pack", "host"))
    libraries = sorted({library for one in rounds for library in one["libraries"]})
    sys.stdout.write(f"ComfyUI's modules {host:.2f} s, the pack {pack:.2f} s, ratio {pack / host:.3f}\n")
    sys.stdout.write(f"libraries that the pack brings: {', '.join(libraries) or 'none'}\n")
    if options.json:
        options.json.write_text(json.dumps(rounds, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
