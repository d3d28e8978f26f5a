"""`python -m dragnuwa.provenance certificate|sign|read`: content credentials from the command line.

`python PATH/TO/dragnuwa/provenance` is the same from any folder. Where the package from PyPI is installed, too, it is
that one's command: the copy that the registry serves makes no certificates.
"""

import sys
from pathlib import Path

if not __package__:  # started by its path, which Python has made the first place to import from
    sys.path[:] = [*sys.path[1:], str(Path(__file__).resolve().parents[2])]

from dragnuwa.provenance.command import main

if __name__ == "__main__":
    sys.exit(main())
