"""Finds the objects that move by themselves in a clip, beside those that are known or at a place, follows each of them,
and knows its shape from all frames together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.images import largest_channel
from ...common.interrupt import checkpoint, watched
from ...common.masks import MASKED, middle_of, overlap, reaches_border, touching
from ...geometry.frame_alignment import FrameAt
from ...geometry.similarity import SimilarityTransform
from ...vision.tracking.optical_flow import along_flow, flow_at_half_resolution
from .follow import bridged, follow, ways_from
from .from_masks import from_masks
from .moving_masks import in_another_light
from .sampled_frames import median
from .still_scene import MovingParts, StillScene
from .tracked import ObjectTrack, grown, without_holes, without_small

MIN_AREA = 0.002  # part of the frame
KERNEL_5 = np.ones((5, 5), np.uint8)
AT_EDGE = 0.3  # how much less a part counts that touches a known object or the picture's edge
MIN_VISIBLE_FRAMES = 0.3  # part of the frames in which it has to be seen
MIN_KEPT = 0.4  # of what was found first, that has to move as one
CONVERGED = 0.9  # overlap from which a shape is as good as before
ROUNDS = 2
MIN_OVERLAP = 0.02  # part of it that has to be where known objects pass, or beside that
NEARBY = 2.0  # of the known objects' size, that counts as beside
MIN_FRAMES = 3  # frames that have to show a place
SHARE_ALONG = 0.6  # of them, in which it has to move along
MAX_COLOR_ERROR = 28.0  # of 255: how much its colour may differ from what it usually is
CRACK = 0.08  # of its size: half the width of a gap that is none
SMOOTH = np.ones((3, 3), np.uint8)
SHAPE_MARGIN = 0.5  # of its longer side: how far its shape may reach beyond what is known
SEEN, MOVES = 0.3, 0.3  # part of an object that has to be uncovered, and of that, to move, where it is found
REACH = 0.06  # of its longer side, by which a part of it may move from one frame to the next beside the flow
LEAST_REACH = 2  # px of small frames
SMALL_PART = 0.04  # of the object: smaller parts apart from it are none of it
LOST = 0.1  # of its usual size: with less to be seen, it is hidden
MERGED = 1.35  # times its usual size: it has grown by something else
WELL = 0.85  # of its size, that a frame shows of an object that is shown well
RIGID = 0.8  # overlap of a rigid shape with what moves, below which an object bends
FEWEST_SEEN = 3  # frames that have to show it apart from other objects
APART, CHANGES = 1.1, 1.25  # most of its size: with what touches it, and against the frame in which it was given
KNOWN = 0.9  # part of the scene there, that other frames have to show
BESIDE = 0.5, 1.5  # of the square root of its area: how far from a part it is looked at what moves around it
ALIKE, ALIKE_PX = 0.5, 0.3  # of a part's motion, and px: difference up to which something else moves along
ALONG, FEWEST = 0.45, 0.1  # of what is around scenery: moves along, and has texture
LEAST_SCENERY = 0.005  # part of the frame: around less there is too little that could tell


@dataclass(frozen=True)
class FoundTrack:
    """An object that was found in a clip, and followed.

    Attributes:
        parts: what moves, with the object left out of the scene.
        is_hidden: whether it could only be followed by leaving out what other objects hide.
    """

    track: ObjectTrack
    parts: MovingParts
    is_hidden: bool


class Search:
    """Finds moving objects one after the other.

    Args:
        scene: the clip's still scene.
        small_at: its frames as objects are followed in them (`small_frames`).
        known: `[T, h, w]` bool, what each small frame shows of the objects to which others matter.
    """

    def __init__(self, scene: StillScene, small_at: FrameAt, known: np.ndarray):
        self.scene, self.small_at = scene, small_at
        self.near = passed(scene, known)
        self.refused = np.zeros(scene.frames.shape[:3], bool)

    def clearest(self, moving: np.ndarray, known: np.ndarray) -> tuple[int, np.ndarray] | None:
        """The frame and `[h, w]` bool, the part of it, that shows something most clearly; None without one.

        Args:
            moving: `[T, h, w]` bool, what moves.
            known: `[T, h, w]` bool, what is known already.
        """
        best, clearest = 0.0, None
        for time, fast in watched(self.scene.fast.items()):
            shape = moving[time] & ~self.refused[time] & fast & ~known[time]
            shape = cv2.morphologyEx(shape.astype(np.uint8), cv2.MORPH_OPEN, KERNEL_5)
            parts, labels, stats, _ = cv2.connectedComponentsWithStats(shape)
            for part in range(1, parts):
                area = stats[part, cv2.CC_STAT_AREA]
                if area < MIN_AREA * labels.size or area <= best:
                    continue
                mask = without_holes(labels == part) & ~known[time]
                if (mask & self.near[time]).sum() < MIN_OVERLAP * mask.sum():
                    continue
                rim = cv2.dilate(mask.astype(np.uint8), KERNEL_5) > 0
                score = area * (AT_EDGE if (rim & known[time]).any() or reaches_border(mask) else 1.0)
                if score > best:
                    best, clearest = score, (time, mask)
        return clearest

    def track(self, time: int, part: np.ndarray, known: np.ndarray) -> FoundTrack | None:
        """The object that a part is of; None if it cannot be followed, is the scene in another light, or scenery. That
        part is not looked at again."""
        found, scene = None, self.scene
        is_object = not in_another_light(part, scene.frames[time], scene.behind(time))
        if is_object and not _is_scenery(scene, time, part, known[time]):
            begun = _followed(self.scene, self.small_at, time, part, known)
            rigid = _whole(self.scene, self.small_at, begun, part, known)
            other = nonrigid_track(self.scene, self.small_at, (rigid or begun).track, known)
            found = rigid if other is None else replace(begun, track=other)
        if found is None:
            self.refused |= cv2.dilate(part.astype(np.uint8), KERNEL_5) > 0
        return found


def _is_scenery(scene: StillScene, time: int, part: np.ndarray, known: np.ndarray) -> bool:
    """Whether about half of what is around a large part `[h, w]` bool of a small frame moves along, beside known
    objects `[h, w]` bool: then it is no object, but a piece of what is seen through the window of a car, or of what is
    close to a camera that travels. What has no texture tells nothing."""
    if part.mean() < LEAST_SCENERY:
        return False
    side = float(np.sqrt(part.sum()))
    near, far = (grown(part, round(reach * side)) for reach in BESIDE)
    beside = far & ~near & ~known
    counted = beside & scene.is_textured(time)
    if counted.sum() <= FEWEST * beside.sum():
        return False
    flow = scene.flow(time)
    own = np.median(flow[part], 0)
    along = np.linalg.norm(flow[counted] - own, axis=-1) < ALIKE * np.linalg.norm(own) + ALIKE_PX
    return bool(along.mean() > ALONG)


def _whole(
    scene: StillScene, small_at: FrameAt, found: FoundTrack, part: np.ndarray, covered: np.ndarray
) -> FoundTrack | None:
    """All of an object that was followed by a part `[h, w]` bool of a small frame; None if nothing moves as that does.

    Args:
        covered: `[T, h, w]` bool, what each small frame shows of other objects.
    """
    for _ in range(ROUNDS):
        if found.track.visible.mean() < MIN_VISIBLE_FRAMES:
            return None
        shape, counted = rigid_shape(scene, found.track, found.parts, covered)
        better = _closed(attached(shape, part) | (part & ~counted), found.parts, found.track.frame)
        if better.sum() < MIN_AREA * better.size or (better & part).sum() < MIN_KEPT * part.sum():
            return None
        if overlap(better, part) > CONVERGED:
            return found
        part = better
        found = _followed(scene, small_at, found.track.frame, part, covered)
    return found if found.track.visible.mean() >= MIN_VISIBLE_FRAMES else None


def nonrigid_track(scene: StillScene, small_at: FrameAt, track: ObjectTrack, covered: np.ndarray) -> ObjectTrack | None:
    """An object by its silhouettes; None if its rigid motion says where it is.

    Args:
        covered: `[T, h, w]` bool, what each small frame shows of other objects.
    """
    if shown_well(track):
        return None
    whole = track.with_shape()
    parts = scene.moving(covered | _shown(scene, track))
    given = {time: scene.small_mask(track.masks[time]) for time in track.given}
    found = silhouettes(scene, parts, given, covered)
    rigid = [scene.small_mask(whole.whole_at(time)) for time in range(len(found))]
    if not is_nonrigid(found, rigid, track.frame, parts):
        return None
    masks = [scene.whole_mask(mask) for mask in found]
    for time in given:
        masks[time] = track.mask_at(time)
    return from_masks(small_at, np.stack(masks), track.frame, track.size)


def _followed(scene: StillScene, small_at: FrameAt, time: int, part: np.ndarray, covered: np.ndarray) -> FoundTrack:
    """An object by a part `[h, w]` bool of a small frame. If it seems to go where only the still scene is seen, it is
    behind other objects, `[T, h, w]` bool, and is followed as far as these do not hide it."""
    mask, count = scene.whole_mask(part), len(scene.frames)
    track = follow(count, small_at, mask, time)
    parts = scene.moving(covered | _shown(scene, track))
    if not _strays(scene, track, parts, covered).any():
        return FoundTrack(track, parts, is_hidden=False)

    def hidden_at(other: int) -> np.ndarray:
        size = track.masks.shape[:0:-1]
        return cv2.resize(covered[other].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0

    track = follow(count, small_at, mask, time, hidden_at=hidden_at)
    parts = scene.moving(covered | _shown(scene, track))
    return FoundTrack(without_strays(scene, track, parts, covered), parts, is_hidden=True)


def without_strays(scene: StillScene, track: ObjectTrack, parts: MovingParts, covered: np.ndarray) -> ObjectTrack:
    """An object that was followed, without the frames in which only the still scene is seen there.

    Args:
        parts: what moves, with the object left out of the scene.
        covered: `[T, h, w]` bool, what each small frame shows of other objects.
    """
    strays = _strays(scene, track, parts, covered)
    visible = track.visible & ~strays
    middle = middle_of(track.mask_at(track.frame) >= MASKED)
    way = bridged(track.motion.factor, track.motion.shift, visible, middle)
    masks = np.where(strays[:, None, None], 0, track.masks).astype(np.uint8)
    return replace(track, motion=SimilarityTransform(*way), masks=masks, visible=visible)


def _strays(scene: StillScene, track: ObjectTrack, parts: MovingParts, covered: np.ndarray) -> np.ndarray:
    """`[T]` bool: the frames that show the still scene where an object is said to be, as far as other objects,
    `[T, h, w]` bool, do not cover it."""
    found = np.zeros(len(track.masks), bool)
    for time in np.flatnonzero(track.visible):
        mask = scene.small_mask(track.masks[time])
        seen = mask & ~covered[time]
        found[time] = seen.sum() > SEEN * mask.sum() and parts.moving[time][seen].mean() < MOVES
    found[track.frame] = False
    return found


def _shown(scene: StillScene, track: ObjectTrack) -> np.ndarray:
    """`[T, h, w]` bool: what each small frame shows of an object, with its edge."""
    return scene.covered((time, track.masks[time]) for time in np.flatnonzero(track.visible))


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
    for frame, times in ways_from(given, len(found)):
        for time, own in _along(times, scene, parts, given[frame], frame, others):
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
    own = cv2.morphologyEx((own & ~others).astype(np.uint8), cv2.MORPH_CLOSE, SMOOTH)
    return without_small(own, SMALL_PART * ahead.sum()) & ~others


def passed(scene: StillScene, masks: np.ndarray) -> dict[int, np.ndarray]:
    """For each sampled frame, `[h, w]` bool: where objects `[T, h, w]` bool pass at any time, and beside that."""
    areas = masks.sum((1, 2))
    reach = round(NEARBY * float(np.sqrt(areas.max())) / 2)
    found = {}
    for time in scene.sampled:
        way = np.any([scene.warped_mask(int(time), int(other), masks[other]) for other in scene.sampled], axis=0)
        found[int(time)] = grown(way, reach)
    return found


def rigid_shape(
    scene: StillScene, track: ObjectTrack, parts: MovingParts, covered: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Args:
        scene: the clip's still scene.
        track: its motion has to be right; of its masks that of the frame in which it was given is used.
        parts: what moves.
        covered: `[T, h, w]` bool, what each small frame shows of other objects.

    Returns:
        `[h, w]` bool in the small frame in which it was given: what moves as it does; and where enough frames say so.
    """
    size = scene.size
    colors, votes, seen = [], [], []
    for time in scene.sampled[track.visible[scene.sampled]]:
        back = track.matrix(track.frame, int(time), size)[:2]
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        colors.append(cv2.warpAffine(scene.frames[time], back, size, flags=way, borderMode=cv2.BORDER_REPLICATE))
        usable = (parts.known[time] & ~covered[time]).astype(np.float32)
        seen.append(cv2.warpAffine(usable, back, size, flags=way) > 0.99)
        votes.append(cv2.warpAffine(parts.moving[time].astype(np.float32), back, size, flags=way) >= 0.5)
    if len(colors) < MIN_FRAMES:
        return np.zeros(size[::-1], bool), np.zeros(size[::-1], bool)
    colors, votes, seen = (np.stack(each) for each in (colors, votes, seen))
    count = seen.sum(0)
    usual = median(colors, seen & votes)
    alike = largest_channel(np.abs(colors.astype(np.int16) - usual)) <= MAX_COLOR_ERROR
    share = (votes & alike & seen).sum(0) / np.maximum(count, 1)
    found = cv2.morphologyEx((share >= SHARE_ALONG).astype(np.uint8), cv2.MORPH_OPEN, SMOOTH) > 0
    return found & (count >= MIN_FRAMES), count >= MIN_FRAMES


def attached(found: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: those parts of what was found that touch a mask, not too far away."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.zeros(mask.shape, bool)
    reach = max(3, round(SHAPE_MARGIN * max(np.ptp(rows), np.ptp(columns))))
    near = np.zeros(mask.shape, bool)
    beside = slice(max(0, rows.min() - reach), rows.max() + reach + 1)
    near[beside, max(0, columns.min() - reach) : columns.max() + reach + 1] = True
    closed = cv2.morphologyEx(((found & near) | mask).astype(np.uint8), cv2.MORPH_CLOSE, SMOOTH)
    return touching(closed, mask) & found & near


def _closed(shape: np.ndarray, parts: MovingParts, frame: int) -> np.ndarray:
    """A shape `[h, w]` bool in a small frame without cracks and holes, but where that shows the still scene."""
    radius = max(1, round(CRACK * float(np.sqrt(shape.sum()))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    room = cv2.copyMakeBorder(shape.astype(np.uint8), radius, radius, radius, radius, cv2.BORDER_CONSTANT)
    closed = cv2.morphologyEx(room, cv2.MORPH_CLOSE, disc)[radius:-radius, radius:-radius] > 0
    return shape | (without_holes(closed) & (parts.moving[frame] | ~parts.known[frame]))
