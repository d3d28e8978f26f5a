"""The background of a picture with depth, as a moving camera sees it: the picture where it shows that, and elsewhere
what is filled once behind its near parts, and beyond its edges, at the depth of what is seen beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch
from scipy import ndimage

from ...common.errors import InputError
from ...common.interrupt import checkpoint
from ...vision.inpainting.fill import FillHole, fill_hole
from ..layers import Frame, Region, whole_picture
from .camera import PinholeCamera, is_at_rest, without_nan
from .edges import NEIGHBOR_DISTANCE, EdgeMatte, looked_up, separate_edges
from .scene import DepthScene
from .view import SAME_OBJECT, ViewWithEdges, view, view_with_edges

FILLED_NEIGHBORHOOD = np.ones((7, 7), np.uint8)  # of what is filled, from which pixels between others are filled
STRAY = 3  # px, of what neither the picture nor the filling behind it shows
MAX_GAP = 0.3  # of the longer side: the widest gap beside an object, and the widest margin, that are filled
FARTHEST = 0.1  # quantile of disparity, that of what appears at the picture's edges
GAP_MARGIN = 1.15  # than what the path needs
MIN_GAP = 3  # px
BORDER_STEP = 8  # px between pixels of the picture's borders that are followed
LEAST_ENLARGED = 0.2  # times as large as in the picture: what is farther away is taken for that
REACH_IN_GAPS = 3  # times the widest gap


@dataclass(frozen=True)
class DepthBackground:
    """
    Attributes:
        scene: the depth of the picture, without the layers that were cut out.
        picture: `[H, W, 3]` float32, without them.
        hole: `[H, W]` float32, 1 where that was filled.
        inpainted: what is behind the near parts of the scene; None if no camera moves.
        cameras: one for each frame. One at rest shows the picture bit for bit.
        device: where pixels are projected.
    """

    scene: DepthScene
    picture: np.ndarray
    hole: np.ndarray
    inpainted: InpaintedBackground | None
    cameras: Sequence[PinholeCamera]
    device: torch.device | str = "cpu"

    @cached_property
    def region(self) -> Region:
        """The whole picture."""
        return whole_picture(None, self.scene.size, len(self.cameras))

    def at(self, time: int) -> Frame:
        """It alone, in a frame; `Frame.disoccluded` is what the picture does not show."""
        camera = self.cameras[time]
        if is_at_rest(camera, self.scene):
            return _frame(self.picture, self.hole, self.scene.disparity.copy())
        seen = view_with_edges(self.scene, camera, self.inpainted.edges.owner, self.device)
        colors, disparity = _composed(seen, self.inpainted, camera, self.device)
        missing = (~seen.shown).astype(np.float32)
        if self.hole.any():
            positions = without_nan(seen.sources)
            np.maximum(missing, cv2.remap(self.hole, positions, None, cv2.INTER_LINEAR), out=missing)
        return _frame(colors, missing, disparity)


def _frame(colors: np.ndarray, missing: np.ndarray, disparity: np.ndarray) -> Frame:
    pixels = np.zeros((6, *missing.shape), np.float32)
    pixels[:3], pixels[4] = np.moveaxis(colors, -1, 0), missing
    return Frame(torch.from_numpy(pixels), disparity)


def _composed(
    seen: ViewWithEdges, ground: InpaintedBackground, camera: PinholeCamera, device: torch.device | str
) -> tuple[np.ndarray, np.ndarray]:
    """`[H, W, 3]` float32: the picture where the camera sees it, and elsewhere what is behind it; and the disparity
    `[H, W]` float32 of what each pixel shows, -1 where neither is."""
    frame = ground.edges.looked_up(seen.sources)
    hidden = ~seen.shown
    if not len(seen.edges) and not hidden.any():
        return frame.clip(0, 1, out=frame), seen.disparity
    wanted = hidden.copy()
    wanted.ravel()[seen.edges] = True
    rest = view(ground.scene, camera, cv2.dilate(wanted.astype(np.uint8), FILLED_NEIGHBORHOOD) > 0, device)
    flat, shown = frame.reshape(-1, 3), rest.shown
    behind = np.flatnonzero(hidden & shown)
    flat[behind] = looked_up(ground.picture, rest.sources.reshape(-1, 2)[behind])
    if not (hidden <= shown).all():
        _close(frame, hidden & ~shown)
    back = flat[seen.edges]
    # What a gap begins at is its own best continuation; only what stands before something else has that behind it.
    own, other = (each.disparity.ravel()[seen.edges] for each in (seen, rest))
    covered = np.flatnonzero((other >= 0) & (hidden.ravel()[seen.edges] | (other < own * (1 - SAME_OBJECT))))
    back[covered] = looked_up(ground.picture, rest.sources.reshape(-1, 2)[seen.edges[covered]])
    parts = ground.edges.composed(seen.parts, seen.beside, seen.second, back[:, None])  # [K, P, 3]
    flat[seen.edges] = parts.mean(1)
    return frame.clip(0, 1, out=frame), np.where(hidden, rest.disparity, seen.disparity)


def _close(frame: np.ndarray, missing: np.ndarray) -> None:
    """Fills the few pixels that neither shows, by those around them."""
    around = cv2.dilate(missing.astype(np.uint8), np.ones((4 * STRAY + 1,) * 2, np.uint8))
    count, areas, boxes, _ = cv2.connectedComponentsWithStats(around)
    for number in range(1, count):
        checkpoint()
        left, top, width, height = boxes[number, :4]
        window = slice(top, top + height), slice(left, left + width)
        small = np.round(frame[window].clip(0, 1) * 255).astype(np.uint8)
        filled = cv2.inpaint(small, missing[window].astype(np.uint8), STRAY, cv2.INPAINT_TELEA)
        own = missing[window] & (areas[window] == number)
        frame[window][own] = filled[own].astype(np.float32) / 255


@dataclass(frozen=True)
class InpaintedBackground:
    """
    Attributes:
        scene: of the picture without its near objects, with a margin.
        picture: `[H, W, 3]` float32, of the same size.
        margin: px on each side.
        edges: the picture itself, without a margin, of which near objects and ground are looked up apart.
    """

    scene: DepthScene
    picture: np.ndarray
    margin: int
    edges: EdgeMatte


def inpaint_if_seen(
    scene: DepthScene,
    picture: np.ndarray,
    cameras: Sequence[PinholeCamera],
    fill_with: FillHole = fill_hole,
    things: np.ndarray | None = None,
    nearest_borders: bool = True,
) -> InpaintedBackground | None:
    """`inpaint_background` for those of the cameras that move; None if none does, and so nothing behind is seen."""
    moving = [camera for camera in cameras if not is_at_rest(camera, scene)]
    if not moving:
        return None
    return inpaint_background(scene, picture, moving, fill_with, things, nearest_borders)


def inpaint_background(
    scene: DepthScene,
    picture: np.ndarray,
    cameras: Sequence[PinholeCamera],
    fill_with: FillHole = fill_hole,
    things: np.ndarray | None = None,
    nearest_borders: bool = True,
) -> InpaintedBackground:
    """
    Args:
        picture: `[H, W, 3]` float32 from 0 to 1, of the scene's size.
        cameras: from where it will be seen.
        fill_with: fills what lies behind.
        things: `[H, W]` bool, what is no ground and is not copied, as far as that is known.
        nearest_borders: whether what is near at the picture's borders is continued beyond them as far as it is seen, or
            as far as what is far away.

    Raises:
        InputError: if the sizes differ.
    """
    if picture.shape[:2] != scene.disparity.shape:
        raise InputError(
            f"The depth should have the picture's size; found {scene.size[0]}x{scene.size[1]} for a picture of "
            f"{picture.shape[1]}x{picture.shape[0]} pixels. Make it from the same picture."
        )
    disparity, hole, near, distance, nearest = _without_near_objects(scene, cameras)
    beside = ~near & (distance <= NEIGHBOR_DISTANCE)
    left, top, right, bottom = margins = _margins(DepthScene(disparity, scene.intrinsics), cameras, nearest_borders)
    margin, around = int(margins.max()), ((top, bottom), (left, right))
    rest = (margin - top, margin - bottom), (margin - left, margin - right)  # which no camera sees, and nobody fills
    hole = np.pad(hole | beside, around, constant_values=True)
    wide = np.pad(picture, (*around, (0, 0)), mode="edge")
    if hole.any():
        things = None if things is None else np.pad(things, around)
        wide = fill_with(wide, hole, foreground=np.pad(near, around) & ~hole, things=things)
    wide = np.pad(wide, (*rest, (0, 0)), mode="edge")
    intrinsics = scene.intrinsics.copy()
    intrinsics[:2, 2] += margin
    wide_scene = DepthScene(np.pad(disparity, margin, mode="edge"), intrinsics)
    return InpaintedBackground(wide_scene, wide, margin, separate_edges(picture, near, distance, nearest))


def _without_near_objects(
    scene: DepthScene, cameras: Sequence[PinholeCamera]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The disparity `[H, W]` with near objects continued by what is behind them, beside their edges; where that is; the
    near objects there and beyond, from which nothing is to be copied; the distance to their last pixels, and the number
    of the nearest of those."""
    far = _far_beside(scene)
    edges = np.isfinite(far)
    if not edges.any():
        nothing = np.zeros(far.shape, bool)
        return scene.disparity, nothing, nothing, np.full(far.shape, np.inf), np.zeros(far.shape, np.int32)
    rows, columns = np.nonzero(edges)
    nearby = scene.disparity[edges].astype(np.float64)
    gap = np.zeros(len(rows))
    for camera in cameras:
        checkpoint()
        own, other = (camera.project_positions(columns, rows, each, scene.intrinsics) for each in (nearby, far[edges]))
        gap = np.fmax(gap, np.linalg.norm(own[:, :2] - other[:, :2], axis=-1))
    width = np.zeros(far.shape)
    width[edges] = np.minimum(GAP_MARGIN * gap + MIN_GAP, MAX_GAP * max(scene.size))
    distance, nearest = ndimage.distance_transform_edt(~edges, return_indices=True)
    nearest = tuple(nearest)
    middle = (scene.disparity[nearest] + far[nearest]) / 2
    nearer = scene.disparity > middle
    hole = nearer & (distance <= width[nearest])
    behind_it = np.where(hole, far[nearest], scene.disparity).astype(np.float32)
    number = (nearest[0] * scene.size[0] + nearest[1]).astype(np.int32)
    return behind_it, hole, nearer & (distance <= REACH_IN_GAPS * width.max()), distance, number


def _far_beside(scene: DepthScene) -> np.ndarray:
    """`[H, W]`: for the last pixels of near objects, the disparity of what is behind them; NaN elsewhere."""
    found = np.full(scene.disparity.shape, np.nan)
    for axis, steps in zip((1, 0), scene.steps, strict=True):
        first = [slice(None)] * 2
        second = [slice(None)] * 2
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        for own, other in ((first, second), (second, first)):
            a, b = scene.disparity[tuple(own)], scene.disparity[tuple(other)]
            is_near = steps & (a > b)
            part = found[tuple(own)]
            part[is_near] = np.fmin(part[is_near], b[is_near])
    return found


def _margins(scene: DepthScene, cameras: Sequence[PinholeCamera], nearest: bool) -> np.ndarray:
    """`[4]` int: px by which the picture has to be wider (left, top, right, bottom), so that its far parts fill every
    frame; with `nearest`, also what is near at its borders, such as the ground, as far as that is seen."""
    most, sides = np.zeros(4), _borders(scene)
    for camera in cameras:
        most = np.fmax(most, _beyond(scene, camera))
        for number, side in enumerate(sides if nearest else ()):
            most[number] = max(most[number], _come_in(scene, camera, side, number))
    found = np.minimum(np.ceil(most * GAP_MARGIN) + MIN_GAP, MAX_GAP * max(scene.size))
    return np.where(most > 0, found, 0).astype(int)


def _beyond(scene: DepthScene, camera: PinholeCamera) -> np.ndarray:
    """`[4]`: how far a frame reaches beyond the picture's sides, where it shows its far parts."""
    width, height = scene.size
    corners = np.array([(x, y, 1.0) for x in (0, width - 1) for y in (0, height - 1)])
    far = float(np.quantile(scene.disparity, FARTHEST))
    rays = corners @ np.linalg.inv(camera.intrinsics).T  # points at depth 1 of the new camera
    back = (rays - far * camera.translation) @ camera.rotation  # in the picture's, at the far disparity
    there = back @ scene.intrinsics.T
    if (there[:, 2] <= 1e-6).any():
        return np.full(4, np.inf)
    x, y = (there[:, :2] / there[:, 2:]).T
    return np.array([(-x).max(), (-y).max(), (x - width + 1).max(), (y - height + 1).max()])


def _borders(scene: DepthScene) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Columns, rows and disparity of pixels along the picture's left, upper, right and lower side."""
    width, height = scene.size
    x, y = np.arange(0, width, BORDER_STEP), np.arange(0, height, BORDER_STEP)
    places = (
        (np.zeros_like(y), y),
        (x, np.zeros_like(x)),
        (np.full_like(y, width - 1), y),
        (x, np.full_like(x, height - 1)),
    )
    return [(columns, rows, scene.disparity[rows, columns].astype(np.float64)) for columns, rows in places]


def _come_in(
    scene: DepthScene, camera: PinholeCamera, side: tuple[np.ndarray, np.ndarray, np.ndarray], number: int
) -> float:
    """How far one of the picture's borders has come into a frame, in pixels of the picture."""
    columns, rows, own = side
    seen = camera.project_positions(columns, rows, own, scene.intrinsics)
    axis = number % 2  # the left and the right border come in across, the others down
    length, across = camera.size[axis], camera.size[1 - axis]
    into = seen[:, axis] if number < 2 else length - 1 - seen[:, axis]
    with np.errstate(invalid="ignore"):
        inside = (own > 0) & (into > 0) & (seen[:, 1 - axis] >= 0) & (seen[:, 1 - axis] < across)
    if not inside.any():
        return 0.0
    larger = np.maximum(seen[inside, 2] / own[inside], LEAST_ENLARGED)
    return float((into[inside] / larger).max())
