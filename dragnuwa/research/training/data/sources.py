"""Sources of numbered clips: scenes, videos, shards. A clip depends only on its number.

Clip n is number n % batch of step n // batch, so a run is resumed exactly from its step alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import count, tee
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ....vision.tracking.optical_flow import estimate
from ...videos.folder import Skipped, VideoFolder, write_skipped
from ...videos.shards import Clip, ShardError, ShardReader
from ..random_streams import CONDITIONS, PREVIEW_VIDEOS, TRAINING_VIDEOS
from .clips import ClipConfig, Clips, Stage, clip_with_dropout, dense_share, flow_drag_maps
from .labelled_source import LabelledSource
from .scene_source import SceneSource

log = logging.getLogger(__name__)


class Source(Protocol):
    def stream(self, numbers: Iterable[int]) -> Iterator[Clips]:
        """Batches of one clip, of these rising numbers."""
        ...

    def preview_clip(self, number: int) -> Clips:
        """A clip with all its conditions and sparse drags."""
        ...


class FolderSource:
    """Random clips of a folder tree of videos. Unusable videos are listed in `skipped_list` and left out."""

    def __init__(self, config: ClipConfig, *, stages: tuple[Stage, ...], batch: int, skipped_list: Path):
        self.config, self.stages, self.batch = config, stages, batch
        videos = config.videos
        self.folders = [
            VideoFolder(
                videos.folder,
                clip=videos.clip,
                fps=fps,
                skipped_list=skipped_list.with_stem(f"{skipped_list.stem}-{fps:g}fps"),
            )
            for fps in videos.fps
        ]

    def stream(self, numbers: Iterable[int]) -> Iterator[Clips]:
        return (self._clip(TRAINING_VIDEOS, number, self.config) for number in numbers)

    def preview_clip(self, number: int) -> Clips:
        return self._clip(PREVIEW_VIDEOS, number, self.config.without_dropout())

    def _clip(self, stream: int, number: int, config: ClipConfig) -> Clips:
        rng = np.random.default_rng((CONDITIONS, stream, number))
        folder = self.folders[rng.integers(len(self.folders))]
        sample = folder.draw(stream, number)
        flow, occluded = estimate(sample.frames)
        dense = dense_share(self.stages, number // self.batch) if stream == TRAINING_VIDEOS else 0.0
        return clip_with_dropout(
            rng,
            config,
            frames=sample.frames,
            drag_maps=flow_drag_maps(flow, occluded, rng, dense, config),
            caption=sample.caption,
            fps=folder.fps,
            seed=number,
        )


class ShardSource:
    """The clips of shards, in a random order that is the same in each run. A broken clip is listed in `skipped_list`
    and replaced by the next readable one."""

    def __init__(self, config: ClipConfig, *, stages: tuple[Stage, ...], batch: int, skipped_list: Path):
        self.config, self.stages, self.batch, self.skipped_list = config, stages, batch, skipped_list
        self.reader = ShardReader(config.videos.shards, seed=TRAINING_VIDEOS)
        self.skipped: list[Skipped] = []
        write_skipped(skipped_list, [])

    def stream(self, numbers: Iterable[int]) -> Iterator[Clips]:
        numbers, positions = tee(numbers)
        clips = self.reader.at(positions)
        waiting: list[int] = []
        for number in numbers:
            waiting.append(number)
            try:
                clip = next(clips)
            except ShardError as error:
                self._skip(error)
                if len(waiting) > len(self.reader):
                    raise ShardError(f"no clip in {self.reader.folder} can be read; the last: {error}") from error
                clips = self.reader.at(positions)
                continue
            yield from (self._conditioned(clip, one, self.config) for one in waiting)
            waiting.clear()

    def preview_clip(self, number: int) -> Clips:
        return self._conditioned(next(self.reader.clips(number)), number, self.config.without_dropout(), dense=0.0)

    def _conditioned(self, clip: Clip, number: int, config: ClipConfig, dense: float | None = None) -> Clips:
        videos = config.videos
        expected = videos.frames, videos.height, videos.width, 3
        if clip.frames.shape != expected:
            raise ValueError(
                f"the clips in {videos.shards} are {list(clip.frames.shape)}; clips.videos says {list(expected)}."
            )
        rng = np.random.default_rng((CONDITIONS, TRAINING_VIDEOS, number))
        dense = dense_share(self.stages, number // self.batch) if dense is None else dense
        return clip_with_dropout(
            rng,
            config,
            frames=clip.frames,
            drag_maps=flow_drag_maps(clip.flow, clip.occluded, rng, dense, config),
            caption=clip.caption,
            fps=clip.fps,
            seed=number,
        )

    def _skip(self, error: ShardError) -> None:
        one = Skipped(self.reader.folder.name, str(error))
        if any(str(one) == str(known) for known in self.skipped):
            return
        self.skipped.append(one)
        log.warning("skipped (%d in all) %s", len(self.skipped), error)
        with open(self.skipped_list, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{one}\n")


def open_source(
    config: ClipConfig, *, stages: tuple[Stage, ...], batch: int, fresh: int, out: Path, rank: int
) -> Source:
    """The source that the configuration names.

    Raises:
        VideoError: for a folder without a usable video.
        ShardError: for shards without an index, or of other sizes than it says.
    """
    if config.videos is None:
        return SceneSource(config, stages=stages, batch=batch, fresh=fresh)
    if config.videos.labels is not None:
        return LabelledSource(config)
    kind = FolderSource if config.videos.folder is not None else ShardSource
    skipped_list = out / ("skipped.txt" if rank == 0 else f"skipped-process{rank}.txt")
    return kind(config, stages=stages, batch=batch, skipped_list=skipped_list)


class _Stream(IterableDataset):
    """The clips of one process from number `begin` on; data workers take turns at batches of `size`, in the loader's
    order. Each joins its own, since handing over every clip by itself would keep the training process busy."""

    def __init__(self, source: Source, begin: int, size: int, rank: int, world: int):
        self.source, self.begin, self.size, self.rank, self.world = source, begin, size, rank, world

    def __iter__(self) -> Iterator[Clips]:
        worker = get_worker_info()
        turn, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        mine = (place for batch in count(turn, workers) for place in range(batch * self.size, (batch + 1) * self.size))
        clips = self.source.stream(self.begin + place * self.world + self.rank for place in mine)
        while True:
            yield Clips.join([next(clips) for _ in range(self.size)])


def batches(
    source: Source, begin: int, size: int, *, rank: int = 0, world: int = 1, workers: int = 0
) -> Iterator[Clips]:
    """Endless batches of `size` clips: of the clips `begin`, `begin + 1`, ..., every `world`-th beginning with `rank`.

    `workers` processes make them; their number does not change the clips.
    """
    loader = DataLoader(
        _Stream(source, begin, size, rank, world),
        batch_size=None,
        num_workers=workers,
        pin_memory=workers > 0 and torch.cuda.is_available(),
        worker_init_fn=_use_one_thread,
        multiprocessing_context="spawn"
        if workers
        else None,  # after a fork, locks of this process's threads may never be released
    )
    return iter(loader)


def _use_one_thread(worker: int) -> None:
    cv2.setNumThreads(1)  # the workers themselves run in parallel
