"""Checks for packages that may be missing or broken; the error says which command to run."""

from __future__ import annotations

from pathlib import Path

from .errors import printable

MISSING = 'Run python -m pip install "{package}" with the Python that runs ComfyUI, and restart ComfyUI.'
# The variant that needs no graphics libraries, without its dependencies, so that numpy is not changed.
BROKEN = (
    "It is installed, but does not fit this machine. Run python -m pip install --force-reinstall --no-deps "
    "opencv-python-headless with the Python that runs ComfyUI, and restart ComfyUI."
)


class PackageError(RuntimeError):
    """A required package cannot be imported. The message says which, why, and what to run."""

    __module__ = "dragnuwa.common.packages"  # ComfyUI shows it, and would otherwise show the pack's full path

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
