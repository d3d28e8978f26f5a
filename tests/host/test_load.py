"""From a checkpoint to the host's objects."""

import json

import comfy.model_management
import pytest
import torch
from safetensors.torch import save_file

from dragnuwa.checkpoint import UNET, CheckpointError
from dragnuwa.host.dragnuwa import load
from random_checkpoint import TEXT, build


@pytest.fixture(scope="module")
def whole() -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """A checkpoint of random weights with every part. Not to be changed in place."""
    return build()


def saved(weights: dict, metadata: dict, folder) -> str:
    path = folder / "checkpoint.safetensors"
    save_file(weights, path, metadata=metadata)
    return str(path)


@pytest.fixture(scope="module")
def parts(whole, tmp_path_factory) -> load.Parts:
    return load.load(saved(*whole, tmp_path_factory.mktemp("whole")))


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
    parts = load.load(saved({k: v for k, v in weights.items() if k.startswith(UNET)}, metadata, tmp_path))
    assert (parts.clip, parts.clip_vision, parts.vae) == (None, None, None)


def test_channels_per_head_come_from_the_metadata(whole, tmp_path):
    weights, metadata = whole
    config = {**json.loads(metadata["config"]), "num_head_channels": 32}
    parts = load.load(saved(weights, {"config": json.dumps(config)}, tmp_path))
    heads = {m.heads for m in parts.model.model.diffusion_model.modules() if hasattr(m, "heads")}
    assert heads == {2}  # 64 channels


def test_the_host_can_load_the_model_a_second_time(parts):
    """As it does for another GPU: by the function and arguments that the model carries."""
    function, arguments = parts.model.cached_patcher_init
    again = function(*arguments, disable_dynamic=True).model.diffusion_model.state_dict()
    first = parts.model.model.diffusion_model.state_dict()
    assert first.keys() == again.keys() and all(torch.equal(first[key], again[key]) for key in first)


def test_models_are_unloaded_and_loaded_by_the_host(parts):
    comfy.model_management.unload_all_models()
    before = comfy.model_management.loaded_models()
    comfy.model_management.load_models_gpu([parts.model, parts.adapter])
    assert not before and {parts.model, parts.adapter} <= set(comfy.model_management.loaded_models())
    comfy.model_management.unload_all_models()
    assert not comfy.model_management.loaded_models()


def without(weights: dict, part: str) -> dict:
    return {key: value for key, value in weights.items() if part not in key}


BAD = {
    "a key that tells the shape missing": (
        lambda w: without(w, "input_blocks.2.0.out_layers.3.weight"),
        "lacks model.diffusion_model.input_blocks.2.0.out_layers.3.weight",
    ),
    "a key missing": (lambda w: without(w, "input_blocks.2.0.out_layers.3.bias"), "1 keys missing"),
    "a key too many": (lambda w: w | {f"{UNET}input_blocks.1.9.weight": torch.ones(1)}, "1 keys without a use"),
    "a shape that differs": (lambda w: w | {f"{UNET}out.2.bias": torch.ones(5)}, "1 keys of another shape"),
    "no text embedding": (lambda w: without(w, f"{TEXT}embeddings.token_embedding"), "not a CLIP text encoder"),
    "another text encoder": (
        lambda w: without(w, "cond_stage_model") | {"cond_stage_model.t5xxl.shared.weight": torch.ones(8, 8)},
        "t5xxl.shared.weight",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_does_not_fit_together_is_refused(case, whole, tmp_path):
    change, words = BAD[case]
    weights, metadata = whole
    with pytest.raises(CheckpointError) as error:
        load.load(saved(change(weights), metadata, tmp_path))
    assert words in str(error.value), str(error.value)
