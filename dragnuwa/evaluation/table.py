"""The lines of a run as a table: figures beside what is to be reached, and beside the two baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .cases import REFERENCE_HEIGHT

VIDEOS = {"model": "model", "still": "still video", "ceiling": "true clip through the VAE"}


@dataclass(frozen=True)
class Row:
    """One figure over `scenes` scenes.

    Attributes:
        name: what it is.
        bound: what is to be reached at most (or `at_least`) by the video `of`; None where nothing is.
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
        """None where there is nothing to reach, or the video is missing."""
        if self.bound is None or self.of not in self.values:
            return None
        return self.values[self.of] >= self.bound if self.at_least else self.values[self.of] <= self.bound


def summarise(lines: list[dict], height: int) -> list[Row]:
    """The table of a run's lines; rows of which there is no scene are left out.

    Relative ObjMC is the mean of the scenes' own. Motion is given for a picture of `REFERENCE_HEIGHT`.
    """
    relative = [
        row(f"relative ObjMC, {what}", bound, lines, figure("relative_objmc", group))
        for group, what, bound in (
            ("straight", "one object, straight", 0.15),
            ("curved", "one object, curved or S-shaped", 0.25),
            ("several", "2 to 4 objects with a drag each", 0.30),
            ("camera", "camera pan or zoom by drags", 0.25),
        )
    ]
    scale = REFERENCE_HEIGHT / height
    motion = f"motion of undragged or anchored objects, median, px of {REFERENCE_HEIGHT}"
    rows = [
        *relative,
        row(
            motion,
            1.5,
            lines,
            lambda line, video: [px * scale for px in line[video].get("undragged_motion", ())],
            np.median,
        ),
        row("dragged object's drift below the VAE's ceiling, dB", 3.0, lines, _drift_below),
        row("dragged object's PSNR against itself at frame 0, dB", None, lines, figure("drift")),
        row("PSNR against the true clip, dB", None, lines, figure("psnr")),
        row("relative ObjMC by Lucas-Kanade, things", None, lines, figure("relative_objmc_lucas_kanade")),
        row("share of positions that the tracker lost", None, lines, figure("lost")),
        row("CPU seconds a clip", None, lines, figure("cpu_seconds")),
    ]
    return [one for one in rows if one.scenes]


def text(rows: list[Row], videos: dict[str, str] = VIDEOS) -> str:
    """The table for people, in columns: what is to be reached, the `videos` by their headings, the scenes."""
    cells = [("", "to reach", *videos.values(), "scenes")] + [
        (one.name, _bound(one), *(_number(one.values.get(video)) for video in videos), str(one.scenes)) for one in rows
    ]
    return aligned(cells)


def aligned(cells: list[tuple[str, ...]]) -> str:
    """Lines of as many cells each, in columns: the first one to the left, the others to the right."""
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
    """What a line's video has under a key, in the scenes of a group or in all."""
    return lambda line, video: [line[video][key]] if key in line[video] and group in (None, line["group"]) else []


def _drift_below(line: dict, video: str) -> list[float]:
    """A still video's patch is the same for ever, which is no merit: it has no place in this row."""
    if video == "still" or "drift" not in line[video]:
        return []
    return [line["ceiling"]["drift"] - line[video]["drift"]]


def row(
    name: str,
    bound: float | None,
    lines: list[dict],
    values: Values,
    middle: Callable[[list[float]], float] = np.mean,
    *,
    videos: Iterable[str] = tuple(VIDEOS),
    of: str = "model",
    at_least: bool = False,
) -> Row:
    """The middle of what `values` gives for each line and video."""
    found = {video: [values(line, video) for line in lines if video in line] for video in videos}
    scenes = max(sum(bool(part) for part in parts) for parts in found.values())
    flat = {video: [value for part in parts for value in part] for video, parts in found.items()}
    kept = {video: float(middle(all_)) for video, all_ in flat.items() if all_}
    return Row(name, bound, kept, scenes, of, at_least)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
