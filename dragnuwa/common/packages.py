"""Packages that may be missing or broken although the pack is there: one sentence, with the command that helps."""

from __future__ import annotations

from .errors import printable

MISSING = 'Run python -m pip install "{package}" with the Python that runs ComfyUI, and restart ComfyUI.'
# The variant that needs no graphics libraries. Without its dependencies, so that numpy stays as it is.
BROKEN = (
    "It is installed, but does not fit this machine. Run python -m pip install --force-reinstall --no-deps "
    "opencv-python-headless with the Python that runs ComfyUI, and restart ComfyUI."
)


class PackageError(RuntimeError):
    """A package that is needed cannot be imported. The message says which, why, and what to run."""

    __module__ = "dragnuwa.common.packages"  # ComfyUI shows it, and would show the pack's whole path

    def __init__(self, message: str):
        super().__init__(printable(message))


def need_opencv() -> None:
    """To be called before a module is imported that imports OpenCV, which ComfyUI itself does not bring.

    Raises:
        PackageError: if it cannot be imported: it is not there, a server lacks the graphics libraries that it wants, or
            it was built for another numpy.
    """
    try:
        import cv2  # noqa: F401
    except ModuleNotFoundError as error:
        raise _error(error, MISSING.format(package="opencv-python>=4.8")) from error
    except (ImportError, AttributeError, OSError) as error:
        raise _error(error, BROKEN) from error


def _error(reason: Exception, advice: str) -> PackageError:
    first = (str(reason).strip().splitlines() or [type(reason).__name__])[0]
    return PackageError(f"This needs OpenCV, which cannot be imported ({first[:200]}). {advice}")
