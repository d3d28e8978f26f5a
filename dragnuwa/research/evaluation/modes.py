"""The modes: the same scenes with picture, prompt and drags left out in turn (arXiv 2308.08089, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...vision.tracking.metrics import drag_response, relative_objmc
from ...vision.tracking.point_tracker import LucasKanade
from .cases import Case
from .colors import shows_color
from .generate import Conditions, Generator, baselines
from .run import Figures, measure
from .settings import Settings


@dataclass(frozen=True)
class Mode:
    """Which conditions the model gets, by the letters of its name: s for the picture, p the prompt, g the drags.

    Conditions are dropped as in training: the start picture's latent and the drag maps are zero, the text is empty. The
    paper has five modes; "pg2v" is added to see whether drags act without a picture.
    """

    name: str

    @property
    def picture(self) -> bool:
        return "s" in self._letters

    @property
    def prompt(self) -> bool:
        return "p" in self._letters

    @property
    def drags(self) -> bool:
        return "g" in self._letters

    @property
    def without_drags(self) -> str:
        """The same mode without drags."""
        return self._letters.replace("g", "") + "2v"

    @property
    def _letters(self) -> str:
        return self.name.removesuffix("2v")


class ModeFigures:
    """Computes the metrics of a case's videos: one for each mode, from the same noise, and the two baselines."""

    def __init__(self, generator: Generator, settings: Settings):
        self.generator, self.settings = generator, settings

    def __call__(self, case: Case) -> dict[str, Figures]:
        figures = {}
        for mode in (Mode(name) for name in self.settings.modes):
            video = self.generator.generate(conditions(case, mode), self.settings)
            figures[mode.name] = measure_mode(case, video.frames, picture=mode.picture)
            figures[mode.name]["cpu_seconds"] = video.cpu_seconds
        for name, frames in baselines(case, self.generator).items():
            figures[name] = measure_mode(case, frames, picture=True)
        return figures


def conditions(case: Case, mode: Mode) -> Conditions:
    """The case's conditions that the mode uses."""
    drags = slice(None) if mode.drags else slice(0)
    return Conditions(
        clip=case.scene.clip,
        points=case.points[drags],
        visible=case.visible[drags],
        start=case.scene.frames[0] if mode.picture else None,
        text=case.scene.caption if mode.prompt else "",
        seed=case.seed,
    )


def measure_mode(case: Case, frames: np.ndarray, *, picture: bool) -> Figures:
    """Metrics of one video of a case with one object, which the caption names.

    Returns:
        along and direction of `drag_response`; relative_objmc_lucas_kanade: of whatever the video's first frame shows
        where the drags begin; color: 1 if the video shows an object of the colour in the caption, else 0, left out if
        the true clip does not either, on a background of that colour. With a picture also all of `measure`, which
        tracks the object by its cut-out.
    """
    response = drag_response(frames, case.target, case.seen)
    named, area = case.scene.objects[0].color, int(case.scene.masks[0, 0].sum())
    tracks, _ = LucasKanade()(frames, case.target[:, 0])
    figures: Figures = measure(case, frames) if picture else {}
    if shows_color(case.scene.frames, named, area):
        figures["color"] = float(shows_color(frames, named, area))
    return figures | {
        "relative_objmc_lucas_kanade": relative_objmc(tracks, case.target, case.seen),
        "along": response.along,
        "direction": response.direction,
    }
