"""The videos of a case in each mode become figures."""

from __future__ import annotations

import numpy as np

from .cases import Case
from .classifier import Classifier, judge
from .generation import Conditions, Generator, baselines, shape_of
from .measure import measure
from .metrics import relative_objmc
from .modes import Mode
from .response import drag_response
from .settings import Settings
from .tracker import LucasKanade


def measure_mode(
    case: Case, frames: np.ndarray, classifier: Classifier, *, picture: bool
) -> dict[str, float | list[float]]:
    """Figures of one video of a case that has one thing, named by its caption.

    Returns:
        along and direction of `drag_response`; kind, color and both: 1 where the classifier sees what the caption
        names; relative_objmc_lucas_kanade: of whatever the video's first frame shows where the drags begin. With a
        picture also all of `measure`, which knows the thing by its cut-out.
    """
    response = drag_response(frames, case.target, case.seen)
    named = case.scene.objects[0]
    seen = judge(classifier, frames, named.kind, named.color)
    tracks, _ = LucasKanade()(frames, case.target[:, 0])
    figures: dict[str, float | list[float]] = measure(case, frames) if picture else {}
    return figures | {
        "relative_objmc_lucas_kanade": relative_objmc(tracks, case.target, case.seen),
        "along": response.along,
        "direction": response.direction,
        "kind": float(seen.kind),
        "color": float(seen.color),
        "both": float(seen.both),
    }


class ModeFigures:
    """From a case to the figures of its videos: one for each mode, of the same noise, and the two baselines."""

    def __init__(self, generator: Generator, settings: Settings, classifier: Classifier):
        self.generator, self.settings, self.classifier = generator, settings, classifier

    def __call__(self, case: Case) -> dict[str, dict[str, float | list[float]]]:
        figures = {}
        for mode in (Mode(name) for name in self.settings.modes):
            made = self.generator.generate(conditions(case, mode), self.settings)
            figures[mode.name] = measure_mode(case, made.frames, self.classifier, picture=mode.picture)
            figures[mode.name]["cpu_seconds"] = made.cpu_seconds
        for name, frames in baselines(case, self.generator).items():
            figures[name] = measure_mode(case, frames, self.classifier, picture=True)
        return figures


def conditions(case: Case, mode: Mode) -> Conditions:
    """Those of the case that the mode has."""
    drags = slice(None) if mode.drags else slice(0)
    return Conditions(
        clip=shape_of(case),
        points=case.points[drags],
        visible=case.visible[drags],
        start=case.scene.frames[0] if mode.picture else None,
        text=case.scene.caption if mode.prompt else None,
        seed=case.seed,
    )
