"""An object is found where the whole of a frame says that it is, behind others and on a ground like itself."""

import cv2
import numpy as np
import pytest

from dragnuwa.carry.video.layered_fit import LayeredFit
from dragnuwa.carry.video.still_scene import StillScene
from dragnuwa.carry.video.template import Picture
from dragnuwa.carry.video.tracked import ObjectTrack
from dragnuwa.geometry.similarity import SimilarityTransform

WIDTH, HEIGHT, FRAMES, RADIUS = 160, 96, 12, 15
WAY = np.linspace(30, 125, FRAMES) + 48j
COLOR = np.array([200, 190, 210])


def ground() -> np.ndarray:
    noise = np.random.default_rng(5).uniform(40, 230, (12, 20, 3)).astype(np.float32)
    return cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 255)


def disc(middle: complex, radius: float = RADIUS) -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.abs(x + 1j * y - middle) <= radius


def clip(hidden: np.ndarray | None = None) -> np.ndarray:
    """`[T, H, W, 3]` uint8: a disc of one colour that goes to the right, behind what is hidden `[H, W]` bool."""
    frames = np.repeat(ground()[None], FRAMES, 0)
    for frame, middle in zip(frames, WAY, strict=True):
        frame[disc(middle)] = COLOR
        if hidden is not None:
            frame[hidden] = (20, 60, 20)
    return frames.round().astype(np.uint8)


def scene_of(frames: np.ndarray) -> StillScene:
    return StillScene(FRAMES, frames.__getitem__, np.tile(np.eye(3), (FRAMES, 1, 1)))


def track_of(factor: np.ndarray, middles: np.ndarray) -> ObjectTrack:
    """The disc, given in the first frame, at other middles and sizes `[T]`."""
    motion = SimilarityTransform(factor.astype(complex), middles - factor * WAY[0])
    masks = np.stack([255 * disc(*each) for each in zip(middles, RADIUS * np.abs(factor), strict=True)])
    return ObjectTrack(0, motion, np.ones(FRAMES, bool), masks.astype(np.uint8), (WIDTH, HEIGHT), frozenset({0}),
                       disc(WAY[0]))  # fmt: skip


def covered(scene: StillScene, track: ObjectTrack) -> np.ndarray:
    return scene.covered(enumerate(np.maximum(track.masks, [255 * disc(middle) for middle in WAY])))


def shrinking() -> ObjectTrack:
    """As something of one colour is lost: it shrinks to a part of itself."""
    late = np.arange(FRAMES) > 4
    return track_of(np.where(late, 0.3, 1.0), np.where(late, WAY - 9, WAY))


@pytest.mark.parametrize("bar", [False, True])
def test_what_has_shrunk_onto_a_part_of_itself_is_found_whole(bar):
    hidden = np.zeros((HEIGHT, WIDTH), bool)
    hidden[:, 72:84] = bar  # nothing knows it: it neither counts for the disc nor against it
    scene = scene_of(clip(hidden))
    track = shrinking()
    found = LayeredFit(scene, [track], covered(scene, track)).fitted(0)
    middles = found.motion.factor * WAY[0] + found.motion.shift
    assert np.abs(middles - WAY).max() < 1.5
    assert np.abs(np.log(np.abs(found.motion.factor))).max() < 0.06
    for time, mask in enumerate(found.masks):
        truth = disc(WAY[time]) & ~hidden
        assert (truth & (mask >= 128)).sum() > 0.85 * (truth | (mask >= 128)).sum()


def test_what_is_explained_well_stays_as_it_is():
    scene = scene_of(clip())
    track = track_of(np.ones(FRAMES), WAY)
    assert LayeredFit(scene, [track], covered(scene, track)).fitted(0) is track


def test_what_is_seen_just_as_it_was_given_does_not_grow_onto_what_is_alike_around_it():
    """Of a car, a part was drawn on; all of it, and the next car, are nearly of the same colour."""
    frames = clip()
    for frame, middle in zip(frames[1:], WAY[1:], strict=True):
        frame[disc(middle, 25) & ~disc(middle)] = COLOR - 18
    scene, track = scene_of(frames), track_of(np.ones(FRAMES), WAY)
    found = LayeredFit(scene, [track], covered(scene, track)).fitted(0)
    middles = found.motion.factor * WAY[0] + found.motion.shift
    assert np.abs(middles - WAY).max() < 1.5
    assert np.abs(np.log(np.abs(found.motion.factor))).max() < 0.06


def test_given_masks_stay_as_they_are():
    scene = scene_of(clip())
    track = shrinking()
    given = ObjectTrack(0, track.motion, track.visible, track.masks, track.size, frozenset(range(FRAMES)), track.shape)
    assert LayeredFit(scene, [given], covered(scene, track)).fitted(0) is given


def test_only_what_shows_the_ground_inside_itself_bends():
    frames = clip()
    scene, track = scene_of(frames), track_of(np.ones(FRAMES), WAY)
    assert LayeredFit(scene, [track], covered(scene, track)).is_rigid(0)
    for time in range(1, FRAMES):
        part = disc(WAY[time]) & (np.mgrid[:HEIGHT, :WIDTH][0] > 52)
        frames[time][part] = ground().round().astype(np.uint8)[part]
    scene = scene_of(frames)
    assert not LayeredFit(scene, [track], covered(scene, track)).is_rigid(0)


def test_an_object_gains_by_the_ground_that_it_is_unlike():
    frames = clip()
    scene, track = scene_of(frames), track_of(np.ones(FRAMES), WAY)
    picture = Picture(frames[0], disc(WAY[0]))
    backdrop = LayeredFit(scene, [track], covered(scene, track)).backdrop(0, 6)
    at = SimilarityTransform(1 + 0j, WAY[6] - WAY[0])
    true, beside = picture.match(backdrop, at), picture.match(backdrop, SimilarityTransform(1 + 0j, at.shift - 20))
    assert true.gain > 0.5 * picture.area > 0 > beside.gain
    assert true.seen == pytest.approx(1, abs=1e-6)
    assert true.difference < 0.05
