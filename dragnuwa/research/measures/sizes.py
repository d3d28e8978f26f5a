"""Sizes as they are typed."""

from __future__ import annotations

from ...common.errors import InputError

MOST = 16384  # px


def size_of(text: str) -> tuple[int, int]:
    """(width, height) of a text such as 576x320.

    Raises:
        InputError: if it is no such text.
    """
    sides = text.lower().split("x")
    if len(sides) != 2 or not all(side.isdecimal() and 1 <= int(side) <= MOST for side in sides):
        raise InputError(f"--size should be WIDTHxHEIGHT in pixels up to {MOST}, as 576x320; found {text!r}.")
    return int(sides[0]), int(sides[1])
