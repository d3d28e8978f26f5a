"""The sampling tied on the model's own estimate: models of ComfyUI's own classes, tiny and random."""

from dataclasses import replace

import comfy.sample
import comfy.samplers
import pytest
import torch
from comfy_extras.nodes_lt import LTXVImgToVideo
from comfy_extras.nodes_minimax_h3 import video_latent_t

from dragnuwa.carry.composite import Carried, CarryInputs
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.host import carry, latents
from tests.support.drawings import parsed_tracks
from tests.support.known_pictures import known_pictures
from tests.support.pictures import noise_image
from tests.support.tied_sampling import SMALL, Run, family, in_turn, prepared_for, video_of
from tests.support.video_families import (
    DRAG,
    Family,
    SmallH3Vae,
    animated_sd15,
    causal_wan,
    context,
    left_half,
    ltx,
    minimax_h3,
    svd,
    wan,
)

__all__ = ["family", "known_pictures"]


class Enough(Exception):
    """Ends a sampling of which the rest says nothing new."""


class FirstStep(Run):
    """The first step of one; then it ends."""

    def _keep(self, *step) -> None:
        raise Enough


def said_of(family: Family, prepared: tuple, *, sampled: int = 4, **held) -> list[str]:
    """What is reported of a sampling when it begins."""
    said, carried = [], left_half(ClipShape(*family.sizes[0]))
    model = tied_to(family, prepared[2], carried, report=said.append, **held)
    with pytest.raises(Enough):
        FirstStep(family, prepared, model, steps=sampled)
    return said


def tied_to(family: Family, latent: dict, carried: Carried, *, steps: int = 0, report=lambda text: None, **hold):
    settings = CarrySettings(**{"hold": 0.5, "ground": 0.0, **hold})
    return carry.tie_to(carry.Sampling(latent, family.vae, family.model, steps, report), carried, settings)


def crude(family: Family, latent: dict, carried: Carried) -> torch.Tensor:
    """The carried video as the model has it."""
    made = carry._encoded(video_of(latent["samples"]), family.vae, carried.video)
    return family.model.model.process_latent_in(made)


def test_tied_to_the_end_gives_the_carried_latent_and_leaves_the_rest_free(family):
    clip, prepared = prepared_for(family)
    carried = left_half(clip)
    carry.check_latent(prepared[2], family.vae, clip, sound=True)
    expected = family.model.model.process_latent_out(crude(family, prepared[2], carried))
    plain = Run(family, prepared, family.model)
    run = Run(family, prepared, tied_to(family, prepared[2], carried, hold=1.0))
    half = expected.shape[-1] // 2
    assert (run.video - expected)[..., :half].abs().max() < 1e-5 * max(1, expected.abs().max())
    assert not torch.allclose(run.video[..., half:], expected[..., half:], atol=1e-3)
    assert not torch.allclose(run.video[..., half:], plain.video[..., half:], atol=1e-5), "the model sees what is tied"
    assert "sampler_post_cfg_function" not in family.model.model_options, "the model itself is as it was"


def test_steps_are_held_exactly(family):
    for steps, held in in_turn(family, [(4, 2), (6, 1)]):
        holds_exactly(family, steps, held)


def holds_exactly(family: Family, steps: int, held: int) -> None:
    clip, prepared = prepared_for(family, 0)
    carried, said = left_half(clip), []
    expected = crude(family, prepared[2], carried)
    run = Run(family, prepared, tied_to(family, prepared[2], carried, steps=held, report=said.append), steps=steps)
    half = expected.shape[-1] // 2
    assert said[0] == f"holds {held} of {steps} steps"
    if family.sampler == "ar_video":  # which gives the callback one block of frames at a time
        clean = [torch.cat([run.clean[block * steps + step] for block in range(2)], 2) for step in range(steps)]
    else:
        clean = run.clean
    for step, found in enumerate(clean):
        same = torch.allclose(found[..., :half], expected[..., :half], atol=SMALL)
        assert same == (step < held), step


def test_a_fraction_counts_the_models_own_timesteps(family):
    """As Differential Diffusion reads a noise mask."""
    for steps in [4] if family.sampler == "ar_video" else in_turn(family, [4, 12]):
        counts_timesteps(family, steps)


def counts_timesteps(family: Family, steps: int) -> None:
    _, prepared = prepared_for(family, 0)
    said = said_of(family, prepared, hold=0.4, sampled=steps)
    sampling = family.model.get_model_object("model_sampling")
    sigmas = comfy.samplers.KSampler(family.model, steps, torch.device("cpu"), "euler", family.scheduler).sigmas
    times = torch.stack([torch.as_tensor(sampling.timestep(sigma)) for sigma in sigmas[:-1]])
    last = torch.as_tensor(sampling.timestep(torch.as_tensor(sampling.sigma_min)))
    left = (times - last) / (times[0] - last)
    assert said[0] == f"holds {int((left > 0.6).sum())} of {steps} steps"


def test_nothing_held_is_the_plain_run(family):
    clip, prepared = prepared_for(family, 0)
    carried = left_half(clip)
    plain = Run(family, prepared, family.model).video
    assert torch.equal(Run(family, prepared, tied_to(family, prepared[2], carried, hold=0.0)).video, plain)


def test_sound_is_left_alone(tmp_path):
    """The tied estimate has the audio of the model's own, to the bit, and it comes out of the right size."""
    family = minimax_h3(tmp_path)
    clip, prepared = prepared_for(family, 0)
    carried = left_half(clip)
    model = tied_to(family, prepared[2], carried, hold=1.0)
    (replace,) = model.model_options["sampler_post_cfg_function"]
    video, audio = prepared[2]["samples"].unbind()
    pack = torch.randn(1, 1, video.numel() + audio.numel())
    sigmas = torch.tensor([1.0, 0.5, 0.0])
    args = {
        "denoised": pack, "model": family.model.model, "sigma": sigmas[:1],
        "model_options": {"transformer_options": {"sample_sigmas": sigmas}},
    }  # fmt: skip
    found = replace(args)
    assert torch.equal(found[..., video.numel() :], pack[..., video.numel() :])
    assert not torch.equal(found[..., : video.numel()], pack[..., : video.numel()])
    with pytest.raises(ValueError, match="carries sound, which a noise mask cannot leave alone"):
        carry.check_latent(prepared[2], family.vae, clip)


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "uni_pc", "euler_ancestral", "heun", "dpmpp_sde"])
def test_other_samplers_end_at_the_carried_latent(tmp_path_factory, sampler):
    """Also those that call the model twice in a step."""
    family = wan(tmp_path_factory.mktemp("samplers"))
    family.sampler = sampler
    clip, prepared = prepared_for(family, 0)
    carried = left_half(clip)
    expected = crude(family, prepared[2], carried)
    half = expected.shape[-1] // 2

    def is_carried(latent: torch.Tensor) -> bool:
        return torch.allclose(latent[..., :half], expected[..., :half], atol=SMALL)

    run = Run(family, prepared, tied_to(family, prepared[2], carried, hold=1.0))
    assert all(map(is_carried, run.clean))
    left = run.video - family.model.model.process_latent_out(expected)
    assert left[..., :half].abs().max() < (0.03 if sampler == "uni_pc" else SMALL), (
        "uni_pc ends before all noise is gone"
    )
    held = Run(family, prepared, tied_to(family, prepared[2], carried, steps=3))
    assert [is_carried(clean) for clean in held.clean] == [step < 3 for step in range(len(held.clean))]


@pytest.mark.parametrize("scheduler", comfy.samplers.SCHEDULER_NAMES)
@pytest.mark.parametrize("made", [svd, animated_sd15, wan])
def test_every_schedule_holds_to_the_end(tmp_path, made, scheduler):
    """Also one whose last step begins where the model's timesteps end."""
    family = made(tmp_path)
    family.scheduler = scheduler
    clip, prepared = prepared_for(family, 0)
    carried = left_half(clip)
    expected = family.model.model.process_latent_out(crude(family, prepared[2], carried))
    left = Run(family, prepared, tied_to(family, prepared[2], carried, hold=1.0)).video - expected
    assert left[..., : expected.shape[-1] // 2].abs().max() < SMALL * max(1, expected.abs().max())


def test_a_batch_of_seeds_is_tied_alike(tmp_path):
    family = wan(tmp_path)
    clip, prepared = prepared_for(family, 0)
    carried = left_half(clip)
    two = {"samples": prepared[2]["samples"].repeat(2, 1, 1, 1, 1)}
    family.sampler = "euler"
    run = Run(family, (*prepared[:2], two), tied_to(family, two, carried, hold=1.0))
    half = run.video.shape[-1] // 2
    assert torch.allclose(run.video[0, ..., :half], run.video[1, ..., :half], atol=1e-5)
    assert not torch.allclose(run.video[0, ..., half:], run.video[1, ..., half:], atol=1e-3)


def test_the_latents_own_mask_stays(tmp_path):
    """LTX-Video's conditioning pins the first frame in the latent; the carried video does not take its place."""
    family = ltx(tmp_path)
    family.sampler = "euler"
    clip = ClipShape(*family.sizes[1])
    made = LTXVImgToVideo.execute(
        *context(8), noise_image(*clip.size), family.vae, clip.width, clip.height, clip.frames, 1, 1.0
    ).args
    carried = left_half(clip)
    run = Run(family, made, tied_to(family, made[2], carried, hold=1.0))
    assert torch.allclose(run.video[:, :, 0], made[2]["samples"][:, :, 0], atol=1e-4)
    half = run.video.shape[-1] // 2
    expected = family.model.model.process_latent_out(crude(family, made[2], carried))
    assert (run.video - expected)[:, :, 1:, :, :half].abs().max() < 1e-4


def test_a_frame_of_minimax_h3_moves_the_latent_frames_that_it_is_told_to_belong_to():
    """By impulse on the encoder itself: it starts over after 17 frames, with a latent frame for one frame."""
    vae, frames = SmallH3Vae(), 22
    video = torch.rand(frames, 32, 32, 3, generator=torch.Generator().manual_seed(0))
    before = vae.encode(video)
    spans = latents.spans(frames, before, vae)
    assert len(spans) == before.shape[2]
    for number, span in enumerate(spans):
        for frame in range(span.start, span.stop):
            changed = video.clone()
            changed[frame] = 1 - changed[frame]
            moved = (vae.encode(changed) - before).abs().amax((0, 1, 3, 4)) > 1e-6
            assert moved[number] and not moved[:number].any(), (number, frame)


def test_the_number_of_frames_can_be_taken_from_the_latent(family):
    for number in range(len(family.sizes)):
        clip, prepared = prepared_for(family, number)
        frames = latents.frames_of(prepared[2], family.vae)
        assert clip.frames - 8 < frames <= clip.frames
        carry.check_latent(prepared[2], family.vae, ClipShape(*clip.size, frames), sound=True)
        with pytest.raises(ValueError, match=f"which stand for {frames} frames of a clip"):
            carry.check_latent(prepared[2], family.vae, ClipShape(*clip.size, 2 * frames + 8), sound=True)


def test_every_length_of_minimax_h3_has_as_many_latent_frames_as_its_own_node_makes():
    vae = SmallH3Vae()
    for frames in range(5, 720, 17):
        latent = {"samples": torch.zeros(1, 24, video_latent_t(frames), 2, 2)}
        assert latents.frames_of(latent, vae) == frames
        assert len(latents.spans(frames, latent["samples"], vae)) == video_latent_t(frames)


def test_drags_that_change_from_a_block_on_leave_the_blocks_before_as_they_were(tmp_path):
    family = causal_wan(tmp_path)
    family.sampler = "ar_video"
    clip, prepared = prepared_for(family, 1)  # 25 frames, 7 latent frames, blocks of 2
    carried = left_half(clip)
    video = carried.video.clone()
    video[13:] = video[13:].flip(1)  # from the third block on
    runs = [Run(family, prepared, tied_to(family, prepared[2], replace(carried, video=of)))
            for of in (carried.video, video)]  # fmt: skip
    same = [torch.equal(runs[0].video[:, :, frame], runs[1].video[:, :, frame]) for frame in range(7)]
    assert same == [True] * 4 + [False] * 3


@pytest.mark.parametrize("hold", [0.0, 0.1, 1.0])
def test_steps_count_whatever_the_fraction_is(tmp_path, hold):
    family = wan(tmp_path)
    assert said_of(family, prepared_for(family, 0)[1], steps=2, hold=hold) == ["holds 2 of 4 steps"]


def test_steps_without_a_model_are_refused(tmp_path):
    family = wan(tmp_path)
    clip, prepared = prepared_for(family, 0)
    drags = parsed_tracks(DRAG, size=clip.size)
    with pytest.raises(ValueError, match="hold_steps is 2, and no model is connected"):
        sampling = carry.Sampling(prepared[2], family.vae, hold_steps=2)
        carry.carry_into_sampling(sampling, CarryInputs(noise_image(*clip.size), drags, clip), CarrySettings(16))


def test_a_sampler_without_a_schedule_and_another_latent_are_told(tmp_path):
    family = wan(tmp_path)
    clip, prepared = prepared_for(family, 0)
    (estimate,) = tied_to(family, prepared[2], left_half(clip)).model_options["sampler_post_cfg_function"]
    args = {"denoised": prepared[2]["samples"], "model": family.model.model, "sigma": torch.ones(1)}
    with pytest.raises(ValueError, match="does not say its noise levels"):
        estimate({**args, "model_options": {}})
    schedule = {"transformer_options": {"sample_sigmas": torch.tensor([1.0, 0.0])}}
    with pytest.raises(ValueError, match="The sampler works on latents"):
        estimate({**args, "denoised": torch.zeros(1, 16, 9, 8, 8), "model_options": schedule})


def test_a_video_is_kept_outside_of_a_mask_and_repainted_inside(family):
    clip, prepared = prepared_for(family)
    video = torch.rand(clip.frames, clip.height, clip.width, 3, generator=torch.Generator().manual_seed(3))
    mask = torch.zeros(1, clip.height, clip.width)
    mask[..., : clip.width // 2] = 1
    latent = prepared[2]
    model = carry.tie_to_video(carry.Sampling(latent, family.vae, family.model), video, mask, 0.0)
    samples = video_of(latent["samples"])
    true = carry._encoded(samples, family.vae, video)
    made, plain = Run(family, prepared, model).video, Run(family, prepared, family.model).video
    half = samples.shape[-1] // 2
    assert (made - true)[..., half:].abs().max() < SMALL * (1 + true.abs().max())
    assert (made - true)[..., :half].abs().max() > 0.1 * true.abs().max()
    assert not torch.equal(made, plain)


def test_a_mask_of_another_length_is_refused(family):
    clip, prepared = prepared_for(family)
    video = torch.rand(clip.frames, clip.height, clip.width, 3)
    with pytest.raises(ValueError, match="found 2"):
        carry.tie_to_video(carry.Sampling(prepared[2], family.vae, family.model), video, torch.ones(2, 8, 8), 0.5)


@pytest.mark.parametrize("what", ["images", "mask"])
def test_another_shape_is_refused_rather_than_squeezed(family, what):
    clip, prepared = prepared_for(family)
    size = {"images": (clip.height, clip.width), "mask": (clip.height, clip.width), what: (clip.width, clip.height + 9)}
    video, mask = torch.rand(clip.frames, *size["images"], 3), torch.ones(1, *size["mask"])
    with pytest.raises(InputError, match=rf"{what} should have the (latent's )?shape.*found {clip.height + 9}x"):
        carry.tie_to_video(carry.Sampling(prepared[2], family.vae, family.model), video, mask, 0.5)


def test_a_larger_video_of_the_same_shape_is_taken(family):
    clip, prepared = prepared_for(family)
    video = torch.rand(clip.frames, 2 * clip.height + 1, 2 * clip.width, 3)
    carry.tie_to_video(
        carry.Sampling(prepared[2], family.vae, family.model), video, torch.ones(1, *video.shape[1:3]), 0.5
    )
