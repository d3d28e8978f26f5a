"""MiniMax H3 guided by frames of Carry's video, in ComfyUI's own class, tiny and random."""

import comfy.sample
import comfy.samplers
import comfy_extras.nodes_minimax_h3 as host_nodes
import pytest
import torch
from node_helpers import conditioning_set_values

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.host import carry, latents
from tests.support.pictures import noise_image
from tests.support.video_families import left_half, minimax_h3

LAST = 21


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    return minimax_h3(tmp_path_factory.mktemp("h3"))


@pytest.fixture(scope="module")
def clip(family) -> ClipShape:
    return ClipShape(*family.sizes[1])


@pytest.fixture(scope="module")
def prepared(family, clip) -> tuple[list, list, dict]:
    return family.prepare(clip, noise_image(*clip.size))


def guided(family, positive: list, video: torch.Tensor, *frames: int) -> list:
    """The conditioning as MiniMaxH3ImageToVideo makes it of a first and a last frame."""
    keyframes = [
        {"resolved_frame_index": at, "latent": family.vae.encode(video[at : at + 1])} for at in frames
    ]  # fmt: skip
    values = {"minimax_keyframes": keyframes, "minimax_frame_count": len(video)}
    return conditioning_set_values(positive, values)


def sampled(model, positive: list, prepared: tuple) -> torch.Tensor:
    latent = prepared[2]
    sampler = comfy.samplers.sampler_object("euler")
    sigmas = comfy.samplers.KSampler(model, 3, torch.device("cpu"), "euler", "simple").sigmas
    with torch.inference_mode():
        made = comfy.sample.sample_custom(
            model, comfy.sample.prepare_noise(latent["samples"], 5), 1.0, sampler, sigmas, positive, prepared[1],
            latent["samples"], noise_mask=latent.get("noise_mask"), disable_pbar=True, seed=5,
        )  # fmt: skip
    return made.unbind()[0]


def test_the_first_and_the_last_frame_of_carrys_video_guide_and_the_tie_holds(family, clip, prepared):
    carried = left_half(clip)
    positive = guided(family, prepared[0], carried.video, 0, LAST)
    free = [sampled(family.model, of, prepared) for of in (prepared[0], positive)]
    assert not torch.allclose(*free, atol=1e-6), "the model sees them"
    settings = CarrySettings(hold=1.0, ground=0.0)
    tied = carry.tie_to(carry.Sampling(prepared[2], family.vae, family.model), carried, settings)
    held = sampled(tied, positive, prepared)
    half = held.shape[-1] // 2
    expected = family.vae.encode(carried.video)[..., :half]
    assert torch.allclose(held[..., :half], expected, atol=1e-4)


def test_a_frame_in_between_needs_the_hosts_own_node(family, clip, prepared):
    """As the recipe says: ComfyUI 0.34 has MiniMaxH3AddGuide; before, only the first and the last frame guide."""
    middle = guided(family, prepared[0], left_half(clip).video, 10)
    if hasattr(host_nodes, "MiniMaxH3AddGuide"):
        sampled(family.model, middle, prepared)
    else:
        with pytest.raises(ValueError, match="only first/last keyframe anchors are supported"):
            sampled(family.model, middle, prepared)


def test_a_noise_mask_of_the_video_leaves_its_rest_as_it_is(family, clip, prepared):
    """With sound beside it, of which the mask says nothing."""
    video, sound = prepared[2]["samples"].unbind()
    kept = torch.randn(video.shape, generator=torch.Generator().manual_seed(3))
    latent = {"samples": type(prepared[2]["samples"])((kept, sound))}
    mask = torch.zeros(1, 1, *video.shape[2:])
    mask[..., video.shape[-1] // 2 :] = 1
    made = sampled(family.model, prepared[0], (*prepared[:2], latent | {"noise_mask": mask}))
    half = video.shape[-1] // 2
    assert torch.allclose(made[..., :half], kept[..., :half], atol=1e-4)
    assert not torch.allclose(made[..., half:], kept[..., half:], atol=1e-2)
    assert latents.frames_of(latent, family.vae) == LAST + 1
