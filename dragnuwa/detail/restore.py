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

from ..carry.drawing import ConnectedMasks, Drawing
from ..carry.find import Found, find
from ..carry.layers import Region, whole_picture
from ..carry.regions import lies_over
from ..carry.rendering import compose, cut
from ..carry.settings import CarrySettings
from ..common.clip_shape import MODEL_SIDE_STEP, WHOLE, Area, ClipShape, odd_sides
from ..common.errors import InputError
from ..common.images import MODES, as_images, fit, same_shape, to_bytes, uncropped
from ..common.interrupt import Progress, checkpoint, no_progress
from ..common.masks import MASKED, as_masks, check_size, split_masks
from ..geometry.grids import Grid
from ..trajectory.sampling import without_drift
from ..vision.segmentation.prepared import prepare
from ..vision.tracking.optical_flow import Estimator, dense_inverse_search
from .analysis import Analysis
from .background import AnalysedClip, find_background, find_moving
from .painting import Painter

FOLLOW = 0.5  # default trust in a clip
RADIUS = 0.11  # fraction of sqrt(H * W), of the surroundings that a drag without an object moves
MAX_DIFFERENCE = 60 / 255  # largest mean difference between the picture and the clip's first frame
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


@dataclass(frozen=True)
class ClipAndPicture:
    """
    Attributes:
        images: `[T, h, w, C]` from 0 to 1, the clip, at least two frames.
        picture: `[B, H, W, C]` from 0 to 1, from which its first frame was made; the first is used.
        background: `[B, H, W, C]` from 0 to 1, the picture without the moving objects, to fill what they uncover; if
            None, their surroundings are continued.
        area: of the picture, as fractions, that the clip shows.
    """

    images: Tensor
    picture: Tensor
    background: Tensor | None = None
    area: Area = WHOLE


@dataclass(frozen=True)
class DetailSettings:
    """How a picture's detail is restored in a clip.

    Attributes:
        width, height: of the result in pixels; 0 for the picture's.
        strength: from 0 for the enlarged clip to 1.
        fit: how the picture was brought to the clip's aspect ratio, as `dragnuwa.common.images.fit` does: "crop",
            "pad", with bars of any colour, which stay the clip's, or "stretch".
        follow: from 0 to 1, how much the clip is trusted where it differs from what was drawn. At 0 the moved picture
            wins everywhere; below 1, differences have to be larger to count. Motion that was not drawn always comes
            from the clip.
        interpolate: frames of the result for each frame of the clip after its first, at least 1. The moved picture is
            rendered at each of them, and the clip is interpolated.
        flow: estimates optical flow between two frames; None for dense inverse search.

    Raises:
        InputError: if strength, follow or interpolate is out of its range.
    """

    width: int = 0
    height: int = 0
    strength: float = 1.0
    fit: str = MODES[0]
    follow: float = FOLLOW
    interpolate: int = 1
    flow: Estimator | None = None

    def __post_init__(self):
        for name, value in (("strength", self.strength), ("follow", self.follow)):
            if not 0 <= value <= 1:
                raise InputError(f"{name} should be from 0 to 1; found {value}.")
        if self.interpolate < 1:
            raise InputError(f"interpolate should be at least 1; found {self.interpolate}.")


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
    follow: float = 1.0,
    frames: int | None = None,
    progress: Progress = no_progress,
) -> Restored:
    """`restore_drawing` for positions of drags.

    Args:
        points: `[N, F, 2]` x and y in pixels of the clip, the drags at the result's frames; None for no drags.
        visible: `[N, F]` bool; None if all are visible.
        images, picture, masks, progress: as for `restore_drawing`.
        width, height, strength, follow: as of `DetailSettings`; None for the picture's size.
        frames: F of the result, k (T - 1) + 1 for a whole number k; None for T.

    Raises:
        InputError: if an argument is invalid.
    """
    clip, picture = as_images(images, "images"), as_images(picture[None], "picture")[0]
    full = picture.shape[1] if width is None else width, picture.shape[0] if height is None else height
    frames = len(clip) if frames is None else frames
    settings = DetailSettings(*full, strength, "stretch", follow, check_frames(frames, len(clip)))
    size, drawing = (clip.shape[2], clip.shape[1]), None
    if points is not None:
        points, shown = check_tracks(points, visible, frames)
        positions = points[..., 0] + 1j * points[..., 1]
        drawing = Drawing(prepare(picture, size, "stretch"), ClipShape(*size, frames), positions, shown)
    return restore_drawing(ClipAndPicture(clip, picture[None]), drawing, masks, settings, progress)


def restore_drawing(
    given: ClipAndPicture,
    drawing: Drawing | None,
    masks: Tensor | None = None,
    settings: DetailSettings = DetailSettings(),
    progress: Progress = no_progress,
) -> Restored:
    """Restores a picture's fine detail in a clip that a model has generated from it.

    The picture's layers are moved as in `dragnuwa.carry`: the background rests or moves with the camera, and in front
    of it is what the drags move. Their motion is corrected to match the clip. Where the clip agrees with its first
    frame along that motion, the moved picture replaces it, relit to match the clip. Elsewhere (new, disoccluded or
    deformed content) the clip is only upsampled.

    Args:
        given: the picture's area that the clip shows has the clip's aspect ratio; the background has the picture's. The
            picture's device is used for rendering.
        drawing: drags and objects, for a clip of the picture's aspect ratio and the result's number of frames; None for
            none.
        masks: `[N, h, w]` or of the picture's size, from 0 to 1: one per drag (if empty, its object is segmented), or
            one for all drags that begin in it; or one per drag and per object, replacing the object's outline.
        settings: how detail is restored.
        progress: called after each frame.

    Raises:
        InputError: if an argument is invalid, or the background shows something else around the moving objects.
    """
    clip, picture, grid = check_pictures(given, settings)
    step = settings.interpolate
    frames = step * (len(clip) - 1) + 1
    fitted_masks = check_masks(masks, clip, picture, grid)
    if fitted_masks is not None and drawing is None:
        raise InputError("There are masks of what is dragged, but no drags. Connect the drags too, or no masks.")
    start = fit(picture[None], *grid.full)[0]
    analysed = AnalysedClip(_at_small_size(clip, grid), grid, settings.flow or dense_inverse_search())
    found = None if drawing is None else find(_in_result(drawing, fitted_masks, grid))
    background_region, regions = _regions(analysed, start, found, frames, settings.follow)
    plate = None if given.background is None else fit(given.background[:1], *grid.full)[0]
    image = start.movedim(-1, 0)
    composition = compose(background_region, cut(regions, image), image, plate=plate)
    analysis = Analysis(analysed, composition, step, settings.follow)
    painter = Painter(composition, analysis.views)
    restored, mask = clip.new_empty(frames, *start.shape), clip.new_empty(frames, *start.shape[:2])
    for time in range(frames):
        checkpoint()
        enlarged = _enlarged(_between(clip, time / step), grid).to(start)
        if time == 0:
            painted, traced = composition.image, torch.ones_like(enlarged[0])
        else:
            painted, traced = painter.paint(enlarged, time, *analysis.at(time))
        restored[time] = torch.lerp(enlarged, painted, settings.strength).movedim(0, -1).to(restored)
        mask[time] = (traced * settings.strength).to(mask)
        progress(time + 1, frames)
    checkpoint()
    return Restored(restored, mask, _report(given.images, analysed, start, mask, (background_region, *regions)))


def _report(images: Tensor, analysed: AnalysedClip, picture: Tensor, mask: Tensor, regions: Sequence[Region]) -> str:
    (height, width), grid = images.shape[1:3], analysed.grid
    background, *before = regions
    moving = sum(region.moves and not region.is_shadow and not lies_over(region) for region in before)
    camera = "moves" if background.moves else "rests"
    lines = [
        f"{len(mask)} frames, from {width}x{height} to {grid.full[0]}x{grid.full[1]} pixels: "
        f"{mask[1:].mean():.0%} of the pixels were traced to the picture. The background {camera}, "
        f"{'1 object moves' if moving == 1 else f'{moving} objects move'} in front of it."
    ]
    difference = np.abs(analysed.frames[0] - _shrunk(picture, grid)).mean(-1)
    if (cv2.blur(difference, (9, 9)) > MAX_DIFFERENCE).mean() > UNKNOWN:
        lines.append(
            "The clip's first frame is not this picture: connect the picture that it was made from, or expect a "
            "jump after the first frame."
        )
    lines.append(odd_sides(*grid.full) or "")
    return " ".join(filter(None, lines))


def _in_result(drawing: Drawing, masks: np.ndarray | None, grid: Grid) -> Drawing:
    """The drawing for layers of the result's size, with masks of that size."""
    of_drags, given = (
        None if part is None else ConnectedMasks(part)
        for part in split_masks(masks, len(drawing.points), len(drawing.objects))
    )
    settings = CarrySettings(radius=RADIUS * (grid.full[0] * grid.full[1]) ** 0.5)
    visible = drawing.visible & drawing.visible[:, :1].any()
    return replace(
        drawing,
        clip=ClipShape(*grid.full, drawing.clip.frames),
        visible=visible,
        of_drags=of_drags if visible.any() else None,
        given=given,
        settings=settings,
    )


def _regions(
    analysed: AnalysedClip, picture: Tensor, found: Found | None, frames: int, follow: float
) -> tuple[Region, tuple[Region, ...]]:
    """The background and what moves before it: of the drawing; without one, by the motion in the clip."""
    grid, count = analysed.grid, len(analysed.frames)
    drawn = found is not None and bool(found.drawing.visible.any() or found.of_objects)
    if drawn:
        background, regions = found.background, found.regions
    else:  # then a resting background was not drawn either
        background, regions = replace(whole_picture(None, grid.full, frames), exact=False), ()
    step = Fraction(frames - 1, count - 1)
    at_clip = background.at_rate(step, count)
    before = [region.at_rate(step, count) for region in regions]
    seen, all_follow = find_background(analysed, found if drawn else None, at_clip, before, follow if drawn else 1.0)
    if not drawn:
        moving = find_moving(analysed, to_bytes(picture), seen)
        regions = tuple(region.at_rate(1 / step, frames) for region in moving)
    elif all_follow:
        regions = found.of_objects
    return background if seen is at_clip else seen.at_rate(1 / step, frames), regions


def _between(clip: Tensor, time: float) -> Tensor:
    """`[h, w, C]`: a frame of the clip, or a blend of two."""
    before, part = divmod(time, 1)
    frame = clip[int(before)]
    return torch.lerp(frame, clip[int(before) + 1], part) if part else frame


def _at_small_size(clip: Tensor, grid: Grid) -> np.ndarray:
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


def check_pictures(given: ClipAndPicture, settings: DetailSettings) -> tuple[Tensor, Tensor, Grid]:
    clip = uncropped(as_images(given.images, "images"), given.area)
    picture = as_images(given.picture, "picture")[0]
    if len(clip) < 2:
        raise InputError("images should be a clip of at least two frames; found one. Connect the frames of a video.")
    if min(clip.shape[1:3]) < LEAST_SIDE or min(picture.shape[:2]) < LEAST_SIDE:
        raise InputError(f"images and picture should be at least {LEAST_SIDE} pixels wide and high.")
    own = picture.shape[1], picture.shape[0]
    full = settings.width or own[0], settings.height or own[1]
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in full):
        raise InputError(f"width and height should be {LEAST_SIDE} to {MOST_SIDE}; found {full[0]}x{full[1]}.")
    _check_aspect("picture", own, clip)
    _check_aspect("width and height", full, clip)
    side = max(clip.shape[1:3])
    small = tuple(max(1, round(length * min(1, ANALYSED / side))) for length in (clip.shape[2], clip.shape[1]))
    return clip, picture, Grid(full, small)


def _check_aspect(what: str, size: tuple[int, int], clip: Tensor) -> None:
    height, width = clip.shape[1:3]
    if not same_shape(size, (width, height), MODEL_SIDE_STEP):
        raise InputError(
            f"The {what} should have the clip's aspect ratio; found {size[0]}x{size[1]} for a clip of {width}x{height} "
            "pixels. Crop the picture as it was cropped for the clip."
        )


def check_frames(frames: int, of_clip: int) -> int:
    """The number of frames of the result for each frame of the clip after its first."""
    step, rest = divmod(frames - 1, of_clip - 1) if of_clip > 1 else (1, 0)
    if step < 1 or rest:
        raise InputError(
            f"frames should be a multiple of {of_clip - 1} plus 1 for a clip of {of_clip} frames; found {frames}."
        )
    return step


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
    return without_drift(points), visible


def check_masks(masks: Tensor | None, clip: Tensor, picture: Tensor, grid: Grid) -> np.ndarray | None:
    """`[M, H, W]` from 0 to 1, of the result's size."""
    if masks is None:
        return None
    masks = as_masks(masks, "masks")
    check_size(masks, (picture.shape[1], picture.shape[0]), (clip.shape[2], clip.shape[1]))
    if not (masks >= MASKED).any():
        return None
    return F.interpolate(masks[:, None], grid.full[::-1], mode="bilinear")[:, 0].cpu().numpy()
