"""A picture prepared for segmentation: the part that a clip shows, at the resolution used for the search.

It is made once per picture and clip. Drags and clicks share it, so that both find the same object.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.images import Part, fit, placement, to_bytes
from ...common.masks import fit_mask
from ...trajectory.objects import Outline
from ...trajectory.objects.masks import outline_mask
from ..click_network.weights import Networks, shipped
from .learned import Found, Shown, shown
from .superpixels import Superpixels, superpixels

DIGITS = 6  # decimals to which pixel coordinates are rounded, so that rounding errors do not change the result
LONGEST = 1024  # px, maximum of the longer side
UNIT = 400.0  # px, square root of the copy's area; fixed, so that results do not depend on the picture's size


@dataclass(frozen=True)
class PreparedPicture:
    """
    Attributes:
        image: `[h, w, 3]` uint8, the visible part of the picture, at most `LONGEST` on its longer side.
        picture, clip: (width, height) in pixels of each.
        mode: how the picture is fitted to the clip; see `dragnuwa.common.images.fit`.
        shown: the part of the picture that the clip shows.
        place: where in the clip it is shown.
    """

    image: np.ndarray
    picture: tuple[int, int]
    clip: tuple[int, int]
    mode: str
    shown: Part
    place: Part

    @cached_property
    def search(self) -> SearchImage:
        """Its small copy and superpixels; computed on first use, since not every clip needs them."""
        return search_image(self.image)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image."""
        return self.image.shape[1], self.image.shape[0]

    def in_image(self, points: np.ndarray) -> np.ndarray:
        """Points of the clip (complex, 0 being the centre of a pixel) in image coordinates, clipped to the image."""
        width, height = self.size
        x = (points.real - self.place.left + 0.5) * width / self.place.columns - 0.5
        y = (points.imag - self.place.top + 0.5) * height / self.place.rows - 0.5
        return x.round(DIGITS).clip(0, width - 1) + 1j * y.round(DIGITS).clip(0, height - 1)

    def shows(self, points: np.ndarray) -> np.ndarray:
        """`[n]` bool: whether points of the clip lie on the picture, rather than on the bars of a padded one."""
        x, y = points.real - self.place.left + 0.5, points.imag - self.place.top + 0.5
        return (x >= 0) & (x <= self.place.columns) & (y >= 0) & (y <= self.place.rows)

    def at_clip(self, mask: np.ndarray) -> np.ndarray:
        """`[H, W]` of the clip, from a mask `[h, w]` of the image."""
        return self.fitted(mask, self.clip)

    def fitted(self, mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """`[H, W]` of the clip at another (width, height) with the same aspect ratio."""
        _, place = placement(self.picture, size, self.mode)
        fitted = fit_mask(torch.from_numpy(mask)[None], place.columns, place.rows, "stretch")
        return place.framed(fitted, *size)[0].numpy()

    def outlined(self, outline: Outline) -> np.ndarray:
        """`[h, w]` float32 from 0 to 1: coverage of the image by an outline in fractions of the clip."""
        place, (width, height) = self.place, self.clip
        rings = tuple(
            tuple(((x * width - place.left) / place.columns, (y * height - place.top) / place.rows) for x, y in ring)
            for ring in outline
        )
        return outline_mask(rings, *self.size)

    def at_picture(self, mask: np.ndarray) -> Tensor:
        """`[H', W']` of the picture, from a mask `[h, w]` of the image; 0 where the picture was cut off."""
        fitted = fit_mask(torch.from_numpy(mask)[None], self.shown.columns, self.shown.rows, "stretch")
        return self.shown.framed(fitted, *self.picture)[0]


def prepare(picture: Tensor, clip: tuple[int, int], mode: str = "crop") -> PreparedPicture:
    """
    Args:
        picture: `[H, W, 3]` from 0 to 1.
        clip: (width, height) in pixels.
        mode: how the picture is fitted; see `dragnuwa.common.images.fit`.
    """
    shown, place = placement((picture.shape[1], picture.shape[0]), clip, mode)
    scale = min(1.0, LONGEST / max(shown.rows, shown.columns))
    size = max(2, round(shown.columns * scale)), max(2, round(shown.rows * scale))
    image = to_bytes(fit(picture[shown.slices][None], *size, "stretch")[0])
    return PreparedPicture(image, (picture.shape[1], picture.shape[0]), clip, mode, shown, place)


@dataclass(frozen=True)
class SearchImage:
    """The downscaled copy of a picture in which objects are searched.

    Attributes:
        image: `[H, W, 3]` uint8.
        small: `[h, w, 3]` uint8, the copy that is searched.
        patches: its superpixels.
        networks: those that are asked; None for colours and edges alone.
    """

    image: np.ndarray
    small: np.ndarray
    patches: Superpixels
    networks: Networks | None = None

    @cached_property
    def learned(self) -> Shown | None:
        """The picture as the networks see it, encoded on first use; None without them."""
        return None if self.networks is None else shown(self.networks, self.image, self.patches)

    @property
    def ready(self) -> bool:
        """Whether the next question needs no encoding."""
        return self.networks is None or "learned" in vars(self)

    def ask(
        self,
        inside: np.ndarray,
        outside: np.ndarray,
        box: tuple[complex, complex] | None = None,
        before: np.ndarray | None = None,
    ) -> Found | None:
        """What the click network says, as `Shown.ask`; None without one."""
        return None if self.learned is None else self.learned.ask(inside, outside, box, before)

    def in_small(self, points: np.ndarray) -> np.ndarray:
        """Points of the image (complex, in pixels) in the small copy. In both, 0 is the centre of the first pixel."""
        (height, width), (rows, columns) = self.image.shape[:2], self.small.shape[:2]
        x = (points.real + 0.5) * columns / width - 0.5
        y = (points.imag + 0.5) * rows / height - 0.5
        return x.clip(0, columns - 1) + 1j * y.clip(0, rows - 1)


def search_image(image: np.ndarray, networks: Networks | None = None) -> SearchImage:
    """An image `[H, W, 3]` uint8, prepared for any number of drags and clicks. The networks that are asked are those in
    the pack's folder models/finding, if they are there, unless others are given."""
    small = _reduced(image)
    return SearchImage(image, small, superpixels(small), networks or shipped())


def _reduced(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = UNIT / (height * width) ** 0.5
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
