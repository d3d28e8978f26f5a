"""A client of ComfyUI servers. The code, and the list of these names, is in `remote.client`."""

from .remote.client import *  # noqa: F403
from .remote.client import __all__ as __all__
