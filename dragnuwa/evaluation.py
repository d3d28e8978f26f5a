"""Measures how well videos follow their drags; see `python -m dragnuwa.evaluation --help`.

The code, and the list of these names, is in `research/evaluation/`.
"""

import sys

from .common.errors import MissingPartError, need_part

try:
    need_part("research", "train")
except MissingPartError as error:
    if __name__ != "__main__":
        raise
    sys.exit(f"error: {error}")

from .research.evaluation import *  # noqa: F403
from .research.evaluation import __all__ as __all__

if __name__ == "__main__":
    from .research.evaluation.command import main as of_checkpoint
    from .research.measures.command import COMMANDS
    from .research.measures.command import main as of_anything

    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        of_anything(sys.argv[1:])
    else:
        of_checkpoint()
