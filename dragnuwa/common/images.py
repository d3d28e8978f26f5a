"""Validates pictures on input, fits them to a clip's size so that a drag stays on the same spot of the picture, and
converts them to bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from .clip_shape import MODEL_SIDE_STEP, WHOLE, Area, Size
from .errors import InputError
from .interrupt import checkpoint

MODES = ("crop", "pad", "stretch")
# Resizing and adding overshoot 0 to 1 a little, which is clamped as the host does when it shows pictures. Values beyond
# these limits suggest a range of 0 to 255, or of -1 to 1.
MIN_VALUE, MAX_VALUE = -0.5, 8.0
ASPECT = 0.03  # tolerance between the aspect ratios of what shows the same
ROUNDED = 1  # px of a picture that an area may miss by rounding
MAX_LONGER_SIDE = 2048  # px, of a video at a picture's size, by default
ROWS = 32  # of a picture that are converted at a time
OF_CLIP = -1  # instead of the longer side of a video: it has the size of its clip


def shape_of(value: torch.Tensor, what: str = "image") -> tuple[int, int, int]:
    """B, H and W of pictures from another node. Values are not checked, for callers that pass them on to a function
    that does.

    Raises:
        InputError: if the shape is wrong, there is no picture, or the values are integers.
    """
    check_form(value, what, "[B, H, W, 3] and not empty", (4,))
    if value.shape[-1] not in (1, 3, 4):
        raise InputError(
            f"{what} should be pictures of 3 channels, of 4 with transparency, or of 1 for grey, [B, H, W, 3]; found "
            f"{list(value.shape)}. Convert them to RGB."
        )
    return tuple(value.shape[:3])


def as_images(value: torch.Tensor, what: str = "image") -> torch.Tensor:
    """Pictures from another node: `[B, H, W, C]` from 0 to 1 -> `[B, H, W, 3]` float32, on the same device.

    One channel is grey; channels after the third (transparency) are dropped. Values slightly out of range are clamped.

    Raises:
        InputError: as `shape_of`, or if values are not finite, or far outside 0 to 1.
    """
    shape_of(value, what)
    pictures = checked_values(value, what)[..., :3].float()
    return pictures.expand(-1, -1, -1, 3) if value.shape[-1] == 1 else pictures


def check_form(value: torch.Tensor, what: str, expected: str, dimensions: tuple[int, ...]) -> None:
    """Raises an InputError unless this is a numeric tensor of the expected shape, which `expected` describes."""
    if not isinstance(value, torch.Tensor):
        kind = type(value).__name__
        raise InputError(f"{what} should be a tensor {expected}; found a {kind}. Connect another output.")
    if value.ndim not in dimensions or 0 in value.shape:
        raise InputError(f"{what} should be {expected}; found {list(value.shape)}. Connect another output.")
    if not value.is_floating_point() and value.dtype != torch.bool:
        kind = str(value.dtype).removeprefix("torch.")
        raise InputError(f"{what} should hold values from 0 to 1; found the type {kind}. Divide them by the largest.")


def checked_values(value: torch.Tensor, what: str) -> torch.Tensor:
    """The values clamped to 0 to 1; the tensor itself if they all are."""
    if value.dtype == torch.bool:
        return value
    low, high = (float(end) for end in value.detach().aminmax())  # both are NaN if any value is
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"{what} holds values that are not finite (NaN or infinity). Look at the node that made it.")
    if low < MIN_VALUE or high > MAX_VALUE:
        raise InputError(
            f"{what} should hold values from 0 to 1; found {low:g} to {high:g}. Scale them to 0 to 1, such as by "
            "dividing bytes by 255."
        )
    return value.clamp(0, 1) if low < 0 or high > 1 else value


def fit(image: torch.Tensor, width: int, height: int, mode: str = "crop") -> torch.Tensor:
    """Fits pictures to a size.

    Args:
        image: `[B, H, W, C]`, same format as `as_images`.
        width: of the result in pixels.
        height: of the result in pixels.
        mode: "crop" fills the frame and crops the excess evenly on both sides, without resampling where that is one
            pixel; "pad" centres the whole picture with black bars around it; "stretch" ignores the aspect ratio.

    Returns:
        `[B, height, width, 3]` float32 from 0 to 1.

    Raises:
        InputError: if the image has another shape or type.
        ValueError: if the mode is unknown.
    """
    pixels = as_images(image).movedim(-1, 1)  # [B, 3, H, W]
    shown, place = placement((pixels.shape[-1], pixels.shape[-2]), (width, height), mode)
    fitted = resize(pixels[(..., *shown.slices)], place.columns, place.rows)
    return place.framed(fitted, width, height).movedim(1, -1).contiguous()


class Part(NamedTuple):
    """A part of a picture, in whole pixels."""

    top: int
    left: int
    rows: int
    columns: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Of rows and columns."""
        return slice(self.top, self.top + self.rows), slice(self.left, self.left + self.columns)

    def framed(self, pixels: torch.Tensor, width: int, height: int) -> torch.Tensor:
        """Pastes `pixels` `[..., rows, columns]` at this part of a picture of the given size that is 0 elsewhere."""
        right, bottom = width - self.columns - self.left, height - self.rows - self.top
        return F.pad(pixels, (self.left, right, self.top, bottom)) if pixels.shape[-2:] != (height, width) else pixels


class Placed(NamedTuple):
    """Where a picture lies in a frame, in fractions of its pixels; it may reach beyond the frame."""

    top: float
    left: float
    rows: float
    columns: float


def placement(picture: Size, size: Size, mode: str = "crop") -> tuple[Part, Part]:
    """The part of a picture that `fit` shows, and the part of the result to which it is resized.

    Args:
        picture, size: (width, height) of the picture and of the result.
        mode: as for `fit`.

    Raises:
        ValueError: if the mode is unknown.
    """
    (width, height), (to_width, to_height) = picture, size
    whole, everywhere = Part(0, 0, height, width), Part(0, 0, to_height, to_width)
    if mode == "crop":
        if 0 <= width - to_width <= 1 and 0 <= height - to_height <= 1:
            return everywhere, everywhere
        return _centre(width, height, to_width / to_height), everywhere
    if mode == "pad":
        scale = min(to_width / width, to_height / height)
        columns, rows = (max(1, round(side * scale)) for side in (width, height))
        return whole, Part((to_height - rows) // 2, (to_width - columns) // 2, rows, columns)
    if mode == "stretch":
        return whole, everywhere
    raise ValueError(f"fit must be one of {', '.join(MODES)}; found {mode!r}.")


def same_shape(size: Size, other: Size, rounding: int = 1) -> bool:
    """Whether two sizes (width, height) have the same aspect ratio, but for `ASPECT` and for sides that are rounded to
    multiples of `rounding` pixels."""
    return shape_error(size, other) <= ASPECT + rounding / min(*size, *other)


def same_but_for_model(picture: Size, clip: Size) -> bool:
    """Whether a clip has a picture's aspect ratio but for the multiples that its model takes: then what shows the clip
    may show the whole picture. Where it has another one, that is what a person has chosen."""
    return same_shape(picture, clip, MODEL_SIDE_STEP)


def shape_error(size: Size, other: Size) -> float:
    """How much two aspect ratios differ: the absolute logarithm of their ratio."""
    return abs(math.log(size[0] / size[1] * other[1] / other[0]))


def size_at(aspect: float, width: int, height: int, mode: str = "crop") -> Size:
    """(width, height) of a picture of width x height after `fit` to an aspect ratio (width / height) without
    downscaling: with "crop" the part that remains, with other modes the smallest size that contains it."""
    if mode == "crop":
        shown = _centre(width, height, aspect)
        return shown.columns, shown.rows
    return max(width, round(height * aspect)), max(height, round(width / aspect))


def drawn_area(picture: Size, drawn_on: Size, mode: str) -> Area:
    """Where, in pixels of a picture, the frame lies to which it was fitted: larger than the picture where the frame has
    bars, smaller where it shows a part. `drawn_on` is the frame's (width, height)."""
    shown, place = placement(picture, drawn_on, mode)
    width, height = drawn_on[0] / place.columns * shown.columns, drawn_on[1] / place.rows * shown.rows
    left = shown.left - place.left / place.columns * shown.columns
    top = shown.top - place.top / place.rows * shown.rows
    return left, top, width, height


@dataclass(frozen=True)
class FullSize:
    """A video at the size of a picture, made for a clip of that picture.

    Attributes:
        size: (width, height) of the video, both even, as video codecs require.
        mode: how the picture is fitted to it, as for `fit`.
        is_whole: whether it shows the whole picture, whatever the clip shows.
        area: where the clip's frame lies in the video, as fractions of the video's sides.
    """

    size: Size
    mode: str
    is_whole: bool = False
    area: Area = WHOLE


def full_size(picture: Size, clip: Size, mode: str, longer_side: int = 0, limit: int = MAX_LONGER_SIDE) -> FullSize:
    """Where a clip has the picture's aspect ratio but for its model (`same_but_for_model`), the video shows the whole
    picture. Where it has another one, the video has it, too.

    Args:
        picture, clip: their (width, height).
        mode: how the picture was fitted to the clip, as for `fit`.
        longer_side: of the video; 0 for the picture's, at most `limit`; `OF_CLIP` for the clip itself.

    Raises:
        ValueError: if the mode is unknown.
    """
    if longer_side == OF_CLIP:
        return FullSize(clip, mode)
    if not same_but_for_model(picture, clip):
        return FullSize(_even_sides(size_at(clip[0] / clip[1], *picture, mode), longer_side, limit), mode)
    size = _even_sides(picture, longer_side, limit)
    left, top, width, height = drawn_area(picture, clip, mode)
    shown, _ = placement(picture, size, "crop")
    left, top = left - shown.left, top - shown.top
    if max(abs(left), abs(top), abs(width - shown.columns), abs(height - shown.rows)) <= ROUNDED:
        return FullSize(size, "crop", True)
    return FullSize(
        size, "crop", True, (left / shown.columns, top / shown.rows, width / shown.columns, height / shown.rows)
    )


def _even_sides(size: Size, longer_side: int, limit: int) -> Size:
    """The nearest even sides with a longer side, or with that of `size` within the limit: then an odd side loses a
    pixel, so that nothing is resampled."""
    own = max(size)
    longest = longer_side or min(own, limit)
    if longest == own:
        return tuple(max(2, side // 2 * 2) for side in size)
    return tuple(nearest_even(side * (longest // 2 * 2) / own) for side in size)


def with_longer_side(size: Size, longer: float) -> Size:
    """A (width, height) scaled so that the longer side has so many pixels, and no side less than 2."""
    scale = longer / max(size)
    return tuple(max(2, round(side * scale)) for side in size)


def nearest_even(side: float) -> int:
    """A side in pixels, at least 2."""
    return max(2, 2 * math.floor(side / 2 + 0.5))


def uncropped_size(clip: Size, area: Area) -> Size:
    """(width, height) of the frames that `uncropped` makes of those of a clip."""
    return round(clip[0] / area[2]), round(clip[1] / area[3])


def uncropped(frames: torch.Tensor, area: Area) -> torch.Tensor:
    """Frames of a clip as if it showed the whole of a video's frame, in which it has this `area` (`FullSize`). What
    it does not show continues its border.

    Args:
        frames: `[T, h, w, C]` from 0 to 1.

    Returns:
        `[T, h', w', C]`, with pixels of the same size; the frames themselves if the area is the whole.
    """
    if area == WHOLE:
        return frames
    left, top, width, height = area
    columns, rows = uncropped_size((frames.shape[2], frames.shape[1]), area)
    x = 2 * ((torch.arange(columns) + 0.5) / columns - left) / width - 1
    y = 2 * ((torch.arange(rows) + 0.5) / rows - top) / height - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)[None].to(frames)  # [1, h', w', 2]
    made = frames.new_empty(len(frames), rows, columns, frames.shape[3])
    for time, frame in enumerate(frames):
        checkpoint()
        pixels = F.grid_sample(frame.movedim(-1, 0)[None], grid, "bicubic", "border", align_corners=False)
        made[time] = pixels[0].movedim(0, -1).clamp(0, 1)
    return made


def to_bytes(images: torch.Tensor) -> np.ndarray:
    """Converts `[...]` from 0 to 1, on any device, to uint8 of the same shape, clamped and rounded. A clip is converted
    frame by frame, with a checkpoint before each."""
    made = np.empty(tuple(images.shape), np.uint8)
    if images.ndim >= 4:
        for time, image in enumerate(images):
            checkpoint()
            made[time] = to_bytes(image)
        return made
    pairs = zip(images.detach().cpu().split(ROWS), torch.from_numpy(made).split(ROWS), strict=True)
    for rows, into in pairs:  # a few at a time, which stay in the processor's cache
        into.copy_((rows.float() * 255).round_().clamp_(0, 255))
    return made


def largest_channel(pixels: np.ndarray) -> np.ndarray:
    """`[...]`: the largest of the three channels of each pixel `[..., 3]`, faster than by NumPy's `max(-1)`."""
    red, green, blue = np.moveaxis(pixels, -1, 0)
    return np.maximum(np.maximum(red, green), blue)


def to_floats(frames: np.ndarray) -> torch.Tensor:
    """uint8 `[...]` as float32 from 0 to 1, on the CPU."""
    return torch.from_numpy(frames) / 255


def _centre(width: int, height: int, aspect: float) -> Part:
    """The largest centred part of a picture with an aspect ratio (width / height)."""
    columns, rows = min(width, max(1, round(height * aspect))), min(height, max(1, round(width / aspect)))
    return Part((height - rows) // 2, (width - columns) // 2, rows, columns)


def resize(pixels: torch.Tensor, width: int, height: int) -> torch.Tensor:
    if pixels.shape[-2:] == (height, width):
        return pixels
    return F.interpolate(pixels, (height, width), mode="bicubic", antialias=True).clamp(0, 1)
