"""From a checkpoint to the host's objects."""

import json

import comfy.model_management
import pytest
import torch

from dragnuwa.host.fusion import load
from dragnuwa.models.checkpoint import UNET, CheckpointError
from tests.support.random_checkpoint import TEXT, build
from tests.support.weights import saved, without

NAME = "checkpoint.safetensors"


@pytest.fixture(scope="module")
def whole() -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """A checkpoint of random weights with every part. Not to be changed in place."""
    return build()


@pytest.fixture(scope="module")
def parts(random_file) -> load.Parts:
    return load.load(random_file)


def test_text_is_encoded(parts):
    first, second = (parts.clip.encode_from_tokens_scheduled(parts.clip.tokenize(text)) for text in ("a cat", "a dog"))
    assert first[0][0].shape == (1, 77, 128)
    assert not torch.equal(first[0][0], second[0][0])


def test_pictures_go_to_latents_and_back(parts):
    latent = parts.vae.encode(torch.rand(1, 64, 96, 3))
    assert latent.shape == (1, 4, 8, 12)
    assert parts.vae.decode(latent).shape == (1, 64, 96, 3)


def test_a_part_that_the_file_lacks_is_none(whole, tmp_path):
    weights, metadata = whole
    parts = load.load(saved({k: v for k, v in weights.items() if k.startswith(UNET)}, tmp_path / NAME, metadata))
    assert (parts.clip, parts.clip_vision, parts.vae) == (None, None, None)


def test_channels_per_head_come_from_the_metadata(whole, tmp_path):
    weights, metadata = whole
    config = {**json.loads(metadata["config"]), "num_head_channels": 32}
    parts = load.load(saved(weights, tmp_path / NAME, {"config": json.dumps(config)}))
    heads = {m.heads for m in parts.model.model.diffusion_model.modules() if hasattr(m, "heads")}
    assert heads == {2}  # 64 channels


def test_the_host_can_load_the_model_a_second_time(parts):
    """As it does for another GPU: by the function and arguments that the model carries."""
    function, arguments = parts.model.cached_patcher_init
    again = function(*arguments, disable_dynamic=True).model.diffusion_model.state_dict()
    first = parts.model.model.diffusion_model.state_dict()
    assert first.keys() == again.keys() and all(torch.equal(first[key], again[key]) for key in first)


def loaded() -> list:
    """Without the models of earlier tests, which are gone, and of which ComfyUI has not noticed it yet."""
    return [model for model in comfy.model_management.loaded_models() if model is not None]


def test_models_are_unloaded_and_loaded_by_the_host(parts):
    comfy.model_management.unload_all_models()
    before = loaded()
    comfy.model_management.load_models_gpu([parts.model, parts.adapter])
    assert not before and {parts.model, parts.adapter} <= set(loaded())
    comfy.model_management.unload_all_models()
    assert not loaded()


VAE, VISION = "first_stage_model.", "conditioner.embedders.0.open_clip.model.visual."


def spoiled(weights: dict, key: str, value: float) -> dict:
    """One number of one tensor exchanged."""
    tensor = weights[key].clone()
    tensor.view(-1)[tensor.numel() // 2] = value
    return weights | {key: tensor}


def whole_numbers(weights: dict, part: str) -> dict:
    return weights | {key: value.to(torch.int8) for key, value in weights.items() if key.startswith(part)}


BAD = {
    "a key that tells the shape missing": (
        lambda w: without(w, "input_blocks.2.0.out_layers.3.weight"),
        "model.diffusion_model.input_blocks.2.0.out_layers.3.weight",
    ),
    "a key missing": (
        lambda w: without(w, "input_blocks.2.0.out_layers.3.bias"),
        "1 key missing (input_blocks.2.0.out_layers.3.bias)",
    ),
    "a key too many": (
        lambda w: w | {f"{UNET}input_blocks.1.9.weight": torch.ones(1)},
        "1 key without a use (input_blocks.1.9.weight)",
    ),
    "a shape that differs": (lambda w: w | {f"{UNET}out.2.bias": torch.ones(5)}, "1 key of another shape (out.2.bias)"),
    "no text embedding": (lambda w: without(w, f"{TEXT}embeddings.token_embedding"), "not a CLIP text encoder"),
    "another text encoder": (
        lambda w: without(w, "cond_stage_model") | {"cond_stage_model.t5xxl.shared.weight": torch.ones(8, 8)},
        "t5xxl.shared.weight",
    ),
    "a VAE key missing": (lambda w: without(w, "taesd_encoder.4.conv.2.bias"), "VAE (first_stage_model.)"),
    "the VAE's scale missing": (lambda w: without(w, "vae_scale"), "1 key missing (vae_scale)"),
    "a VAE key of another shape": (
        lambda w: w | {f"{VAE}taesd_decoder.19.bias": torch.ones(5)},
        "taesd_decoder.19.bias",
    ),
    "the key that tells the kind of VAE missing": (lambda w: without(w, "taesd_decoder.1.weight"), "VAE"),
    "no VAE that is known": (lambda w: without(w, VAE) | {f"{VAE}odd.weight": torch.ones(3)}, "odd.weight"),
    "a text key missing": (lambda w: without(w, "encoder.layers.1.mlp.fc2.bias"), "encoder.layers.1.mlp.fc2.bias"),
    "a text layer missing": (lambda w: without(w, "encoder.layers.0.mlp.fc1"), "CLIP text encoder"),
    "a text key of another shape": (
        lambda w: w | {f"{TEXT}final_layer_norm.bias": torch.ones(5)},
        "final_layer_norm.bias",
    ),
    "a flat text embedding": (
        lambda w: w | {f"{TEXT}embeddings.token_embedding.weight": torch.ones(5)},
        "text encoder",
    ),
    "half a CLIP vision model": (lambda w: w | {f"{VISION}ln_pre.bias": torch.ones(8)}, "CLIP vision model"),
    "NaN in the UNet": (lambda w: spoiled(w, f"{UNET}out.2.weight", float("nan")), "out.2.weight holds numbers that"),
    "NaN in a LoRA": (
        lambda w: spoiled(w, f"{UNET}middle_block.1.proj_in.lora_up.weight", float("nan")),
        "middle_block.1.proj_in.lora_up.weight holds numbers that are not finite",
    ),
    "infinity in the VAE": (lambda w: spoiled(w, f"{VAE}taesd_decoder.1.weight", float("inf")), "not finite"),
    "infinity in the adapter": (lambda w: spoiled(w, f"{UNET}flow_blocks.0.0.weight", float("-inf")), "not finite"),
    "NaN in the text encoder": (lambda w: spoiled(w, f"{TEXT}final_layer_norm.bias", float("nan")), "not finite"),
    "a UNet in int8": (lambda w: whole_numbers(w, UNET), "numbers of the type int8"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_does_not_fit_together_is_refused(case, whole, tmp_path):
    change, words = BAD[case]
    weights, metadata = whole
    with pytest.raises(CheckpointError) as error:
        load.load(saved(change(weights), tmp_path / NAME, metadata))
    assert words in str(error.value), str(error.value)
