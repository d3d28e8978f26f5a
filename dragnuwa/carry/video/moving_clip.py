"""What moves in a clip, and which places of one of its frames move by themselves.

A place of a frame is followed through the frames around it by the optical flow, against the still scene. It moves if
what it shows is found where the flow leads, rather than where it was; and it rests if it is found where it was. What
sways on the spot is told apart from the ground in this way, too, though it covers its own ground in most frames. A leg
on which somebody stands rests for a while: what moved or will move is no ground, nor is what differs from what the clip
shows there otherwise (`StillScene`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from ...common.images import largest_channel
from ...common.interrupt import checkpoint
from ...common.masks import MASKED
from ...geometry.frame_alignment import FrameAt, align
from ...geometry.grids import pixel_grid
from ...vision.tracking.optical_flow import along_flow, dense_inverse_search, inconsistent
from .follow import small_frames
from .still_scene import MIN_SPEED, MovingParts, StillScene, smooth
from .tracked import grown

PICK_RADIUS = 2  # px of small frames, around the place
MAX_AREA = 0.25  # part of the frame: something larger is no object, but a scene that was not aligned
MOVING_SHARE = 0.3  # of an object, that has to move
REACH, EVERY = 16, 2  # frames before and after one through which its places are followed; of these, those compared
FLOWS = 48  # pairs of frames whose optical flow is kept
HAS_MOVED, RESTS = 2.0, 1.0  # px of small frames: how far a place has moved at least, and at most
CLEARER = 6.0  # of 255: by so much less does what it shows differ in one of two places
STAYS = 8.0  # of 255, up to which what rests differs
LOST = 0.3  # of the neighbourhood of a place: where the flow is wrong in more, it is lost
KNOWN = 0.25  # of 1: evidence from which a place is taken to move, or to rest
BESIDE = 0.12  # of the square root of its area: so close to a thing, what moves is expected to be a part of it
FEW = 2.0  # frames: with fewer that say something, what they say counts less
SLOW = 1.0  # px of small frames, from one frame to the next: what is faster does not rest
RIM = np.ones((5, 5), np.uint8)  # px: ground beside what differs from the scene seems to differ, too
REMEMBERED = 0.97  # of what a place's motion says in a frame, that it says in the next one


class MotionEvidence:
    """Which places of a clip's small frames move by themselves.

    Args:
        scene: of the clip.
        differs: `[T, h, w]` bool, where each frame shows something else than the still scene.
    """

    def __init__(self, scene: StillScene, differs: np.ndarray):
        self.scene, self.differs = scene, differs
        self._smooth = lru_cache(2 * REACH + 1)(lambda time: smooth(scene.frames[time]).round().astype(np.uint8))
        self._kept: dict[int, np.ndarray] = {}
        self._between = lru_cache(FLOWS)(self._flows)

    def at(self, time: int) -> np.ndarray:
        """`[h, w]` float32 of a frame, from -1 for what surely rests to 1 for what surely moves by itself; 0 where the
        frames around it say nothing, as inside of what has one colour."""
        if time not in self._kept:
            self._kept[time] = self._found(time).astype(np.float16)
        return self._kept[time].astype(np.float32)

    def against_scene(self, time: int) -> np.ndarray:
        """`[h, w]` float32, the same, but 0 where something rests that is not the still scene, such as a foot."""
        return self._where_it_differs(self.at(time), time)

    def remembered(self, time: int) -> np.ndarray:
        """`[h, w]` float32, the same by all frames of the clip: what has moved or will move is none of what rests, such
        as a leg on which somebody stands. The farther away in time, the less that counts."""
        return self._where_it_differs(self._remembered[time].astype(np.float32), time)

    def _where_it_differs(self, found: np.ndarray, time: int) -> np.ndarray:
        differs = cv2.erode(self.differs[time].astype(np.uint8), RIM) > 0  # but for the ground at its rim
        return np.where(differs, np.maximum(found, 0), found)

    @cached_property
    def _remembered(self) -> np.ndarray:
        """`[T, h, w]` float16."""
        count = len(self.scene.frames)
        found = np.stack([self.at(time).astype(np.float16) for time in range(count)])
        for times in (range(1, count), range(count - 2, -1, -1)):
            for time in times:
                checkpoint()
                last = time - times.step
                step = self._step(time, last)
                place = pixel_grid(*self.scene.size) + step[..., :2]
                moves, _, stays = self._compared(time, last, place)
                known = (step[..., 2] <= LOST) & (moves | stays)
                there = REMEMBERED * along_flow(found[last].astype(np.float32), step[..., :2])
                found[time] = np.where(known & (there > 0), np.maximum(found[time], there), found[time])
        return found

    def _found(self, time: int) -> np.ndarray:
        moving, resting = (np.zeros(self.scene.size[::-1], np.float32) for _ in range(2))
        first, last = max(0, time - REACH), min(len(self.scene.frames), time + REACH + 1)
        for times in (range(time + 1, last), range(time - 1, first - 1, -1)):
            for moves, rests in self._followed(time, times):
                moving += moves
                resting += rests
        return (moving - resting) / np.maximum(moving + resting, FEW)

    def _followed(self, time: int, times: range) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """`[h, w]` bool each: which places of a frame have moved, and which rest, in every second of those after or
        before."""
        place, known = pixel_grid(*self.scene.size), np.ones(self.scene.size[::-1], bool)
        for other in times:
            checkpoint()
            step = _looked_up(self._step(other - times.step, other), place)
            known &= step[..., 2] <= LOST
            place = place + step[..., :2]
            if (other - time) % EVERY:
                continue
            moves, rests, _ = self._compared(time, other, place)
            yield known & moves, rests

    def _compared(self, time: int, other: int, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`[h, w]` bool each: which places of a frame have moved to the places `[h, w, 2]` of another one, which rest,
        by what that shows there and where they were, and which are there, too, and have hardly moved: what has just
        come into view is not."""
        rest = self.scene.places_in(time, other)
        if_moved, if_not = (self._difference(time, other, at) for at in (place, rest))
        far = cv2.magnitude(*cv2.split(place - rest))
        has_moved = far > HAS_MOVED
        rests = (has_moved & (if_not < if_moved - CLEARER)) | ((far < RESTS) & (if_not < STAYS))
        stays = (far < SLOW) & (if_moved < STAYS)
        return has_moved & (if_moved < if_not - CLEARER), rests & _inside(rest), stays

    def _difference(self, time: int, other: int, place: np.ndarray) -> np.ndarray:
        """`[h, w]` float32: how much a frame differs from another one at places `[h, w, 2]` of that, of 255."""
        difference = cv2.absdiff(_looked_up(self._smooth(other), place), self._smooth(time))
        return largest_channel(difference).astype(np.float32)

    def flow(self, time: int, other: int) -> np.ndarray:
        """`[h, w, 2]` float32: the optical flow from one frame to the one before or after it."""
        return self._step(time, other)[..., :2]

    def _step(self, time: int, other: int) -> np.ndarray:
        """`[h, w, 3]` float32: that flow, and 1 where it is wrong, 0 elsewhere."""
        return self._between(min(time, other))[int(other < time)].astype(np.float32)

    def _flows(self, time: int) -> np.ndarray:
        """`[2, h, w, 3]` float16: from a frame to the next one, and back, as `_step` has them."""
        frames, flow_between = self.scene.frames, dense_inverse_search()
        here, there = frames[time], frames[time + 1]
        flow, back = flow_between(here, there), flow_between(there, here)
        both = ((flow, back), (back, flow))
        return np.stack([np.dstack([one, inconsistent(one, other)]) for one, other in both]).astype(np.float16)


def agreement(evidence: np.ndarray, mask: np.ndarray, likely: np.ndarray) -> float:
    """From 0 to 1: how much of what moves in or beside a thing lies in a mask, and how little of what rests
    (intersection over union, of the places of which something is known).

    Args:
        evidence: `[h, w]`, as of `MotionEvidence.at`.
        mask: `[h, w]` bool.
        likely: `[h, w]` bool, all that may be the thing.
    """
    near = mask | grown(likely, round(BESIDE * float(likely.sum()) ** 0.5))
    moving, resting = evidence > KNOWN, evidence < -KNOWN
    return float((mask & moving).sum() / max(1, (moving & near).sum() + (mask & resting).sum()))


def _inside(places: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: whether a frame shows places `[h, w, 2]`, (x, y) in its pixels."""
    height, width = places.shape[:2]
    return cv2.inRange(places, (0, 0), (width - 1, height - 1)) > 0


def _looked_up(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`[h, w, 3]`: values `[h, w, 3]` at places `[h, w, 2]`, (x, y) in pixels."""
    return cv2.remap(values, places.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


class MovingClip:
    """What moves in a clip.

    Args:
        count: number of frames.
        frame_at: the clip's frames, which are looked at when something is asked first.
    """

    def __init__(self, count: int, frame_at: FrameAt):
        self.count, self.frame_at = count, frame_at

    @cached_property
    def small(self) -> tuple[FrameAt, tuple[int, int], float]:
        """The frames as objects are followed in them, as of `small_frames`."""
        return small_frames(self.frame_at, self.frame_at(0).shape[1::-1])

    @property
    def small_at(self) -> FrameAt:
        return self.small[0]

    @cached_property
    def scene(self) -> StillScene:
        motions = align(self.count, self.frame_at)
        return StillScene(self.count, self.frame_at, motions)

    @cached_property
    def evidence(self) -> MotionEvidence:
        return MotionEvidence(self.scene, self.parts.moving)

    @cached_property
    def parts(self) -> MovingParts:
        return self.scene.moving(np.zeros(self.scene.frames.shape[:3], bool))


@dataclass(frozen=True)
class MovingFrame:
    """What moves in one frame of a clip, and what rests."""

    clip: MovingClip
    frame: int

    @property
    def evidence(self) -> np.ndarray:
        """`[h, w]` as of `MotionEvidence.against_scene`."""
        return self.clip.evidence.against_scene(self.frame)

    @property
    def resting(self) -> np.ndarray:
        """`[H, W]` bool: what most other frames show, too, where they would not if it had moved."""
        return self.clip.scene.whole_mask(self.clip.scene.resting(self.frame)) >= MASKED

    def at(self, place: complex) -> np.ndarray | None:
        """`[H, W]` from 0 to 1: what moves at a place, in pixels of the frame; None where nothing does."""
        scene = self.clip.scene
        moving = self.clip.parts.moving[self.frame].astype(np.uint8)
        _, labels = cv2.connectedComponents(moving)
        x, y = round(place.real * scene.scale), round(place.imag * scene.scale)
        around = labels[max(0, y - PICK_RADIUS) : y + PICK_RADIUS + 1, max(0, x - PICK_RADIUS) : x + PICK_RADIUS + 1]
        if not around.any():
            return None
        mask = labels == np.bincount(around[around > 0]).argmax()
        fast = scene.speed(self.frame) > MIN_SPEED
        if mask.mean() > MAX_AREA or fast[mask].mean() < MOVING_SHARE:
            return None
        return scene.whole_mask(mask)
