"""Custom nodes that tests give to ComfyUI."""

import shutil
from pathlib import Path


def place(base: Path) -> None:
    """Puts them into the base directory of a ComfyUI that has not started."""
    (base / "custom_nodes").mkdir()
    for file in Path(__file__).parent.glob("[a-z]*.py"):
        shutil.copy(file, base / "custom_nodes" / f"stand_in_{file.name}")
