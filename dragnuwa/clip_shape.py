"""The size of a clip: how it travels through the library, and what a model can take."""

from __future__ import annotations

from dataclasses import dataclass

MIN_SIDE, MAX_SIDE, SIDE_STEP = 64, 16384, 8  # pixels; a latent pixel is 8 of them
MIN_FRAMES, MAX_FRAMES = 2, 128


@dataclass(frozen=True)
class ClipShape:
    """Width and height in pixels and the number of frames, in this order everywhere. Any clip; not checked."""

    width: int
    height: int
    frames: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True)
class ModelClip(ClipShape):
    """A clip that a video model can take: width and height are multiples of 8 from 64 to 16384, 2 to 128 frames.

    Raises:
        ValueError: if a value is out of its range.
    """

    def __post_init__(self):
        for name in ("width", "height"):
            side = getattr(self, name)
            if not MIN_SIDE <= side <= MAX_SIDE or side % SIDE_STEP:
                nearest = min(max(round(side / SIDE_STEP) * SIDE_STEP, MIN_SIDE), MAX_SIDE)
                raise ValueError(
                    f"{name} must be a multiple of {SIDE_STEP} from {MIN_SIDE} to {MAX_SIDE} pixels; found {side}. "
                    f"The nearest is {nearest}."
                )
        if not MIN_FRAMES <= self.frames <= MAX_FRAMES:
            raise ValueError(f"frames must be {MIN_FRAMES} to {MAX_FRAMES}; found {self.frames}.")
