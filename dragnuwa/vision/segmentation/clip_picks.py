"""What clicks and boxes pick in the part of a picture that a clip shows, how it is corrected, and how it is exchanged
for a smaller or a larger object."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...trajectory.objects import Outline
from .closer import pick_at
from .outline import outline_in_clip
from .pick import Pick, boxed_pick, corrected, first_pick, learned_mask, outlined, seems_ground, sizes, soft_mask
from .prepared import PreparedPicture, SearchImage

PICKS = 64
"""Number of picks cached per picture, so that a correction does not start over."""
CORRECTION_RADIUS = 3  # px of the small picture around a correction within which the outline may change

Place = tuple[float, float]
"""x, y in fractions of the clip."""


@dataclass(frozen=True)
class Clicks:
    """
    Attributes:
        points: positions that belong to the object.
        minus: positions that do not.
        box: opposite corners of a box around it. Without a box, the first of `points` finds the object; the other
            positions correct it, one after the other.
    """

    points: tuple[Place, ...]
    minus: tuple[Place, ...] = ()
    box: tuple[Place, Place] | None = None


@dataclass(frozen=True)
class Picked:
    """
    Attributes:
        outline: in fractions of the clip; empty if nothing was found.
        ground: whether it is taken for ground rather than for an object.
        smaller, larger: how many smaller and larger objects there are in its place; None if nobody has looked.
    """

    outline: Outline
    ground: bool
    smaller: int | None = None
    larger: int | None = None


class ClipPicture:
    """The part of a picture that a clip shows, with cached picks. Not thread-safe."""

    def __init__(self, picture: PreparedPicture):
        self._picture = picture
        _ = picture.search.patches.parent  # so that the first click does not wait for it
        self._picks: dict[Clicks, Pick] = {}
        self._previews: dict[Clicks, Picked] = {}
        self._last: tuple[Clicks, tuple[list[Pick], int]] | None = None

    def pick(self, clicks: Clicks, step: int = 0) -> Picked:
        """The object that contains all of the clicks' `points` and none of `minus`.

        Args:
            clicks: a box, or at least one of `points`. Places on the bars of a padded picture are moved to the
                picture's edge.
            step: below 0 for as many steps to a smaller object in its place, above 0 to a larger one, as far as there
                are any.
        """
        found, number = self._sizes(clicks)
        checkpoint()
        return self._step(found, number, step)

    def preview(self, clicks: Clicks) -> Picked:
        """As `pick`, in a third of the time, because no smaller and larger objects are looked for."""
        if clicks not in self._previews:
            found = self._pick(clicks)
            checkpoint()
            _keep(self._previews, clicks, self._picked(found))
        return self._previews[clicks]

    def guess(self, point: Place) -> Picked:
        """What one click probably picks, for the pointer that goes over the picture: the click network's own answer,
        without an outline where it sees ground. While the picture is not encoded, what colours and edges find."""
        search, click = self._picture.search, self._in_image(point)
        if search.networks is not None and search.ready:
            mask = learned_mask(search, click)
            return Picked(self._outline(mask), ground=not mask.any())
        by_edges = replace(search, networks=None)
        found = first_pick(by_edges, click)
        checkpoint()
        return self._picked(found)

    def resize(self, outline: Outline, point: Place, step: int) -> Picked:
        """An object of any outline, in fractions of the clip, exchanged for a smaller or a larger one as by `pick`.

        Args:
            point: a place inside it, which belongs to all of them.
        """
        search = self._picture.search
        before = outlined(search, self._picture.outlined(outline))
        click = self._pick(Clicks((point,)))
        checkpoint()
        found, number = sizes(search, replace(click, mask=before.mask, thing=True, opacity=None))
        checkpoint()
        chosen = self._step(found, number, step)
        return replace(chosen, outline=outline) if chosen.smaller == number else chosen

    def correct(self, outline: Outline, point: Place, belongs: bool) -> Picked:
        """An object of any outline, in fractions of the clip, after a click on a place that belongs to it or does not.
        The outline stays as it is except around what the click changes."""
        search, mask = self._picture.search, self._picture.outlined(outline)
        before = outlined(search, mask)
        checkpoint()
        after = corrected(search, before, self._in_image(point), belongs)
        changed = _around(search, before.mask ^ after.mask)
        return Picked(self._outline(np.where(changed, soft_mask(search, after), mask)), False)

    def _step(self, found: list[Pick], number: int, step: int) -> Picked:
        chosen = min(max(number + step, 0), len(found) - 1)
        return replace(self._picked(found[chosen]), smaller=chosen, larger=len(found) - 1 - chosen)

    def _picked(self, pick: Pick) -> Picked:
        search = self._picture.search
        return Picked(self._outline(soft_mask(search, pick)), seems_ground(search, pick))

    def _outline(self, mask: np.ndarray) -> Outline:
        return outline_in_clip(mask, self._picture.place, self._picture.clip)

    def _sizes(self, clicks: Clicks) -> tuple[list[Pick], int]:
        """Cached for the last clicks only: a person goes through the sizes of one object at a time."""
        if self._last is None or self._last[0] != clicks:
            self._last = clicks, sizes(self._picture.search, self._pick(clicks))
        return self._last[1]

    def _pick(self, clicks: Clicks) -> Pick:
        if clicks not in self._picks:
            _keep(self._picks, clicks, self._search(clicks))
        return self._picks[clicks]

    def _search(self, clicks: Clicks) -> Pick:
        search, points, minus = self._picture.search, clicks.points, clicks.minus
        if clicks.box and not points and not minus:
            checkpoint()
            return boxed_pick(search, *(self._in_image(corner) for corner in clicks.box))
        if not clicks.box and len(points) == 1 and not minus:
            checkpoint()
            return pick_at(search, self._in_image(points[0]))
        last, belongs = (minus[-1], False) if minus else (points[-1], True)
        earlier = replace(clicks, minus=minus[:-1]) if minus else replace(clicks, points=points[:-1])
        before = self._pick(earlier)
        checkpoint()
        return corrected(search, before, self._in_image(last), belongs)

    def _in_image(self, click: Place) -> complex:
        """A click in pixels of the image."""
        x, y = np.array(click) * self._picture.clip - 0.5
        return complex(self._picture.in_image(np.array([x + 1j * y]))[0])


def _keep(kept: dict, key: Clicks, value: object) -> None:
    """Adds a value, in place of the oldest of `PICKS`."""
    if len(kept) >= PICKS:
        kept.pop(next(iter(kept)))
    kept[key] = value


def _around(picture: SearchImage, superpixels: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: superpixels `[S]` bool in the image, with a margin."""
    side = 2 * CORRECTION_RADIUS + 1
    near = cv2.dilate(superpixels[picture.patches.label].astype(np.uint8), np.ones((side, side), np.uint8))
    return cv2.resize(near, picture.image.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
