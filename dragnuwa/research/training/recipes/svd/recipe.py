"""DragNUWA 1.5's recipe: a frozen Stable Video Diffusion, LoRA on every linear layer of its UNet, and the adapter.

arXiv 2308.08089 describes the adapter and its training; LoRA is the released checkpoint's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from .....models.adapter import MultiscaleFusion
from ...data.clips import Clips
from ...optim import adamw
from ...recipe import Conditions, Encoded, RecipeSettings
from ...recompute import run_block
from ...svd_encoder import SvdEncoder
from ...svd_weights import DTYPES
from . import checkpoint_file as svd_file
from .lora import add_lora


@dataclass(frozen=True)
class SvdConfig:
    """The base model, and how it is trained.

    Attributes:
        path: a checkpoint of Stable Video Diffusion with its VAE and its CLIP vision model; or one of DragNUWA, to
            continue the training of its LoRA and adapter.
        rank: of LoRA; for a DragNUWA checkpoint it must be the file's.
        dtype: of the frozen UNet in memory: float32, bfloat16 or float16. The exported file has the weights of `path`.
        gradient_checkpointing: recompute each block in the backward pass instead of keeping its activations.
    """

    path: str
    rank: int = 32
    dtype: str = "bfloat16"
    gradient_checkpointing: bool = True

    def __post_init__(self):
        if self.dtype not in DTYPES:
            raise ValueError(f"svd.dtype has to be one of {', '.join(DTYPES)}, not {self.dtype!r}.")
        if self.rank < 1:
            raise ValueError(f"svd.rank has to be at least 1, not {self.rank}.")


class SvdNetwork(nn.Module):
    """The host's UNet, frozen, with LoRA, and the adapter; only LoRA and the adapter have gradients.

    The adapter acts through the host's patch for residual blocks, as it does when the host samples.
    """

    def __init__(self, unet: nn.Module, fusion: MultiscaleFusion, rank: int, gradient_checkpointing: bool):
        super().__init__()
        self.unet, self.fusion, self.gradient_checkpointing = unet.requires_grad_(False), fusion, gradient_checkpointing
        add_lora(self.unet, rank)

    def forward(self, x: Tensor, noise_level: Tensor, conditions: Conditions) -> Tensor:
        """x: `[B, T, 4, h, w]`; noise_level: `[B]`, log(sigma) / 4. Returns `[B, T, 4, h, w]`."""
        from .....host.training.networks import join_clips, run_unet
        from .....host.training.svd_parts import block_patches

        pairs = join_clips([self._run(self.fusion, flow) for flow in conditions.flow])  # one clip per call
        patches = block_patches({key: (self.fusion.head(key), *pair) for key, pair in pairs.items()}, self._run)
        return run_unet(
            self.unet,
            x,
            noise_level,
            concat=conditions.concat,
            context=conditions.context,
            numbers=conditions.numbers,
            patches=patches,
        )

    def _run(self, function: Callable, *inputs):
        return run_block(self.gradient_checkpointing, function, *inputs)

    def load_lora(self, factors: Mapping[str, Tensor]) -> None:
        """Load LoRA factors from `checkpoint_file.read`.

        Raises:
            ValueError: if they do not match LoRA of this rank on every linear layer.
        """
        expected = {key: tuple(one.shape) for key, one in self.unet.named_parameters() if one.requires_grad}
        found = {key: tuple(one.shape) for key, one in factors.items()}
        if found != expected:
            key = min(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
            raise ValueError(
                f"the LoRA of the checkpoint does not fit: {key} has to be {expected.get(key, 'absent')}, and is "
                f"{found.get(key, 'absent')}. Set rank to the checkpoint's."
            )
        self.unet.load_state_dict(factors, strict=False)


class SvdRecipe:
    """See `recipe.Recipe`. The exported file is a DragNUWA checkpoint in the released layout, LoRA not merged.

    Raises:
        CheckpointError: if the file at `config.path` is not a complete checkpoint with a VAE and a CLIP vision model.
        ValueError: if its LoRA has another rank.
    """

    def __init__(self, config: SvdConfig, settings: RecipeSettings, device: torch.device):
        from .....host.training import svd_parts

        self.config, self.settings, self.device = config, settings, device
        file = svd_file.read(config.path)
        self.num_head_channels = file.checkpoint.config.num_head_channels
        parts = svd_parts.build(file.checkpoint, DTYPES[config.dtype])
        self.encoder = SvdEncoder(parts.vae, parts.clip_vision, device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            fusion = MultiscaleFusion(file.checkpoint.config.fusion)
            self.network = SvdNetwork(parts.unet, fusion, config.rank, config.gradient_checkpointing)
        _zero_outputs(fusion)
        self._load_trained(file)

    def encode(self, clips: Clips) -> Encoded:
        return self.encoder.encode(clips)

    def decode(self, latents: Tensor) -> Tensor:
        return self.encoder.decode(latents)

    def make_optimizer(self, *, sharded: bool) -> torch.optim.Optimizer:
        return adamw(self.network, lr=self.settings.lr, weight_decay=self.settings.weight_decay)

    def load_exported(self, path: Path) -> None:
        """
        Raises:
            ValueError: if the file is not a DragNUWA checkpoint, or has another size or rank.
        """
        file = svd_file.read(path)
        if not file.checkpoint.adapter or file.checkpoint.config.fusion != self.network.fusion.config:
            raise ValueError(
                f"{path} is no start: it has no adapter, or not one of the size that {self.config.path} needs."
            )
        self._load_trained(file)

    def _load_trained(self, file: svd_file.SvdFile) -> None:
        """LoRA and adapter of the file, if it has them; a plain SVD has neither."""
        if file.factors:
            self.network.load_lora(file.factors)
        if file.checkpoint.adapter:
            self.network.fusion.load_state_dict(file.checkpoint.adapter)

    def export(self, weights: Mapping[str, Tensor], step: int) -> tuple[dict[str, Tensor], dict[str, str]]:
        parts = {"unet": {}, "fusion": {}}
        for name, value in weights.items():
            part, key = name.split(".", 1)
            parts[part][key] = value.detach().cpu()
        tensors = svd_file.write_over(svd_file.read(self.config.path), parts["unet"], parts["fusion"])
        return tensors, self.settings.metadata(self.num_head_channels, step)


def _zero_outputs(fusion: MultiscaleFusion) -> None:
    """Zero the last convolutions before gamma and beta: training starts at plain SVD, with nonzero gradients."""
    for head in fusion.config.heads:
        module = fusion.head(head.key)
        for last in (module.flow_gamma_temporal, module.flow_beta_temporal):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
