"""The seam between the engine, which trains, and a recipe, which says what is trained and how clips become its input.

The engine (`engine.py`) reads clips, draws noise, computes the loss, steps, averages, saves and logs. A recipe has the
network, the frozen encoders, the optimiser, and the layout of the file that comes out. `tiny.py` trains the embedded
model from nothing, `svd.py` trains DragNUWA 1.5's additions on a Stable Video Diffusion.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from .recipes.tiny.network import Conditions

AUGMENTATION = 0.02  # noise on the start picture's pixels of 0..1, as the host adds it: the default of the pack's nodes


@dataclass(frozen=True)
class Clips:
    """`B` clips of `T` frames as a data worker makes them, on the CPU.

    Attributes:
        frames: uint8 `[B, T, H, W, 3]` RGB.
        flow: float32 `[B, T, 2, H, W]` drag maps; zero where the drags are dropped.
        captions: one a clip; empty where there is none.
        keep_picture: bool `[B]`, false where the start picture is dropped.
        keep_text: bool `[B]`, false where the text is dropped.
        fps: float32 `[B]`, frames per second.
        motion_bucket: float32 `[B]`.
        seeds: one a clip, below 2**63: all chance in encoding it comes from its seed, so that it is encoded the same
            each time.
        scenes: (bucket, number) of each clip, by which a latent cache knows it; None for clips out of videos.
    """

    frames: Tensor
    flow: Tensor
    captions: tuple[str, ...]
    keep_picture: Tensor
    keep_text: Tensor
    fps: Tensor
    motion_bucket: Tensor
    seeds: tuple[int, ...]
    scenes: tuple[tuple[int, int], ...] | None = None

    def __len__(self) -> int:
        return len(self.captions)

    @classmethod
    def join(cls, parts: Sequence[Clips]) -> Clips:
        """Clips of one size, one after the other."""
        joined = {}
        for field in fields(cls):
            values = [getattr(part, field.name) for part in parts]
            if values[0] is None:
                joined[field.name] = None
            elif isinstance(values[0], Tensor):
                joined[field.name] = torch.cat(values)
            else:
                joined[field.name] = tuple(item for value in values for item in value)
        return cls(**joined)


@dataclass(frozen=True)
class Encoded:
    """What the network is trained on: latents `[B, T, 4, h, w]` of variance about 1 (the model's space: the VAE's times
    its scale factor), and what it is told; float32, on the recipe's device."""

    latents: Tensor
    conditions: Conditions


@dataclass(frozen=True)
class Settings:
    """What a recipe has to know of the run.

    Attributes:
        frames: of a clip.
        kernel_size: of the drag maps, px.
        sigma: of the drag maps, px.
        lr: the optimiser's first rate (Muon's or Adam's).
        adam_lr: AdamW's rate for what Muon does not take.
        weight_decay: of the optimiser.
        run: the whole configuration as JSON values, for the exported file's metadata.
    """

    frames: int
    kernel_size: int
    sigma: float
    lr: float
    adam_lr: float
    weight_decay: float
    run: dict

    def metadata(self, num_head_channels: int, step: int) -> dict[str, str]:
        """Of an exported file: what the loader and the evaluation read, and the whole configuration."""
        described = {
            "num_head_channels": num_head_channels,
            "kernel_size": self.kernel_size,
            "sigma": self.sigma,
            "frames": self.frames,
            "steps": step,
            "training": self.run,
        }
        return {"config": json.dumps(described)}


class Recipe(Protocol):
    """What is trained. Made by `Kind(config, settings, device)`, which puts its frozen encoders on `device`.

    Attributes:
        network: `network(x [B, T, 4, h, w], noise_level [B], conditions) -> [B, T, 4, h, w]`, the raw output for a
            scaled input as in `edm.py`; noise_level is log(sigma) / 4. Its parameters with `requires_grad` are trained,
            averaged and saved; the others are saved nowhere. All trained parameters are used in each call, inside of
            `forward` (several processes find their gradients by it). The engine moves it to the device.
    """

    network: nn.Module

    def encode(self, clips: Clips) -> Encoded:
        """Through the frozen encoders; called without gradients and under the run's autocast. Depends on the clips
        alone, each by itself."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """From latents `[T, 4, h, w]` in the model's space to pictures `[T, 3, H, W]` float32 of 0..1."""
        ...

    def make_optimizer(self, *, sharded: bool) -> torch.optim.Optimizer:
        """For the trained parameters of `network`, called once, before the engine prepares both. The engine scales the
        `lr` of its `param_groups` by the run's schedule.

        Raises:
            ValueError: where `sharded` (FSDP) and the optimiser needs whole matrices.
        """
        ...

    def load_exported(self, path: Path) -> None:
        """Starts from the trained weights in a file that `export` wrote; optimiser and step begin anew."""
        ...

    def export(self, weights: Mapping[str, Tensor], step: int) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Tensors in the released key layout and `Settings.metadata`. `weights`: the averaged trained parameters by
        their name in `network`, and its buffers."""
        ...
