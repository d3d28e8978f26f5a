"""Jobs from a file of JSON lines, each of which sets any inputs of the workflow.

    {"name": "seed-3", "inputs": {"KSampler": {"seed": 3, "cfg": 2.5}, "7": {"strength": 0.5}}}
    {"name": "bird", "inputs": {"Load Image": {"image": {"upload": "bird.jpg"}}, "4": {"text": {"read": "drags.csv"}}}}

docs/batch.md describes the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from ...common.foreign_text import REMEDY, decoded, json_value, with_line_feeds
from .jobs import Job, JobsError, Setting, upload_of
from .workflow import Prompt, few, find_by_name, title

MAX_FILE_BYTES, MAX_JOBS, MAX_TEXT_BYTES = 64 * 2**20, 100_000, 16 * 2**20
MAX_NAME = 100
EXAMPLE = '{"name": "seed-3", "inputs": {"KSampler": {"seed": 3}}}'
# Names that Windows cannot have, or keeps for its devices.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$", re.IGNORECASE)


def read_json_lines(path: Path, prompt: Prompt) -> list[Job]:
    """The jobs of a file of JSON lines, all checked against the workflow. Paths in it are relative to its folder.

    Raises:
        JobsError: naming the line, what was expected, what was found, and what to do.
    """
    lines = _lines(path)
    reader, jobs = _Reader(path.parent, prompt), []
    for number, line in lines:
        try:
            jobs.append(reader.job(line, number))
        except ValueError as error:
            raise JobsError(f"{path}, line {number}: {error}") from error
    return jobs


def _lines(path: Path) -> list[tuple[int, str]]:
    text = _bounded_text(path, MAX_FILE_BYTES, ". Split it, with an OUT for each part.")
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise JobsError(f"{path} holds no job. Expected a line for each, such as {EXAMPLE}.")
    if len(lines) > MAX_JOBS:
        raise JobsError(f"{path} has {len(lines)} jobs; at most {MAX_JOBS} were expected. Split it.")
    return lines


@dataclass
class _Reader:
    folder: Path
    prompt: Prompt
    seen: dict[str, int] = field(default_factory=dict)

    def job(self, line: str, number: int) -> Job:
        value = _decoded(line)
        if not isinstance(value, dict) or value.keys() != {"name", "inputs"} or not isinstance(value["inputs"], dict):
            raise JobsError(f"expected an object with a name and inputs, such as {EXAMPLE}; found {_shown(value)}.")
        name = check_name(value["name"])
        first = self.seen.setdefault(name.casefold(), number)
        if first != number:
            raise JobsError(f"the name {name!r} is that of line {first}, ignoring case. Give each job its own.")
        settings = []
        for node_name, inputs in value["inputs"].items():
            settings += self._settings(node_name, inputs)
        if len({(setting.node, setting.input) for setting in settings}) < len(settings):
            raise JobsError("one input is set twice, by the node's id and by its title. Leave one of them out.")
        return Job(name, tuple(settings))

    def _settings(self, node_name: str, inputs: object) -> list[Setting]:
        node_id = find_by_name(self.prompt, node_name)
        node = self.prompt[node_id]
        if not isinstance(inputs, dict):
            raise JobsError(f'expected inputs of {node_name!r}, such as {{"seed": 3}}; found {_shown(inputs)}.')
        settings = []
        for name, value in inputs.items():
            if name not in node["inputs"]:
                has = few(list(node["inputs"])) or "none"
                raise JobsError(f"{title(node) or node['class_type']!r} has no input {name!r}. It has {has}.")
            settings.append(Setting(node_id, name, self._value(value, node["inputs"][name], f"{node_name}, {name}")))
        return settings

    def _value(self, value: object, present: object, where: str) -> object:
        if isinstance(value, dict) and len(value) == 1:
            ((key, path),) = value.items()
            if key in FILES and isinstance(path, str):
                return FILES[key]((self.folder / path).resolve())
        if isinstance(value, (dict, list)) and type(value) is not type(present):
            files = " or ".join(f'{{"{key}": FILE}}' for key in FILES)
            raise JobsError(f"{where}: expected a number, a text, true, false, null, {files}; found {_shown(value)}.")
        return value


def check_name(name: object) -> str:
    """A job's name, which must be valid as a folder name on every system. Raises JobsError."""
    if not isinstance(name, str) or not name:
        raise JobsError(f"expected a name, which is that of the job's folder in OUT; found {_shown(name)}.")
    if len(name) > MAX_NAME or FORBIDDEN.search(name) or DEVICES.match(name) or name[0] == "." or name[-1] in ". ":
        raise JobsError(
            f"{name!r} cannot be the name of a folder on every system. Expected at most {MAX_NAME} characters, none of "
            'them <>:"/\\|?* or a control character, no dot at the start, no dot or space at the end, and no name of a '
            "device such as CON."
        )
    return name


@lru_cache(maxsize=1024)  # many jobs may read one file, and then share its text
def read_text(path: Path) -> str:
    """The text of a file that an input gets. Raises JobsError."""
    return _bounded_text(path, MAX_TEXT_BYTES, ", which is too much for an input.")


def _bounded_text(path: Path, limit: int, remedy: str) -> str:
    """The text of a file of at most `limit` bytes; `remedy` ends the sentence about a larger one. Raises JobsError."""
    try:
        if path.stat().st_size > limit:
            raise JobsError(f"{path} has more than {limit >> 20} MiB{remedy}")
        return with_line_feeds(decoded(path.read_bytes()))
    except OSError as error:
        raise JobsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise JobsError(f"{path} is not UTF-8 text ({error}). {REMEDY}") from error


FILES: Mapping[str, Callable[[Path], object]] = {"upload": upload_of, "read": read_text}
"""Special values: the server's name of an uploaded file, or the text in a file."""


def _decoded(line: str) -> object:
    try:
        value = json_value(line, object_pairs_hook=_object, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        raise JobsError("a text holds half of a character (a lone surrogate). Type it again.") from None
    except json.JSONDecodeError as error:
        raise JobsError(f"expected one JSON object, such as {EXAMPLE}; {error}.") from error
    except RecursionError:
        raise JobsError("the value is nested too deeply.") from None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise JobsError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice in one object.")
    return value


def _no_number(name: str) -> NoReturn:
    raise JobsError(f"{name} is not a number that ComfyUI takes.")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."
