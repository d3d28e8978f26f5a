"""`python -m dragnuwa.train CONFIG.toml`: trains the small model, or DragNUWA's or DragAnything's additions to an SVD.

On several devices: `accelerate launch -m dragnuwa.train CONFIG.toml`.
"""

from __future__ import annotations

import argparse
import logging
import sys

from .common.errors import InputError, MissingPartError, need_part


def main(arguments: list[str] | None = None) -> None:
    try:
        need_part("research", "train")
    except MissingPartError as error:
        sys.exit(f"error: {error}")
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.train",
        description="Train the video network. A run that was stopped is resumed by the same command.",
        epilog="dragnuwa/research/training/configs has configurations. On several devices or machines: "
        "accelerate launch -m dragnuwa.train CONFIG.",
    )
    parser.add_argument("config", help="a TOML file of dragnuwa.research.training.run_config.RunConfig")
    parser.add_argument(
        "--time-budget", type=float, metavar="MINUTES", help="save and stop after this time, which includes the start"
    )
    options = parser.parse_args(arguments)
    # Not before --help is given: they take seconds.
    from .host.find import find_host
    from .research.training.config import read
    from .research.training.engine import NotFiniteError, train
    from .research.training.run_config import RunConfig

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        config = read(options.config, RunConfig)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    find_host()
    try:
        train(config, time_budget=options.time_budget)
    except (FileNotFoundError, InputError, NotFiniteError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
