"""`python -m dragnuwa.evaluation bench NAME PLACE --out LINES.jsonl`: a published benchmark, as it is laid out."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ...common.errors import InputError
from ..resumed_lines import append, begin
from .layouts import tap_vid
from .layouts.registry import LAYOUTS, opened
from .options import add_choices, as_json, choices_of
from .track_figures import MODES, SIDE
from .trackers import tracker_named

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
    tracker = tracker_named(options.tracker, options.device)
    videos = tap_vid.read(options.place)
    settings = {
        "benchmark": options.name, "file": options.place.name, "videos": len(videos), "tracker": options.tracker,
        "queries": options.queries, "full_size": options.full_size,
    }  # fmt: skip
    cases = {video.name: video for video in videos}

    def figures(name: str) -> dict[str, float]:
        return asdict(tap_vid.measured(cases[name], tracker, options.queries, options.full_size))

    lines = measured(options.out, settings, cases, figures)
    names = [name for name in lines[0] if name != "name"]
    return (
        settings,
        lines,
        {name: float(np.mean([line[name] for line in lines])) for name in names},
        dict.fromkeys(names, "%"),
    )


def _results(options: argparse.Namespace) -> tuple[dict, list[dict], dict[str, float], dict[str, str]]:
    layout = opened(options.name, options.place, choices_of(options))
    if not options.videos.is_dir():
        raise InputError(f"There is no folder {options.videos} of results.")
    names = layout.names()
    settings = json.loads(json.dumps(
        {"benchmark": options.name, "results": len(names), "videos": str(options.videos), **as_json(options)},
        default=str,
    ))  # fmt: skip
    lines = measured(options.out, settings, names, lambda name: layout.figures(name, options.videos))
    return settings, lines, layout.summary(lines), layout.units


def measured(
    path: Path, settings: dict, names: Iterable[str], figures: Callable[[str], dict[str, float | None]]
) -> list[dict]:
    """Measures the cases that a file of lines lacks, and appends each as soon as it is done."""
    names = list(names)
    done = {line["name"]: line for line in begin(path, settings) if line.get("name") in names}
    for number, name in enumerate(names, 1):
        if name in done:
            continue
        line = {"name": name, **figures(name)}
        append(path, line)
        done[name] = line
        log.info("%d of %d: %s", number, len(names), name)
    return [done[name] for name in names]
