"""Videos of a case: a checkpoint's, through the host's own sampler, and the two that it is compared with.

Everything of ComfyUI is imported when it is needed, after `dragnuwa.host.find.find_host`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .. import flow as drag_maps
from ..clip_shape import ClipShape
from .cases import Case
from .settings import Settings


class Videos:
    """Makes the videos of a case, each `[T, H, W, 3]` uint8.

    "model": what the checkpoint makes of the first frame and the drags (not for baselines only); "still": the first
    frame all the time; "ceiling": the true clip through the checkpoint's VAE.

    Raises:
        CheckpointError: if the file is not a whole DragNUWA checkpoint.
        ValueError: if it has no VAE.
    """

    def __init__(self, checkpoint: Path, settings: Settings):
        from ..host import load

        self.settings = settings
        self.parts = load.load(checkpoint)
        if self.parts.vae is None:
            raise ValueError(f"{checkpoint} has no VAE, so that no video can be made. Take a checkpoint with one.")

    @torch.inference_mode()
    def __call__(self, case: Case) -> dict[str, np.ndarray]:
        true = torch.from_numpy(case.scene.frames).float() / 255  # [T, H, W, 3]
        videos = {} if self.settings.baselines_only else {"model": _bytes(self._sample(case, true[:1]))}
        videos["still"] = np.repeat(case.scene.frames[:1], len(true), axis=0)
        videos["ceiling"] = _bytes(self.parts.vae.decode(self.parts.vae.encode(true)))
        return videos

    def _sample(self, case: Case, start: Tensor) -> Tensor:
        """As a workflow of the pack's nodes does: `start` `[1, H, W, 3]` from 0 to 1 becomes `[T, H, W, 3]`."""
        from ..host import conditioning, fusion_patch
        from ..host.sampling import sample

        told, parts = self.settings, self.parts
        frames, height, width = case.scene.owner.shape
        flow = drag_maps.encode(
            case.points, case.visible, height=height, width=width, kernel_size=told.kernel_size, sigma=told.sigma
        )
        model = fusion_patch.apply(parts.model, parts.adapter, flow)
        clip, texts = ClipShape(width, height, frames), self._texts(case.scene.caption)
        prepared = conditioning.encode(parts.vae, clip, conditioning.Motion(), texts, parts.clip_vision, start)
        return parts.vae.decode(sample(model, *prepared, steps=told.steps, cfg=told.cfg, seed=case.seed))

    def _texts(self, caption: str):
        """The text's context; zeros for a checkpoint that has neither a text encoder nor one for pictures."""
        from ..host.conditioning import Texts

        if self.parts.clip is not None:
            tokens = self.parts.clip.tokenize(caption if self.settings.text == "caption" else "")
            return Texts(positive=self.parts.clip.encode_from_tokens_scheduled(tokens))
        if self.settings.text == "caption":
            raise ValueError("The checkpoint has no text encoder. Leave --text at empty.")
        if self.parts.clip_vision is not None:
            return Texts()
        channels = self.parts.model.model.model_config.unet_config["context_dim"]
        return Texts(positive=[[torch.zeros(1, 1, channels), {}]])


def _bytes(frames: Tensor) -> np.ndarray:
    return (frames.detach().cpu().float().clamp(0, 1) * 255).round().byte().numpy()
