"""DragNUWA checkpoints: recognised by their keys, LoRA merged, and split into the host's part and the adapter.

A released file is Stable Video Diffusion with three additions (LoRA on every linear layer of the UNet, a flow pyramid,
fusion heads). Without them it is plain SVD, which the host loads by itself; the additions are `dragnuwa.adapter`'s.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import torch

from .adapter import FusionConfig, MultiscaleFusion
from .weights import CheckpointError, Tensors, check_weight, open_tensors

UNET = "model.diffusion_model."
SECTIONS = (UNET, "first_stage_model.", "conditioner.", "cond_stage_model.")
IGNORED = ("guassian_filter.weight",)  # spelled so in the released file; `flow.encode` makes the blur itself
ADAPTER_KEY = re.compile(r"flow_blocks\.|(input|output)_blocks\.\d+\.0\.flow_")
LORA_PARTS = ("linear.weight", "linear.bias", "lora_down.weight", "lora_up.weight")
RELEASED = "drag_nuwa_svd.pth or dragnuwa-svd-pruned.fp16.safetensors"
CHANNELS_PER_HEAD = 64  # SVD's; the weights do not tell


@dataclass(frozen=True)
class CheckpointConfig:
    """What the weights and the file's metadata say of the model's shape.

    Attributes:
        fusion: the adapter's shape.
        num_head_channels: channels of an attention head of the UNet.
        metadata: the file's `config`, as it stands there.
    """

    fusion: FusionConfig
    num_head_channels: int = CHANNELS_PER_HEAD
    metadata: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint.

    Attributes:
        base: the host's part under plain SVD keys, LoRA merged, in the file's dtype, on the CPU.
        adapter: weights of `MultiscaleFusion`, keys without `model.diffusion_model.`.
        config: the model's shape.
    """

    base: dict[str, torch.Tensor]
    adapter: dict[str, torch.Tensor]
    config: CheckpointConfig


def load(path: str | os.PathLike, *, merged_dtype: torch.dtype | None = None) -> Checkpoint:
    """Loads a DragNUWA checkpoint from a `.safetensors`, `.pth`, `.pt` or `.ckpt` file, without executing any pickle.

    The file is recognised by its keys and shapes, never by its name. Tensors are streamed: beside the result, one
    tensor at a time is held in memory.

    Args:
        path: of the file.
        merged_dtype: of the weights that LoRA was merged into; the file's by default. Whoever runs the model in a wider
            one asks for that, since a float16 file's sums do not fit float16 exactly.

    Raises:
        CheckpointError: if the file cannot be read, is something else (it says what), or has keys without a use.
    """
    path = Path(path)
    with open_tensors(path) as tensors:
        keys = set(tensors.keys())
        _recognise(path, keys)
        merged = _lora_targets(path, keys)
        base, adapter = _split(tensors, merged, merged_dtype)
        config = read_config(path, adapter, tensors.metadata)
    return Checkpoint(base, adapter, config)


def _split(
    tensors: Tensors, merged: set[str], dtype: torch.dtype | None
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """The host's part, with LoRA merged into the layers in `merged`, and the adapter's. Every tensor is checked."""
    base, adapter = {}, {}
    for key in tensors.keys():  # noqa: SIM118 (not a dict)
        name = key.removeprefix(UNET)
        if key in IGNORED:
            continue
        if key.startswith(UNET) and ADAPTER_KEY.match(name):
            adapter[name] = tensors.get(key)
        elif key.startswith(UNET) and name.endswith(LORA_PARTS) and (target := _target(name)) in merged:
            if name.endswith("linear.weight"):
                base[f"{UNET}{target}.weight"] = _merge(tensors, UNET + target, dtype)
            elif name.endswith("linear.bias"):
                base[f"{UNET}{target}.bias"] = tensors.get(key)
        else:
            base[key] = tensors.get(key)
    return base, adapter


def _target(name: str) -> str:
    """`X` of `X.linear.weight`, `X.lora_up.weight` and the like."""
    return name.rsplit(".", 2)[0]


def _merge(tensors: Tensors, target: str, dtype: torch.dtype | None) -> torch.Tensor:
    """`linear + lora_up @ lora_down` (scale 1), summed in float32."""
    parts = (f"{target}.{part}" for part in ("linear.weight", "lora_up.weight", "lora_down.weight"))
    linear, up, down = map(tensors.get, parts)  # [out, in], [out, r], [r, in]
    if linear.ndim != 2 or up.shape != (linear.shape[0], *down.shape[:1]) or down.shape[1:] != linear.shape[1:]:
        shapes = ", ".join(str(list(part.shape)) for part in (linear, up, down))
        raise CheckpointError(
            f"{tensors.path.name}: the shapes of {target}'s linear weight, lora_up and lora_down do not fit together: "
            f"{shapes}. Expected [out, in], [out, r] and [r, in]. The file is damaged; get it again."
        )
    merged = torch.addmm(linear.float(), up.float(), down.float()).to(dtype or linear.dtype)
    if merged.dtype == torch.float16:  # whose range the sum of finite numbers may leave
        check_weight(tensors.path, f"{target}.weight (LoRA merged)", merged)
    return merged


def _lora_targets(path: Path, keys: set[str]) -> set[str]:
    """The linear layers that carry LoRA. Every one of them needs its linear weight and both factors."""
    names = [key.removeprefix(UNET) for key in keys if key.startswith(UNET)]
    targets = {_target(name) for name in names if ".lora_" in name}
    needed = [f"{UNET}{target}.{part}" for target in targets for part in LORA_PARTS if part != "linear.bias"]
    if missing := sorted(key for key in needed if key not in keys):
        raise CheckpointError(
            f"{path.name} has LoRA layers without all of their parts: missing {_few(missing)}. "
            "The file is incomplete; get it again."
        )
    return targets


def _recognise(path: Path, keys: set[str]) -> None:
    """Refuses what is not a DragNUWA checkpoint, in words that say what it is."""
    expected = f"Expected a DragNUWA checkpoint such as {RELEASED}."
    unet = any(key.startswith(UNET) for key in keys)
    flow = any(key.startswith(f"{UNET}flow_blocks.") for key in keys)
    lora = any(re.search(r"lora_(up|down|A|B)\b|\.lora\.", key) for key in keys)
    if not unet and lora:
        raise CheckpointError(f"{path.name} is a LoRA file: it holds no model of its own. {expected}")
    if not unet:
        raise CheckpointError(
            f"{path.name} holds no diffusion model: no key begins with {UNET!r}; "
            f"its keys are {_few(sorted(keys))}. {expected}"
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
            f"{path.name} has {len(strays)} keys that no part of the model uses: {_few(strays)}. "
            f"Keys must begin with one of {', '.join(SECTIONS)}."
        )


def read_config(path: Path, adapter: dict[str, torch.Tensor], metadata: dict[str, str]) -> CheckpointConfig:
    """The shape, checked: the adapter's weights are exactly those that a network of this shape has."""
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
        raise CheckpointError(f"{path.name}: {len(differ)} keys of the adapter do not fit its shape: {_few(differ)}.")
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


def _few(names: list[str], limit: int = 4) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


__all__ = ["Checkpoint", "CheckpointConfig", "CheckpointError", "load"]
