"""Writes a checkpoint laid out as the released ones: `python released_layout.py COMFYUI OUT.safetensors [--full]`.

The UNet is the golden one's size, with the released context of 1024 channels; the VAE and the CLIP vision model have
their true sizes (98 and 632 million numbers), since ComfyUI knows them by those. All weights are random: 1.5 GB. With
`--full` the UNet, its LoRA and its flow layers have their true sizes, too: 4.8 GB.
"""

import json
import sys
from pathlib import Path

COMFYUI, OUT, FULL = Path(sys.argv[1]), Path(sys.argv[2]), "--full" in sys.argv[3:]
GOLDEN = Path(__file__).parents[1] / "golden"
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.golden.make_checkpoint import weights  # noqa: E402

sys.path.insert(0, str(COMFYUI))  # after that, since ComfyUI has a folder tests/, too

from comfy.cli_args import args  # noqa: E402

args.cpu = True

import torch  # noqa: E402
from comfy.ldm.models.autoencoder import AutoencodingEngine  # noqa: E402
from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from dragnuwa.models.adapter import FusionConfig, MultiscaleFusion  # noqa: E402
from dragnuwa.models.checkpoint import UNET  # noqa: E402

CONTEXT, GOLDEN_CONTEXT = 1024, 128
WIDTH, MLP, LAYERS, PATCH, POSITIONS = 1280, 5120, 32, 14, 257  # CLIP ViT-H/14 at 224 pixels
# Stable Video Diffusion's UNet, as ComfyUI describes it.
SVD = {"image_size": 32, "in_channels": 8, "out_channels": 4, "model_channels": 320, "num_res_blocks": [2, 2, 2, 2],
       "channel_mult": [1, 2, 4, 4], "transformer_depth": [1, 1, 1, 1, 1, 1, 0, 0], "transformer_depth_middle": 1,
       "transformer_depth_output": [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], "context_dim": CONTEXT,
       "num_head_channels": 64, "num_classes": "sequential", "adm_in_channels": 768, "use_spatial_transformer": True,
       "use_linear_in_transformer": True, "legacy": False, "use_temporal_attention": True,
       "use_temporal_resblock": True, "use_spatial_context": True, "extra_ff_mix_layer": True,
       "merge_strategy": "learned_with_images", "merge_factor": 0.0,
       "video_kernel_size": [3, 1, 1]}  # fmt: skip
LORA_RANK = 32
NOISES = 999_983  # a prime, so that no two rows of a matrix are equal
VISION = "conditioner.embedders.0.open_clip.model.visual."


def unet() -> dict[str, torch.Tensor]:
    manifest = json.loads((GOLDEN / "manifest.json").read_text(encoding="utf-8"))
    for key, shape in manifest["shapes"].items():
        if "attn2.to_" in key and shape[-1] == GOLDEN_CONTEXT:
            shape[-1] = CONTEXT
    return {key: torch.from_numpy(array) for key, array in weights(manifest).items()}


def full_unet_shapes() -> dict[str, tuple[int, ...]]:
    """SVD's UNet with LoRA on each linear layer, and DragNUWA's flow layers."""
    with torch.device("meta"):
        network = UNetModel(**SVD)
    linear = {name for name, module in network.named_modules() if isinstance(module, torch.nn.Linear)}
    shapes = {}
    for key, tensor in network.state_dict().items():
        name, part = key.rsplit(".", 1)
        if name not in linear:
            shapes[key] = tuple(tensor.shape)
            continue
        shapes[f"{name}.linear.{part}"] = tuple(tensor.shape)
        if part == "weight":
            wide, narrow = tensor.shape
            rank = min(LORA_RANK, wide, narrow)
            shapes |= {f"{name}.lora_down.weight": (rank, narrow), f"{name}.lora_up.weight": (wide, rank)}
    config = FusionConfig.for_unet(SVD["model_channels"], tuple(SVD["channel_mult"]), SVD["num_res_blocks"][0])
    fusion = MultiscaleFusion(config, device="meta").state_dict()
    shapes |= {key: tuple(tensor.shape) for key, tensor in fusion.items()}
    return {UNET + key: shape for key, shape in shapes.items()}


def autoencoder_shapes() -> dict[str, tuple[int, ...]]:
    """SVD's VAE with its decoder over time, as ComfyUI builds it when it sees such a file."""
    encoder = {"double_z": True, "z_channels": 4, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128,
               "ch_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0}  # fmt: skip
    decoder = {**encoder, "video_kernel_size": [3, 1, 1], "alpha": 0.0}
    with torch.device("meta"):
        engine = AutoencodingEngine(
            regularizer_config={"target": "comfy.ldm.models.autoencoder.DiagonalGaussianRegularizer"},
            encoder_config={"target": "comfy.ldm.modules.diffusionmodules.model.Encoder", "params": encoder},
            decoder_config={"target": "comfy.ldm.modules.temporal_ae.VideoDecoder", "params": decoder},
        )
    return {f"first_stage_model.{key}": tuple(tensor.shape) for key, tensor in engine.state_dict().items()}


def vision_shapes() -> dict[str, tuple[int, ...]]:
    """OpenCLIP's names, as in the released files."""
    shapes = {
        "class_embedding": (WIDTH,),
        "conv1.weight": (WIDTH, 3, PATCH, PATCH),
        "positional_embedding": (POSITIONS, WIDTH),
        "proj": (WIDTH, CONTEXT),
    }
    for norm in ("ln_pre", "ln_post"):
        shapes |= {f"{norm}.weight": (WIDTH,), f"{norm}.bias": (WIDTH,)}
    for layer in range(LAYERS):
        at = f"transformer.resblocks.{layer}"
        for norm in ("ln_1", "ln_2"):
            shapes |= {f"{at}.{norm}.weight": (WIDTH,), f"{at}.{norm}.bias": (WIDTH,)}
        shapes |= {f"{at}.attn.in_proj_weight": (3 * WIDTH, WIDTH), f"{at}.attn.in_proj_bias": (3 * WIDTH,)}
        shapes |= {f"{at}.attn.out_proj.weight": (WIDTH, WIDTH), f"{at}.attn.out_proj.bias": (WIDTH,)}
        shapes |= {f"{at}.mlp.c_fc.weight": (MLP, WIDTH), f"{at}.mlp.c_fc.bias": (MLP,)}
        shapes |= {f"{at}.mlp.c_proj.weight": (WIDTH, MLP), f"{at}.mlp.c_proj.bias": (WIDTH,)}
    return {VISION + key: shape for key, shape in shapes.items()}


def draw(shape: tuple[int, ...], noise: torch.Tensor) -> torch.Tensor:
    """Weights that keep the size of activations, of repeated `noise`: to draw each of them takes a while."""
    if len(shape) < 2:
        return torch.ones(shape, dtype=torch.float16)
    count, fan_in = torch.Size(shape).numel(), torch.Size(shape[1:]).numel()
    scaled = (noise * fan_in**-0.5).half()
    return scaled.repeat(-(-count // len(scaled)))[:count].view(shape)


if __name__ == "__main__":
    noise = torch.randn(NOISES, generator=torch.Generator().manual_seed(0))
    shapes = {**autoencoder_shapes(), **vision_shapes(), **(full_unet_shapes() if FULL else {})}
    tensors = ({} if FULL else unet()) | {key: draw(shape, noise) for key, shape in shapes.items()}
    save_file(tensors | {"guassian_filter.weight": torch.ones(2, 1, 199, 199)}, OUT)
