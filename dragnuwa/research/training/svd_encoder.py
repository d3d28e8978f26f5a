"""The frozen encoders of Stable Video Diffusion: encode clips to latents and conditions, and decode latents."""

from __future__ import annotations

import torch
from torch import Tensor

from .data.clips import Clips
from .latents import AUGMENTATION, LATENT_SCALE
from .recipe import Conditions, Encoded


class SvdEncoder:
    """
    Args:
        vae, clip_vision: the host's.
        device: of the results.
    """

    def __init__(self, vae, clip_vision, device: torch.device):
        self.vae, self.clip_vision, self.device = vae, clip_vision, device

    def encode(self, clips: Clips) -> Encoded:
        """The context is the CLIP embedding of the start picture, as in SVD; captions are not used."""
        from ...host.training.networks import motion_numbers

        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):  # the host chooses the precision
            each = [self._encoded(frames, seed) for frames, seed in zip(clips.frames, clips.seeds, strict=True)]
        starts, latents, contexts = (torch.stack(part).to(self.device).float() for part in zip(*each, strict=True))
        keep = clips.keep_picture.to(self.device).float()
        fps, bucket, flow = (part.to(self.device) for part in (clips.fps, clips.motion_bucket, clips.flow))
        conditions = Conditions(
            concat=starts * keep.view(-1, 1, 1, 1),
            context=contexts * keep.view(-1, 1, 1),
            flow=flow,
            numbers=motion_numbers(fps - 1, bucket, torch.full_like(fps, AUGMENTATION)),
        )
        return Encoded(latents * LATENT_SCALE, conditions)

    def decode(self, latents: Tensor) -> Tensor:
        """Decodes latents `[T, 4, h, w]` in the model's space to pictures `[T, 3, H, W]` float32 from 0 to 1."""
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            pictures = self.vae.decode(latents.float() / LATENT_SCALE)  # [T, H, W, 3]
        return pictures.movedim(-1, 1).float()

    def _encoded(self, frames: Tensor, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Latents of the noisy start picture `[4, h, w]` and the frames `[T, 4, h, w]`, and the embedding `[1, C]`."""
        pictures = frames.float() / 255  # [T, H, W, 3]
        start = pictures[:1]
        noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(seed))
        latents = self.vae.encode(torch.cat([start + AUGMENTATION * noise, pictures]))
        return latents[0], latents[1:], self.clip_vision.encode_image(start).image_embeds
