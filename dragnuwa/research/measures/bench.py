"""`python -m dragnuwa.evaluation bench NAME FILE --out LINES.jsonl`: a published benchmark, as it is laid out."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..resumed_lines import append, begin
from .layouts import tap_vid
from .track_figures import MODES, SIDE
from .trackers import LUCAS_KANADE, NAMES, tracker_named

log = logging.getLogger(__name__)

TAP_VID = "tap-vid"


def add_parser(commands) -> None:
    parser = commands.add_parser(
        "bench",
        help="a published benchmark, as it is laid out",
        description="Measure a tracker on TAP-Vid (arXiv 2211.03726), such as its DAVIS: average Jaccard, delta "
        "average and occlusion accuracy, in percent. The file is read without running what a pickle may run.",
        epilog="An interrupted run is resumed by the same command.",
    )
    add = parser.add_argument
    add("name", choices=[TAP_VID], help="the benchmark")
    add("file", type=Path, help="its file, such as tapvid_davis.pkl")
    add("--out", type=Path, required=True, help="the file of lines, one for each video; created or resumed")
    add("--tracker", default=LUCAS_KANADE, metavar="NAME",
        help=f"{', '.join(NAMES)}, or a TorchScript file that takes a video and queries as CoTracker3's predictor does "
        f"(default {LUCAS_KANADE})")  # fmt: skip
    add("--queries", choices=MODES, default=MODES[0],
        help=f"points given where they are first visible, or in every fifth frame (default {MODES[0]})")  # fmt: skip
    add("--full-size", action="store_true",
        help=f"track in the videos' own size; the protocol resizes them to {SIDE}x{SIDE}")  # fmt: skip
    add("--device", default="cpu", help="of a TorchScript file (default cpu)")
    add("--json", action="store_true", help="the table as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> str:
    """The table of a new or resumed run, or JSON."""
    tracker = tracker_named(options.tracker, options.device)
    videos = tap_vid.read(options.file)
    settings = {
        "benchmark": options.name, "file": options.file.name, "videos": len(videos), "tracker": options.tracker,
        "queries": options.queries, "full_size": options.full_size,
    }  # fmt: skip

    def figures(video: tap_vid.TapVidVideo) -> dict[str, float]:
        return asdict(tap_vid.measured(video, tracker, options.queries, options.full_size))

    lines = measured(options.out, settings, {video.name: video for video in videos}, figures)
    names = [name for name in lines[0] if name != "name"]
    means = {name: float(np.mean([line[name] for line in lines])) for name in names}
    if options.json:
        return json.dumps({"settings": settings, "mean": means}, indent=1)
    width = max(map(len, names))
    rows = [f"{name.replace('_', ' '):{width}} {100 * value:6.1f} %" for name, value in means.items()]
    return "\n".join([f"{len(lines)} videos, {options.tracker}, queries: {options.queries}", *rows])


def measured(
    path: Path, settings: dict, cases: dict[str, object], figures: Callable[[object], dict[str, float]]
) -> list[dict]:
    """Measures the cases that a file of lines lacks, and appends each as soon as it is done."""
    done = {line["name"]: line for line in begin(path, settings) if line.get("name") in cases}
    for number, (name, case) in enumerate(cases.items(), 1):
        if name in done:
            continue
        line = {"name": name, **figures(case)}
        append(path, line)
        done[name] = line
        log.info("%d of %d: %s", number, len(cases), name)
    return [done[name] for name in cases]
