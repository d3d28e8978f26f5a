"""The tables of a run: its metrics with their targets and the baselines, and the metrics of each mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ...vision.tracking.metrics import REFERENCE_HEIGHT
from .modes import Mode

BASELINES = {"still": "still video", "ceiling": "true clip through the VAE"}
VIDEOS = {"model": "model", **BASELINES}
APPEARS = 0.8  # target of the share of prompts whose named colour appears, without a picture
WITHOUT_PICTURE = "p2v"  # the mode that has to reach it


@dataclass(frozen=True)
class Row:
    """One figure over `scenes` scenes.

    Attributes:
        name: of the figure, with its unit.
        bound: the target of the video `of`: an upper bound, or with `at_least` a lower one; None without a target.
        values: by the video's name.
    """

    name: str
    bound: float | None
    values: dict[str, float]
    scenes: int
    of: str = "model"
    at_least: bool = False

    @property
    def reached(self) -> bool | None:
        """None without a target, or where the video is missing."""
        if self.bound is None or self.of not in self.values:
            return None
        return self.values[self.of] >= self.bound if self.at_least else self.values[self.of] <= self.bound


def summarise(lines: list[dict], height: int) -> list[Row]:
    """The table of a run's lines; rows without any scene are left out.

    Relative ObjMC is the mean of the scenes' own. Motion is given for a picture of `REFERENCE_HEIGHT`.
    """
    relative = [
        row(f"relative ObjMC, {what}", lines, figure("relative_objmc", group), bound=bound)
        for group, what, bound in (
            ("straight", "one object, straight", 0.15),
            ("curved", "one object, curved or S-shaped", 0.25),
            ("several", "2 to 4 objects with a drag each", 0.30),
            ("camera", "camera pan or zoom by drags", 0.25),
        )
    ]
    scale = REFERENCE_HEIGHT / height

    def undragged(line: dict, video: str) -> list[float]:
        return [px * scale for px in line[video].get("undragged_motion", ())]

    motion = f"motion of undragged or anchored objects, median, px of {REFERENCE_HEIGHT}"
    rows = [
        *relative,
        row(motion, lines, undragged, bound=1.5, middle=np.median),
        row("dragged object's drift below the VAE's ceiling, dB", lines, _drift_below, bound=3.0),
        row("dragged object's PSNR against itself at frame 0, dB", lines, figure("drift")),
        row("PSNR against the true clip, dB", lines, figure("psnr")),
        row("relative ObjMC by Lucas-Kanade, objects", lines, figure("relative_objmc_lucas_kanade")),
        row("share of positions that the tracker lost", lines, figure("lost")),
        row("CPU seconds a clip", lines, figure("cpu_seconds")),
    ]
    return [one for one in rows if one.scenes]


def summarise_modes(lines: list[dict], modes: tuple[str, ...]) -> list[Row]:
    """The table of a run with modes: a figure in each row, a mode in each column; means over the scenes."""
    videos = (*modes, *BASELINES)

    def means(name: str, key: str) -> Row:
        return row(name, lines, figure(key), videos=videos)

    appears = row(
        "prompts whose named colour appears, share", lines, figure("color"),
        bound=APPEARS, videos=videos, of=WITHOUT_PICTURE, at_least=True,
    )  # fmt: skip
    rows = [
        means("relative ObjMC by the object's cut-out", "relative_objmc"),
        means("relative ObjMC by Lucas-Kanade, what is there", "relative_objmc_lucas_kanade"),
        means("motion along the drags, share of theirs", "along"),
        means("direction of motion at the drags, cosine", "direction"),
        row("scenes that move along more than without drags, share", lines, _drags_help, videos=videos),
        appears,
        means("PSNR against the true clip, dB", "psnr"),
        means("CPU seconds a clip", "cpu_seconds"),
    ]
    return [one for one in rows if one.scenes]


def text(rows: list[Row], videos: dict[str, str] = VIDEOS) -> str:
    """The table as text, in columns: the target, each of `videos` (headings by name), the number of scenes."""
    cells = [("", "to reach", *videos.values(), "scenes")] + [
        (one.name, _bound(one), *(_number(one.values.get(video)) for video in videos), str(one.scenes)) for one in rows
    ]
    return aligned(cells)


def mode_text(rows: list[Row], modes: tuple[str, ...]) -> str:
    return text(rows, {**{name: name for name in modes}, **BASELINES})


def aligned(cells: list[tuple[str, ...]]) -> str:
    """Lines of equally many cells as text: the first column is aligned to the left, the others to the right."""
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    )


def as_json(rows: list[Row]) -> list[dict]:
    return [
        {
            "name": one.name,
            "at_least" if one.at_least else "at_most": one.bound,
            "of": one.of,
            "reached": one.reached,
            "scenes": one.scenes,
            **one.values,
        }
        for one in rows
    ]


def _bound(one: Row) -> str:
    if one.bound is None:
        return ""
    whose = "" if one.of == "model" else f"{one.of} "
    return f"{whose}{'>=' if one.at_least else '<='} {one.bound:g}"


Values = Callable[[dict, str], list[float]]


def figure(key: str, group: str | None = None) -> Values:
    """A video's figure in a line, for the scenes of one group or of all."""
    return lambda line, video: [line[video][key]] if key in line[video] and group in (None, line["group"]) else []


def _drift_below(line: dict, video: str) -> list[float]:
    """Without the still video, whose patch trivially never changes."""
    if video == "still" or "drift" not in line[video]:
        return []
    return [line["ceiling"]["drift"] - line[video]["drift"]]


def row(
    name: str,
    lines: list[dict],
    values: Values,
    *,
    bound: float | None = None,
    middle: Callable[[list[float]], float] = np.mean,
    videos: Iterable[str] = tuple(VIDEOS),
    of: str = "model",
    at_least: bool = False,
) -> Row:
    """For each video the `middle` (mean or median) of `values` over all lines."""
    found = {video: [values(line, video) for line in lines if video in line] for video in videos}
    scenes = max(sum(bool(part) for part in parts) for parts in found.values())
    flat = {video: [value for part in parts for value in part] for video, parts in found.items()}
    kept = {video: float(middle(all_)) for video, all_ in flat.items() if all_}
    return Row(name=name, bound=bound, values=kept, scenes=scenes, of=of, at_least=at_least)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _drags_help(line: dict, video: str) -> list[float]:
    """1 if the video moves along the drags more than the one from the same noise, picture and prompt without drags."""
    without = "" if video in BASELINES else Mode(video).without_drags
    if without in (video, "") or without not in line or video not in line:
        return []
    return [float(line[video]["along"] > line[without]["along"])]
