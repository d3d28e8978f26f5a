"""How a hole was filled, so that the same picture can be filled alike at another size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.clip_shape import Area
from ...common.kept import digest
from ...geometry.grids import continued

Margins = tuple[int, int, int, int]
"""px to the left, above, to the right and below."""
NO_MARGINS: Margins = (0, 0, 0, 0)


@dataclass(frozen=True)
class FillRecord:
    """From where the pixels of a hole were copied, or with what they were filled instead.

    Attributes:
        shift: `[H, W, 2]` float32 px, down and to the right, from a pixel to that which it was copied from.
        copied: `[H, W]` bool, where that is known.
        tone: `[H, W, 3]` float32 from -1 to 1, what was added to a copy so that it meets its surroundings.
        colors: `[H, W, 3]` float32 from 0 to 1, what is without texture, as long as it has no grain.
        calm: `[H, W]` bool, where that is.
        scale: px for each pixel of the picture that was filled by searching.
        margins: px to the left, above, to the right and below that lie beyond the frame of what was filled.
    """

    shift: np.ndarray
    copied: np.ndarray
    tone: np.ndarray
    colors: np.ndarray
    calm: np.ndarray
    scale: float = 1.0
    margins: Margins = NO_MARGINS

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> FillRecord:
        """Of a picture without holes, of (height, width) `shape`."""
        shift, tone, colors = (np.zeros((*shape, channels), np.float32) for channels in (2, 3, 3))
        return cls(shift, np.zeros(shape, bool), tone, colors, np.zeros(shape, bool))

    @classmethod
    def of_calm(cls, colors: np.ndarray, calm: np.ndarray) -> FillRecord:
        """Of what was filled with `colors` `[H, W, 3]` where `calm` `[H, W]` bool holds."""
        return replace(cls.empty(calm.shape), colors=colors, calm=calm)

    @classmethod
    def of_copies(cls, shift: np.ndarray, copied: np.ndarray) -> FillRecord:
        """Of what was copied; the arguments are as the attributes."""
        return replace(cls.empty(copied.shape), shift=shift, copied=copied)

    def at_size(self, size: tuple[int, int], area: Area, margins: Margins = NO_MARGINS) -> FillRecord:
        """The same for another (width, height) with those margins, of whose frame the part `area` (left, top, width,
        height, in fractions of its sides) shows the frame of this record. Around what was filled, the nearest values
        are continued."""
        (rows, columns), (width, height) = self.copied.shape, size
        (left, top, across, down), (before, above, after, below) = area, margins
        own = self.margins
        larger_y = (height - above - below) * down / (rows - own[1] - own[3])
        larger_x = (width - before - after) * across / (columns - own[0] - own[2])
        y = (np.arange(height) + 0.5 - above - top * (height - above - below)) / larger_y + own[1] - 0.5
        x = (np.arange(width) + 0.5 - before - left * (width - before - after)) / larger_x + own[0] - 0.5
        at = np.rint(y).astype(int).clip(0, rows - 1)[:, None], np.rint(x).astype(int).clip(0, columns - 1)
        larger = np.array([larger_y, larger_x], np.float32)
        places = np.broadcast_arrays(x.astype(np.float32), y.astype(np.float32)[:, None])
        tone, colors = (
            cv2.remap(_nearest(*of), *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for of in ((self.tone, self.copied), (self.colors, self.calm))
        )
        shift = _nearest(self.shift, self.copied)[at] * larger
        calm = _nearest(self.calm, self.copied | self.calm)
        scale = self.scale * float(larger.mean())
        return FillRecord(shift, self.copied[at], tone, colors, calm[at], scale, margins)

    def joined(self, other: FillRecord) -> FillRecord:
        """With what was filled elsewhere, or later."""
        copied, calm = other.copied[..., None], other.calm[..., None]
        shift, tone = np.where(copied, other.shift, self.shift), np.where(copied, other.tone, self.tone)
        colors = np.where(calm, other.colors, self.colors)
        known = self.copied | other.copied, tone, colors, self.calm | other.calm
        return FillRecord(shift, *known, self.scale, self.margins)

    def of(self, window: tuple[slice, slice]) -> FillRecord:
        """Of a part of the picture."""
        return FillRecord(*(each[window] for each in self._arrays), self.scale)

    def within(self, window: tuple[slice, slice], shape: tuple[int, int]) -> FillRecord:
        """Of a picture of (height, width) `shape`, of which this is a part."""
        whole = FillRecord.empty(shape)
        for all_of_it, own in zip(whole._arrays, self._arrays, strict=True):
            all_of_it[window] = own
        return replace(whole, scale=self.scale)

    @property
    def digest(self) -> tuple[bytes, float, Margins]:
        """The same for equal records."""
        return digest(*self._arrays), self.scale, self.margins

    @property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.shift, self.copied, self.tone, self.colors, self.calm


def _nearest(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """As `continued`; the values themselves where none is known."""
    return continued(values, known)[0] if known.any() else values
