"""A source of clips of labelled videos (`dragnuwa.research.videos.labelled`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from ...videos.labelled import LabelledFolder
from ..random_streams import CONDITIONS, PREVIEW_VIDEOS, TRAINING_VIDEOS
from .clips import ClipConfig, Clips, clip_with_dropout


class LabelledSource:
    """Random clips of labelled videos, without drags."""

    def __init__(self, config: ClipConfig):
        videos = config.videos
        self.config, self.folder = config, LabelledFolder(videos.folder, videos.labels, clip=videos.clip)

    def stream(self, numbers: Iterable[int]) -> Iterator[Clips]:
        return (self._clip(TRAINING_VIDEOS, number, self.config) for number in numbers)

    def preview_clip(self, number: int) -> Clips:
        return self._clip(PREVIEW_VIDEOS, number, self.config.without_dropout())

    def _clip(self, stream: int, number: int, config: ClipConfig) -> Clips:
        clip = self.folder.draw(stream, number)
        frames, height, width = clip.owner.shape
        return clip_with_dropout(
            np.random.default_rng((CONDITIONS, stream, number)),
            config,
            frames=clip.frames,
            drag_maps=torch.zeros(frames, 2, height, width),
            caption="",
            fps=config.videos.fps[0],
            seed=number,
            owner=clip.owner,
        )
