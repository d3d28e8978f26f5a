"""The host's UNet with our patch against what the original network computed (tests/golden)."""

import comfy.model_management
import pytest
import torch

from dragnuwa.host.fusion import fusion_patch, load
from tests.support import golden_sampling

LATENT_SCALE = 0.18215  # golden latents are in the model's space, the host's are not


@pytest.fixture(scope="module")
def expected(golden) -> dict[str, torch.Tensor]:
    return golden_sampling.tensors(golden)


@pytest.fixture(scope="module", params=["safetensors", "pth"])
def parts(request, golden_file, golden_weights, tmp_path_factory) -> load.Parts:
    """The golden checkpoint in the host, from the file as it is and after a round trip as .pth."""
    if request.param == "safetensors":
        return load.load(golden_file)
    path = tmp_path_factory.mktemp("pth") / "golden.pth"
    torch.save({"state_dict": golden_weights}, path)
    return load.load(path)


def report(name: str, difference: torch.Tensor, bound: float, record) -> None:
    worst = difference.abs().max().item()
    record(f"parity: {name}", f"{worst:.1e} (bound {bound:.0e})")
    assert worst < bound


@pytest.mark.parametrize(("maps", "output"), [("flow_small", "unet_out"), (None, "unet_out_zero_flow")])
def test_one_call_of_the_unet(maps, output, parts, expected, record_figure, request):
    flow = expected["flow_small"] if maps else torch.zeros_like(expected["flow_small"])
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    comfy.model_management.load_models_gpu([model])
    options = {**model.model_options["transformer_options"], "sigmas": torch.tensor([1.0])}
    x = torch.cat([expected["unet_x"], expected["unet_concat"]], dim=1)  # [2 T, 8, h, w], cond and uncond
    with torch.inference_mode():
        out = model.model.diffusion_model(
            x, expected["unet_timesteps"], expected["unet_context"], y=expected["unet_y"], num_video_frames=len(flow),
            transformer_options=options,
        )  # fmt: skip
    report(f"{output} [{request.node.callspec.params['parts']}]", out - expected[output], 1e-4, record_figure)


def test_a_whole_sampling_through_the_host(parts, expected, golden, record_figure, request):
    model = fusion_patch.apply(parts.model, parts.adapter, expected["flow_small"])
    latent = golden_sampling.sample(model, golden)
    difference = latent * LATENT_SCALE - expected["sample_latent"]
    report(f"sample_latent [{request.node.callspec.params['parts']}]", difference, 1e-3, record_figure)
