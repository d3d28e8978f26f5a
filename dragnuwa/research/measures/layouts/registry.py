"""The benchmarks of results that `bench` measures and `generate` makes, by name."""

from __future__ import annotations

from pathlib import Path

from ....common.errors import InputError
from ..cases import Choices, Layout
from .dragbench import DragBench
from .magicbench import MagicBench
from .movebench import MoveBench
from .vipseg import VipSeg

LAYOUTS = {"vipseg": VipSeg, "movebench": MoveBench, "magicbench": MagicBench, "dragbench": DragBench}


def opened(name: str, folder: Path, choices: Choices) -> Layout:
    """
    Raises:
        InputError: if the folder is not laid out as the benchmark is.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}. Give the one that the benchmark was unpacked to.")
    return LAYOUTS[name](folder, choices)
