"""Aligns the frames of a clip to one another: the camera's motion as a homography from the first frame to each.

A camera that turns or zooms moves a still scene by a homography, one that travels moves its distant parts so. Features
are followed from frame to frame, and then against a key frame, so that errors do not add up. Whatever moves by itself
is an outlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
from scipy.spatial import cKDTree

from ..common.interrupt import checkpoint
from .grids import about_corner
from .registration import align_directly
from .similarity import closest_similarity, robust_similarity

LONGEST = 1024  # px, of the frames that are compared
CELLS = 8  # along each side, from each of which features are taken, so that no object has most of them
FEATURES, QUALITY, APART = 24, 0.02, 7  # features of a cell: most, relative strength, distance in px
WITHIN = 1.0  # px, up to which a feature follows a motion
NEAR = 3.0  # px, up to which a motion that was found roughly is refined
MIN_INLIERS = 12  # features that agree; with fewer, no motion is found
KEPT = 0.6  # of a frame's features that are followed to it; with fewer, its own are added
OVERLAP = 0.6  # of a frame with its key frame; with less, it becomes the next one
WINDOW = (21, 21)
PRECISE = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 0.002)
MODEL_PENALTY = 1.05  # a motion with more parameters has to leave an error smaller by this factor
LEAST_ERROR = 0.03  # px; smaller errors are those of the features themselves
SMALL = 480  # px, longer side of the frames whose detail is compared
AROUND = 6.0  # px, standard deviation: of the surroundings to which a place's contrast is compared
FAINT = 0.3  # of 255: contrast of what is too faint to be told from noise
MIDDLE, VISIBLE = 128, 40  # of 255: where a frame's detail has none, and its usual contrast
DIFFERS = 1.0  # of that contrast: whatever differs by more counts alike, such as what moves by itself
NOISY, SPARSE = 2, 8  # times the noise: contrast that tells little; and of so many pixels one shows the noise
MOTIONS = 3  # motions from frame to frame that are tried
LEAST_SEEN = 0.15  # part of the frame that both have to show
NOISE = 0.005  # of that contrast: a motion with more parameters has to leave a difference smaller by more than this
ROUGHLY = 0.02  # of that contrast: the same for a motion that is refined afterwards
RETURNS = 16.0  # px, up to which a motion may be an error, and the camera at rest

FrameAt = Callable[[int], np.ndarray]
"""The frame of a number, `[H, W, 3]` uint8."""
MaskAt = Callable[[int], np.ndarray | None]
"""What is left out of a frame, `[H, W]` bool, or None."""


def align(count: int, frame_at: FrameAt, ignored_at: MaskAt = lambda time: None) -> np.ndarray:
    """
    Args:
        count: number of frames.
        frame_at: called once for each, in order.
        ignored_at: objects that move by themselves.

    Returns:
        `[T, 3, 3]` float64, homogeneous: from pixels of frame 0 to pixels of each frame, (0, 0) being the centre of
        the first pixel. Exactly the identity where the camera rests. A frame in which too little is recognised has the
        motion of the one before.
    """
    motions = np.tile(np.eye(3), (count, 1, 1))
    before = key = _seen(frame_at(0), ignored_at(0))
    to_key = step = np.eye(3)  # from frame 0, and from the frame before
    for time in range(1, count):
        checkpoint()
        seen = _seen(frame_at(time), ignored_at(time))
        from_key = motions[time - 1] @ np.linalg.inv(to_key)
        step = _best(before, seen, [np.eye(3), step, *_steps(before, seen)], ROUGHLY)
        guess = _best(key, seen, [*_rest_near(seen, from_key), from_key, step @ from_key])
        guess = _best(key, seen, [guess, *_directly(key, seen, guess)], ROUGHLY)
        found = _best(key, seen, [guess, *_refined(key, seen, guess)])
        motions[time] = found @ to_key
        if _overlap(key.grey.shape, found) < OVERLAP:
            key, to_key = seen, motions[time]
        before = seen
    to_small = about_corner(before.scale, before.scale)
    return np.where(motions == np.eye(3), motions, np.linalg.inv(to_small) @ motions @ to_small)


def follow_features(count: int, frame_at: FrameAt, ignored_at: MaskAt = lambda time: None) -> np.ndarray:
    """Features of all frames, followed from each to the next as long as they are seen.

    Args:
        count, frame_at, ignored_at: as for `align`.

    Returns:
        `[N, T, 2]` float64: where each is, in pixels of the clip, (0, 0) being the centre of the first one; NaN where
        it is not seen.
    """
    before = _seen(frame_at(0), ignored_at(0))
    tracks = np.full((len(before.features), count, 2), np.nan)
    tracks[:, 0] = before.features[:, 0]
    for time in range(1, count):
        checkpoint()
        seen = _seen(frame_at(time), ignored_at(time))
        alive = np.flatnonzero(np.isfinite(tracks[:, time - 1, 0]))
        here = tracks[alive, time - 1].astype(np.float32)[:, None]
        there, good = _followed_all(before.grey, seen.grey, here)
        good &= _is_free(seen.free, there)
        tracks[alive[good], time] = there[good]
        if good.sum() < KEPT * len(seen.features):
            new = _apart(seen.features[:, 0], tracks[:, time])
            more = np.full((len(new), count, 2), np.nan)
            more[:, time] = new
            tracks = np.concatenate([tracks, more])
        before = seen
    scale = before.scale
    return (tracks + 0.5) / scale - 0.5


def _is_free(free: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`[n]` bool: whether positions `[n, 2]` lie in a small frame, where it counts."""
    height, width = free.shape
    x, y = np.rint(positions.T).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return inside & (free[y.clip(0, height - 1), x.clip(0, width - 1)] > 0)


def _apart(features: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Of features `[n, 2]`, those that are not close to any of the known positions `[m, 2]`, of which some are NaN."""
    known = known[np.isfinite(known[:, 0])]
    if not len(known) or not len(features):
        return features
    distance, _ = cKDTree(known).query(features)
    return features[distance >= APART]


@dataclass(frozen=True)
class _Seen:
    """A small grey frame, where it counts, and its size as a part of the whole."""

    grey: np.ndarray
    free: np.ndarray
    scale: float

    @cached_property
    def features(self) -> np.ndarray:
        """`[N, 1, 2]`, spread over the frame."""
        return _features(self.grey, self.free)

    @cached_property
    def faint(self) -> np.ndarray:
        """`[H, W]` uint8: its detail, in which features can be followed that are faint in the frame."""
        return _visible(self.grey)

    @cached_property
    def faint_features(self) -> np.ndarray:
        """`[N, 1, 2]`, of that."""
        return _features(self.faint, self.free)

    @cached_property
    def detail(self) -> np.ndarray:
        """`[h, w]` float32: that of a smaller frame, as smooth as if interpolated."""
        scale = min(1.0, SMALL / max(self.grey.shape))
        small = cv2.resize(self.grey.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return cv2.GaussianBlur(_detail(small), (0, 0), 1)

    @cached_property
    def contrast(self) -> np.ndarray:
        """`[h, w]` float32: of that, around each place."""
        return _contrast(self.detail)

    @cached_property
    def small_free(self) -> np.ndarray:
        """`[h, w]` uint8: where that counts."""
        return cv2.resize(self.free, self.detail.shape[::-1], interpolation=cv2.INTER_NEAREST)


def _seen(frame: np.ndarray, ignored: np.ndarray | None) -> _Seen:
    scale = min(1.0, LONGEST / max(frame.shape[:2]))
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    free = np.ones(grey.shape, np.uint8)
    if ignored is not None:
        free -= cv2.resize(ignored.astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return _Seen(grey, free, scale)


def _detail(grey: np.ndarray) -> np.ndarray:
    """`[H, W]` float32: how a frame differs from its surroundings."""
    return grey - cv2.GaussianBlur(grey, (0, 0), AROUND)


def _contrast(detail: np.ndarray) -> np.ndarray:
    """`[H, W]` float32: the usual size of a frame's detail around each place. By this, a plain ground counts as much as
    an object with a strong texture."""
    return np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), AROUND)) + FAINT


def _visible(grey: np.ndarray) -> np.ndarray:
    """`[H, W]` uint8: the detail of a frame, with the same contrast everywhere."""
    detail = _detail(grey.astype(np.float32))
    return (MIDDLE + VISIBLE * detail / _contrast(detail)).clip(0, 255).astype(np.uint8)


def _features(grey: np.ndarray, free: np.ndarray) -> np.ndarray:
    """`[N, 1, 2]`, spread over the frame."""
    strength = cv2.cornerMinEigenVal(grey, 3) * free
    least = QUALITY * float(np.quantile(strength, 0.99))
    found = [np.zeros((0, 1, 2), np.float32)]
    rows, columns = (np.linspace(0, side, CELLS + 1).astype(int) for side in grey.shape)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            cell = slice(top, bottom), slice(left, right)
            strong = (free[cell] > 0) & (strength[cell] > least)
            corners = cv2.goodFeaturesToTrack(grey[cell], FEATURES, QUALITY, APART, mask=strong.astype(np.uint8))
            if corners is not None:
                found.append(corners + np.float32([left, top]))
    return np.concatenate(found)


def _steps(before: _Seen, seen: _Seen) -> list[np.ndarray]:
    """Motions that the frame before may have made to this one, roughly: of the features that most of them follow, of
    most of the others, and so on, since those of an object may be more than those of the scene."""
    source, target = _followed(before.grey, seen.grey, before.features)
    found = []
    while len(source) >= MIN_INLIERS and len(found) < 2 * MOTIONS:
        similarity = robust_similarity(_complex(source), _complex(target), WITHIN)
        homography = _homography(source, target)[0]
        found += [homography] if similarity is None else [similarity[0].matrix(), homography]
        other = np.linalg.norm(_apply(homography, source) - target, axis=1) > WITHIN
        if other.all():
            break
        source, target = source[other], target[other]
    return [*found, _shift(before, seen), align_directly(before.grey, seen.grey, before.free, np.eye(3))]


def _shift(before: _Seen, seen: _Seen) -> np.ndarray:
    """The translation by phase correlation, in which every part of the frames counts as much as another."""
    window = np.outer(*(np.hanning(side) for side in before.grey.shape)).astype(np.float32)
    limited = (each.faint.clip(MIDDLE - VISIBLE, MIDDLE + VISIBLE) for each in (before, seen))
    pair = [(each - np.float32(MIDDLE)) * own.free for each, own in zip(limited, (before, seen), strict=True)]
    motion = np.eye(3)
    motion[:2, 2] = cv2.phaseCorrelate(*pair, window)[0]
    return motion


def _best(key: _Seen, seen: _Seen, motions: list[np.ndarray], tolerance: float = NOISE) -> np.ndarray:
    """The first of the motions after which the frames agree as well as after any."""
    differences = _differences(key, seen, motions)
    best = min(differences)
    return next(each for each, found in zip(motions, differences, strict=True) if found <= best + tolerance)


def _differences(key: _Seen, seen: _Seen, motions: list[np.ndarray]) -> list[float]:
    """The mean difference of the frames' detail after each motion, of its usual contrast around each place, and of
    what all of them leave, which is noise."""
    changes = [_change(key, seen, each) for each in motions]
    sparse = [change[both][::SPARSE] for change, both in changes]
    noise = min((float(np.median(each)) for each in sparse if each.size), default=0.0)
    contrast = key.contrast + NOISY * noise
    return [
        float(np.minimum(change / contrast, DIFFERS)[both].mean()) if both.mean() >= LEAST_SEEN else DIFFERS
        for change, both in changes
    ]


def _change(key: _Seen, seen: _Seen, motion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`[h, w]`: the difference of the frames' detail after a motion, and `[h, w]` bool, where both show the scene."""
    size = key.detail.shape[::-1]
    shrunk = about_corner(*np.divide(size, key.grey.shape[::-1]))
    local = shrunk @ motion @ np.linalg.inv(shrunk)
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpPerspective(seen.detail, local, size, flags=way, borderMode=cv2.BORDER_REPLICATE)
    free = cv2.warpPerspective(seen.small_free, local, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.abs(key.detail - moved), (free & key.small_free) > 0


def _directly(key: _Seen, seen: _Seen, guess: np.ndarray) -> list[np.ndarray]:
    """The motion by the colours alone, if it is close to the guess."""
    found = align_directly(key.grey, seen.grey, key.free, guess)
    return [found] if _apart_by(key.grey.shape, found, guess) < NEAR else []


def _rest_near(seen: _Seen, motion: np.ndarray) -> list[np.ndarray]:
    """Rest, if a motion is so small that it may be an error."""
    return [np.eye(3)] if _apart_by(seen.grey.shape, np.eye(3), motion) < RETURNS else []


def _apart_by(shape: tuple[int, int], one: np.ndarray, other: np.ndarray) -> float:
    """The largest distance in pixels to which two motions bring a corner of the frame."""
    height, width = shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    return float(np.linalg.norm(_apply(one, corners) - _apply(other, corners), axis=1).max())


def _overlap(shape: tuple[int, int], motion: np.ndarray) -> float:
    """The part of a frame that is seen after a motion, or of what is seen then that was in it."""
    height, width = shape
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    there = cv2.perspectiveTransform(corners[:, None], motion).astype(np.float32)
    common, _ = cv2.intersectConvexConvex(corners, there)
    return common / max(width * height, cv2.contourArea(there))


def _refined(key: _Seen, seen: _Seen, guess: np.ndarray) -> list[np.ndarray]:
    """From a key frame to this one, precisely, from a guess, as far as enough features agree: by the frames, and by
    their detail.

    The frame is warped onto the key frame first, so that what is left to be found is small, without rotation or scale.
    """
    onto = seen.grey
    if not np.array_equal(guess, np.eye(3)):
        onto = cv2.warpPerspective(
            seen.grey, guess, seen.grey.shape[::-1], flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
    pairs = (key.grey, onto, key.features), (key.faint, _visible(onto), key.faint_features)
    found = []
    for now, then, features in pairs:
        source, target = _followed(now, then, features[_stays_inside(features, guess, onto.shape)])
        near = np.linalg.norm(target - source, axis=1) < NEAR
        source, target = source[near], target[near]
        rest, agree = _homography(source, target)
        if agree >= MIN_INLIERS:
            there = cv2.perspectiveTransform(target[:, None], guess)[:, 0]
            found.append(_simplest(source, there, guess @ rest))
    return found


def _stays_inside(features: np.ndarray, motion: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """`[N]` bool: which features `[N, 1, 2]` a motion leaves in the frame, with what is around them."""
    if not len(features):
        return np.zeros(0, bool)
    there, margin = _apply(motion, features[:, 0]), WINDOW[0] / 2
    return ((there > margin) & (there < np.array(shape[::-1]) - margin)).all(1)


def _followed(now: np.ndarray, then: np.ndarray, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features `[n, 2]` of one frame and where they are in another, those that lead back to where they began."""
    there, good = _followed_all(now, then, features)
    return features[good, 0], there[good]


def _followed_all(now: np.ndarray, then: np.ndarray, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`[N, 2]`: where features `[N, 1, 2]` of one frame are in another; and `[N]` bool, whether they lead back to where
    they began."""
    if not len(features):
        return np.zeros((0, 2), np.float32), np.zeros(0, bool)
    there, ahead, _ = cv2.calcOpticalFlowPyrLK(now, then, features, None, winSize=WINDOW, criteria=PRECISE)
    again, back, _ = cv2.calcOpticalFlowPyrLK(then, now, there, None, winSize=WINDOW, criteria=PRECISE)
    error = np.linalg.norm(again - features, axis=-1)[:, 0]
    return there[:, 0], (ahead[:, 0] == 1) & (back[:, 0] == 1) & (error < WITHIN / 2)


def _homography(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, int]:
    """The homography that most pairs follow, and how many do; the identity where there are too few."""
    if len(source) < MIN_INLIERS:
        return np.eye(3), 0
    cv2.setRNGSeed(0)  # the same result for the same clip
    found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, WITHIN, maxIters=2000, confidence=0.999)
    if found is None:
        return np.eye(3), 0
    return found, int(inliers.sum())


def _simplest(source: np.ndarray, target: np.ndarray, homography: np.ndarray) -> np.ndarray:
    """The motion with the fewest parameters that explains the pairs which follow a homography as well as it does:
    precise where the camera only turns a little, and exactly at rest where it rests."""
    close = np.linalg.norm(_apply(homography, source) - target, axis=1) < WITHIN
    source, target = source[close].astype(np.float64), target[close].astype(np.float64)
    best = max(_error(homography, source, target), LEAST_ERROR)
    for fit in (_rest, _translation, _similarity):
        simple = fit(source, target)
        if _error(simple, source, target) <= MODEL_PENALTY * best:
            return simple
    return homography


def _apply(motion: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return cv2.perspectiveTransform(positions[:, None].astype(np.float64), motion)[:, 0]


def _error(motion: np.ndarray, source: np.ndarray, target: np.ndarray) -> float:
    """The median distance in pixels, which the pairs on objects that move slowly hardly change."""
    return float(np.median(np.linalg.norm(_apply(motion, source) - target, axis=1))) if len(source) else np.inf


def _rest(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.eye(3)


def _translation(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    motion = np.eye(3)
    motion[:2, 2] = np.median(target - source, axis=0)
    return motion


def _similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    return closest_similarity(_complex(source), _complex(target)).matrix()


def _complex(positions: np.ndarray) -> np.ndarray:
    return positions[:, 0] + 1j * positions[:, 1]
