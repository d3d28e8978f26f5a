"""Writes a small DragNUWA checkpoint of random weights, with every part that a real one may have.

    python tests/support/random_checkpoint.py OUT.safetensors

The UNet, LoRA, flow pyramid and fusion heads are those of tests/golden; a TAESD autoencoder and a CLIP text encoder of
two layers come beside them, in the shapes that ComfyUI detects. It shows that everything runs. Its videos are noise.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # at the end: the host tests import this, and ComfyUI's modules come first there

from tests.golden.draganything.make_checkpoint import draw  # noqa: E402
from tests.golden.make_checkpoint import weights as weights_of  # noqa: E402

GOLDEN = ROOT / "tests" / "golden"
SEED = 7
LATENT_SCALE = 0.18215  # between the host's latents and those of TAESD and the UNet
TEXT = "cond_stage_model.clip_l.transformer.text_model."
TEXT_SIZE, TEXT_LAYERS, VOCABULARY, TOKENS = 128, 2, 49408, 77  # 128 is the context that the golden UNet takes


def build() -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors by key, and the file's metadata."""
    manifest = json.loads((GOLDEN / "manifest.json").read_text(encoding="utf-8"))
    weights = {key: torch.from_numpy(array) for key, array in weights_of(manifest).items()}
    generator = torch.Generator().manual_seed(SEED)
    for key, shape in {**_autoencoder_shapes(), **_text_shapes()}.items():
        weights[key] = _draw(key, shape, generator)
    weights["first_stage_model.vae_scale"] = torch.tensor(LATENT_SCALE)
    weights["first_stage_model.vae_shift"] = torch.tensor(0.0)
    return weights, {"config": json.dumps(manifest["config"]), "description": "Random weights, for trying things out."}


def build_control_net() -> dict[str, torch.Tensor]:
    """DragAnything's ControlNet in the released layout, small and with the random weights of its goldens."""
    folder = GOLDEN / "draganything"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    drawn = draw(manifest["seed"], manifest["shapes"])
    return {key: torch.from_numpy(array) for key, array in drawn.items()}


def _draw(key: str, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Values that keep the scale of what passes through: He's rule for weights, ones and zeros for norms and biases."""
    if len(shape) < 2:
        return torch.full(shape, float("norm" in key and key.endswith("weight")), dtype=torch.float16)
    fan_in = 1 if "embedding" in key else torch.Size(shape[1:]).numel()
    scale = 0.02 if "embedding" in key else (2 / fan_in) ** 0.5
    return (torch.randn(shape, generator=generator) * scale).half()


def _autoencoder_shapes() -> dict[str, tuple[int, ...]]:
    """TAESD: 64 channels, three residual blocks of three convolutions at each of four sizes."""
    shapes: dict[str, tuple[int, ...]] = {}

    def conv(name: str, out: int, inner: int, bias: bool = True) -> None:
        shapes[f"first_stage_model.{name}.weight"] = (out, inner, 3, 3)
        if bias:
            shapes[f"first_stage_model.{name}.bias"] = (out,)

    def block(name: str) -> None:
        for layer in (0, 2, 4):
            conv(f"{name}.conv.{layer}", 64, 64)

    conv("taesd_encoder.0", 64, 3)
    block("taesd_encoder.1")
    for down in (2, 6, 10):
        conv(f"taesd_encoder.{down}", 64, 64, bias=False)
        for i in (1, 2, 3):
            block(f"taesd_encoder.{down + i}")
    conv("taesd_encoder.14", 4, 64)
    conv("taesd_decoder.1", 64, 4)
    for first, up in ((3, 7), (8, 12), (13, 17)):
        for i in range(3):
            block(f"taesd_decoder.{first + i}")
        conv(f"taesd_decoder.{up}", 64, 64, bias=False)
    block("taesd_decoder.18")
    conv("taesd_decoder.19", 3, 64)
    return shapes


def _text_shapes() -> dict[str, tuple[int, ...]]:
    size = TEXT_SIZE
    shapes = {
        "embeddings.token_embedding.weight": (VOCABULARY, size),
        "embeddings.position_embedding.weight": (TOKENS, size),
        "final_layer_norm.weight": (size,),
        "final_layer_norm.bias": (size,),
    }
    for layer in range(TEXT_LAYERS):
        at = f"encoder.layers.{layer}"
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes |= {f"{at}.self_attn.{name}.weight": (size, size), f"{at}.self_attn.{name}.bias": (size,)}
        for name in ("layer_norm1", "layer_norm2"):
            shapes |= {f"{at}.{name}.weight": (size,), f"{at}.{name}.bias": (size,)}
        shapes |= {f"{at}.mlp.fc1.weight": (4 * size, size), f"{at}.mlp.fc1.bias": (4 * size,)}
        shapes |= {f"{at}.mlp.fc2.weight": (size, 4 * size), f"{at}.mlp.fc2.bias": (size,)}
    return {TEXT + key: shape for key, shape in shapes.items()}


def write(path: Path) -> None:
    """Writes the checkpoint atomically."""
    weights, metadata = build()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(weights, partial, metadata=metadata)
    os.replace(partial, path)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
