"""The interface of a format of camera paths: recognising, reading and writing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..camera import PinholeCamera
from .poses import Poses


@dataclass(frozen=True)
class Reader:
    """
    Attributes:
        name: human-readable; the error for an unknown format lists all of them.
        recognises: whether a text, or a value decoded from JSON, has this format. Never raises.
        read: converts it to poses; the second argument is what its matrices are, of `MATRICES`, where the format does
            not say it. Raises InputError.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, str], Poses]


@dataclass(frozen=True)
class Writer:
    """
    Attributes:
        name: under which the user selects the format.
        write: converts the cameras of frames of one size to text; the second argument is the distance that is 1 in it.
        suffix: file extension.
    """

    name: str
    write: Callable[[Sequence[PinholeCamera], float], str]
    suffix: str = ".json"


def rounded(values: np.ndarray) -> list:
    """Numbers of 12 decimals, as lists, without negative zeros."""
    return (np.round(values, 12) + 0.0).tolist()
