"""Camera moves as a photographer names them, and the path of the camera that they make.

Angles are in degrees. Ways are parts of the distance to a point of the picture, the focus: truck 0.2 moves the camera
to the right by a fifth of that distance. The first frame is the picture itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...common.errors import InputError
from ...trajectory.sampling import eased, own_time
from .camera import PinholeCamera
from .scene import DepthScene

EASES = ("ease_in_out", "linear", "ease_in", "ease_out")
MOST_DOLLY = 0.9  # of the distance to the focus: beyond that, the camera would be in what it looks at
MOST_WAY, MOST_ANGLE, MOST_ZOOM = 5.0, 89.0, 10.0
SWAY = 7  # waves of hand-held motion in a clip, of several frequencies


@dataclass(frozen=True)
class CameraMoves:
    """Moves over a clip; each may be combined with all others.

    Attributes:
        pan: degrees by which the camera turns to the right.
        tilt: degrees by which it turns upwards.
        roll: degrees by which it turns clockwise.
        truck: how far it moves to the right, in parts of the distance to the focus.
        pedestal: how far it moves upwards, in the same unit.
        dolly: how far it moves forwards, in the same unit.
        orbit: degrees by which it goes around the focus to the right, while it looks at it.
        rise: degrees by which it goes around the focus upwards, while it looks at it.
        zoom: by which the focal length grows: 0.5 makes everything half as large again.
        dolly_zoom: whether the focal length changes with the dolly so that the focus keeps its size.
        handheld: degrees by which an unsteady hand turns it, at most.
        seed: of the hand.
        focus: (x, y) in fractions of the picture.
        ease: one of `EASES`.
        start: when it begins to move, as a fraction of the clip.
        end: when it stops.

    Raises:
        InputError: if a value is out of range.
    """

    pan: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0
    truck: float = 0.0
    pedestal: float = 0.0
    dolly: float = 0.0
    orbit: float = 0.0
    rise: float = 0.0
    zoom: float = 0.0
    dolly_zoom: bool = False
    handheld: float = 0.0
    seed: int = 0
    focus: tuple[float, float] = (0.5, 0.5)
    ease: str = EASES[0]
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self):
        limits = {
            **dict.fromkeys(("pan", "tilt", "orbit", "rise"), (-MOST_ANGLE, MOST_ANGLE)),
            "roll": (-360.0, 360.0), "truck": (-MOST_WAY, MOST_WAY), "pedestal": (-MOST_WAY, MOST_WAY),
            "dolly": (-MOST_WAY, MOST_DOLLY), "zoom": (-MOST_DOLLY, MOST_ZOOM), "handheld": (0.0, 20.0),
            "start": (0.0, 1.0), "end": (0.0, 1.0),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:  # not NaN either
                raise InputError(f"{name} should be from {low:g} to {high:g}; found {value:g}.")
        if self.ease not in EASES:
            raise InputError(f"ease should be one of {', '.join(EASES)}; found {self.ease!r}.")
        if not self.start < self.end:
            raise InputError(f"start should be before end; found {self.start:g} and {self.end:g}.")
        if not all(0 <= part <= 1 for part in self.focus):
            raise InputError("The focus should lie in the picture, at fractions from 0 to 1 of its sides.")

    @property
    def rests(self) -> bool:
        """Whether the camera does not move at all."""
        still = ("pan", "tilt", "roll", "truck", "pedestal", "dolly", "orbit", "rise", "zoom", "handheld")
        return all(getattr(self, name) == 0 for name in still)

    def cameras(
        self, scene: DepthScene, frames: int, base: Sequence[PinholeCamera] | None = None
    ) -> list[PinholeCamera]:
        """The camera in each frame.

        Args:
            base: a camera for each frame, from which these moves start; by default the picture's own.
        """
        base = base or [own_camera(scene)] * frames
        focus = focus_of(scene, self.focus)
        times = np.arange(frames) / (frames - 1)
        parts = [eased(self.ease, float(part)) for part in own_time(self.start, self.end, times)]
        sway = self.handheld * self.sway(times)
        return [self._moved(camera, focus, part, hand) for camera, part, hand in zip(base, parts, sway, strict=True)]

    def moved(self, scene: DepthScene) -> PinholeCamera:
        """The picture's own camera after the moves, without the unsteady hand."""
        return self._moved(own_camera(scene), focus_of(scene, self.focus), 1.0, np.zeros(3))

    def _moved(self, base: PinholeCamera, focus: np.ndarray, part: float, hand: np.ndarray) -> PinholeCamera:
        around = _turn_right(part * self.orbit) @ _turn_up(part * self.rise)  # from the base's axes to the new ones
        way = part * float(focus[2]) * np.array([self.truck, -self.pedestal, self.dolly])
        there = base.rotation @ focus + base.translation  # the focus, for the base
        centre = there - around @ there + around @ way
        own = _roll(part * self.roll + hand[2]) @ _turn_up(part * self.tilt + hand[1])
        turn = own @ _turn_right(part * self.pan + hand[0]) @ around.T
        larger = 1 + part * self.zoom
        if self.dolly_zoom:
            larger *= 1 - part * self.dolly
        intrinsics = base.intrinsics.copy()
        intrinsics[[0, 1], [0, 1]] *= larger
        return PinholeCamera(turn @ base.rotation, turn @ (base.translation - centre), intrinsics, base.size)

    def sway(self, times: np.ndarray) -> np.ndarray:
        """`[T, 3]`, at times `[T]`, fractions of the clip: how an unsteady hand pans, tilts and rolls, in parts of
        `handheld`; 0 in the first frame."""
        noise = np.random.default_rng(self.seed)
        waves = np.arange(1, SWAY + 1)[:, None, None]
        phase, weight = noise.uniform(0, 2 * np.pi, (SWAY, 1, 3)), noise.normal(size=(SWAY, 1, 3)) / waves
        found = (weight * np.sin(2 * np.pi * waves * times[None, :, None] + phase)).sum(0)  # [T, 3]
        found -= found[0]
        most = np.abs(found).max()
        return found / most if most > 0 else found


def own_camera(scene: DepthScene) -> PinholeCamera:
    """The one that took the picture."""
    return PinholeCamera(np.eye(3), np.zeros(3), scene.intrinsics.copy(), scene.size)


def focus_of(scene: DepthScene, place: tuple[float, float]) -> np.ndarray:
    """`[3]`: the point of a scene at a place in fractions of the picture."""
    width, height = scene.size
    pixel = np.array([place[0] * width - 0.5, place[1] * height - 0.5, 1.0])
    return scene.distance(*place) * np.linalg.inv(scene.intrinsics) @ pixel


def _turn_right(degrees: float) -> np.ndarray:
    """From the axes of a camera to those of one that is turned to the right."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])


def _turn_up(degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, c, s], [0, -s, c]])


def _roll(degrees: float) -> np.ndarray:
    """Of one that is rolled clockwise."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
