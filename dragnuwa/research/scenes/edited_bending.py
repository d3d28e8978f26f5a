"""Scenes of jointed and bending things that are rendered twice: as they were, and with one of them moved otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import jointed, textures
from .bending import make_bending_scene
from .edited import EditedScene
from .layers import progress
from .scene import Scene, SceneObject

BENDING_GROUPS = (
    "jointed",
    "bending, with a moving camera",
    "jointed, crossing, with a moving camera",
    "bending, crossing",
)
"""By the seed modulo 4: half have a moving camera, and in half two of them cross."""
SIDE = 288  # px, of a frame
PAN, WAY, AWAY = 0.2, (0.3, 0.5), (0.15, 0.25)  # of that: of the camera, of a thing, and of the edit
ACROSS = (0.3, 0.7)  # of a frame: where the middle of a thing's way is
STEPS = 1.5  # strides, or waves there and back, in a clip
STRIDE, SWING, TORSO = 0.4, 0.4, 0.19  # radians, of legs and of an arm; and length of a torso, of a frame's side
SPREAD = 1.6  # of a bending scene's picture, in which a thing has half of the side: the side there

Paint = Callable[[np.ndarray, int, complex], tuple[np.ndarray, np.ndarray]]
"""Draws a thing at a time over a picture `[H, W, 3]` uint8, shifted: the picture, and `[H, W]` bool, where it is."""


@dataclass(frozen=True)
class _Thing:
    """`paint` draws it; `middles` `[T]` complex px is where its middle is."""

    paint: Paint
    middles: np.ndarray


def make_edited_bending(seed: int, frames: int = 16) -> EditedScene:
    """The scene of a seed; its things have no rigid motion, so that `motions` has where their middles go alone."""
    rng = np.random.default_rng([seed, 71])
    group = BENDING_GROUPS[seed % len(BENDING_GROUPS)]
    done = np.linspace(0, 1, frames)
    pan = PAN * SIDE * np.exp(2j * np.pi * rng.random()) * done * ("camera" in group)
    pan = np.round(pan.real) + 1j * np.round(pan.imag)
    room = round(PAN * SIDE) + 2
    ground, _ = textures.background(rng, (SIDE + 2 * room, SIDE + 2 * room), photos=(), photo_share=0.0)
    ways = _ways(rng, 2 if "crossing" in group else 1, done)
    make = _figure if "jointed" in group else _bending
    things = [make(rng, seed * 8 + number, way, done) for number, way in enumerate(ways)]
    number = int(rng.integers(len(things)))
    away = rng.uniform(*AWAY) * SIDE * np.exp(2j * np.pi * rng.random()) * progress(frames, "ease_in_out")
    corners = [(room + int(at.real), room + int(at.imag)) for at in pan]
    grounds = [ground[top : top + SIDE, left : left + SIDE] for left, top in corners]
    moved = [away if other == number else np.zeros(frames, complex) for other in range(len(things))]
    rests = [np.zeros(frames, complex)] * len(things)
    before, after = _scene(grounds, pan, things, rests), _scene(grounds, pan, things, moved)
    others = [each for other, each in enumerate(things) if other != number]
    without = _scene(grounds, pan, others, rests[1:]).frames
    return EditedScene(before, after, without, number, away, group, bends=True)


def _ways(rng: np.random.Generator, count: int, done: np.ndarray) -> list[np.ndarray]:
    """`[T]` complex px each: of things that meet in the middle of the clip, coming from both sides."""
    crossing = SIDE * complex(*rng.uniform(*ACROSS, 2))
    crossing = complex(0.5 * (crossing.real + 0.5 * SIDE), 0.5 * (crossing.imag + 0.5 * SIDE))
    side = rng.choice([-1, 1])
    ways = []
    for number in range(count):
        length = SIDE * rng.uniform(*WAY) * side * (-1) ** number
        ways.append(crossing + length * (done - 0.5) * np.exp(1j * rng.uniform(-0.3, 0.3)))
    return ways


def _figure(rng: np.random.Generator, seed: int, middles: np.ndarray, done: np.ndarray) -> _Thing:
    """One that walks and swings an arm."""
    colors = {name: jointed._texture(rng) for name in jointed.PARTS}
    torso, arm = TORSO * SIDE * rng.uniform(0.9, 1.1), rng.uniform(0.5, 0.9)
    phase = 2 * np.pi * (STEPS * done + rng.random())

    def paint(picture: np.ndarray, time: int, shift: complex) -> tuple[np.ndarray, np.ndarray]:
        stride, swing = STRIDE * np.sin(phase[time]), SWING * np.sin(phase[time])
        pose = jointed._pose(0.1 + stride, -0.1 - stride, arm + swing)
        made, parts = jointed._rendered(pose, complex(torso), middles[time] + shift, colors, picture)
        return made, parts > 0

    return _Thing(paint, middles)


def _bending(rng: np.random.Generator, seed: int, middles: np.ndarray, done: np.ndarray) -> _Thing:
    """One with a spine that bends there and back."""
    side = round(SIDE / SPREAD)
    own = make_bending_scene(seed, frames=2, side=side)
    middle = (own.opacity.sum(0) @ np.arange(side) + 1j * (own.opacity.sum(1) @ np.arange(side))) / own.opacity.sum()
    around = (SIDE - side) // 2
    room = ((around, SIDE - side - around), (around, SIDE - side - around))
    wide = replace(own, picture=np.pad(own.picture, (*room, (0, 0))), opacity=np.pad(own.opacity, room),
                   places=own.places + around * (1 + 1j))  # fmt: skip
    part = 0.5 - 0.5 * np.cos(2 * np.pi * STEPS * done + rng.uniform(0, np.pi))
    ways = own.moved[-1] - own.places

    def paint(picture: np.ndarray, time: int, shift: complex) -> tuple[np.ndarray, np.ndarray]:
        moved = own.places + part[time] * ways + middles[time] - middle + shift
        made, opacity = replace(wide, ground=picture).frame(moved)
        return (255 * made).round().clip(0, 255).astype(np.uint8), opacity >= 0.5

    return _Thing(paint, middles)


def _scene(
    grounds: Sequence[np.ndarray], pan: np.ndarray, things: Sequence[_Thing], shifts: Sequence[np.ndarray]
) -> Scene:
    """The clip of things, from back to front, each shifted `[T]` complex."""
    frames, owner = [], np.zeros((len(pan), SIDE, SIDE), np.uint8)
    for time, ground in enumerate(grounds):
        picture = np.ascontiguousarray(ground)
        for number, (thing, shift) in enumerate(zip(things, shifts, strict=True), 1):
            picture, mask = thing.paint(picture, time, complex(shift[time]))
            owner[time][mask] = number
        frames.append(picture)
    ways = [thing.middles + shift for thing, shift in zip(things, shifts, strict=True)]
    motions = np.tile(np.eye(3), (len(things) + 1, len(pan), 1, 1))
    for motion, way in zip(motions, [-pan, *(way - way[0] for way in ways)], strict=True):
        motion[:, 0, 2], motion[:, 1, 2] = way.real, way.imag
    points = np.array([np.stack([way.real, way.imag], -1) for way in ways]).reshape(len(things), len(pan), 2)
    objects = (SceneObject("thing", "", "straight", "a thing", None),) * len(things)
    flow = np.zeros((len(pan) - 1, SIDE, SIDE, 2), np.float32)
    visible = np.ones(points.shape[:2], bool)
    return Scene(np.stack(frames), flow, owner, points, visible, motions, objects, "", "", "")
