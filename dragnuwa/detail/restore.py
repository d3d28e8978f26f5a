"""The entry: a clip and the picture it was made from, to the same clip with the picture's detail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..carry.composite import MASKED, fill_hole
from ..carry.regions import divide
from ..carry.segmentation import find_objects
from ..errors import InputError
from ..images import as_images, as_masks, fit, to_bytes
from ..interrupt import InterruptCheck, never
from ..tracking.optical_flow import Estimator, dense_inverse_search
from ..trajectory.anchors import without_drift
from .agreement import Agreement, compare
from .alignment import Alignment
from .background import find_background, without_background
from .grid import Grid, look_up
from .layers import Stack, at_rest
from .painting import Painter

ANALYSED = 192  # px, longer side of the clip as it is analysed: finer, the autoencoder's noise is all there is
LEAST_SIDE = 16  # px, of a clip
MOST_SIDE = 8192  # px, of the result
ASPECT = 0.03  # by which the aspect ratios of clip and picture may differ
RADIUS = 0.11  # of the root of the picture's area: how far a drag without an object carries the picture
RIM = np.ones((5, 5), np.uint8)  # around what moves, which the filled ground has to be free of
SAME = 60 / 255  # mean difference in light and colour from which the clip's first frame is not the picture
UNKNOWN = 0.5  # part of the picture that may be so


@dataclass(frozen=True)
class Restored:
    """
    Attributes:
        images: `[T, H, W, 3]` from 0 to 1, the clip with the picture's detail. Frame 0 is the picture.
        mask: `[T, H, W]` from 0 to 1, how surely each place was traced to the picture.
        report: what was found, in a sentence or two.
    """

    images: Tensor
    mask: Tensor
    report: str


def restore(
    images: Tensor,
    picture: Tensor,
    *,
    points: np.ndarray | None = None,
    visible: np.ndarray | None = None,
    masks: Tensor | None = None,
    width: int | None = None,
    height: int | None = None,
    strength: float = 1.0,
    flow: Estimator | None = None,
    check_interrupt: InterruptCheck = never,
) -> Restored:
    """Puts the fine detail of a picture back into a clip that a model has made from it.

    Each place of a frame is traced to the picture: it rests, it moves with the camera or with one of the things that
    the drags move, corrected by what the clip shows. Where the clip looks as it did at that place in its first frame,
    the picture's pixels take its place, in the clip's light. Where it does not (something new, uncovered or of another
    shape) the clip is only enlarged.

    Args:
        images: `[T, h, w, 3]` from 0 to 1, the clip, at least two frames.
        picture: `[H, W, 3]` from 0 to 1, what its first frame was made from, of the same aspect ratio; it is computed
            on this device.
        points: `[N, T, 2]` x and y in pixels of the clip, the drags; None without any.
        visible: `[N, T]` bool; None where all are visible.
        masks: `[N, h, w]` or of the picture's size, from 0 to 1: what each drag drags (an empty one: look for it), or
            one for all drags that begin in it.
        width, height: of the result in pixels; the picture's where None.
        strength: from 0 for the enlarged clip to 1.
        flow: estimates optical flow between two frames; dense inverse search where None.
        check_interrupt: called for every frame.

    Raises:
        InputError: if an argument is not as said.
    """
    clip, picture, grid = _checked(images, picture, width, height, strength)
    tracks, shown = _checked_tracks(points, visible, clip, grid)
    objects = _checked_masks(masks, clip, picture, grid)
    flow = flow or dense_inverse_search()
    small = _analysed(clip, grid)
    stack = _stack(small, fit(picture[None], *grid.full)[0], tracks, shown, objects, flow, grid, check_interrupt)
    return _Restoration(clip, fit(picture[None], *grid.full)[0], small, stack, flow, strength).run(check_interrupt)


class _Restoration:
    def __init__(self, clip: Tensor, picture: Tensor, small: np.ndarray, stack: Stack, flow: Estimator, strength: float):
        self.clip, self.picture, self.small, self.stack, self.strength = clip, picture, small, stack, strength
        self.grid = stack.grid
        hole = cv2.dilate((stack.layers[0].opacity < 1 - MASKED).astype(np.uint8), RIM)
        filled = fill_hole(picture.movedim(-1, 0), hole.astype(bool))
        self.painter = Painter(picture.movedim(-1, 0), filled, stack.layers, self.grid)
        self.alignment = Alignment(stack, small[0], flow)
        covered = cv2.resize(hole.astype(np.float32), self.grid.small, interpolation=cv2.INTER_AREA)[..., None]
        self.ground = small[0] * (1 - covered) + _shrunk(filled.movedim(0, -1), self.grid) * covered

    def run(self, check_interrupt: InterruptCheck) -> Restored:
        frames, height, width = len(self.clip), self.grid.full[1], self.grid.full[0]
        images = self.clip.new_empty(frames, height, width, 3)
        mask = self.clip.new_empty(frames, height, width)
        for time in range(frames):
            check_interrupt()
            enlarged = _enlarged(self.clip[time], self.grid).to(self.picture)
            if time == 0:
                painted, traced = self.picture.movedim(-1, 0), torch.ones_like(enlarged[0])
            else:
                painted, traced = self._frame(enlarged, time)
            images[time] = torch.lerp(enlarged, painted, self.strength).movedim(0, -1).to(images)
            mask[time] = (traced * self.strength).to(mask)
        return Restored(images, mask, self._report(mask))

    def _frame(self, enlarged: Tensor, time: int) -> tuple[Tensor, Tensor]:
        frame = self.small[time]
        views = self.alignment.fit(frame, time)
        agreements = [compare(frame, self.alignment.shown(view), view.share) for view in views]
        return self.painter.paint(enlarged, views, agreements, self._ground_agreement(frame, views), time)

    def _ground_agreement(self, frame: np.ndarray, views: list) -> Agreement:
        uncovered = 1 - np.sum([view.share for view in views], 0)
        expected = look_up(self.ground, self.grid.to_small(views[0].sources))
        return compare(frame, expected, uncovered.clip(0, 1).astype(np.float32))

    def _report(self, mask: Tensor) -> str:
        height, width = self.clip.shape[1:3]
        moving = sum(layer.warp is not at_rest for layer in self.stack.layers[1:])
        camera = "moves" if self.stack.layers[0].warp is not at_rest else "rests"
        lines = [
            f"{len(mask)} frames, {width}x{height} to {self.grid.full[0]}x{self.grid.full[1]}: {mask[1:].mean():.0%} of "
            f"the places were traced to the picture. The background {camera}, {moving} things move before it."
        ]
        difference = np.abs(self.small[0] - _shrunk(self.picture, self.grid)).mean(-1)
        if (cv2.blur(difference, (9, 9)) > SAME).mean() > UNKNOWN:
            lines.append(
                "The clip's first frame is not this picture: connect the picture that it was made from, or expect a "
                "jump after the first frame."
            )
        return " ".join(lines)


def _stack(
    small: np.ndarray,
    picture: Tensor,
    tracks: np.ndarray,
    shown: np.ndarray,
    masks: np.ndarray | None,
    flow: Estimator,
    grid: Grid,
    check_interrupt: InterruptCheck,
) -> Stack:
    """The layers that the drags tell of."""
    if not len(tracks):
        return Stack.of_regions([], find_background(small, tracks, shown, None, flow, grid), len(small), grid)
    radius = RADIUS * (grid.full[0] * grid.full[1]) ** 0.5
    find = partial(find_objects, to_bytes(picture), radius=radius, check_interrupt=check_interrupt)
    camera, regions = divide(without_drift(tracks), shown, masks, grid.full, radius, find)
    background = find_background(small, tracks, shown, camera, flow, grid)
    if background is not at_rest:
        regions = without_background(regions, background, grid)
    return Stack.of_regions(regions, background, len(small), grid)


def _checked(
    images: Tensor, picture: Tensor, width: int | None, height: int | None, strength: float
) -> tuple[Tensor, Tensor, Grid]:
    clip, picture = as_images(images, "images"), as_images(picture[None], "picture")[0]
    if len(clip) < 2:
        raise InputError("images should be a clip of at least two frames; found one. Connect the frames of a video.")
    if min(clip.shape[1:3]) < LEAST_SIDE or min(picture.shape[:2]) < LEAST_SIDE:
        raise InputError(f"images and picture should be at least {LEAST_SIDE} pixels wide and high.")
    full = (picture.shape[1] if width is None else width, picture.shape[0] if height is None else height)
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in full):
        raise InputError(f"width and height should be {LEAST_SIDE} to {MOST_SIDE}; found {full[0]}x{full[1]}.")
    if not 0 <= strength <= 1:
        raise InputError(f"strength should be from 0 to 1; found {strength}.")
    _check_aspect("picture", (picture.shape[1], picture.shape[0]), clip)
    _check_aspect("width and height", full, clip)
    side = max(clip.shape[1:3])
    small = tuple(max(1, round(length * min(1, ANALYSED / side))) for length in (clip.shape[2], clip.shape[1]))
    return clip, picture, Grid(full, small)


def _check_aspect(what: str, size: tuple[int, int], clip: Tensor) -> None:
    height, width = clip.shape[1:3]
    if abs(np.log(size[0] / size[1] * height / width)) > ASPECT + 1 / min(height, width):
        raise InputError(
            f"The {what} should have the clip's aspect ratio; found {size[0]}x{size[1]} for a clip of {width}x{height}. "
            "Crop the picture as it was cropped for the clip."
        )


def _checked_tracks(
    points: np.ndarray | None, visible: np.ndarray | None, clip: Tensor, grid: Grid
) -> tuple[np.ndarray, np.ndarray]:
    """`[N, T, 2]` in pixels of the result, inside of it, and `[N, T]`; without the tracks that are not there at first."""
    frames, height, width = clip.shape[:3]
    if points is None:
        return np.zeros((0, frames, 2)), np.zeros((0, frames), bool)
    points = np.asarray(points, np.float64)
    if points.ndim != 3 or points.shape[1:] != (frames, 2) or not np.isfinite(points).all():
        raise InputError(
            f"points should be finite [N, T, 2] with the clip's {frames} frames; found {list(points.shape)}."
        )
    visible = np.ones(points.shape[:2], bool) if visible is None else np.asarray(visible, bool)
    if visible.shape != points.shape[:2]:
        raise InputError(f"visible should be [N, T] = {list(points.shape[:2])}; found {list(visible.shape)}.")
    sides = np.array(grid.full)
    points = (points + 0.5) * sides / (width, height) - 0.5
    points = points.clip(0, sides - 1)
    return points, visible if visible[:, :1].any() else visible & False


def _checked_masks(masks: Tensor | None, clip: Tensor, picture: Tensor, grid: Grid) -> np.ndarray | None:
    """`[M, H, W]` bool of the result's size."""
    if masks is None:
        return None
    masks = as_masks(masks, "masks")
    size = tuple(masks.shape[1:])
    if size not in (tuple(clip.shape[1:3]), tuple(picture.shape[:2])):
        raise InputError(
            f"masks should be of the clip's {clip.shape[2]}x{clip.shape[1]} pixels or the picture's "
            f"{picture.shape[1]}x{picture.shape[0]}; found {size[1]}x{size[0]}. Make them from the same picture."
        )
    if not (masks >= MASKED).any():
        return None
    return (F.interpolate(masks[:, None], grid.full[::-1], mode="bilinear")[:, 0] >= MASKED).cpu().numpy()


def _analysed(clip: Tensor, grid: Grid) -> np.ndarray:
    """`[T, h, w, 3]` float32: the clip at the size at which it is analysed."""
    return np.stack([_shrunk(frame, grid) for frame in clip])


def _shrunk(picture: Tensor, grid: Grid) -> np.ndarray:
    array = np.ascontiguousarray(picture.cpu().float().numpy())
    return cv2.resize(array, grid.small, interpolation=cv2.INTER_AREA)


def _enlarged(frame: Tensor, grid: Grid) -> Tensor:
    """`[3, H, W]` of a frame `[h, w, 3]`."""
    pixels = frame.movedim(-1, 0)[None]
    if tuple(pixels.shape[:1:-1]) == grid.full:
        return pixels[0]
    return F.interpolate(pixels, grid.full[::-1], mode="bicubic", antialias=True).clamp(0, 1)[0]
