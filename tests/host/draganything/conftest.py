"""The golden ControlNet and base UNet in the host, and the scene and conditioning that belong to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from comfy_extras.nodes_video_model import VideoLinearCFGGuidance
from safetensors.torch import load_file

from dragnuwa.host.draganything import load
from dragnuwa.host.draganything.control import EntityControl, Scene
from dragnuwa.host.fusion import load as base_load
from dragnuwa.host.fusion.load import VideoModel
from dragnuwa.models.checkpoint import Checkpoint, CheckpointConfig
from dragnuwa.models.draganything.entities import Entities, centres, measure
from dragnuwa.models.draganything.maps import entity_vectors
from tests.support.sampling import both_conditionings, sample

IDS = {"fps": 7, "motion_bucket_id": 128, "augmentation_level": 0.02}


@pytest.fixture(scope="session")
def base(draganything_files):
    """The MODEL, a plain Stable Video Diffusion."""
    weights = load_file(draganything_files["base"])
    config = VideoModel.detect(Checkpoint(weights, {}, CheckpointConfig(fusion=None)))
    return base_load._model(weights, config)


@pytest.fixture(scope="session")
def control(draganything_files) -> EntityControl:
    return load.load(draganything_files["controlnet"])


@pytest.fixture(scope="session")
def entities(draganything) -> Entities:
    """Those of the golden case "small": 128x64 pixels, 4 frames, two entities."""
    settings, tensors = draganything.cases["small"], draganything.tensors
    height, width = settings["mask_size_hw"]
    packed = np.unpackbits(tensors["small_masks_packed"].numpy(), axis=1)[:, : height * width]
    size = tuple(settings["target_size_hw"][::-1])
    measured = [measure(mask.reshape(height, width).astype(bool), size, "The mask") for mask in packed]
    positions = centres(tensors["small_tracks"].numpy(), tuple(settings["original_size_hw"][::-1]), size)
    shown = np.ones(positions.shape[:2], bool)
    return Entities(size, positions, shown, np.array([r for r, _ in measured]), np.stack([m for _, m in measured]))


@dataclass(frozen=True)
class Sampling:
    """The goldens' sampling through KSampler's own path."""

    tensors: dict[str, torch.Tensor]
    steps: int

    def conditioning(self, control: EntityControl | None) -> tuple[list, list]:
        context, start = self.tensors["sample_context"], self.tensors["sample_image_latent"]
        told = IDS if control is None else {**IDS, "control": control, "control_apply_to_uncond": False}
        return both_conditionings(context, start, **told)

    def run(self, model, control: EntityControl | None = None, conditioning=None) -> torch.Tensor:
        """`[T, 4, h, w]`, in the host's space."""
        (guided,) = VideoLinearCFGGuidance().patch(model, 1.0)
        positive, negative = conditioning or self.conditioning(control)
        return sample(guided, self.tensors["sample_noise"], positive, negative, steps=self.steps, cfg=3.0)


@pytest.fixture(scope="session")
def sampling(draganything) -> Sampling:
    return Sampling(draganything.tensors, draganything.cases["sampling"]["steps"])


@pytest.fixture(scope="session")
def scene(draganything, entities):
    """scene(mode): the golden entities with their vectors."""

    def made(mode: str) -> Scene:
        settings = draganything.cases["small"]
        drawn = np.random.RandomState(settings["feature_seed"]).standard_normal(settings["feature_shape"])
        features = torch.from_numpy(drawn.astype(np.float32))
        return Scene(entities, entity_vectors(features, entities.latent_masks, mode))

    return made
