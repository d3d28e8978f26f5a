"""Errors about external input and missing packages, with messages that can be printed anywhere and say what to do.

ComfyUI logs the error of a node in the thread that runs all prompts, with strict encoding. A message that the log
cannot encode, such as one that quotes a lone surrogate, kills that thread, and no later prompt runs."""

from __future__ import annotations

import sys
from pathlib import Path

MISSING = 'Run python -m pip install "{package}" with the Python that runs ComfyUI, and restart ComfyUI.'
# The variant that needs no graphics libraries, without its dependencies, so that numpy is not changed.
BROKEN = (
    "It is installed, but does not fit this machine. Run python -m pip install --force-reinstall --no-deps "
    "opencv-python-headless with the Python that runs ComfyUI, and restart ComfyUI."
)


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


class PackageError(RuntimeError):
    """A required package cannot be imported. The message says which, why, and what to run."""

    __module__ = "dragnuwa.common.errors"  # ComfyUI shows it, and would otherwise show the pack's full path

    def __init__(self, message: str):
        super().__init__(printable(message))


class MissingPartError(ImportError):
    """A part of the library that this copy lacks. The message says how to get it."""


def need_opencv() -> None:
    """To be called before importing a module that imports OpenCV, which ComfyUI itself does not require.

    Raises:
        PackageError: if it cannot be imported, because it is missing, needs graphics libraries that a server lacks, or
            was built for another numpy.
    """
    try:
        import cv2  # noqa: F401
    except ModuleNotFoundError as error:
        raise _error("OpenCV", error, MISSING.format(package="opencv-python>=4.8")) from error
    except (ImportError, AttributeError, OSError) as error:
        raise _error("OpenCV", error, BROKEN) from error


def need_c2pa() -> None:
    """The same for c2pa-python, which writes and reads content credentials.

    Raises:
        PackageError: if it cannot be imported, because it is missing, or came without its library for this machine.
    """
    try:
        import c2pa  # noqa: F401
    except (ImportError, AttributeError, OSError, RuntimeError) as error:
        raise _error("c2pa-python", error, MISSING.format(package="c2pa-python>=0.29")) from error


def need_part(folder: str, extra: str) -> None:
    """To be called before importing from a `folder` of dragnuwa/ that is left out of what ComfyUI's Manager installs,
    because no node needs it.

    Raises:
        MissingPartError: if the folder is not there, naming the package and its `extra`.
    """
    if not (Path(__file__).parents[1] / folder).is_dir():
        raise MissingPartError(
            "This copy of the pack has only what ComfyUI itself needs. Run python -m pip install "
            f'"dragnuwa[{extra}]", and then the same again in another folder than this one.'
        )


def _error(package: str, reason: Exception, advice: str) -> PackageError:
    first = (str(reason).strip().splitlines() or [type(reason).__name__])[0]
    return PackageError(f"This needs {package}, which cannot be imported ({first[:200]}). {advice}")
