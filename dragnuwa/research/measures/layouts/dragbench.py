"""DragBench (DragDiffusion, arXiv 2306.14435), as its repository's `drag_bench_evaluation` lays it out.

`CATEGORY/CASE/original_image.png` is the picture; `CATEGORY/CASE/meta_data.pkl` has its `prompt`, the `points` (x, y)
in pixels, of which every second one is where the one before it is to go, and the `mask` of what may change. A result is
`CATEGORY/CASE/dragged_image.png`, or a result of the name `CATEGORY-CASE`; it is scaled to the picture's size.

Mean distance: with the features of a TorchScript file as published, which took DIFT's; without them by the square of
the picture around each point, which finds what was moved without being turned or scaled. How well the rest is kept is
counted outside of the mask, in dB; the published image fidelity is 1 - LPIPS.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import torch

from ....common.errors import InputError
from .. import array_pickles
from ..cases import Case, Choices, means, read_picture, resized, scaled
from ..results import clip_of, read_still
from ..stills import PATCH, fidelity, likest, matched, mean_distance

AREA, STEP, TIMES = (
    128 * 128,
    8,
    4,
)  # px of the small clip, of which its sides are multiples; the picture is as many times larger
FRAMES = 8


class DragBench:
    units: ClassVar = {"mean_distance": "px", "outside": "dB"}

    def __init__(self, folder: Path, choices: Choices):
        """
        Raises:
            InputError: if the folder is not laid out so.
        """
        self.choices, self.folders = choices, {}
        for path in sorted(folder.glob("*/*/meta_data.pkl")):
            self.folders["-".join(path.parts[-3:-1])] = path.parent
        if not self.folders:
            raise InputError(f"{folder} is not DragBench: it should have CATEGORY/CASE/meta_data.pkl.")
        self.features = None if choices.features is None else features_of(choices.features, choices.device)

    def names(self) -> list[str]:
        return list(self.folders)

    def case(self, name: str) -> Case:
        picture, given = self._read(name)
        height, width = picture.shape[:2]
        clip = clip_of(self.choices.size or _small(width, height), self.choices.frames or FRAMES)
        ends = scaled(given["points"], (width, height), clip.size)  # [N, 2, 2]
        way = np.linspace(0, 1, clip.frames)[:, None]
        points = ends[:, :1] * (1 - way) + ends[:, 1:] * way
        whole = resized(picture, (clip.width * TIMES, clip.height * TIMES))
        return Case(name, whole, clip, points, np.ones(points.shape[:2], bool), given["prompt"])

    def figures(self, name: str, results: Path) -> dict[str, float | None]:
        picture, given = self._read(name)
        published = Path(*self.folders[name].parts[-2:], "dragged_image.png")
        found = read_picture(results / published) if (results / published).is_file() else read_still(results, name)
        result = cv2.resize(found, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        starts, ends = given["points"][:, 0], given["points"][:, 1]
        if self.features is not None:
            found = likest(self.features, picture, result, starts)
        else:
            found = np.stack([matched(picture, result, _around(picture, point), point) for point in starts])
        rest = None if given["mask"].all() or not given["mask"].any() else fidelity(picture, result, given["mask"])
        return {"mean_distance": mean_distance(found, ends), "outside": rest, "points": float(len(ends))}

    def summary(self, lines: list[dict]) -> dict[str, float]:
        """The distance is the mean over all points, as published."""
        weights = [line["points"] for line in lines]
        distance = float(np.average([line["mean_distance"] for line in lines], weights=weights))
        return {"mean_distance": distance, **means(lines, ["outside"])}

    def _read(self, name: str) -> tuple[np.ndarray, dict[str, Any]]:
        """The picture, and prompt, points `[N, 2, 2]` and mask `[H, W]` bool."""
        path = self.folders[name] / "meta_data.pkl"
        value = array_pickles.load(path, "file of DragBench")
        if not isinstance(value, dict) or not {"points", "mask"} <= value.keys():
            raise InputError(f"{path} should have prompt, points and mask, as DragBench has them.")
        file = path.with_name("original_image.png")
        picture = value["source_image"] if "source_image" in value and not file.is_file() else read_picture(file)
        return _checked_picture(picture, path), {
            "prompt": str(value.get("prompt") or ""),
            "points": _points(value["points"], picture.shape, path),
            "mask": _mask(value["mask"], picture.shape, path),
        }


def _checked_picture(picture: Any, path: Path) -> np.ndarray:
    if not isinstance(picture, np.ndarray) or picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise InputError(f"{path}: source_image should be [H, W, 3] uint8.")
    return picture


def _points(value: Any, shape: tuple[int, ...], path: Path) -> np.ndarray:
    try:
        points = np.array(value, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: points should be (x, y) in pixels.") from error
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or len(points) % 2:
        raise InputError(f"{path}: points should be pairs of where from and where to; found {list(points.shape)}.")
    if not ((points >= 0) & (points < (shape[1], shape[0]))).all():
        raise InputError(f"{path}: a point lies outside of the picture of {shape[1]}x{shape[0]} pixels.")
    return points.reshape(-1, 2, 2)


def _mask(value: Any, shape: tuple[int, ...], path: Path) -> np.ndarray:
    mask = np.asarray(value)
    if mask.shape != shape[:2] or mask.dtype.kind not in "bfiu":
        raise InputError(f"{path}: the mask should be {list(shape[:2])}, as the picture; found {list(mask.shape)}.")
    return mask > 0


def _around(picture: np.ndarray, point: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: the square around a point, as much of it as is in the picture."""
    reach = max(4, round(PATCH * picture.shape[1] / 512))
    mask = np.zeros(picture.shape[:2], bool)
    x, y = np.rint(point).astype(int)
    mask[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1] = True
    return mask


def _small(width: int, height: int) -> tuple[int, int]:
    """The size of the small clip, of about the picture's aspect ratio."""
    scale = (AREA / (width * height)) ** 0.5
    return tuple(max(64, round(side * scale / STEP) * STEP) for side in (width, height))


def features_of(path: Path, device: str):
    """Features by a TorchScript file that takes a picture `[1, 3, H, W]` from -1 to 1, and returns vectors
    `[1, C, h, w]`; they are enlarged to the picture's size.

    Raises:
        InputError: if there is no such file; when called, if it returns something else.
    """
    try:
        module = torch.jit.load(str(path), map_location=device).eval()
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(f"{path.name} cannot be read as TorchScript. Save the network with torch.jit.save.") from error

    def features(picture: np.ndarray) -> np.ndarray:
        given = torch.from_numpy(np.ascontiguousarray(picture)).to(device).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            found = module(given)
        if not isinstance(found, torch.Tensor) or found.ndim != 4 or len(found) != 1:
            shape = list(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
            raise InputError(f"{path.name} should return vectors [1, C, h, w]; found {shape}.")
        large = torch.nn.functional.interpolate(found.float(), picture.shape[:2], mode="bilinear")
        return large[0].permute(1, 2, 0).cpu().numpy()

    return features
