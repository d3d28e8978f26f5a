"""What moves by itself in a clip, against the still scene behind it.

Each frame is compared with the median of frames spread over the clip, aligned with the camera's motion
(`frame_alignment`): the scene as most of them show it, of those in which nothing moves there, where there are enough.
A place that an object covers for most of the clip, and at which it rests, looks like the scene then, and the scene,
where it is uncovered, like something that moves; it is told apart by its optical flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ...common.interrupt import checkpoint, watched
from ...common.masks import overlap
from ...geometry.frame_alignment import FrameAt
from ...geometry.grids import about_corner
from ...vision.tracking.optical_flow import along_flow, flow_at_half_resolution
from .follow import span
from .tracked import ObjectTrack, grown, touching, without_small

LONGEST = 480  # px, of the frames that are compared
SAMPLES = 15  # frames, spread over the clip
DIFFERS = 14.0  # of 255, beyond the range of the pixels next to it
USUAL = 6.0  # times the usual difference of a frame, if that is more
MIN_FRAMES = 3  # frames that have to show a place of the scene
MIN_SPEED = 0.35  # px of small frames, from one frame to the next: what is slower may rest
MOST_FRAMES = 0.8  # of the sampled frames: so many have to show what rests
STAYS, UNUSUAL = 6.0, 2.0  # of 255, and of the usual change: what changes less stays as it is
TEXTURED = 1.0  # of 255 from one pixel to the next: in less, a motion would not be seen
SMOOTHED = 1.2  # px, standard deviation of what is compared, which allows for alignment
MIN_AREA = 0.0004  # part of the frame
MIN_AREA_PX = 6  # px
AT_REST = 1e-9  # of a motion: it is none
KERNEL_3, KERNEL_5 = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
REACH = 0.06  # of its longer side, by which a part of it may move from one frame to the next beside the flow
LEAST_REACH = 2  # px of small frames
SMALL_PART = 0.04  # of the object: smaller parts apart from it are none of it
LOST = 0.1  # of its usual size: with less to be seen, it is hidden
MERGED = 1.35  # times its usual size: it has grown by something else
CLOSED = np.ones((3, 3), np.uint8)
WELL = 0.85  # of its size, that a frame shows of an object that is shown well
RIGID = 0.8  # overlap of a rigid shape with what moves, below which an object bends
FEWEST_SEEN = 3  # frames that have to show it apart from other objects
APART, CHANGES = 1.1, 1.25  # most of its size: with what touches it, and against the frame in which it was given
KNOWN = 0.9  # part of the scene there, that other frames have to show


@dataclass(frozen=True)
class MovingParts:
    """What each small frame shows that is not the still scene.

    Attributes:
        moving: `[T, h, w]` bool.
        known: `[T, h, w]` bool, where other frames show the scene.
    """

    moving: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class _Aligned:
    """The sampled frames as one of them sees their positions.

    Attributes:
        pixels: `[K, h, w, 3]` uint8.
        inside: `[K, h, w]` bool, where each shows any.
        rests: `[K, h, w]` bool, where nothing moves in it.
    """

    pixels: np.ndarray
    inside: np.ndarray
    rests: np.ndarray

    def chosen(self, shown: np.ndarray) -> np.ndarray:
        """`[K, h, w]` bool: of the samples that show the scene at a place, those in which it rests, if there are
        enough."""
        resting = shown & self.rests
        return np.where(resting.sum(0) >= MIN_FRAMES, resting, shown)


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
        sampled: the numbers of the frames that the scene is made of.
    """

    def __init__(self, count: int, frame_at: FrameAt, motions: np.ndarray):
        height, width = frame_at(0).shape[:2]
        self.whole_size = width, height
        self.scale = min(1.0, LONGEST / max(height, width))
        self.size = max(1, round(width * self.scale)), max(1, round(height * self.scale))
        self.frames = np.stack([self._small(frame_at(time)) for time in range(count)])
        shrink = about_corner(self.size[0] / width, self.size[1] / height)
        self._motions = shrink @ motions @ np.linalg.inv(shrink)
        self.sampled = np.unique(np.linspace(0, count - 1, min(count, SAMPLES)).round().astype(int))

    def moving(self, ignored: np.ndarray) -> MovingParts:
        """Where each frame differs from the scene, without what it shows of known objects, `[T, h, w]` bool."""
        found, known = (np.zeros(self.frames.shape[:3], bool) for _ in range(2))
        for time, (scene, shown) in enumerate(self.grounds(ignored)):
            found[time], known[time] = _cleaned(_differs(self.frames[time], scene, shown) & shown), shown
        return MovingParts(found, known)

    def grounds(self, ignored: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each small frame the still scene `[h, w, 3]` uint8 as it sees it, without what frames show of known
        objects, `[T, h, w]` bool; and `[h, w]` bool, where enough frames show it."""
        scenes = [self._scene(number, ignored) for number in range(len(self.sampled))]
        for time in range(len(self.frames)):
            checkpoint()
            nearest = int(np.abs(self.sampled - time).argmin())
            yield self._onto(time, int(self.sampled[nearest]), *scenes[nearest])

    def _scene(self, number: int, ignored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The still scene `[h, w, 3]` uint8 as the sampled frame of a number sees it, and `[h, w]` bool, where enough
        frames show it."""
        checkpoint()
        time, aligned = int(self.sampled[number]), self._aligned[number]
        shown, (usual, samples) = aligned.inside.copy(), self._medians[number]
        for sample, other in enumerate(self.sampled):
            if ignored[other].any():
                shown[sample] &= ~self.warped_mask(time, int(other), ignored[other])
        chosen = aligned.chosen(shown)
        differs = (chosen != samples).any(0)  # elsewhere it is the median of all
        if differs.any():
            usual = usual.copy()
            usual[differs] = median(aligned.pixels[:, differs][:, :, None], chosen[:, differs][:, :, None])[:, 0]
        return usual, shown.sum(0) >= MIN_FRAMES

    @cached_property
    def _medians(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each sampled frame the median `[h, w, 3]` uint8 of all that show a place, and of which samples it is."""
        chosen = [aligned.chosen(aligned.inside) for aligned in self._aligned]
        return [(median(aligned.pixels, each), each) for aligned, each in zip(self._aligned, chosen, strict=True)]

    @cached_property
    def _aligned(self) -> list[_Aligned]:
        """All sampled frames, as each of them sees their positions."""
        everywhere = np.ones(self.size[::-1], bool)
        found = []
        for time in map(int, self.sampled):
            checkpoint()
            moved = [self._onto(time, other, self.frames[other], everywhere) for other in self.fast]
            rests = np.stack([~self.warped_mask(time, other, fast) for other, fast in self.fast.items()])
            found.append(_Aligned(np.stack([each for each, _ in moved]), np.stack([each for _, each in moved]), rests))
        return found

    @cached_property
    def fast(self) -> dict[int, np.ndarray]:
        """For each sampled frame, `[h, w]` bool: where something moves, or close to that."""
        fast = {time: self.speed(time) > MIN_SPEED for time in watched(map(int, self.sampled))}
        return {time: cv2.dilate(each.astype(np.uint8), KERNEL_5) > 0 for time, each in fast.items()}

    def speed(self, time: int) -> np.ndarray:
        """`[h, w]`: how far each place moves to the next frame (from the last one, to the one before), against the
        scene, in pixels of small frames."""
        other = time + 1 if time + 1 < len(self.frames) else time - 1
        moved, _ = self._onto(time, other, self.frames[other], np.ones(self.size[::-1], bool))
        return np.linalg.norm(flow_at_half_resolution(self.frames[time], moved), axis=-1)

    def resting(self, time: int) -> np.ndarray:
        """`[h, w]` bool: what most sampled frames show as this one does, where something that moved would look
        different."""
        here = _smooth(self.frames[time])
        changes = []
        for other in self.sampled[self.sampled != time]:
            checkpoint()
            moved, inside = self._onto(time, int(other), self.frames[other], np.ones(self.size[::-1], bool))
            changes.append(np.where(inside, np.abs(_smooth(moved) - here).max(-1), 255.0))
        if not changes:
            return np.zeros(self.size[::-1], bool)
        change = np.quantile(changes, MOST_FRAMES, axis=0)
        edges = [np.abs(cv2.Sobel(here, cv2.CV_32F, *way)).max(-1) / 8 for way in ((1, 0), (0, 1))]
        stays = (change < max(STAYS, UNUSUAL * np.median(change))) & (np.maximum(*edges) > TEXTURED)
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
        here, there = self.frames[time][inside][::7].astype(np.float32), moved[inside][::7].astype(np.float32)
        tone = np.median((here + 4) / (there + 4), axis=0)
        table = np.arange(256)[:, None] * tone  # [256, 3]
        return cv2.LUT(moved, table.clip(0, 255).round().astype(np.uint8)[None]), inside

    def warped_mask(self, time: int, other: int, mask: np.ndarray) -> np.ndarray:
        """`[h, w]` bool: a mask of another frame as this one sees its positions."""
        between = self._between(time, other)
        if between is None:
            return mask
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpPerspective(mask.astype(np.float32), between, self.size, flags=way) > 0.01


def median(samples: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """`[h, w, 3]` uint8: the median of the samples `[K, h, w, 3]` that are shown `[K, h, w]`."""
    ordered = list(np.where(shown[..., None], samples, np.uint8(255)))
    for turn in range(len(ordered)):  # odd-even transposition: whole pictures are compared, which numpy.sort does not
        for left in range(turn % 2, len(ordered) - 1, 2):
            low, high = ordered[left], ordered[left + 1]
            ordered[left], ordered[left + 1] = np.minimum(low, high), np.maximum(low, high)
    middle = np.maximum(shown.sum(0) - 1, 0) // 2
    return np.take_along_axis(np.stack(ordered), middle[None, ..., None], 0)[0]


def _smooth(frame: np.ndarray) -> np.ndarray:
    """`[h, w, 3]` float32."""
    return cv2.GaussianBlur(frame.astype(np.float32), (0, 0), SMOOTHED)


def _differs(frame: np.ndarray, scene: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: where a frame differs from the scene, allowing for a pixel of misalignment."""
    here = frame.astype(np.int16)
    low, high = (extreme(scene, KERNEL_3).astype(np.int16) for extreme in (cv2.erode, cv2.dilate))
    beyond = np.maximum(np.maximum(low - here, here - high), 0).max(-1)
    usual = float(np.median(beyond[known])) if known.any() else 0.0
    return beyond > max(DIFFERS, USUAL * usual)


def _cleaned(mask: np.ndarray) -> np.ndarray:
    """Without specks, and with small gaps closed."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, KERNEL_3)
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, KERNEL_3)
    return without_small(closed, max(MIN_AREA_PX, MIN_AREA * mask.size))


def silhouettes(
    scene: StillScene, parts: MovingParts, given: Mapping[int, np.ndarray], others: np.ndarray
) -> np.ndarray:
    """
    Args:
        scene: the clip's still scene.
        parts: what moves, with the object left out of the scene.
        given: `[h, w]` bool, the object in one or more small frames, by their numbers. It is looked for from each to
            the middle between it and the next.
        others: `[T, h, w]` bool, what each small frame shows of other objects.

    Returns:
        `[T, h, w]` bool: the object in each small frame.
    """
    found = np.zeros(parts.moving.shape, bool)
    for frame, mask in given.items():
        found[frame] = mask
        first, last = span(frame, given, len(found))
        for times in (range(frame + 1, last + 1), range(frame - 1, first - 1, -1)):
            for time, own in _along(times, scene, parts, mask, frame, others):
                found[time] = own
    return found


def _along(
    times: range, scene: StillScene, parts: MovingParts, mask: np.ndarray, frame: int, others: np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    """The frames that show the object, one after the other from where its mask is known, with its masks."""
    before, last, usual = mask, frame, mask.sum()
    for time in times:
        checkpoint()
        ahead = _moved(before, scene, last, time)
        own = _belonging(ahead, parts, time, others[time])
        if own.sum() > MERGED * usual:  # it has met something else that moves
            own = own & ahead
        last = time
        if own.sum() < LOST * usual:  # hidden: it is waited for where the flow leads
            before = ahead if ahead.any() else before
            continue
        yield time, own
        before, usual = own, 0.9 * usual + 0.1 * own.sum()


def shown_well(track: ObjectTrack) -> bool:
    """Whether one frame of four, or more, shows nearly all of an object by its rigid motion, in the size in which it
    was given: something that walks is never shown so, and what is hidden now and then is."""
    areas = (track.masks >= 128).sum((1, 2))
    others = np.delete(areas, track.frame)
    return not len(others) or float(np.quantile(others, 0.75)) >= WELL * areas[track.frame]


def is_nonrigid(silhouette: np.ndarray, rigid: Sequence[np.ndarray], frame: int, parts: MovingParts) -> bool:
    """Whether an object is its silhouettes `[T, h, w]` bool, rather than its rigid shape `[h, w]` bool in each frame:
    by the frames in which it moves apart from anything else.

    Args:
        frame: in which it was given.
    """
    overlaps = []
    usual = silhouette[frame].sum()
    for time, (own, shape) in enumerate(zip(silhouette, rigid, strict=True)):
        together = touching(parts.moving[time], own).sum()
        apart = together <= APART * own.sum() and usual / CHANGES <= own.sum() <= usual * CHANGES
        if time != frame and apart and parts.known[time][own | shape].mean() > KNOWN:
            overlaps.append(overlap(own, shape))
    return len(overlaps) >= FEWEST_SEEN and float(np.median(overlaps)) < RIGID


def _moved(mask: np.ndarray, scene: StillScene, last: int, time: int) -> np.ndarray:
    """A mask of one small frame in the next one, by the optical flow."""
    flow = flow_at_half_resolution(scene.frames[time], scene.frames[last])
    return along_flow(mask.astype(np.float32), flow) >= 0.5


def _belonging(ahead: np.ndarray, parts: MovingParts, time: int, others: np.ndarray) -> np.ndarray:
    if not ahead.any():
        return ahead
    rows, columns = np.nonzero(ahead)
    reach = max(LEAST_REACH, round(REACH * max(np.ptp(rows), np.ptp(columns))))
    own = (grown(ahead, reach) & parts.moving[time]) | (ahead & ~parts.known[time])
    own = cv2.morphologyEx((own & ~others).astype(np.uint8), cv2.MORPH_CLOSE, CLOSED)
    return without_small(own, SMALL_PART * ahead.sum()) & ~others
