"""A tie together with what people put beside it: batches of latents, noise masks, and context windows. What one input
changes is changed, and what it does not is equal."""

import comfy.sample
import comfy.samplers
import pytest
import torch
from comfy.model_patcher import ModelPatcher
from comfy_extras.nodes_context_windows import ContextWindowsManualNode

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.host.carry import Sampling, tie_to_video
from tests.support.pictures import noise_image
from tests.support.video_families import Family, wan

SIZE, STEPS, SMALL = (64, 64, 13), 2, 1e-4


@pytest.fixture(scope="module")
def family(tmp_path_factory) -> Family:
    return wan(tmp_path_factory.mktemp("together"))


@pytest.fixture(scope="module")
def prepared(family) -> tuple[list, list, dict]:
    clip = ClipShape(*SIZE)
    return family.prepare(clip, noise_image(*clip.size))


@pytest.fixture(scope="module")
def tied(family, prepared) -> ModelPatcher:
    """Free on the left half, tied to the end on the right."""
    width, height, frames = SIZE
    video = torch.rand(frames, height, width, 3, generator=torch.Generator().manual_seed(3))
    mask = torch.zeros(1, height, width)
    mask[..., : width // 2] = 1
    return tie_to_video(Sampling(prepared[2], family.vae, family.model), video, mask, 0.0)


def carried(family: Family, tied: ModelPatcher) -> torch.Tensor:
    (estimate,) = tied.model_options["sampler_post_cfg_function"]
    model = family.model.model
    return model.process_latent_out(model.process_latent_in(estimate.tie.latent))


def sample(model: ModelPatcher, prepared: tuple, latent: dict) -> torch.Tensor:
    schedule = comfy.samplers.KSampler(model, STEPS, torch.device("cpu"), "euler", "simple")
    noise = comfy.sample.prepare_noise(latent["samples"], 5)
    with torch.inference_mode():
        return comfy.sample.sample_custom(
            model, noise, 1.0, comfy.samplers.sampler_object("euler"), schedule.sigmas, *prepared[:2],
            latent["samples"], noise_mask=latent.get("noise_mask"), disable_pbar=True, seed=5,
        )  # fmt: skip


def test_each_clip_of_a_batch_is_tied_and_differs_where_it_is_free(family, prepared, tied):
    samples = prepared[2]["samples"]
    made = sample(tied, prepared, {"samples": samples.repeat(2, 1, 1, 1, 1)})
    half, expected = samples.shape[-1] // 2, carried(family, tied)
    for clip in made:
        assert (clip - expected[0])[..., half:].abs().max() < SMALL * (1 + expected.abs().max())
    assert (made[0] - made[1])[..., :half].abs().max() > 0.1
    alone = sample(tied, prepared, prepared[2])
    assert (made[0] - alone[0]).abs().max() < 1e-3 * (1 + alone.abs().max())  # the first noise of a seed is the same


def test_a_noise_mask_keeps_the_latent_where_it_says_and_the_tie_holds_elsewhere(family, prepared, tied):
    samples = torch.randn(prepared[2]["samples"].shape, generator=torch.Generator().manual_seed(4))
    keeps = torch.ones(1, 1, *samples.shape[2:])
    keeps[..., :2, :] = 0  # the upper rows stay the latent's own
    made, expected = sample(tied, prepared, {"samples": samples, "noise_mask": keeps}), carried(family, tied)
    half, bound = samples.shape[-1] // 2, SMALL * (1 + expected.abs().max())
    assert (made - samples)[..., :2, :].abs().max() < bound
    assert (made - expected)[..., 2:, half:].abs().max() < bound
    assert (made - expected)[..., 2:, :half].abs().max() > 0.1


def test_context_windows_change_only_what_is_free(family, prepared, tied):
    (windows,) = ContextWindowsManualNode.execute(
        tied, context_length=2, context_overlap=1, context_schedule="standard_static", context_stride=1,
        closed_loop=False, fuse_method="pyramid", dim=2, freenoise=False,
    ).args  # fmt: skip
    whole, made = sample(tied, prepared, prepared[2]), sample(windows, prepared, prepared[2])
    half, expected = whole.shape[-1] // 2, carried(family, tied)
    assert (made - expected)[..., half:].abs().max() < SMALL * (1 + expected.abs().max())
    assert not torch.equal(made[..., :half], whole[..., :half])
