"""VIPSeg (Miao et al., CVPR 2022) with DragAnything's protocol (arXiv 2403.07420; its repository's
`utils/cotracker/Generate_Trajectory_for_VIPSeg.py` and `utils/Eval_ObjMC/ObjMC.py`).

A folder has `imgs/VIDEO/0001.jpg` and `panomasks/VIDEO/0001.png`, whose values are the numbers of the things; and
`trajectories/VIDEO.json`, which DragAnything published, with whole positions for each number:
`{"3": [[12, 40], [13, 40]]}`. Where a video has none, they are found as DragAnything found them: the deepest point of
each mask of the first frame, and of a grid of 10 x 10 points that are tracked through the video, the one next to it.

All positions count, those too that have left the picture or are hidden: there is no visibility in this protocol.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from ....common.atomic import read_json
from ....common.errors import InputError
from ....common.picture_files import open_picture
from ....vision.tracking.metrics import objmc, relative_objmc
from ..cases import MAX_PIXELS, Case, Choices, enough, means, read_picture, resized, scaled
from ..results import clip_of, tracks_in, video_of

SIZE, FRAMES = (576, 320), 14  # of DragNUWA's and DragAnything's videos on SVD
GRID = 10  # points to a side
GRID_SIZE, GRID_MARGIN = (512, 384), 8  # CoTracker's, in whose pixels its grid keeps clear of the edges
PICTURES = {".jpg", ".jpeg", ".png"}


class VipSeg:
    units: ClassVar = {"objmc": "px", "relative_objmc": "", "median": "px"}

    def __init__(self, folder: Path, choices: Choices):
        """
        Raises:
            InputError: if the folder is not laid out so.
        """
        self.folder, self.tracker = folder, choices.tracker
        self.clip = clip_of(choices.size or SIZE, choices.frames or FRAMES)
        self.pictures = next((folder / name for name in ("imgs", "images") if (folder / name).is_dir()), None)
        if self.pictures is None or not (folder / "panomasks").is_dir():
            raise InputError(f"{folder} is not VIPSeg: it should have the folders imgs and panomasks.")

    def names(self) -> list[str]:
        """The videos in val.txt, if there is one, or all."""
        listed = self.folder / "val.txt"
        if listed.is_file():
            found = listed.read_text("utf-8").split()
            missing = [name for name in found if not (self.pictures / name).is_dir()]
            if missing:
                raise InputError(f"val.txt lists {missing[0]}, of which there is no folder in {self.pictures}.")
        else:
            found = sorted(path.name for path in self.pictures.iterdir() if path.is_dir())
        if not found:
            raise InputError(f"There is no video in {self.pictures}. Give the folder that VIPSeg was unpacked to.")
        return found

    def case(self, name: str) -> Case:
        files = numbered(self.pictures / name)
        enough(len(files), self.clip.frames, f"The video {name}")
        masks = numbered(self.folder / "panomasks" / name)
        picture, labels = read_picture(files[0]), read_labels(masks[0])
        if labels.shape != picture.shape[:2]:
            raise InputError(f"{masks[0]} has another size than {files[0].name}: {labels.shape}, {picture.shape[:2]}.")
        size = picture.shape[1], picture.shape[0]
        tracks = self._tracks(name, files, labels)
        points = scaled(np.stack([tracks[number] for number in tracks]), size, self.clip.size)
        small = resized(labels, self.clip.size)
        return Case(
            name, resized(picture, self.clip.size), self.clip, points, np.ones(points.shape[:2], bool),
            masks=small == np.array(list(tracks))[:, None, None],
        )  # fmt: skip

    def figures(self, name: str, results: Path) -> dict[str, float | None]:
        case = self.case(name)
        found = tracks_in(video_of(case, results), case, self.tracker)
        away = np.linalg.norm(found - case.points, axis=-1)
        moves = bool(np.ptp(case.points, axis=1).any())
        return {
            "objmc": objmc(found, case.points, case.visible),
            "relative_objmc": relative_objmc(found, case.points, case.visible) if moves else None,
            "median": float(np.median(away)),
            "positions": float(away.size),
        }

    def summary(self, lines: list[dict]) -> dict[str, float]:
        """ObjMC is the mean over the positions of all videos, as published; the median is that of the videos'."""
        counts = [line["positions"] for line in lines]
        return {
            "objmc": float(np.average([line["objmc"] for line in lines], weights=counts)),
            "median": float(np.median([line["median"] for line in lines])),
            **means(lines, ["relative_objmc"]),
        }

    def _tracks(self, name: str, files: list[Path], labels: np.ndarray) -> dict[int, np.ndarray]:
        """Positions `[T, 2]` in pixels of the frames, by the number of the thing."""
        published = self.folder / "trajectories" / f"{name}.json"
        if published.is_file():
            return read_trajectories(published, self.clip.frames)
        frames = [read_picture(path) for path in files[: self.clip.frames]]
        if len({frame.shape for frame in frames}) > 1:
            raise InputError(f"The frames of {name} have several sizes; they should be those of one video.")
        grid = grid_of(frames[0].shape[1], frames[0].shape[0])
        tracks, _ = self.tracker(np.stack(frames), grid)
        return {
            number: np.trunc(tracks[np.linalg.norm(grid - deepest(labels == number), axis=1).argmin()])
            for number in map(int, np.unique(labels))
        }


def deepest(mask: np.ndarray) -> np.ndarray:
    """The point (x, y) of a mask `[H, W]` bool that is farthest from its edge."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    return np.array(cv2.minMaxLoc(inside)[3], np.float64)


def grid_of(width: int, height: int) -> np.ndarray:
    """`[100, 2]` (x, y) in pixels: CoTracker's grid of 10 x 10 points on a picture."""
    x, y = (
        np.linspace(GRID_MARGIN, side - GRID_MARGIN, GRID) * (wanted - 1) / (side - 1)
        for side, wanted in zip(GRID_SIZE, (width, height), strict=True)
    )
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)


def numbered(folder: Path) -> list[Path]:
    """The pictures in a folder, in the order of their numbers.

    Raises:
        InputError: if there is none, or a name is no number.
    """
    found = [path for path in folder.glob("[!.]*") if path.suffix.lower() in PICTURES]
    if not found:
        raise InputError(f"There are no frames in {folder}. Each video should have them, numbered, as JPG or PNG.")
    strange = [path.name for path in found if not path.stem.isdecimal()]
    if strange:
        raise InputError(f"The frame {strange[0]} in {folder} should have a number as its name, such as 0001.")
    return sorted(found, key=lambda path: int(path.stem))


def read_labels(path: Path) -> np.ndarray:
    """`[H, W]` int32, the number of the thing that each pixel shows.

    Raises:
        InputError: if it is no picture of one channel.
    """
    try:
        with open_picture(path, max_pixels=MAX_PIXELS) as image:
            labels = np.array(image)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if labels.ndim != 2:
        raise InputError(f"{path} should have one channel with the numbers of things; found {list(labels.shape)}.")
    return labels.astype(np.int32)


def read_trajectories(path: Path, frames: int) -> dict[int, np.ndarray]:
    """The first positions `[frames, 2]` by the number of the thing.

    Raises:
        InputError: if the file holds something else, or fewer positions.
    """
    try:
        value = read_json(path)
    except ValueError as error:
        raise InputError(str(error)) from error
    wrong = InputError(f"{path} should hold positions by number, {json.dumps({'3': [[12, 40], [13, 40]]})}.")
    if not isinstance(value, dict) or not value:
        raise wrong
    found = {}
    for number, positions in value.items():
        try:
            array = np.array(positions, np.float64)
            key = int(number)
        except (TypeError, ValueError) as error:
            raise wrong from error
        if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():
            raise wrong
        enough(len(array), frames, f"{path}, thing {number},")
        found[key] = array[:frames]
    return found
