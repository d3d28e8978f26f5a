"""The size of a clip as passed through the library, and the sizes that a model accepts."""

from __future__ import annotations

from dataclasses import dataclass

MIN_MODEL_SIDE, MAX_MODEL_SIDE, MODEL_SIDE_STEP = 64, 16384, 8  # pixels; a latent pixel is 8 of them
MIN_MODEL_FRAMES, MAX_MODEL_FRAMES = 2, 1024

Size = tuple[int, int]
"""Width and height in pixels."""
Area = tuple[float, float, float, float]
"""Left, top, width and height of a part of a frame, as fractions of the frame unless pixels are named."""
WHOLE: Area = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class ClipShape:
    """Width and height in pixels and the number of frames, always in this order. Not validated."""

    width: int
    height: int
    frames: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


def odd_sides(width: int, height: int) -> str | None:
    """What to tell of a video with an odd side, which ComfyUI's Save Video cannot write: H.264 stores colours at half
    the size. None if both sides are even."""
    if not width % 2 and not height % 2:
        return None
    return (
        f"The video is {width}x{height} pixels, and Save Video's H.264 takes even sides only. Scale or crop it to "
        f"{width - width % 2}x{height - height % 2} before it is saved."
    )


@dataclass(frozen=True)
class ModelClip(ClipShape):
    """A clip that a video model accepts: width and height are multiples of 8 from 64 to 16384, 2 to 1024 frames.

    Raises:
        ValueError: if a value is out of range.
    """

    def __post_init__(self):
        for name in ("width", "height"):
            side = getattr(self, name)
            if not MIN_MODEL_SIDE <= side <= MAX_MODEL_SIDE or side % MODEL_SIDE_STEP:
                nearest = round(min(max(side, MIN_MODEL_SIDE), MAX_MODEL_SIDE) / MODEL_SIDE_STEP) * MODEL_SIDE_STEP
                raise ValueError(
                    f"{name} must be a multiple of {MODEL_SIDE_STEP} from {MIN_MODEL_SIDE} to {MAX_MODEL_SIDE} pixels; "
                    f"found {side}. The nearest is {nearest}."
                )
        if not MIN_MODEL_FRAMES <= self.frames <= MAX_MODEL_FRAMES:
            raise ValueError(f"frames must be {MIN_MODEL_FRAMES} to {MAX_MODEL_FRAMES}; found {self.frames}.")


def small_size(size: Size, longest: int) -> Size:
    """(width, height) scaled down to a longer side of at most `longest` pixels."""
    scale = min(1.0, longest / max(size))
    return tuple(max(1, round(side * scale)) for side in size)
