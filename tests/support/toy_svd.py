"""Parts of a small Stable Video Diffusion of random weights, for the tests of what is trained on one."""

from __future__ import annotations

import json
import re

import torch

VISION = "conditioner.embedders.0.open_clip.model.visual."


def vision_weights(width=32, layers=2, patch=8, image=32) -> dict[str, torch.Tensor]:
    """A CLIP vision model in OpenCLIP's names, as the released files have it."""
    shapes = {"class_embedding": (width,), "conv1.weight": (width, 3, patch, patch), "proj": (width, 24),
              "positional_embedding": (1 + (image // patch) ** 2, width)}  # fmt: skip
    for norm in ("ln_pre", "ln_post"):
        shapes |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    for layer in range(layers):
        at = f"transformer.resblocks.{layer}."
        for norm in ("ln_1", "ln_2"):
            shapes |= {f"{at}{norm}.weight": (width,), f"{at}{norm}.bias": (width,)}
        for name, out, inner in (("attn.out_proj", width, width), ("mlp.c_fc", 64, width), ("mlp.c_proj", width, 64)):
            shapes |= {f"{at}{name}.weight": (out, inner), f"{at}{name}.bias": (out,)}
        shapes |= {f"{at}attn.in_proj_weight": (3 * width, width), f"{at}attn.in_proj_bias": (3 * width,)}
    return {VISION + key: torch.randn(shape) * 0.3 for key, shape in shapes.items()}


def shrunk(text: str, **values) -> str:
    """The configuration with other values for keys that stand in it once."""
    for key, value in values.items():
        text, found = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {json.dumps(value)} ", text)
        assert found == 1, key
    return text
