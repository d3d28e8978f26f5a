"""The object under a click, and the ground without objects, in the picture of a clip."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..errors import InputError
from ..images import as_things, masks_for, to_bytes
from ..interrupt import InterruptCheck, never
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..trajectory.objects.types import MAX_OBJECTS
from .filling import fill_hole
from .objects.contours import outline_in_clip, outline_of
from .objects.pick import Pick, corrected, divided, first_pick, soft_mask
from .prepared import PreparedPicture
from .regions import gone

PICKS = 64
"""Picks of a picture that are kept, so that a correction does not begin anew."""

Clicks = tuple[tuple[float, float], ...]
"""x, y in fractions of the clip."""


class ClipPicture:
    """What a clip shows of a picture, and what has been picked in it. For one thread."""

    def __init__(self, picture: PreparedPicture):
        self._picture = picture
        self._divided = divided(picture.image)
        self._picks: dict[tuple[Clicks, Clicks], Pick] = {}

    def pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck = never) -> Outline:
        """The outline of the object under all of the points and under none of the others, in fractions of the clip; no
        ring where there is none. The first of the points finds it, the rest correct it in turn.

        Args:
            points: at least one, of which those beside the picture, on the bars of a padded one, are moved to its edge.
            check_interrupt: called before each search.
        """
        mask = soft_mask(self._divided, self._pick(points, minus, check_interrupt))
        return outline_in_clip(mask, self._picture.place, self._picture.clip)

    def _pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck) -> Pick:
        key = points, minus
        if key in self._picks:
            return self._picks[key]
        if len(points) == 1 and not minus:
            check_interrupt()
            found = first_pick(self._divided, self._place(points[0]))
        else:
            last, belongs = (minus[-1], False) if minus else (points[-1], True)
            before = self._pick(points if minus else points[:-1], minus[:-1], check_interrupt)
            check_interrupt()
            found = corrected(self._divided, before, self._place(last), belongs)
        if len(self._picks) >= PICKS:
            self._picks.pop(next(iter(self._picks)))
        self._picks[key] = found
        return found

    def _place(self, click: tuple[float, float]) -> complex:
        """A click, in pixels of the image."""
        x, y = np.array(click) * self._picture.clip - 0.5
        return complex(self._picture.in_image(np.array([x + 1j * y]))[0])


def ground_png(picture: Tensor, outlines: Sequence[Outline], check_interrupt: InterruptCheck = never) -> bytes:
    """A PNG of the picture `[H, W, 3]` from 0 to 1 that was fitted to a clip, filled as a carry fills it where the
    outlines are."""
    height, width = picture.shape[:2]
    hole = np.zeros((height, width), bool)
    for outline in outlines:
        hole |= gone(outline_mask(outline, width, height, check_interrupt))
    check_interrupt()
    filled = to_bytes(torch.from_numpy(fill_hole(np.ascontiguousarray(picture.numpy()), hole, check_interrupt)))
    file = _WatchedFile(check_interrupt)
    Image.fromarray(filled).save(file, "PNG", compress_level=1)
    return file.getvalue()


class _WatchedFile(io.BytesIO):
    """Calls the check whenever something is written."""

    def __init__(self, check_interrupt: InterruptCheck):
        super().__init__()
        self._check_interrupt = check_interrupt

    def write(self, data: bytes) -> int:
        self._check_interrupt()
        return super().write(data)


def outlines_of_masks(
    masks: torch.Tensor, picture: tuple[int, int], clip: tuple[int, int], mode: str
) -> list[list[list[dict[str, float]]]]:
    """The outline of each mask in fractions of the clip, as JSON has it; no ring where a mask is empty.

    Args:
        masks: as `as_masks` takes it, of the picture's size or the clip's.
        picture, clip: (width, height) in pixels.
        mode: how the picture is fitted, as `dragnuwa.images.fit` says.

    Raises:
        InputError: of another form or size, or more masks than there can be objects.
    """
    masks = as_things(masks)
    if len(masks) > MAX_OBJECTS:
        raise InputError(f"masks should be at most {MAX_OBJECTS}; found {len(masks)}. Connect fewer of them.")
    fitted = masks_for(clip, masks, picture, clip, mode).cpu().numpy()
    return [[[{"x": x, "y": y} for x, y in ring] for ring in outline_of(mask)] for mask in fitted]
