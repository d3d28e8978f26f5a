"""Random clips of labelled videos: folders of pictures, each with a label map of the object at every pixel.

This is the layout of data sets for video panoptic segmentation, such as VIPSeg, on which DragAnything was trained:
FOLDER/NAME/00001.jpg and LABELS/NAME/00001.png. A label map is a PNG of integers (grey or indexed) or of colours, one
per object; 0 and black are no object.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import fit, placement, to_bytes, to_floats
from ...common.picture_files import open_picture
from .read import MAX_PIXELS, VideoError

PICTURES = {".jpg", ".jpeg", ".png", ".webp"}
SMALLEST_SHARE = 0.005  # of the picture: objects that are smaller in the first frame are left out
MOST_OBJECTS = 10  # of a clip


@dataclass(frozen=True)
class LabelledClip:
    """`frames` uint8 `[T, H, W, 3]`; `owner` uint8 `[T, H, W]`, 1 to 10 for the objects and 0 for the rest."""

    frames: np.ndarray
    owner: np.ndarray


class LabelledFolder:
    """
    Args:
        pictures: the folder of the videos, each a folder of pictures in the order of their names.
        labels: the folder of the label maps, of the same names.
        clip: the size of a clip.

    Raises:
        VideoError: if there is no such folder, or no video in it is as long as a clip.
    """

    def __init__(self, pictures: str | Path, labels: str | Path, *, clip: ClipShape):
        self.pictures, self.labels, self.clip = Path(pictures), Path(labels), clip
        for folder in (self.pictures, self.labels):
            if not folder.is_dir():
                raise VideoError(f"there is no folder {folder}.")
        videos = sorted(path for path in self.pictures.iterdir() if path.is_dir())
        self.videos = [pairs for video in videos if len(pairs := self._pairs(video)) >= clip.frames]
        if not self.videos:
            raise VideoError(
                f"no video in {pictures} can be used: a clip needs a folder with {clip.frames} pictures, each with a "
                f"PNG of the same name in the folder of that name in {labels}."
            )

    def _pairs(self, video: Path) -> list[tuple[Path, Path]]:
        """Pictures and their label maps, in order, up to the first picture without one."""
        pairs = []
        for picture in sorted(path for path in video.iterdir() if path.suffix.lower() in PICTURES):
            label = self.labels / video.name / f"{picture.stem}.png"
            if not label.is_file():
                break
            pairs.append((picture, label))
        return pairs

    def draw(self, seed: int, index: int) -> LabelledClip:
        """The clip `index` of a run with `seed`: successive pictures of a random video, determined by the two numbers.

        Raises:
            VideoError: if a picture or a label map cannot be read, or they differ in size.
        """
        rng = np.random.default_rng((seed, index))
        pairs = self.videos[rng.integers(len(self.videos))]
        start = rng.integers(len(pairs) - self.clip.frames + 1)
        chosen = pairs[start : start + self.clip.frames]
        frames = np.stack([_opened(picture, "RGB") for picture, _ in chosen])
        labels = np.stack([_numbered(label) for _, label in chosen])
        if labels.shape != frames.shape[:3]:
            raise VideoError(
                f"{chosen[0][1].parent.name}: the label maps are {labels.shape[2]}x{labels.shape[1]} pixels, the "
                f"pictures {frames.shape[2]}x{frames.shape[1]}. Make them of one size."
            )
        small = self._reduced(labels)
        return LabelledClip(self._fitted(frames), _renumbered(small, rng))

    def _fitted(self, frames: np.ndarray) -> np.ndarray:
        return to_bytes(fit(to_floats(frames), self.clip.width, self.clip.height, "crop"))

    def _reduced(self, labels: np.ndarray) -> np.ndarray:
        """Labels `[T, h, w]` at the clip's size, cropped as the pictures are."""
        shown, _ = placement((labels.shape[2], labels.shape[1]), self.clip.size, "crop")
        rows = np.linspace(0, shown.rows, self.clip.height, endpoint=False) + shown.rows / self.clip.height / 2
        columns = np.linspace(0, shown.columns, self.clip.width, endpoint=False) + shown.columns / self.clip.width / 2
        inside = labels[(slice(None), *shown.slices)]
        return inside[:, rows.astype(int)[:, None], columns.astype(int)]


def _renumbered(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels `[T, H, W]` of any numbers as an `owner`: random objects that are large enough in the first frame."""
    found, counts = np.unique(labels[0], return_counts=True)
    large = found[(found != 0) & (counts >= SMALLEST_SHARE * labels[0].size)]
    chosen = np.sort(rng.choice(large, min(len(large), MOST_OBJECTS), replace=False))
    owner = np.zeros(labels.shape, np.uint8)
    for number, one in enumerate(chosen):
        owner[labels == one] = number + 1
    return owner


def _numbered(path: Path) -> np.ndarray:
    """A label map `[H, W]` of whole numbers; of colours, one for each."""
    label = _opened(path, None)
    if label.ndim == 2:
        return label.astype(np.int64)
    red, green, blue = (label[..., channel].astype(np.int64) for channel in range(3))
    return red + 256 * green + 65536 * blue


def _opened(path: Path, mode: str | None) -> np.ndarray:
    """A picture file as it is, or in a mode of PIL."""
    try:
        with open_picture(path, max_pixels=MAX_PIXELS) as image:
            return np.array(image.convert(mode) if mode else image)
    except InputError as error:
        raise VideoError(f"{path.parent.name}/{path.name}: {error}") from error
