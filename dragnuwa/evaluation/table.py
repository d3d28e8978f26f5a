"""The lines of a run as a table: figures beside what is to be reached, and beside the two baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .cases import REFERENCE_HEIGHT

VIDEOS = ("model", "still", "ceiling")
HEADINGS = ("", "at most", "model", "still video", "true clip through the VAE", "scenes")


@dataclass(frozen=True)
class Row:
    """One figure: `bound` is what is to be reached at most, `values` by the video's name, over `scenes` scenes."""

    name: str
    bound: float | None
    values: dict[str, float]
    scenes: int

    @property
    def reached(self) -> bool | None:
        """None where there is nothing to reach, or no video of the model."""
        return None if self.bound is None or "model" not in self.values else self.values["model"] <= self.bound


def summarise(lines: list[dict], height: int) -> list[Row]:
    """The table of a run's lines; rows of which there is no scene are left out.

    Relative ObjMC is the mean of the scenes' own. Motion is given for a picture of `REFERENCE_HEIGHT`.
    """
    relative = [
        _row(f"relative ObjMC, {what}", bound, lines, _figure("relative_objmc", group))
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
        _row(
            motion,
            1.5,
            lines,
            lambda line, video: [px * scale for px in line[video].get("undragged_motion", ())],
            np.median,
        ),
        _row("dragged object's drift below the VAE's ceiling, dB", 3.0, lines, _drift_below),
        _row("dragged object's PSNR against itself at frame 0, dB", None, lines, _figure("drift")),
        _row("PSNR against the true clip, dB", None, lines, _figure("psnr")),
        _row("relative ObjMC by Lucas-Kanade, things", None, lines, _figure("relative_objmc_lucas_kanade")),
        _row("share of positions that the tracker lost", None, lines, _figure("lost")),
    ]
    return [row for row in rows if row.scenes]


def text(rows: list[Row]) -> str:
    """The table for people, in columns."""
    cells = [HEADINGS] + [
        (
            row.name,
            "" if row.bound is None else f"{row.bound:g}",
            *(_number(row.values.get(video)) for video in VIDEOS),
            str(row.scenes),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    )


def as_json(rows: list[Row]) -> list[dict]:
    return [
        {"name": row.name, "at_most": row.bound, "reached": row.reached, "scenes": row.scenes, **row.values}
        for row in rows
    ]


Values = Callable[[dict, str], list[float]]


def _figure(key: str, group: str | None = None) -> Values:
    return lambda line, video: [line[video][key]] if key in line[video] and group in (None, line["group"]) else []


def _drift_below(line: dict, video: str) -> list[float]:
    """A still video's patch is the same for ever, which is no merit: it has no place in this row."""
    if video == "still" or "drift" not in line[video]:
        return []
    return [line["ceiling"]["drift"] - line[video]["drift"]]


def _row(
    name: str, bound: float | None, lines: list[dict], values: Values, middle: Callable[[list[float]], float] = np.mean
) -> Row:
    found = {video: [values(line, video) for line in lines if video in line] for video in VIDEOS}
    scenes = max(sum(bool(part) for part in parts) for parts in found.values())
    flat = {video: [value for part in parts for value in part] for video, parts in found.items()}
    return Row(name, bound, {video: float(middle(all_)) for video, all_ in flat.items() if all_}, scenes)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
