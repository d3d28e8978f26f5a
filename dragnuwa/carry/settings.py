"""The settings of Carry, and choices that nodes offer without loading what takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..common.images import MODES

RADIUS = 24.0  # px, where a drag map of the released model (sigma 20) has fallen to 0.5
FILLS = ("inpaint", "neutral")
CARRIES = ("object", "surroundings")
MATRICES = ("w2c", "c2w")
"""What a pose's matrix does: world to camera, or camera to world."""


@dataclass(frozen=True)
class CarrySettings:
    """How a picture is moved along its tracks, and how long the sampling is tied to the result.

    Attributes:
        radius: in pixels, of the surroundings that a track without an object carries.
        carries: what a track without a mask carries: the "object" on which it begins, or its "surroundings".
        fill: "inpaint" fills disoccluded areas, and the area beyond the picture's edge if the camera moves
            (`dragnuwa.vision.inpainting.fill`); "neutral" makes both grey and leaves them to the sampler.
        hold: the fraction of the sampling schedule for which carried pixels are tied to the carried video.
        ground: the same for all other pixels.
        fit: a mode of `dragnuwa.common.images.fit`, the same as for the model and in the editor.

    Raises:
        ValueError: if a value is out of its range.
    """

    radius: float = RADIUS
    carries: str = CARRIES[0]
    fill: str = FILLS[0]
    hold: float = 0.6
    ground: float = 0.0
    fit: str = MODES[0]

    def __post_init__(self):
        if not 0 < self.radius < float("inf"):
            raise ValueError(f"radius must be a positive number of pixels, such as {RADIUS:g}; found {self.radius}.")
        if self.carries not in CARRIES:
            raise ValueError(f"carries must be one of {', '.join(CARRIES)}; found {self.carries!r}.")
        if self.fill not in FILLS:
            raise ValueError(f"fill must be one of {', '.join(FILLS)}; found {self.fill!r}.")
        if self.fit not in MODES:
            raise ValueError(f"fit must be one of {', '.join(MODES)}; found {self.fit!r}.")
        for name, part in (("hold", self.hold), ("ground", self.ground)):
            if not 0 <= part <= 1:
                raise ValueError(f"{name} must be from 0 to 1; found {part}.")

    def with_background(self) -> CarrySettings:
        """With a background picture, nothing is left grey for the sampler."""
        return replace(self, fill=FILLS[0])
