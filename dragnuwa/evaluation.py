"""Measures how well videos follow their drags; see `python -m dragnuwa.evaluation --help`.

The code, and the list of these names, is in `research/evaluation/`.
"""

from .research.evaluation import *  # noqa: F403
from .research.evaluation import __all__ as __all__

if __name__ == "__main__":
    from .research.evaluation.command import main

    main()
