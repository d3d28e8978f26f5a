"""A resumable run over many cases: the metrics of each case's videos become a line of JSON in the run's file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ...vision.tracking.metrics import objmc, relative_objmc, undragged_motion
from ...vision.tracking.point_tracker import LucasKanade
from ..resumed_lines import append, foreign
from ..resumed_lines import begin as begin_lines
from .cases import Case, depth, make_case
from .figures import appearance_drift, psnr
from .generate import Generator, Video, videos_of
from .settings import Settings

log = logging.getLogger(__name__)

MOST_PSNR = 100.0  # dB; it is infinite for equal pictures, which JSON cannot represent
LARGEST_RADIUS = 12  # px, of the patch whose appearance is compared

Figures = dict[str, float | list[float]]


def evaluate(
    path: Path, settings: Settings, count: int, begin: Callable[[], Callable[[Case], dict[str, Figures]]]
) -> list[dict]:
    """Measure those of the cases 0 to `count` - 1 that the file lacks, and append each as soon as it is done.

    Args:
        path: the file; created if missing. An incomplete last line of a killed run is measured again.
        settings: must equal those of the file.
        count: number of cases, at least 1.
        begin: returns the function that computes the metrics of a case's videos by name. Called once, and only if there
            is anything to do, since loading a checkpoint takes time.

    Returns:
        A line for each case: "number", "group", "seed", and each video's metrics by its name.

    Raises:
        ValueError: if the file has other settings or is something else, or count is below 1.
    """
    if count < 1:
        raise ValueError(f"scenes must be at least 1; found {count}.")
    lines = _numbered(path, settings)
    if len(lines) < count:
        figures = begin()
        for number in range(len(lines), count):
            case = make_case(number, settings.clip, settings.assets, settings.groups, named=bool(settings.modes))
            line = {"number": number, "group": case.group, "seed": case.seed} | figures(case)
            append(path, line)
            lines.append(line)
            log.info("%d of %d scenes: %s", number + 1, count, case.group)
    return lines[:count]


class DragFigures:
    """Computes the metrics of a case's videos, which `videos_of` makes."""

    def __init__(self, generator: Generator, settings: Settings):
        self.generator, self.settings = generator, settings

    def __call__(self, case: Case) -> dict[str, Figures]:
        return measure_videos(case, videos_of(case, self.generator, self.settings))


def measure_videos(case: Case, videos: Mapping[str, Video | np.ndarray]) -> dict[str, Figures]:
    """The metrics of each of a case's videos, with cpu_seconds for sampled ones."""
    figures = {}
    for name, video in videos.items():
        sampled = isinstance(video, Video)
        figures[name] = measure(case, video.frames if sampled else video)
        if sampled:
            figures[name]["cpu_seconds"] = video.cpu_seconds
    return figures


def measure(case: Case, frames: np.ndarray) -> Figures:
    """Figures of `frames` `[T, H, W, 3]` uint8, a video of the case's clip.

    Returns:
        objmc (px), relative_objmc: of what was dragged, by the case's tracker; lost: the share of its positions that
        the tracker lost; psnr (dB) against the true clip. Where objects were dragged also relative_objmc_lucas_kanade
        and drift (dB, the mean over the objects). Where some were left alone, undragged_motion: each one's, px.

    Raises:
        ValueError: if the video's size or number of frames is not the scene's.
    """
    figures: Figures = {"psnr": min(psnr(frames, case.scene.frames), MOST_PSNR)}
    found, kept = case.tracker()(frames, case.target[:, 0])
    figures["objmc"] = objmc(found, case.target, case.seen)
    figures["relative_objmc"] = relative_objmc(found, case.target, case.seen)
    figures["lost"] = float(1 - kept[case.seen].mean())
    if case.objects:
        by_texture, _ = LucasKanade()(frames, case.target[:, 0])
        figures["relative_objmc_lucas_kanade"] = relative_objmc(by_texture, case.target, case.seen)
        figures["drift"] = float(np.mean([_drift(case, frames, found[n], n) for n in range(len(found))]))
    if case.undragged:
        figures["undragged_motion"] = _undragged(case, frames)
    return figures


def _drift(case: Case, frames: np.ndarray, track: np.ndarray, n: int) -> float:
    """Appearance drift of a square inside the object, at the last frame in which its point should be visible."""
    radius = int(np.clip(depth(case.scene, case.objects[n]) - 1, 1, LARGEST_RADIUS))
    return min(appearance_drift(frames, track, radius, int(np.flatnonzero(case.seen[n])[-1])), MOST_PSNR)


def _undragged(case: Case, frames: np.ndarray) -> list[float]:
    """An object that the tracker has lost at the end counts as moved by the picture's diagonal."""
    objects = list(case.undragged)
    start, visible = case.scene.points[objects, 0], case.scene.visible[objects]
    found, kept = case.tracker(case.undragged)(frames, start)
    diagonal = float(np.hypot(*frames.shape[1:3]))
    return [
        undragged_motion(found[n : n + 1], visible[n : n + 1]) if kept[n, visible[n]][-1] else diagonal
        for n in range(len(objects))
    ]


def _numbered(path: Path, settings: Settings) -> list[dict]:
    """The lines of an earlier run, or a new file with the settings."""
    lines = begin_lines(path, settings.as_json())
    if [line.get("number") for line in lines] != list(range(len(lines))):
        raise foreign(path)
    return lines
