"""Converts weight names between the released ControlNet (diffusers) and Stable Video Diffusion's UNet."""

from __future__ import annotations

from collections.abc import Mapping

LEVELS, RESIDUALS = 4, 2  # of the encoder, and residual blocks in each level
# Prefix in the released file -> prefix in the UNet.
BLOCKS = {
    "conv_in.": "input_blocks.0.0.",
    **{f"time_embedding.linear_{n}.": f"time_embed.{2 * n - 2}." for n in (1, 2)},
    **{f"add_embedding.linear_{n}.": f"label_emb.0.{2 * n - 2}." for n in (1, 2)},
    **{
        f"down_blocks.{level}.{part}.{i}.": f"input_blocks.{1 + 3 * level + i}.{place}."
        for level in range(LEVELS)
        for i in range(RESIDUALS)
        for place, part in enumerate(("resnets", "attentions"))
    },
    **{f"down_blocks.{level}.downsamplers.0.conv.": f"input_blocks.{3 * level + 3}.0.op." for level in range(LEVELS)},
    **{f"mid_block.resnets.{i}.": f"middle_block.{2 * i}." for i in range(RESIDUALS)},
    "mid_block.attentions.0.": "middle_block.1.",
}
# Within each half of a residual block.
HALF = {
    "norm1.": "in_layers.0.",
    "conv1.": "in_layers.2.",
    "time_emb_proj.": "emb_layers.1.",
    "norm2.": "out_layers.0.",
    "conv2.": "out_layers.3.",
    "conv_shortcut.": "skip_connection.",
}
# Within a block, by the substring that identifies its kind.
INSIDE = {
    ".resnets.": {f"spatial_res_block.{name}": place for name, place in HALF.items()}
    | {f"temporal_res_block.{name}": f"time_stack.{place}" for name, place in HALF.items()},
    ".attentions.": {
        "temporal_transformer_blocks.": "time_stack.",
        "time_pos_embed.linear_1.": "time_pos_embed.0.",
        "time_pos_embed.linear_2.": "time_pos_embed.2.",
    },
}
TO_UNET = BLOCKS | {
    block + name: place + inner
    for block, place in BLOCKS.items()
    for kind, names in INSIDE.items()
    if kind in block
    for name, inner in names.items()
}
TO_RELEASED = {place: name for name, place in TO_UNET.items()}
# Layers without a counterpart in the UNet, which keep their names.
OWN = ("controlnet_cond_embedding.", "controlnet_down_blocks.", "controlnet_mid_block.")


def unet_key(key: str) -> str | None:
    """The name of a weight in the UNet's layout; the same for those of `OWN`; None for a key of another network."""
    return _renamed(key, TO_UNET)


def released_key(key: str) -> str | None:
    """The inverse of `unet_key`."""
    return _renamed(key, TO_RELEASED)


def _renamed(key: str, beginnings: Mapping[str, str]) -> str | None:
    if key.startswith(OWN):
        return key
    dots = (place for place in range(len(key), 0, -1) if key[place - 1] == ".")
    longest = next((key[:place] for place in dots if key[:place] in beginnings), None)
    return None if longest is None else beginnings[longest] + key[len(longest) :]
