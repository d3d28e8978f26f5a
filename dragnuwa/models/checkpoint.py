"""Loads DragNUWA checkpoints: recognises them by their keys, merges LoRA, and splits them into base and adapter.

A released file is Stable Video Diffusion with three additions: LoRA on every linear layer of the UNet, a flow pyramid
and fusion heads. With LoRA merged and the rest removed it is plain SVD, which the host can load; the pyramid and the
heads belong to `dragnuwa.adapter`.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import torch

from .adapter import FusionConfig, MultiscaleFusion
from .weights import CheckpointError, Tensors, check_weight, few, open_tensors

UNET = "model.diffusion_model."
SECTIONS = (UNET, "first_stage_model.", "conditioner.", "cond_stage_model.")
# A VAE file may contain other keys, such as a discriminator, which only its training needs.
VAE_PARTS = ("encoder.", "decoder.", "taesd_", "vae_", "quant_conv.", "post_quant_conv.")
IGNORED = ("guassian_filter.weight",)  # sic, in the released file; `flow.encode` computes the blur itself
ADAPTER_KEY = re.compile(r"flow_blocks\.|(input|output)_blocks\.\d+\.0\.flow_")
FACTORS = (".lora_down.weight", ".lora_up.weight")
LINEAR = (".linear.weight", ".linear.bias")
LORA_KEY = re.compile(r"lora_(up|down|A|B)\b|\.lora\.")
RELEASED = "drag_nuwa_svd.pth or dragnuwa-svd-pruned.fp16.safetensors"
CHANNELS_PER_HEAD = 64  # SVD's; it cannot be inferred from the weights


@dataclass(frozen=True)
class CheckpointConfig:
    """The model's shape, from the weights and the file's metadata.

    Attributes:
        fusion: the adapter's shape.
        num_head_channels: channels of an attention head of the UNet.
        metadata: the file's `config`, verbatim.
    """

    fusion: FusionConfig
    num_head_channels: int = CHANNELS_PER_HEAD
    metadata: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint.

    Attributes:
        base: weights under plain SVD keys, LoRA merged, in the file's dtype, on the CPU.
        adapter: weights of `MultiscaleFusion`, keys without `model.diffusion_model.`.
        config: the model's shape.
    """

    base: dict[str, torch.Tensor]
    adapter: dict[str, torch.Tensor]
    config: CheckpointConfig


@dataclass(frozen=True)
class Adapter:
    """A loaded adapter.

    Attributes:
        weights: of `MultiscaleFusion`, in the file's dtype, on the CPU.
        config: the model's shape.
    """

    weights: dict[str, torch.Tensor]
    config: CheckpointConfig


@dataclass(frozen=True)
class Layout:
    """The role of each key in a DragNUWA checkpoint, without `IGNORED` ones.

    Attributes:
        base: maps plain SVD keys to the file's (`X.weight` to `X.linear.weight`).
        adapter: maps keys of `MultiscaleFusion` to the file's.
        lora: names of the linear layers `X` with LoRA in the file.
    """

    base: dict[str, str]
    adapter: dict[str, str]
    lora: tuple[str, ...]


def load(path: str | os.PathLike, *, merged_dtype: torch.dtype | None = None) -> Checkpoint:
    """Loads a DragNUWA checkpoint from a `.safetensors`, `.pth`, `.pt` or `.ckpt` file, without executing any pickle.

    The file is recognised by its keys and shapes, never by its name. Tensors are streamed: besides the result, only one
    tensor at a time is held in memory.

    Args:
        path: of the file.
        merged_dtype: of the weights with merged LoRA; the file's dtype by default. Choose the dtype in which the model
            will run if that is wider, since the sums of a float16 file are not exact in float16.

    Raises:
        CheckpointError: if the file cannot be read, is something else (the message says what), or has unknown keys.
    """
    path = Path(path)
    with open_tensors(path) as tensors:
        layout = read_layout(tensors)
        merged = {f"{layer}.weight": layer for layer in layout.lora}
        base = {
            key: _merge(tensors, merged[key], merged_dtype) if key in merged else tensors.get(source)
            for key, source in layout.base.items()
        }
        adapter = {name: tensors.get(key) for name, key in layout.adapter.items()}
        config = read_config(path, adapter, tensors.metadata)
    return Checkpoint(base, adapter, config)


def load_adapter(path: str | os.PathLike) -> Adapter:
    """Loads an adapter-only file, as written by `python -m dragnuwa.convert`.

    Raises:
        CheckpointError: if the file cannot be read, is something else (the message says what), or is incomplete.
    """
    path = Path(path)
    with open_tensors(path) as tensors:
        keys = list(tensors.keys())
        _recognise_adapter(path, keys)
        weights = {key: tensors.get(key) for key in keys}
        return Adapter(weights, read_config(path, weights, tensors.metadata))


def read_layout(tensors: Tensors) -> Layout:
    """Classifies the keys of a file.

    Raises:
        CheckpointError: if this is not a DragNUWA checkpoint, part of a LoRA is missing, or a weight appears twice.
    """
    path, keys = tensors.path, list(tensors.keys())
    _recognise(path, set(keys))
    lora = _lora_layers(path, keys)
    base, adapter = {}, {}
    for key in keys:
        name, layer = key.removeprefix(UNET), _layer(key)
        if key in IGNORED:
            continue
        if key.startswith(UNET) and ADAPTER_KEY.match(name):
            adapter[name] = key
            continue
        if layer in lora and key.endswith(FACTORS):
            continue
        plain = f"{layer}.{key.rpartition('.')[2]}" if layer in lora and key.endswith(LINEAR) else key
        if plain in base:
            raise CheckpointError(f"{path.name} has {plain} twice, with LoRA and without. Get the file again.")
        base[plain] = key
    return Layout(base, adapter, tuple(lora))


def _layer(key: str) -> str:
    """`X` of `X.linear.weight`, `X.lora_up.weight` and the like."""
    return key.rsplit(".", 2)[0]


def read_lora(tensors: Tensors, layer: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A linear layer's weight `[out, in]`, and its LoRA's up `[out, r]` and down `[r, in]`.

    Raises:
        CheckpointError: if their shapes do not match.
    """
    linear, down, up = (tensors.get(layer + part) for part in (LINEAR[0], *FACTORS))
    if linear.ndim != 2 or up.shape != (linear.shape[0], *down.shape[:1]) or down.shape[1:] != linear.shape[1:]:
        shapes = ", ".join(str(list(part.shape)) for part in (linear, up, down))
        raise CheckpointError(
            f"{tensors.path.name}: the shapes of {layer}'s linear weight, lora_up and lora_down do not fit together: "
            f"{shapes}. Expected [out, in], [out, r] and [r, in]. The file is damaged; get it again."
        )
    return linear, up, down


def _merge(tensors: Tensors, layer: str, dtype: torch.dtype | None) -> torch.Tensor:
    """`linear + lora_up @ lora_down` (scale 1), summed in float32."""
    linear, up, down = read_lora(tensors, layer)
    summed = linear.to(torch.float32, copy=True)  # never write to the memory-mapped file
    merged = summed.addmm_(up.float(), down.float()).to(dtype or linear.dtype)
    if merged.dtype == torch.float16:  # a sum of finite numbers may overflow it
        check_weight(tensors.path, f"{layer}.weight (LoRA merged)", merged)
    return merged


def _lora_layers(path: Path, keys: list[str]) -> dict[str, None]:
    """The linear layers with LoRA, in the file's order. Each needs its linear weight and both factors."""
    layers = {_layer(key): None for key in keys if key.startswith(UNET) and ".lora_" in key}
    present = set(keys)
    needed = [layer + part for layer in layers for part in (LINEAR[0], *FACTORS)]
    if missing := sorted(key for key in needed if key not in present):
        raise CheckpointError(
            f"{path.name} has LoRA layers without all of their parts: missing {few(missing)}. "
            "The file is incomplete; get it again."
        )
    return layers


def _recognise(path: Path, keys: set[str]) -> None:
    """Raises unless this is a DragNUWA checkpoint; the message says what it is instead."""
    expected = f"Expected a DragNUWA checkpoint such as {RELEASED}."
    unet = any(key.startswith(UNET) for key in keys)
    flow = any(key.startswith(f"{UNET}flow_blocks.") for key in keys)
    lora = any(map(LORA_KEY.search, keys))
    if not unet and lora:
        raise CheckpointError(f"{path.name} is a LoRA file: it holds no model of its own. {expected}")
    if not unet:
        raise CheckpointError(
            f"{path.name} holds no diffusion model: no key begins with {UNET!r}; "
            f"its keys are {few(sorted(keys))}. {expected}"
        )
    if not flow and any(".time_stack." in key for key in keys):
        raise CheckpointError(
            f"{path.name} is plain Stable Video Diffusion, without DragNUWA's flow pyramid ({UNET}flow_blocks). "
            f"{expected} Plain SVD loads with ComfyUI's Image Only Checkpoint Loader."
        )
    if not flow:
        raise CheckpointError(
            f"{path.name} is a checkpoint of another model: it has a UNet, but neither SVD's layers over time nor "
            f"DragNUWA's flow pyramid. {expected}"
        )
    if strays := sorted(key for key in keys if not key.startswith(SECTIONS) and key not in IGNORED):
        raise CheckpointError(
            f"{path.name} has {len(strays)} keys that no part of the model uses: {few(strays)}. "
            f"Keys must begin with one of {', '.join(SECTIONS)}."
        )


def _recognise_adapter(path: Path, keys: list[str]) -> None:
    """Raises unless this is an adapter-only file; the message says what it is and what to do."""
    expected = "choose the adapter that python -m dragnuwa.convert wrote"
    if any(key.startswith(f"{UNET}flow_blocks.") for key in keys):
        raise CheckpointError(
            f"{path.name} is a whole DragNUWA checkpoint: load it with DragNUWA Load Checkpoint, or split it with "
            "python -m dragnuwa.convert."
        )
    if any(key.startswith(UNET) for key in keys):
        raise CheckpointError(f"{path.name} is a whole checkpoint of another model: {expected}.")
    if any(map(LORA_KEY.search, keys)):
        raise CheckpointError(f"{path.name} is a LoRA: load it with ComfyUI's Load LoRA, and here {expected}.")
    if any(key.startswith("controlnet_cond_embedding.") for key in keys):
        raise CheckpointError(
            f"{path.name} is a ControlNet: put DragAnything's into models/controlnet and load it with DragAnything "
            f"Load ControlNet, and here {expected}."
        )
    if not any(map(ADAPTER_KEY.match, keys)):
        raise CheckpointError(
            f"{path.name} is something other than DragNUWA's adapter, with keys such as {few(sorted(keys))}: "
            f"{expected}."
        )


def read_config(path: Path, adapter: dict[str, torch.Tensor], metadata: dict[str, str]) -> CheckpointConfig:
    """The shape, after checking that the adapter has exactly the weights of a network of this shape."""
    try:
        fusion = FusionConfig.from_state_dict(adapter)
        network = MultiscaleFusion(fusion, device="meta")
    except (ValueError, IndexError) as error:
        raise CheckpointError(f"{path.name}: {error} The file is incomplete; get it again.") from error
    wanted = {name: tuple(w.shape) for name, w in network.state_dict().items()}
    found = {name: tuple(w.shape) for name, w in adapter.items()}
    if found != wanted:
        differ = [f"{n}: expected {wanted.get(n)}, found {found.get(n)}" for n in sorted(wanted.keys() | found.keys())
                  if wanted.get(n) != found.get(n)]  # fmt: skip
        raise CheckpointError(f"{path.name}: {len(differ)} keys of the adapter do not fit its shape: {few(differ)}.")
    return CheckpointConfig(fusion, *read_metadata(path, metadata))


def read_metadata(path: Path, metadata: dict[str, str]) -> tuple[int, dict]:
    if "config" not in metadata:
        return CHANNELS_PER_HEAD, {}
    try:
        config = json.loads(metadata["config"])
        heads = config.get("num_head_channels", CHANNELS_PER_HEAD)
    except (ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path.name}: its metadata 'config' is not a JSON object ({error}).") from None
    if type(heads) is not int or not 1 <= heads <= 1024:
        raise CheckpointError(f"{path.name}: num_head_channels in its metadata must be 1 to 1024; found {heads!r}.")
    return heads, config


__all__ = ["Adapter", "Checkpoint", "CheckpointConfig", "CheckpointError", "load", "load_adapter"]
