"""What is noted of a run: a line of JSON for each entry in `metrics.jsonl`, and the same for TensorBoard."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

log = logging.getLogger(__name__)


class Curves:
    """`out`/metrics.jsonl and `out`/tensorboard, from `step` on: what a killed run noted after it is removed.

    Does nothing where `active` is false, which it is in all processes but one.
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

    def note(self, step: int, values: dict[str, float]) -> None:
        if self.board is None:
            return
        log.info("step %d %s", step, " ".join(f"{name} {value:.4g}" for name, value in values.items()))
        with open(self.path, "a") as file:
            file.write(json.dumps({"step": step, "time": time.time(), **values}) + "\n")
        for name, value in values.items():
            self.board.add_scalar(name, value, step)

    def picture(self, step: int, sheet: np.ndarray) -> None:
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
        return None  # cut off by a kill


def shares(losses: Tensor, sigmas: Tensor, every: Tensor) -> Tensor:
    """What clips add to a step's loss and to its parts of low and high noise: `[3]`, whose sum over all of a step's
    clips are the means. losses, sigmas: `[b]`; every: `[B]`, the sigmas of the whole step."""
    order = every.argsort(stable=True)
    half = len(every) // 2
    border = every[order[half]]
    low = sigmas < border
    return torch.stack(
        [
            losses.sum() / len(every),
            losses[low].sum() / max(1, half),
            losses[~low].sum() / max(1, len(every) - half),
        ]
    )
