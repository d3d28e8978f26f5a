"""The interface between the engine, which trains, and a recipe, which defines what is trained and its input.

The engine (`engine.py`) reads clips, draws noise, computes the loss, takes steps, averages, saves and logs. A recipe
has the network, the frozen encoders, the optimiser, and the layout of the exported file. `recipes/tiny` trains the
embedded model from scratch, `recipes/svd` trains DragNUWA 1.5's additions on a Stable Video Diffusion, and
`recipes/draganything` DragAnything's ControlNet on one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from .data.clips import Clips


@dataclass(frozen=True)
class EntityMaps:
    """DragAnything's conditions, of `B` clips.

    Attributes:
        heat: uint8 `[B, T, H, W]`.
        label: uint8 `[B, T, H, W]`, 0 where there is no entity, i + 1 where entity i lies.
        vectors: `[B, N, 160]`, features of each entity.
    """

    heat: Tensor
    label: Tensor
    vectors: Tensor


@dataclass(frozen=True)
class Conditions:
    """What the network is conditioned on, for `B` clips of `T` frames.

    Attributes:
        concat: `[B, 4, h, w]`, latent of the start picture from the host's VAE (not scaled); zero without a picture.
        context: `[B, L, C]`; zero without one. None if the network has its own text encoder.
        flow: `[B, T, 2, H, W]`, drag maps.
        numbers: `[B, 768]`, SVD's frame rate less one, motion bucket and augmentation as the host embeds them.
        tokens: `[B, 77]`, of the caption, for a network with a text encoder.
        entities: for a network with `entity_maps`.
    """

    concat: Tensor
    context: Tensor | None
    flow: Tensor
    numbers: Tensor
    tokens: Tensor | None = None
    entities: EntityMaps | None = None


@dataclass(frozen=True)
class Encoded:
    """The network's training input, float32 on the recipe's device.

    Attributes:
        latents: `[B, T, 4, h, w]` of variance about 1 (the model's space: the VAE's times its scale factor).
        conditions: of the clips.
        weight: `[B, T, 1, h, w]`, per-pixel weight of the error; None for uniform weights.
    """

    latents: Tensor
    conditions: Conditions
    weight: Tensor | None = None


@dataclass(frozen=True)
class RecipeSettings:
    """The settings of a run that its recipe needs.

    Attributes:
        frames: of a clip.
        kernel_size: of the drag maps, px.
        sigma: of the drag maps, px.
        lr: learning rate of the optimiser (Muon or Adam).
        adam_lr: learning rate of AdamW for the parameters that Muon does not support.
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
        """Metadata of an exported file: what the loader and the evaluation read, and the whole configuration."""
        config = {
            "num_head_channels": num_head_channels,
            "kernel_size": self.kernel_size,
            "sigma": self.sigma,
            "frames": self.frames,
            "steps": step,
            "training": self.run,
        }
        return {"config": json.dumps(config)}


class Recipe(Protocol):
    """Defines what is trained. Built by `RunConfig.build`, with its frozen encoders on the device of the run.

    Attributes:
        network: `network(x [B, T, 4, h, w], noise_level [B], conditions) -> [B, T, 4, h, w]`, the raw output for a
            scaled input as in `loss.py`; noise_level is log(sigma) / 4. Its parameters with `requires_grad` are
            trained, averaged and saved; the others are not saved. Every call uses all trained parameters inside of
            `forward`, which distributed training requires; only short clips may leave some of them unused. The engine
            moves it to the device.
    """

    network: nn.Module

    def encode(self, clips: Clips) -> Encoded:
        """Applies the frozen encoders; called without gradients and under the run's autocast. Each clip's result
        depends only on that clip."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """Decodes latents `[T, 4, h, w]` in the model's space to pictures `[T, 3, H, W]` float32 from 0 to 1."""
        ...

    def make_optimizer(self, *, sharded: bool) -> torch.optim.Optimizer:
        """For the trained parameters of `network`, called once, before the engine prepares both. The engine scales the
        `lr` of its `param_groups` by the run's schedule.

        Raises:
            ValueError: if `sharded` (FSDP) and the optimiser needs whole matrices.
        """
        ...

    def load_exported(self, path: Path) -> None:
        """Load the trained weights of a file that `export` wrote."""
        ...

    def export(self, weights: Mapping[str, Tensor], step: int) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Tensors in the released key layout, and `RecipeSettings.metadata`. `weights`: the averaged trained parameters
        by their names in `network`, and its buffers."""
        ...
