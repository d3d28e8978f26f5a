"""Things that bend and cross in a clip: which pixel is whose, and that each is known again where it comes out."""

from types import SimpleNamespace

import numpy as np
import pytest

from dragnuwa.carry.video.depth_order import sort_by_depth
from dragnuwa.carry.video.follow import follow
from dragnuwa.carry.video.still_scene import StillScene
from dragnuwa.carry.video.told_apart import _Bounds, told_apart
from dragnuwa.common.interrupt import interrupts
from dragnuwa.geometry.similarity import SimilarityTransform
from tests.support.pictures import texture
from tests.unit.carry.video.test_occlusion import FRAMES, HEIGHT, REST, WIDTH, overlap, walker

COLORS = np.uint8([[250, 235, 190], [60, 90, 250]])
OTHER_BEGINS = 150  # px


def crossing(front: bool) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Frames of two that walk towards one another, and what is seen of the first, and of the other."""
    ground = texture(HEIGHT, WIDTH) // 3
    grain = texture(HEIGHT, WIDTH, seed=5) // 8
    frames, own, others = [], [], []
    for time in range(FRAMES):
        one = walker(time)
        other = np.roll(walker(FRAMES - 1 - time), OTHER_BEGINS - 20 - 10 * (FRAMES - 1), axis=1)
        other = np.roll(other, 3, axis=0)
        frame = ground.copy()
        for mask, color in [(other, 1), (one, 0)] if front else [(one, 0), (other, 1)]:
            frame[mask] = COLORS[color] - grain[mask]
        frames.append(frame)
        own.append(one if front else one & ~other)
        others.append(other & ~one if front else other)
    return frames, own, others


def alone(frames: list[np.ndarray], own: list[np.ndarray]) -> list[np.ndarray]:
    """The frames without the other."""
    ground = texture(HEIGHT, WIDTH) // 3
    return [np.where(mask[..., None], frame, ground) for mask, frame in zip(own, frames, strict=True)]


def told(frames: list[np.ndarray], own: list[np.ndarray]):
    track = follow(FRAMES, frames.__getitem__, own[0].astype(np.float32), 0)
    scene = StillScene(FRAMES, frames.__getitem__, REST)
    covered = scene.covered((time, track.masks[time]) for time in np.flatnonzero(track.visible))
    return told_apart(scene, scene.moving(covered), track, np.zeros((FRAMES, HEIGHT, WIDTH), bool))


@pytest.mark.parametrize("front", [True, False])
def test_two_that_bend_and_cross_stay_two(front):
    frames, own, others = crossing(front)
    found = told(frames, own)
    assert overlap(255 * found.own.astype(np.uint8), own) > 0.85
    assert overlap(255 * found.own[-3:].astype(np.uint8), own[-3:]) > 0.85  # it is not exchanged for the other
    assert overlap(255 * found.others.astype(np.uint8), others) > 0.85
    assert found.apart[0] and not found.apart.all()


def test_neither_is_far_from_where_its_motion_takes_it():
    """Seen in drawn scenes: the head of one of two that had met, and held hands from then on, was taken for the
    other's, since it had the colours of that."""
    labels, size, steps = np.zeros((3, 40, 200), np.uint8), (200, 40), 60 * np.arange(3)
    for time, step in enumerate(steps):
        labels[time, 10:30, 20 + step : 30 + step], labels[time, 10:30, 170 - step : 180 - step] = 1, 2
    mixed = np.zeros(labels.shape, bool)
    mixed[2] = labels[2] > 0  # apart again, but for a hand

    def to_the_right(time: int, other: int, size: tuple[int, int] = size) -> np.ndarray:
        return SimilarityTransform(1, steps[other] - steps[time]).matrix()

    met = SimpleNamespace(
        frame=0,
        mask=labels[0] == 2,
        at=lambda time: labels[time] == 2,
        matrix=lambda time, other: to_the_right(other, time),
    )
    known = SimpleNamespace(size=size), SimpleNamespace(matrix=to_the_right)
    memory = SimpleNamespace(labels=labels, mixed=mixed, scene=known[0], track=known[1], met=[met])
    odds = _Bounds(memory).odds(2)
    assert (odds[labels[2] == 1] > 2).all() and (odds[labels[2] == 2] < -2).all() and (odds[:, 95:105] == 0).all()
    memory.met = []
    assert _Bounds(memory).odds(2) == 0


@pytest.mark.parametrize("front", [True, False])
def test_in_a_clip_both_are_known_by_what_is_seen_of_them(front):
    frames, own, others = crossing(front)
    track = follow(FRAMES, frames.__getitem__, own[0].astype(np.float32), 0)
    found = sort_by_depth([track], frames.__getitem__, REST)
    mine = next(each for each, number in found if number == 0)
    assert overlap(mine.masks, own) > 0.85
    assert any(number is None and overlap(each.masks, others) > 0.8 for each, number in found)


def test_limbs_of_one_that_is_alone_are_no_other_thing():
    frames, own, _ = crossing(True)
    found = told(alone(frames, own), own)
    assert found.apart.all() and not found.others.any()
    assert overlap(255 * found.own.astype(np.uint8), own) > 0.88


def test_it_can_be_interrupted_between_frames():
    frames, own, _ = crossing(True)
    frames = alone(frames, own)  # where nothing is met that is followed, and could be interrupted, by itself
    track = follow(FRAMES, frames.__getitem__, own[0].astype(np.float32), 0)
    scene = StillScene(FRAMES, frames.__getitem__, REST)
    parts = scene.moving(np.zeros((FRAMES, HEIGHT, WIDTH), bool))
    calls = []

    def stop() -> None:
        calls.append(1)
        if len(calls) > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), interrupts(stop):
        told_apart(scene, parts, track, np.zeros((FRAMES, HEIGHT, WIDTH), bool))


def test_ground_that_a_single_frame_shows_goes_on_from_what_is_around_it():
    y, x = np.mgrid[:96, :96]
    ground = np.stack([20 + x / 4, 70 - y / 3, 30 + 0 * x], -1).round().astype(np.uint8)
    rng = np.random.default_rng(0)
    frames = [ground.copy() for _ in range(9)]
    for time, level in enumerate(rng.permutation(np.linspace(0, 255, 9).round().astype(int))):
        top, left = 24 + rng.integers(0, 14, 2)
        if time != 6:
            frames[time][top : top + 32, left : left + 32] = level, 255 - level, 3 * level % 256
    scene = StillScene(9, frames.__getitem__, np.tile(np.eye(3), (9, 1, 1)))
    middle = slice(42, 50), slice(42, 50)  # which eight of the nine frames cover, each in another colour
    for shown, _ in scene.grounds(np.zeros((9, 96, 96), bool)):
        assert np.abs(shown[middle].astype(int) - ground[middle]).mean() < 4
