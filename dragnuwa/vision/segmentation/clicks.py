"""The object under a click, in the picture of a clip."""

from __future__ import annotations

import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from ...trajectory.objects import Outline
from .contours import outline_in_clip
from .pick import Pick, corrected, first_pick, soft_mask
from .prepared import PreparedPicture

PICKS = 64
"""Number of picks that are cached per picture, so that a correction does not start over."""

Clicks = tuple[tuple[float, float], ...]
"""x, y in fractions of the clip."""


class ClipPicture:
    """The part of a picture that a clip shows, and what has been picked in it. Not thread-safe."""

    def __init__(self, picture: PreparedPicture):
        self._picture = picture
        _ = picture.search.patches.parent  # so that the first click does not wait for it
        self._picks: dict[tuple[Clicks, Clicks], Pick] = {}

    def pick(self, points: Clicks, minus: Clicks, check_interrupt: InterruptCheck = no_interrupt) -> Outline:
        """The outline of the object that contains all of `points` and none of `minus`, in fractions of the clip; empty
        if nothing was found. The first point finds the object, the rest correct it in turn.

        Args:
            points: at least one. Points on the bars of a padded picture are moved to the picture's edge.
            check_interrupt: called before each search.
        """
        mask = soft_mask(self._picture.search, self._pick(points, minus, check_interrupt))
        return outline_in_clip(mask, self._picture.place, self._picture.clip)

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
