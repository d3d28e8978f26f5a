"""A job: a name, and the workflow inputs that it sets."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .workflow import Prompt

SAVE_FOLDER = "dragnuwa_batch"
"""Subfolder of a server's input and output folders for the files of all batches."""


class JobsError(ValueError):
    """The jobs are invalid; the message says what was expected, what was found and what to do."""


@dataclass(frozen=True)
class Upload:
    """A file as an input's value: it is uploaded, and the input is set to its name on the server."""

    path: Path
    digest: str

    @property
    def name(self) -> str:
        """The file's name on the server, unique for its content."""
        return self.digest[:32] + self.path.suffix.lower()


@dataclass(frozen=True)
class Setting:
    """An input of a node, and the value that it gets: any JSON value, or an Upload."""

    node: str
    input: str
    value: object


@dataclass(frozen=True)
class Job:
    """Its `name` is that of the folder in OUT with its results."""

    name: str
    settings: tuple[Setting, ...]

    def fingerprint(self, prompt: Prompt) -> str:
        """Hash of everything that determines the result: all nodes and inputs, and the content of uploaded files."""
        filled = self.fill(prompt, lambda upload: {"uploaded file": upload.digest})
        nodes = {key: (node["class_type"], node["inputs"]) for key, node in filled.items()}
        return hashlib.sha256(json.dumps(nodes, sort_keys=True).encode("ascii")).hexdigest()

    def fill(self, prompt: Prompt, upload: Callable[[Upload], object]) -> dict[str, dict]:
        """A copy of the prompt with the job's settings; `upload` maps files to their values."""
        filled = copy.deepcopy(dict(prompt))
        for setting in self.settings:
            value = setting.value
            filled[setting.node]["inputs"][setting.input] = upload(value) if isinstance(value, Upload) else value
        return filled


def upload_of(path: Path) -> Upload:
    """An upload of a file with its current content. Raises JobsError if it cannot be read."""
    return Upload(path, digest_of(path))


@lru_cache(maxsize=100_000)  # a sweep has one picture in all of its jobs
def digest_of(path: Path) -> str:
    """Cached SHA-256 of a file's content. Raises JobsError if the file cannot be read."""
    return current_digest(path)


def current_digest(path: Path) -> str:
    """SHA-256 of a file's current content. Raises JobsError if the file cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for chunk in iter(lambda: file.read(2**20), b""):
                digest.update(chunk)
    except OSError as error:
        raise JobsError(f"{path} cannot be read: {error.strerror or error}.") from error
    return digest.hexdigest()


def separate_results(prompt: dict[str, dict], prompt_id: str) -> None:
    """Make a prompt save into its own subfolder of the server's output folder.

    Servers that share an output folder number their files independently, and would overwrite each other's.
    """
    for node in prompt.values():
        prefix = node["inputs"].get("filename_prefix")
        if isinstance(prefix, str):
            node["inputs"]["filename_prefix"] = f"{SAVE_FOLDER}/{prompt_id}/{prefix}"
