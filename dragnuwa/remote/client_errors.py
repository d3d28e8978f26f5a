"""What `dragnuwa.client` raises; import them from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.errors import printable


class ClientError(RuntimeError):
    """ComfyUI refused a request, or its answer was not as expected. The message is `printable`, since it may quote what
    a server says."""

    def __init__(self, message: str = ""):
        super().__init__(printable(message))


class HostUnreachable(ClientError):
    """No ComfyUI answers at the address, or it stopped answering."""


class PromptRejected(ClientError):
    """ComfyUI did not accept a prompt. `node_errors` is its own report, {node id: {"class_type", "errors", ...}}."""

    def __init__(self, error: Any, node_errors: Any):
        error = error if isinstance(error, Mapping) else {"message": error}  # as of programs in front of a ComfyUI
        self.node_errors = {
            node_id: report
            for node_id, report in (node_errors.items() if isinstance(node_errors, Mapping) else ())
            if isinstance(report, Mapping)
        }
        lines = [f"ComfyUI rejected the prompt: {error.get('message', 'no reason given')}"]
        for node_id, report in self.node_errors.items():
            reasons = report.get("errors")
            for reason in reasons if isinstance(reasons, list) else ():
                if not isinstance(reason, Mapping):
                    continue
                text = ": ".join(str(reason[key]) for key in ("message", "details") if reason.get(key))
                lines.append(f"  node {node_id} ({report.get('class_type')}): {text}")
        if len(lines) == 1 and error.get("details"):
            lines.append(f"  {error['details']}")
        super().__init__("\n".join(lines))


class NodeError(ClientError):
    """A node failed while the prompt ran. `message` and `traceback` are those of its exception."""

    def __init__(self, report: Mapping[str, Any]):
        self.node_id = str(report.get("node_id"))
        self.class_type = str(report.get("node_type"))
        self.exception_type = str(report.get("exception_type"))
        self.message = str(report.get("exception_message", "")).strip()
        traceback = report.get("traceback")
        self.traceback = "".join(map(str, traceback)) if isinstance(traceback, list) else ""
        super().__init__(f"node {self.node_id} ({self.class_type}) failed: {self.exception_type}: {self.message}")


class PromptInterrupted(ClientError):
    """The prompt was interrupted before it was done."""


class PromptTimeout(ClientError):
    """The prompt took longer than the caller waits, and was removed from the queue."""
