"""Soft edges of objects that are cut out of a picture: the foreground's own colours, estimated from the blend."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

SURE = 0.5  # least opacity at which the foreground colour can be solved for


def clean_colors(colors: Tensor, ground: Tensor, opacity: np.ndarray) -> Tensor:
    """The foreground colours of an object whose edge is blended with the background.

    A pixel of opacity a shows a * own + (1 - a) * ground (Porter and Duff, "Compositing digital images", 1984), which
    is solved for its own colour. Where the opacity is below one half, the colour of the nearest pixel above it is
    taken.

    Args:
        colors: `[3, h, w]` from 0 to 1, of the picture.
        ground: `[3, h, w]`, the background behind the object.
        opacity: `[h, w]` float32 from 0 to 1.

    Returns:
        `[3, h, w]` from 0 to 1; exactly the picture's where opacity is 1.
    """
    sure = opacity >= SURE
    if not sure.any():
        return colors
    share = torch.from_numpy(np.maximum(opacity, SURE)).to(colors)
    own = torch.where(share < 1, (ground + (colors - ground) / share).clamp(0, 1), colors)
    _, label = cv2.distanceTransformWithLabels((~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    place_of = np.zeros(label.max() + 1, np.int64)
    place_of[label[sure]] = np.flatnonzero(sure)
    nearest = torch.from_numpy(place_of[label]).to(colors.device)
    return own.flatten(1)[:, nearest]
