"""The entry: restores the detail of a picture in a clip that was generated from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..carry.clean_plate import fill_from_plate
from ..carry.drawn import find_layers
from ..carry.filling import fill_hole
from ..carry.layers import Stack
from ..common.clip_shape import ClipShape
from ..common.errors import InputError
from ..common.images import fit, to_bytes
from ..common.interrupt import InterruptCheck, Progress, no_interrupt, no_progress
from ..common.masks import MASKED, split_masks
from ..trajectory import MotionObject
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import PreparedPicture, prepare
from ..vision.tracking.optical_flow import Estimator, dense_inverse_search
from .agreement import compare
from .alignment import Alignment
from .background import find_background
from .checks import check_masks, check_pictures, check_tracks, in_result
from .grid import Grid, look_up
from .history import REACH, History
from .moving import find_moving
from .painting import Painter
from .views import Correction, Views

RADIUS = 0.11  # fraction of sqrt(H * W), of the surroundings that a drag without an object moves
RIM = np.ones((5, 5), np.uint8)  # by which moving objects are dilated before the background is filled
SAME = 60 / 255  # largest mean difference between the picture and the clip's first frame
UNKNOWN = 0.5  # fraction of the picture that may differ more


@dataclass(frozen=True)
class Restored:
    """
    Attributes:
        images: `[T, H, W, 3]` from 0 to 1, the clip with the picture's detail. Frame 0 is the picture.
        mask: `[T, H, W]` from 0 to 1, the confidence that a pixel was traced to the picture.
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
    objects: Sequence[MotionObject] = (),
    width: int | None = None,
    height: int | None = None,
    strength: float = 1.0,
    background: Tensor | None = None,
    flow: Estimator | None = None,
    prepared: PreparedPicture | None = None,
    check_interrupt: InterruptCheck = no_interrupt,
    progress: Progress = no_progress,
) -> Restored:
    """Puts the fine detail of a picture back into a clip that a model has made from it.

    Each pixel of a frame is traced to the picture: it rests, or moves with the camera or with one of the objects that
    the drags move, corrected by what the clip shows. Where the clip agrees with its first frame along that motion, the
    picture's pixels replace it, in the clip's light. Elsewhere (new, disoccluded or deformed content) the clip is only
    upsampled.

    Args:
        images: `[T, h, w, 3]` from 0 to 1, the clip, at least two frames.
        picture: `[H, W, 3]` from 0 to 1, what its first frame was made from, of the same aspect ratio; it is computed
            on this device.
        points: `[N, T, 2]` x and y in pixels of the clip, the drags; None without any.
        visible: `[N, T]` bool; None where all are visible.
        masks: `[N, h, w]` or of the picture's size, from 0 to 1: what each drag drags (an empty one: look for it), or
            one for all drags that begin in it; or one for each drag and each object, whose outline it replaces.
        objects: of the trajectories, from back to front, which move before all that the drags move.
        width, height: of the result in pixels; the picture's where None.
        strength: from 0 for the enlarged clip to 1.
        background: `[H, W, 3]` from 0 to 1, the picture without what moves, of its aspect ratio: what moves uncovers
            this; without it, what is around is continued.
        flow: estimates optical flow between two frames; dense inverse search where None.
        prepared: the picture as objects are looked for in it, for a clip of this size; made of `picture` where None.
        check_interrupt: called several times in a frame.
        progress: called after each frame.

    Raises:
        InputError: if an argument is not as said, or the background shows something else around what moves.
    """
    clip, picture, grid = check_pictures(images, picture, width, height, strength)
    drawn, shown = check_tracks(points, visible, clip)
    tracks = in_result(drawn, clip, grid)
    given = check_masks(masks, clip, picture, grid)
    if given is not None and points is None:
        raise InputError("There are masks of what is dragged, but no drags. Connect the drags too, or no masks.")
    flow = flow or dense_inverse_search()
    start, small = fit(picture[None], *grid.full)[0], _analysed(clip, grid)
    of_tracks, of_objects = split_masks(given, len(tracks), len(objects))
    if prepared is None:
        prepared = prepare(picture, (clip.shape[2], clip.shape[1]), "stretch")
    search = TrackSearch(prepared, drawn[..., 0] + 1j * drawn[..., 1])
    stack = _stack(small, start, tracks, shown, objects, of_tracks, of_objects, search, flow, grid, check_interrupt)
    plate = None if background is None else fit(background[None], *grid.full)[0]
    restoration = _Restoration(clip, start, plate, small, stack, grid, flow, strength, check_interrupt)
    for time in range(len(clip)):
        check_interrupt()
        restoration.make(time)
        progress(time + 1, len(clip))
    check_interrupt()
    return Restored(restoration.images, restoration.mask, restoration.report())


class _Restoration:
    def __init__(
        self,
        clip: Tensor,
        picture: Tensor,
        plate: Tensor | None,
        small: np.ndarray,
        stack: Stack,
        grid: Grid,
        flow: Estimator,
        strength: float,
        check_interrupt: InterruptCheck,
    ):
        self.clip, self.picture, self.small, self.stack, self.strength = clip, picture, small, stack, strength
        self.grid, self.check_interrupt = grid, check_interrupt
        views = Views(stack, grid)
        hole = cv2.dilate((views.opacities[0] < 1 - MASKED).astype(np.uint8), RIM)
        array = np.ascontiguousarray(picture.cpu().numpy())
        check_interrupt()
        if plate is None:
            filled = fill_hole(array, hole.astype(bool), check_interrupt, device=picture.device)
        else:
            filled = fill_from_plate(array, plate.cpu().numpy(), hole.astype(bool), check_interrupt)
        filled = torch.from_numpy(filled).to(picture)
        self.painter = Painter(picture.movedim(-1, 0), filled.movedim(-1, 0), views, check_interrupt)
        self.alignment = Alignment(views, small[0], flow)
        covered = cv2.resize(hole.astype(np.float32), self.grid.small, interpolation=cv2.INTER_AREA)[..., None]
        frames, (width, height) = len(clip), self.grid.full
        self.images = clip.new_empty(frames, height, width, 3)
        self.mask = clip.new_empty(frames, height, width)
        self.histories = [History(self.grid.small) for _ in range(len(stack.layers) + 1)]  # the last: filled ground
        self.analysed = 0  # frames
        self.latest = tuple(Correction() for _ in stack.layers)  # of the frame that was analysed last
        self.corrections = {}  # of each frame that was analysed, but not made yet
        self.ground = small[0] * (1 - covered) + _shrunk(filled, self.grid) * covered

    def make(self, time: int) -> None:
        """One frame of `images` and `mask`; frames are made in their order."""
        enlarged = _enlarged(self.clip[time], self.grid).to(self.picture)
        if time == 0:
            painted, traced = self.picture.movedim(-1, 0), torch.ones_like(enlarged[0])
        else:
            painted, traced = self._frame(enlarged, time)
        self.images[time] = torch.lerp(enlarged, painted, self.strength).movedim(0, -1).to(self.images)
        self.mask[time] = (traced * self.strength).to(self.mask)

    def _frame(self, enlarged: Tensor, time: int) -> tuple[Tensor, Tensor]:
        while self.analysed < min(time + REACH, len(self.clip) - 1):
            self.check_interrupt()  # for the first frame, several are analysed
            self._analyse(self.analysed + 1)
        corrections = self.corrections.pop(time)
        views = self.alignment.at(time, corrections)
        sources = [self.grid.to_small(view.sources) for view in (*views, views[0])]
        agreements = [history.at(time, where) for history, where in zip(self.histories, sources, strict=True)]
        return self.painter.paint(enlarged, time, corrections, views, agreements[:-1], agreements[-1])

    def _analyse(self, time: int) -> None:
        """Fits the layers to a frame, and compares it with each of them and with the filled ground."""
        frame = self.small[time]
        self.latest = self.corrections[time] = self.alignment.fit(frame, time, self.latest)
        self.analysed, views = time, self.alignment.at(time, self.latest)
        uncovered = (1 - np.sum([view.share for view in views], 0)).clip(0, 1).astype(np.float32)
        shown = [(self.small[0], view.sources, view.share) for view in views]
        for history, (picture, sources, share) in zip(
            self.histories, [*shown, (self.ground, views[0].sources, uncovered)], strict=True
        ):
            where = self.grid.to_small(sources)
            history.add(time, compare(frame, look_up(picture, where), share), share, where)

    def report(self) -> str:
        height, width, mask = *self.clip.shape[1:3], self.mask
        moving = sum(layer.warp is not None for layer in self.stack.things)
        camera = "rests" if self.stack.background.warp is None else "moves"
        lines = [
            f"{len(mask)} frames, from {width}x{height} to {self.grid.full[0]}x{self.grid.full[1]} pixels: "
            f"{mask[1:].mean():.0%} of the places were traced to the picture. The background {camera}, "
            f"{'1 thing moves' if moving == 1 else f'{moving} things move'} before it."
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
    objects: Sequence[MotionObject],
    of_tracks: np.ndarray | None,
    of_objects: np.ndarray | None,
    search: TrackSearch,
    flow: Estimator,
    grid: Grid,
    check_interrupt: InterruptCheck,
) -> Stack:
    """The layers from the drags and objects; without any, from the motion in the clip."""
    of_tracks = of_tracks if shown.any() else None
    places, clip = tracks[..., 0] + 1j * tracks[..., 1], ClipShape(*grid.full, len(small))
    radius = RADIUS * (grid.full[0] * grid.full[1]) ** 0.5
    drawn = find_layers(places, shown, objects, clip, of_tracks, of_objects, search, radius, check_interrupt)
    named = of_tracks is not None and bool((of_tracks > MASKED).any())
    stack = drawn.stack
    ground, all_follow = find_background(small, tracks, shown, stack.background, stack.things, named, flow, grid)
    if shown.any() or drawn.of_objects:
        return replace(stack, background=ground, things=drawn.of_objects if all_follow else stack.things)
    return replace(stack, background=ground, things=find_moving(small, to_bytes(picture), ground, flow, grid))


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
