"""A tie to the end, in every sampler of ComfyUI: benchmarks/tied_samplers.py has them with every scheduler."""

import comfy.sample
import comfy.samplers
import pytest
import torch

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.host import carry
from tests.support.pictures import noise_image
from tests.support.video_families import animated_sd15, left_half

LEAVE_NOISE = ("dpm_fast", "dpm_adaptive")  # they end at the schedule's last noise level before 0
STEPS = 3


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    family = animated_sd15(tmp_path_factory.mktemp("samplers"))
    clip = ClipShape(*family.sizes[0])
    prepared, carried = family.prepare(clip, noise_image(*clip.size)), left_half(clip)
    model = carry.tie_to(
        carry.Sampling(prepared[2], family.vae, family.model), carried, CarrySettings(hold=1.0, ground=1.0)
    )
    return model, prepared, family.vae.encode(carried.video)


@pytest.mark.parametrize("scheduler", ["normal", "karras"])
@pytest.mark.parametrize("sampler", comfy.samplers.SAMPLER_NAMES)
def test_held_to_the_end_the_video_is_the_carried_one(tied, sampler, scheduler):
    model, (positive, negative, latent), expected = tied
    with torch.inference_mode():
        made = comfy.sample.sample(
            model, comfy.sample.prepare_noise(latent["samples"], 5), STEPS, 1.0, sampler, scheduler, positive, negative,
            latent["samples"], disable_pbar=True, seed=5,
        )  # fmt: skip
    off = float((made - expected).abs().max() / expected.abs().max())
    if sampler in LEAVE_NOISE:
        last = comfy.samplers.KSampler(model, STEPS, torch.device("cpu"), "euler", scheduler).sigmas[-2]
        assert 1e-3 < off < 10 * float(last)
    else:
        assert off < 1e-3
