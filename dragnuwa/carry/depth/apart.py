"""A picture taken apart at the edges of its things: pixels there show a thing and the ground behind it, mixed.

A pixel's colour is opacity * thing + (1 - opacity) * ground. Both colours are continued from where the picture shows
one of them alone, the opacity follows from the pixel's place between them, as far as they differ, and from the outline
otherwise. What is left is given to both, so that together they are the picture again.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

BESIDE = 1.5  # px from a thing's last pixel: its neighbours, which may show it in part
REACH = 4.0  # px, over which colours are continued: the reach of bicubic interpolation, and one more
OUTLINE = 0.8  # px, sigma of the blur by which an outline gives opacities
UNSURE, GRAIN = 0.2, 0.06  # standard deviations: of those opacities, and of continued colours
SHARPER = 2.0  # edges of parts, which are half as wide as pixels, so that those of pixels are as sharp as the picture's
ROW, MOST_ROWS = 2048, 32_767


@dataclass(frozen=True)
class Apart:
    """
    Attributes:
        things: `[H, W, 3]` float32, the picture, where at the edges of things and close beyond is only the thing.
        ground: the same, where near the edges of things is only the ground.
        opacity: `[H, W]` float32 from 0 to 1, of things at their edges; 1 away from them, 0 close beside.
        at: `[H, W]` bool, where the picture shows the ground close to an edge.
        owner: `[H, W]` int32, for pixels beside a thing the number of its last pixel, and the own one elsewhere.
    """

    things: np.ndarray
    ground: np.ndarray
    opacity: np.ndarray
    at: np.ndarray
    owner: np.ndarray

    def looked_up(self, sources: np.ndarray) -> np.ndarray:
        """`[..., 3]`: colours at positions `[..., 2]`, (x, y)."""
        positions = np.nan_to_num(sources)
        found = looked_up(self.things, positions)
        ground = self._at_ground(positions)
        found[ground] = looked_up(self.ground, positions[ground])
        return found

    def composed(self, front: np.ndarray, beside: np.ndarray, second: np.ndarray, back: np.ndarray) -> np.ndarray:
        """`[..., 3]`: the colours of what is seen in front, before what is seen second or else `back`.

        Args:
            front: `[..., 2]`, positions (x, y); NaN for none.
            beside: `[...]` bool, where the front is a thing although the picture shows the ground beside it.
            second: as front.
            back: `[..., 3]`.
        """
        behind = np.where(np.isnan(second[..., :1]), back, self.looked_up(second))
        positions = np.nan_to_num(front)
        ground = self._at_ground(positions) & ~beside
        colors = looked_up(self.things, positions)
        colors[ground] = looked_up(self.ground, positions[ground])
        opacity = (0.5 + SHARPER * (looked_up(self.opacity, positions) - 0.5)).clip(0, 1)
        opacity[ground] = 1
        opacity[np.isnan(front[..., 0])] = 0
        return behind + opacity[..., None] * (colors - behind)

    def _at_ground(self, positions: np.ndarray) -> np.ndarray:
        height, width = self.at.shape
        column, row = np.moveaxis(np.rint(positions).astype(np.int32), -1, 0)
        return self.at[row.clip(0, height - 1), column.clip(0, width - 1)]


def taken_apart(picture: np.ndarray, near: np.ndarray, distance: np.ndarray, nearest: np.ndarray) -> Apart:
    """
    Args:
        picture: `[H, W, 3]` float32 from 0 to 1.
        near: `[H, W]` bool, near things, around their edges.
        distance: `[H, W]` px, to the last pixels of near things.
        nearest: `[H, W]` int32, the number of the nearest of those.
    """
    numbers = np.arange(near.size, dtype=np.int32).reshape(near.shape)
    if not near.any():
        return Apart(picture, picture, np.ones(near.shape, np.float32), near, numbers)
    last, beside = near & (distance == 0), ~near & (distance <= BESIDE)
    close = distance <= REACH
    mixed = last | beside
    things, ground = picture.copy(), picture.copy()
    _continue(things, close & near & ~last, close & (mixed | ~near))
    _continue(ground, close & ~near & ~beside, close & (mixed | near))
    own, front, behind = picture[mixed], things[mixed], ground[mixed]
    outline = cv2.GaussianBlur(near.astype(np.float32), (0, 0), OUTLINE)[mixed]
    opacity = _opacity(own, front, behind, outline, last[mixed])
    share = opacity[:, None]
    rest = (own - behind - share * (front - behind)) / (share**2 + (1 - share) ** 2)
    things[mixed] = (front + share * rest).clip(0, 1)
    ground[mixed] = (behind + (1 - share) * rest).clip(0, 1)
    alpha = (near | ~close).astype(np.float32)
    alpha[mixed] = opacity
    return Apart(things, ground, alpha, ~near & (distance <= 2 * REACH), np.where(beside, nearest, numbers))


def _continue(picture: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> None:
    """The nearest known colours, in the wanted pixels."""
    if known.any():
        nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
        picture[wanted] = picture[tuple(nearest[:, wanted])]


def _opacity(own: np.ndarray, front: np.ndarray, behind: np.ndarray, outline: np.ndarray, last: np.ndarray):
    """`[N]` float32: of pixels with colours `[N, 3]` between two others; `last` where a thing has their centre."""
    apart = front - behind
    squared = np.square(apart).sum(-1)
    along = ((own - behind) * apart).sum(-1)
    found = (along / GRAIN**2 + outline / UNSURE**2) / (squared / GRAIN**2 + 1 / UNSURE**2)
    return np.where(last, found.clip(0.4, 1), found.clip(0, 0.6)).astype(np.float32)


def looked_up(picture: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`[..., 3]`, or `[...]`: the colours of a picture `[H, W, 3]` or `[H, W]` at positions `[..., 2]`, (x, y)."""
    shape = (*positions.shape[:-1], *picture.shape[2:])
    count = positions[..., 0].size
    if count == 0:
        return np.zeros(shape, np.float32)
    if positions.ndim == 3 and max(positions.shape) < MOST_ROWS:
        x, y = (np.ascontiguousarray(positions[..., axis]) for axis in (0, 1))
        return cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    rows = -(-count // ROW)  # OpenCV takes few rows and columns
    x, y = (np.resize(positions[..., axis], (rows, ROW)) for axis in (0, 1))
    found = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(-1, *picture.shape[2:])[:count].reshape(shape)
