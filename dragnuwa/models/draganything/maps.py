"""The ControlNet's input: heat maps and entity maps, one frame at a time, and the vectors of entities in the latter.

The entity map has 160 channels at full resolution, 118 MB per frame in float32, so it is never built as a whole:
`labels` says which entity covers each pixel, and `entity_map` builds any part of the map.
"""

from __future__ import annotations

import functools

import numpy as np
import torch

from ...common.errors import InputError
from .entities import Entities
from .resize import resize_bytes

TEMPLATE = 200  # px, side of the heat disc before it is resized
SIGMA = 40.0  # px, of its Gaussian
MIN_BOX = 3  # px: boxes up to this size are left out of the heat map
FEATURES = 320  # channels of Stable Diffusion 1.5, before they are averaged in pairs
CHANNELS = FEATURES // 2
MODES = ("demo_scalar", "vector")  # of the vectors in an entity map


@functools.cache
def heat_template() -> np.ndarray:
    """`[200, 200]` uint8: a Gaussian of peak 255, truncated to a disc. Cached; do not modify."""
    offset = np.arange(TEMPLATE) - TEMPLATE // 2
    squared = offset[:, None] ** 2 + offset**2
    heat = (np.exp(-squared / (2 * SIGMA**2)) / (2 * np.pi * SIGMA**2)).astype(np.float32)
    heat[squared > (TEMPLATE // 2) ** 2] = 0
    return (heat / heat.max() * 255).astype(np.uint8)


def heat_map(entities: Entities, frame: int) -> np.ndarray:
    """`[H, W]` uint8, with a disc of heat around each entity's centre. The network takes it as 0 to 255, repeated over
    three channels.

    An entity overwrites its whole box. At the picture's border the disc is squeezed into the visible part of the box,
    as in the original; the last row and column stay 0.
    """
    width, height = entities.size
    heat = np.zeros((height, width), np.uint8)
    for index in np.flatnonzero(entities.shown[:, frame]):
        (x, y), reach = entities.centres[index, frame], entities.radius[index]
        left, right = max(x - reach, 0), min(x + reach, width - 1)
        top, bottom = max(y - reach, 0), min(y + reach, height - 1)
        if right - left > MIN_BOX and bottom - top > MIN_BOX:
            heat[top:bottom, left:right] = resize_bytes(heat_template(), right - left, bottom - top)
    return heat


def labels(entities: Entities, frame: int) -> np.ndarray:
    """`[H, W]` int: 0 where there is no entity, i + 1 within the radius of entity i's centre; later ones are on top."""
    width, height = entities.size
    label = np.zeros((height, width), int)
    for index in np.flatnonzero(entities.shown[:, frame]):
        (x, y), reach = entities.centres[index, frame], int(entities.radius[index])
        rows = np.arange(max(y - reach, 0), min(y + reach, height - 1) + 1)
        columns = np.arange(max(x - reach, 0), min(x + reach, width - 1) + 1)
        disc = (rows[:, None] - y) ** 2 + (columns - x) ** 2 <= reach**2
        label[np.ix_(rows, columns)] = np.where(disc, index + 1, label[np.ix_(rows, columns)])
    return label


def averaged(vectors: torch.Tensor) -> torch.Tensor:
    """Averages neighbouring pairs of the vectors `[N, 320]`: the network's input, `[N, 160]`."""
    return vectors.unflatten(1, (CHANNELS, 2)).mean(2)


def entity_map(label: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
    """
    Args:
        label: `[h, w]` int64, from `labels`, of a frame or part of one.
        vectors: `[N, 160]`, from `averaged`.

    Returns:
        `[160, h, w]`: the vector of the entity at each pixel, 0 where there is none.
    """
    table = torch.cat([torch.zeros_like(vectors[:1] if len(vectors) else vectors.new_zeros(1, CHANNELS)), vectors])
    return table.T.contiguous()[:, label]


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
    """The vector of each entity in the entity map, `[N, 320]`: features averaged over its mask.

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
    if not features.is_floating_point() or not features.isfinite().all():
        raise InputError("Entity features should be finite numbers. Look at the node that made them.")
    pooled = pool(features.detach().float().cpu(), masks)
    return pooled[:, :1].expand(-1, FEATURES).contiguous() if mode == "demo_scalar" else pooled
