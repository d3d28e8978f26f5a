"""What another seed and another drag have to compute again, shown by counting calls."""

import dataclasses

import comfy.clip_vision
import comfy.model_management
import comfy.sd
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host.fusion import conditioning, fusion_patch, load
from dragnuwa.models.adapter import MultiscaleFusion
from dragnuwa.models.drag_maps import encode_trajectories
from tests.support.pictures import noise_image
from tests.support.sampling import latent_noise, sample

CLIP = ModelClip(64, 64, 4)
PICTURE = 96, 80
COUNTED = {
    "picture": (comfy.sd.VAE, "encode"),
    "CLIP vision": (comfy.clip_vision.ClipVisionModel, "encode_image"),
    "gamma and beta": (MultiscaleFusion, "forward"),
    "decode": (comfy.sd.VAE, "decode"),
}


VISION = {
    "model_type": "clip_vision_model", "num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 1,
    "intermediate_size": 64, "hidden_act": "gelu", "image_size": 28, "patch_size": 14, "num_channels": 3,
    "projection_dim": 128,
}  # fmt: skip


@pytest.fixture(scope="module")
def parts(random_file) -> load.Parts:
    vision = comfy.clip_vision.ClipVisionModel(VISION)
    generator = torch.Generator().manual_seed(0)
    for weight in vision.model.parameters():
        weight.data.normal_(0, 0.1, generator=generator)
    return dataclasses.replace(load.load(random_file), clip_vision=vision)


@pytest.fixture
def calls(monkeypatch) -> dict[str, int]:
    """How often each was called."""
    counts = dict.fromkeys(COUNTED, 0)

    def counting(name, function):
        def call(*args, **kwargs):
            counts[name] += 1
            return function(*args, **kwargs)

        return call

    for name, (owner, method) in COUNTED.items():
        monkeypatch.setattr(owner, method, counting(name, getattr(owner, method)))
    return counts


def told(parts, image: torch.Tensor, motion: conditioning.Motion | None = None) -> tuple[list, list, dict]:
    """What the Conditioning node does, which runs again for each drag: its picture comes through the editor."""
    texts = conditioning.Texts([[torch.ones(1, 1, 128), {}]], None)
    return conditioning.encode(parts.vae, CLIP, motion or conditioning.Motion(), texts, parts.clip_vision, image)


def dragged(parts, x: float):
    drags = trajectory.parse([[{"x": 10, "y": 20}, {"x": x, "y": 40}]], width=CLIP.width, height=CLIP.height)
    return fusion_patch.apply(parts.model, parts.adapter, encode_trajectories(drags, CLIP))


def video(parts, model, conditions: tuple[list, list, dict], seed: int) -> torch.Tensor:
    positive, negative, latent = conditions
    noise = latent_noise(CLIP.frames, CLIP.width, CLIP.height, seed)
    samples = sample(model, noise, positive, negative, latent=latent["samples"])
    with torch.inference_mode():
        return parts.vae.decode(samples)


def test_another_seed_encodes_nothing(parts, calls):
    model, conditions = dragged(parts, 50), told(parts, noise_image(*PICTURE))
    first = video(parts, model, conditions, 1)
    loaded = [id(entry) for entry in comfy.model_management.current_loaded_models]
    before = dict(calls)
    assert all(before.values())
    second = video(parts, model, conditions, 2)
    assert calls == {**before, "decode": before["decode"] + 1}
    assert sorted(map(id, comfy.model_management.current_loaded_models)) == sorted(loaded)
    assert not torch.equal(first, second)


def test_another_drag_encodes_the_drag_alone(parts, calls):
    """And the video is that of a run from nothing."""
    video(parts, dragged(parts, 50), told(parts, noise_image(*PICTURE)), 1)
    before = dict(calls)
    after = video(parts, dragged(parts, 20), told(parts, noise_image(*PICTURE)), 1)
    expected = {"gamma and beta": before["gamma and beta"] + 1, "decode": before["decode"] + 1}
    assert calls == {**before, **expected}
    parts.vae.patcher.remove_attachments("dragnuwa.remembered")
    assert torch.equal(video(parts, dragged(parts, 20), told(parts, noise_image(*PICTURE)), 1), after)
    assert calls["picture"] == before["picture"] + 1


def test_another_picture_is_encoded(parts, calls):
    told(parts, noise_image(*PICTURE, 3))
    before = dict(calls)
    other = told(parts, noise_image(*PICTURE, 4))
    noisier = told(parts, noise_image(*PICTURE, 4), conditioning.Motion(augmentation_level=0.5))
    assert calls["picture"] == before["picture"] + 2
    assert not torch.equal(*(one[0][0][1]["concat_latent_image"] for one in (other, noisier)))


def test_what_was_remembered_cannot_be_written_to(parts, calls):
    told(parts, noise_image(*PICTURE, 5))[0][0][1]["concat_latent_image"].zero_()
    assert told(parts, noise_image(*PICTURE, 5))[0][0][1]["concat_latent_image"].any()


def test_few_pictures_are_remembered(parts, calls):
    for seed in range(10, 20):
        told(parts, noise_image(*PICTURE, seed))
    before = calls["picture"]
    told(parts, noise_image(*PICTURE, 19))
    assert calls["picture"] == before
    told(parts, noise_image(*PICTURE, 10))
    assert calls["picture"] == before + 1
