"""`python -m dragnuwa.evaluation CHECKPOINT --out LINES.jsonl`: how well a checkpoint follows drags, or its modes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from . import settings as measured
from .cases import GROUPS, NAMED_GROUPS
from .modes import MODES
from .options import add_sampling, loaded, run_command, told_of


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m dragnuwa.evaluation",
        description="Measure how well a DragNUWA checkpoint follows drags, on synthetic scenes that training never "
        "uses, with ComfyUI's own sampler. Beside it stand a still video and the true clip through the checkpoint's "
        "VAE. With --modes: what it does with picture (s), prompt (p) and drags (g) left out in turn, on scenes of one "
        "plainly coloured shape; whether the named shape appears is judged by a classifier that is trained on scenes "
        "once and kept beside the lines. For photographs: python -m dragnuwa.evaluation.photos.",
        epilog="A run that was interrupted goes on where it stopped, with the same command. ComfyUI is looked for in "
        "--comfyui, the environment variable COMFYUI, .host/ComfyUI, and around this pack.",
    )
    made.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the checkpoint to measure; it needs a VAE")
    made.add_argument("--out", type=Path, required=True, help="the file of lines, one for each scene; made or gone on")
    made.add_argument("--scenes", type=int, help="how many (default 200, the groups taking turns; 50 with --modes)")
    made.add_argument("--modes", nargs="?", const=",".join(MODES), default="", metavar="NAMES",
                      help=f"measure modes instead, of {','.join(MODES)} (default all)")  # fmt: skip
    made.add_argument("--classifier", type=Path, help="of an earlier run with --modes (default: beside the lines)")
    made.add_argument("--groups", metavar="NAMES", help=f"kinds of scenes, of {','.join(GROUPS)} (default all)")
    made.add_argument("--size", default="128x128", metavar="WxH", help="of the clips (default 128x128)")
    made.add_argument("--text", choices=measured.TEXTS, default="empty", help="what the model is told (default empty)")
    made.add_argument("--assets", help="a pack of dragnuwa.scenes.pack, for scenes with photographs")
    made.add_argument("--baselines-only", action="store_true", help="without sampling: the baselines alone")
    made.add_argument("--json", action="store_true", help="the table as JSON")
    add_sampling(made)
    return made


def main(arguments: list[str] | None = None) -> None:
    run_command(parser(), _shown, arguments)


def _settings(options: argparse.Namespace) -> measured.Settings:
    width, cross, height = options.size.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"--size must be WIDTHxHEIGHT in pixels, as 128x128; found {options.size!r}.")
    modes = tuple(filter(None, options.modes.split(",")))
    groups = tuple(options.groups.split(",")) if options.groups else NAMED_GROUPS if modes else GROUPS
    if modes and options.baselines_only:
        raise ValueError("--baselines-only and --modes exclude each other: modes are videos of the model.")
    if modes and options.text != "empty":
        raise ValueError("--text and --modes exclude each other: a mode is told the caption or nothing.")
    return measured.Settings(
        **told_of(options), width=int(width), height=int(height), text=options.text, assets=options.assets,
        baselines_only=options.baselines_only, groups=groups, modes=modes,
    )  # fmt: skip


def _shown(options: argparse.Namespace) -> str:
    """The table, or JSON, of a run that is begun or gone on with."""
    settings = _settings(options)
    return _modes(options, settings) if settings.modes else _drags(options, settings)


def _drags(options: argparse.Namespace, settings: measured.Settings) -> str:
    from .run import evaluate
    from .table import as_json, summarise, text

    def begin():
        from .generation import Videos
        from .measure import measure_videos

        videos = Videos(loaded(options), settings)
        return lambda case: measure_videos(case, videos(case))

    count = 200 if options.scenes is None else options.scenes
    rows = summarise(evaluate(options.out, settings, count, begin), settings.height)
    return json.dumps({"settings": asdict(settings), "rows": as_json(rows)}, indent=1) if options.json else text(rows)


def _modes(options: argparse.Namespace, settings: measured.Settings) -> str:
    from .mode_table import mode_text, summarise_modes
    from .run import evaluate
    from .table import as_json

    load_once = cache(lambda: loaded(options))
    judge = _classifier(options, settings, load_once)
    settings = replace(settings, classifier=judge.digest)

    def begin():
        from .measure_modes import ModeFigures

        return ModeFigures(load_once(), settings, judge.classifier)

    count = 50 if options.scenes is None else options.scenes
    rows = summarise_modes(evaluate(options.out, settings, count, begin), settings.modes)
    known, accuracy = 2 * judge.config.tests, judge.accuracy
    if options.json:
        told = {"settings": asdict(settings), "classifier": asdict(accuracy), "rows": as_json(rows)}
        return json.dumps(told, indent=1)
    return (
        f"{mode_text(rows, settings.modes)}\n"
        f"The classifier itself, on {known} held-out true frames through the VAE: kind {accuracy.kind:.2f}, "
        f"colour {accuracy.color:.2f}, both {accuracy.both:.2f}."
    )


def _classifier(options: argparse.Namespace, settings: measured.Settings, load_checkpoint: Callable):
    """The one that is given, or that is kept beside the lines, else a new one."""
    from .classifier_training import TrainingConfig, load, load_or_train

    vae = measured.vae_digest(options.checkpoint)
    if options.classifier is None:
        config = TrainingConfig(vae, settings.width, settings.height, settings.assets)
        kept = options.out.with_name(f"classifier-{vae}-{options.size}.safetensors")
        return load_or_train(kept, config, lambda: load_checkpoint().through_vae)
    given = load(options.classifier)
    if given.config.vae != vae:
        raise ValueError(f"{options.classifier} was trained for the pictures of another VAE. Leave out --classifier.")
    return given


if __name__ == "__main__":
    main()
