"""The empty text: the conditioning of a model with a text encoder if there is no prompt, as in its training."""

from __future__ import annotations

from functools import cache

import comfy.sd

ATTACHMENT = "dragnuwa.empty_text"


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
