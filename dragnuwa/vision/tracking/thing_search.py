"""Searches a whole frame for a thing that has been lost: by the squared difference in colours, in the size and turn in
which it was last seen."""

from __future__ import annotations

import cv2
import numpy as np

from ...geometry.similarity import SimilarityTransform
from .thing_template import ALIKE, Template

SIDE = 64  # px, longer side of the thing as it is compared
FAR = 0.25  # of the frame's longer side, at which something alike counts as something else; more, the longer it is lost
FEWEST = 9  # pixels of the thing


def search(
    template: Template, frame: np.ndarray, guess: SimilarityTransform, hidden: int
) -> SimilarityTransform | None:
    """
    Args:
        template: how the thing looks.
        frame: `[H, W, 3]` uint8.
        guess: where it may be, in which size and turn.
        hidden: for how many frames it has been lost.

    Returns:
        The motion to where the frame shows something most like it; None if it is too small or too large to search.
    """
    scale = min(1.0, SIDE / max(template.mask.shape))
    small = cv2.resize(template.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(template.mask.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    factor = complex(guess.factor)
    fine = min(1.0, template.to_box[0, 0] * scale / abs(factor))  # the frame at the size of the small template
    whole, back = _turned(cv2.resize(frame, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA), factor)
    if min(whole.shape[0] - small.shape[0], whole.shape[1] - small.shape[1]) < 1 or mask.sum() < FEWEST:
        return None
    weight = np.repeat(mask[..., None], 3, -1)
    cost = cv2.matchTemplate(whole.astype(np.float32), small.astype(np.float32), cv2.TM_SQDIFF, mask=weight)
    cost = np.sqrt(np.maximum(cost, 0) / weight.sum())  # [h, w], of 255
    rows, columns = np.mgrid[: cost.shape[0], : cost.shape[1]]
    middles = np.stack([columns + small.shape[1] / 2, rows + small.shape[0] / 2], -1) @ back[:, :2].T + back[:, 2]
    there = (middles[..., 0] + 1j * middles[..., 1]) / fine  # in pixels of the frame
    middle = _middle(template)
    away = np.abs(there - complex(guess.apply(middle))) / (FAR * max(frame.shape) * (1 + hidden))
    best = np.unravel_index((cost + ALIKE * away).argmin(), cost.shape)
    return SimilarityTransform(factor, complex(there[best]) - factor * middle)


def _turned(frame: np.ndarray, factor: complex) -> tuple[np.ndarray, np.ndarray]:
    """A frame turned so that the thing stands in it as in its template, and `[2, 3]`, back to the frame."""
    centre = (frame.shape[1] / 2, frame.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(centre, np.degrees(np.angle(factor)), 1.0)
    turned = cv2.warpAffine(frame, turn, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return turned, cv2.invertAffineTransform(turn)


def _middle(template: Template) -> complex:
    """The middle of the template's box, in pixels of its frame."""
    height, width = template.mask.shape
    x, y, _ = np.linalg.inv(template.to_box) @ (width / 2, height / 2, 1)
    return complex(x, y)
