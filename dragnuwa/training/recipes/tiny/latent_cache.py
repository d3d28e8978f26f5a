"""A cache of latents: encoding a clip costs more than training on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .autoencoder import DOWN

CHANNELS = 4


class LatentStore:
    """Latents of scenes by (bucket, number), kept on disk; a lost file only costs time.

    Several processes of one machine may share a folder: what they write is the same.
    """

    def __init__(self, folder: Path, frames: int, capacity: int = 200_000):
        self.folder, self.frames, self.capacity = folder, frames, capacity
        self.records: dict[int, np.ndarray] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, bucket: int, number: int, height: int, width: int, encode: Callable[[], Tensor]) -> Tensor:
        """`[T + 1, 4, height / 8, width / 8]` float32 on the CPU, as rounded to float16.

        `encode` gives it where it is not known. All of a bucket's clips have one size.
        """
        shape = self.frames + 1, CHANNELS, height // DOWN, width // DOWN
        if number >= self.capacity:
            return encode().half().float().cpu()
        records = self._records(bucket, height, width)
        if not records[number, 0]:
            records[number, 1:] = encode().half().cpu().numpy().ravel()
            records[number, 0] = 1  # last, so that a kill leaves no half record
        return torch.from_numpy(records[number, 1:].astype(np.float32)).view(shape)

    def _records(self, bucket: int, height: int, width: int) -> np.ndarray:
        if bucket not in self.records:
            length = 1 + (self.frames + 1) * CHANNELS * (height // DOWN) * (width // DOWN)
            path = self.folder / f"{bucket}-{height}x{width}-{self.frames}.f16"
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                os.ftruncate(opened, self.capacity * length * 2)  # a sparse file
            finally:
                os.close(opened)
            self.records[bucket] = np.memmap(path, np.float16, "r+", shape=(self.capacity, length))
        return self.records[bucket]
