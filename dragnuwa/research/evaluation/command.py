"""`python -m dragnuwa.evaluation CHECKPOINT --out LINES.jsonl`: how well a checkpoint follows drags, or its modes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from . import report
from .cases import GROUPS, NAMED_GROUPS
from .generate import load_generator
from .modes import ModeFigures
from .run import DragFigures, evaluate
from .settings import MODES, TEXTS, Settings, add_sampling_options, run_command, sampling_fields


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.evaluation",
        description="Measure how well a DragNUWA checkpoint follows drags, on synthetic scenes that training never "
        "uses, with ComfyUI's own sampler. The table also has a still video and the true clip through the checkpoint's "
        "VAE. With --modes: what it does with picture (s), prompt (p) and drags (g) left out in turn, on scenes of one "
        "plainly coloured shape, and whether an object of the named colour appears. For photographs: python -m "
        "dragnuwa.research.evaluation.photos.",
        epilog="Other commands measure any videos and tracks: python -m dragnuwa.evaluation videos|tracks|bench "
        "--help. An interrupted run is resumed by the same command. ComfyUI is looked for in "
        "--comfyui, the environment variable COMFYUI, .host/ComfyUI, and around this pack.",
    )
    add = parser.add_argument
    add("checkpoint", type=Path, metavar="CHECKPOINT", help="the checkpoint to measure; it needs a VAE")
    add("--out", type=Path, required=True, help="the file of lines, one for each scene; created or resumed")
    add("--scenes", type=int, help="how many (default 200, the groups taking turns; 50 with --modes)")
    add("--modes", nargs="?", const=",".join(MODES), default="", metavar="NAMES",
        help=f"measure modes instead, of {','.join(MODES)} (default all)")  # fmt: skip
    add("--groups", metavar="NAMES", help=f"kinds of scenes, of {','.join(GROUPS)} (default all)")
    add("--size", default="128x128", metavar="WxH", help="of the clips (default 128x128)")
    add("--text", choices=TEXTS, default="empty", help="the prompt (default empty)")
    add("--assets", help="a pack of dragnuwa.research.scenes.pack, for scenes with photographs")
    add("--baselines-only", action="store_true", help="without sampling: the baselines alone")
    add("--json", action="store_true", help="the table as JSON")
    add_sampling_options(parser)
    return parser


def main(arguments: list[str] | None = None) -> None:
    run_command(argument_parser(), measured, arguments)


def measured(options: argparse.Namespace) -> str:
    """The table, or JSON, of a new or resumed run."""
    settings = _settings(options)
    return _modes(options, settings) if settings.modes else _drags(options, settings)


def _settings(options: argparse.Namespace) -> Settings:
    width, cross, height = options.size.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"--size must be WIDTHxHEIGHT in pixels, as 128x128; found {options.size!r}.")
    modes = tuple(filter(None, options.modes.split(",")))
    groups = tuple(options.groups.split(",")) if options.groups else NAMED_GROUPS if modes else GROUPS
    if modes and options.baselines_only:
        raise ValueError("--baselines-only and --modes exclude each other: modes are videos of the model.")
    if modes and options.text != "empty":
        raise ValueError("--text and --modes exclude each other: a mode has the caption as its prompt, or none.")
    return Settings.for_checkpoint(
        options.checkpoint,
        width=int(width),
        height=int(height),
        text=options.text,
        assets=options.assets,
        baselines_only=options.baselines_only,
        groups=groups,
        modes=modes,
        **sampling_fields(options),
    )


def _drags(options: argparse.Namespace, settings: Settings) -> str:
    count = 200 if options.scenes is None else options.scenes

    def begin() -> DragFigures:
        return DragFigures(load_generator(options.checkpoint, options.comfyui), settings)

    rows = report.summarise(evaluate(options.out, settings, count, begin), settings.clip.height)
    if options.json:
        return json.dumps({"settings": settings.as_json(), "rows": report.as_json(rows)}, indent=1)
    return report.text(rows)


def _modes(options: argparse.Namespace, settings: Settings) -> str:
    count = 50 if options.scenes is None else options.scenes

    def begin() -> ModeFigures:
        return ModeFigures(load_generator(options.checkpoint, options.comfyui), settings)

    rows = report.summarise_modes(evaluate(options.out, settings, count, begin), settings.modes)
    if options.json:
        return json.dumps({"settings": settings.as_json(), "rows": report.as_json(rows)}, indent=1)
    return report.mode_text(rows, settings.modes)
