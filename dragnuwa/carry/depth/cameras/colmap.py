"""COLMAP's images.txt, with the lines of its cameras.txt in the same text, if they are known.

    # cameras.txt: 1 PINHOLE 576 320 553.3 553.3 288 160
    1 0.998 0.01 -0.05 0.001 -0.12 0.03 0.5 1 0001.png
    253.1 118.5 -1 271.0 97.2 63

An image is a number, the rotation as a quaternion w, x, y, z and the translation from world to camera, the number of
its camera, and its name; the line below it has the points that were found in it, which are not read, and may be empty.
A camera is a number, a model, the width and height in pixels, and the model's parameters. Cameras look along +z, with x
to the right and y down.

Images are read in the order of their names: COLMAP writes them in any order. Since COLMAP ignores comments, cameras are
written, and read, as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from ....common.errors import InputError
from ....trajectory.checks import shorten
from ....trajectory.formats.rows import is_number
from ..camera import PinholeCamera
from .format import Reader, Writer, joined, lens_in_pixels, of_centres
from .poses import Choices, Lens, Poses, Where, matrices_of, poses_of
from .text import BY_NAMES, WHAT, few_enough, order_of_names, start_of

ONE_FOCAL = {"SIMPLE_PINHOLE": 3, "SIMPLE_RADIAL": 4, "RADIAL": 5, "SIMPLE_RADIAL_FISHEYE": 4, "RADIAL_FISHEYE": 5}
TWO_FOCALS = {"PINHOLE": 4, "OPENCV": 8, "OPENCV_FISHEYE": 8, "FULL_OPENCV": 12, "FOV": 5, "THIN_PRISM_FISHEYE": 12}
MODELS = ONE_FOCAL | TWO_FOCALS
"""Models of one focal length and of two, and how many parameters they have; those behind the centre distort."""
MAX_CAMERAS = 100_000
_MARK = "# cameras.txt:"
_IMAGE = 10  # columns
_HEADING = "# Image list: IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME, and a line of points each"
_REMEDY = "Paste COLMAP's images.txt again, whole and unchanged."


@dataclass(frozen=True)
class _Camera:
    """
    Attributes:
        focal: across and down, in pixels.
        centre: in parts of the sides.
        size: (width, height).
        distorts: whether it has distortion.
    """

    focal: tuple[float, float]
    centre: tuple[float, float]
    size: tuple[float, float]
    distorts: bool


@dataclass
class _Found:
    """What the lines say, a list per column of images."""

    cameras: dict[str, _Camera] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    places: list[list[float]] = field(default_factory=list)  # quaternion and translation
    used: list[str] = field(default_factory=list)  # numbers of cameras
    names: list[str] = field(default_factory=list)


def _recognises(value: object) -> bool:
    for line in start_of(value).split("\n"):
        cells = line.split()
        if line.startswith(_MARK) or (cells and not line.lstrip().startswith("#")):
            return line.startswith(_MARK) or _is_camera(cells) or _is_image(cells)
    return False


def _is_camera(cells: list[str]) -> bool:
    return len(cells) > 3 and cells[1] in MODELS and is_number(cells[0])


def _is_image(cells: list[str]) -> bool:
    """Whether a line begins as an image does, and is neither one of points nor another format's line of numbers."""
    begins = len(cells) >= _IMAGE and cells[0].isdecimal() and all(map(is_number, cells[: _IMAGE - 1]))
    return begins and (len(cells) == _IMAGE or not all(map(is_number, cells)))


def _read(text: str, choices: Choices) -> Poses:
    found = _found(text)
    order = order_of_names(found.names) or list(range(len(found.names)))
    places = np.array([found.places[index] for index in order]).reshape(-1, 7)

    def where(index: int) -> str:
        return f"{WHAT}, line {found.lines[order[index]]}"

    rows = matrices_of(places[:, [1, 2, 3, 0]], places[:, 4:], where)
    cameras = _cameras(found, order, where)
    focal = np.array([camera.focal for camera in cameras]) if cameras else None
    lens = Lens(*(np.array(cameras[0].focal) / cameras[0].size).tolist()) if cameras else None
    notes = of_centres(np.array([camera.centre for camera in cameras])) if cameras else ()
    notes += ("The distortion of its lens is left out.",) if any(camera.distorts for camera in cameras) else ()
    notes += (BY_NAMES,) if order != list(range(len(order))) else ()
    return replace(poses_of(rows, "w2c", where, focal, lens), left_out=notes)


def _found(text: str) -> _Found:
    found = _Found()
    below = False  # an image, whose points may follow
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{WHAT}, line {number}"
        is_marked = line.startswith(_MARK)
        cells = line.removeprefix(_MARK).split()
        is_image, is_comment = _is_image(cells), line.lstrip().startswith("#")
        if is_marked or _is_camera(cells):
            _add_camera(found, cells, where)
        elif is_image:
            found.lines.append(number)
            found.places.append([float(cell) for cell in cells[1 : _IMAGE - 2]])
            found.used.append(cells[_IMAGE - 2])
            found.names.append(" ".join(cells[_IMAGE - 1 :]))
            few_enough(len(found.lines))
        elif cells and not is_comment and not below:
            raise InputError(
                f"{where}: there should be an image, with a number, a quaternion, a translation, the number of its "
                f'camera and its name, but there is "{shorten(line)}". {_REMEDY}'
            )
        below = is_image or (below and is_comment)
    return found


def _add_camera(found: _Found, cells: list[str], where: str) -> None:
    model = cells[1] if len(cells) > 1 else ""
    is_whole = model in MODELS and len(cells) == 4 + MODELS[model] and all(map(is_number, cells[2:]))
    if not is_whole or len(found.cameras) >= MAX_CAMERAS:
        raise InputError(
            f"{where}: there should be a camera, with a number, a model such as PINHOLE, its size and its parameters, "
            f'but there is "{shorten(" ".join(cells))}". Paste COLMAP\'s cameras.txt again, or leave it out.'
        )
    width, height, *values = map(float, cells[2:])
    focal = (values[0], values[0]) if model in ONE_FOCAL else (values[0], values[1])
    x, y, *rest = values[1 if model in ONE_FOCAL else 2 :]
    if not (1 <= width <= 1e6 and 1 <= height <= 1e6):
        raise InputError(
            f"{where}: a camera should have a size in pixels, but it has {width:g} x {height:g}. {_REMEDY}"
        )
    found.cameras[cells[0]] = _Camera(focal, (x / width, y / height), (width, height), any(rest))


def _cameras(found: _Found, order: Sequence[int], where: Where) -> list[_Camera]:
    """Those of the images, in their order; none where the text has no cameras."""
    if not found.cameras:
        return []
    missing = next((index for index, image in enumerate(order) if found.used[image] not in found.cameras), None)
    if missing is not None:
        raise InputError(
            f"{where(missing)}: there should be a line of cameras.txt for the camera "
            f"{shorten(found.used[order[missing]])}, but there is none. Add it, or remove those of all cameras."
        )
    return [found.cameras[found.used[image]] for image in order]


def _write(cameras: Sequence[PinholeCamera], unit: float) -> str:
    inside: dict[str, int] = {}
    images = []
    for frame, camera in enumerate(cameras, start=1):
        lens = joined(lens_in_pixels(camera))
        number = inside.setdefault(f"PINHOLE {camera.size[0]} {camera.size[1]} {lens}", len(inside) + 1)
        matrix = camera.world_to_camera(unit)
        turn = Rotation.from_matrix(matrix[:3, :3]).as_quat(canonical=True)[[3, 0, 1, 2]]
        placed = joined(np.concatenate([turn, matrix[:3, 3]]))
        images.append(f"{frame} {placed} {number} {frame:04}.png\n\n")
    listed = [f"{_MARK} {number} {model}\n" for model, number in inside.items()]
    return "".join([*listed, f"{_HEADING}\n", *images])


READER = Reader("images.txt of COLMAP", _recognises, _read)
WRITER = Writer("COLMAP", _write, suffix=".txt")
