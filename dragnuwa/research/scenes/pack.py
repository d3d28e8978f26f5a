"""`python -m dragnuwa.research.scenes.pack OUT --photos DIR... --cutouts DIR... --emoji FONT`: packs pictures."""

import argparse
import logging
from pathlib import Path

from . import assets


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.scenes.pack",
        description="Pack photographs and cut-outs into a folder that scenes can use.",
    )
    parser.add_argument("out", type=Path, help="the folder to write")
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="folders of photographs")
    parser.add_argument("--cutouts", type=Path, nargs="*", default=[], help="folders of transparent pictures")
    parser.add_argument("--emoji", type=Path, help="a colour bitmap font, such as NotoColorEmoji.ttf")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    missing = [str(path) for path in (*options.photos, *options.cutouts, options.emoji) if path and not path.exists()]
    if missing:
        parser.error(f"not found: {', '.join(missing)}")
    assets.build(options.photos, options.cutouts, options.emoji).save(options.out)


if __name__ == "__main__":
    main()
