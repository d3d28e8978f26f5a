"""What moves by itself in a clip, against the still scene behind it.

Each frame is compared with the still scene: what most of the frames spread over the clip show at a place, aligned with
the camera's motion (`frame_alignment`). Frames in which something moves there, by its optical flow, count little. An
object of one colour may cover a place in most frames, and seem to rest there. Where no clear majority of the frames
agrees, what the scene is expected to be counts as well: it goes on from where they agree by the usual differences of
neighbouring pixels, since an object's edge passes a place in few frames, however long its inside covers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import spsolve

from ...common.images import largest_channel
from ...common.interrupt import checkpoint, watched
from ...geometry.frame_alignment import FrameAt
from ...geometry.grids import about_corner, pixel_grid
from ...geometry.registration import median
from ...vision.tracking.optical_flow import flow_at_half_resolution
from .sampled_frames import SAMPLES, Agreed, SampledFrames, as_bits
from .tracked import without_holes, without_small

LONGEST = 480  # px, of the frames that are compared
DIFFERS = 14.0  # of 255, beyond the range of the pixels next to it
USUAL = 6.0  # times the usual difference of a frame, if that is more
MIN_FRAMES = 3  # frames that have to show a place of the scene
AGREED = 0.6  # of the sampled frames: where so many agree, the scene is known
MIN_SPEED = 0.35  # px of small frames, from one frame to the next: what is slower may rest
MOST_FRAMES = 0.8  # of the sampled frames: so many have to show what rests
STAYS, UNUSUAL = 6.0, 2.0  # of 255, and of the usual change: what changes less stays as it is
TEXTURED = 1.0  # of 255 from one pixel to the next: in less, a motion would not be seen
SMOOTHED = 1.2  # px, standard deviation of what is compared, which allows for alignment
MIN_AREA = 0.0004  # part of the frame
MIN_AREA_PX = 6  # px
AT_REST = 1e-9  # of a motion: it is none
KERNEL_3, KERNEL_5 = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)


@dataclass(frozen=True)
class MovingParts:
    """What each small frame shows that is not the still scene.

    Attributes:
        moving: `[T, h, w]` bool.
        known: `[T, h, w]` bool, where other frames show the scene.
    """

    moving: np.ndarray
    known: np.ndarray


class StillScene:
    """A clip in small frames, with the camera's motion known.

    Args:
        count: number of frames.
        frame_at: called once for each.
        motions: `[T, 3, 3]`, from pixels of frame 0 to pixels of each frame.

    Attributes:
        frames: `[T, h, w, 3]` uint8.
        size, whole_size: (width, height) of them, and of the clip.
        scale: of their pixels to the clip's.
        motions: as given.
        sampled: the numbers of the frames that the scene is made of.
    """

    def __init__(self, count: int, frame_at: FrameAt, motions: np.ndarray):
        height, width = frame_at(0).shape[:2]
        self.whole_size = width, height
        self.scale = min(1.0, LONGEST / max(height, width))
        self.size = max(1, round(width * self.scale)), max(1, round(height * self.scale))
        self.frames = np.stack([self._small(frame_at(time)) for time in range(count)])
        shrink = about_corner(self.size[0] / width, self.size[1] / height)
        self.motions = motions
        self._motions = shrink @ motions @ np.linalg.inv(shrink)
        self.sampled = np.unique(np.linspace(0, count - 1, min(count, SAMPLES)).round().astype(int))
        self._agreed: dict[int, Agreed] = {}  # of the sampled frames, by their numbers, when it was last asked

    def moving(self, ignored: np.ndarray) -> MovingParts:
        """Where each frame differs from the scene, without what it shows of known objects, `[T, h, w]` bool."""
        found, known = (np.zeros(self.frames.shape[:3], bool) for _ in range(2))
        for time, (scene, shown) in enumerate(self.grounds(ignored)):
            found[time], known[time] = self.differs(time, scene, shown), shown
        return MovingParts(found, known)

    def differs(self, time: int, scene: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """`[h, w]` bool: where a small frame differs from the scene as it sees it, where that is shown (`grounds`)."""
        return _cleaned(_differs(self.frames[time], scene, shown) & shown)

    def grounds(self, ignored: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each small frame the still scene `[h, w, 3]` uint8 as it sees it, without what frames show of known
        objects, `[T, h, w]` bool; and `[h, w]` bool, where enough frames show it."""
        shown = [self._shown(number, ignored) for number in range(len(self.sampled))]
        middle = len(shown) // 2
        expected, doubtful = self._expected(middle, shown[middle])
        scenes = []
        for number, (time, each) in enumerate(zip(map(int, self.sampled), shown, strict=True)):
            seen, inside = self._onto(time, int(self.sampled[middle]), expected, np.ones_like(doubtful))
            unsure = self.warped_mask(time, int(self.sampled[middle]), doubtful) & inside
            self._agreed[number] = self._samples[number].agreed(each, seen, unsure, self._agreed.get(number))
            scenes.append((self._sampled_scene(number), each.sum(0) >= MIN_FRAMES))
        for time in range(len(self.frames)):
            checkpoint()
            nearest = self._nearest(time)
            yield self._onto(time, int(self.sampled[nearest]), *scenes[nearest])

    def behind(self, time: int) -> np.ndarray:
        """`[h, w, 3]` uint8: the still scene as a small frame sees it, as `grounds` found it last."""
        number, everywhere = self._nearest(time), np.ones(self.size[::-1], bool)
        return self._onto(time, int(self.sampled[number]), self._sampled_scene(number), everywhere)[0]

    def _sampled_scene(self, number: int) -> np.ndarray:
        """`[h, w, 3]` uint8: the still scene as the sampled frame of a number sees it, as far as it has been found."""
        return self._samples[number].with_colors(self._agreed[number].colors)

    def _nearest(self, time: int) -> int:
        """The number of the sampled frame that is nearest to a frame."""
        return int(np.abs(self.sampled - time).argmin())

    def _shown(self, number: int, ignored: np.ndarray) -> np.ndarray:
        """`[K, h, w]` bool: where samples show anything but known objects, as the sampled frame of a number sees it."""
        checkpoint()
        time, shown = int(self.sampled[number]), self._samples[number].inside.copy()
        for sample, other in enumerate(self.sampled):
            if ignored[other].any():
                shown[sample] &= ~self.warped_mask(time, int(other), ignored[other])
        return shown

    def _expected(self, number: int, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the sampled frame of a number expects of the scene, `[h, w, 3]` uint8, and `[h, w]` bool, where that is
        because no clear majority of the samples agrees, of those that show it, `[K, h, w]` bool."""
        samples = self._samples[number]
        bits = as_bits(shown[:, samples.differ])
        count, votes = samples.votes(bits)
        doubtful = shown.sum(0) < MIN_FRAMES
        agree = np.take_along_axis(count, votes.argmax(0)[None], 0)[0]
        doubtful[samples.differ] |= agree < AGREED * len(shown)
        doubtful = _with_islands(doubtful)
        scene = samples.with_colors(samples.most_alike(bits, votes)[0])
        return _continued(scene, doubtful, samples.pixels, shown), doubtful

    @cached_property
    def _samples(self) -> list[SampledFrames]:
        """All sampled frames, as each of them sees their positions."""
        found = []
        for time in map(int, self.sampled):
            checkpoint()
            moved = [self.as_seen_from(time, other) for other in self.fast]
            rests = np.stack([~self.warped_mask(time, other, fast) for other, fast in self.fast.items()])
            found.append(
                SampledFrames(np.stack([each for each, _ in moved]), np.stack([each for _, each in moved]), rests)
            )
        return found

    @cached_property
    def fast(self) -> dict[int, np.ndarray]:
        """For each sampled frame, `[h, w]` bool: where something moves, or close to that."""
        fast = {time: self.speed(time) > MIN_SPEED for time in watched(map(int, self.sampled))}
        return {time: cv2.dilate(each.astype(np.uint8), KERNEL_5) > 0 for time, each in fast.items()}

    def speed(self, time: int) -> np.ndarray:
        """`[h, w]`: how far each place moves, by `flow`."""
        return np.linalg.norm(self.flow(time), axis=-1)

    def flow(self, time: int) -> np.ndarray:
        """`[h, w, 2]`: where each place moves to the next frame (from the last one, to the one before), against the
        scene, (x, y) in pixels of small frames."""
        other = time + 1 if time + 1 < len(self.frames) else time - 1
        moved, _ = self.as_seen_from(time, other)
        return flow_at_half_resolution(self.frames[time], moved)

    def is_textured(self, time: int) -> np.ndarray:
        """`[h, w]` bool: where a small frame has enough detail for a motion to be seen."""
        here = smooth(self.frames[time])
        edges = [largest_channel(np.abs(cv2.Sobel(here, cv2.CV_32F, *way))) / 8 for way in ((1, 0), (0, 1))]
        return np.maximum(*edges) > TEXTURED

    def resting(self, time: int) -> np.ndarray:
        """`[h, w]` bool: what most sampled frames show as this one does, where something that moved would look
        different."""
        here = smooth(self.frames[time])
        changes = []
        for other in self.sampled[self.sampled != time]:
            checkpoint()
            moved, inside = self.as_seen_from(time, int(other))
            changes.append(np.where(inside, largest_channel(np.abs(smooth(moved) - here)), 255.0))
        if not changes:
            return np.zeros(self.size[::-1], bool)
        change = np.quantile(changes, MOST_FRAMES, axis=0)
        stays = (change < max(STAYS, UNUSUAL * np.median(change))) & self.is_textured(time)
        closed = cv2.morphologyEx(stays.astype(np.uint8), cv2.MORPH_CLOSE, KERNEL_5)
        return cv2.morphologyEx(closed, cv2.MORPH_OPEN, KERNEL_5) > 0

    def small_mask(self, mask: np.ndarray) -> np.ndarray:
        """`[h, w]` bool, of a mask `[H, W]` of any size."""
        values = mask.astype(np.float32)
        return cv2.resize(values, self.size, interpolation=cv2.INTER_AREA) >= 0.5 * max(values.max(), 1e-6)

    def whole_mask(self, mask: np.ndarray) -> np.ndarray:
        """`[H, W]` from 0 to 1, of a small mask `[h, w]` bool."""
        return cv2.resize(mask.astype(np.float32), self.whole_size, interpolation=cv2.INTER_LINEAR)

    def covered(self, shown: Iterable[tuple[int, np.ndarray]]) -> np.ndarray:
        """`[T, h, w]` bool: what small frames show of objects, by the number of each frame and a mask of any size, with
        their edges."""
        found = np.zeros(self.frames.shape[:3], bool)
        for time, mask in shown:
            found[time] |= cv2.dilate(self.small_mask(mask).astype(np.uint8), KERNEL_5) > 0
        return found

    def _small(self, frame: np.ndarray) -> np.ndarray:
        return frame if self.scale == 1 else cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA)

    def _between(self, time: int, other: int) -> np.ndarray | None:
        """`[3, 3]`, from pixels of one small frame to those of another; None where they are the same."""
        between = self._motions[other] @ np.linalg.inv(self._motions[time])
        return None if np.abs(between - np.eye(3)).max() < AT_REST else between

    def as_seen_from(self, time: int, other: int) -> tuple[np.ndarray, np.ndarray]:
        """`[h, w, 3]` uint8: another small frame as this one sees its positions, in its tones; and `[h, w]` bool, where
        that frame shows them."""
        return self._onto(time, other, self.frames[other], np.ones(self.size[::-1], bool))

    def places_in(self, time: int, other: int) -> np.ndarray:
        """`[h, w, 2]` float32: where another small frame shows what rests at each place of this one, (x, y)."""
        between, grid = self._between(time, other), pixel_grid(*self.size)
        return grid if between is None else cv2.perspectiveTransform(grid, between)

    def _onto(self, time: int, other: int, pixels: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels `[h, w, 3]` of another frame as this one sees their positions, in its tones, and `[h, w]` bool, where
        there are some that are kept."""
        between = self._between(time, other)
        moved, inside = pixels, kept
        if between is not None:
            way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            moved = cv2.warpPerspective(pixels, between, self.size, flags=way, borderMode=cv2.BORDER_REPLICATE)
            inside = cv2.warpPerspective(kept.astype(np.float32), between, self.size, flags=way) > 0.99
        if not inside.any() or time == other:
            return moved, inside
        places = np.flatnonzero(inside)[::7]
        both = self.frames[time], moved
        here, there = (each.reshape(-1, 3)[places].T.astype(np.float32) for each in both)  # [3, n]
        tone = median((here + 4) / (there + 4))
        table = np.arange(256)[:, None] * tone  # [256, 3]
        return cv2.LUT(moved, table.clip(0, 255).round().astype(np.uint8)[None]), inside

    def warped_mask(self, time: int, other: int, mask: np.ndarray) -> np.ndarray:
        """`[h, w]` bool: a mask of another frame as this one sees its positions."""
        between = self._between(time, other)
        if between is None:
            return mask
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpPerspective(mask.astype(np.float32), between, self.size, flags=way) > 0.01


def _with_islands(doubtful: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: doubtful places with what they enclose, if that is not larger: an object's middle covers a place
    longer than its rim."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(without_holes(doubtful).astype(np.uint8))
    own = np.bincount(labels.ravel(), doubtful.ravel(), count)
    return doubtful | ((stats[:, cv2.CC_STAT_AREA] <= 2 * own) & (own > 0))[labels]


def _continued(colors: np.ndarray, doubtful: np.ndarray, pixels: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """`[h, w, 3]` uint8: a still scene whose doubtful places `[h, w]` bool go on from the others, at half the size.

    Args:
        pixels: `[K, h, w, 3]` uint8, samples, which show the scene where `shown` `[K, h, w]` bool says so.
    """
    half = max(1, colors.shape[1] // 2), max(1, colors.shape[0] // 2)
    known = _halved(doubtful, half) == 0
    if known.all() or not known.any():
        return colors
    small, inside = (np.stack([_halved(each, half) for each in of]) for of in (pixels, shown))
    slopes = [_usual_slopes(small, inside == 1, axis) for axis in (1, 2)]
    whole = cv2.resize(_integrated(_halved(colors, half), known, *slopes), doubtful.shape[::-1])
    return whole.clip(0, 255).round().astype(np.uint8)


def _halved(picture: np.ndarray, half: tuple[int, int]) -> np.ndarray:
    return cv2.resize(picture.astype(np.float32), half, interpolation=cv2.INTER_AREA)


def _usual_slopes(pixels: np.ndarray, shown: np.ndarray, axis: int) -> np.ndarray:
    """The median difference between neighbours along an axis of `[K, h, w, 3]`, of those that are shown `[K, h, w]`:
    one less along that axis; 0 where none is."""
    before, after = (np.take(shown, range(start, shown.shape[axis] - 1 + start), axis) for start in (0, 1))
    both = before & after
    ordered = np.sort(np.where(both[..., None], np.diff(pixels, axis=axis), np.inf), axis=0)
    middle = np.maximum(both.sum(0) - 1, 0) // 2
    found = np.take_along_axis(ordered, middle[None, ..., None], 0)[0]
    return np.where(np.isfinite(found), found, 0)


def _integrated(picture: np.ndarray, known: np.ndarray, down: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A picture `[h, w, 3]` whose other places go on from the known ones, `[h, w]` bool, by their slopes to the next
    row `[h - 1, w, 3]` and column `[h, w - 1, 3]`: the least squares of the difference from these, which is Poisson's
    equation (of medians of slopes: Weiss, ICCV 2001)."""
    place = np.arange(known.size).reshape(known.shape)
    first, second = (np.concatenate([a.ravel(), b.ravel()]) for a, b in
                     ((place[:-1], place[:, :-1]), (place[1:], place[:, 1:])))  # fmt: skip
    slopes = np.concatenate([down.reshape(-1, 3), right.reshape(-1, 3)])
    used = ~(known.ravel()[first] & known.ravel()[second])
    first, second, slopes = first[used], second[used], slopes[used]
    pairs = np.arange(len(first))
    signs = np.repeat([-1.0, 1.0], len(first))
    difference = csr_array((signs, (np.tile(pairs, 2), np.concatenate([first, second]))), (len(first), known.size))
    values = (picture * known[..., None]).reshape(-1, 3).astype(np.float64)
    unknown = np.flatnonzero(~known)
    own = difference[:, unknown]
    values[unknown] = spsolve((own.T @ own).tocsc(), own.T @ (slopes - difference @ values))
    return values.reshape(picture.shape).astype(np.float32)


def smooth(frame: np.ndarray) -> np.ndarray:
    """`[h, w, 3]` float32."""
    return cv2.GaussianBlur(frame.astype(np.float32), (0, 0), SMOOTHED)


def _differs(frame: np.ndarray, scene: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: where a frame differs from the scene, allowing for a pixel of misalignment."""
    here = frame.astype(np.int16)
    low, high = (extreme(scene, KERNEL_3).astype(np.int16) for extreme in (cv2.erode, cv2.dilate))
    beyond = largest_channel(np.maximum(np.maximum(low - here, here - high), 0))
    usual = float(np.median(beyond[known])) if known.any() else 0.0
    return beyond > max(DIFFERS, USUAL * usual)


def _cleaned(mask: np.ndarray) -> np.ndarray:
    """Without specks, and with small gaps closed."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, KERNEL_3)
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, KERNEL_3)
    return without_small(closed, max(MIN_AREA_PX, MIN_AREA * mask.size))
