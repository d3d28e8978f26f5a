"""Which held-out scenes with things that move a benchmark of clips is run on, and the arguments that say so."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.edited import EditedScene, make_edited
from dragnuwa.research.scenes.edited_bending import make_edited_bending
from dragnuwa.research.scenes.scene import SceneConfig


def parser_of_scenes(description: str | None) -> argparse.ArgumentParser:
    """With the arguments that `edited_scenes` takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    parser.add_argument("--bending", action="store_true", help="jointed and bending things")
    return parser


def edited_scenes(options: argparse.Namespace, assets: str | None = None) -> Iterator[tuple[int, EditedScene]]:
    """Each scene with its seed.

    Args:
        assets: folder of a pack of photographs and cut-outs, for scenes of stiff things.
    """
    config = SceneConfig(frames=options.frames, assets=assets)
    for seed in range(options.seed, options.seed + options.scenes):
        yield seed, make_edited_bending(seed, options.frames) if options.bending else make_edited(seed, config)
