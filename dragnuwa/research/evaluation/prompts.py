"""`python -m dragnuwa.research.evaluation.prompts CHECKPOINT --drags FILE --out SHEET.jpg`: videos of prompts.

A contact sheet for visual inspection: for each prompt the video from text alone, and next to it the one from text and
drags, from the same noise. `python -m dragnuwa.evaluation --modes p2v,pg2v` measures these modes.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...common.atomic import read_drags
from ...common.clip_shape import ModelClip
from ...trajectory import Trajectories
from ...vision.tracking.point_tracker import parse_named
from .generate import Conditions, Video, load_generator
from .settings import Settings, add_sampling_options, run_command, sampling_fields
from .sheet import Strip, with_drags, write_sheet

log = logging.getLogger(__name__)

SHOWN = 4  # frames of each video, evenly from the first to the last


@dataclass(frozen=True)
class Prompt:
    text: str
    drags: Trajectories


def read_prompts(path: Path, clip: ModelClip) -> list[Prompt]:
    """The prompts of a file, in its order: JSON, an object with trajectories by prompt, each in any form that
    `dragnuwa.trajectory.parse` reads, for clips of this size.

    Raises:
        ValueError: if the file is not such an object or too large, or a drag is invalid; with the prompt.
    """
    told = read_drags(path, "prompt", "a red star")
    return [Prompt(text, parse_named(repr(text), value, clip.width, clip.height)) for text, value in told.items()]


def run(
    prompts: list[Prompt], settings: Settings, seed: int, generate: Callable[[Conditions, Settings], Video]
) -> Iterator[Strip]:
    """Yields the row of each prompt: frames from text alone, then from text and drags, with the drags drawn on top."""
    clip = settings.clip
    times = np.linspace(0, clip.frames - 1, SHOWN).round().astype(int)
    for number, prompt in enumerate(prompts):
        points, visible = prompt.drags.sample(clip.frames, clip.width, clip.height)
        videos = []
        for drags in (slice(0), slice(None)):
            given = Conditions(clip, points[drags], visible[drags], start=None, text=prompt.text, seed=seed + number)
            videos.append(generate(given, settings).frames)
        log.info("%d of %d: %s", number + 1, len(prompts), prompt.text)
        alone, dragged = videos
        yield Strip(prompt.text, [*alone[times], *with_drags(dragged, prompt.drags, times)])


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.evaluation.prompts",
        description="Make videos of prompts by a DragNUWA checkpoint without a picture, with drags and without, and "
        "put all of them on one contact sheet. The checkpoint needs a text encoder.",
    )
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the checkpoint; it needs a VAE")
    parser.add_argument("--drags", type=Path, required=True, help="JSON: an object of trajectories by prompt")
    parser.add_argument("--out", type=Path, required=True, metavar="SHEET.jpg", help="the contact sheet, a JPEG or PNG")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the first prompt's noise, plus 1 for each next one (default 0)"
    )
    parser.add_argument("--size", type=int, default=128, help="width and height of the clips in pixels (default 128)")
    add_sampling_options(parser)
    return parser


def main(arguments: list[str] | None = None) -> None:
    run_command(argument_parser(), measured, arguments)


def measured(options: argparse.Namespace) -> str:
    """Writes the contact sheet; returns where it is."""
    settings = Settings.for_checkpoint(
        options.checkpoint, width=options.size, height=options.size, **sampling_fields(options)
    )
    prompts = read_prompts(options.drags, settings.clip)
    generate = load_generator(options.checkpoint, options.comfyui).generate
    write_sheet(list(run(prompts, settings, options.seed, generate)), options.out)
    return f"{len(prompts)} prompts in {options.out}"


if __name__ == "__main__":
    main()
