"""One video of a case becomes figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .cases import Case, depth
from .generation import Made
from .metrics import appearance_drift, objmc, psnr, relative_objmc, undragged_motion
from .tracker import LucasKanade

SAME = 100.0  # dB; what is the same to the last bit has no finite PSNR, and JSON no infinity
LARGEST_RADIUS = 12  # px, of the patch whose look is compared


def measure(case: Case, frames: np.ndarray) -> dict[str, float | list[float]]:
    """Figures of `frames` `[T, H, W, 3]` uint8, a video of the case's clip.

    Returns:
        objmc (px), relative_objmc: of what was dragged, by the case's tracker; lost: the share of its positions that
        the tracker lost; psnr (dB) against the true clip. Where things were dragged also relative_objmc_lucas_kanade
        and drift (dB, the mean over the things). Where some have been left alone, undragged_motion: each one's, px.

    Raises:
        ValueError: if the video's size or number of frames is not the scene's.
    """
    figures: dict[str, float | list[float]] = {"psnr": min(psnr(frames, case.scene.frames), SAME)}
    found, kept = case.tracker()(frames, case.target[:, 0])
    figures["objmc"] = objmc(found, case.target, case.seen)
    figures["relative_objmc"] = relative_objmc(found, case.target, case.seen)
    figures["lost"] = float(1 - kept[case.seen].mean())
    if case.things:
        by_texture, _ = LucasKanade()(frames, case.target[:, 0])
        figures["relative_objmc_lucas_kanade"] = relative_objmc(by_texture, case.target, case.seen)
        figures["drift"] = float(np.mean([_drift(case, frames, found[n], n) for n in range(len(found))]))
    if case.undragged:
        figures["undragged_motion"] = _undragged(case, frames)
    return figures


def measure_videos(case: Case, videos: Mapping[str, Made | np.ndarray]) -> dict[str, dict[str, float | list[float]]]:
    """The figures of each of a case's videos, and where one has been sampled, cpu_seconds."""
    figures = {}
    for name, video in videos.items():
        figures[name] = measure(case, video if isinstance(video, np.ndarray) else video.frames)
        if not isinstance(video, np.ndarray):
            figures[name]["cpu_seconds"] = video.cpu_seconds
    return figures


def _drift(case: Case, frames: np.ndarray, track: np.ndarray, n: int) -> float:
    """Of the square around the point that lies within the thing, at the last frame that ought to show it."""
    radius = int(np.clip(depth(case.scene, case.things[n]) - 1, 1, LARGEST_RADIUS))
    return min(appearance_drift(frames, track, radius, int(np.flatnonzero(case.seen[n])[-1])), SAME)


def _undragged(case: Case, frames: np.ndarray) -> list[float]:
    """A thing that is lost in the end counts as gone by the picture's diagonal: to vanish is not to stay."""
    things = list(case.undragged)
    start, shown = case.scene.points[things, 0], case.scene.visible[things]
    found, kept = case.tracker(case.undragged)(frames, start)
    diagonal = float(np.hypot(*frames.shape[1:3]))
    return [
        undragged_motion(found[n : n + 1], shown[n : n + 1]) if kept[n, shown[n]][-1] else diagonal
        for n in range(len(things))
    ]
