"""`python -m dragnuwa.evaluation tracks PREDICTED WANTED --size WxH`: where points went, against where they should."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...common.errors import InputError
from ...vision.tracking.metrics import objmc, relative_objmc
from ..evaluation.settings import file_digest
from .bench import measured
from .sizes import size_of
from .track_figures import SIDE, THRESHOLDS, end_point_error, tap_vid
from .track_files import SUFFIXES, Tracks, read_tracks
from .workers import Figures

log = logging.getLogger(__name__)

FIGURES = {
    "objmc": ("ObjMC", "px, all frames (DragAnything)"),
    "relative_objmc": ("relative ObjMC", "1: a still video"),
    "epe": ("EPE", "px, frames after the first (MoveBench)"),
    "delta_average": ("delta average", f"share closer than {', '.join(map(str, THRESHOLDS))} px of {SIDE} (TAP-Vid)"),
    "average_jaccard": ("average Jaccard", "TAP-Vid, queried where first visible"),
    "occlusion_accuracy": ("occlusion accuracy", "TAP-Vid"),
}


def add_parser(commands) -> None:
    parser = commands.add_parser(
        "tracks",
        help="predicted tracks against the wanted ones",
        description="Compare tracks: two files, or two folders with files of the same names. Files are npz with "
        "track_path [T, N, 2] and track_visibility [T, N], as ComfyUI's TRACKS; npy [T, N, 2]; or drags in any text "
        "that the pack reads, such as its own JSON. Positions are pixels from the centre of the top left one. Points "
        "count where the wanted ones are visible.",
        epilog="An interrupted run with --out is resumed by the same command.",
    )
    add = parser.add_argument
    add("predicted", type=Path, metavar="PREDICTED", help="where the points were found, or a folder")
    add("wanted", type=Path, metavar="WANTED", help="where they should be, or a folder")
    add("--size", required=True, metavar="WxH", help="of the videos; delta and Jaccard are of 256x256 px")
    add("--frames", type=int, help="of the videos, for drags; arrays have their own number")
    add("--out", type=Path, help="a file of lines, one for each pair of files; created or resumed")
    add("--json", action="store_true", help="the table as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> str:
    """The table, or JSON."""
    size, frames = size_of(options.size), options.frames
    pairs = pairs_of(options.predicted, options.wanted)
    settings = {"tracks": "predicted against wanted", "size": list(size), "frames": frames}

    def figures(pair: tuple[Path, Path]) -> dict[str, float | None]:
        predicted, wanted = (read_tracks(path, size, frames) for path in pair)
        try:
            return figures_of(predicted, wanted, size)
        except ValueError as error:
            raise InputError(f"{pair[0]} against {pair[1]}: {error}") from error

    if options.out is None:
        lines = [{"name": name, **figures(pair)} for name, pair in pairs.items()]
    else:
        named = {_with_digests(*each): each[1] for each in pairs.items()}
        lines = measured(options.out, settings, named, Figures(lambda: lambda name: figures(named[name])))
    return _summary(lines, settings, options.json)


def figures_of(predicted: Tracks, wanted: Tracks, size: tuple[int, int]) -> dict[str, float | None]:
    """The figures of `FIGURES`; None where one is not defined: relative ObjMC if no wanted track moves, those of
    TAP-Vid and EPE if none is visible after it is first.

    Args:
        predicted, wanted: of the same points and frames. Without visibility, all points are visible.
        size: (width, height) of the video in pixels.

    Raises:
        InputError: if the tracks differ in number or length, none is visible, or a visible one is not finite.
    """
    if predicted.points.shape != wanted.points.shape:
        (n, t), (m, s) = predicted.points.shape[:2], wanted.points.shape[:2]
        raise InputError(f"There should be as many tracks and frames as wanted, {m} of {s} frames; found {n} of {t}.")
    every = np.ones(wanted.points.shape[:2], bool)
    seen = every if wanted.visible is None else wanted.visible
    said = every if predicted.visible is None else predicted.visible
    found = {"objmc": objmc(predicted.points, wanted.points, seen)}
    both = predicted.points, wanted.points, seen
    found["relative_objmc"] = _if_defined(lambda: relative_objmc(*both))
    found["epe"] = _if_defined(lambda: end_point_error(*both))
    shown = seen.any(1)  # others have no frame in which they could be given
    scaled = [each[shown] * (SIDE / np.array(size)) for each in both[:2]]  # only their distances matter
    tap = _if_defined(lambda: tap_vid(scaled[0], said[shown], scaled[1], seen[shown], seen[shown].argmax(1)))
    return found | {name: tap and getattr(tap, name) for name in list(FIGURES)[3:]}


def pairs_of(predicted: Path, wanted: Path) -> dict[str, tuple[Path, Path]]:
    """Two files, or those of the same name (without suffix) of two folders, by name.

    Raises:
        InputError: if one is missing, one is a file and the other a folder, or a wanted file has no predicted one.
    """
    for path in (predicted, wanted):
        if not path.exists():
            raise InputError(f"There is no file or folder {path}.")
    if predicted.is_dir() != wanted.is_dir():
        raise InputError(f"Give two files or two folders; {predicted} and {wanted} are one of each.")
    if wanted.is_file():
        return {wanted.stem: (predicted, wanted)}
    found, meant = (_files(folder) for folder in (predicted, wanted))
    if missing := sorted(meant.keys() - found.keys()):
        raise InputError(f"{predicted} lacks {len(missing)} of the {len(meant)} wanted files; the first: {missing[0]}.")
    return {name: (found[name], path) for name, path in sorted(meant.items())}


def _files(folder: Path) -> dict[str, Path]:
    listed = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and "_visibility" not in path.name
    ]
    if not listed:
        raise InputError(f"There is no file of tracks in {folder}: no {', '.join(SUFFIXES)}.")
    named = {path.stem: path for path in listed}
    if len(named) < len(listed):
        raise InputError(f"{folder} has two files of tracks of one name. Remove one.")
    return named


def _with_digests(name: str, pair: tuple[Path, Path]) -> str:
    """The name of a case's line, which changes with the files."""
    beside = [path.with_name(path.name.replace("_tracks.npy", "_visibility.npy")) for path in pair]
    return " ".join([name, *(file_digest(path) for path in dict.fromkeys([*pair, *beside]) if path.is_file())])


def _if_defined(function: Callable):
    try:
        return function()
    except ValueError:
        return None


def _summary(lines: list[dict], settings: dict, as_json: bool) -> str:
    values = {name: [line[name] for line in lines if line[name] is not None] for name in FIGURES}
    rows = {
        name: {"mean": float(np.mean(each)), "median": float(np.median(each)), "files": len(each)}
        for name, each in values.items()
        if each
    }
    if as_json:
        return json.dumps({"settings": settings, "figures": rows}, indent=1)
    text = [f"{len(lines)} files of tracks, in pixels of {'x'.join(map(str, settings['size']))}"]
    text.append(f"{'':18} {'mean':>10} {'median':>10}")
    for name, row in rows.items():
        title, what = FIGURES[name]
        some = f"; of {row['files']} files" if row["files"] < len(lines) else ""
        text.append(f"{title:18} {row['mean']:10.4f} {row['median']:10.4f}  {what}{some}")
    undefined = [FIGURES[name][0] for name in FIGURES if name not in rows]
    if undefined:
        text.append(f"Not defined for these tracks: {', '.join(undefined)}.")
    return "\n".join(text)
