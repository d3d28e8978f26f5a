"""The log of a run: metrics as lines of JSON, and metrics and preview pictures for TensorBoard."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)


class MetricsLog:
    """`out`/metrics.jsonl and `out`/tensorboard, continued after `step`: later entries of a killed run are removed.

    Does nothing unless `active`, which it is in one process only.
    """

    def __init__(self, out: Path, step: int, *, active: bool = True):
        self.path, self.board = out / "metrics.jsonl", None
        if not active:
            return
        from torch.utils.tensorboard import SummaryWriter

        out.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            lines = self.path.read_text().splitlines(keepends=True)
            kept = [line for line in lines if (at := _step(line)) is not None and at <= step]
            if len(kept) < len(lines):
                self.path.write_text("".join(kept))
        self.board = SummaryWriter(str(out / "tensorboard"), purge_step=step + 1)

    def write(self, step: int, values: dict[str, float]) -> None:
        if self.board is None:
            return
        log.info("step %d %s", step, " ".join(f"{name} {value:.4g}" for name, value in values.items()))
        with open(self.path, "a") as file:
            file.write(json.dumps({"step": step, "time": time.time(), **values}) + "\n")
        for name, value in values.items():
            self.board.add_scalar(name, value, step)

    def write_image(self, step: int, sheet: np.ndarray) -> None:
        """sheet: uint8 `[H, W, 3]`."""
        if self.board is not None:
            self.board.add_image("samples", sheet, step, dataformats="HWC")

    def close(self) -> None:
        if self.board is not None:
            self.board.close()


def _step(line: str) -> int | None:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return None  # an incomplete line of a killed run
