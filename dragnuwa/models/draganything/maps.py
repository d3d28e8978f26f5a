"""What the control net is shown of the entities: heat maps and entity maps, one frame at a time.

The entity map has 160 channels at the picture's size, 118 MB a frame in float32. So it is never made whole: `labels`
says which entity lies where, and `entity_map` makes any part of it.
"""

from __future__ import annotations

import functools

import numpy as np
import torch

from .entities import Entities
from .resize import resize_bytes

TEMPLATE = 200  # px, side of the heat disc before it is resized
SIGMA = 40.0  # px, of its Gaussian
SMALLEST = 3  # px: a box that is no larger is left out of the heat map
FEATURES = 320  # of Stable Diffusion 1.5, before they are averaged in pairs
CHANNELS = FEATURES // 2


@functools.cache
def heat_template() -> np.ndarray:
    """`[200, 200]` uint8: a Gaussian of peak 255, cut off to a disc. Not to be changed."""
    offset = np.arange(TEMPLATE) - TEMPLATE // 2
    squared = offset[:, None] ** 2 + offset**2
    heat = (np.exp(-squared / (2 * SIGMA**2)) / (2 * np.pi * SIGMA**2)).astype(np.float32)
    heat[squared > (TEMPLATE // 2) ** 2] = 0
    return (heat / heat.max() * 255).astype(np.uint8)


def heat_map(entities: Entities, frame: int) -> np.ndarray:
    """`[H, W]` uint8, with a disc of heat around each entity's centre. It goes into the network as 0 to 255, in three
    equal channels.

    An entity replaces what was in its box. At the picture's border the whole disc is squeezed into what is left of the
    box, as in the original; the last row and column stay 0.
    """
    width, height = entities.size
    heat = np.zeros((height, width), np.uint8)
    for index in np.flatnonzero(entities.shown[:, frame]):
        (x, y), reach = entities.centres[index, frame], entities.radius[index]
        left, right = max(x - reach, 0), min(x + reach, width - 1)
        top, bottom = max(y - reach, 0), min(y + reach, height - 1)
        if right - left > SMALLEST and bottom - top > SMALLEST:
            heat[top:bottom, left:right] = resize_bytes(heat_template(), right - left, bottom - top)
    return heat


def labels(entities: Entities, frame: int) -> np.ndarray:
    """`[H, W]` int: 0 where there is no entity, i + 1 within the radius of entity i's centre; later ones lie on top."""
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
    """Entities' vectors `[N, 320]` as the network takes them: neighbouring pairs averaged, `[N, 160]`."""
    return vectors.unflatten(1, (CHANNELS, 2)).mean(2)


def entity_map(label: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
    """
    Args:
        label: `[h, w]` int64, of a frame or a part of one, as `labels` gives it.
        vectors: `[N, 160]`, as `averaged` gives them.

    Returns:
        `[160, h, w]`, each entity's vector where it lies, 0 elsewhere.
    """
    table = torch.cat([torch.zeros_like(vectors[:1] if len(vectors) else vectors.new_zeros(1, CHANNELS)), vectors])
    return table.T.contiguous()[:, label]
