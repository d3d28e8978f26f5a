"""ComfyUI's flags of precision reach the UNet; gamma and beta follow, and the result stays as close as they allow.

A CPU computes in float32, whichever flag there is: ComfyUI has it cast the weights that a flag made smaller.
"""

import pytest
import torch
from comfy.cli_args import args
from comfy_extras.nodes_model_advanced import ModelComputeDtype

from dragnuwa.host.fusion import fusion_patch, load
from tests.support import golden_sampling
from tests.support.likeness import psnr

# By flag: what the weights become, what is computed in, and how close (PSNR, dB) the latents stay to those without.
FLAGS = {
    "fp16_unet": (torch.float16, torch.float32, 70),
    "bf16_unet": (torch.bfloat16, torch.float32, 48),
    "fp8_e4m3fn_unet": (torch.float8_e4m3fn, torch.float32, 26),
}


@pytest.fixture(scope="module")
def flow(golden) -> torch.Tensor:
    return golden_sampling.tensors(golden)["flow_small"]


@pytest.fixture(scope="module")
def expected(golden_file, flow, golden) -> torch.Tensor:
    """The latents without a flag."""
    parts = load.load(golden_file)
    return golden_sampling.sample(fusion_patch.apply(parts.model, parts.adapter, flow), golden)


def modulation_of(model):
    (patch,) = model.model_options["transformer_options"]["patches"][fusion_patch.PATCH]
    return patch.modulation


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_reaches_the_unet(flag, golden_file, flow, golden, expected, monkeypatch, record_figure):
    kept, computed, bound = FLAGS[flag]
    monkeypatch.setattr(args, flag, True)
    parts = load.load(golden_file)
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    unet, modulation = model.model.diffusion_model, modulation_of(model)

    weights = {name: weight.dtype for name, weight in unet.named_parameters()}
    assert {dtype for name, dtype in weights.items() if not name.endswith("mix_factor")} == {kept}
    assert {dtype for name, dtype in weights.items() if name.endswith("mix_factor")} == {torch.float32}
    assert model.model.get_dtype_inference() == computed
    assert {block.affine.weight.dtype for block in modulation.model.blocks.values()} == {computed}
    assert modulation.load_device == model.load_device

    found = psnr(golden_sampling.sample(model, golden), expected, expected.abs().max().item())
    record_figure(f"precision: --{flag.replace('_', '-')}", f"{min(found, 200):.0f} dB (bound {bound} dB)")
    assert found > bound


def test_drags_follow_a_model_that_computes_in_less(golden_file, flow, golden, expected, record_figure):
    """As most do on a GPU; here the node that chooses it asks a CPU for it."""
    parts = load.load(golden_file)
    (model,) = ModelComputeDtype().patch(parts.model, "bf16")
    model = fusion_patch.apply(model, parts.adapter, flow)
    assert {block.affine.weight.dtype for block in modulation_of(model).model.blocks.values()} == {torch.bfloat16}
    found = psnr(golden_sampling.sample(model, golden), expected, expected.abs().max().item())
    record_figure("precision: computed in bf16", f"{found:.0f} dB (bound 38 dB)")
    assert found > 38


def test_a_flag_that_no_model_of_video_takes_is_named(golden_file, monkeypatch):
    """ComfyUI's own error is about the rank of a tensor."""
    monkeypatch.setattr(args, "force_channels_last", True)
    with pytest.raises(ValueError, match=r"--force-channels-last.*Start ComfyUI without it\."):
        load.load(golden_file)
