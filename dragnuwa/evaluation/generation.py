"""A checkpoint's videos, through the host's own sampler, and the two that they are compared with.

Everything of ComfyUI is imported when it is needed, after `dragnuwa.host.find.find_host`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .. import flow as drag_maps
from ..carry import composite as warp
from ..carry.composite import CARRIES, RADIUS
from ..clip_shape import ClipShape, ModelClip
from ..images import fit
from .cases import Case
from .settings import Settings


@dataclass(frozen=True)
class Carrying:
    """How the start picture is carried along the drags; `hold` and `ground` as `dragnuwa.carry` has them.

    Attributes:
        masks: `[M, H, W]` from 0 to 1, of the clip's size, or None.
        radius, carries: of drags without a mask, as `dragnuwa.carry.composite` has them.
    """

    hold: float
    ground: float = 0.0
    masks: np.ndarray | None = None
    radius: float = RADIUS
    carries: str = CARRIES[0]


@dataclass(frozen=True)
class Conditions:
    """What one video is made of.

    Attributes:
        clip: its size.
        points, visible: `[N, T, 2]` in pixels, `[N, T]`; N = 0 gives drag maps of zero, as training drops drags.
        start: `[H, W, 3]` uint8 of any size, fitted to the clip; None for a latent of zeros.
        text: None for a context of zeros.
        seed: of the noise.
        strength: of Multiscale Fusion.
        carrying: None for none. It needs a start picture, and a drag that is visible in its first frame.
    """

    clip: ClipShape
    points: np.ndarray
    visible: np.ndarray
    start: np.ndarray | None
    text: str | None
    seed: int
    strength: float = 1.0
    carrying: Carrying | None = None


@dataclass(frozen=True)
class Made:
    """`frames` `[T, H, W, 3]` uint8, and the processor's seconds that it took, all its threads together, from loaded
    parts to pictures."""

    frames: np.ndarray
    cpu_seconds: float


class Generator:
    """A checkpoint in the host.

    Raises:
        CheckpointError: if the file is not a whole DragNUWA checkpoint.
        ValueError: if it has no VAE.
    """

    def __init__(self, checkpoint: Path):
        from ..host.dragnuwa import load

        self.parts = load.load(checkpoint)
        if self.parts.vae is None:
            raise ValueError(f"{checkpoint} has no VAE, so that no video can be made. Take a checkpoint with one.")

    @torch.inference_mode()
    def generate(self, given: Conditions, told: Settings) -> Made:
        """As a workflow of the pack's nodes does; of the settings the drag maps' and the sampler's count.

        Raises:
            ValueError: if there is a text and the checkpoint cannot read it, or a value is out of range.
        """
        from ..host.dragnuwa import conditioning, fusion_patch
        from ..host.dragnuwa.sampling import sample

        begun, parts, clip = time.process_time(), self.parts, given.clip
        flow = drag_maps.encode(
            given.points, given.visible, height=clip.height, width=clip.width,
            kernel_size=told.kernel_size, sigma=told.sigma,
        )  # fmt: skip
        model = fusion_patch.apply(parts.model, parts.adapter, flow, strength=given.strength)
        start = None if given.start is None else _floats(given.start[None])
        looks = None if given.start is None else parts.clip_vision
        texts = self._texts(given.text, seen=looks is not None)
        prepared = conditioning.encode(parts.vae, clip, conditioning.Motion(), texts, looks, start)
        if given.carrying is not None:
            model, prepared = self._carried(given, model, prepared)
        guidance = {"cfg": told.cfg, "min_cfg": told.min_cfg}
        latents = sample(model, *prepared, steps=told.steps, seed=given.seed, **guidance)
        frames = _bytes(parts.vae.decode(latents))
        return Made(frames, time.process_time() - begun)

    @torch.inference_mode()
    def through_vae(self, frames: np.ndarray) -> np.ndarray:
        """`[B, H, W, 3]` uint8, encoded and decoded: what the best model could show."""
        return _bytes(self.parts.vae.decode(self.parts.vae.encode(_floats(frames))))

    def _carried(self, given: Conditions, model, prepared: tuple) -> tuple:
        """The model that reads a noise mask by sigma, and the conditioning with a latent of the carried picture."""
        from comfy_extras.nodes_differential_diffusion import DifferentialDiffusion

        from ..host.carry import into_latent

        clip, how, (positive, negative, latent) = given.clip, given.carrying, prepared
        start = fit(_floats(given.start[None]), clip.width, clip.height)[0]
        masks = None if how.masks is None else torch.from_numpy(how.masks).float()
        crude = warp.carry(start, given.points, given.visible, masks, radius=how.radius, carries=how.carries)
        latent = into_latent(latent, self.parts.vae, crude, hold=how.hold, ground=how.ground)
        return DifferentialDiffusion.execute(model).args[0], (positive, negative, latent)

    def _texts(self, text: str | None, *, seen: bool):
        """The text's context; zeros where there is none, unless the picture's own takes its place."""
        from ..host.dragnuwa.conditioning import Texts

        if text is not None and self.parts.clip is not None:
            return Texts(positive=self.parts.clip.encode_from_tokens_scheduled(self.parts.clip.tokenize(text)))
        if text:
            raise ValueError("The checkpoint has no text encoder. Leave out captions, and modes with a prompt (p).")
        if seen:
            return Texts()
        channels = self.parts.model.model.model_config.unet_config["context_dim"]
        return Texts(positive=[[torch.zeros(1, 1 if self.parts.clip is None else 77, channels), {}]])


class Videos:
    """Makes the videos of a case.

    "model": what the checkpoint makes of the first frame and the drags (not for baselines only); "still": the first
    frame all the time; "ceiling": the true clip through the checkpoint's VAE.
    """

    def __init__(self, generator: Generator, settings: Settings):
        self.generator, self.settings = generator, settings

    def __call__(self, case: Case) -> dict[str, Made | np.ndarray]:
        videos: dict[str, Made | np.ndarray] = {}
        if not self.settings.baselines_only:
            text = {"empty": "", "zero": None, "caption": case.scene.caption}[self.settings.text]
            given = Conditions(shape_of(case), case.points, case.visible, case.scene.frames[0], text, case.seed)
            videos["model"] = self.generator.generate(given, self.settings)
        return {**videos, **baselines(case, self.generator)}


def baselines(case: Case, generator: Generator) -> dict[str, np.ndarray]:
    """A still video, and the true clip through the VAE."""
    true = case.scene.frames
    return {"still": np.repeat(true[:1], len(true), axis=0), "ceiling": generator.through_vae(true)}


def shape_of(case: Case) -> ClipShape:
    frames, height, width = case.scene.owner.shape
    return ModelClip(width, height, frames)


def _floats(frames: np.ndarray) -> Tensor:
    return torch.from_numpy(frames).float() / 255


def _bytes(frames: Tensor) -> np.ndarray:
    return (frames.detach().cpu().float().clamp(0, 1) * 255).round().byte().numpy()
