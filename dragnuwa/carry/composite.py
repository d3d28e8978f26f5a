"""A crude video: the picture's own pixels, moved along its tracks.

Cut out what was dragged, move it, and fill the ground that it leaves: the result looks pasted, and moves exactly as it
was drawn. A video model that starts from its noised latents makes it look right (SDEdit, arXiv 2108.01073;
Time-to-Move, arXiv 2511.08633). `dragnuwa.carry` makes the mask for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..clip_shape import ClipShape
from ..images import fit, fit_mask
from ..trajectory import Trajectories
from .regions import MASKED, Piece, divide
from .segmentation import find_objects
from .transforms import Body, Box

DRIFT = 1.0  # px right and down, of an anchor over the clip
ROUNDING = 1e-4  # px
RADIUS = 24.0  # px, where a drag map of the released model (sigma 20) has fallen to a half
FILLS = ("inpaint", "neutral")
CARRIES = ("object", "surroundings")
NEUTRAL = 0.5  # grey
INPAINT_REACH = 3  # px around a hole that the filling looks at


@dataclass(frozen=True)
class Carried:
    """A crude video and what became of each place.

    Attributes:
        video: `[T, H, W, 3]` from 0 to 1; frame 0 is the picture.
        carried: `[T, H, W]` from 0 to 1, how surely a place shows what a track carried. Under a mask it is 1, around a
            track without one it falls like the drag maps' Gaussian, to a half where the piece ends.
        uncovered: `[T, H, W]` from 0 to 1, ground that something has left, or that a camera move brought in.
        cleared: `[T, H, W]` from 0 to 1, the part of it that an object under a mask has left. There the filling can be
            trusted: around a track without a mask it may be made of what ought to have gone.
    """

    video: Tensor
    carried: Tensor
    uncovered: Tensor
    cleared: Tensor


def carry_clip(
    image: Tensor | None,
    trajectories: Trajectories,
    clip: ClipShape,
    masks: Tensor | None = None,
    *,
    radius: float = RADIUS,
    carries: str = CARRIES[0],
    fill: str = FILLS[0],
) -> Carried:
    """`carry` for a picture and drags as they come: fitted to a clip, and sampled at its frames.

    Args:
        image: `[B, H, W, 3]` from 0 to 1, of any size, of which the first is used, cropped to the clip's aspect ratio.
        trajectories: the drags; those that are switched off carry nothing.
        clip: size and number of frames.
        masks: `[M, H, W]` or `[H, W]` of the image's size or the clip's; as `carry` takes them. Where all are empty,
            of whatever size, as Load Image gives for a picture without a mask, there is none.

    Raises:
        ValueError: if there is no image, nothing to carry, or masks have another size; else as `carry`.
    """
    if image is None:
        raise ValueError("There is no picture to carry. Connect an image, best the Trajectory Editor's.")
    points, visible = positions(trajectories, clip.frames, clip.width, clip.height)
    if masks is not None:
        masks = _fitted(masks if masks.ndim == 3 else masks[None], image, clip) if (masks >= MASKED).any() else None
    return carry(
        fit(image[:1], clip.width, clip.height)[0], points, visible, masks, radius=radius, carries=carries, fill=fill
    )


def positions(trajectories: Trajectories, frames: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """The tracks of a picture at the frames, as `Trajectories.sample` has them, if there is something to carry.

    Raises:
        ValueError: if there is no track, none is visible in frame 0, or one that is begins outside of the picture.
    """
    tracks = [track for track in trajectories.tracks if track.enabled]
    points, visible = trajectories.sample(frames, width, height)
    if not visible[:, :1].any():
        raise ValueError(
            f"There is nothing to carry: of {len(trajectories.tracks)} tracks none is switched on and visible in the "
            "first frame. Draw at least one drag."
        )
    for track, shown in zip(tracks, visible[:, 0], strict=True):
        start = track.points[0]
        if shown and not (0 <= start.x <= 1 and 0 <= start.y <= 1):
            raise ValueError(
                f"Track '{track.name or track.id}' begins outside of the picture, at {start.x * width:g}, "
                f"{start.y * height:g} of {width}x{height} pixels, where there is nothing to carry. Move its first "
                "point inside."
            )
    return points, visible


def carry(
    image: Tensor,
    points: np.ndarray,
    visible: np.ndarray,
    masks: Tensor | None = None,
    *,
    radius: float = RADIUS,
    carries: str = CARRIES[0],
    fill: str = FILLS[0],
) -> Carried:
    """Moves parts of a picture along tracks.

    With a mask, the object under it moves as a whole, and a rim of two pixels with it: one track shifts it, two turn it
    as well, three and more also scale it. Without a mask, the object on which the track begins is looked for. Where
    none is found, or wanted, a track carries what lies within `radius` of it, up to the middle between it and the next
    track; tracks that lie close and move alike carry it as one sheet. Tracks over most of the frame that move as one
    (pan, zoom, roll) move the whole frame. Later tracks lie in front, and all that move before those that rest. Where
    a track is hidden, so is what it carries. A track that goes at most one pixel right and down is an anchor, whose
    drift is there for the drag maps only: it holds what it lies on exactly still.

    Args:
        image: `[H, W, 3]` from 0 to 1.
        points: `[N, T, 2]` x and y in pixels, inside of the picture, finite.
        visible: `[N, T]` bool.
        masks: `[M, H, W]` from 0 to 1, half and above belonging to the object: one for each track (an empty one for a
            track without), or one for all tracks that begin in it.
        radius: in pixels, that a track without a mask carries, or where the object is looked for.
        carries: what tracks without a mask do: "object" or "surroundings".
        fill: "inpaint" fills uncovered ground from its border (Telea, "An image inpainting technique based on the fast
            marching method", 2004); "neutral" makes it grey. What a camera move brings in repeats the picture's edge,
            or is grey.

    Raises:
        ValueError: for shapes that do not agree, points outside, no track, a bad radius or fill, or masks that fit no
            track.
    """
    _check(image, points, visible, masks, radius, carries, fill)
    height, width = image.shape[:2]
    picture = image.movedim(-1, 0)  # [3, H, W]
    cut = None if masks is None else (masks >= MASKED).cpu().numpy()
    find = partial(find_objects, _bytes(picture), radius=radius) if carries == "object" else None
    camera, pieces = divide(_anchored(points), visible, cut, height, width, radius, find)
    frames = _ground(picture, pieces, camera, points.shape[1], fill)  # [T, 6, H, W]
    for piece in pieces:
        layers = _layers(picture, piece)
        for time in np.flatnonzero(piece.shown):
            _paste(frames[time], layers, piece, int(time), width, height)
    frames[0, :3], frames[0, 4:] = picture, 0
    frames = frames.clamp(0, 1)  # from what rounding has added
    return Carried(frames[:, :3].movedim(1, -1).contiguous(), *frames[:, 3:].movedim(1, 0).contiguous())


def _fitted(masks: Tensor, image: Tensor, clip: ClipShape) -> Tensor:
    """`[M, H, W]` of the clip's size."""
    height, width = masks.shape[1:]
    if (width, height) == (clip.width, clip.height):
        return masks
    if (height, width) != tuple(image.shape[1:3]):
        raise ValueError(
            f"The masks are {width}x{height} pixels, the picture is {image.shape[2]}x{image.shape[1]} and the clip "
            f"{clip.width}x{clip.height}. Make the masks from the same picture."
        )
    return fit_mask(masks, clip.width, clip.height)


def _anchored(points: np.ndarray) -> np.ndarray:
    """The same, but anchors without their drift."""
    displacement = points - points[:, :1]
    anchor = ((displacement > -ROUNDING) & (displacement < DRIFT + ROUNDING)).all((1, 2))
    return np.where(anchor[:, None, None], points[:, :1], points)


def _ground(picture: Tensor, pieces: list[Piece], camera: Body | None, frames: int, fill: str) -> Tensor:
    """What lies behind all pieces, `[T, 6, H, W]`: colours, carried, uncovered, cleared."""
    height, width = picture.shape[-2:]
    left, cleared = np.zeros((2, height, width), bool)
    for piece in pieces:
        if piece.moves:
            left[piece.box.slices] |= piece.mask
            cleared[piece.box.slices] |= piece.mask & piece.whole
    plate = picture.new_zeros(6, height, width)
    plate[:3] = _filled(picture, left, fill)
    plate[4:] = torch.from_numpy(np.stack([left, cleared])).to(picture)
    if camera is None:
        return plate.repeat(frames, 1, 1, 1)
    places = Box(0, 0, width, height).places()
    sources = np.stack([camera.sources(places, time) for time in range(frames)])  # [T, H, W]
    moved = _sample(plate.expand(frames, -1, -1, -1), sources)
    inside = torch.from_numpy(_inside(sources, width, height)).to(picture)[:, None]  # [T, 1, H, W]
    if fill == "neutral":
        moved[:, :3] = torch.lerp(torch.full_like(moved[:, :3], NEUTRAL), moved[:, :3], inside)
    moved[:, 4:5] = torch.lerp(torch.ones_like(inside), moved[:, 4:5], inside)
    moved[:, 5:] *= inside
    moved[:, 3] = 1 - moved[:, 4]
    return moved


def _filled(picture: Tensor, hole: np.ndarray, fill: str) -> Tensor:
    """The picture `[3, H, W]` without what was in the hole `[H, W]`."""
    if not hole.any():
        return picture
    if fill == "neutral":
        return torch.where(torch.from_numpy(hole).to(picture.device), NEUTRAL, picture)
    painted = cv2.inpaint(_bytes(picture), hole.astype(np.uint8), INPAINT_REACH, cv2.INPAINT_TELEA)
    painted = torch.from_numpy(painted).to(picture) / 255  # [H, W, 3]
    return torch.where(torch.from_numpy(hole).to(picture.device), painted.movedim(-1, 0), picture)


def _bytes(picture: Tensor) -> np.ndarray:
    """`[3, H, W]` from 0 to 1 as `[H, W, 3]` uint8."""
    return (picture.detach().cpu().float().clamp(0, 1) * 255).round().byte().movedim(0, -1).contiguous().numpy()


def _layers(picture: Tensor, piece: Piece) -> Tensor:
    """`[5, h, w]` of the piece's box: colours, weight, mask."""
    own = torch.from_numpy(np.stack([piece.weight, piece.mask.astype(np.float32)])).to(picture)
    return torch.cat([picture[(slice(None), *piece.box.slices)], own])


def _paste(frame: Tensor, layers: Tensor, piece: Piece, time: int, width: int, height: int) -> None:
    """Lays a piece over one frame `[6, H, W]`, where it is at that time."""
    if not piece.moves:
        box, sampled, opacity = piece.box, layers, layers[4:]  # exact to the last bit
    else:
        box = piece.motion.reach(piece.box, time).within(width, height)
        if box.empty:
            return
        sources = piece.motion.sources(box.places(), time)  # [h, w]
        inside = _inside(sources, width, height)
        origin = piece.box.left + 1j * piece.box.top
        sampled = _sample(layers[None], np.where(inside, sources, origin)[None] - origin)[0]
        opacity = sampled[4:] * torch.from_numpy(inside).to(sampled)  # [1, h, w]
    over = torch.cat([sampled[:4], torch.zeros_like(opacity), torch.zeros_like(opacity)])
    window = (slice(None), *box.slices)
    frame[window] = torch.lerp(frame[window].clone(), over, opacity)  # autograd keeps what lay there


def _inside(sources: np.ndarray, width: int, height: int) -> np.ndarray:
    """Which places (complex) lie on a pixel of the picture; NaN does not."""
    x, y = sources.real, sources.imag
    return (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)


def _sample(pictures: Tensor, places: np.ndarray) -> Tensor:
    """Bilinear lookup in `[B, C, h, w]` at places `[B, H, W]` (complex, pixels); beyond the edge, the edge."""
    height, width = pictures.shape[-2:]
    grid = np.stack([(2 * places.real + 1) / width - 1, (2 * places.imag + 1) / height - 1], axis=-1)
    grid = torch.from_numpy(grid).to(pictures)  # [B, H, W, 2]
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _check(image, points, visible, masks, radius, carries, fill) -> None:
    if image.ndim != 3 or image.shape[-1] != 3 or min(image.shape[:2]) < 2:
        raise ValueError(f"image must be [H, W, 3], at least 2 pixels wide and high; found {list(image.shape)}.")
    height, width = image.shape[:2]
    if points.ndim != 3 or points.shape[1] < 2 or points.shape[2] != 2:
        raise ValueError(f"points must be [N, T, 2] with at least two frames; found {list(points.shape)}.")
    if visible.shape != points.shape[:2]:
        raise ValueError(f"visible must be [N, T] = {list(points.shape[:2])}; found {list(visible.shape)}.")
    if not visible[:, :1].any():
        raise ValueError("There is nothing to carry: no track is visible in the first frame.")
    if not ((points >= 0) & (points <= (width - 1, height - 1))).all():  # false for NaN, too
        raise ValueError(f"points must be finite and lie inside the picture of {width}x{height} pixels.")
    if masks is not None and (masks.ndim != 3 or masks.shape[1:] != image.shape[:2]):
        raise ValueError(
            f"masks must be [M, H, W] of the picture's {width}x{height} pixels; found {list(masks.shape)}."
        )
    if not 0 < radius < float("inf"):
        raise ValueError(f"radius must be a positive number of pixels, such as {RADIUS:g}; found {radius}.")
    if carries not in CARRIES:
        raise ValueError(f"carries must be one of {', '.join(CARRIES)}; found {carries!r}.")
    if fill not in FILLS:
        raise ValueError(f"fill must be one of {', '.join(FILLS)}; found {fill!r}.")
