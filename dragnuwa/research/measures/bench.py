"""`python -m dragnuwa.evaluation bench NAME PLACE --out LINES.jsonl`: a published benchmark, as it is laid out."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from ...common.errors import InputError
from ..resumed_lines import append, begin
from .layouts import tap_vid
from .layouts.registry import LAYOUTS, opened
from .options import add_choices, add_pool, as_json, choices_of, pool_of
from .track_figures import MODES, SIDE
from .trackers import tracker_named
from .workers import Figures, Pool, failed, outcomes

log = logging.getLogger(__name__)

TAP_VID = "tap-vid"


def add_parser(commands) -> None:
    parser = commands.add_parser(
        "bench",
        help="a published benchmark, as it is laid out",
        description="Measure a tracker on TAP-Vid (arXiv 2211.03726), such as its DAVIS: average Jaccard, delta "
        "average and occlusion accuracy. Or measure results that were made for VIPSeg by DragAnything's protocol "
        "(ObjMC), for MoveBench (end-point error), for MagicBench (overlap of masks and boxes) or for DragBench "
        "(distance of the points). Pickles are read without running what they may run. See docs/benchmarks.md.",
        epilog="An interrupted run is resumed by the same command.",
    )
    add = parser.add_argument
    add("name", choices=[TAP_VID, *LAYOUTS], help="the benchmark")
    add("place", type=Path, metavar="PLACE", help="its folder; of TAP-Vid its file, such as tapvid_davis.pkl")
    add("--out", type=Path, required=True, help="the file of lines, one for each video; created or resumed")
    add("--videos", type=Path, metavar="FOLDER",
        help="the results: OUT of dragnuwa.batch, or files by the names of the cases; not for TAP-Vid")  # fmt: skip
    add_choices(parser)
    add("--masks", type=Path, metavar="FOLDER",
        help="for MagicBench: masks that another program found in the results, in the colours of its maps")  # fmt: skip
    add("--features", type=Path, metavar="FILE",
        help="for DragBench: a TorchScript file that turns a picture into feature vectors, such as DIFT")  # fmt: skip
    add("--queries", choices=MODES, default=MODES[0],
        help=f"of TAP-Vid: given where they are first seen, or in every fifth frame (default {MODES[0]})")  # fmt: skip
    add("--full-size", action="store_true",
        help=f"of TAP-Vid: track in the videos' own size; the protocol resizes them to {SIDE}x{SIDE}")  # fmt: skip
    add_pool(parser)
    add("--json", action="store_true", help="the table as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> str:
    """The table of a new or resumed run, or JSON.

    Raises:
        InputError: if the benchmark or a result is missing or wrong.
    """
    if (options.name == TAP_VID) != (options.videos is None):
        raise InputError(
            f"{TAP_VID} measures a tracker, and takes no --videos." if options.name == TAP_VID else
            f"Give the results that were made for {options.name} as --videos FOLDER."
        )  # fmt: skip
    settings, lines, summary, units = (_tracker if options.name == TAP_VID else _results)(options)
    if options.json:
        return json.dumps({"settings": settings, "mean": summary}, indent=1)
    width = max(map(len, summary))
    rows = [f"{name.replace('_', ' '):{width}} {_shown(value, units[name])}" for name, value in summary.items()]
    return "\n".join([f"{options.name}: {len(lines)} videos, {options.tracker}", *rows])


def _shown(value: float, unit: str) -> str:
    return f"{100 * value:6.1f} %" if unit == "%" else f"{value:8.3f} {unit}".rstrip()


def _tracker(options: argparse.Namespace) -> tuple[dict, list[dict], dict[str, float], dict[str, str]]:
    names = [video.name for video in tap_vid.read(options.place)]
    settings = {
        "benchmark": options.name, "file": options.place.name, "videos": len(names), "tracker": options.tracker,
        "queries": options.queries, "full_size": options.full_size,
    }  # fmt: skip
    work = Figures(partial(_of_tracker, options), options.device)
    lines = measured(options.out, settings, names, work, pool_of(options))
    figures = [name for name in lines[0] if name != "name"]
    return (
        settings,
        lines,
        {name: float(np.mean([line[name] for line in lines])) for name in figures},
        dict.fromkeys(figures, "%"),
    )


def _of_tracker(options: argparse.Namespace) -> Callable[[str], dict[str, float]]:
    tracker = tracker_named(options.tracker, options.device)
    videos = {video.name: video for video in tap_vid.read(options.place)}
    return lambda name: asdict(tap_vid.measured(videos[name], tracker, options.queries, options.full_size))


def _results(options: argparse.Namespace) -> tuple[dict, list[dict], dict[str, float], dict[str, str]]:
    layout = opened(options.name, options.place, choices_of(options))
    if not options.videos.is_dir():
        raise InputError(f"There is no folder {options.videos} of results.")
    names = layout.names()
    settings = json.loads(json.dumps(
        {"benchmark": options.name, "results": len(names), "videos": str(options.videos), **as_json(options)},
        default=str,
    ))  # fmt: skip
    work = Figures(partial(_of_results, options), options.device)
    lines = measured(options.out, settings, names, work, pool_of(options))
    return settings, lines, layout.summary(lines), layout.units


def _of_results(options: argparse.Namespace) -> Callable[[str], dict[str, float | None]]:
    layout = opened(options.name, options.place, choices_of(options))
    return lambda name: layout.figures(name, options.videos)


def measured(path: Path, settings: dict, names: Iterable[str], work: Figures, pool: Pool | None = None) -> list[dict]:
    """Measures the cases that a file of lines lacks, and appends each as soon as it is done.

    Returns:
        The line of each case.

    Raises:
        InputError: if the file has other settings, or cases could not be measured; the others are kept.
    """
    names = list(names)
    done = {line["name"]: line for line in begin(path, settings) if line.get("name") in names}
    todo = [(number, name) for number, name in enumerate(names) if name not in done]
    problems = []
    for count, outcome in enumerate(outcomes(work, todo, pool or Pool()), len(done) + 1):
        if outcome.problem:
            problems.append(outcome.problem)
            log.warning("%d of %d: %s", count, len(names), outcome.problem)
            continue
        append(path, outcome.line)
        done[outcome.line["name"]] = outcome.line
        log.info("%d of %d: %s", count, len(names), outcome.line["name"])
    if problems:
        raise InputError(failed(problems, len(names)))
    return [done[name] for name in names]
