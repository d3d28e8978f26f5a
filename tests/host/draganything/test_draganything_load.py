"""DragAnything's ControlNet from its file, and files that are not whole."""

import json
from pathlib import Path

import folder_paths
import pytest
import torch
from comfy.cli_args import args
from safetensors.torch import save_file

from dragnuwa.host.draganything import load
from dragnuwa.models.weights import CheckpointError


def test_every_weight_has_its_place(control, draganything):
    found = control.control_model.state_dict()
    positions = draganything.manifest["key_map"]
    assert found.keys() == {positions.get(key, key) for key in draganything.manifest["shapes"]}
    weights = draganything.weights()
    key = "down_blocks.1.attentions.0.temporal_transformer_blocks.0.ff_in.net.0.proj.weight"
    assert torch.equal(found[positions[key]], weights[key].float())
    assert not control.control_model.training and not any(p.requires_grad for p in control.control_model.parameters())


def test_weights_are_cast_by_the_host(draganything_files, control, scene, monkeypatch):
    """In bfloat16, as the host keeps them where it is told so; the timestep and what mixes space and time stay in
    float32."""
    monkeypatch.setattr(args, "bf16_unet", True)
    narrow = load.load(draganything_files["controlnet"])
    weights = narrow.control_model.named_parameters()
    assert {weight.dtype for name, weight in weights if not name.endswith("mix_factor")} == {torch.bfloat16}
    found = []
    for one in (control, narrow):
        acting = one.with_scene(scene("vector"), 1.0, (0.0, 1.0))
        dtype, x = acting._dtype(), torch.randn(4, 8, 8, 16, generator=torch.Generator().manual_seed(1))
        with torch.inference_mode():
            hint = acting._hint_on(torch.device("cpu"))
            told = (torch.full((4,), 0.3271), torch.ones(4, 1, 128, dtype=dtype), torch.ones(4, 768, dtype=dtype))
            found.append(acting.control_model(x.to(dtype), hint, *told, {"cond_or_uncond": [0]})[1].float())
    assert found[1].isfinite().all()
    assert (found[0] - found[1]).std() < 0.05 * found[0].std()


def heads(control) -> list[set[int]]:
    blocks = [*control.control_model.input_blocks, control.control_model.middle_block]
    return [found for block in blocks if (found := {m.heads for m in block.modules() if hasattr(m, "heads")})]


def test_heads_come_from_the_config(control, draganything, tmp_path):
    assert heads(control) == [{1}, {1}, {2}, {2}, {2}, {2}, {2}]
    config = {"config": json.dumps({"num_attention_heads": [1, 2, 1, 4]})}
    save_file(draganything.weights(), tmp_path / "heads.safetensors", metadata=config)
    assert heads(load.load(tmp_path / "heads.safetensors")) == [{1}, {1}, {2}, {2}, {1}, {1}, {4}]
    save_file(draganything.weights(), tmp_path / "none.safetensors")
    assert heads(load.load(tmp_path / "none.safetensors")) == heads(control)  # 64 channels each
    config = {"config": json.dumps({"num_attention_heads": [7, 7, 7, 7]})}
    save_file(draganything.weights(), tmp_path / "seven.safetensors", metadata=config)
    with pytest.raises(CheckpointError, match="cannot be divided into 7 heads"):
        load.load(tmp_path / "seven.safetensors")


def test_files_and_folders_are_listed_and_loaded_by_name(draganything):
    root = folder_paths.get_folder_paths("controlnet")[0]
    folder = Path(root) / "DragAnything"
    folder.mkdir(parents=True)
    save_file(draganything.weights(), folder / "diffusion_pytorch_model.safetensors")
    (folder / "config.json").write_text('{"num_attention_heads": [1, 2, 2, 2]}', encoding="utf-8")
    folder_paths.filename_list_cache.clear()
    name = str(Path("DragAnything", "diffusion_pytorch_model.safetensors"))
    assert {"DragAnything", name} <= set(load.names())
    for chosen in ("DragAnything", name):
        assert heads(load.load_named(chosen))[0] == {1}


@pytest.mark.parametrize("name", ["none.safetensors", "../checkpoints", "\ud800", "a\nb"])
def test_a_name_without_a_file_is_refused(name):
    with pytest.raises(CheckpointError, match=r"(?s)There is no .*models/controlnet\. Get it from") as error:
        load.load_named(name)
    str(error.value).encode("utf-8")


BAD = {
    "a key missing": (
        lambda w: {k: v for k, v in w.items() if k != "mid_block.attentions.0.norm.weight"},
        "1 key missing (middle_block.1.norm.weight)",
    ),
    "a shape that differs": (
        lambda w: w | {"controlnet_mid_block.bias": torch.zeros(5)},
        "1 key of another shape (controlnet_mid_block.bias)",
    ),
    "a key that tells the encoders' shape missing": (
        lambda w: {k: v for k, v in w.items() if "blocks_feature.5" not in k},
        "blocks_feature.5.weight",
    ),
    "a key too many in a block": (
        lambda w: w | {"down_blocks.0.resnets.0.odd.weight": torch.zeros(2)},
        "1 key without a use",
    ),
    "another input": (lambda w: w | {"conv_in.weight": torch.zeros(64, 4, 3, 3)}, "not a copy of Stable Video"),
    "no blocks": (
        lambda w: {k: v for k, v in w.items() if "down_blocks" not in k or k.startswith("control")},
        "not a copy of Stable Video",
    ),
    "flat weights": (lambda w: w | {"conv_in.weight": torch.zeros(64)}, "do not fit together"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_does_not_fit_together_is_refused(case, draganything, tmp_path):
    change, words = BAD[case]
    save_file(change(draganything.weights()), tmp_path / "bad.safetensors")
    with pytest.raises(CheckpointError) as error:
        load.load(tmp_path / "bad.safetensors")
    assert words in str(error.value), str(error.value)
