"""Errors about external input, with messages that can be printed anywhere.

ComfyUI logs the error of a node in the thread that runs all prompts, with strict encoding. A message that the log
cannot encode, such as one that quotes a lone surrogate, kills that thread, and no later prompt runs.
"""

from __future__ import annotations

import sys


def printable(text: str) -> str:
    r"""`text` with unprintable characters replaced by escapes such as \ud800 or \x1b.

    Escapes characters that UTF-8 or this process's standard streams cannot encode, and those that would control a
    terminal or reorder the text. Line breaks are kept.
    """
    streams = (sys.stdout, sys.stderr)
    for encoding in {"utf-8", *(getattr(stream, "encoding", None) or "utf-8" for stream in streams)}:
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    keep = character.isprintable() or character == "\n"
    return character if keep else character.encode("unicode_escape").decode("ascii")


class InputError(ValueError):
    """An external value, text or file cannot be used. The message says what was expected, what was found and what to
    do; it is made `printable`, since it may quote foreign text."""

    __module__ = "dragnuwa.common.errors"  # ComfyUI shows it, and would otherwise show the pack's full path

    def __init__(self, message: str):
        super().__init__(printable(message))


def as_text(value: object, what: str) -> str:
    """The value itself if it is a text.

    Raises:
        InputError: if it is something else.
    """
    if not isinstance(value, str):
        kind = type(value).__name__
        raise InputError(f"{what} should be a text; found a value of type {kind}. Connect another output.")
    return value
