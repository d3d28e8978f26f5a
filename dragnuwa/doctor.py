"""`python -m dragnuwa.doctor`: what this installation has and lacks, for a bug report. Works without a running ComfyUI.

Run it in the pack's folder, with the Python that runs ComfyUI. DragNUWA Doctor is the same as a node.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .common.errors import InputError

PACK = Path(__file__).parents[1]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.doctor",
        description="Print versions, packages, model files and problems of this installation, for a bug report.",
    )
    parser.add_argument("--comfyui", type=Path, help="ComfyUI's folder, where the pack is not in its custom_nodes")
    comfyui = parser.parse_args(arguments).comfyui or PACK.parents[1]
    try:
        check(comfyui)
    except InputError as error:
        sys.exit(f"error: {error}")
    sys.path.insert(0, str(comfyui))
    from .host.doctor import read_model_folders, report

    read_model_folders(comfyui)
    sys.stdout.write(report(PACK) + "\n")


def check(comfyui: Path) -> None:
    if not (comfyui / "folder_paths.py").is_file():
        raise InputError(f"There is no ComfyUI in {comfyui}. Run this in custom_nodes/{PACK.name}, or name --comfyui.")


if __name__ == "__main__":
    main()
