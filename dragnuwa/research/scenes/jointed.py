"""Clips of a jointed figure, rendered twice: as it moves by itself, and with an arm raised besides; and the exact place
of each of its points in both."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from . import textures
from .layers import progress

GROUPS = ("turns and grows", "turns, moving camera", "walks", "walks, moving camera", "walks, the arm swings")
"""By the seed: a figure that goes along as a whole, or moves its legs, or its arms, too."""
STANDS = "stands"
"""One that does not move by itself, before a still camera."""
ARM = "arm", "forearm"
"""The parts that are raised."""
FINE = 2  # samples along a side of a pixel
TEXTURE = 64  # px, of a part
PARTS = ("far leg", "leg", "torso", "head", "far arm", "forearm", "arm")  # from back to front
ARM_FROM = 5  # the number of the last part, from 1, that is not of the raised arm
FOLLOWED = ("leg", "far leg", "torso", "head", "arm", "forearm")
LENGTH = {"leg": 1.0, "torso": 1.0, "head": 0.18, "arm": 0.52, "forearm": 0.55}  # in torsos
WIDTH = {"leg": 0.16, "torso": 0.27, "head": 0.2, "arm": 0.11, "forearm": 0.095}  # half of it
SHOULDER, NECK = 0.24 - 0.86j, -1.28j  # from the hip, which is the middle of the figure
SPACING = 0.08  # torsos between the points that are followed


@dataclass(frozen=True)
class JointedScene:
    """
    Attributes:
        group: one of `GROUPS`, or `STANDS`.
        before, after: `[T, H, W, 3]` uint8, without and with the raised arm.
        masks, masks_after: `[T, H, W]` bool, the figure in both.
        arms, arms_after: `[T, H, W]` bool, what is seen of the raised arm in both.
        points, points_after: `[T, n]` complex px, points of it in both.
        of_arm: `[n]` bool, which of them are the arm's.
        pins: `[k, T]` complex px of frame 0: hand and elbow as they are raised there, and shoulder and hip, which rest.
    """

    group: str
    before: np.ndarray
    after: np.ndarray
    masks: np.ndarray
    masks_after: np.ndarray
    arms: np.ndarray
    arms_after: np.ndarray
    points: np.ndarray
    points_after: np.ndarray
    of_arm: np.ndarray
    pins: np.ndarray

    @property
    def size(self) -> float:
        """sqrt(area) of the figure in frame 0, in px."""
        return float(self.masks[0].sum() ** 0.5)


def make_jointed(
    seed: int, frames: int = 9, size: tuple[int, int] = (320, 256), group: str | None = None
) -> JointedScene:
    """The scene of a seed, with frames of (width, height) `size`; of a group, or that of the seed."""
    rng = np.random.default_rng([seed, 46])
    group = group or GROUPS[seed % len(GROUPS)]
    width, height = size
    part_done = np.linspace(0, 1, frames) * (group != STANDS)
    torso = 0.26 * height * rng.uniform(0.9, 1.1)
    grown = 1 + rng.uniform(-0.15, 0.15) * part_done
    turned = np.exp(1j * rng.uniform(-0.2, 0.2) * np.sin(np.pi * part_done))
    way = rng.choice([-1, 1]) * 0.2 * width * (part_done - 0.5) + 0.04j * height * np.sin(2 * np.pi * part_done)
    middle = 0.5 * width + 0.55j * height + way
    camera = (0.15 * width * part_done * rng.choice([-1, 1])).round() if "camera" in group else np.zeros(frames)
    stride = 0.45 * np.sin(2 * np.pi * part_done) * ("walks" in group)
    swing = 0.35 * np.sin(2 * np.pi * part_done) * ("swings" in group)
    arm = rng.uniform(0.7, 1.0)  # radians from hanging down
    raised = rng.uniform(0.7, 1.2) * progress(frames, "ease_in_out")
    tex = {name: _texture(rng) for name in PARTS}
    ground, _ = textures.background(rng, (width + abs(int(camera[-1])) + 2, height), photos=(), photo_share=0.0)
    offsets = (camera - camera.min()).astype(int)

    def clip(raises: np.ndarray) -> tuple[np.ndarray, ...]:
        made, shown, points = [], [], []
        for time in range(frames):
            pose = _pose(0.25 + stride[time], -0.25 - stride[time], arm + swing[time] + raises[time])
            place = torso * grown[time] * turned[time]
            around = ground[:, offsets[time] : offsets[time] + width]
            picture, parts = _rendered(pose, place, middle[time], tex, around)
            made.append(picture)
            shown.append(parts)
            points.append(middle[time] + place * _points_of(pose))
        owner = np.stack(shown)
        return np.stack(made), owner > 0, owner > ARM_FROM, np.stack(points)

    before, after = clip(np.zeros(frames)), clip(raised)
    first = torso * grown[0] * turned[0]
    ways = [[middle[0] + first * at for at in _pins(_pose(0.25, -0.25, arm + more))] for more in raised]
    (first_made, masks, arms, points), (second_made, masks_after, arms_after, points_after) = before, after
    return JointedScene(group, first_made, second_made, masks, masks_after, arms, arms_after, points, points_after,
                        _is_of_arm(), np.array(ways).T)  # fmt: skip


Pose = dict[str, tuple[complex, complex]]
"""The begin and direction of each part, in torsos from the hip."""


def _pose(leg: float, far_leg: float, arm: float) -> Pose:
    """Angles from hanging down, in radians; the far arm hangs on the other side."""
    down = 1j
    reach = down * np.exp(-1j * arm)  # to the right
    elbow = SHOULDER + LENGTH["arm"] * reach
    return {
        "far leg": (-0.1 + 0j, down * np.exp(-1j * far_leg)),
        "leg": (0.1 + 0j, down * np.exp(-1j * leg)),
        "torso": (0j, -down),
        "head": (NECK, -down),
        "far arm": (-SHOULDER.conjugate(), down * np.exp(0.8j)),
        "forearm": (elbow, reach),
        "arm": (SHOULDER, reach),
    }


def _kind(name: str) -> str:
    return name.removeprefix("far ")


def _pins(pose: Pose) -> list[complex]:
    hand = pose["forearm"][0] + 0.9 * LENGTH["forearm"] * pose["forearm"][1]
    return [hand, pose["forearm"][0], SHOULDER - 0.05, 0j]


def _points_of(pose: Pose) -> np.ndarray:
    """`[n]`: points along and across all parts, but the far arm's and those in the shoulder."""
    found = []
    for name in FOLLOWED:
        start, along = pose[name]
        half = WIDTH[_kind(name)]
        u, v = np.meshgrid(_along(name), [-0.6 * half, 0, 0.6 * half])
        found.append((start + along * (u + 1j * v)).ravel())
    return np.concatenate(found)


def _along(name: str) -> np.ndarray:
    length = LENGTH[_kind(name)]
    return np.arange(0.4 * length if name == "arm" else 0.0, length, SPACING)


def _is_of_arm() -> np.ndarray:
    return np.concatenate([np.full(3 * len(_along(name)), name in ARM) for name in FOLLOWED])


def _texture(rng: np.random.Generator) -> np.ndarray:
    base = rng.uniform(40, 215, 3)
    spots = cv2.resize(rng.uniform(-1, 1, (12, 12, 3)), (TEXTURE, TEXTURE), interpolation=cv2.INTER_CUBIC)
    return (base + 45 * spots).clip(0, 255).astype(np.float32)


def _rendered(
    pose: Pose, place: complex, middle: complex, tex: dict[str, np.ndarray], ground: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A frame `[H, W, 3]` uint8, and `[H, W]` int, the number of the part that it shows, from 1, and 0 for none."""
    height, width = ground.shape[:2]
    y, x = np.mgrid[: height * FINE, : width * FINE]
    at = (((x + 0.5) / FINE - 0.5 + 1j * ((y + 0.5) / FINE - 0.5)) - middle) / place
    colors = cv2.resize(ground.astype(np.float32), (width * FINE, height * FINE), interpolation=cv2.INTER_NEAREST)
    shown = np.zeros(at.shape, np.uint8)
    for number, name in enumerate(PARTS, 1):
        kind = _kind(name)
        begin, along = pose[name]
        length, half = LENGTH[kind] * (2 if name == "far arm" else 1), WIDTH[kind]
        own = (at - begin) / along
        inside = np.abs(own - own.real.clip(0, length)) <= half
        u = (own.real + half) / (length + 2 * half) * (TEXTURE - 1)
        v = (own.imag + half) / (2 * half) * (TEXTURE - 1)
        found = cv2.remap(tex[name], v.astype(np.float32), u.astype(np.float32), cv2.INTER_LINEAR)
        colors[inside] = found[inside]
        shown[inside] = number
    size = (width, height)
    picture = cv2.resize(colors, size, interpolation=cv2.INTER_AREA).round().clip(0, 255).astype(np.uint8)
    return picture, shown[::FINE, ::FINE]
