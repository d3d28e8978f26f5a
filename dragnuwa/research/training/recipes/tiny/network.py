"""The network of the embedded model: the host's video UNet, Multiscale Fusion, and a text encoder."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .....models.adapter import BlockKey, FusionConfig, MultiscaleFusion
from ...latents import LATENT_SCALE
from ...recipe import Conditions

VOCABULARY, TOKENS = 49408, 77  # of CLIP's tokenizer, which the host has
OVER_TIME = re.compile(r"\.time_stack(\.\d+)?$")  # layers that the host mixes with those of single frames
TEXT_LAYERS = 2
HEAD_CHANNELS = 64  # as `dragnuwa.host.fusion.load` assumes of a file


@dataclass(frozen=True)
class NetworkConfig:
    model_channels: int = 64
    channel_mult: tuple[int, ...] = (1, 2, 2)
    num_res_blocks: int = 1
    head_channels: int = 32
    context_dim: int = 48


class TextEncoder(nn.Module):
    """A newly initialised CLIP text encoder of `size` channels, under the keys of a CLIP file.

    The host runs the result with its own class, which cannot be trained because of in-place residual connections.
    """

    def __init__(self, size: int):
        super().__init__()
        from transformers import CLIPTextConfig, CLIPTextModel  # slow to import, and not needed by data workers

        config = CLIPTextConfig(
            vocab_size=VOCABULARY,
            hidden_size=size,
            intermediate_size=4 * size,
            num_hidden_layers=TEXT_LAYERS,
            num_attention_heads=max(1, size // HEAD_CHANNELS),
            max_position_embeddings=TOKENS,
            hidden_act="quick_gelu",
            bos_token_id=VOCABULARY - 2,
            eos_token_id=VOCABULARY - 1,
        )
        model = CLIPTextModel(config)
        self.text_model = getattr(model, "text_model", model)  # transformers 5 has no such level

    def forward(self, tokens: Tensor) -> Tensor:
        """Encodes CLIP tokens `[B, 77]` to the context `[B, 77, C]`: the last layer, normalised."""
        return self.text_model(input_ids=tokens).last_hidden_state


class DragNetwork(nn.Module):
    """The UNet, the adapter and the text encoder; `forward` returns the raw output for a scaled input."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        from .....host.training.networks import video_unet

        self.config = config
        self.unet = video_unet(
            model_channels=config.model_channels,
            channel_mult=config.channel_mult,
            num_res_blocks=config.num_res_blocks,
            head_channels=config.head_channels,
            context_dim=config.context_dim,
        )
        self.fusion = MultiscaleFusion(
            FusionConfig.for_unet(config.model_channels, config.channel_mult, config.num_res_blocks)
        )
        self.text = TextEncoder(config.context_dim)
        self._modulation: dict[BlockKey, tuple[Tensor, Tensor]] = {}  # gamma and beta during a call
        self._frames, self._context = 1, None  # of a call; the context is [B, L, C]
        _initialise(self.unet)
        for head in self.fusion.config.heads:
            blocks = self.unet.input_blocks if head.part == "input" else self.unet.output_blocks
            blocks[head.block][0].in_layers.register_forward_hook(self._fuse(head.key))
        for name, layer in self.unet.named_modules():
            if OVER_TIME.search(name):
                layer.register_forward_hook(self._leave_out_of_pictures)
            if ".time_stack." in name and name.endswith(".attn2"):
                layer.register_forward_pre_hook(self._join_positions, with_kwargs=True)
                layer.register_forward_hook(self._split_positions)

    def forward(self, x: Tensor, noise_level: Tensor, conditions: Conditions) -> Tensor:
        """x: `[B, T, 4, h, w]`; noise_level: `[B]`, log(sigma) / 4. Returns `[B, T, 4, h, w]`."""
        from .....host.training.networks import run_unet

        self._modulation = self._of_drags(conditions.flow)
        context = conditions.context
        if context is None:
            context = self.text(conditions.tokens)  # [B, 77, C]
        self._frames, self._context = x.shape[1], context
        out = run_unet(
            self.unet,
            x,
            noise_level,
            concat=conditions.concat,
            context=context,
            numbers=conditions.numbers,
            pictures=self._frames == 1,
        )
        self._modulation, self._context = {}, None
        return out

    def _of_drags(self, flow: Tensor) -> dict[BlockKey, tuple[Tensor, Tensor]]:
        """Gamma and beta `[B T, C, h, w]` for flow `[B, T, 2, H, W]`. Clips without drags have the same, computed
        once."""
        moving = flow.flatten(1).any(1).tolist()
        if all(moving):
            return self.fusion(flow.flatten(0, 1), len(flow))
        chosen = [moving.index(False), *(place for place, moves in enumerate(moving) if moves)]
        order = {place: row for row, place in enumerate(chosen)}
        rows = torch.tensor([order.get(place, 0) for place in range(len(flow))], device=flow.device)
        made = self.fusion(flow[chosen].flatten(0, 1), len(chosen))
        return {
            key: tuple(one.unflatten(0, (len(chosen), -1))[rows].flatten(0, 1) for one in both)
            for key, both in made.items()
        }

    def _fuse(self, key: BlockKey):
        def hook(module: nn.Module, inputs: tuple, h: Tensor) -> Tensor:
            return self.fusion.head(key).fuse(h, *self._modulation[key])

        return hook

    def _leave_out_of_pictures(self, module: nn.Module, inputs: tuple, out: Tensor) -> Tensor:
        """Single pictures do not train the temporal layers, as in joint training on videos and pictures (arXiv
        2204.03458, section 4), so that learned motion is kept. The host multiplies `out` by 0 in that case."""
        return out.detach() if self._frames == 1 else out

    def _join_positions(self, module: nn.Module, inputs: tuple[Tensor], named: dict) -> tuple[tuple[Tensor], dict]:
        """In the host's temporal cross attention, each pixel of a clip has its own copy of the text. Since all copies
        are equal, the pixels are joined to one sequence here: the same result in a fraction of the time."""
        (x,) = inputs  # [B S, T, C]
        return (x.reshape(len(self._context), -1, x.shape[-1]),), {**named, "context": self._context}

    def _split_positions(self, module: nn.Module, inputs: tuple[Tensor], out: Tensor) -> Tensor:
        return out.reshape(-1, self._frames, out.shape[-1])  # [B S, T, C]


def _initialise(unet: nn.Module) -> None:
    """Zero residual branches and the output, and scale the input weights of the raw start latents to the others."""
    with torch.no_grad():
        for name, layer in unet.named_modules():
            if name.endswith(("out_layers.3", "proj_out")) or name == "out.2":
                layer.weight.zero_()
                layer.bias.zero_()
        unet.input_blocks[0][0].weight[:, 4:].mul_(LATENT_SCALE)
