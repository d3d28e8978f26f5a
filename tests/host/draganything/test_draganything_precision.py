"""ComfyUI's flags of precision reach DragAnything's ControlNet, and the result stays as close as they allow."""

import pytest
import torch
from comfy.cli_args import args

from dragnuwa.host.draganything import load
from tests.support.draganything_sampling import applied, conditioning, sample


@pytest.fixture(scope="module")
def expected(base, control) -> torch.Tensor:
    return sample(base, applied(control))


# How far (share of what the drags change) a flag may move the result, by flag and what the weights become.
FLAGS = {"bf16_unet": (torch.bfloat16, 0.02), "fp8_e4m3fn_unet": (torch.float8_e4m3fn, 0.3)}


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_reaches_the_controlnet(flag, base, draganything_files, expected, monkeypatch, record_figure):
    kept, bound = FLAGS[flag]
    monkeypatch.setattr(args, flag, True)
    network = load.load(draganything_files["controlnet"])
    weights = {name: weight.dtype for name, weight in network.control_model.named_parameters()}
    assert {dtype for name, dtype in weights.items() if not name.endswith("mix_factor")} == {kept}
    assert {dtype for name, dtype in weights.items() if name.endswith("mix_factor")} == {torch.float32}

    acted = (expected - sample(base, conditioning())).norm()
    moved = ((sample(base, applied(network)) - expected).norm() / acted).item()
    record_figure(f"precision: DragAnything, --{flag.replace('_', '-')}", f"{moved:.1%} (bound {bound:.0%})")
    assert 0 < moved < bound
