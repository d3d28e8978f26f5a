"""Scenes that are rendered twice: as they were, and with one of their objects moved otherwise."""

from dataclasses import dataclass, replace

import numpy as np

from . import layers
from .scene import Drawn, Scene, SceneConfig, draw_scene, rendered

SIZES = ((256, 320), (320, 256), (240, 384), (384, 240))  # (height, width) in px
GROUPS = ("alone", "with a moving camera", "occluded", "crossing, with a moving camera")
"""By the seed modulo 4: half have a moving camera, a quarter occlusion, a quarter things that cross."""
PASSING = {"still_share": 0.0, "object_size": (0.15, 0.35), "travel": (0.3, 0.6)}
"""Of things that pass before one another, rather than stay so."""
FEWEST_PIXELS = 200  # of the object in the first frame
SEEN = 0.5  # of its frames in which most of it has to be seen
AWAY = (0.15, 0.4)  # length of the edit, in sqrt(H*W)


@dataclass(frozen=True)
class EditedScene:
    """
    Attributes:
        before, after: the scene, and the scene with the edit; `owner` and `motions` are the truth of both.
        without: the frames without the object, `[T, H, W, 3]` uint8.
        number: of the object, from 0.
        away: `[T]` complex, how far the edit moves it in each frame, in pixels.
        group: one of `GROUPS`, or of `edited_bending.BENDING_GROUPS`.
        bends: whether its objects have no rigid motion.
    """

    before: Scene
    after: Scene
    without: np.ndarray
    number: int
    away: np.ndarray
    group: str
    bends: bool = False

    @property
    def masks(self) -> np.ndarray:
        """`[T, H, W]` bool: the visible part of the object before the edit."""
        return self.before.owner == self.number + 1


def make_edited(seed: int, config: SceneConfig = SceneConfig()) -> EditedScene:  # noqa: B008 (immutable)
    """The edited scene of `seed`; those that show too little of their object are drawn again, with other seeds."""
    kind = seed % len(GROUPS)
    moving, crossing = kind % 2 == 1, kind >= 2
    config = replace(
        config,
        sizes=SIZES,
        camera_share=float(moving),
        crossing_share=float(crossing),
        leaving_share=0.0,
        objects=(2, 2) if crossing else (1, 2),
        **PASSING if crossing else {},
    )
    number = 1 if kind == 3 else 0  # of two that cross the one in front, of an occluded one the one behind
    for attempt in range(100):
        drawn = draw_scene(seed + attempt * 10_000_000, config)
        before = rendered(drawn)
        if _is_seen(before, number):
            break
    random = np.random.default_rng([seed, 42])
    unit = (drawn.clip.width * drawn.clip.height) ** 0.5
    for _ in range(100):
        away = random.uniform(*AWAY) * unit * np.exp(2j * np.pi * random.random())
        way = away * layers.progress(drawn.clip.frames, "ease_in_out")
        after = rendered(_moved(drawn, number, way))
        if _is_seen(after, number):
            break
    bare = list(drawn.stack[: number + 1]) + list(drawn.stack[number + 2 :])
    return EditedScene(before, after, layers.composite(bare, drawn.clip)[0], number, way, GROUPS[kind])


def _moved(drawn: Drawn, number: int, way: np.ndarray) -> Drawn:
    shift = np.tile(np.eye(3), (len(way), 1, 1))
    shift[:, 0, 2], shift[:, 1, 2] = way.real, way.imag
    stack = list(drawn.stack)
    layer = stack[number + 1]
    stack[number + 1] = replace(layer, poses=shift @ layer.poses)
    return replace(drawn, stack=tuple(stack))


def _is_seen(scene: Scene, number: int) -> bool:
    if number >= len(scene.objects):
        return False
    areas = (scene.owner == number + 1).sum((1, 2))
    return areas[0] >= FEWEST_PIXELS and (areas >= 0.5 * areas[0]).mean() >= SEEN
