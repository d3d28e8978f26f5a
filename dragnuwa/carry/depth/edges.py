"""The edges of a picture's objects, taken apart: a pixel there shows an object and the ground behind it, mixed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ...geometry.resampling import WHITE, doubled
from .camera import without_nan

NEIGHBOR_DISTANCE = 1.1  # px from an object's last pixel: its neighbours, which may show it in part, and are not copied
REACH = 4.0  # px, over which colours are continued: as far as interpolation reaches, and one more
OUTLINE = 0.8  # px, sigma of the blur by which an outline gives opacities
UNSURE, GRAIN = 0.2, 0.06  # standard deviations: of those opacities, and of continued colours
SHARPER = 2.0  # edges of parts, which are half as wide as pixels, so that those of pixels are as sharp as the picture's
ROW, MOST_ROWS = 2048, 32_767  # pixels in a row, for what is no picture; and rows or columns that OpenCV takes


@dataclass(frozen=True)
class EdgeMatte:
    """
    Attributes:
        fine: `[2H, 2W, 3]` uint16, as of `doubled`: the picture, where at the edges of objects and close beyond is only
            the object.
        ground: `[H, W, 3]` float32, the picture, where near the edges of objects is only the ground.
        opacity: `[H, W]` float32 from 0 to 1, of objects at their edges; 1 away from them, 0 close beside.
        at: `[H, W]` bool, where the picture shows the ground close to an edge.
        owner: `[H, W]` int32, for pixels beside an object the number of its last pixel, and the own one elsewhere.
    """

    fine: np.ndarray
    ground: np.ndarray
    opacity: np.ndarray
    at: np.ndarray
    owner: np.ndarray

    @property
    def objects(self) -> np.ndarray:
        """`[H, W, 3]` float32: `fine` at the picture's size."""
        return self.fine[:: self._times, :: self._times] / np.float32(WHITE)

    @property
    def _times(self) -> int:
        return len(self.fine) // len(self.opacity)

    def looked_up(self, sources: np.ndarray) -> np.ndarray:
        """`[..., 3]`: colours at positions `[..., 2]`, (x, y)."""
        positions = without_nan(sources)
        found = self._at_objects(positions)
        ground = self._at_ground(positions)
        found[ground] = looked_up(self.ground, positions[ground])
        return found

    def composed(self, front: np.ndarray, beside: np.ndarray, second: np.ndarray, back: np.ndarray) -> np.ndarray:
        """`[..., 3]`: the colours of what is seen in front, before what is seen second or else `back`.

        Args:
            front: `[..., 2]`, positions (x, y); NaN for none.
            beside: `[...]` bool, where the front is an object although the picture shows the ground beside it.
            second: as front.
            back: `[..., 3]`.
        """
        behind = np.where(np.isnan(second[..., :1]), back, self.looked_up(second))
        positions = without_nan(front)
        ground = self._at_ground(positions) & ~beside
        colors = self._at_objects(positions)
        colors[ground] = looked_up(self.ground, positions[ground])
        opacity = (0.5 + SHARPER * (looked_up(self.opacity, positions) - 0.5)).clip(0, 1)
        opacity[ground] = 1
        opacity[np.isnan(front[..., 0])] = 0
        return behind + opacity[..., None] * (colors - behind)

    def _at_objects(self, positions: np.ndarray) -> np.ndarray:
        return looked_up(self.fine, self._times * positions) * np.float32(1 / WHITE)

    def _at_ground(self, positions: np.ndarray) -> np.ndarray:
        return looked_up(self.at.view(np.uint8), positions, cv2.INTER_NEAREST) > 0


def separate_edges(picture: np.ndarray, near: np.ndarray, distance: np.ndarray, nearest: np.ndarray) -> EdgeMatte:
    """A picture taken apart at the edges of its objects: pixels there show an object and the ground behind it, mixed.

    A pixel's colour is opacity * object + (1 - opacity) * ground. Both colours are continued from where the picture
    shows one of them alone, the opacity follows from the pixel's place between them, as far as they differ, and from
    the outline otherwise. What is left is given to both, so that together they are the picture again.

    Args:
        picture: `[H, W, 3]` float32 from 0 to 1.
        near: `[H, W]` bool, near objects, around their edges.
        distance: `[H, W]` px, to the last pixels of near objects.
        nearest: `[H, W]` int32, the number of the nearest of those.
    """
    numbers = np.arange(near.size, dtype=np.int32).reshape(near.shape)
    if not near.any():
        return EdgeMatte(_fine(picture), picture, np.ones(near.shape, np.float32), near, numbers)
    last, beside = near & (distance == 0), ~near & (distance <= NEIGHBOR_DISTANCE)
    close = distance <= REACH
    mixed = last | beside
    objects, ground = picture.copy(), picture.copy()
    _continue(objects, close & near & ~last, close & (mixed | ~near))
    _continue(ground, close & ~near & ~beside, close & (mixed | near))
    own, front, behind = picture[mixed], objects[mixed], ground[mixed]
    outline = cv2.GaussianBlur(near.astype(np.float32), (0, 0), OUTLINE)[mixed]
    opacity = _opacity(own, front, behind, outline, last[mixed])
    share = opacity[:, None]
    rest = (own - behind - share * (front - behind)) / (share**2 + (1 - share) ** 2)
    objects[mixed] = (front + share * rest).clip(0, 1)
    ground[mixed] = (behind + (1 - share) * rest).clip(0, 1)
    alpha = (near | ~close).astype(np.float32)
    alpha[mixed] = opacity
    return EdgeMatte(_fine(objects), ground, alpha, ~near & (distance <= 2 * REACH), np.where(beside, nearest, numbers))


def _fine(picture: np.ndarray) -> np.ndarray:
    """The picture as of `doubled`; as it is where OpenCV cannot take twice its size."""
    if 2 * max(picture.shape) < MOST_ROWS:
        return doubled(picture)
    return np.rint(WHITE * picture.clip(0, 1)).astype(np.uint16)


def _continue(picture: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> None:
    """The nearest known colours, in the wanted pixels."""
    if known.any():
        nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
        picture[wanted] = picture[tuple(nearest[:, wanted])]


def _opacity(own: np.ndarray, front: np.ndarray, behind: np.ndarray, outline: np.ndarray, last: np.ndarray):
    """`[N]` float32: of pixels with colours `[N, 3]` between two others; `last` where an object has their centre."""
    apart = front - behind
    squared = np.square(apart).sum(-1)
    along = ((own - behind) * apart).sum(-1)
    found = (along / GRAIN**2 + outline / UNSURE**2) / (squared / GRAIN**2 + 1 / UNSURE**2)
    return np.where(last, found.clip(0.4, 1), found.clip(0, 0.6)).astype(np.float32)


def looked_up(picture: np.ndarray, positions: np.ndarray, kernel: int = cv2.INTER_CUBIC) -> np.ndarray:
    """`[..., 3]`, or `[...]`: the colours of a picture `[H, W, 3]` or `[H, W]` at positions `[..., 2]` float32, (x, y);
    `kernel` is one of OpenCV's."""
    shape = (*positions.shape[:-1], *picture.shape[2:])
    count = positions[..., 0].size
    if count == 0:
        return np.zeros(shape, picture.dtype)
    if positions.ndim == 3 and max(positions.shape) < MOST_ROWS:
        return cv2.remap(picture, positions, None, kernel, borderMode=cv2.BORDER_REPLICATE)
    rows = -(-count // ROW)  # OpenCV takes few rows and columns
    found = cv2.remap(picture, np.resize(positions, (rows, ROW, 2)), None, kernel, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(-1, *picture.shape[2:])[:count].reshape(shape)
