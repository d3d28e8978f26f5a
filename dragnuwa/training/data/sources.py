"""Where clips come from, counted through: scenes, videos, shards. A clip depends on its number alone.

Clip n is number n % batch of step n // batch, so a run goes on where it stopped with nothing kept but its step.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ...scenes import HELD_OUT_SEED, make_scene
from ...tracking.optical_flow import estimate
from ...videos.folder import Skipped, VideoFolder, write_skipped
from ...videos.shards import Clip, ShardError, ShardReader
from ..recipe import Clips
from .clips import ClipConfig, Stage, conditioned, dense_share, flow_maps, maps, object_tracks, track_maps

log = logging.getLogger(__name__)

OLD, NEW, VIDEO, SHOWN = 3, 4, 5, 6  # what chance is for; autoencoder.py has 1 and 2


class Source(Protocol):
    def stream(self, first: int, every: int) -> Iterator[Clips]:
        """Endlessly the clips `first`, `first + every`, ..., each alone."""
        ...

    def shown(self, number: int) -> Clips:
        """A clip with all its conditions and sparse drags, to look at."""
        ...


class SceneSource:
    """Scenes, made on the fly. Those of a step have one size, that of the step's turn in the list.

    `fresh` of a step's clips are new, the others are drawn from all that were new before, with new drags, for the sake
    of a latent cache.
    """

    def __init__(self, config: ClipConfig, stages: tuple[Stage, ...], batch: int, fresh: int):
        self.config, self.stages, self.batch, self.fresh = config, stages, batch, min(fresh, batch)
        self._numbers = lru_cache(maxsize=2)(self._drawn)

    def __getstate__(self) -> dict:
        return {key: value for key, value in self.__dict__.items() if key != "_numbers"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._numbers = lru_cache(maxsize=2)(self._drawn)

    def stream(self, first: int, every: int) -> Iterator[Clips]:
        return (self.clip(*divmod(number, self.batch)) for number in count(first, every))

    def clip(self, step: int, index: int) -> Clips:
        sizes = self.config.scenes.sizes
        bucket = step % len(sizes)
        number = self._numbers(step)[index]
        rng = np.random.default_rng((NEW, step, index))
        scene = make_scene(number * len(sizes) + bucket, replace(self.config.scenes, sizes=(sizes[bucket],)))
        drags = maps(scene, rng, dense_share(self.stages, step), self.config)
        return conditioned(
            scene.frames, drags, scene.caption, self.config.scene_fps, number, rng, self.config, (bucket, number)
        )

    def _drawn(self, step: int) -> list[int]:
        """The scenes of a step, by their numbers in the bucket of its size."""
        rng = np.random.default_rng((OLD, step))
        seen = step // len(self.config.scenes.sizes) * self.fresh
        rest = self.batch - self.fresh
        old = rng.integers(0, seen, rest) if seen else np.arange(rest) % self.fresh
        return [*range(seen, seen + self.fresh), *(int(number) for number in old)]

    def shown(self, number: int) -> Clips:
        """A scene of moving objects in the first size, from a seed that training never uses."""
        scenes = replace(
            self.config.scenes, sizes=self.config.scenes.sizes[:1], camera_share=0.0, still_share=0.0, objects=(1, 2)
        )
        scene = make_scene(HELD_OUT_SEED + number, scenes)
        rng = np.random.default_rng(number)
        points, visible = object_tracks(scene, rng, self.config.anchor_share)
        drags = track_maps(points, visible, *scene.frames.shape[1:3], self.config)
        whole = _whole(self.config)
        return conditioned(scene.frames, drags, scene.caption, whole.scene_fps, number, rng, whole)


class FolderSource:
    """Random clips of a folder tree of videos. What cannot be used is listed in `skipped_list` and left out."""

    def __init__(self, config: ClipConfig, stages: tuple[Stage, ...], batch: int, skipped_list: Path):
        self.config, self.stages, self.batch = config, stages, batch
        videos = config.videos
        self.folders = [
            VideoFolder(
                videos.folder,
                frames=videos.frames,
                size=(videos.width, videos.height),
                fps=fps,
                skipped_list=skipped_list.with_stem(f"{skipped_list.stem}-{fps:g}fps"),
            )
            for fps in videos.fps
        ]

    def stream(self, first: int, every: int) -> Iterator[Clips]:
        return (self._clip(VIDEO, number, self.config) for number in count(first, every))

    def shown(self, number: int) -> Clips:
        return self._clip(SHOWN, number, _whole(self.config))

    def _clip(self, use: int, number: int, config: ClipConfig) -> Clips:
        rng = np.random.default_rng((NEW, use, number))
        folder = self.folders[rng.integers(len(self.folders))]
        sample = folder.draw(use, number)
        flow, occluded = estimate(sample.frames)
        dense = dense_share(self.stages, number // self.batch) if use == VIDEO else 0.0
        drags = flow_maps(flow, occluded, rng, dense, config)
        return conditioned(sample.frames, drags, sample.caption, folder.fps, number, rng, config)


class ShardSource:
    """The clips of shards, in an order that is random and the same in each run. A broken clip is listed in
    `skipped_list`, and the next one that can be read stands in for it."""

    def __init__(self, config: ClipConfig, stages: tuple[Stage, ...], batch: int, skipped_list: Path):
        self.config, self.stages, self.batch, self.skipped_list = config, stages, batch, skipped_list
        self.reader = ShardReader(config.videos.shards, seed=VIDEO)
        self.skipped: list[Skipped] = []
        write_skipped(skipped_list, [])

    def stream(self, first: int, every: int) -> Iterator[Clips]:
        clips = self.reader.clips(first, rank=0, world=every)
        waiting: list[int] = []
        for number in count(first, every):
            waiting.append(number)
            try:
                clip = next(clips)
            except ShardError as error:
                self._skip(error)
                if len(waiting) > len(self.reader):
                    raise ShardError(f"no clip in {self.reader.folder} can be read; the last: {error}") from error
                clips = self.reader.clips(number + every, rank=0, world=every)
                continue
            yield from (self._conditioned(clip, one, self.config) for one in waiting)
            waiting.clear()

    def shown(self, number: int) -> Clips:
        return self._conditioned(next(self.reader.clips(number)), number, _whole(self.config), dense=0.0)

    def _conditioned(self, clip: Clip, number: int, config: ClipConfig, dense: float | None = None) -> Clips:
        videos = config.videos
        wanted = videos.frames, videos.height, videos.width, 3
        if clip.frames.shape != wanted:
            raise ValueError(
                f"the clips in {videos.shards} are {list(clip.frames.shape)}; clips.videos says {list(wanted)}."
            )
        rng = np.random.default_rng((NEW, VIDEO, number))
        dense = dense_share(self.stages, number // self.batch) if dense is None else dense
        drags = flow_maps(clip.flow, clip.occluded, rng, dense, config)
        return conditioned(clip.frames, drags, clip.caption, clip.fps, number, rng, config)

    def _skip(self, error: ShardError) -> None:
        one = Skipped(self.reader.folder.name, str(error))
        if any(str(one) == str(known) for known in self.skipped):
            return
        self.skipped.append(one)
        log.warning("skipped (%d in all) %s", len(self.skipped), error)
        with open(self.skipped_list, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{one}\n")


def _whole(config: ClipConfig) -> ClipConfig:
    """With nothing dropped."""
    return replace(config, drop_text=0.0, drop_picture=0.0, drop_drags=0.0)


def open_source(
    config: ClipConfig, stages: tuple[Stage, ...], batch: int, fresh: int, out: Path, rank: int
) -> SceneSource | FolderSource | ShardSource:
    """The source that the configuration names.

    Raises:
        VideoError: for a folder without a usable video.
        ShardError: for shards without an index, or of other sizes than it says.
    """
    if config.videos is None:
        return SceneSource(config, stages, batch, fresh)
    kind = FolderSource if config.videos.folder is not None else ShardSource
    return kind(config, stages, batch, out / ("skipped.txt" if rank == 0 else f"skipped-process{rank}.txt"))


class _Stream(IterableDataset):
    """A process's clips from `begin` on; workers take them in turn, and the loader asks them in turn."""

    def __init__(self, source: Source, begin: int, rank: int, world: int):
        self.source, self.begin, self.rank, self.world = source, begin, rank, world

    def __iter__(self) -> Iterator[Clips]:
        worker = get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        return self.source.stream(self.begin + number * self.world + self.rank, self.world * workers)


def batches(
    source: Source, begin: int, size: int, *, rank: int = 0, world: int = 1, workers: int = 0
) -> Iterator[Clips]:
    """Endlessly `size` clips at a time: of the clips `begin`, `begin + 1`, ... each `world`-th, from `rank` on.

    `workers` processes make them; how many does not change the clips.
    """
    loader = DataLoader(
        _Stream(source, begin, rank, world),
        batch_size=None,
        num_workers=workers,
        worker_init_fn=_alone,
        multiprocessing_context="spawn" if workers else None,  # a fork may hang on locks of this process's threads
    )
    clips = iter(loader)
    while True:
        yield Clips.join([next(clips) for _ in range(size)])


def _alone(worker: int) -> None:
    cv2.setNumThreads(1)  # there are as many workers as there are to be threads
