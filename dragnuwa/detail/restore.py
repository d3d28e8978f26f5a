"""Restores the detail of a picture in a clip that was generated from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..carry.bent import PinTracks, lies_over
from ..carry.find import find_layers, snapped_masks
from ..carry.layers import Stack
from ..carry.rendering import rendering
from ..common.clip_shape import ClipShape, odd_sides
from ..common.errors import InputError
from ..common.images import as_images, fit, same_shape, to_bytes
from ..common.interrupt import Progress, checkpoint, no_progress
from ..common.masks import MASKED, as_masks, check_size, split_masks
from ..geometry.grids import Grid, rescaled
from ..trajectory import MotionObject
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import PreparedPicture, prepare
from ..vision.tracking.optical_flow import Estimator, dense_inverse_search
from .analysis import Analysis
from .background import find_background, find_moving
from .painting import Painter

RADIUS = 0.11  # fraction of sqrt(H * W), of the surroundings that a drag without an object moves
SAME = 60 / 255  # largest mean difference between the picture and the clip's first frame
UNKNOWN = 0.5  # fraction of the picture that may differ more
ANALYSED = 192  # px, longer side of the analysed clip: finer detail is only the autoencoder's noise
LEAST_SIDE = 16  # px, of a clip
MOST_SIDE = 8192  # px, of the result


@dataclass(frozen=True)
class Restored:
    """
    Attributes:
        images: `[F, H, W, 3]` from 0 to 1, the clip with the picture's detail. Frame 0 is the picture.
        mask: `[F, H, W]` from 0 to 1, the confidence that a pixel was traced to the picture.
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
    follow: float = 1.0,
    frames: int | None = None,
    background: Tensor | None = None,
    flow: Estimator | None = None,
    prepared: PreparedPicture | None = None,
    pins: PinTracks | None = None,
    progress: Progress = no_progress,
) -> Restored:
    """Restores a picture's fine detail in a clip that a model has generated from it.

    The picture's layers are moved as in `dragnuwa.carry`: the background rests or moves with the camera, and in front
    of it is what the drags move. Their motion is corrected to match the clip. Where the clip agrees with its first
    frame along that motion, the moved picture replaces it, relit to match the clip. Elsewhere (new, disoccluded or
    deformed content) the clip is only upsampled.

    Args:
        images: `[T, h, w, 3]` from 0 to 1, the clip, at least two frames.
        picture: `[H, W, 3]` from 0 to 1, from which its first frame was made, with the same aspect ratio. Its device is
            used for rendering.
        points: `[N, F, 2]` x and y in pixels of the clip, the drags at the result's frames; None for no drags.
        visible: `[N, F]` bool; None if all are visible.
        masks: `[N, h, w]` or of the picture's size, from 0 to 1: one per drag (if empty, its object is segmented), or
            one for all drags that begin in it; or one per drag and per object, replacing the object's outline.
        objects: of the trajectories, from back to front, in front of everything that the drags move.
        width, height: of the result in pixels; None for the picture's.
        strength: from 0 for the enlarged clip to 1.
        follow: from 0 to 1, how much the clip is trusted where it differs from what was drawn. At 0 the moved picture
            wins everywhere; below 1, differences have to be larger to count. Motion that was not drawn always comes
            from the clip.
        frames: F of the result, k (T - 1) + 1 for a whole number k; None for T. The moved picture is rendered at each
            of them, and the clip is interpolated.
        background: `[H, W, 3]` from 0 to 1, the picture without the moving objects, with its aspect ratio, to fill what
            they uncover; if None, their surroundings are continued.
        flow: estimates optical flow between two frames; None for dense inverse search.
        prepared: the picture prepared for segmentation, for a clip of this size; computed from `picture` if None.
        pins: what the drawing says of the drags as pins; None if none bends anything.
        progress: called after each frame.

    Raises:
        InputError: if an argument is invalid, or the background shows something else around the moving objects.
    """
    clip, picture, grid = check_pictures(images, picture, width, height, strength, follow)
    frames, step = check_frames(frames, len(clip))
    drawn, shown = check_tracks(points, visible, frames)
    tracks = in_result(drawn, clip, grid)
    given = check_masks(masks, clip, picture, grid)
    if given is not None and points is None:
        raise InputError("There are masks of what is dragged, but no drags. Connect the drags too, or no masks.")
    flow = flow or dense_inverse_search()
    start, small = fit(picture[None], *grid.full)[0], _analysed(clip, grid)
    of_tracks, of_objects = split_masks(given, len(tracks), len(objects))
    if prepared is None:
        prepared = prepare(picture, (clip.shape[2], clip.shape[1]), "stretch")
    of_objects = snapped_masks(objects, prepared, of_objects, grid.full)
    search = TrackSearch(prepared, drawn[..., 0] + 1j * drawn[..., 1])
    masks_of = of_tracks, of_objects
    stack = _stack(small, start, tracks, shown, objects, *masks_of, search, pins, flow, follow, grid)
    plate = None if background is None else fit(background[None], *grid.full)[0]
    rendered = rendering(stack, start.movedim(-1, 0), background=plate)
    analysis = Analysis(small, rendered, step, grid, flow, follow)
    painter = Painter(rendered, analysis.views)
    restored, mask = clip.new_empty(frames, *start.shape), clip.new_empty(frames, *start.shape[:2])
    for time in range(frames):
        checkpoint()
        enlarged = _enlarged(_between(clip, time / step), grid).to(start)
        if time == 0:
            painted, traced = rendered.image, torch.ones_like(enlarged[0])
        else:
            painted, traced = painter.paint(enlarged, time, *analysis.at(time))
        restored[time] = torch.lerp(enlarged, painted, strength).movedim(0, -1).to(restored)
        mask[time] = (traced * strength).to(mask)
        progress(time + 1, frames)
    checkpoint()
    return Restored(restored, mask, _report(clip, small, start, mask, stack, grid))


def _report(clip: Tensor, small: np.ndarray, picture: Tensor, mask: Tensor, stack: Stack, grid: Grid) -> str:
    height, width = clip.shape[1:3]
    moving = sum(layer.warp is not None and not layer.is_shadow and not lies_over(layer) for layer in stack.things)
    camera = "rests" if stack.background.warp is None else "moves"
    lines = [
        f"{len(mask)} frames, from {width}x{height} to {grid.full[0]}x{grid.full[1]} pixels: "
        f"{mask[1:].mean():.0%} of the pixels were traced to the picture. The background {camera}, "
        f"{'1 object moves' if moving == 1 else f'{moving} objects move'} in front of it."
    ]
    difference = np.abs(small[0] - _shrunk(picture, grid)).mean(-1)
    if (cv2.blur(difference, (9, 9)) > SAME).mean() > UNKNOWN:
        lines.append(
            "The clip's first frame is not this picture: connect the picture that it was made from, or expect a "
            "jump after the first frame."
        )
    lines.append(odd_sides(*grid.full) or "")
    return " ".join(filter(None, lines))


def _stack(
    small: np.ndarray,
    picture: Tensor,
    tracks: np.ndarray,
    shown: np.ndarray,
    objects: Sequence[MotionObject],
    of_tracks: np.ndarray | None,
    of_objects: np.ndarray | None,
    search: TrackSearch,
    pins: PinTracks | None,
    flow: Estimator,
    follow: float,
    grid: Grid,
) -> Stack:
    """The layers from the drags and objects; without any, from the motion in the clip."""
    of_tracks = of_tracks if shown.any() else None
    positions, frames = tracks[..., 0] + 1j * tracks[..., 1], tracks.shape[1]
    step = Fraction(frames - 1, len(small) - 1)
    radius = RADIUS * (grid.full[0] * grid.full[1]) ** 0.5
    shape = ClipShape(*grid.full, frames)
    drawn = find_layers(positions, shown, objects, shape, of_tracks, of_objects, search, radius, pins)
    named = of_tracks is not None and bool((of_tracks > MASKED).any())
    dragged, stack = bool(shown.any() or drawn.of_objects), drawn.stack
    if not dragged:  # then a resting background was not drawn either
        stack = replace(stack, background=replace(stack.background, exact=False))
    at_clip = stack.at_rate(step, len(small))
    belief = follow if dragged else 1.0
    ground, all_follow = find_background(
        small, tracks, shown, at_clip.background, at_clip.things, named, flow, grid, belief
    )
    if dragged:
        things = drawn.of_objects if all_follow else stack.things
    else:
        things = find_moving(small, to_bytes(picture), ground, flow, grid)
        things = tuple(thing.at_rate(1 / step, frames) for thing in things)
    if ground is not at_clip.background:
        stack = replace(stack, background=ground.at_rate(1 / step, frames))
    return replace(stack, things=things)


def _between(clip: Tensor, time: float) -> Tensor:
    """`[h, w, C]`: a frame of the clip, or a blend of two."""
    before, part = divmod(time, 1)
    frame = clip[int(before)]
    return torch.lerp(frame, clip[int(before) + 1], part) if part else frame


def _analysed(clip: Tensor, grid: Grid) -> np.ndarray:
    """`[T, h, w, 3]` float32: the clip at the analysed size."""
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


def check_pictures(
    images: Tensor, picture: Tensor, width: int | None, height: int | None, strength: float, follow: float
) -> tuple[Tensor, Tensor, Grid]:
    clip, picture = as_images(images, "images"), as_images(picture[None], "picture")[0]
    if len(clip) < 2:
        raise InputError("images should be a clip of at least two frames; found one. Connect the frames of a video.")
    if min(clip.shape[1:3]) < LEAST_SIDE or min(picture.shape[:2]) < LEAST_SIDE:
        raise InputError(f"images and picture should be at least {LEAST_SIDE} pixels wide and high.")
    full = (picture.shape[1] if width is None else width, picture.shape[0] if height is None else height)
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in full):
        raise InputError(f"width and height should be {LEAST_SIDE} to {MOST_SIDE}; found {full[0]}x{full[1]}.")
    for name, value in (("strength", strength), ("follow", follow)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} should be from 0 to 1; found {value}.")
    _check_aspect("picture", (picture.shape[1], picture.shape[0]), clip)
    _check_aspect("width and height", full, clip)
    side = max(clip.shape[1:3])
    small = tuple(max(1, round(length * min(1, ANALYSED / side))) for length in (clip.shape[2], clip.shape[1]))
    return clip, picture, Grid(full, small)


def _check_aspect(what: str, size: tuple[int, int], clip: Tensor) -> None:
    height, width = clip.shape[1:3]
    if not same_shape(size, (width, height)):
        raise InputError(
            f"The {what} should have the clip's aspect ratio; found {size[0]}x{size[1]} for a clip of {width}x{height} "
            "pixels. Crop the picture as it was cropped for the clip."
        )


def check_frames(frames: int | None, of_clip: int) -> tuple[int, int]:
    """The number of frames of the result, and of result frames per clip frame."""
    frames = of_clip if frames is None else frames
    step, rest = divmod(frames - 1, of_clip - 1)
    if step < 1 or rest:
        raise InputError(
            f"frames should be a multiple of {of_clip - 1} plus 1 for a clip of {of_clip} frames; found {frames}."
        )
    return frames, step


def check_tracks(points: np.ndarray | None, visible: np.ndarray | None, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """`[N, F, 2]` in pixels of the clip, anchors without their drift, and `[N, F]`."""
    if points is None:
        return np.zeros((0, frames, 2)), np.zeros((0, frames), bool)
    points = np.asarray(points, np.float64)
    if points.ndim != 3 or points.shape[1:] != (frames, 2) or not np.isfinite(points).all():
        raise InputError(
            f"points should be finite [N, T, 2] with the result's {frames} frames; found {list(points.shape)}."
        )
    visible = np.ones(points.shape[:2], bool) if visible is None else np.asarray(visible, bool)
    if visible.shape != points.shape[:2]:
        raise InputError(f"visible should be [N, T] = {list(points.shape[:2])}; found {list(visible.shape)}.")
    return without_drift(points), visible if visible[:, :1].any() else visible & False


def in_result(points: np.ndarray, clip: Tensor, grid: Grid) -> np.ndarray:
    """Points of the clip in pixels of the result, inside it."""
    height, width = clip.shape[1:3]
    sides = np.array(grid.full)
    return rescaled(points, (width, height), sides).clip(0, sides - 1)


def check_masks(masks: Tensor | None, clip: Tensor, picture: Tensor, grid: Grid) -> np.ndarray | None:
    """`[M, H, W]` from 0 to 1, of the result's size."""
    if masks is None:
        return None
    masks = as_masks(masks, "masks")
    check_size(masks, (picture.shape[1], picture.shape[0]), (clip.shape[2], clip.shape[1]))
    if not (masks >= MASKED).any():
        return None
    return F.interpolate(masks[:, None], grid.full[::-1], mode="bilinear")[:, 0].cpu().numpy()
