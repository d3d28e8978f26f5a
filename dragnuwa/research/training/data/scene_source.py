"""Clips of scenes generated on the fly: full ones with drags, and in some steps short ones with text alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ...scenes import HELD_OUT_SEED, SceneConfig, make_scene
from ..random_streams import CONDITIONS, REUSED_SCENES
from .captions import reworded
from .clips import (
    ClipConfig,
    Clips,
    Stage,
    clip_with_dropout,
    dense_share,
    object_tracks,
    scene_drag_maps,
    track_maps,
)

SCENE_FPS = 5.0  # nominal frame rate of scenes, whose time has no unit


@dataclass(frozen=True)
class StepKind:
    """How the clips of a step are generated.

    Attributes:
        scenes: their content.
        clips: shares of dropped conditions, and how drag maps are made.
        number: of the step among those of its kind.
    """

    scenes: SceneConfig
    clips: ClipConfig
    number: int


def kind_of(step: int, config: ClipConfig) -> StepKind:
    """Full clips, or short ones if the configured step has them."""
    short = config.short
    if short is None:
        return StepKind(config.scenes, config, step)
    number = short.number(step)
    if short.at(step):
        return StepKind(short.scenes, replace(config, **short.conditions), number)
    return StepKind(config.scenes, config, number)


class SceneSource:
    """Scenes generated on the fly. Those of a step have one size; the steps of a kind cycle through its sizes.

    `fresh` of a step's clips are new. The others are drawn from all earlier ones, with new drags, so that their latents
    can be cached. In a step of short clips, each of the `batch` numbers is a batch of several.
    """

    def __init__(self, config: ClipConfig, *, stages: tuple[Stage, ...], batch: int, fresh: int):
        self.config, self.stages, self.batch, self.fresh = config, stages, batch, min(fresh, batch)
        self._numbers = lru_cache(maxsize=2)(self._drawn)

    def __getstate__(self) -> dict:
        return {key: value for key, value in self.__dict__.items() if key != "_numbers"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._numbers = lru_cache(maxsize=2)(self._drawn)

    def stream(self, numbers: Iterable[int]) -> Iterator[Clips]:
        return (self.clip(*divmod(number, self.batch)) for number in numbers)

    def clip(self, step: int, index: int) -> Clips:
        """Clip `index` of a step, or the short clips that replace it."""
        kind, times = kind_of(step, self.config), self.config.times(step)
        indices = range(index * times, (index + 1) * times)
        return Clips.join([self._clip(step, kind, place) for place in indices])

    def _clip(self, step: int, kind: StepKind, place: int) -> Clips:
        sizes = kind.scenes.sizes
        bucket = kind.number % len(sizes)
        number = self._numbers(step)[place]
        rng = np.random.default_rng((CONDITIONS, step, place))
        scene = make_scene(number * len(sizes) + bucket, replace(kind.scenes, sizes=(sizes[bucket],)))
        drag_maps = scene_drag_maps(scene, rng, dense_share(self.stages, step), kind.clips)
        return clip_with_dropout(
            rng,
            kind.clips,
            frames=scene.frames,
            drag_maps=drag_maps,
            caption=reworded(scene, rng),
            fps=SCENE_FPS,
            seed=number,
            scene=(bucket, number),
            owner=scene.owner,
        )

    def _drawn(self, step: int) -> list[int]:
        """The scenes of a step, as numbers within the bucket of its size."""
        kind, times = kind_of(step, self.config), self.config.times(step)
        rng = np.random.default_rng((REUSED_SCENES, step))
        fresh = self.fresh * times
        seen = kind.number // len(kind.scenes.sizes) * fresh
        rest = self.batch * times - fresh
        old = rng.integers(0, seen, rest) if seen else np.arange(rest) % fresh
        return [*range(seen, seen + fresh), *(int(number) for number in old)]

    def preview_clip(self, number: int) -> Clips:
        """A scene of moving objects in the first size, of a seed that training never uses."""
        scenes = replace(
            self.config.scenes, sizes=self.config.scenes.sizes[:1], camera_share=0.0, still_share=0.0, objects=(1, 2)
        )
        scene = make_scene(HELD_OUT_SEED + number, scenes)
        rng = np.random.default_rng(number)
        points, visible = object_tracks(scene, rng, self.config.anchor_share)
        return clip_with_dropout(
            rng,
            self.config.without_dropout(),
            frames=scene.frames,
            drag_maps=track_maps(points, visible, scene.clip, self.config),
            caption=scene.caption,
            fps=SCENE_FPS,
            seed=number,
            owner=scene.owner,
        )
