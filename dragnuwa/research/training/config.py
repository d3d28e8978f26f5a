"""Reads configurations: TOML tables become dataclasses."""

import dataclasses
import sys
import types
import typing
from pathlib import Path
from typing import TypeVar

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


def read(path: str | Path, kind: type[T]) -> T:
    """Reads a configuration of dataclass `kind` from the TOML file at `path`; omitted keys have their defaults.

    Raises:
        ValueError: naming every key that `kind` does not have or that is missing, or the key whose value has another
            type.
    """
    with open(path, "rb") as file:
        return parse(tomllib.load(file), kind)


def parse(table: dict, kind: type[T], where: str = "") -> T:
    """A TOML table (tables within tables are dataclasses within dataclasses) as a `kind`; see `read`."""
    hints = typing.get_type_hints(kind)
    known = [field.name for field in dataclasses.fields(kind)]
    unknown = [where + key for key in table if key not in known]
    if unknown:
        raise ValueError(f"unknown configuration keys: {', '.join(unknown)}; known here are: {', '.join(known)}")
    required = [
        where + field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if field.name not in table
    ]
    if required:
        raise ValueError(f"missing configuration keys: {', '.join(required)}")
    return kind(**{key: _value(value, hints[key], f"{where}{key}") for key, value in table.items()})


def _value(value: object, hint: object, where: str) -> object:
    allowed = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and types.NoneType in allowed:  # in a configuration that was saved as JSON
        return None
    hint = next((one for one in allowed if dataclasses.is_dataclass(one)), hint)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ValueError(f"{where} has to be a table, not {value!r}")
        return parse(value, hint, f"{where}.")
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where} has to be a list, not {value!r}")
        inner = typing.get_args(hint)
        inner = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
        if len(inner) != len(value):
            raise ValueError(f"{where} has to have {len(inner)} values, not {len(value)}")
        return tuple(_value(item, one, where) for item, one in zip(value, inner, strict=True))
    if float in allowed and type(value) is int:
        return float(value)
    if type(value) not in allowed:
        raise ValueError(f"{where} has to be {getattr(hint, '__name__', hint)}, not {value!r}")
    return value
