"""What a ComfyUI answers, as values. Any program may be behind an address, so each answer is checked here: what is not
as expected is a ClientError."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .client_errors import ClientError, NodeError, PromptInterrupted

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,99}")  # of a prompt; it becomes the name of a folder
_PARTS = ("filename", "subfolder", "type")  # of a file
MAX_NAME_BYTES = 250


@dataclass(frozen=True)
class Result:
    """The result of a prompt. `outputs` is {node id: {kind: [items]}}, `seconds` the time it ran, without queueing."""

    prompt_id: str
    outputs: dict[str, dict[str, list]]
    status: str
    seconds: float

    def files(self, node_id: str | None = None) -> Iterator[dict[str, str]]:
        """The items for `Client.download`, of one node or of all."""
        for name, kinds in self.outputs.items():
            if node_id in (None, name):
                yield from (i for items in kinds.values() for i in items if isinstance(i, dict) and "filename" in i)


@dataclass(frozen=True)
class Queue:
    """The ids of a ComfyUI's running and waiting prompts, in any order."""

    running: frozenset[str]
    waiting: frozenset[str]


def object_in(text: str | bytes, source: str) -> dict[str, Any]:
    """The JSON object in an answer.

    Args:
        source: whose answer it is, for the message.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        start = text[:80] if isinstance(text, str) else text[:80].decode("utf-8", "replace")
        raise ClientError(f"{source} answered with no JSON, so it may not be a ComfyUI: {start!r}") from None
    if not isinstance(value, dict):
        raise ClientError(f"{source} answered with no JSON object, so it may not be a ComfyUI: {str(value)[:80]!r}")
    return value


def field(answer: Mapping[str, Any], name: str, kind: type, source: str) -> Any:
    """A field of an answer, of a type; it may be missing from a server of another kind."""
    if not isinstance(answer.get(name), kind):
        raise ClientError(f"{source} gave no {name}, so it may not be a ComfyUI: {str(answer)[:80]!r}")
    return answer[name]


def prompt_id_in(answer: Mapping[str, Any], source: str) -> str:
    """The id that a prompt has got."""
    found = field(answer, "prompt_id", str, source)
    if not _ID.fullmatch(found):
        raise ClientError(f"{source} gave {found[:80]!r}, which is no id of a prompt, so it may not be a ComfyUI.")
    return found


def queue_in(answer: Mapping[str, Any], source: str) -> Queue:
    running, waiting = (
        frozenset(_id(item, source) for item in field(answer, key, list, source))
        for key in ("queue_running", "queue_pending")
    )
    return Queue(running, waiting)


def result_in(record: Any, prompt_id: str, source: str) -> Result:
    """The result of a prompt, from the server's record. Raises NodeError and PromptInterrupted, too."""
    if not isinstance(record, dict):
        raise ClientError(f"{source} gave no record of a prompt, so it may not be a ComfyUI: {str(record)[:80]!r}")
    status = record["status"] if isinstance(record.get("status"), dict) else {}
    messages = dict(_messages(status.get("messages")))
    if "execution_error" in messages:
        raise NodeError(messages["execution_error"])
    if "execution_interrupted" in messages:
        raise PromptInterrupted(f"prompt {prompt_id} was interrupted")
    times = [data["timestamp"] for data in messages.values() if type(data.get("timestamp")) in (int, float)]
    seconds = (max(times) - min(times)) / 1000 if times else 0.0
    outputs = field(record, "outputs", dict, source)
    for kinds in outputs.values():
        if not isinstance(kinds, dict) or not all(isinstance(items, list) for items in kinds.values()):
            raise ClientError(f"{source} gave outputs of another form, so it may not be a ComfyUI.")
    found = Result(prompt_id, outputs, str(status.get("status_str", "unknown")), seconds)
    for item in found.files():
        file_name(item)
    return found


def file_name(item: Mapping[str, Any]) -> str:
    """The name of an output file on this machine, which never leads out of a folder."""
    if not all(isinstance(item.get(part, ""), str) for part in _PARTS):
        raise ClientError(f"{str(dict(item))[:80]!r} is not a file of a ComfyUI")
    name = Path(item.get("filename", "")).name
    try:
        length = len(os.fsencode(name))
    except UnicodeEncodeError:  # half a character
        length = 0
    if name in ("", ".", "..") or "\0" in name or not 0 < length <= MAX_NAME_BYTES:
        raise ClientError(f"{item.get('filename', '')[:80]!r} is not the name of a file")
    return name


def _id(item: Any, source: str) -> str:
    """Of a prompt in the queue, which may be anyone's."""
    if not isinstance(item, list) or len(item) < 2 or not isinstance(item[1], str):
        raise ClientError(f"{source} gave a queue of another form, so it may not be a ComfyUI: {str(item)[:80]!r}")
    return item[1]


def _messages(value: Any) -> Iterator[tuple[str, dict]]:
    """What the server has noted about a prompt; other programs may have added notes of other forms."""
    for note in value if isinstance(value, list) else ():
        if isinstance(note, list) and len(note) == 2 and isinstance(note[0], str) and isinstance(note[1], dict):
            yield note[0], note[1]
