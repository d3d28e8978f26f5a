"""What a person sets of a carry."""

from __future__ import annotations

from dataclasses import dataclass

from ..common.images import MODES

RADIUS = 24.0  # px, where a drag map of the released model (sigma 20) has fallen to a half
FILLS = ("inpaint", "neutral")
CARRIES = ("object", "surroundings")


@dataclass(frozen=True)
class CarrySettings:
    """How a picture is carried along its tracks, and how long the sampling is tied to it.

    Attributes:
        radius: in pixels, that a track carries which carries its surroundings.
        carries: what a track without a mask carries: the "object" on which it begins, or its "surroundings".
        fill: "inpaint" fills uncovered ground from its border (`dragnuwa.carry.filling`); "neutral" makes it grey and
            leaves it to the sampler. What a camera move brings in repeats the picture's edge, or is grey.
        hold: the part of the sampling schedule, from 0 to 1, for which carried places stay tied to the carried picture.
        ground: the same for all other places.
        fit: how the picture is brought to the clip's aspect ratio, as `dragnuwa.common.images.fit` says: as it was
            for the model, and for whoever drew the tracks.

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
