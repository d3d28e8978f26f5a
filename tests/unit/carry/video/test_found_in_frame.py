"""What a drag on a clip is on: what rests beside a thing that moves is none of it, and what moves along is."""

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.video.found_in_frame import _whole, object_in_frame, prepared_frame
from dragnuwa.carry.video.mask_propagation import MaskPropagation
from dragnuwa.carry.video.moving_clip import KNOWN, MovingClip, MovingFrame
from dragnuwa.common.masks import MASKED, overlap
from dragnuwa.common.picture_files import open_picture
from dragnuwa.vision.click_network.weights import shipped
from dragnuwa.vision.segmentation.pick import first_pick, soft_mask

DOG = Path(__file__).parents[4] / "web" / "pictures" / "dragnuwa-dog.jpg"
SIZE = WIDTH, HEIGHT = 360, 240
FRAMES, PLACE = 9, 225 + 120j


def textured(color: tuple[float, ...], contrast: float, seed: int) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3)), (0, 0), 2)
    return np.clip(np.array(color) + contrast * noise / noise.std(), 0, 255)


def ellipse(x: int, y: int, across: int, down: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    return cv2.ellipse(mask, (x, y), (across, down), 0, 0, 360, 1, -1) > 0


STONE, BALL = ellipse(115, 150, 58, 45), ellipse(225, 120, 62, 70)
GREY, LIGHTER = (100, 100, 106), (120, 119, 124)


def clip(step: int, stones: np.ndarray = STONE, color: tuple[float, ...] = GREY) -> np.ndarray:
    """A grey ball that moves by so many pixels a frame away from stones on grass, which it touches at first."""
    frames = []
    for time in range(FRAMES):
        frame = textured((70, 140, 50), 18, 1)
        frame[stones] = textured(color, 8, 2)[stones]
        shown = np.roll(BALL, step * time, 1)
        frame[shown] = np.roll(textured((140, 138, 142), 10, 3), step * time, 1)[shown]
        frames.append(frame.astype(np.uint8))
    return np.stack(frames)


def in_picture_and_clip(frames: np.ndarray, place: complex = PLACE) -> tuple[np.ndarray, np.ndarray]:
    """`[H, W]` bool each: what is found in the first frame by itself, and in the clip."""
    prepared = prepared_frame(torch.from_numpy(frames[0]).float() / 255, SIZE)
    found = prepared.at_clip(soft_mask(prepared.search, first_pick(prepared.search, place)))
    motion = MovingFrame(MovingClip(FRAMES, frames.__getitem__), 0)
    return found >= MASKED, object_in_frame(prepared, place, found, motion) >= MASKED


@pytest.mark.parametrize(("step", "kept"), [(7, False), (0, True)])
def test_what_rests_beside_a_thing_that_moves_is_none_of_it(step, kept):
    found, own = in_picture_and_clip(clip(step))
    stone = STONE & ~BALL
    assert found[stone].mean() > 0.9
    assert own[BALL].mean() > 0.9
    assert own[stone].mean() > 0.9 if kept else own[stone].mean() < 0.1


def test_several_things_that_rest_are_none_of_it():
    """Seen in a clip of a rabbit between two stones: one of them went along with it."""
    stones = [STONE & ~BALL, ellipse(200, 205, 50, 26) & ~BALL & ~STONE]
    found, own = in_picture_and_clip(clip(7, np.any(stones, axis=0), LIGHTER))
    assert min(found[stone].mean() for stone in stones) > 0.9
    assert own[BALL].mean() > 0.9
    assert max(own[stone].mean() for stone in stones) < 0.1


def test_nothing_joins_it_when_what_rests_is_left_out():
    """Asked without one stone, the network took another one for a part of the ball."""
    stones = [ellipse(118, 160, 50, 40) & ~BALL, ellipse(235, 205, 60, 30) & ~BALL]
    found, own = in_picture_and_clip(clip(7, np.any(stones, axis=0)))
    assert found[stones[1]].mean() > 0.9 and not found[stones[0]].any()
    assert own[BALL].mean() > 0.9
    assert not own[stones[0]].any() and own[stones[1]].mean() < 0.1


BODY = ellipse(200, 85, 48, 44)
LEG, TWIN = ellipse(200, 132, 24, 20) & ~BODY, ellipse(200, 165, 40, 46) & ~BODY

STANDS = (ellipse(205, 150, 16, 60) | ellipse(200, 132, 24, 30)) & ~BODY


def sways(time: int) -> int:
    return round(12 * math.sin(2 * math.pi * time / FRAMES))


def walks(time: int) -> int:
    return 7 * time


def rests(time: int) -> int:
    return 0


def two_parts(
    shift: Callable[[int], int], part: np.ndarray, count: int = FRAMES, tint: tuple[float, ...] = (60, 120, 40)
) -> np.ndarray:
    """A grey body with another part, which has the colours of the grass unless others are given."""
    frames = []
    for time in range(count):
        frame = textured((70, 140, 50), 18, 1)
        for mask, color, contrast, seed in ((part, tint, 18, 9), (BODY, (150, 140, 150), 10, 3)):
            shown = np.roll(mask, shift(time), 1)
            frame[shown] = np.roll(textured(color, contrast, seed), shift(time), 1)[shown]
        frames.append(frame.astype(np.uint8))
    return np.stack(frames)


@pytest.mark.parametrize(("shift", "part", "belongs"), [
    (sways, LEG, True), (walks, LEG, True), (rests, LEG, False), (walks, TWIN, False)
])  # fmt: skip
def test_a_part_that_moves_along_belongs_to_it(shift, part, belongs):
    """Seen in clips of a man with a bare chest: a drag on it tore it off. What is large may be somebody else."""
    found, own = in_picture_and_clip(two_parts(shift, part), 200 + 85j)
    assert found[BODY].mean() > 0.9 and not found[part].any()
    assert own[BODY].mean() > 0.9
    assert own[part].mean() > 0.8 if belongs else not own[part].any()
    assert own[~BODY & ~part].mean() < 0.01


def test_what_a_thing_stands_on_is_a_part_of_it():
    """Seen in clips of a man who stands on one leg: a drag on him tore it off, as it never moved."""
    frames = two_parts(rests, STANDS, tint=(150, 140, 150))
    for time, frame in enumerate(frames):
        shown = np.roll(BODY, sways(time), 1)
        frame[shown] = np.roll(textured((150, 140, 150), 10, 3), sways(time), 1)[shown]
        frame[BODY & ~shown & ~STANDS] = textured((70, 140, 50), 18, 1)[BODY & ~shown & ~STANDS]
    found, own = in_picture_and_clip(frames, 200 + 85j)
    assert found[BODY | STANDS].mean() > 0.9
    assert own[BODY].mean() > 0.9 and own[STANDS].mean() > 0.9
    assert own[~BODY & ~STANDS].mean() < 0.01


@pytest.mark.parametrize("shift", [sways, walks])
def test_a_part_that_moves_along_is_followed_where_the_network_forgets_it(shift):
    """Seen in the same clips: caps and legs stayed behind after a few frames."""
    frames = two_parts(shift, LEG)
    propagation = MaskPropagation(shipped().click, MovingClip(FRAMES, frames.__getitem__))
    found = propagation.propagated({0: BODY | LEG}, np.zeros(frames.shape[:3], np.uint8), by_motion=True).masks
    for time in range(FRAMES):
        assert found[time][np.roll(LEG, shift(time), 1)].mean() > 0.7
        assert overlap(found[time], np.roll(BODY | LEG, shift(time), 1)) > 0.95


def test_somebody_else_who_moves_along_does_not_join_it_when_it_is_followed():
    """Seen in a clip of two people who meet: one of them became a part of the other."""
    frames = two_parts(walks, TWIN, tint=(150, 120, 130))
    propagation = MaskPropagation(shipped().click, MovingClip(FRAMES, frames.__getitem__))
    found = propagation.propagated({0: BODY}, np.zeros(frames.shape[:3], np.uint8), by_motion=True).masks
    for time in range(FRAMES):
        assert overlap(found[time], np.roll(BODY, walks(time), 1)) > 0.95


def test_what_sways_on_the_spot_is_told_from_the_ground_that_it_covers():
    evidence = MovingClip(FRAMES, two_parts(sways, LEG).__getitem__).evidence.at(0)
    ground = cv2.dilate((BODY | LEG).astype(np.uint8), np.ones((61, 61))) == 0
    assert (evidence[BODY] > KNOWN).mean() > 0.95 and (evidence[LEG] > KNOWN).mean() > 0.8
    assert (evidence[ground] < -KNOWN).mean() > 0.95


def test_what_rests_for_longer_than_frames_are_compared_is_no_ground_if_it_has_moved():
    """Seen in the same clips: the leg on which somebody stood stayed behind."""
    stops, late, count = 4, 24, 26
    frames = two_parts(lambda time: walks(min(time, stops)), LEG, count)
    evidence, whole = MovingClip(count, frames.__getitem__).evidence, BODY | LEG
    thing, ground = (
        np.roll(mask, walks(stops), 1) for mask in (whole, cv2.dilate(whole.astype(np.uint8), np.ones((61, 61))) == 0)
    )
    assert (evidence.at(late)[thing] > KNOWN).mean() < 0.05
    assert (evidence.remembered(late)[thing] > KNOWN).mean() > 0.8
    assert (evidence.remembered(late)[ground] < -0.95).mean() > 0.95


def test_of_two_tracks_that_with_all_that_moves_explains_it():
    propagation = MaskPropagation(shipped().click, MovingClip(FRAMES, two_parts(walks, LEG).__getitem__))
    whole, body, more = (
        np.stack([np.roll(mask, walks(time), 1) for time in range(FRAMES)])
        for mask in (BODY | LEG, BODY, cv2.dilate((BODY | LEG).astype(np.uint8), np.ones((21, 21))) > 0)
    )
    assert propagation.explains(whole, body) and not propagation.explains(body, whole)
    assert propagation.explains(whole, more) and not propagation.explains(more, whole)


def test_what_stood_still_does_not_rest_where_the_clip_shows_other_ground():
    """Seen in a clip of a woman who walks: the foot on which she stood stayed behind."""
    stands, count = 17, 44  # frames, as many as are compared with the first one, and more in which it has gone
    frames = two_parts(lambda time: min(110, 22 * max(0, time + 1 - stands)), LEG, count)
    evidence = MovingClip(count, frames.__getitem__).evidence.against_scene(0)
    ground = np.roll(BODY, -120, 1)
    assert (evidence[BODY | LEG] > -KNOWN).mean() > 0.8
    assert (evidence[ground] < -KNOWN).mean() > 0.95


def test_ground_that_joined_it_is_left_behind():
    """Seen in the same clip: a bush between an arm and a body went along, and stayed a part of it when she had gone."""
    propagation = MaskPropagation(shipped().click, MovingClip(FRAMES, two_parts(walks, LEG).__getitem__))
    body, arm, bush = (np.roll(each, walks(4), 1) for each in (BODY, LEG, ellipse(40, 180, 20, 20)))
    arm = arm & ~cv2.dilate(body.astype(np.uint8), np.ones((5, 5))).astype(bool)  # apart from the body
    assert (propagation._without_rest_apart(body | arm | bush, 4) == (body | arm)).all()


@pytest.mark.parametrize("share", [0.4, 0.7, 1.0])
def test_a_drag_is_on_the_whole_of_which_a_part_was_found(share):
    """Seen in a clip of a man: a drag on his face moved that, without his hair."""
    with open_picture(DOG) as picture:
        pixels = torch.from_numpy(np.asarray(picture.convert("RGB").resize((480, 320)), np.float32) / 255)
    prepared, place = prepared_frame(pixels, (480, 320)), 240 + 128j
    dog = prepared.at_clip(soft_mask(prepared.search, first_pick(prepared.search, place)))
    part = dog.copy()
    part[: int(np.nonzero(dog >= MASKED)[0].max() * (1 - share))] = 0
    assert overlap(_whole(prepared, place, part) >= MASKED, dog >= MASKED) > 0.9
