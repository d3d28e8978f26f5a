"""`python -m dragnuwa.evaluation --checkpoint FILE --out LINES.jsonl`: how well a checkpoint follows drags."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path

from ..files import CheckpointError
from . import settings as measured
from .run import evaluate
from .table import as_json, summarise, text


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m dragnuwa.evaluation",
        description="Measure how well a DragNUWA checkpoint follows drags, on synthetic scenes that training never "
        "uses, with ComfyUI's own sampler. Beside it stand a still video and the true clip through the checkpoint's "
        "VAE.",
        epilog="A run that was interrupted goes on where it stopped, with the same command. ComfyUI is looked for in "
        "--comfyui, the environment variable COMFYUI, .host/ComfyUI, and around this pack.",
    )
    made.add_argument("--checkpoint", type=Path, required=True, help="the checkpoint to measure; it needs a VAE")
    made.add_argument("--out", type=Path, required=True, help="the file of lines, one for each scene; made or gone on")
    made.add_argument("--scenes", type=int, default=200, help="how many (default 200, in turns of five groups)")
    made.add_argument("--steps", type=int, default=25, help="of the sampler (default 25)")
    made.add_argument(
        "--cfg", type=float, default=2.5, help="guidance of the last frame (default 2.5; the first's is 1)"
    )
    made.add_argument("--size", default="128x128", metavar="WxH", help="of the clips (default 128x128)")
    made.add_argument("--frames", type=int, help="of the clips (default: as the checkpoint says, else 14)")
    made.add_argument("--text", choices=measured.TEXTS, default="empty", help="what the model is told (default empty)")
    made.add_argument("--assets", help="a pack of dragnuwa.training.scenes.pack, for scenes with photographs")
    made.add_argument("--baselines-only", action="store_true", help="without sampling: the baselines alone")
    made.add_argument("--json", action="store_true", help="the table as JSON")
    made.add_argument("--comfyui", type=Path, help="ComfyUI's folder")
    return made


def main(arguments: list[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = _settings(options)
        rows = summarise(
            evaluate(options.out, settings, options.scenes, lambda: _videos(options, settings)), settings.height
        )
    except (ValueError, OSError, CheckpointError) as error:
        parser().error(str(error))
    shown = json.dumps({"settings": asdict(settings), "rows": as_json(rows)}, indent=1) if options.json else text(rows)
    sys.stdout.write(shown + "\n")


def _settings(options: argparse.Namespace) -> measured.Settings:
    width, cross, height = options.size.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"--size must be WIDTHxHEIGHT in pixels, as 128x128; found {options.size!r}.")
    if not options.checkpoint.is_file():
        raise ValueError(f"There is no file {options.checkpoint}. Give the checkpoint with --checkpoint.")
    told = measured.of_checkpoint(options.checkpoint)
    if options.frames is not None:
        told["frames"] = options.frames
    return measured.Settings(
        **told, width=int(width), height=int(height), steps=options.steps, cfg=options.cfg, text=options.text,
        assets=options.assets, baselines_only=options.baselines_only,
    )  # fmt: skip


def _videos(options: argparse.Namespace, settings: measured.Settings):
    from ..host.find import find_host

    find_host(options.comfyui)  # before anything imports ComfyUI
    from .generation import Videos

    return Videos(options.checkpoint, settings)


if __name__ == "__main__":
    main()
