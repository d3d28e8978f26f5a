"""Random clips of a folder tree of videos; unusable videos are listed and left out."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...common.clip_shape import ClipShape
from .read import VideoError, VideoInfo, inspect, read_clip

logger = logging.getLogger(__name__)

SUFFIXES = {
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    *(".flv", ".ogv", ".wmv", ".gif", ".3gp", ".mxf"),
}
MAX_CAPTION = 10_000  # bytes
SPARE = 1e-6  # s
READERS = 4  # files that are inspected in parallel


@dataclass(frozen=True)
class Skipped:
    """`name` relative to the folder, with slashes."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}\t{self.reason}".replace("\n", "\\n")  # always one line


@dataclass(frozen=True)
class Video:
    """A usable file; `name` as in `Skipped`."""

    name: str
    info: VideoInfo
    caption: str


@dataclass(frozen=True)
class Sample:
    """`frames` uint8 `[T, H, W, 3]`; `start` in s; `caption` is empty where the video has none."""

    frames: np.ndarray
    caption: str
    name: str
    start: float


def names(root: Path) -> list[str]:
    """All files below `root` with a video's suffix, relative and sorted, without hidden ones and hidden folders.

    Raises:
        VideoError: if there is no such folder.
    """
    if not root.is_dir():
        raise VideoError(f"there is no folder {root}.")
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(folder, name).relative_to(root).as_posix()
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES
        ]
    return sorted(found)


def caption(path: Path) -> str:
    """The text of NAME.txt next to a video, on one line; empty if there is none.

    Raises:
        VideoError: if it is longer than 10,000 bytes, not UTF-8, or cannot be read.
    """
    beside = path.with_suffix(".txt")
    try:
        with open(beside, "rb") as file:
            text = file.read(MAX_CAPTION + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise VideoError(f"{beside.name}: the caption cannot be read ({error.strerror}).") from error
    if len(text) > MAX_CAPTION:
        raise VideoError(f"{beside.name}: a caption has at most {MAX_CAPTION:,} bytes. Is it one?")
    try:
        return " ".join(text.decode("utf-8-sig").split())
    except UnicodeDecodeError as error:
        raise VideoError(f"{beside.name}: the caption is not UTF-8.") from error


def usable(root: Path, name: str, *, seconds: float, fps: float) -> Video:
    """Checks that a video is at least `seconds` long and has at least `fps` frames per second on average.

    Raises:
        VideoError: if it is not, and as `inspect` and `caption`.
    """
    info = inspect(root / name)
    if info.duration + SPARE < seconds:
        raise VideoError(f"{Path(name).name}: it is {info.duration:.2f} s long; a clip needs {seconds:.2f} s.")
    if info.fps * 1.05 < fps:
        raise VideoError(f"{Path(name).name}: it has {info.fps:.3g} frames a second; a clip needs {fps:.3g}.")
    return Video(name, info, caption(root / name))


def scan(root: Path, *, seconds: float, fps: float) -> tuple[list[Video], list[Skipped]]:
    """Inspect every video below `root`: those that have clips of `seconds` at `fps`, and the others.

    Raises:
        VideoError: if there is no such folder.
    """

    def check(name: str) -> Video | Skipped:
        try:
            return usable(root, name, seconds=seconds, fps=fps)
        except VideoError as error:
            return Skipped(name, str(error))

    with ThreadPoolExecutor(READERS) as pool:
        results = list(pool.map(check, names(root)))
    videos = [result for result in results if isinstance(result, Video)]
    return videos, [result for result in results if isinstance(result, Skipped)]


class VideoFolder:
    """Random clips of the videos below a folder.

    Args:
        root: the folder.
        clip: the size of a clip.
        fps: of a clip, frames per second.
        skipped_list: a text file for the skipped videos, one per line; overwritten here, extended by `draw`.

    `skipped` lists the videos that have been left out so far.

    Raises:
        VideoError: if there is no such folder, or no video in it can be used.
    """

    def __init__(self, root: str | Path, *, clip: ClipShape, fps: float, skipped_list: Path | None = None):
        self.root, self.clip, self.fps = Path(root), clip, fps
        self.seconds = (clip.frames - 1) / fps
        self.skipped_list = skipped_list
        self.videos, self.skipped = scan(self.root, seconds=self.seconds, fps=fps)
        self._failed: set[str] = set()
        logger.info("%s: %d videos can be used, %d are skipped", root, len(self.videos), len(self.skipped))
        for one in self.skipped:
            logger.warning("skipped %s: %s", one.name, one.reason)
        if skipped_list is not None:
            write_skipped(skipped_list, self.skipped)
        if not self.videos:
            reason = f"the first: {self.skipped[0].reason}" if self.skipped else "no file is called like a video."
            raise VideoError(f"no video in {root} can be used ({len(self.skipped)} skipped); {reason}")

    def draw(self, seed: int, index: int) -> Sample:
        """The clip `index` of a run with `seed`: a random start in a random video, determined by the two numbers.

        A file that can no longer be read is added to `skipped`, and another one is drawn.

        Raises:
            VideoError: when every video has failed.
        """
        rng = np.random.default_rng((seed, index))
        while len(self._failed) < len(self.videos):
            video = self.videos[rng.integers(len(self.videos))]
            start = rng.uniform(0, max(video.info.duration - self.seconds, 0))
            if video.name in self._failed:
                continue
            try:
                frames = read_clip(
                    self.root / video.name, frames=self.clip.frames, fps=self.fps, start=start, size=self.clip.size
                )
            except VideoError as error:
                self._skip(Skipped(video.name, str(error)))
            else:
                return Sample(frames, video.caption, video.name, start)
        raise VideoError(f"all {len(self.videos)} videos in {self.root} have failed; {self.skipped[-1].reason}")

    def _skip(self, one: Skipped) -> None:
        self._failed.add(one.name)
        self.skipped.append(one)
        logger.warning("skipped from now on (%d in all) %s: %s", len(self.skipped), one.name, one.reason)
        if self.skipped_list is not None:
            with open(self.skipped_list, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{one}\n")


def write_skipped(path: Path, skipped: list[Skipped]) -> None:
    """One line each: the name, a tab, the reason."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(f"{one}\n" for one in skipped)
