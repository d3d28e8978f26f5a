"""What the evaluation's commands have in common: options, and the checkpoint in the host."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from ..weights import CheckpointError
from .settings import of_checkpoint


def run_command(
    parser: argparse.ArgumentParser, shown: Callable[[argparse.Namespace], str], arguments: list[str] | None
) -> None:
    """Writes what `shown` makes of the options; what a person can mend is one line instead of a traceback."""
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        text = shown(options)
    except (ValueError, OSError, CheckpointError) as error:
        parser.error(str(error))
    sys.stdout.write(text + "\n")


def add_sampling(made: argparse.ArgumentParser) -> None:
    """Options that all of the evaluation's commands have."""
    made.add_argument("--steps", type=int, default=25, help="of the sampler (default 25)")
    made.add_argument("--cfg", type=float, default=2.5, help="guidance of the last frame (default 2.5)")
    made.add_argument("--min-cfg", type=float, default=1.0, help="guidance of the first frame (default 1)")
    made.add_argument("--frames", type=int, help="of the clips (default: as the checkpoint says, else 14)")
    made.add_argument("--comfyui", type=Path, help="ComfyUI's folder")


def told_of(options: argparse.Namespace) -> dict[str, str | int | float]:
    """What the checkpoint says of itself, unless the options say otherwise."""
    if not options.checkpoint.is_file():
        raise ValueError(f"There is no file {options.checkpoint}. Give the checkpoint.")
    told = of_checkpoint(options.checkpoint)
    if options.frames is not None:
        told["frames"] = options.frames
    return told | {"steps": options.steps, "cfg": options.cfg, "min_cfg": options.min_cfg}


def loaded(options: argparse.Namespace):
    """The checkpoint as a `generation.Generator`, the host being found first."""
    from ..host.find import find_host

    find_host(options.comfyui)  # before anything imports ComfyUI
    from .generation import Generator

    return Generator(options.checkpoint)
