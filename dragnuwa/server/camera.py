"""The camera of a playback: what the page says of DragNUWA Camera in Depth, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..common.errors import InputError
from .pictures import PagePictures, PictureFile
from .requests import Refused

if TYPE_CHECKING:
    from ..carry.depth.cameras.paths import CameraPath
    from ..carry.depth.path import CameraMoves
    from ..carry.depth.readers import DrawnDepth
    from ..carry.depth.scene import DepthScene
    from .play import Through

NUMBERS = ("pan", "tilt", "roll", "truck", "pedestal", "dolly", "orbit", "rise", "zoom", "handheld", "seed", "start",
           "end", "focus_x", "focus_y", "farthest", "view_angle", "path_scale")  # fmt: skip
TEXTS = ("ease", "path", "matrices")
KEYS = {*NUMBERS, *TEXTS, "dolly_zoom", "grow", "camera_number"}
DEPTH_KEYS = {"picture", "lens"}


@dataclass(frozen=True)
class PlayedCamera:
    """
    Attributes:
        moves: of the camera.
        path: that it follows, with the moves on top of it.
        grows: as of `dragnuwa.carry.depth.projected.Relief`.
        farthest, angle: of a depth that is drawn by hand.
        depth: the picture of a run's depth (`dragnuwa.carry.depth.readers`); None for one that is drawn by hand.
        lens: of that.
    """

    moves: CameraMoves
    path: CameraPath
    grows: bool
    farthest: float
    angle: float
    depth: PictureFile | None
    lens: tuple[float, ...]

    def scene(self, pictures: PagePictures, size: tuple[int, int], horizon: float | None) -> DepthScene | DrawnDepth:
        """The depth, at (width, height) `size`.

        Raises:
            Refused, InputError: if it cannot be used.
        """
        from ..carry.depth.readers import DrawnDepth, fitted, unpacked  # imported lazily, since it loads torch

        if self.depth is None:
            return DrawnDepth(horizon, self.farthest, self.angle)
        with pictures.decoded(self.depth) as picture:
            return fitted(unpacked(picture, self.lens), size, "stretch")

    def through(self, scene: DepthScene | DrawnDepth) -> Through:
        from .play import Through  # as above

        return Through(scene, self.moves, self.path, self.grows)


def camera_of(value: Any, pictures: PagePictures) -> PlayedCamera:
    """The camera in a request.

    Args:
        value: an object with the node's inputs of the names in `KEYS`; and optionally "depth", an object with the
            "picture" and the "lens" that the node gave after a run.

    Raises:
        Refused: if it is something else.
    """
    from ..carry.depth.cameras.paths import CameraPath  # as above
    from ..carry.depth.path import CameraMoves

    if not isinstance(value, dict) or value.keys() - {"depth"} != KEYS:
        raise Refused(400, f"camera should be an object with {', '.join(sorted(KEYS))}, and no more.")
    numbers = {name: _number(value[name], name) for name in NUMBERS if name != "seed"}
    if not all(type(value[name]) is bool for name in ("dolly_zoom", "grow")):
        raise Refused(400, "camera: dolly_zoom and grow should be true or false.")
    if not all(isinstance(value[name], str) for name in TEXTS):
        raise Refused(400, f"camera: {', '.join(TEXTS)} should be texts.")
    focus = numbers.pop("focus_x"), numbers.pop("focus_y")
    farthest, angle, seed = numbers.pop("farthest"), numbers.pop("view_angle"), value["seed"]
    if type(seed) is not int or not 0 <= seed < 2**64:
        raise Refused(400, "camera: seed should be a whole number, 0 or more.")
    if type(value["camera_number"]) is not int:
        raise Refused(400, "camera: camera_number should be a whole number.")
    try:
        scale, number = numbers.pop("path_scale"), value["camera_number"]
        path = CameraPath(value["path"], value["matrices"], scale, camera=number)
        moves = CameraMoves(**numbers, seed=seed, focus=focus, dolly_zoom=value["dolly_zoom"], ease=value["ease"])
    except InputError as error:
        raise Refused(422, str(error)) from error
    depth, lens = _depth_of(value["depth"], pictures) if value.get("depth") is not None else (None, ())
    return PlayedCamera(moves, path, value["grow"], farthest, angle, depth, lens)


def _depth_of(value: Any, pictures: PagePictures) -> tuple[PictureFile, tuple[float, ...]]:
    if not isinstance(value, dict) or value.keys() != DEPTH_KEYS:
        raise Refused(400, 'camera: depth should be an object with "picture" and "lens", and no more.')
    lens = value["lens"]
    if not isinstance(lens, list):
        raise Refused(400, "camera: lens should be a list of numbers.")
    return pictures.file(value["picture"]), tuple(_number(part, "lens") for part in lens)


def _number(value: Any, name: str) -> float:
    """A number as those are that are calculated with; JSON has larger ones, too."""
    if type(value) not in (int, float):
        raise Refused(400, f"camera: {name} should be a number, or a list of them.")
    try:
        return float(value)
    except OverflowError:
        raise Refused(400, f"camera: {name} should be a number of at most 300 digits.") from None
