"""What the click network says of a picture, in superpixels: masks for clicks and boxes, and how good any mask is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from scipy.sparse import csr_array

from ..click_network.encoder import STRIDE
from ..click_network.network import Answer, ClickNetwork, Encoded, Query
from .superpixels import Superpixels

LONGEST = 512  # px, of the longer side of the copy that the network sees
MOST_POINTS = 16  # of each kind that the network is asked with: the last ones
HALF = 0.5  # part of a superpixel that has to be inside a mask or an outline
IS_THING = 0.5  # probability from which a thing is meant rather than ground


@dataclass(frozen=True)
class Shown:
    """A picture as the network sees it, encoded.

    Attributes:
        network: its weights.
        encoded: the features.
        size: (width, height) in pixels of the small picture, in which clicks are given.
        patches: the superpixels of that small picture.
        cover: `[S, h w]`, the part of each position of the network's masks that each superpixel covers.
    """

    network: ClickNetwork
    encoded: Encoded
    size: tuple[int, int]
    patches: Superpixels
    cover: csr_array

    @torch.inference_mode()
    def ask(
        self,
        inside: np.ndarray,
        outside: np.ndarray,
        box: tuple[complex, complex] | None = None,
        before: np.ndarray | None = None,
    ) -> Found:
        """
        Args:
            inside, outside: `[n]` complex, points of the small picture that belong to the thing and that do not.
            box: opposite corners of a box around it.
            before: `[S]` bool, the mask that the last of the points corrects.
        """
        inside, outside = inside[-MOST_POINTS:], outside[-MOST_POINTS:]
        points = np.concatenate([inside, outside])
        size = torch.tensor(self.size)
        places = (torch.from_numpy(np.stack([points.real, points.imag], -1)).float() + 0.5) / size
        belongs = torch.cat([torch.ones(len(inside)), -torch.ones(len(outside))])
        corners = torch.tensor([0.0, 0, 1, 1])
        if box is not None:
            ends = (torch.tensor([[one.real, one.imag] for one in box]) + 0.5) / size
            corners = torch.cat([ends.min(0).values, ends.max(0).values]).float()
        if not len(points):  # a box alone
            places, belongs = torch.zeros(1, 2), torch.zeros(1)
        grid = -torch.ones(1, 1, *self.encoded.small.shape[-2:])
        if before is not None:
            grid = self.on_grid([before])
        query = Query(torch.zeros(1, dtype=torch.int64), places[None], belongs[None], corners[None], grid)
        return Found(self, query, self.network(self.encoded, query))

    def on_grid(self, masks: list[np.ndarray]) -> torch.Tensor:
        """`[1, M, h, w]` from 0 to 1: how much of each position of the network's masks the masks `[S]` bool cover."""
        covered = np.stack(masks).astype(np.float32) @ self.cover  # [M, h w]
        grid = torch.from_numpy(np.asarray(covered, np.float32))
        return grid.view(1, len(masks), *self.encoded.small.shape[-2:]).clamp(0, 1)


@dataclass(frozen=True)
class Found:
    """The network's answer to one question."""

    shown: Shown
    query: Query
    answer: Answer

    def masks(self) -> list[np.ndarray]:
        """`[S]` bool each: the superpixels of its masks that are not empty."""
        width, height = self.shown.size
        found = []
        for probability in self.answer.logits[0].sigmoid().numpy():
            large = cv2.resize(probability, (width, height), interpolation=cv2.INTER_LINEAR)
            mask = self.shown.patches.mean(large) >= HALF
            if mask.any():
                found.append(mask)
        return found

    def containing(self, inside: np.ndarray, outside: np.ndarray) -> list[np.ndarray]:
        """Those of its masks that have all points of the small picture `inside`, and none of those `outside`."""
        needed, barred = (self.shown.patches.at(points) for points in (inside, outside))
        return [mask for mask in self.masks() if mask[needed].all() and not mask[barred].any()]

    @torch.inference_mode()
    def overlaps(self, masks: list[np.ndarray]) -> np.ndarray:
        """`[M]` from 0 to 1: the estimated intersection over union of masks `[S]` bool with what is meant."""
        if not masks:
            return np.zeros(0)
        shown = self.shown
        return shown.network.overlap(shown.encoded, self.query, self.answer, shown.on_grid(masks))[0].numpy()

    def is_thing(self) -> bool:
        """Whether a thing is meant rather than ground."""
        return float(self.answer.thing.sigmoid()) >= IS_THING


@torch.inference_mode()
def shown(network: ClickNetwork, image: np.ndarray, patches: Superpixels) -> Shown:
    """
    Args:
        image: `[H, W, 3]` uint8.
        patches: of a copy of it of any size.
    """
    height, width = image.shape[:2]
    scale = LONGEST / max(height, width)
    columns, rows = (max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in (width, height))
    smaller = cv2.INTER_AREA if columns < width else cv2.INTER_LINEAR
    small = cv2.resize(image, (columns, rows), interpolation=smaller)
    picture = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
    encoded = network.encode(picture)
    size = patches.label.shape[::-1]
    return Shown(network, encoded, size, patches, _cover(patches, rows // 4, columns // 4))


def _cover(patches: Superpixels, rows: int, columns: int) -> csr_array:
    """`[S, rows columns]`: the part of each cell of a grid over the picture that each superpixel covers."""
    height, width = patches.label.shape
    y, x = (np.arange(height) * rows // height)[:, None], (np.arange(width) * columns // width)[None]
    cells = (y * columns + x).ravel()
    shares = 1 / np.maximum(np.bincount(cells, minlength=rows * columns), 1)
    return csr_array((shares[cells], (patches.label.ravel(), cells)), shape=(patches.count, rows * columns))
