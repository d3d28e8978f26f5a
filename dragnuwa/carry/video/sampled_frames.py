"""The frames of a clip that its still scene is made of, as one of them sees their positions: which of them are alike at
each place, and what they agree on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ...common.images import largest_channel

SAMPLES = 15  # frames, spread over the clip; 16 at most, one for each bit
ALIKE = 16  # of 255: what differs by no more is the same
ONES = np.array([bin(number).count("1") for number in range(2**SAMPLES)], np.float32)  # bits that are set in a number
RESTING = np.float32(8)  # what a sample counts in which a place rests, more than one in which it moves
EXPECTED, FARTHEST = 40, 120  # of 255: differences from what is expected: that counts like all samples, and the most
ALL = slice(None)


@dataclass(frozen=True)
class Agreed:
    """What the samples agreed on, where they differ, and of what.

    Attributes:
        shown: `[N]` uint16, those that show the scene, as bits.
        expected: `[N, 3]` uint8, what was expected, 0 where that does not count.
        doubtful: `[N]` bool, where it counts.
        colors: `[N, 3]` uint8.
    """

    shown: np.ndarray
    expected: np.ndarray
    doubtful: np.ndarray
    colors: np.ndarray


@dataclass(frozen=True)
class SampledFrames:
    """
    Attributes:
        pixels: `[K, h, w, 3]` uint8.
        inside: `[K, h, w]` bool, where each shows any.
        rests: `[K, h, w]` bool, where nothing moves in it.
    """

    pixels: np.ndarray
    inside: np.ndarray
    rests: np.ndarray

    @cached_property
    def usual(self) -> np.ndarray:
        """`[h, w, 3]` uint8: their median."""
        return median(self.pixels, self.inside)

    @cached_property
    def differ(self) -> np.ndarray:
        """`[h, w]` bool: where not all are alike."""
        low, high = (np.where(self.inside[..., None], self.pixels, np.uint8(other)) for other in (255, 0))
        return largest_channel(cv2.subtract(high.max(0), low.min(0))) > ALIKE

    @cached_property
    def resting(self) -> np.ndarray:
        """`[N]` uint16, of these places: the samples in which nothing moves, as bits."""
        return as_bits(self.rests[:, self.differ])

    @cached_property
    def channels(self) -> np.ndarray:
        """`[K, 3, N]` uint8, of these places."""
        return np.ascontiguousarray(self.pixels[:, self.differ].transpose(0, 2, 1))

    @cached_property
    def alike(self) -> np.ndarray:
        """`[K, N]` uint16, of these places: the samples, as bits, that look like each."""
        channels = self.channels
        found = np.zeros((len(channels), channels.shape[-1]), np.uint16)
        for one, own in enumerate(channels):
            found[one] |= np.uint16(1 << one)
            for other in range(one):
                both = (_unlike(own, channels[other]) <= ALIKE).astype(np.uint16)
                found[one] |= both << np.uint16(other)
                found[other] |= both << np.uint16(one)
        return found

    def votes(self, shown: np.ndarray, places: np.ndarray | slice = ALL) -> tuple[np.ndarray, np.ndarray]:
        """`[K, N]` float32 each, of the places where they differ: how many samples look like each, of those that show
        the scene there, `[N]` uint16 as bits; and the same where those that rest count more. -inf for one that does not
        show it."""
        alike, rests = self.alike[:, places], self.resting[places]
        count = np.where(_from_bits(shown, len(alike)), ONES[alike & shown], np.float32(-np.inf))
        return count, count + RESTING * ONES[alike & (shown & rests)]

    def agreed(self, shown: np.ndarray, expected: np.ndarray, doubtful: np.ndarray, last: Agreed | None) -> Agreed:
        """The still scene by those that show it, `[K, h, w]` bool, and where it is doubtful `[h, w]` bool, by how
        close they are to what is expected `[h, w, 3]` uint8.

        Args:
            last: what was found when something else was left out: only what has changed is looked at again.
        """
        bits, unsure = as_bits(shown[:, self.differ]), doubtful[self.differ]
        close = np.where(unsure[:, None], expected[self.differ], np.uint8(0))
        if last is None:
            return Agreed(bits, close, unsure, self._agreed(bits, close, unsure, ALL))
        changed = (bits != last.shown) | (unsure != last.doubtful) | (close != last.expected).any(1)
        places, colors = np.flatnonzero(changed), last.colors.copy()
        colors[places] = self._agreed(bits[places], close[places], unsure[places], places)
        return Agreed(bits, close, unsure, colors)

    def _agreed(
        self, shown: np.ndarray, expected: np.ndarray, unsure: np.ndarray, places: np.ndarray | slice
    ) -> np.ndarray:
        """`[N, 3]` uint8, as of `agreed`, of some places. Where no two are alike, a single one counts if it is clearly
        closer than their median."""
        channels, here = self.channels[:, :, places], np.ascontiguousarray(expected[unsure].T)  # [3, n]
        _, votes = self.votes(shown, places)
        away = np.stack([_unlike(each[:, unsure], here) for each in channels])
        votes[:, unsure] -= np.float32(len(votes) / EXPECTED) * np.minimum(away, FARTHEST)
        colors, alone = self.most_alike(shown, votes, places)
        best = votes.argmax(0)
        closest = np.take_along_axis(away, best[unsure][None], 0)[0].astype(np.int16)
        far = np.flatnonzero(unsure)[alone[unsure] & (_unlike(colors[unsure].T, here) > closest + EXPECTED)]
        colors[far] = channels[best[far], :, far]
        return colors

    def most_alike(
        self, shown: np.ndarray, votes: np.ndarray, places: np.ndarray | slice = ALL
    ) -> tuple[np.ndarray, np.ndarray]:
        """`[N, 3]` uint8, of the places where they differ: the mean of those that look like the one that has the most
        votes `[K, N]`, of those that show the scene, `[N]` uint16 as bits; and `[N]` bool, where no two of them are
        alike: there it is their median."""
        channels = self.channels[:, :, places]
        own = self.alike[:, places][votes.argmax(0), np.arange(votes.shape[1])] & shown
        total = np.zeros((3, len(own)), np.float32)
        for number, pixels in enumerate(channels):
            total += pixels * (own >> np.uint16(number) & np.uint16(1))
        colors = (total / np.maximum(ONES[own], 1)).round().T
        alone = ONES[own] < 2
        there = _from_bits(shown[alone], len(channels))
        colors[alone] = median(channels[:, :, alone].transpose(0, 2, 1)[:, None], there[:, None])[0]
        return colors.astype(np.uint8), alone

    def with_colors(self, colors: np.ndarray) -> np.ndarray:
        """`[h, w, 3]` uint8: their median, with colours `[N, 3]` where they differ."""
        found = self.usual.copy()
        found[self.differ] = colors
        return found


def median(samples: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """`[h, w, 3]` uint8: the median of the samples `[K, h, w, 3]` that are shown `[K, h, w]`."""
    ordered = list(np.where(shown[..., None], samples, np.uint8(255)))
    for turn in range(len(ordered)):  # odd-even transposition: whole pictures are compared, which numpy.sort does not
        for left in range(turn % 2, len(ordered) - 1, 2):
            low, high = ordered[left], ordered[left + 1]
            ordered[left], ordered[left + 1] = np.minimum(low, high), np.maximum(low, high)
    middle = np.maximum(shown.sum(0) - 1, 0) // 2
    return np.take_along_axis(np.stack(ordered), middle[None, ..., None], 0)[0]


def _unlike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`[N]` uint8: the largest difference in any channel of `[3, N]` uint8."""
    return (np.maximum(one, other) - np.minimum(one, other)).max(0)


def as_bits(each: np.ndarray) -> np.ndarray:
    """`[N]` uint16: which of `[K, N]` bool are set."""
    found = np.zeros(each.shape[1], np.uint16)
    for number, own in enumerate(each):
        found |= own.astype(np.uint16) << np.uint16(number)
    return found


def _from_bits(bits: np.ndarray, count: int) -> np.ndarray:
    """`[K, N]` bool: `as_bits` of these gives `[N]` uint16."""
    return bits >> np.arange(count, dtype=np.uint16)[:, None] & np.uint16(1) > 0
