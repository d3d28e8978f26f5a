"""The object under a click, and the ground without objects, in the picture of a clip."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import InputError
from ..images import as_masks, fit, masks_for, placement, to_bytes, to_floats
from ..interrupt import InterruptCheck, never
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..trajectory.objects.types import MAX_OBJECTS
from .filling import fill_hole
from .objects.contours import outline_in_clip, outline_of
from .objects.pick import Pick, corrected, divided, first_pick, soft_mask
from .picture_objects import LONGEST
from .regions import gone

MAX_PIXELS = 2**27
"""Of a picture that is opened."""
PICKS = 64
"""Picks of a picture that are kept, so that a correction does not begin anew."""

Clicks = tuple[tuple[float, float], ...]
"""x, y in fractions of the clip."""


def open_picture(file: str) -> np.ndarray:
    """A picture file `[H, W, 3]` uint8, turned as its camera says, without its transparency.

    Raises:
        InputError: it is no picture, cannot be read, or is too large.
    """
    try:
        with Image.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(f"The picture should have at most {MAX_PIXELS:,} pixels. Make it smaller.")
            return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError("The picture cannot be read. Load it again, or save it as PNG.") from error


def check_picture(file: str) -> None:
    """
    Raises:
        InputError: as `open_picture`, where all frames of an animated one count.
    """
    try:
        with Image.open(file) as image:
            pixels = image.width * image.height * getattr(image, "n_frames", 1)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError("The picture cannot be read. Load it again, or save it as PNG.") from error
    if pixels > MAX_PIXELS:
        raise InputError(f"The picture should have at most {MAX_PIXELS:,} pixels. Make it smaller.")


class ClipPicture:
    """What a clip shows of a picture, and what has been picked in it. For one thread."""

    def __init__(self, picture: np.ndarray, clip: tuple[int, int], mode: str):
        """
        Args:
            picture: `[H, W, 3]` uint8.
            clip: (width, height) in pixels.
            mode: how the picture is fitted, as `dragnuwa.images.fit` says.
        """
        shown, place = placement((picture.shape[1], picture.shape[0]), clip, mode)
        scale = min(1.0, LONGEST / max(shown.rows, shown.columns))
        size = max(2, round(shown.columns * scale)), max(2, round(shown.rows * scale))
        image = cv2.resize(np.ascontiguousarray(picture[shown.slices]), size, interpolation=cv2.INTER_AREA)
        self._shown_at, self._clip = place, clip
        self._size = np.array(size)
        self._divided = divided(image)
        self._picks: dict[tuple[Clicks, Clicks], Pick] = {}

    def pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck = never) -> Outline:
        """The outline of the object under all of the points and under none of the others, in fractions of the clip; no
        ring where there is none. The first of the points finds it, the rest correct it in turn.

        Args:
            points: at least one, of which those beside the picture, on the bars of a padded one, are moved to its edge.
            check_interrupt: called before each search.
        """
        mask = soft_mask(self._divided, self._pick(points, minus, check_interrupt))
        return outline_in_clip(mask, self._shown_at, self._clip)

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
        at = self._shown_at
        place = (np.array(click) * self._clip - (at.left, at.top)) / (at.columns, at.rows) * self._size - 0.5
        x, y = np.clip(place, 0, self._size - 1).tolist()
        return complex(x, y)


def ground_png(
    picture: np.ndarray,
    clip: tuple[int, int],
    mode: str,
    outlines: Sequence[Outline],
    check_interrupt: InterruptCheck = never,
) -> bytes:
    """A PNG of the clip's size: the picture `[H, W, 3]` uint8, filled as a carry fills it where the outlines are."""
    check_interrupt()
    width, height = clip
    start = fit(to_floats(picture)[None], width, height, mode)[0].numpy()
    hole = np.zeros((height, width), bool)
    for outline in outlines:
        hole |= gone(outline_mask(outline, width, height))
    check_interrupt()
    filled = to_bytes(torch.from_numpy(fill_hole(np.ascontiguousarray(start), hole)))
    file = io.BytesIO()
    Image.fromarray(filled).save(file, "PNG", compress_level=1)
    return file.getvalue()


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
    masks = as_masks(masks, "masks")
    if len(masks) > MAX_OBJECTS:
        raise InputError(f"masks should be at most {MAX_OBJECTS}; found {len(masks)}. Connect fewer of them.")
    fitted = masks_for(clip, masks, picture, clip, mode).cpu().numpy()
    return [[[{"x": x, "y": y} for x, y in ring] for ring in outline_of(mask)] for mask in fitted]
