"""Asks the click network for a mask that is expected in a frame of a clip: by points on the thing and around it, and by
that mask. The network sees the thing and what is around it, enlarged, so that small things have an outline, too. Its
answer is fitted to the picture's edges."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from scipy.special import expit

from ...common.clip_shape import small_size
from ...common.masks import MASKED, overlap
from ...geometry.grids import Box
from ...vision.click_network.network import STRIDE, ClickNetwork, Query
from ...vision.segmentation.outline import cut_in_band
from .moving_clip import MovingClip
from .tracked import grown, spread_inside, without_small

SEEN = 384  # px, longer side of the picture that the network sees
AROUND = 0.6  # of the thing's longer side: what is seen around it
POINTS = 8  # on it, and around it
APART = 0.12  # of sqrt(area): how far the points around it are from it
BOX_MARGIN = 0.1  # of its longer side, around it
RECOGNISED = 0.85  # overlap of the answer with the mask that was given, from which the network knows the thing
SMALL_PART = 0.02  # of the thing: smaller parts apart from it are none of it
FITTED, BAND = 320, 4  # px: longer side of the picture in which an answer is fitted to edges, and by how much at most


@dataclass(frozen=True)
class Answer:
    """What the network answers in a box of a small frame.

    Attributes:
        box: of what it has seen.
        picture: `[h', w', 3]` uint8, that as it has seen it, enlarged.
        logits: `[h'', w'']` float32, of that.
        overlap: with what was expected (intersection over union).
    """

    box: Box
    picture: np.ndarray
    logits: np.ndarray
    overlap: float

    @property
    def mask(self) -> np.ndarray:
        """`[h, w]` bool, of the box."""
        return cv2.resize(self.logits, self.box.size, interpolation=cv2.INTER_LINEAR) > 0

    @property
    def probability(self) -> np.ndarray:
        """`[h', w']` from 0 to 1, of the picture."""
        return cv2.resize(expit(self.logits), self.picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)


class MaskQueries:
    """
    Args:
        network: which is asked.
        clip: its frames.
    """

    def __init__(self, network: ClickNetwork, clip: MovingClip):
        self.network, self.frame_at = network, clip.frame_at
        self.small, self.size, self.scale = clip.small

    def ask(self, expected: np.ndarray, time: int) -> Answer:
        """The answer in a small frame that is most like an expected mask `[h, w]` from 0 to 1."""
        box = self._box(expected)
        return self._closest(self._query(expected, box), box, expected, time)

    def fitted(self, answer: Answer, time: int) -> np.ndarray:
        """`[h, w]` bool: an answer in a small frame, fitted to its edges."""
        part = _at_edges(self.small(time)[answer.box.slices], answer.mask)
        mask = np.zeros(self.size[::-1], bool)
        mask[answer.box.slices] = without_small(part, SMALL_PART * part.sum())
        return mask

    def recognises(self, mask: np.ndarray, frame: int) -> bool:
        """Whether the network, asked with points alone, answers with a mask `[h, w]` bool of a small frame."""
        if not mask.any():
            return False
        expected = mask.astype(np.float32)
        box = self._box(expected)
        query = self._query(expected, box)
        points_alone = replace(query, box=torch.tensor([[0.0, 0, 1, 1]]), before=torch.full_like(query.before, -1))
        return self._closest(points_alone, box, expected, frame).overlap >= RECOGNISED

    def _box(self, expected: np.ndarray) -> Box:
        """The part of a small frame that the network sees."""
        own = Box.of(expected >= MASKED)
        return own.grown(max(2, round(AROUND * max(own.size)))).within(*self.size)

    def _query(self, expected: np.ndarray, box: Box) -> Query:
        """What is meant by an expected mask, in a box of a small frame."""
        hard, own = expected >= MASKED, Box.of(expected >= MASKED)
        sides = np.array(box.size)
        inside, outside = spread_inside(hard, POINTS), around(hard, POINTS)
        points = np.array([*inside, *outside], complex) - complex(box.left, box.top) + (0.5 + 0.5j)
        places = np.stack([points.real, points.imag], -1) / sides
        belongs = torch.cat([torch.ones(len(inside)), -torch.ones(len(outside))])
        margin = BOX_MARGIN * max(own.size)
        low = np.array([own.left - margin - box.left, own.top - margin - box.top]) / sides
        high = np.array([own.right + margin - box.left, own.bottom + margin - box.top]) / sides
        columns, rows = _seen_size(box)
        before = cv2.resize(expected[box.slices], (columns // 4, rows // 4), interpolation=cv2.INTER_AREA)
        return Query(
            torch.zeros(1, dtype=torch.int64),
            torch.from_numpy(places).float()[None],
            belongs[None],
            torch.from_numpy(np.concatenate([low, high]).clip(0, 1)).float()[None],
            torch.from_numpy(before)[None, None],
        )

    @torch.inference_mode()
    def _closest(self, query: Query, box: Box, expected: np.ndarray, time: int) -> Answer:
        """Of the network's answers the one that is most like an expected mask `[h, w]` from 0 to 1."""
        seen, hard = self._seen(box, time), expected[box.slices] >= MASKED
        picture = torch.from_numpy(seen).permute(2, 0, 1)[None].float() / 255
        logits = self.network(self.network.encode(picture), query).logits[0].numpy()
        answers = (Answer(box, seen, each, 0.0) for each in logits)
        return max((replace(each, overlap=overlap(each.mask, hard)) for each in answers), key=lambda each: each.overlap)

    def _seen(self, box: Box, time: int) -> np.ndarray:
        """`[h', w', 3]` uint8: a box of a small frame as the network sees it, from the whole frame."""
        frame, size = self.frame_at(time), _seen_size(box)
        left, top, right, bottom = (round(side / self.scale) for side in (box.left, box.top, box.right, box.bottom))
        part = frame[top : max(bottom, top + 1), left : max(right, left + 1)]
        smaller = cv2.INTER_AREA if size[0] < part.shape[1] else cv2.INTER_LINEAR
        return cv2.resize(part, size, interpolation=smaller)


def _seen_size(box: Box) -> tuple[int, int]:
    """(width, height) at which the network sees a box of small frames."""
    scale = SEEN / max(box.size)
    return tuple(max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in box.size)


def _at_edges(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: a mask fitted to the edges of a picture `[h, w, 3]`; in a large one at a smaller size."""
    size = small_size(mask.shape[::-1], FITTED)
    if size == mask.shape[::-1]:
        return cut_in_band(picture, mask, BAND)
    less = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= MASKED
    cut = cut_in_band(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), less, BAND)
    return cv2.resize(cut.astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_LINEAR) >= MASKED


def around(mask: np.ndarray, most: int) -> list[complex]:
    """Places around a mask `[h, w]` bool, at some distance and spread over all directions."""
    reach = max(3, round(APART * float(np.sqrt(mask.sum()))))
    rows, columns = np.nonzero(grown(mask, reach + 2) & ~grown(mask, reach))
    if not len(rows):
        return []
    directions = np.argsort(np.arctan2(rows - rows.mean(), columns - columns.mean()))
    chosen = directions[np.linspace(0, len(rows), min(most, len(rows)), endpoint=False).astype(int)]
    return [complex(columns[one], rows[one]) for one in chosen]
