"""The figures of two folders of videos, from the lines and features of a run, as a table or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .conventions import FID, FVD
from .frechet import frechet_distance
from .video_sets import Case
from .video_work import FID_KEY, Work, fvd_key, unpacked

OF_PAIRS = {"psnr": ("PSNR", "dB"), "ssim": ("SSIM", ""), "lpips": ("LPIPS", "")}


@dataclass(frozen=True)
class Row:
    """
    Attributes:
        figure: what is measured, as "FVD".
        value: of it; `unit` is "dB" or empty.
        convention: how, printed with the figure.
    """

    figure: str
    value: float
    unit: str
    convention: str


@dataclass(frozen=True)
class Report:
    """
    Attributes:
        pairs, a, b: how many there are: pairs, and videos in each folder.
        rows: the figures.
        notes: sentences about what limits them.
    """

    pairs: int
    a: int
    b: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict:
        return asdict(self)

    def __str__(self) -> str:
        width = max(len(row.figure) for row in self.rows)
        lines = [f"{self.a} and {self.b} videos, {self.pairs} pairs"]
        for row in self.rows:
            value = f"{row.value:10.4f} {row.unit:2}"
            lines.append(f"{row.figure:{width}} {value}  {row.convention}".rstrip())
        return "\n".join([*lines, *self.notes])


def report_of(work: Work, cases: Sequence[Case], lines: Sequence[dict], folder: Path) -> Report:
    """
    Args:
        work: what was measured.
        cases: all of them.
        lines: of the cases.
        folder: with the features of each video.
    """
    pairs = [line for case, line in zip(cases, lines, strict=True) if case.is_pair]
    rows, notes = _of_pairs(pairs, work), []
    sides = [[each for case in cases if (each := getattr(case, side))] for side in ("a", "b")]
    alone = [len(each) - len(pairs) for each in sides]
    if any(alone):
        notes.append(f"Without one of the same name in the other folder: {alone[0]} and {alone[1]} videos.")
    for name, key, convention in _distances(work):
        features = [np.concatenate([unpacked(folder / f"{v.digest}.npz", [key])[key] for v in side]) for side in sides]
        rows.append(Row(name, frechet_distance(*features, convention.ddof), "", convention.label))
        if min(map(len, features)) <= features[0].shape[1]:
            counts = " and ".join(str(len(each)) for each in features)
            notes.append(
                f"{name} of {counts} samples with {features[0].shape[1]} features each: a covariance is singular, and "
                "the figure too high. Compare it only with figures of as many samples."
            )
    return Report(len(pairs), *map(len, sides), tuple(rows), tuple(dict.fromkeys(notes)))


def _of_pairs(lines: Sequence[dict], work: Work) -> list[Row]:
    how = {
        "psnr": "mean over all frames, at most 100 dB each",
        "ssim": "mean over all frames, RGB, window 11, sigma 1.5",
        "lpips": f"mean over all frames, by {work.lpips.name if work.lpips else ''}",
    }
    return [
        Row(title, float(np.mean([line[name] for line in lines])), unit, how[name])
        for name, (title, unit) in OF_PAIRS.items()
        if lines and name in lines[0]
    ]


def _distances(work: Work):
    """The name, the key of the features, and the convention of each distance between sets."""
    if work.fvd:
        yield from (("FVD", fvd_key(FVD[name].frames), FVD[name]) for name in work.fvd_conventions)
    if work.fid:
        yield "FID", FID_KEY, FID[work.fid_convention]
