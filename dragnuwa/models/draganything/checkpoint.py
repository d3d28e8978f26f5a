"""Loads DragAnything's released ControlNet: recognises it by its keys and renames them to the host's UNet layout.

It is a copy of the encoder of Stable Video Diffusion (SVD) under diffusers' names, with `ConditionEncoders` and
thirteen 1x1 convolutions through which it acts on the UNet.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from ...common.atomic import read_json
from ..weights import CheckpointError, Tensors, few, open_tensors

# How often the original adds each residual to its skip: once after every later level.
SKIP_COUNTS = (4, 4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1)
SKIPS = "controlnet_down_blocks."
CONFIG = "config.json"
DIFFUSERS_NAME = "diffusion_pytorch_model"  # of every diffusers weight file, which has its config beside it
ENDINGS = (".safetensors", ".bin", ".pth", ".pt", ".ckpt")
SOURCE = "Get it from huggingface.co/weijiawu/DragAnything."
MAX_HEADS = 1024
MAX_LEVELS = 16
# Key prefixes that identify other kinds of ControlNet.
OTHERS = (
    (("zero_convs.", "control_model.", "input_hint_block."), "a ControlNet for pictures in ComfyUI's own layout"),
    (("model.diffusion_model.",), "a whole checkpoint, not a ControlNet"),
    (("flow_blocks.",), "DragNUWA's adapter"),
    (("controlnet_blocks.", "double_blocks.", "transformer_blocks."), "a ControlNet of a diffusion transformer"),
)
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


@dataclass(frozen=True)
class Checkpoint:
    """A loaded ControlNet.

    Attributes:
        weights: under the UNet's names (`BLOCKS` below), in the file's dtype, on the CPU. The 1x1 convolutions of the
            skips are multiplied by `SKIP_COUNTS`, in float32.
        heads: attention heads per level, the last also for the middle; None if the file has no config.
    """

    weights: dict[str, torch.Tensor]
    heads: tuple[int, ...] | None


def load(path: str | os.PathLike) -> Checkpoint:
    """Loads DragAnything's ControlNet from a file or its folder, without executing any pickle.

    Args:
        path: of a `.safetensors`, `.pth`, `.bin`, `.pt` or `.ckpt` file, or of a diffusers folder with `config.json`
            and `diffusion_pytorch_model` with one of these extensions.

    Raises:
        CheckpointError: if the file cannot be read, is something else (the message says what), or is incomplete.
    """
    path = _weights_file(Path(path))
    with open_tensors(path) as tensors:
        names = _names(path, list(tensors.keys()))
        weights = {name: _folded(tensors, key, name) for key, name in names.items()}
        return Checkpoint(weights, _heads(path, tensors.metadata))


def _weights_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    if not (path / CONFIG).is_file():
        raise CheckpointError(f"The folder {path.name} has no {CONFIG}, so it is no model of diffusers. {SOURCE}")
    files = sorted(file for file in path.iterdir() if file.suffix in ENDINGS)
    preferred = [file for file in files if file.name.startswith(DIFFUSERS_NAME)] or files
    if not preferred:
        raise CheckpointError(
            f"The folder {path.name} has its {CONFIG} but no weights: {DIFFUSERS_NAME}.safetensors is missing. {SOURCE}"
        )
    return min(preferred, key=lambda file: (ENDINGS.index(file.suffix), file.name))


def _names(path: Path, keys: list[str]) -> dict[str, str]:
    """The names in the UNet's layout by the file's keys.

    Raises:
        CheckpointError: if they are not those of DragAnything's ControlNet.
    """
    expected = f"Expected DragAnything's ControlNet. {SOURCE}"
    if any(key.startswith("controlnet_cond_embedding.blocks_feature.") for key in keys):
        names = {key: unet_key(key) for key in keys}
        if strays := sorted(key for key, name in names.items() if name is None):
            raise CheckpointError(f"{path.name} has {len(strays)} keys that no part of the model uses: {few(strays)}.")
        if not any(name.startswith("input_blocks.") for name in names.values()):
            raise CheckpointError(f"{path.name} holds only the condition encoders, without the network. {expected}")
        return names
    for beginnings, what in OTHERS:
        if any(key.startswith(beginnings) for key in keys):
            raise CheckpointError(f"{path.name} is {what}. {expected}")
    if any(key.startswith(OWN) for key in keys):
        kind = "for video" if any(".temporal_" in key for key in keys) else "for pictures"
        raise CheckpointError(
            f"{path.name} is a ControlNet {kind} without DragAnything's entity encoder "
            f"(controlnet_cond_embedding.blocks_feature). {expected}"
        )
    raise CheckpointError(f"{path.name} is no ControlNet: its keys are {few(sorted(keys))}. {expected}")


def _folded(tensors: Tensors, key: str, name: str) -> torch.Tensor:
    """A weight, multiplied by how often the original adds the residual if it belongs to a skip."""
    weight = tensors.get(key)
    number = name.removeprefix(SKIPS).split(".")[0]
    if not name.startswith(SKIPS) or not number.isdecimal() or int(number) >= len(SKIP_COUNTS):
        return weight
    return weight.float() * SKIP_COUNTS[int(number)]


def _heads(path: Path, metadata: dict[str, str]) -> tuple[int, ...] | None:
    """From the config in the file's metadata, or next to a file with diffusers' name."""
    config: object = {}
    beside = path.with_name(CONFIG)
    try:
        if "config" in metadata:
            config = json.loads(metadata["config"])
        elif path.name.startswith(DIFFUSERS_NAME) and beside.is_file():
            config = read_json(beside)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"The config of {path.name} is not JSON ({error}). {SOURCE}") from None
    if not isinstance(config, dict):
        raise CheckpointError(f"The config of {path.name} is a {type(config).__name__}, not an object. {SOURCE}")
    heads = config.get("num_attention_heads")
    if heads is None:
        return None
    heads = tuple(heads) if isinstance(heads, list) else (heads,) * 4
    if not 1 <= len(heads) <= MAX_LEVELS or any(
        type(count) is not int or not 1 <= count <= MAX_HEADS for count in heads
    ):
        raise CheckpointError(
            f"The config of {path.name} should have num_attention_heads of 1 to {MAX_HEADS} for each level; found "
            f"{str(config['num_attention_heads'])[:80]}."
        )
    return heads


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
