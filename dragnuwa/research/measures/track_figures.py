"""How well points are tracked, or follow the tracks that were wanted: functions of arrays.

Tracks are `[N, T, 2]` (x, y) in pixels; visible is `[N, T]` bool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...vision.tracking.metrics import objmc

THRESHOLDS = (1, 2, 4, 8, 16)  # px of a picture of SIDE x SIDE
SIDE = 256
MODES = ("first", "strided")


@dataclass(frozen=True)
class TapVidFigures:
    """Each from 0 to 1, where 1 is perfect.

    Attributes:
        average_jaccard: mean over the thresholds of the points that are right and said to be visible, over those and
            all that are missed or wrongly said to be visible.
        delta_average: mean over the thresholds of the visible points that are closer than that.
        occlusion_accuracy: the points and frames whose visibility is said rightly.
    """

    average_jaccard: float
    delta_average: float
    occlusion_accuracy: float


def tap_vid(
    found: np.ndarray, found_visible: np.ndarray, true: np.ndarray, true_visible: np.ndarray, queries: np.ndarray,
    mode: str = MODES[0],
) -> TapVidFigures:  # fmt: skip
    """The figures of TAP-Vid (Doersch et al., arXiv 2211.03726, section 4) for one video.

    Args:
        found, true: `[N, T, 2]`, scaled to a picture of 256 x 256 pixels; positions that are not visible do not matter.
        found_visible, true_visible: `[N, T]` bool.
        queries: `[N]`, the frame in which each point was given. It is not counted itself.
        mode: "first" counts the frames after it, "strided" all others.

    Raises:
        ValueError: if the shapes do not match, a position is not finite, or nothing is left to count.
    """
    found, true = (np.asarray(each, np.float64) for each in (found, true))
    _check(found, found_visible, true, true_visible, queries, mode)
    times = np.arange(true.shape[1])
    counted = times > queries[:, None] if mode == MODES[0] else times != queries[:, None]
    wanted = true_visible & counted
    if not wanted.any():
        raise ValueError("No point is visible in a frame that counts, so nothing can be measured.")
    distance = np.linalg.norm(np.where(true_visible[..., None], found - true, 0), axis=-1)
    within, jaccard = [], []
    for threshold in THRESHOLDS:
        right = (distance < threshold) & true_visible
        hits = (right & found_visible & counted).sum()
        wrong = (~right & found_visible & counted).sum()
        within.append((right & counted).sum() / wanted.sum())
        jaccard.append(hits / (wanted.sum() + wrong))
    said = (found_visible == true_visible) & counted
    return TapVidFigures(float(np.mean(jaccard)), float(np.mean(within)), float(said.sum() / counted.sum()))


def end_point_error(found: np.ndarray, wanted: np.ndarray, visible: np.ndarray) -> float:
    """EPE: the mean distance in pixels between where points are and where they are wanted, over all frames after the
    first in which they are visible (MoveBench, arXiv 2512.08765).

    Raises:
        ValueError: if the shapes do not match, a visible position is not finite, or none is visible after the first
            frame.
    """
    counted = np.array(visible, bool)
    counted[..., :1] = False
    if not counted.any():
        raise ValueError("No point is visible after the first frame, so nothing can be measured.")
    return objmc(found, wanted, counted)


def mask_overlap(found: np.ndarray, wanted: np.ndarray) -> float:
    """Mean over the frames of the intersection over union of two masks `[T, H, W]` bool, of frames in which either
    shows something (MagicBench, arXiv 2503.16421).

    Raises:
        ValueError: if the shapes differ, or no frame shows anything.
    """
    if found.ndim != 3 or found.shape != wanted.shape:
        raise ValueError(f"Masks should be [T, H, W] of one size; found {list(found.shape)} and {list(wanted.shape)}.")
    both, either = (found & wanted).sum((1, 2)), (found | wanted).sum((1, 2))
    if not either.any():
        raise ValueError("No frame shows anything of either mask.")
    return float((both[either > 0] / either[either > 0]).mean())


def _check(
    found: np.ndarray, found_visible: np.ndarray, true: np.ndarray, true_visible: np.ndarray, queries: np.ndarray,
    mode: str,
) -> None:  # fmt: skip
    if mode not in MODES:
        raise ValueError(f"mode should be one of {', '.join(MODES)}; found {mode!r}.")
    shape = true.shape[:2]
    same = true.ndim == 3 and found.shape == true.shape == (*shape, 2)
    if not (same and found_visible.shape == true_visible.shape == shape and queries.shape == shape[:1]):
        raise ValueError(
            "found and true should be [N, T, 2], both visibilities [N, T] and queries [N]; found "
            f"{[list(np.shape(each)) for each in (found, true, found_visible, true_visible, queries)]}."
        )
    if found_visible.dtype != bool or true_visible.dtype != bool:
        raise ValueError(f"Visibility should be bool; found {found_visible.dtype} and {true_visible.dtype}.")
    if not (np.isfinite(found[true_visible]).all() and np.isfinite(true[true_visible]).all()):
        raise ValueError("A visible position is NaN or infinite. Give the last known position of a lost point.")
