"""Depth as it comes in: the geometry of MoGe and of Depth Anything 3, pictures of depth or disparity, what the editor's
page was given, and what is drawn by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.clip_shape import WHOLE
from ...common.errors import InputError
from ...common.images import placement
from ...trajectory.types import MAX_HORIZON, MIN_HORIZON
from .camera import (
    LEAST_ANGLE,
    MOST_ANGLE,
    ClipFrame,
    intrinsics_as_fractions,
    intrinsics_from_angle,
    intrinsics_from_fractions,
)
from .cleaning import cleaned
from .scene import STEP, WHITE, DepthScene, Plane

VIEW_ANGLE = 55.0  # degrees, of the longer side, where nothing says it
SKY = 0.5  # probability from which a pixel is sky
COLOURFUL = 0.05  # mean difference of the channels, from 0 to 1; stored as JPEG, a grey picture has less than 0.01
OFF_CENTRE = 1.15  # by which the shape of a network's picture may differ from the picture's; rounding makes 1.07 of it
LONGEST = 640  # px
LEVELS = 65_535
MOST_FARTHEST = 1e6


def depth_from_geometry(geometry: Any, angle: float = VIEW_ANGLE) -> DepthScene:
    """The first picture of a MOGE_GEOMETRY or DA3_GEOMETRY of ComfyUI.

    Args:
        angle: degrees that the longer side of the picture shows, where the geometry says no lens, as Depth Anything 3's
            of a single picture.

    Raises:
        InputError: if it is something else, has no depth that can be used, or a lens that is none.
    """
    depth = geometry.get("depth") if isinstance(geometry, Mapping) else None
    if not isinstance(depth, Tensor) or depth.ndim != 3 or min(depth.shape) < 1:
        raise InputError(
            "The geometry should have a depth [B, H, W]. Connect the geometry of MoGe or Depth Anything 3."
        )
    far = _numbers(depth)
    if isinstance(sky := geometry.get("sky"), Tensor):
        far = np.where(_beside(depth, sky, "sky") > SKY, np.inf, far)
    if isinstance(mask := geometry.get("mask"), Tensor):
        far = np.where(_beside(depth, mask, "mask") > SKY, far, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        disparity = np.where(np.isfinite(far) & (far > 0), 1 / far, 0)
    if not (disparity > 0).any():
        raise InputError(
            "The depth is infinite everywhere, or not above 0. Connect the depth of a picture with objects."
        )
    return DepthScene(cleaned(disparity), _intrinsics(geometry, disparity.shape, angle))


def depth_from_image(
    picture: Tensor, white: str = WHITE[0], farthest: float = 10.0, angle: float = VIEW_ANGLE
) -> DepthScene:
    """
    Args:
        picture: `[H, W, 3]` or `[B, H, W, 3]` from 0 to 1, grey; the first one is used.
        white: of `WHITE`.
        farthest: how many times as far the farthest is as the nearest.
        angle: degrees that the longer side of the picture shows.

    Raises:
        InputError: if a value is out of range, or the picture shows one depth only.
    """
    if white not in WHITE:
        raise InputError(f"White should be one of {', '.join(WHITE)}; found {white!r}.")
    if not 1 < farthest < float("inf"):
        raise InputError(f"The farthest should be more than once as far as the nearest; found {farthest:g}.")
    colours = float((picture.amax(-1) - picture.amin(-1)).mean())
    if colours > COLOURFUL:
        raise InputError(
            "The picture of the depth should be grey, but it has colours. Connect the depth itself, such as that of "
            "Render Depth Anything 3 with the output depth."
        )
    grey = _numbers(picture.mean(-1) if picture.ndim == 4 else picture.mean(-1)[None])
    low, high = float(grey.min()), float(grey.max())
    if not np.isfinite(grey).all() or high - low < 1e-4:
        raise InputError("The picture of the depth shows one depth only. Connect the depth of the same picture.")
    part = (grey - low) / (high - low)
    disparity = 1 / (1 + part * (farthest - 1)) if white == WHITE[1] else (1 + part * (farthest - 1)) / farthest
    height, width = grey.shape
    return DepthScene(cleaned(disparity), intrinsics_from_angle(angle, (width, height)))


def fitted(scene: DepthScene, size: tuple[int, int], mode: str) -> DepthScene:
    """A scene as a picture is fitted to (width, height) `size` by `dragnuwa.common.images.fit`. Black bars of "pad" are
    as far as what is beside them.

    Objects keep their edges: between two of them nothing is interpolated.
    """
    shown, place = placement(scene.size, size, mode)
    part = scene.disparity[shown.top : shown.top + shown.rows, shown.left : shown.left + shown.columns]
    inside = place.columns, place.rows
    linear = cv2.resize(part, inside, interpolation=cv2.INTER_LINEAR)
    nearest = cv2.resize(part, inside, interpolation=cv2.INTER_NEAREST)
    disparity = np.where(np.abs(linear - nearest) > STEP * np.maximum(linear, nearest), nearest, linear)
    right, down = size[0] - place.left - place.columns, size[1] - place.top - place.rows
    disparity = np.pad(disparity, ((place.top, down), (place.left, right)), mode="edge")
    scale = np.array([place.columns / shown.columns, place.rows / shown.rows])
    intrinsics = scene.intrinsics.copy()
    intrinsics[0, 0] *= scale[0]
    intrinsics[1, 1] *= scale[1]
    corner = intrinsics[:2, 2] + 0.5 - (shown.left, shown.top)  # pixels are scaled about the picture's corner
    intrinsics[:2, 2] = corner * scale + (place.left, place.top) - 0.5
    return DepthScene(disparity.astype(np.float32), intrinsics)


def _beside(depth: Tensor, part: Tensor, name: str) -> np.ndarray:
    if part.ndim != 3 or part.shape[1:] != depth.shape[1:] or len(part) < 1:
        raise InputError(
            f"The geometry's {name} should have the size of its depth, {list(depth.shape)}; found {list(part.shape)}. "
            "Connect the geometry of MoGe or Depth Anything 3 as it is."
        )
    return _numbers(part)


def _numbers(values: Tensor) -> np.ndarray:
    return values[0].detach().cpu().double().numpy()


def _intrinsics(geometry: Mapping, shape: tuple[int, int], angle: float) -> np.ndarray:
    """`[3, 3]` in pixels of the depth, from their centres."""
    height, width = shape
    given = geometry.get("intrinsics")
    if given is None and "points" in geometry and "mode" not in geometry:
        raise InputError(
            "The geometry should be that of a perspective picture, but it is a panorama's, which no lens can show. "
            "Connect Run MoGe Inference."
        )
    if given is None:
        return intrinsics_from_angle(angle, (width, height))
    found = _matrix(given)
    if np.array_equal(found, np.eye(3)):  # Depth Anything 3's for a single picture, which is no lens
        return intrinsics_from_angle(angle, (width, height))
    if "mode" in geometry:
        parts = _of_network(found, width / height)
    else:
        sides = (1, 1) if found[0, 2] <= 2 and found[1, 2] <= 2 else (width, height)  # MoGe's are parts of the sides
        parts = [found[0, 0] / sides[0], found[1, 1] / sides[1], found[0, 2] / sides[0], found[1, 2] / sides[1]]
    angles = 2 * np.degrees(np.arctan(0.5 / np.array(parts[:2])))
    inside = all(0 <= part <= 1 for part in parts[2:])
    if not inside or not all(LEAST_ANGLE <= each <= MOST_ANGLE for each in angles):
        shown = f"{angles[0]:.3g} by {angles[1]:.3g} degrees, centred at {parts[2]:.3g}, {parts[3]:.3g}"
        raise _no_lens(f"they show {shown}")
    return intrinsics_from_fractions(parts, (width, height))


def _matrix(given: Any) -> np.ndarray:
    """The first of intrinsics `[..., 3, 3]`."""
    if not isinstance(given, Tensor) or given.shape[-2:] != (3, 3) or not given.numel():
        raise _no_lens("they are no matrices of 3x3 numbers")
    found = given.detach().cpu().double().numpy().reshape(-1, 3, 3)[0]
    if not np.isfinite(found).all():
        raise _no_lens("they are not finite")
    if min(found[0, 0], found[1, 1]) <= 0:
        raise _no_lens("a focal length is not above 0")
    return found


def _of_network(found: np.ndarray, aspect: float) -> list[float]:
    """Intrinsics in pixels of the picture that Depth Anything 3's network saw, in parts of the sides.

    The geometry does not say how large that picture was: 504 px by default, its sides multiples of 14. Its centre is
    the lens's, exactly with the pose_method cam_dec, and nearly with ray_pose.
    """
    x, y = found[:2, 2]
    if min(x, y) <= 0 or not 1 / OFF_CENTRE < x / y / aspect < OFF_CENTRE:
        raise _no_lens("their centre is not that of the picture")
    return [found[0, 0] / (2 * x), found[1, 1] / (2 * y), 0.5, 0.5]


def _no_lens(what: str) -> InputError:
    return InputError(
        f"The geometry's intrinsics should be those of a camera, but {what}. Make it anew from a perspective picture; "
        "in Run Depth Anything 3 choose mono, or the pose_method cam_dec."
    )


def packed(scene: DepthScene) -> tuple[Tensor, list[float]]:
    """A scene as a picture for the editor's page, with 16 bits of each pixel's disparity in two channels of 8.

    `[1, h, w, 3]` from 0 to 1, of at most `LONGEST` pixels, and the lens: focal lengths and centre, in parts of the
    sides. Distances keep their proportions only.
    """
    scale = min(1.0, LONGEST / max(scene.size))
    small = fitted(scene, tuple(max(2, round(side * scale)) for side in scene.size), "stretch")
    most = float(small.disparity.max()) or 1.0
    levels = np.round(small.disparity / most * LEVELS).astype(np.int64)
    bytes_ = np.stack([levels >> 8, levels & 255, np.zeros_like(levels)], -1).astype(np.float32)
    return torch.from_numpy(bytes_ / 255)[None], intrinsics_as_fractions(small.intrinsics, small.size)


def unpacked(picture: Tensor, lens: Sequence[float]) -> DepthScene:
    """The scene of a picture `[h, w, 3]` and a lens as `packed` gives them.

    Raises:
        InputError: if they are something else.
    """
    values = np.round(picture.detach().cpu().double().numpy() * 255)
    if values.ndim != 3 or values.shape[-1] != 3 or values[..., 2].any():
        raise InputError("The picture is not a depth that DragNUWA has written. Run the workflow again.")
    if len(lens) != 4 or not all(0 < part < 100 for part in lens):
        raise InputError("The lens should be four numbers above 0: focal lengths and centre. Run the workflow again.")
    height, width = values.shape[:2]
    disparity = ((values[..., 0] * 256 + values[..., 1]) / LEVELS).astype(np.float32)
    return DepthScene(disparity, intrinsics_from_fractions(lens, (width, height)))


@dataclass(frozen=True)
class DrawnDepth:
    """A ground up to its horizon, what is far behind it, and objects at their distances.

    Distances are in units of that to the ground at the lower edge of the frame that was drawn on.

    Attributes:
        horizon: of the ground, as a fraction of the frame's height from its top; None without a ground.
        farthest: distance of what lies above the ground, or of everything but the objects if there is no ground.
        angle: degrees that the longer side of the frame shows.
        frame: that of the clip that was drawn on; None for the picture itself.

    Raises:
        InputError: if a value is out of range.
    """

    horizon: float | None = None
    farthest: float = 10.0
    angle: float = VIEW_ANGLE
    frame: ClipFrame | None = None

    def __post_init__(self):
        if self.horizon is not None and not MIN_HORIZON <= self.horizon <= MAX_HORIZON:
            raise InputError(f"The horizon should be from {MIN_HORIZON:g} to {MAX_HORIZON:g}; found {self.horizon:g}.")
        if not 1 < self.farthest <= MOST_FARTHEST:  # not NaN either
            raise InputError(
                f"The farthest should be more than once as far as the nearest, and at most {MOST_FARTHEST:g} times; "
                f"found {self.farthest:g}."
            )

    def scene(self, size: tuple[int, int]) -> DepthScene:
        """The picture of (width, height) `size` without its objects."""
        width, height = size
        rows = np.full(height, 1 / self.farthest)
        ground = self.ground(height)
        if ground is not None:
            rows = np.maximum(rows, ground.down * np.arange(height) + ground.constant)
        disparity = np.repeat(rows[:, None], width, 1).astype(np.float32)
        frame = self.frame or ClipFrame(size, size)
        return DepthScene(disparity, np.linalg.inv(frame.to_clip) @ intrinsics_from_angle(self.angle, frame.clip))

    def ground(self, height: int) -> Plane | None:
        """The ground in a picture of that height, in pixels."""
        if self.horizon is None:
            return None
        _, top, _, part = self.frame.area if self.frame else WHOLE
        down = 1 / ((1 - self.horizon) * part * height)
        horizon = (top + self.horizon * part) * height
        return Plane(0.0, down, down * (0.5 - horizon))  # 1 at the frame's lower edge, half a pixel below its last row

    def disparity(self, foot: complex, height: int) -> float:
        """That of an object whose lowest point is `foot`, in pixels: where it stands on the ground, or far away if that
        is above the ground. Without a ground, 1."""
        ground = self.ground(height)
        return 1.0 if ground is None else max(ground.at(foot), 1 / self.farthest)


# Their names before 1.1.
of_geometry, of_picture = depth_from_geometry, depth_from_image
