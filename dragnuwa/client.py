"""A client of ComfyUI servers. The code is in `remote.client`."""

from .remote.client import Client, Queue, Result
from .remote.client_errors import (
    ClientError,
    HostUnreachable,
    NodeError,
    PromptInterrupted,
    PromptRejected,
    PromptTimeout,
)
from .remote.client_progress import Progress

__all__ = [
    "Client",
    "ClientError",
    "HostUnreachable",
    "NodeError",
    "Progress",
    "PromptInterrupted",
    "PromptRejected",
    "PromptTimeout",
    "Queue",
    "Result",
]
