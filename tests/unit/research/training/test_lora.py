"""LoRA by itself."""

import pytest
import torch
from torch import nn

from dragnuwa.research.training.recipes.svd.lora import LoraLinear, add_lora, join, split


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 1), nn.Flatten(2), nn.Sequential(nn.Linear(16, 6), nn.Linear(6, 40, bias=False))
    )


def test_at_first_nothing_changes_and_the_keys_are_the_released_ones():
    network, x = small(), torch.randn(2, 3, 4, 4)
    before, weights = network(x), network.state_dict()
    add_lora(network, 8)
    assert torch.equal(network(x), before)
    shapes = {key: tuple(one.shape) for key, one in network.state_dict().items() if key.startswith("2.")}
    assert shapes == {
        "2.0.linear.weight": (6, 16), "2.0.linear.bias": (6,), "2.0.lora_down.weight": (6, 16),
        "2.0.lora_up.weight": (6, 6), "2.1.linear.weight": (40, 6), "2.1.lora_down.weight": (6, 6),
        "2.1.lora_up.weight": (40, 6),
    }  # fmt: skip
    assert torch.equal(weights["2.0.weight"], network.state_dict()["2.0.linear.weight"])


def test_it_is_the_merged_matrix():
    layer = LoraLinear(nn.Linear(16, 12), 4)
    nn.init.normal_(layer.lora_up.weight)
    merged = layer.linear.weight + layer.lora_up.weight @ layer.lora_down.weight
    x = torch.randn(5, 16)
    torch.testing.assert_close(layer(x), nn.functional.linear(x, merged, layer.linear.bias))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_only_the_factors_learn_whatever_the_layer_s_dtype(dtype):
    layer = LoraLinear(nn.Linear(16, 12).to(dtype), 4)
    with torch.autocast("cpu", torch.bfloat16):
        layer(torch.randn(5, 16)).float().square().mean().backward()
    assert layer.linear.weight.dtype == dtype and layer.linear.weight.grad is None
    assert layer.lora_up.weight.dtype == torch.float32 and layer.lora_up.weight.grad.abs().max() > 0
    assert layer.lora_down.weight.grad.abs().max() == 0  # until the other factor has left zero


def test_weights_are_taken_apart_and_put_together_again():
    network = small()
    plain = network.state_dict()
    add_lora(network, 2)
    whole = {key: one.clone() for key, one in network.state_dict().items()}
    found, factors = split(whole)
    assert found.keys() == plain.keys() and all(torch.equal(found[key], plain[key]) for key in plain)
    assert set(factors) == {f"2.{i}.lora_{part}.weight" for i in (0, 1) for part in ("down", "up")}
    again = join(found, factors)
    assert again.keys() == whole.keys() and all(torch.equal(again[key], whole[key]) for key in whole)


def test_only_the_last_linear_of_a_name_is_lora_s():
    layer = "linear.0.linear"
    names = ["linear.weight", "lora_down.weight", "lora_up.weight"]
    weights = {"head.linear.weight": torch.ones(2), **{f"{layer}.{name}": torch.ones(2) for name in names}}
    plain, factors = split(weights)
    assert set(plain) == {"head.linear.weight", f"{layer}.weight"}
    assert join(plain, factors).keys() == weights.keys()


def test_wrong_use_is_refused():
    with pytest.raises(ValueError, match="at least 1; found 0"):
        add_lora(small(), 0)
    network = small()
    add_lora(network, 2)
    with pytest.raises(ValueError, match="already"):
        add_lora(network, 2)
