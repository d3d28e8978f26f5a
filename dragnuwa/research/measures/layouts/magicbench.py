"""MagicBench's overlap of masks and of boxes (MagicMotion, arXiv 2503.16421), of cases laid out as the repository's
`magicmotion/validation_args/**/*.csv`: MagicBench itself and its evaluation were not in it when this was written.

A CSV file has the columns `validation_prompt`, `validation_images` and `validation_trajectory_maps`, with paths from
the folder that is given. A map is a video, or a folder of pictures, in which each thing has a colour of its own on
black. The drags are the middles of the things' boxes, as MagicMotion gave them to models that take points.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from ....carry.video.follow import follow
from ....common.errors import InputError
from ..cases import Case, Choices, enough, means, read_picture, resized
from ..results import clip_of, read_video, video_of
from ..track_figures import mask_overlap

SIZE, FRAMES = (720, 480), 49  # of MagicMotion's videos
COLUMNS = ("validation_prompt", "validation_images", "validation_trajectory_maps")
LEVELS = 32  # of 255: colours closer than that are one, as videos are not exact
LEAST = 0.0005  # of the picture: a smaller area of a colour is an edge, and no thing
BLACK = 48  # of 255: a darker pixel shows no thing
SEEN = 128  # of 255


class MagicBench:
    units: ClassVar = {"mask_iou": "%", "box_iou": "%"}

    def __init__(self, folder: Path, choices: Choices):
        """
        Raises:
            InputError: if the folder is not laid out so.
        """
        self.folder, self.masks = folder, choices.masks
        self.clip = clip_of(choices.size or SIZE, choices.frames or FRAMES)
        self.rows = dict(_read_rows(folder))
        if not self.rows:
            raise InputError(f"{folder} has no CSV file with the columns {', '.join(COLUMNS)}.")

    def names(self) -> list[str]:
        return list(self.rows)

    def case(self, name: str) -> Case:
        text, picture, _ = self.rows[name]
        masks = self._wanted(name)  # [N, T, H, W]
        points, visible = middles(masks)
        picture = resized(read_picture(self.folder / picture), self.clip.size)
        return Case(name, picture, self.clip, points, visible, text, masks[:, 0])

    def figures(self, name: str, results: Path) -> dict[str, float | None]:
        wanted = self._wanted(name)
        if self.masks is not None:
            frames = read_video(self.masks, name)
            enough(len(frames), self.clip.frames, f"The masks of {name}")
            found = masks_in(frames[: self.clip.frames], self.clip.size, colors_of(self._maps(name)[0]))
        else:
            frames = video_of(self.case(name), results)
            found = np.stack([followed(frames, mask[0]) for mask in wanted])
        return {
            "mask_iou": float(np.mean([mask_overlap(*pair) for pair in zip(found, wanted, strict=True)])),
            "box_iou": float(np.mean([mask_overlap(boxes(a), boxes(b)) for a, b in zip(found, wanted, strict=True)])),
        }

    def summary(self, lines: list[dict]) -> dict[str, float]:
        return means(lines, self.units)

    def _maps(self, name: str) -> np.ndarray:
        path = self.folder / self.rows[name][2]
        frames = read_video(path.parent, path.name if path.is_dir() else path.stem)
        enough(len(frames), self.clip.frames, f"The map of {name}")
        return frames[: self.clip.frames]

    def _wanted(self, name: str) -> np.ndarray:
        frames = self._maps(name)
        colors = colors_of(frames[0])
        if not len(colors):
            raise InputError(f"The map of {name} shows no thing in its first frame; each has a colour on black.")
        return masks_in(frames, self.clip.size, colors)


def colors_of(frame: np.ndarray) -> np.ndarray:
    """`[N, 3]` float64: the colours of the things in a frame `[H, W, 3]` of a map, the largest first."""
    bright = frame[frame.max(-1) >= BLACK].astype(np.float64)
    found: list[np.ndarray] = []
    bins, counts = np.unique((bright // LEVELS).astype(int), axis=0, return_counts=True)
    for place in np.argsort(-counts):
        if counts[place] < LEAST * frame.shape[0] * frame.shape[1]:
            break
        color = np.median(bright[(bright // LEVELS == bins[place]).all(1)], axis=0)
        if all(np.abs(color - other).max() > 2 * LEVELS for other in found):
            found.append(color)
    return np.array(found).reshape(-1, 3)


def masks_in(frames: np.ndarray, size: tuple[int, int], colors: np.ndarray) -> np.ndarray:
    """`[N, T, H, W]` bool at a (width, height) size: where each colour is in the frames `[T, h, w, 3]` of a map."""
    known = np.concatenate([np.zeros((1, 3)), colors])
    masks = np.empty((len(colors), len(frames), size[1], size[0]), bool)
    for time, frame in enumerate(frames):
        small = cv2.resize(frame, size, interpolation=cv2.INTER_NEAREST_EXACT).astype(np.float64)
        nearest = np.stack([np.square(small - color).sum(-1) for color in known]).argmin(0)
        masks[:, time] = nearest == np.arange(1, len(known))[:, None, None]
    return masks


def boxes(masks: np.ndarray) -> np.ndarray:
    """`[T, H, W]` bool: the smallest upright box around each mask; empty around an empty one."""
    rows, columns = masks.any(2), masks.any(1)  # [T, H], [T, W]
    filled = [_between(each) for each in (rows, columns)]
    return filled[0][:, :, None] & filled[1][:, None, :]


def _between(line: np.ndarray) -> np.ndarray:
    """`[T, L]` bool: from the first to the last true place of each row."""
    return np.logical_or.accumulate(line, 1) & np.logical_or.accumulate(line[:, ::-1], 1)[:, ::-1]


def middles(masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle of each thing's box `[N, T, 2]` in pixels, and where there is one `[N, T]`; elsewhere it stays."""
    count, frames = masks.shape[:2]
    points, visible = np.zeros((count, frames, 2)), masks.any((2, 3))
    for thing in range(count):
        for time in range(frames):
            if visible[thing, time]:
                spans = [np.flatnonzero(masks[thing, time].any(axis)) for axis in (0, 1)]
                points[thing, time] = [(span[0] + span[-1]) / 2 for span in spans]
            elif time:
                points[thing, time] = points[thing, time - 1]
    return points, visible


def followed(frames: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[T, H, W]` bool: a thing, followed through a video `[T, h, w, 3]` from its mask `[H, W]` in the first frame."""
    size = frames.shape[2], frames.shape[1]
    start = resized(mask, size)
    if not start.any():
        raise InputError("A thing is too small to be followed in a video of this size.")
    found = follow(len(frames), frames.__getitem__, start.astype(np.float32), 0).masks
    return np.stack([cv2.resize(each, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) >= SEEN for each in found])


def _read_rows(folder: Path) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Text, picture and map by the name of the case, which is that of its picture, or of its file of maps."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    names: set[str] = set()
    for path in sorted(folder.rglob("*.csv")):
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                continue
            for number, row in enumerate(reader, 2):
                values = [row[column] for column in COLUMNS]
                if not all(isinstance(value, str) and value.strip() for value in values):
                    raise InputError(f"{path}, line {number}, should have {', '.join(COLUMNS)}; one of them is empty.")
                name = Path(values[1]).stem
                if name in names or not _below(values[1]) or not _below(values[2]):
                    raise InputError(
                        f"{path}, line {number}: each case should have a picture of its own name, with paths below "
                        f"{folder}; found {values[1]!r} and {values[2]!r}."
                    )
                names.add(name)
                yield name, (values[0], values[1], values[2])


def _below(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts
