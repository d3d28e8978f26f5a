"""A client of ComfyUI servers. The code, and the list of these names, is in `remote.client`."""

from .common.errors import need_part

need_part("remote", "batch")

from .remote.client import *  # noqa: E402, F403
from .remote.client import __all__ as __all__  # noqa: E402
