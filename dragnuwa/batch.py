"""`python -m dragnuwa.batch WORKFLOW JOBS OUT`: many jobs on running servers. The code is in `remote/batch/`."""

import sys

from .common.errors import MissingPartError, need_part

INTERRUPTED = 130  # a shell's exit code for Ctrl-C

if __name__ == "__main__":
    try:
        need_part("remote", "batch")
        from .remote.batch.command import main

        code = main()
    except MissingPartError as error:
        code = f"error: {error}"
    except KeyboardInterrupt:  # while the libraries were loaded, or for the second time
        code = INTERRUPTED
    sys.exit(code)
