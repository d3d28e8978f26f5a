"""The commands of `python -m dragnuwa.evaluation` that measure any videos and tracks, whatever made them."""

from __future__ import annotations

import argparse

from ..evaluation.settings import run_command
from . import bench, generate, tracks, videos

COMMANDS = ("videos", "tracks", "bench", "generate")


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dragnuwa.evaluation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for each in (videos, tracks, bench, generate):
        each.add_parser(commands)
    return parser


def main(arguments: list[str]) -> None:
    run_command(argument_parser(), lambda options: options.run(options), arguments)
