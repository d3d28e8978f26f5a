"""Names of the released ControlNet's weights (diffusers) in the layout of Stable Video Diffusion's own UNet."""

from __future__ import annotations

import re
from collections.abc import Callable

# In a residual block, for its spatial and its temporal half.
RESIDUAL = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
# Where a key begins -> where it begins in the UNet, from the numbers in it. A level has two residual blocks.
PLACES: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"conv_in\.", lambda: "input_blocks.0.0."),
    (r"time_embedding\.linear_([12])\.", lambda n: f"time_embed.{2 * n - 2}."),
    (r"add_embedding\.linear_([12])\.", lambda n: f"label_emb.0.{2 * n - 2}."),
    (r"down_blocks\.(\d)\.resnets\.([01])\.", lambda level, i: f"input_blocks.{1 + 3 * level + i}.0."),
    (r"down_blocks\.(\d)\.attentions\.([01])\.", lambda level, i: f"input_blocks.{1 + 3 * level + i}.1."),
    (r"down_blocks\.(\d)\.downsamplers\.0\.conv\.", lambda level: f"input_blocks.{3 * level + 3}.0.op."),
    (r"mid_block\.resnets\.([01])\.", lambda i: f"middle_block.{2 * i}."),
    (r"mid_block\.attentions\.0\.", lambda: "middle_block.1."),
)
# What has no counterpart in the UNet, and keeps its names.
OWN = ("controlnet_cond_embedding.", "controlnet_down_blocks.", "controlnet_mid_block.")


def unet_key(key: str) -> str | None:
    """The name of a weight in the UNet's layout; the same for those of `OWN`; None for a key of another network."""
    if key.startswith(OWN):
        return key
    for pattern, place in PLACES:
        if match := re.match(pattern, key):
            return place(*map(int, match.groups())) + _inside(key[match.end() :])
    return None


def _inside(name: str) -> str:
    """A name within a block."""
    name = re.sub(r"^temporal_res_block\.", "time_stack.", name.removeprefix("spatial_res_block."))
    name = re.sub(r"^(time_stack\.)?(\w+)(?=\.)", _residual, name)
    name = name.replace("temporal_transformer_blocks.", "time_stack.", 1)
    return re.sub(r"^time_pos_embed\.linear_([12])", lambda match: f"time_pos_embed.{2 * int(match[1]) - 2}", name)


def _residual(match: re.Match) -> str:
    return (match[1] or "") + RESIDUAL.get(match[2], match[2])
