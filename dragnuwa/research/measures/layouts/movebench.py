"""MoveBench (Wan-Move, arXiv 2512.08765), as its repository's `generate.py` reads it.

Each language has `{single,multi}_track.txt`, with `VIDEO.mp4,caption` in each line; `first_frame/VIDEO.jpg`;
`track/{single,multi}/VIDEO_tracks.npy` `[T, N, 2]` in pixels of that picture and `VIDEO_visibility.npy` `[T, N]`, both
with or without a first axis of 1; and `video/VIDEO.mp4`. Videos are as large as the first frame, with 81 frames.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from ....common.errors import InputError
from ..cases import Case, Choices, enough, means, read_picture, resized, scaled
from ..results import clip_of, tracks_in, video_of
from ..track_figures import end_point_error

FRAMES = 81
LANGUAGES, MODES = ("en", "zh"), ("single", "multi")


class MoveBench:
    units: ClassVar = {"epe": "px"}

    def __init__(self, folder: Path, choices: Choices):
        """
        Raises:
            InputError: if the folder is not laid out so.
        """
        self.folder, self.mode, self.tracker = folder / choices.language, choices.mode, choices.tracker
        self.size, self.frames = choices.size, choices.frames or FRAMES
        self.texts = _read_list(self.folder / f"{self.mode}_track.txt")

    def names(self) -> list[str]:
        return list(self.texts)

    def case(self, name: str) -> Case:
        picture = read_picture(self.folder / "first_frame" / f"{name}.jpg")
        tracks = self._array(name, "tracks", "[T, N, 2]", 3)
        visible = self._array(name, "visibility", "[T, N]", 2)
        if tracks.shape[2] != 2 or visible.shape != tracks.shape[:2] or not tracks.size:
            raise InputError(
                f"{name}: the tracks should be [T, N, 2] and their visibility [T, N]; found {list(tracks.shape)} and "
                f"{list(visible.shape)}."
            )
        visible = visible[: self.frames] > 0.5
        enough(len(tracks), self.frames, f"The track of {name}")
        if not np.isfinite(tracks[: self.frames][visible]).all():
            raise InputError(f"{name}: a visible position is NaN or infinite.")
        size = picture.shape[1], picture.shape[0]
        clip = clip_of(self.size or size, self.frames)
        points = scaled(np.nan_to_num(tracks[: self.frames]), size, clip.size).transpose(1, 0, 2)
        return Case(name, resized(picture, clip.size), clip, points, visible.T.copy(), self.texts[name])

    def figures(self, name: str, results: Path) -> dict[str, float | None]:
        case = self.case(name)
        found = tracks_in(video_of(case, results), case, self.tracker)
        seen = bool(case.visible[:, 1:].any())
        return {"epe": end_point_error(found, case.points, case.visible) if seen else None}

    def summary(self, lines: list[dict]) -> dict[str, float]:
        return means(lines, self.units)

    def _array(self, name: str, kind: str, shape: str, axes: int) -> np.ndarray:
        path = self.folder / "track" / self.mode / f"{name}_{kind}.npy"
        if not path.is_file():
            raise InputError(f"There is no {path}, though {self.mode}_track.txt lists {name}.")
        try:
            array = np.load(path, allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise InputError(f"{path} should be an array of numbers, saved by numpy without objects.") from error
        array = array[0] if array.ndim == axes + 1 and len(array) == 1 else array
        if array.ndim != axes or array.dtype.kind not in "bfiu":
            raise InputError(f"{path} should be {shape} of numbers; found {list(array.shape)} {array.dtype}.")
        return array.astype(np.float64)


def _read_list(path: Path) -> dict[str, str]:
    """Captions by the names of the videos; comments begin with #."""
    if not path.is_file():
        raise InputError(f"There is no {path}. Give MoveBench's folder, which has a folder for each language.")
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text.") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        video, comma, caption = line.strip().partition(",")
        if not video or video.startswith("#"):
            continue
        name = Path(video.strip()).stem
        if not comma or name in found or Path(video.strip()).name != video.strip():
            raise InputError(f"{path}, line {number}, should be VIDEO.mp4,caption, each video once; found {line!r}.")
        found[name] = caption.strip()
    if not found:
        raise InputError(f"{path} lists no video. Each line should be VIDEO.mp4,caption.")
    return found
