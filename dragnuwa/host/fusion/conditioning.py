"""All conditioning except the drags: start picture, text, and the numeric parameters of Stable Video Diffusion.
Without a prompt, the text of a model with a text encoder is the empty one, as in its training."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache

import comfy.sd
import node_helpers
import torch

from ...common.clip_shape import ClipShape
from ...common.images import as_images, fit
from ..clip_vision import cached_encode

NOISE_SEED = 0  # the augmentation is part of the picture, not of the sampling: the same input gives the same output
ATTACHMENT = "dragnuwa.empty_text"


@dataclass(frozen=True)
class Motion:
    """SVD's numeric conditioning; field names are the host's.

    Attributes:
        fps: frame rate; the host passes one less to the model, as SVD's code does.
        motion_bucket_id: amount of motion, 0 to 1023.
        augmentation_level: standard deviation of the noise on the start picture, whose values run from 0 to 1.
    """

    fps: int = 5
    motion_bucket_id: int = 4
    augmentation_level: float = 0.02


@dataclass(frozen=True)
class Texts:
    """The host's CONDITIONING from a text encoder, or None."""

    positive: list | None = None
    negative: list | None = None


def encode(
    vae, clip: ClipShape, motion: Motion, texts: Texts, clip_vision=None, start_image: torch.Tensor | None = None
) -> tuple[list, list, dict]:
    """Prepares a sampling of SVD in the host.

    As in the released code, the unconditional half has a zero picture and a zero context; the drags, which are part of
    the model, act in both halves. If the model has a text encoder, missing texts default to the empty one.

    Args:
        vae: the host's VAE.
        clip: size and number of frames.
        motion: SVD's numeric parameters.
        texts: context from a text encoder.
        clip_vision: the host's CLIP vision model, for context from the start picture.
        start_image: `[B, H, W, 3]` from 0 to 1; only the first is used, cropped to the clip's aspect ratio.

    Returns:
        positive and negative CONDITIONING, and a LATENT of zeros `[T, 4, H / 8, W / 8]`.

    Raises:
        ValueError: if a required part is missing, or text and picture contexts do not match.
    """
    if vae is None:
        raise ValueError("There is no VAE. The checkpoint has none: load one with Load VAE and connect it.")
    settings = asdict(motion)
    image = None
    if start_image is not None:
        image = fit(as_images(start_image, "start_image")[:1], clip.width, clip.height)  # [1, H, W, 3]
    seen = None if clip_vision is None else _look(clip_vision, image)  # [1, 1, C]
    positive, negative = _contexts(_completed(texts, vae, seen), seen, clip.frames)
    positive = node_helpers.conditioning_set_values(positive, settings)
    negative = node_helpers.conditioning_set_values(negative, settings)
    if image is not None:
        start = cached_encode(vae, _augmented(image, motion.augmentation_level), vae.encode)  # [1, 4, H / 8, W / 8]
        positive = node_helpers.conditioning_set_values(positive, {"concat_latent_image": start})
        negative = node_helpers.conditioning_set_values(negative, {"concat_latent_image": torch.zeros_like(start)})
    latent = torch.zeros(clip.frames, 4, clip.height // 8, clip.width // 8)
    return positive, negative, {"samples": latent}


def _augmented(image: torch.Tensor, level: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(NOISE_SEED)
    return image + level * torch.randn(image.shape, generator=generator).to(image)


def _look(clip_vision, image: torch.Tensor | None) -> torch.Tensor:
    if image is None:
        raise ValueError("CLIP vision needs a picture to look at. Connect start_image, or disconnect clip_vision.")
    embedding = cached_encode(clip_vision, image, lambda image: clip_vision.encode_image(image).image_embeds)
    return embedding.unsqueeze(0)  # [1, 1, C]


def _completed(texts: Texts, vae, seen: torch.Tensor | None) -> Texts:
    """Fills in the empty text if the model has a text encoder and takes its context from text."""
    if texts.positive is None and seen is not None:
        return texts
    empty = of(vae)
    return Texts(
        positive=empty if texts.positive is None else texts.positive,
        negative=empty if texts.negative is None else texts.negative,
    )


def _contexts(texts: Texts, seen: torch.Tensor | None, frames: int) -> tuple[list, list]:
    """Positive and negative conditioning: the text's tokens, then the picture's."""
    for text, _ in [*(texts.positive or []), *(texts.negative or [])]:
        if text.ndim != 3 or 0 in text.shape:
            raise ValueError(
                f"A text's conditioning should be [batch, tokens, channels]; found {list(text.shape)}. Connect CLIP "
                "Text Encode, with the CLIP of this checkpoint."
            )
        if len(text) not in (1, frames):  # the host would cycle through them frame by frame
            raise ValueError(
                f"A text's conditioning should be one, or one for each of {frames} frames; found a batch of "
                f"{len(text)}. Connect one text, or join several with Conditioning (Combine)."
            )
    if texts.positive is None and seen is None:
        raise ValueError(
            "The model needs a context. Connect clip_vision and start_image for a released checkpoint, or CLIP Text "
            "Encode to 'positive' for a checkpoint with a text encoder."
        )
    if texts.positive is None:
        blank = texts.negative or [[torch.zeros_like(seen), {}]]
        return [[seen, {}]], blank
    positive = [[_joined(text, seen), values] for text, values in texts.positive]
    if texts.negative is not None:
        blank = None if seen is None else torch.zeros_like(seen)
        return positive, [[_joined(text, blank), values] for text, values in texts.negative]
    return positive, [[torch.zeros_like(context), {}] for context, _ in positive]


def _joined(text: torch.Tensor, seen: torch.Tensor | None) -> torch.Tensor:
    if seen is None:
        return text
    if text.shape[-1] != seen.shape[-1]:
        raise ValueError(
            f"The text has {text.shape[-1]} channels, the picture's context {seen.shape[-1]}: the two encoders do not "
            "belong to one model. Released checkpoints take no text: disconnect 'positive' and 'negative'."
        )
    return torch.cat([text, seen.to(text).expand(len(text), -1, -1)], dim=1)  # a text for each frame, one picture


def attach(vae: comfy.sd.VAE, clip: comfy.sd.CLIP) -> None:
    """Attaches a checkpoint's text encoder to its VAE, since Conditioning receives no other part of it."""

    @cache
    def encoded() -> list:
        return clip.encode_from_tokens_scheduled(clip.tokenize(""))

    vae.patcher.set_attachments(ATTACHMENT, encoded)


def of(vae) -> list | None:
    """CONDITIONING of the empty text, encoded once; None for a checkpoint without a text encoder."""
    patcher = getattr(vae, "patcher", None)
    encoded = None if patcher is None else patcher.get_attachment(ATTACHMENT)
    return None if encoded is None else encoded()
