"""Generates a checkpoint's videos with the host's own sampler, and the baselines for comparison.

Modules that import ComfyUI are imported inside functions, so that `dragnuwa.host.find.find_host` can be called first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ...carry.settings import CarrySettings
from ...common.clip_shape import ClipShape
from ...common.images import to_bytes, to_floats
from ...models import drag_maps
from ...trajectory import Trajectories, from_arrays
from .cases import Case
from .settings import Settings


@dataclass(frozen=True)
class Carrying:
    """How the start picture is carried along the drags.

    Attributes:
        settings: the parameters.
        masks: of objects, `[M, H, W]` from 0 to 1, of the clip's size, or None.
        trajectories: the drags for carrying, or None for those of the conditions.
    """

    settings: CarrySettings
    masks: np.ndarray | None = None
    trajectories: Trajectories | None = None


@dataclass(frozen=True)
class Conditions:
    """The input of one video.

    Attributes:
        clip: its size.
        points, visible: the drags, `[N, T, 2]` in pixels and `[N, T]`; N = 0 gives drag maps of zero, as in training.
        start: the start picture, `[H, W, 3]` uint8 of any size, fitted to the clip; None for a latent of zeros.
        text: the prompt; empty for none.
        seed: of the noise.
        strength: of Multiscale Fusion.
        carrying: None for no carrying. It needs a start picture, and a drag that is visible in the first frame.
    """

    clip: ClipShape
    points: np.ndarray
    visible: np.ndarray
    start: np.ndarray | None
    text: str
    seed: int
    strength: float = 1.0
    carrying: Carrying | None = None


@dataclass(frozen=True)
class Video:
    """`frames` `[T, H, W, 3]` uint8, and the CPU time of all threads that sampling and decoding took, in seconds."""

    frames: np.ndarray
    cpu_seconds: float


class Generator:
    """A checkpoint loaded in the host, which must already be on the import path.

    Raises:
        CheckpointError: if the file is not a complete DragNUWA checkpoint.
        ValueError: if it has no VAE.
    """

    def __init__(self, checkpoint: Path):
        from ...host.fusion import load

        self.parts = load.load(checkpoint)
        if self.parts.vae is None:
            raise ValueError(f"{checkpoint} has no VAE, so that no video can be made. Take a checkpoint with one.")

    @torch.inference_mode()
    def generate(self, given: Conditions, settings: Settings) -> Video:
        """The same video as from a workflow of the pack's nodes; only settings of drag maps and sampler are used.

        Raises:
            ValueError: if there is a text and the checkpoint cannot read it, or a value is out of range.
        """
        from ...host.fusion import conditioning, fusion_patch
        from ...host.fusion.sampling import sample

        start_time, parts, clip = time.process_time(), self.parts, given.clip
        flow = drag_maps.encode(
            given.points, given.visible, height=clip.height, width=clip.width,
            kernel_size=settings.kernel_size, sigma=settings.sigma,
        )  # fmt: skip
        model = fusion_patch.apply(parts.model, parts.adapter, flow, strength=given.strength)
        start = None if given.start is None else to_floats(given.start[None])
        vision = None if given.start is None else parts.clip_vision
        texts = self._texts(given.text, vision_context=vision is not None)
        prepared = conditioning.encode(parts.vae, clip, conditioning.Motion(), texts, vision, start)
        if given.carrying is not None:
            model, prepared = self._carried(given, model, prepared)
        chosen = {"cfg": settings.cfg, "min_cfg": settings.min_cfg}
        chosen |= {"sampler": settings.sampler, "scheduler": settings.scheduler}
        latents = sample(model, *prepared, steps=settings.steps, seed=given.seed, **chosen)
        frames = to_bytes(parts.vae.decode(latents))
        return Video(frames, time.process_time() - start_time)

    @torch.inference_mode()
    def through_vae(self, frames: np.ndarray) -> np.ndarray:
        """`[B, H, W, 3]` uint8, encoded and decoded: the best that any model with this VAE could show."""
        return to_bytes(self.parts.vae.decode(self.parts.vae.encode(to_floats(frames))))

    def _carried(self, given: Conditions, model, prepared: tuple) -> tuple:
        """The model with Differential Diffusion, and the conditioning with a latent of the carried picture."""
        from ...carry.composite import CarryInputs
        from ...host.carry import Sampling, carry_into_sampling
        from ...host.fusion.sampling import differential_diffusion

        clip, carrying, (positive, negative, latent) = given.clip, given.carrying, prepared
        drags = carrying.trajectories
        if drags is None:
            drags = from_arrays(given.points, given.visible, width=clip.width, height=clip.height)
        masks = None if carrying.masks is None else torch.from_numpy(carrying.masks).float()
        start = to_floats(given.start[None])
        inputs = CarryInputs(start, drags, clip, masks)
        latent = carry_into_sampling(Sampling(latent, self.parts.vae), inputs, carrying.settings).latent
        return differential_diffusion(model), (positive, negative, latent)

    def _texts(self, text: str, *, vision_context: bool):
        """The text's context; without a text encoder zeros, or None if the start picture provides the context."""
        from ...host.fusion.conditioning import Texts

        if self.parts.clip is not None:
            return Texts(positive=self.parts.clip.encode_from_tokens_scheduled(self.parts.clip.tokenize(text)))
        if text:
            raise ValueError("The checkpoint has no text encoder. Leave out captions, and modes with a prompt (p).")
        if vision_context:
            return Texts()
        channels = self.parts.model.model.model_config.unet_config["context_dim"]
        return Texts(positive=[[torch.zeros(1, 1, channels), {}]])


def load_generator(checkpoint: Path, comfyui: Path | None = None) -> Generator:
    """Finds the host, in the folder `comfyui` or by `find_host`, and loads the checkpoint.

    Raises:
        FileNotFoundError: if there is no ComfyUI.
        CheckpointError: if the file is not a complete DragNUWA checkpoint.
        ValueError: if it has no VAE.
    """
    from ...host.find import find_host

    find_host(comfyui)
    return Generator(checkpoint)


def videos_of(case: Case, generator: Generator, settings: Settings) -> dict[str, Video | np.ndarray]:
    """A case's videos: the baselines and, unless only these are requested, "model", the checkpoint's video from the
    first frame and the drags."""
    if settings.baselines_only:
        return baselines(case, generator)
    text = {"empty": "", "caption": case.scene.caption}[settings.text]
    given = Conditions(
        clip=case.scene.clip,
        points=case.points,
        visible=case.visible,
        start=case.scene.frames[0],
        text=text,
        seed=case.seed,
    )
    return {"model": generator.generate(given, settings), **baselines(case, generator)}


def baselines(case: Case, generator: Generator) -> dict[str, np.ndarray]:
    """The first frame repeated ("still"), and the true clip through the checkpoint's VAE ("ceiling")."""
    true = case.scene.frames
    return {"still": np.repeat(true[:1], len(true), axis=0), "ceiling": generator.through_vae(true)}
