"""Entity vectors: features of Stable Diffusion 1.5, averaged over each entity's mask."""

from __future__ import annotations

import numpy as np
import torch

from ...common.errors import InputError
from ...common.finite import is_finite
from .maps import FEATURES

MODES = ("demo_scalar", "vector")


def pool(features: torch.Tensor, masks: np.ndarray | torch.Tensor) -> torch.Tensor:
    """The mean of the features under each mask.

    Args:
        features: `[320, h, w]`.
        masks: `[N, h, w]` bool, none of them empty.

    Returns:
        `[N, 320]`.
    """
    masks = torch.as_tensor(masks, device=features.device)
    return torch.stack([features[:, mask].mean(1) for mask in masks]) if len(masks) else features.new_zeros(0, FEATURES)


def entity_vectors(features: torch.Tensor | None, masks: np.ndarray, mode: str) -> torch.Tensor:
    """The vector of each entity in the entity map, `[N, 320]`.

    Args:
        features: `[320, h, w]` of the start picture; None for an empty entity map, so that only the heat maps control
            the motion.
        masks: `[N, h, w]` bool on the latent grid, none of them empty.
        mode: "demo_scalar" fills a vector with its first number, as the released demo does; "vector" keeps it.

    Raises:
        InputError: if the features do not match this clip, or are not finite.
        ValueError: if the mode is unknown.
    """
    if mode not in MODES:
        raise ValueError(f"entity_mode must be one of {', '.join(MODES)}; found {mode!r}.")
    if features is None:
        return torch.zeros(len(masks), FEATURES)
    expected = [FEATURES, *masks.shape[1:]]
    if not isinstance(features, torch.Tensor) or list(features.shape) != expected:
        found = list(features.shape) if isinstance(features, torch.Tensor) else type(features).__name__
        raise InputError(
            f"Entity features should be {expected} for this clip; found {found}. Connect one width and height to both "
            "DragAnything Entity Features and DragAnything Apply."
        )
    if not features.is_floating_point() or not is_finite(features):
        raise InputError("Entity features should be finite numbers. Look at the node that made them.")
    pooled = pool(features.detach().float().cpu(), masks)
    return pooled[:, :1].expand(-1, FEATURES).contiguous() if mode == "demo_scalar" else pooled
