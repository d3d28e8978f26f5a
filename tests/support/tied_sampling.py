"""Samplings of tiny random models of ComfyUI's own classes, to tie them: one of each family that is tied."""

import comfy.sample
import comfy.samplers
import pytest
import torch
from comfy.model_patcher import ModelPatcher

from dragnuwa.common.clip_shape import ClipShape
from tests.support.exhaustive import some
from tests.support.pictures import noise_image
from tests.support.video_families import FAMILIES, STREAMING, Family

SMALL = 1e-4
HELD = 0.97  # of the schedule: to its last step


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, tmp_path_factory) -> Family:
    made = FAMILIES[request.param](tmp_path_factory.mktemp("tie"))
    made.sampler = "ar_video" if request.param == STREAMING else "euler"
    made.number = list(FAMILIES).index(request.param)
    return made


def in_turn(family: Family, values: list) -> list:
    """One of the values, by turns of the families; all of them in an exhaustive run."""
    return some([values[family.number % len(values)]], values)


class Run:
    """A sampling: what it gave, and what the sampler took for clean in each step."""

    def __init__(self, family: Family, prepared: tuple, model: ModelPatcher, *, steps: int = 4, sampler: str = ""):
        latent, name = prepared[2]["samples"], sampler or family.sampler
        if name == "ar_video":
            sampler = comfy.samplers.ksampler(name, {"num_frame_per_block": 2})
        else:
            sampler = comfy.samplers.sampler_object(name)
        schedule = comfy.samplers.KSampler(model, steps, torch.device("cpu"), "euler", family.scheduler)
        self.clean = []
        noise = comfy.sample.prepare_noise(latent, 5)
        with torch.inference_mode():
            self.samples = comfy.sample.sample_custom(
                model, noise, 1.0, sampler, schedule.sigmas, *prepared[:2], latent,
                noise_mask=prepared[2].get("noise_mask"), disable_pbar=True, seed=5,
                callback=self._keep,
            )  # fmt: skip

    def _keep(self, step: int, clean: torch.Tensor, x: torch.Tensor, total: int) -> None:
        self.clean.append(video_of(clean).clone())

    @property
    def video(self) -> torch.Tensor:
        return video_of(self.samples)


def video_of(samples: torch.Tensor) -> torch.Tensor:
    return samples.unbind()[0] if samples.is_nested else samples


def prepared_for(family: Family, number: int = 1) -> tuple[ClipShape, tuple]:
    clip = ClipShape(*family.sizes[number])
    return clip, family.prepare(clip, noise_image(*clip.size))
