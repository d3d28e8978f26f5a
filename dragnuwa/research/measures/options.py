"""The options that several commands share: which part of a benchmark, at which size, and how many measure at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...common.errors import InputError
from .cases import Choices
from .layouts import movebench
from .sizes import size_of
from .trackers import LUCAS_KANADE, NAMES, tracker_named
from .workers import Pool


def add_choices(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--size", type=_size, metavar="WxH", help="of the videos, in pixels (default: as the benchmark's publisher)")
    add("--frames", type=int, metavar="N", help="of the videos (default: as the benchmark's publisher)")
    add("--language", choices=movebench.LANGUAGES, default=movebench.LANGUAGES[0], help="of MoveBench (default en)")
    add("--mode", choices=movebench.MODES, default=movebench.MODES[0],
        help="of MoveBench: one thing that moves, or several (default single)")  # fmt: skip
    add("--tracker", default=LUCAS_KANADE, metavar="NAME",
        help=f"{', '.join(NAMES)}, or a TorchScript file that takes a video and queries as CoTracker3's predictor does "
        f"(default {LUCAS_KANADE})")  # fmt: skip
    add("--device", default="cpu", help="of a TorchScript file (default cpu)")


def add_pool(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--processes", type=int, default=1, metavar="N", help="how many measure at once, each with its own networks")
    add("--ray", action="store_true", help="measure on Ray with N actors (needs the extra ray)")
    add("--ray-address", metavar="ADDRESS", help="of a Ray cluster that sees the same files (default: this machine)")


def pool_of(options: argparse.Namespace) -> Pool:
    return Pool(options.processes, options.ray, options.ray_address)


def choices_of(options: argparse.Namespace) -> Choices:
    """
    Raises:
        InputError: if there is no such tracker.
    """
    given = {name: Path(value) for name in ("features", "masks") if (value := getattr(options, name, None))}
    tracker = tracker_named(options.tracker, options.device)
    return Choices(
        options.size, options.frames, options.language, options.mode, tracker, device=options.device, **given
    )


def as_json(options: argparse.Namespace) -> dict:
    """What the figures depend on, for the file that they are kept in."""
    names = ("size", "frames", "language", "mode", "tracker", "features", "masks")
    values = {name: getattr(options, name, None) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def typed(options: argparse.Namespace) -> list[str]:
    """The options that differ from their defaults, as they are typed."""
    found = []
    if options.size:
        found += ["--size", "x".join(map(str, options.size))]
    if options.frames:
        found += ["--frames", str(options.frames)]
    for name, default in (
        ("language", movebench.LANGUAGES[0]),
        ("mode", movebench.MODES[0]),
        ("tracker", LUCAS_KANADE),
    ):
        if getattr(options, name) != default:
            found += [f"--{name}", getattr(options, name)]
    return found


def _size(text: str) -> tuple[int, int]:
    try:
        return size_of(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
