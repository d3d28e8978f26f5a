"""DragAnything's ControlNet files: names, skip counts, heads, and what is refused."""

import json

import pytest
import torch

from dragnuwa.models.draganything.checkpoint import SKIP_COUNTS, load, released_key, unet_key
from dragnuwa.models.weights import CheckpointError
from tests.support.weights import saved


@pytest.fixture(scope="module")
def weights(draganything) -> dict[str, torch.Tensor]:
    """Not to be changed in place."""
    return draganything.weights()


def test_every_key_has_its_place_in_the_unet(draganything):
    positions = draganything.manifest["key_map"]
    assert positions.keys() < draganything.manifest["shapes"].keys()
    for key in draganything.manifest["shapes"]:
        assert unet_key(key) == positions.get(key, key)
        assert released_key(positions.get(key, key)) == key
    assert unet_key("down_blocks.2.resnets.0.spatial_res_block.conv_shortcut.bias") == (
        "input_blocks.7.0.skip_connection.bias"
    )
    assert unet_key("up_blocks.0.resnets.0.spatial_res_block.norm1.weight") is None


def test_a_file_is_renamed_and_its_skips_are_multiplied(weights, draganything_files):
    checkpoint = load(draganything_files["controlnet"])
    assert len(checkpoint.weights) == len(weights) and checkpoint.heads == (1, 2, 2, 2)
    for number, count in enumerate(SKIP_COUNTS):
        for part in ("weight", "bias"):
            name = f"controlnet_down_blocks.{number}.{part}"
            assert torch.equal(checkpoint.weights[name], weights[name].float() * count)
    assert torch.equal(checkpoint.weights["controlnet_mid_block.weight"], weights["controlnet_mid_block.weight"])


def test_a_torch_file_and_a_folder_give_the_same(weights, draganything_files, tmp_path):
    expected = load(draganything_files["controlnet"]).weights
    torch.save({"state_dict": weights}, tmp_path / "control.pth")
    folder = tmp_path / "DragAnything"
    folder.mkdir()
    torch.save(weights, folder / "diffusion_pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps({"num_attention_heads": [5, 10, 10, 20]}), encoding="utf-8")
    for path, heads in [
        (tmp_path / "control.pth", None),
        (folder, (5, 10, 10, 20)),
        (folder / "diffusion_pytorch_model.bin", (5, 10, 10, 20)),
    ]:
        found = load(path)
        assert found.heads == heads
        assert found.weights.keys() == expected.keys()
        assert all(torch.equal(found.weights[key], expected[key]) for key in expected)


def test_a_config_that_belongs_to_another_file_is_not_read(weights, tmp_path):
    (tmp_path / "config.json").write_text('{"num_attention_heads": 7}', encoding="utf-8")
    assert load(saved(weights, tmp_path / "mine.safetensors")).heads is None


SMALL = torch.zeros(2, 2)
OTHERS = {
    "a ControlNet for pictures in ComfyUI's own layout": {"control_model.zero_convs.0.0.weight": SMALL},
    "a whole checkpoint, not a ControlNet": {"model.diffusion_model.input_blocks.0.0.weight": SMALL},
    "a ControlNet for pictures without DragAnything's entity encoder": {"controlnet_down_blocks.0.weight": SMALL},
    "a ControlNet for video without DragAnything's entity encoder": {
        "controlnet_down_blocks.0.weight": SMALL.clone(),
        "down_blocks.0.resnets.0.temporal_res_block.conv1.bias": SMALL,
    },
    "no ControlNet: its keys are text.weight": {"text.weight": SMALL},
    "only the condition encoders": {"controlnet_cond_embedding.blocks_feature.0.weight": SMALL},
}


@pytest.mark.parametrize("words", OTHERS)
def test_another_model_is_refused(words, tmp_path):
    with pytest.raises(CheckpointError, match=words) as error:
        load(saved(OTHERS[words], tmp_path / "other.safetensors"))
    assert "Expected DragAnything's ControlNet" in str(error.value)


def test_a_stray_key_and_numbers_that_are_not_finite_are_refused(weights, tmp_path):
    with pytest.raises(CheckpointError, match=r"1 keys that no part of the model uses: odd\.weight"):
        load(saved(weights | {"odd.weight": SMALL}, tmp_path / "odd.safetensors"))
    bad = {"controlnet_mid_block.bias": torch.full((128,), float("nan"))}
    with pytest.raises(CheckpointError, match=r"controlnet_mid_block\.bias holds numbers that are not finite"):
        load(saved(weights | bad, tmp_path / "nan.safetensors"))


def test_a_folder_says_what_it_lacks(tmp_path):
    with pytest.raises(CheckpointError, match=r"has no config\.json"):
        load(tmp_path)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"no weights: diffusion_pytorch_model\.safetensors is missing"):
        load(tmp_path)
    with pytest.raises(CheckpointError, match="There is no file"):
        load(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("config", "words"),
    [("[", "not JSON"), ("[]", "is a list"), ('{"num_attention_heads": [0]}', "found"), ("[" * 5000, "not JSON"),
     ('{"num_attention_heads": "\\ud800"}', "num_attention_heads of 1 to 1024"),
     (json.dumps({"num_attention_heads": [4] * 100_000}), "num_attention_heads of 1 to 1024")],
)  # fmt: skip
def test_a_bad_config_is_refused(config, words, weights, tmp_path):
    path = saved(weights, tmp_path / "a.safetensors", {"config": config})
    with pytest.raises(CheckpointError, match=words) as error:
        load(path)
    str(error.value).encode("utf-8")
