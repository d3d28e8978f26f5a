"""The background behind objects, for playback on the page."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..carry.layers import hole_of
from ..common.images import to_bytes
from ..common.interrupt import checkpoint
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..vision.inpainting.fill import fill_hole


def ground_png(picture: Tensor, outlines: Sequence[Outline]) -> bytes:
    """A PNG of the picture `[H, W, 3]` from 0 to 1, already fitted to a clip, inpainted inside the outlines as in
    Carry."""
    height, width = picture.shape[:2]
    hole = np.zeros((height, width), bool)
    for outline in outlines:
        hole |= hole_of(outline_mask(outline, width, height))
    checkpoint()
    filled = to_bytes(torch.from_numpy(fill_hole(np.ascontiguousarray(picture.numpy()), hole)))
    file = _WatchedFile()
    Image.fromarray(filled).save(file, "PNG", compress_level=1)
    return file.getvalue()


class _WatchedFile(io.BytesIO):
    """Can be interrupted whenever something is written."""

    def write(self, data: bytes) -> int:
        checkpoint()
        return super().write(data)
