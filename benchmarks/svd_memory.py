"""The GPU memory of a training step of dragnuwa/research/training/configs/svd-lora.toml, counted without a GPU.

    python benchmarks/svd_memory.py

The network has its full size, but its tensors are fake: shapes and dtypes without data. All live storages are counted,
as autocast to bfloat16 creates them on CUDA, where norms are computed in float32. The workspaces of kernels and the
fragmentation of the allocator are not included.
"""

from __future__ import annotations

import json
import logging
import sys
import weakref
from pathlib import Path
from unittest import mock

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from dragnuwa.host.find import find_host  # noqa: E402

SIZE = {"frames": 14, "height": 320, "width": 576}
RANK, GIB = 32, 2**30
UNET = {  # of the released SVD, as the host describes it
    "image_size": 32,
    "in_channels": 8,
    "out_channels": 4,
    "model_channels": 320,
    "channel_mult": (1, 2, 4, 4),
    "num_res_blocks": [2, 2, 2, 2],
    "num_head_channels": 64,
    "transformer_depth": [1, 1, 1, 1, 1, 1, 0, 0],
    "transformer_depth_middle": 1,
    "transformer_depth_output": [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
    "context_dim": 1024,
    "adm_in_channels": 768,
    "num_classes": "sequential",
    "use_spatial_transformer": True,
    "use_linear_in_transformer": True,
    "legacy": False,
    "use_temporal_resblock": True,
    "use_temporal_attention": True,
    "extra_ff_mix_layer": True,
    "use_spatial_context": True,
    "merge_strategy": "learned_with_images",
    "video_kernel_size": [3, 1, 1],
}


class Alive(TorchDispatchMode):
    """Counts the bytes of live storages that were created inside: now, and at the peak."""

    def __init__(self):
        super().__init__()
        self.sizes: dict[int, int] = {}
        self.now = self.peak = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for tensor in tree_iter(out):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return out

    def _count(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key not in self.sizes:
            self.sizes[key] = storage.nbytes()
            self.now += storage.nbytes()
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self._forget, key)

    def _forget(self, key: int) -> None:
        self.now -= self.sizes.pop(key)


def attention(function, q, k, v, heads, *args, **kwargs) -> torch.Tensor:
    """A fused kernel, as on GPUs: the matrix of weights is not kept."""
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
    return nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


def network(device: str, gradient_checkpointing: bool) -> nn.Module:
    """SVD's UNet in bfloat16, its norms in float32, with LoRA and the adapter."""
    import comfy.ops
    from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel

    from dragnuwa.models.adapter import FusionConfig, MultiscaleFusion
    from dragnuwa.research.training.recipes.svd.recipe import SvdNetwork

    with torch.device(device):
        unet = UNetModel(**UNET, dtype=torch.bfloat16, operations=comfy.ops.disable_weight_init)
        for layer in unet.modules():
            if isinstance(layer, nn.GroupNorm | nn.LayerNorm):
                layer.weight, layer.bias = (nn.Parameter(torch.empty(len(one))) for one in (layer.weight, layer.bias))
        fusion = MultiscaleFusion(FusionConfig.for_unet(unet.model_channels, unet.channel_mult, unet.num_res_blocks[0]))
        return SvdNetwork(unet, fusion, RANK, gradient_checkpointing)


def step(gradient_checkpointing: bool, batch: int = 1) -> dict[str, float]:
    """GiB of one clip, forward and backward."""
    from dragnuwa.host.training import networks
    from dragnuwa.research.training.loss import squared_error
    from dragnuwa.research.training.recipe import Conditions

    with FakeTensorMode(), mock.patch.object(networks, "cpu_attention", attention):
        trained = network("cpu", gradient_checkpointing)
        for layer in trained.modules():
            if isinstance(layer, nn.GroupNorm | nn.LayerNorm):
                layer.register_forward_pre_hook(lambda layer, inputs: (inputs[0].float(),))
        frames, height, width = SIZE.values()
        x0, noise = (torch.randn(batch, frames, 4, height // 8, width // 8) for _ in range(2))
        conditions = Conditions(
            concat=x0[:, 0],
            context=torch.randn(batch, 1, 1024),
            flow=torch.randn(batch, frames, 2, height, width),
            numbers=torch.randn(batch, 768),
        )
        with Alive() as alive:
            with torch.autocast("cpu", torch.bfloat16):
                loss = squared_error(trained, x0, conditions, torch.ones(batch), noise).mean()
            kept = alive.now
            loss.backward()
        gradients = sum(one.grad.nbytes for one in trained.parameters() if one.requires_grad)
    return {"kept after forward": kept / GIB, "at most, without gradients": (alive.peak - gradients) / GIB}


def main() -> None:
    logging.disable(logging.INFO)
    find_host(ROOT / ".host" / "ComfyUI")
    parameters = list(network("meta", False).named_parameters())
    counted = {
        "millions of parameters": {
            "frozen UNet": sum(one.numel() for _, one in parameters if not one.requires_grad) / 1e6,
            "LoRA": sum(one.numel() for name, one in parameters if ".lora_" in name) / 1e6,
            "adapter": sum(one.numel() for name, one in parameters if name.startswith("fusion.")) / 1e6,
        },
        "GiB with gradient checkpointing": step(True),
        "GiB without": step(False),
    }
    sys.stdout.write(json.dumps(counted, indent=1) + "\n")


if __name__ == "__main__":
    main()
