"""Pickles of arrays, read without running them: a pickle is a program, and of all that it may name, only what numpy
arrays are made of is allowed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ...common.errors import InputError

_ARRAYS = {
    (module, name)
    for package in ("numpy.core", "numpy._core")
    for module, name in (
        (f"{package}.multiarray", "_reconstruct"), (f"{package}.multiarray", "scalar"),
        (f"{package}.numeric", "_frombuffer"),
    )
} | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}  # fmt: skip


def load(path: Path, kind: str) -> Any:
    """The dictionaries, lists, numbers, texts and arrays in a file.

    Args:
        kind: what the file should be, for the message: "file of TAP-Vid".

    Raises:
        InputError: if it is no pickle, or would run code.
        OSError: if it cannot be opened.
    """
    try:
        with open(path, "rb") as file:
            return _Arrays(file).load()
    except InputError:
        raise
    except (pickle.UnpicklingError, EOFError, AttributeError, ValueError, IndexError, KeyError, TypeError) as error:
        raise InputError(f"{path.name} is no {kind}: it cannot be read as a pickle of arrays.") from error


class _Arrays(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ARRAYS:
            return super().find_class(module.replace("numpy._core", "numpy.core") if _old() else module, name)
        raise InputError(f"The file would run {module}.{name}; only arrays are read. Get it from its publisher.")


def _old() -> bool:
    """Whether numpy has its core at the former place."""
    return int(np.__version__.split(".")[0]) < 2
