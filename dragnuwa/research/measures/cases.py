"""What a benchmark wants: the picture, the drags and the text of each video to make; and its layouts' interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

import cv2
import numpy as np

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.picture_files import open_picture
from ...vision.tracking.point_tracker import LucasKanade, Tracker

MAX_PIXELS = 170_000_000  # of a picture; Pillow itself refuses more than 179 million


@dataclass(frozen=True)
class Choices:
    """What the user chooses of a benchmark; None for what its publisher does.

    Attributes:
        size: (width, height) in pixels, of the videos.
        frames: number, of the videos.
        language, mode: of MoveBench.
        tracker: that follows points.
        features: a TorchScript file for DragBench.
        masks: a folder of masks that were found in the results, for MagicBench.
        device: of a TorchScript file.
    """

    size: tuple[int, int] | None = None
    frames: int | None = None
    language: str = "en"
    mode: str = "single"
    tracker: Tracker = field(default_factory=LucasKanade)
    features: Path | None = None
    masks: Path | None = None
    device: str = "cpu"


@dataclass(frozen=True)
class Case:
    """One result to make, and what is wanted of it. Positions are (x, y) in pixels of the clip, from the centre of its
    first pixel.

    Attributes:
        name: of the result; a plain file name.
        picture: `[h, w, 3]` uint8 in the clip's aspect ratio, the first frame.
        clip: width, height and frames.
        points: `[N, T, 2]` float64.
        visible: `[N, T]` bool.
        text: that describes the video; empty if the benchmark has none.
        masks: `[N, H, W]` bool at the clip's size, what each of the N points belongs to in the first frame; or None.
    """

    name: str
    picture: np.ndarray
    clip: ClipShape
    points: np.ndarray
    visible: np.ndarray
    text: str = ""
    masks: np.ndarray | None = None


class Layout(Protocol):
    """A benchmark on disk. Its constructor takes the folder and `Choices`, and checks what can be checked at once."""

    units: ClassVar[dict[str, str]]
    """The unit of each figure of a result; empty for plain numbers."""

    def names(self) -> list[str]:
        """Of all results, in order."""
        ...

    def case(self, name: str) -> Case:
        """
        Raises:
            InputError: if a file of the case is missing or wrong.
        """
        ...

    def figures(self, name: str, results: Path) -> dict[str, float | None]:
        """Of one result in the folder of all; None for a figure that it cannot have.

        Raises:
            InputError: if the result is missing or wrong.
        """
        ...

    def summary(self, lines: list[dict]) -> dict[str, float]:
        """Of all results, from their figures."""
        ...


def read_picture(path: Path) -> np.ndarray:
    """`[H, W, 3]` uint8.

    Raises:
        InputError: if there is none, or it cannot be read; with its name.
    """
    if not path.is_file():
        raise InputError(f"There is no picture {path}, which the benchmark has.")
    try:
        with open_picture(path, max_pixels=MAX_PIXELS) as image:
            return np.array(image.convert("RGB"))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture or mask `[H, W, ...]` at a (width, height) size; labels, which are bool or more than 8 bits, keep their
    values."""
    if picture.shape[1::-1] == tuple(size):
        return picture
    if picture.ndim == 2:
        return cv2.resize(picture.astype(np.float64), size, interpolation=cv2.INTER_NEAREST_EXACT).astype(picture.dtype)
    smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def scaled(points: np.ndarray, size: tuple[int, int], wanted: tuple[int, int]) -> np.ndarray:
    """Positions `[..., 2]` in pixels of one (width, height) size in those of another, whole pictures laid over each
    other."""
    return (np.asarray(points, np.float64) + 0.5) * (np.array(wanted) / size) - 0.5


def enough(found: int, wanted: int, what: str) -> None:
    """Raises an InputError if something has fewer frames than the videos should have."""
    if found < wanted:
        raise InputError(f"{what} has {found} frames; {wanted} are wanted. Give --frames {found} or less.")


def means(lines: Iterable[dict], names: Iterable[str]) -> dict[str, float]:
    """The mean of each figure over the lines that have it."""
    lines = list(lines)
    kept = {name: [line[name] for line in lines if line.get(name) is not None] for name in names}
    return {name: float(np.mean(values)) for name, values in kept.items() if values}
