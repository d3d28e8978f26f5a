"""Two folders of videos: which are pairs, and whether they can be compared. Found before anything is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...common.errors import InputError
from ..evaluation.settings import file_digest
from ..videos.folder import SUFFIXES, names
from ..videos.read import VideoError, VideoInfo, inspect


@dataclass(frozen=True)
class Clips:
    """What is taken of each video.

    Attributes:
        frames: how many of the first; None for all.
        size: (width, height) to which they are stretched; None for each video's own.
    """

    frames: int | None = None
    size: tuple[int, int] | None = None

    def __post_init__(self):
        if self.frames is not None and self.frames < 2:
            raise InputError(f"--frames should be at least 2; found {self.frames}.")


@dataclass(frozen=True)
class SetVideo:
    """
    Attributes:
        path: of the file.
        digest: the beginning of its SHA-256.
        frames, size: of its clip; size is (width, height) in px.
    """

    path: Path
    digest: str
    frames: int
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name} ({self.frames} frames of {self.size[0]}x{self.size[1]})"


@dataclass(frozen=True)
class Case:
    """A name, and its video in one or both folders. The name is relative to the folder, without the suffix."""

    name: str
    a: SetVideo | None
    b: SetVideo | None

    @property
    def videos(self) -> list[SetVideo]:
        return [each for each in (self.a, self.b) if each is not None]

    @property
    def is_pair(self) -> bool:
        return len(self.videos) == 2


def cases_of(a: Path, b: Path, clips: Clips, *, tell: Callable[[str], None] = lambda text: None) -> list[Case]:
    """The videos below two folders, those of the same name together, sorted.

    Args:
        a, b: the folders.
        clips: what is taken of each video.
        tell: gets a line of progress for each folder.

    Raises:
        InputError: if a folder is missing or has no videos, a video is broken or has too few frames, a folder has two
            of one name, or the two of a pair have other sizes or lengths.
    """
    found = [_videos(folder, clips, tell) for folder in (a, b)]
    cases = [Case(name, *(videos.get(name) for videos in found)) for name in sorted({*found[0], *found[1]})]
    for case in cases:
        if case.is_pair and (case.a.frames, case.a.size) != (case.b.frames, case.b.size):
            raise InputError(
                f"The two videos of a pair should have the same size and number of frames; found {case.a} and "
                f"{case.b}. Give --frames and --size, or name them otherwise if they are no pair."
            )
    return cases


def check_lengths(cases: list[Case]) -> None:
    """
    Raises:
        InputError: unless all videos have the same number of frames, as FVD needs.
    """
    videos = [video for case in cases for video in case.videos]
    shortest, longest = (pick(videos, key=lambda video: video.frames) for pick in (min, max))
    if shortest.frames != longest.frames:
        raise InputError(
            f"FVD compares videos of one number of frames; found {shortest} and {longest}. "
            f"Give --frames {shortest.frames}, or remove what is too short."
        )


def _videos(folder: Path, clips: Clips, tell: Callable[[str], None]) -> dict[str, SetVideo]:
    """By name."""
    listed = names(folder)
    if not listed:
        raise InputError(f"There is no video in {folder}: no file is called like one ({', '.join(sorted(SUFFIXES))}).")
    found, broken = {}, []
    for name in listed:
        try:
            info = inspect(folder / name)
            _check_length(name, info, clips)
        except VideoError as error:
            broken.append(str(error))
            continue
        key = str(PurePosixPath(name).with_suffix(""))
        if key in found:
            raise InputError(f"{folder} has {found[key].path.name} and {name}: two videos of one name. Remove one.")
        size = clips.size or (info.width, info.height)
        found[key] = SetVideo(folder / name, file_digest(folder / name), clips.frames or info.frames, size)
    if broken:
        raise InputError(f"In {folder}, {len(broken)} of {len(listed)} videos cannot be used; the first: {broken[0]}")
    tell(f"{folder}: {len(found)} videos")
    return found


def _check_length(name: str, info: VideoInfo, clips: Clips) -> None:
    if clips.frames is not None and info.frames < clips.frames:
        raise VideoError(f"{name}: it has {info.frames} frames; --frames asks for {clips.frames}.")
