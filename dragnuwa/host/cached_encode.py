"""Caches an encoder's latest results, so that the same picture is not encoded again.

ComfyUI reruns Conditioning whenever a drag changes, because its picture comes from the editor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch

ATTACHMENT = "dragnuwa.remembered"
KEPT = 4  # results, each of the size of a latent


def cached_encode(encoder, image: torch.Tensor, encode: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """`encode(image)`, or its cached result for the same pixels.

    The cache is attached to the encoder's model, and freed with it.

    Args:
        encoder: the host's VAE or CLIP_VISION; without a `patcher`, nothing is cached.
        image: the result may depend only on its shape and pixels.
        encode: computes the result.
    """
    patcher = getattr(encoder, "patcher", None)
    if patcher is None:
        return encode(image)
    results: dict[tuple, torch.Tensor] = patcher.get_attachment(ATTACHMENT) or {}
    key = (patcher.patches_uuid, image.dtype, image.shape, _digest(image))
    result = results.pop(key, None)
    if result is None:
        result = encode(image)
    newest = {**results, key: result}
    patcher.set_attachments(ATTACHMENT, dict(list(newest.items())[-KEPT:]))
    return result.clone()  # the caller may modify it


def _digest(image: torch.Tensor) -> bytes:
    return hashlib.blake2b(image.contiguous().cpu().view(torch.uint8).numpy()).digest()
