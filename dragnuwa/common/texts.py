"""Validates texts on input: a link may bring anything where a node expects one."""

from __future__ import annotations

from .errors import InputError


def as_text(value: object, what: str) -> str:
    """The value itself if it is a text.

    Raises:
        InputError: if it is something else.
    """
    if not isinstance(value, str):
        kind = type(value).__name__
        raise InputError(f"{what} should be a text; found a value of type {kind}. Connect another output.")
    return value
