"""Picks by clicks in the part of a picture that a clip shows: corrected by further clicks, or replaced by smaller and
larger objects."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from ...trajectory.objects import Outline
from .outline import outline_in_clip
from .pick import Pick, corrected, first_pick, outlined, sizes, soft_mask
from .prepared import PreparedPicture, SearchImage

PICKS = 64
"""Number of picks cached per picture, so that a correction does not start over."""
BESIDE = 3  # px of the small picture around a correction within which the outline may change

Clicks = tuple[tuple[float, float], ...]
"""x, y in fractions of the clip."""


@dataclass(frozen=True)
class Picked:
    """
    Attributes:
        outline: in fractions of the clip; empty if nothing was found.
        smaller, larger: the number of smaller and larger alternatives.
    """

    outline: Outline
    smaller: int
    larger: int


class ClipPicture:
    """The part of a picture that a clip shows, with cached picks. Not thread-safe."""

    def __init__(self, picture: PreparedPicture):
        self._picture = picture
        _ = picture.search.patches.parent  # computed now, so that the first click does not wait
        self._picks: dict[tuple[Clicks, Clicks], Pick] = {}
        self._last: tuple[tuple[Clicks, Clicks], tuple[list[Pick], int]] | None = None

    def pick(
        self, points: Clicks, minus: Clicks, step: int = 0, check_interrupt: InterruptCheck = no_interrupt
    ) -> Picked:
        """The object that contains all of `points` and none of `minus`. The first point finds it, the others correct it
        one by one.

        Args:
            points: at least one. Points on the bars of a padded picture are moved to the picture's edge.
            step: number of steps to a larger alternative, or to a smaller one if below 0, as far as there are any.
            check_interrupt: called before each search.
        """
        search = self._picture.search
        found, number = self._sizes(points, minus, check_interrupt)
        chosen = min(max(number + step, 0), len(found) - 1)
        check_interrupt()
        outline = self._outline(soft_mask(search, found[chosen]))
        return Picked(outline, chosen, len(found) - 1 - chosen)

    def correct(
        self,
        outline: Outline,
        point: tuple[float, float],
        belongs: bool,
        check_interrupt: InterruptCheck = no_interrupt,
    ) -> Picked:
        """An object with a given outline, in fractions of the clip, after a click that adds or removes a point. The
        outline changes only around the correction."""
        search, mask = self._picture.search, self._picture.outlined(outline, check_interrupt)
        before = outlined(search, mask)
        check_interrupt()
        after = corrected(search, before, self._in_image(point), belongs)
        changed = _around(search, before.mask ^ after.mask)
        return Picked(self._outline(np.where(changed, soft_mask(search, after), mask)), 0, 0)

    def _outline(self, mask: np.ndarray) -> Outline:
        return outline_in_clip(mask, self._picture.place, self._picture.clip)

    def _sizes(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck) -> tuple[list[Pick], int]:
        """Cached for the last clicks only: people step through the sizes of one object at a time."""
        if self._last is None or self._last[0] != (points, minus):
            self._last = (points, minus), sizes(self._picture.search, self._pick(points, minus, check_interrupt))
        return self._last[1]

    def _pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck) -> Pick:
        key = points, minus
        if key in self._picks:
            return self._picks[key]
        if len(points) == 1 and not minus:
            check_interrupt()
            found = first_pick(self._picture.search, self._in_image(points[0]))
        else:
            last, belongs = (minus[-1], False) if minus else (points[-1], True)
            before = self._pick(points if minus else points[:-1], minus[:-1], check_interrupt)
            check_interrupt()
            found = corrected(self._picture.search, before, self._in_image(last), belongs)
        if len(self._picks) >= PICKS:
            self._picks.pop(next(iter(self._picks)))
        self._picks[key] = found
        return found

    def _in_image(self, click: tuple[float, float]) -> complex:
        """A click in pixels of the image."""
        x, y = np.array(click) * self._picture.clip - 0.5
        return complex(self._picture.in_image(np.array([x + 1j * y]))[0])


def _around(picture: SearchImage, superpixels: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: superpixels `[S]` bool in the image, with a margin."""
    side = 2 * BESIDE + 1
    near = cv2.dilate(superpixels[picture.patches.label].astype(np.uint8), np.ones((side, side), np.uint8))
    return cv2.resize(near, picture.image.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
