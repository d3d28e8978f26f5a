"""Multiscale Fusion, carrying the picture along the drags, and both: how well videos follow, on held-out scenes.

    .venv/bin/python benchmarks/carry.py models/dragnuwa-tiny.safetensors --out output/carry.jsonl --scenes 100

Each scene is sampled by Multiscale Fusion alone, and for every one of `--holds` by carrying alone (strength 0) and by
both. What is carried is one of `--ways`: each dragged object by the scene's own mask, the object that is found where
the drag begins, or the surroundings of the drag. A run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from dragnuwa.carry.settings import CARRIES, CarrySettings
from dragnuwa.models.drag_maps import half_radius
from dragnuwa.research.evaluation.cases import Case
from dragnuwa.research.evaluation.generate import Carrying, Conditions, Generator, Video, baselines, load_generator
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.evaluation.run import Figures, evaluate, measure_videos
from dragnuwa.research.evaluation.settings import (
    Settings,
    add_sampling_options,
    read_info,
    run_command,
    sampling_fields,
)
from dragnuwa.research.evaluation.sheet import Strip, write_sheet

WAYS = ("mask", *CARRIES)
GROUPS = ("straight", "curved", "several", "camera")
FIGURES = {  # of a video: heading, and the digits that are shown
    "relative_objmc": ("relative ObjMC", 3),
    "relative_objmc_lucas_kanade": ("by Lucas-Kanade", 3),
    "drift_below": ("drift below the VAE's, dB", 2),
    "psnr": ("PSNR, dB", 2),
    "undragged_motion": ("undragged, px", 2),
}


@dataclass(frozen=True)
class SweepSettings(Settings):
    """
    Attributes:
        holds: of carrying, each a video.
        ground: of carrying.
        radius: in px, that a drag without a mask carries, or where its object is looked for.
        ways: what is carried: of `WAYS`.
    """

    holds: tuple[float, ...] = ()
    ground: float = 0.0
    radius: float = 24.0
    ways: tuple[str, ...] = ("object",)

    def videos(self) -> dict[str, tuple[float, float, str] | None]:
        """Strength of the fusion, hold and way of each video, by its name; None for Multiscale Fusion alone."""
        found: dict[str, tuple[float, float, str] | None] = {"fusion": None}
        for way in self.ways:
            for hold in self.holds:
                found[f"carry {hold:g}, {way}"] = (0.0, hold, way)
                found[f"both {hold:g}, {way}"] = (1.0, hold, way)
        return found


class CarryFigures:
    """From a case to the figures of its videos; keeps a contact sheet of the scenes."""

    def __init__(self, generator: Generator, settings: SweepSettings, sheets: Path | None):
        self.generator, self.settings, self.sheets = generator, settings, sheets

    def __call__(self, case: Case) -> dict[str, Figures]:
        videos = {name: self._made(case, how) for name, how in self.settings.videos().items()}
        figures = measure_videos(case, {**videos, **baselines(case, self.generator)})
        if self.sheets is not None:
            shown = {"true clip": case.scene.frames} | {name: made.frames for name, made in videos.items()}
            strips = [Strip(_words(name, figures.get(name)), list(frames)) for name, frames in shown.items()]
            write_sheet(strips, self.sheets / f"{case.group}-{case.seed}.png")
        return figures

    def _made(self, case: Case, how: tuple[float, float, str] | None) -> Video:
        settings, strength, carrying = self.settings, 1.0, None
        if how is not None:
            strength, hold, way = how
            masks = masks_of(case) if way == "mask" else None
            carries = "surroundings" if way == "mask" else way
            parameters = CarrySettings(settings.radius, carries, hold=hold, ground=settings.ground)
            carrying = Carrying(parameters, masks)
        given = Conditions(
            clip=case.scene.clip,
            points=case.points,
            visible=case.visible,
            start=case.scene.frames[0],
            text="",
            seed=case.seed,
            strength=strength,
            carrying=carrying,
        )
        return self.generator.generate(given, settings)


def masks_of(case: Case) -> np.ndarray:
    """`[N, H, W]`, for each drag its object in frame 0: empty for the background's points and for anchors."""
    masks = case.scene.masks[:, 0].astype(np.float32)
    found = np.zeros((len(case.points), *masks.shape[1:]), np.float32)
    if case.objects:
        found[: len(case.objects)] = masks[list(case.objects)]
    elif len(masks):
        found[-len(masks) :] = masks  # of a camera move: the points of the background, then the things before it
    return found


def table(lines: list[dict], names: list[str]) -> str:
    """A row for each video: the means over the scenes, and relative ObjMC in each group."""
    heads = [f"ObjMC {group}" for group in GROUPS]
    cells = [("", *(heading for heading, _ in FIGURES.values()), *heads)]
    for name in names:
        means = [_mean([_value(line, name, key) for line in lines], digits) for key, (_, digits) in FIGURES.items()]
        groups = [
            _mean([_value(line, name, "relative_objmc") for line in lines if line["group"] == group], 3)
            for group in GROUPS
        ]
        cells.append((name, *means, *groups))
    return f"{aligned(cells)}\n{len(lines)} scenes"


def _value(line: dict, name: str, key: str) -> float | None:
    figures = line[name]
    if key == "drift_below":
        return line["ceiling"]["drift"] - figures["drift"] if "drift" in figures else None
    value = figures.get(key)
    return float(np.median(value)) if isinstance(value, list) else value


def _mean(values: list[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.{digits}f}" if known else "-"


def _words(name: str, figures: dict | None) -> str:
    return name if figures is None else f"{name}: relative ObjMC {figures['relative_objmc']:.2f}"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    made.add_argument("--out", type=Path, required=True, help="the file of lines, one for each scene")
    made.add_argument("--scenes", type=int, default=12)
    made.add_argument("--holds", default="0,0.3,0.5,0.7")
    made.add_argument("--ground", type=float, default=0.0)
    made.add_argument("--radius", type=float, help="px (default: where the drag maps have fallen to a half)")
    made.add_argument("--ways", default="object,mask", help=f"of {', '.join(WAYS)}")
    made.add_argument("--groups", default=",".join(GROUPS))
    made.add_argument("--sheets", type=Path, help="folder for a contact sheet of each scene")
    add_sampling_options(made)
    made.set_defaults(steps=8, cfg=1.0)
    return made


def shown(options: argparse.Namespace) -> str:
    radius = options.radius
    settings = SweepSettings.for_checkpoint(
        options.checkpoint,
        groups=tuple(options.groups.split(",")),
        ground=options.ground,
        ways=tuple(options.ways.split(",")),
        holds=tuple(map(float, options.holds.split(","))),
        radius=round(half_radius(read_info(options.checkpoint).sigma), 1) if radius is None else radius,
        **sampling_fields(options),
    )
    if not set(settings.ways) <= set(WAYS):
        raise ValueError(f"--ways must be of {', '.join(WAYS)}; found {options.ways}.")
    if options.sheets is not None:
        options.sheets.mkdir(parents=True, exist_ok=True)

    def begin() -> CarryFigures:
        return CarryFigures(load_generator(options.checkpoint, options.comfyui), settings, options.sheets)

    lines = evaluate(options.out, settings, options.scenes, begin)
    return table(lines, [*settings.videos(), "still", "ceiling"])


if __name__ == "__main__":
    run_command(parser(), shown, None)
