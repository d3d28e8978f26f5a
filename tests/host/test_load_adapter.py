"""A checkpoint that `python -m dragnuwa.convert` split, in the host: plain SVD, its own LoRA loader, Load Adapter."""

import logging
import re
from pathlib import Path

import comfy.lora
import comfy.model_management
import comfy.sd
import comfy.supported_models
import folder_paths
import nodes as host_nodes
import pytest
import torch
from comfy.model_patcher import ModelPatcher
from safetensors.torch import load_file, save_file

from benchmarks import svd_memory
from dragnuwa.host.fusion.load import VideoModel
from dragnuwa.models import checkpoint
from dragnuwa.models.adapter import FusionConfig
from dragnuwa.models.checkpoint import UNET, Checkpoint, CheckpointConfig, CheckpointError
from dragnuwa.models.convert import Converted, convert
from scripts.host import ROOT
from tests.support import golden_sampling
from tests.support.host_nodes import run_node
from tests.support.random_checkpoint import build_control_net
from tests.support.weights import plain_svd

ADAPTER, LORA = "dragnuwa-adapter.safetensors", "dragnuwa-lora.safetensors"
MAX_MEGABYTES = 700  # that a person downloads at the released size


def place(folder: str, source: Path) -> None:
    """Into one of ComfyUI's folders of models."""
    target = Path(folder_paths.get_folder_paths(folder)[0], source.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


@pytest.fixture(scope="module")
def svd(golden_weights) -> dict[str, torch.Tensor]:
    return plain_svd(golden_weights)


@pytest.fixture(scope="module")
def converted(golden_file, svd, tmp_path_factory) -> Converted:
    folder = tmp_path_factory.mktemp("converted")
    save_file(svd, folder / "svd.safetensors")
    done = convert(golden_file, folder / "svd.safetensors", folder / "out")
    place("checkpoints", golden_file)
    place("model_patches", done.adapter)
    place("loras", done.lora)
    return done


@pytest.fixture(scope="module")
def plain_model(svd) -> ModelPatcher:
    """The SVD as the host builds it; its list of known models has none of this size, so the shape is read off."""
    config = VideoModel.detect(Checkpoint(svd, {}, CheckpointConfig(fusion=None)))
    config.set_inference_dtype(torch.float32, None)
    model = config.get_model(svd, UNET)
    device = comfy.model_management.get_torch_device()
    patcher = ModelPatcher(model, load_device=device, offload_device=device)
    model.load_model_weights(dict(svd), UNET)
    return patcher


def test_the_two_files_with_svd_give_what_the_checkpoint_gives(
    converted, plain_model, golden, golden_file, record_figure, caplog
):
    """Within float16's rounding: half a step at the largest latent. On a CPU the weights are float32 on both ways, so
    that only the order of a sum may differ, and mostly nothing does. Without LoRA or the drags it is far more."""
    flow = golden_sampling.tensors(golden)["flow_small"]
    (adapter,) = run_node("DragNUWALoadAdapter", adapter_name=ADAPTER)
    with caplog.at_level(logging.WARNING):
        (with_lora,) = host_nodes.LoraLoaderModelOnly().load_lora_model_only(plain_model, LORA, 1.0)
    assert not caplog.records  # the host would tell keys that it does not know
    model, *_, own = run_node("DragNUWALoadCheckpoint", ckpt_name=golden_file.name)
    expected, found, no_lora = (
        golden_sampling.sample(
            run_node("DragNUWAApply", model=one, adapter=with_adapter, flow=flow, strength=1.0)[0], golden
        )
        for one, with_adapter in ((model, own), (with_lora, adapter), (plain_model, adapter))
    )
    worst = (found - expected).abs().max().item()
    bound = expected.abs().max().item() * 2**-11
    record_figure("parity: SVD, LoRA and adapter against the checkpoint", f"{worst:.1e} (bound {bound:.0e})")
    assert worst < bound
    undragged = golden_sampling.sample(with_lora, golden)
    assert min((one - expected).abs().max().item() for one in (no_lora, undragged)) > 0.1


def test_merged_in_float16_the_weights_are_the_checkpoints(converted, plain_model, svd, golden_file):
    """As on a GPU, where the host sums in float32 and keeps float16: one step of float16 apart at most."""
    merged = checkpoint.load(golden_file).base
    (patched,) = host_nodes.LoraLoaderModelOnly().load_lora_model_only(plain_model, LORA, 1.0)
    assert len(patched.patches) == sum(key.endswith("lora_up.weight") for key in load_file(converted.lora)) > 100
    for key, patch in patched.patches.items():
        plain = svd[f"model.{key}"].float()
        found = comfy.lora.calculate_weight(patch, plain, key, intermediate_dtype=torch.float32).half()
        torch.testing.assert_close(found, merged[f"model.{key}"], rtol=2**-10, atol=2**-24, msg=key)


def test_the_host_loads_and_unloads_the_adapter(converted):
    (adapter,) = run_node("DragNUWALoadAdapter", adapter_name=ADAPTER)
    comfy.model_management.unload_all_models()
    comfy.model_management.load_models_gpu([adapter])
    assert adapter in comfy.model_management.loaded_models()
    weights = load_file(converted.adapter)
    assert adapter.model_size() == sum(one.numel() * one.element_size() for one in weights.values())
    comfy.model_management.unload_all_models()
    assert not any(comfy.model_management.loaded_models())  # None for those of earlier tests, which are gone


def _refused(name: str) -> str:
    with pytest.raises(ValueError) as error:
        run_node("DragNUWALoadAdapter", adapter_name=name)
    assert type(error.value).__name__ == CheckpointError.__name__
    return str(error.value)


WRONG = {
    "a whole checkpoint": (lambda w: w, "is a whole DragNUWA checkpoint: load it with DragNUWA Load Checkpoint, or"),
    "another checkpoint": (
        lambda w: {key: value for key, value in w.items() if "flow_" not in key},
        "is a whole checkpoint of another model: choose the adapter that",
    ),
    "a LoRA": (
        lambda w: {key.removeprefix(UNET): value for key, value in w.items() if ".lora_" in key},
        "is a LoRA: load it with ComfyUI's Load LoRA, and here choose",
    ),
    "DragAnything's": (lambda w: build_control_net(), "is a ControlNet: put DragAnything's into models/controlnet"),
    "another adapter": (
        lambda w: {"controlnet_blocks.0.y_rms.weight": torch.ones(2)},
        "is something other than DragNUWA's adapter, with keys such as controlnet_blocks.0.y_rms.weight: choose the",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_in_one_sentence(case, golden_weights, tmp_path):
    change, words = WRONG[case]
    save_file(change(golden_weights), tmp_path / "chosen.safetensors")
    place("model_patches", tmp_path / "chosen.safetensors")
    message = _refused("chosen.safetensors")
    assert message.startswith("chosen.safetensors is ") and words in message and ". " not in message, message


def test_half_an_adapter_is_refused(converted, tmp_path):
    weights = load_file(converted.adapter)
    del weights["input_blocks.4.0.flow_gamma_spatial.bias"]
    save_file(weights, tmp_path / "half.safetensors")
    place("model_patches", tmp_path / "half.safetensors")
    assert "1 keys of the adapter do not fit its shape: input_blocks.4.0.flow_gamma_spatial.bias" in _refused(
        "half.safetensors"
    )
    assert 'There is no "none.safetensors" in ComfyUI\'s models/model_patches' in _refused("none.safetensors")
    for outside in ("../checkpoints/golden.safetensors", "/etc/passwd", "\ud800", "\0"):
        assert "There is no " in _refused(outside)


def test_at_the_released_size_the_host_knows_every_layer_and_the_files_are_small():
    """Shapes alone: the network of the training, on the meta device, has the released names and sizes."""
    network = svd_memory.network("meta", True)
    names = dict(network.named_parameters())
    lora = {key.removeprefix("unet."): one for key, one in names.items() if ".lora_" in key}
    fusion = {key: one for key, one in names.items() if key.startswith("fusion.")}
    config = comfy.supported_models.SVD_img2vid(dict(svd_memory.UNET))
    host_model = config.get_model({}, device="meta")
    known = comfy.lora.model_lora_keys_unet(host_model, {})
    shapes = {key: tuple(one.shape) for key, one in host_model.state_dict().items()}
    for key, up in lora.items():
        if key.endswith("lora_up.weight"):
            layer = key.removesuffix(".lora_up.weight")
            down = lora[f"{layer}.lora_down.weight"]
            assert shapes[known[f"diffusion_model.{layer}"]] == (up.shape[0], down.shape[1]), layer
    megabytes = 2 * sum(one.numel() for one in (*lora.values(), *fusion.values())) / 1e6  # in float16
    stated = float(re.search(r"(\d+) MB of the 4.8 GB", (ROOT / "docs/weights.md").read_text(encoding="utf-8"))[1])
    assert megabytes < MAX_MEGABYTES and stated == pytest.approx(megabytes, abs=1)
    assert network.fusion.config == FusionConfig.for_unet(320, (1, 2, 4, 4), 2)
