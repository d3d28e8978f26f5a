"""The carried picture as the host's sampler gets it: SVD, Wan and LTX-Video of its own classes, tiny and random."""

import functools
from dataclasses import dataclass

import comfy.sample
import comfy.samplers
import pytest
import torch
from comfy.model_patcher import ModelPatcher
from comfy_extras.nodes_differential_diffusion import DifferentialDiffusion
from comfy_extras.nodes_lt import LTXVImgToVideo

from dragnuwa.carry.composite import Carried, carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape, ModelClip
from dragnuwa.host import carry
from tests.support.drawings import parsed_tracks
from tests.support.known_pictures import known_pictures
from tests.support.pictures import noise_image
from tests.support.video_families import DRAG, Family, context, left_half, ltx, svd, wan

__all__ = ["known_pictures"]
STEPS = 8
SMALL = 1e-4


FAMILIES = {"SVD": svd, "Wan": wan, "LTX-Video": ltx}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, tmp_path_factory) -> Family:
    return FAMILIES[request.param](tmp_path_factory.mktemp("carry"))


@dataclass
class Run:
    """What the sampler had before each step, what it took for clean, and what came out."""

    x: list[torch.Tensor]
    clean: list[torch.Tensor]
    samples: torch.Tensor


def sampled(
    family: Family, prepared: tuple, latent: dict, *, model: ModelPatcher | None = None, steps: int = STEPS
) -> Run:
    run = Run([], [], None)

    def keep(step, clean, x, total):
        run.x.append(x.clone())
        run.clean.append(clean.clone())

    noise = comfy.sample.prepare_noise(latent["samples"], 5)
    with torch.inference_mode():
        run.samples = comfy.sample.sample(
            model or family.model, noise, steps, 1.0, "euler", family.scheduler, prepared[0], prepared[1],
            latent["samples"], noise_mask=latent.get("noise_mask"), callback=keep, disable_pbar=True, seed=5,
        )  # fmt: skip
    return run


@functools.cache
def carried(clip: ClipShape) -> Carried:
    """Not to be changed in place."""
    return carry_clip(noise_image(*clip.size), parsed_tracks(DRAG, size=clip.size), clip, None, CarrySettings(16))


def by_sigma(family: Family) -> ModelPatcher:
    return DifferentialDiffusion.execute(family.model).args[0]


@pytest.mark.parametrize("number", [0, 1])
def test_the_graph_runs_at_any_size(family, number):
    clip = ModelClip(*family.sizes[number])
    prepared = family.prepare(clip, noise_image(*clip.size))
    latent = prepared[2]
    carry.check_latent(latent, family.vae, clip)
    moved = carry.into_latent(latent, family.vae, carried(clip), CarrySettings(hold=0.5, ground=0.1))
    shape = latent["samples"].shape
    assert moved["samples"].shape == shape
    assert moved["noise_mask"].shape == (shape[0], 1, *shape[2:])
    assert 0.5 - SMALL <= moved["noise_mask"].min() < 0.6 and moved["noise_mask"].max() <= 0.9 + SMALL
    result = sampled(family, prepared, moved, model=by_sigma(family), steps=2).samples
    assert result.shape == shape and result.isfinite().all()


def test_nothing_held_is_the_plain_run(family):
    """To the bit, with Differential Diffusion on the model or without."""
    clip = ModelClip(*family.sizes[0])
    prepared = family.prepare(clip, noise_image(*clip.size))
    moved = carry.into_latent(prepared[2], family.vae, carried(clip), CarrySettings(hold=0.0, ground=0.0))
    plain = sampled(family, prepared, prepared[2], steps=3).samples
    assert torch.equal(sampled(family, prepared, moved, model=by_sigma(family), steps=3).samples, plain)


def thresholds(family: Family, sigmas: torch.Tensor) -> torch.Tensor:
    """How much of the schedule lies ahead of each step, 1 to 0, in the model's own timesteps."""
    sampling = family.model.get_model_object("model_sampling")
    times = torch.stack([sampling.timestep(sigma) for sigma in sigmas[:-1]])
    last = sampling.timestep(torch.as_tensor(sampling.sigma_min))
    return (times - last) / (times[0] - last)


@pytest.mark.parametrize("hold", [0.1, 0.3])
def test_the_mask_ties_until_its_sigma(family, hold):
    """Inside, what the sampler takes for clean is the carried video as long as it is tied, and not longer. Outside, the
    sampling begins as without it."""
    clip = ModelClip(*family.sizes[1])
    prepared = family.prepare(clip, noise_image(*clip.size))
    moved = carry.into_latent(prepared[2], family.vae, left_half(clip), CarrySettings(hold=hold, ground=0.0))
    plain, run = (sampled(family, prepared, latent, model=by_sigma(family)) for latent in (prepared[2], moved))
    inside = (moved["noise_mask"] < 1 - hold + SMALL).expand_as(moved["samples"])
    outside = (moved["noise_mask"] == 1).expand_as(moved["samples"])
    assert inside.any() and outside.any()
    crude = family.model.model.process_latent_in(moved["samples"])
    sampler = comfy.samplers.KSampler(family.model, STEPS, torch.device("cpu"), "euler", family.scheduler)
    tied = thresholds(family, sampler.sigmas) > 1 - hold + SMALL
    assert 0 < tied.sum() < STEPS
    for step, expected in enumerate(tied):
        assert torch.equal(run.clean[step][inside], crude[inside]) == bool(expected), step
    assert torch.equal(run.x[0][outside], plain.x[0][outside])
    assert not torch.equal(run.x[1][inside], plain.x[1][inside])


def test_without_differential_diffusion_ltx_takes_the_mask_as_its_noise_level(tmp_path):
    """LTX-Video's own way: what is held for good stays as it is, at every step."""
    family = ltx(tmp_path)
    clip = ModelClip(*family.sizes[0])
    prepared = family.prepare(clip, noise_image(*clip.size))
    moved = carry.into_latent(prepared[2], family.vae, left_half(clip), CarrySettings(hold=1.0, ground=0.0))
    run = sampled(family, prepared, moved)
    inside = (moved["noise_mask"] == 0).expand_as(moved["samples"])
    assert torch.allclose(run.samples[inside], moved["samples"][inside], atol=SMALL)
    assert not torch.equal(run.samples[~inside], moved["samples"][~inside])


def test_the_latents_own_mask_stays(tmp_path):
    """LTX-Video's conditioning pins the first frame in the latent; the carried video does not take its place."""
    family = ltx(tmp_path)
    clip = ModelClip(*family.sizes[1])
    positive, negative = context(8)
    given = LTXVImgToVideo.execute(
        positive,
        negative,
        noise_image(*clip.size),
        family.vae,
        clip.width,
        clip.height,
        clip.frames,
        1,
        1.0,
    ).args[2]
    moved = carry.into_latent(given, family.vae, left_half(clip), CarrySettings(hold=0.6, ground=0.0))
    assert (moved["noise_mask"][:, :, 0] == 0).all()
    assert torch.equal(moved["samples"][:, :, 0], given["samples"][:, :, 0])
    assert moved["noise_mask"][:, :, 1:].min() == pytest.approx(0.4, abs=SMALL)
    assert not torch.equal(moved["samples"][:, :, 1:], given["samples"][:, :, 1:])


BAD_LATENTS = {
    "frames": (lambda clip: ModelClip(clip.width, clip.height, clip.frames + 8), "which stand for"),
    "size": (lambda clip: ModelClip(clip.width + 32, clip.height, clip.frames), "Set one width and height"),
}


@pytest.mark.parametrize("case", BAD_LATENTS)
def test_a_latent_of_another_clip_is_told(family, case):
    other, words = BAD_LATENTS[case]
    clip = ModelClip(*family.sizes[0])
    latent = family.prepare(clip, noise_image(*clip.size))[2]
    with pytest.raises(ValueError, match=words):
        carry.check_latent(latent, family.vae, other(clip))


@pytest.mark.parametrize("number", [255.0, -1.0, float("nan")])
def test_a_noise_mask_of_other_values_is_told(family, number):
    """Above 1, all of the latent would count as freer than what is carried, and start from the carried video."""
    clip = ModelClip(*family.sizes[0])
    latent = family.prepare(clip, noise_image(*clip.size))[2]
    height, width = latent["samples"].shape[-2:]
    carry.check_latent(latent | {"noise_mask": torch.ones(1, 4 * height, 4 * width) > 0}, family.vae, clip)
    with pytest.raises(ValueError, match="noise mask should hold values from 0 to 1; found"):
        carry.check_latent(latent | {"noise_mask": torch.full((1, height, width), number)}, family.vae, clip)


def test_the_vae_of_another_model_is_told(tmp_path):
    family, other = wan(tmp_path), svd(tmp_path)
    clip = ModelClip(*family.sizes[0])
    latent = family.prepare(clip, noise_image(*clip.size))[2]
    with pytest.raises(ValueError, match=r"which stand for|not of one model"):
        carry.check_latent(latent, other.vae, clip)
        carry.into_latent(latent, other.vae, carried(clip), CarrySettings(hold=0.5, ground=0.0))
    with pytest.raises(ValueError, match="There is no VAE"):
        carry.check_latent(latent, None, clip)


@pytest.mark.parametrize(("hold", "ground"), [(1.5, 0.0), (0.5, -0.1)])
def test_hold_and_ground_are_parts(hold, ground):
    clip = ModelClip(64, 64, 2)
    with pytest.raises(ValueError, match="must be from 0 to 1"):
        carry.into_latent(
            {"samples": torch.zeros(2, 4, 8, 8)}, None, carried(clip), CarrySettings(hold=hold, ground=ground)
        )
