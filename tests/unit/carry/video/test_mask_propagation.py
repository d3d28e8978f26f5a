"""Mask propagation with the pack's own network, on a photograph of a dog that is bent: each frame's mask is known."""

import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from dragnuwa.carry.video.clip_editing import ClipFollower
from dragnuwa.carry.video.mask_propagation import MaskPropagation, Propagated, Votes
from dragnuwa.carry.video.moving_clip import MovingClip
from dragnuwa.common.masks import overlap
from dragnuwa.common.picture_files import open_picture
from dragnuwa.research.scenes.edited_bending import make_edited_bending
from dragnuwa.vision.click_network.weights import shipped
from dragnuwa.vision.segmentation.pick import first_pick, soft_mask
from dragnuwa.vision.segmentation.prepared import search_image

DOG = Path(__file__).parents[4] / "web" / "pictures" / "dragnuwa-dog.jpg"
FRAMES, WIDTH = 7, 360
BOW = 0.2  # of the picture's height: by how much more its right side has gone down in the last frame than its left
WELL = 0.9
AWAY = 0.3  # of the picture's height, that is out of it
MEETS = 1000000007, 503, 1000000034  # seeds of scenes in which two things that bend cross
COVERED = range(2, 5)  # frames in which a board stands before it


@cache
def photograph() -> np.ndarray:
    with open_picture(DOG) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return cv2.resize(pixels, (WIDTH, round(WIDTH * pixels.shape[0] / pixels.shape[1])), interpolation=cv2.INTER_AREA)


@cache
def dog() -> np.ndarray:
    """`[H, W]` float32 from 0 to 1: where it is in the photograph."""
    picture = search_image(photograph())
    return soft_mask(picture, first_pick(picture, complex(0.5 * WIDTH, 0.4 * photograph().shape[0])))


def bowed(values: np.ndarray, time: int) -> np.ndarray:
    """Values of the photograph `[H, W, ...]` in a frame: the farther to the right, the lower."""
    height = values.shape[0]
    rows, columns = np.mgrid[:height, :WIDTH].astype(np.float32)
    down = BOW * height * time / (FRAMES - 1) * (columns / WIDTH) ** 2
    return cv2.remap(values, columns, rows - down.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


@cache
def clip() -> np.ndarray:
    """`[T, H, W, 3]` uint8."""
    return np.stack([bowed(photograph(), time) for time in range(FRAMES)])


def truth(time: int) -> np.ndarray:
    return bowed(dog(), time) >= 0.5


def propagation(frames: np.ndarray) -> MaskPropagation:
    return MaskPropagation(shipped().click, MovingClip(FRAMES, frames.__getitem__))


def nowhere() -> np.ndarray:
    return np.zeros(clip().shape[:3], np.uint8)


def test_a_thing_that_bends_is_followed_by_what_it_is():
    track = ClipFollower(FRAMES, clip().__getitem__).follow(dog(), 0, 0, {})
    assert track.is_given  # a mask for each frame, rather than one motion
    assert min(overlap(track.masks[time] >= 128, truth(time)) for time in range(FRAMES)) > WELL


def test_what_was_given_in_two_frames_is_followed_from_both():
    known = {0: truth(0), FRAMES - 1: truth(FRAMES - 1)}
    found = propagation(clip()).propagated(known, nowhere()).masks
    assert (found[0] == truth(0)).all()
    assert (found[-1] == truth(FRAMES - 1)).all()
    assert min(overlap(found[time], truth(time)) for time in range(FRAMES)) > WELL


def test_a_thing_that_was_hidden_is_found_again_where_it_may_be():
    frames = clip().copy()
    for time in COVERED:
        frames[time] = (30, 60, 140)
    expected = np.stack([255 * truth(time).astype(np.uint8) for time in range(FRAMES)])
    found = propagation(frames).propagated({0: truth(0)}, expected).masks
    shown = [time for time in range(FRAMES) if time not in COVERED]
    assert min(overlap(found[time], truth(time)) for time in shown) > WELL


def test_what_leaves_the_picture_and_comes_back_belongs_to_the_thing():
    """Seen in a clip of a cockatoo that rose above the picture: half of its head was ground when that came down."""
    height, count = photograph().shape[0], 13
    above = [round(AWAY * height * math.sin(math.pi * time / (count - 1))) for time in range(count)]  # px out of it

    def seen(values: np.ndarray) -> np.ndarray:
        return np.stack([values[top : top + round((1 - AWAY) * height)] for top in above])

    frames, shown = seen(photograph()), seen(dog()) >= 0.5
    follower = MaskPropagation(shipped().click, MovingClip(count, frames.__getitem__))
    found = follower.propagated({0: shown[0]}, np.zeros(shown.shape, np.uint8)).masks
    assert min(overlap(found[time], shown[time]) for time in range(count)) > WELL


def test_ground_is_not_known_as_a_thing():
    grass = np.zeros(dog().shape, bool)
    grass[200:260, 200:300] = True
    assert propagation(clip()).queries.recognises(truth(0), 0)
    assert not propagation(clip()).queries.recognises(grass, 0)


@pytest.mark.parametrize("seed", MEETS)
def test_somebody_who_was_met_is_not_taken_for_it(seed):
    """Where that was followed, or the thing itself in a part of the frames that show it, its one motion is better."""
    scene = make_edited_bending(seed)
    frames, mask = scene.before.frames, scene.masks[0].astype(bool)
    assert not ClipFollower(len(frames), frames.__getitem__).follow(mask.astype(np.float32), 0, 0, {}).is_given


def body_and_hand() -> tuple[np.ndarray, np.ndarray]:
    """`[H, W]` bool: a body with a hand, and without."""
    whole = np.zeros((80, 120), bool)
    whole[20:60, 20:70] = True
    body = whole.copy()
    whole[36:46, 70:84] = True
    return whole, body


def voted(
    answers: list[np.ndarray], last: np.ndarray, *, sure: bool = True, far: np.ndarray | None = None
) -> np.ndarray:
    """What becomes of the last answer, if nothing moves."""
    nothing = np.zeros((*last.shape, 2), np.float32)
    votes = Votes.of(answers[0])
    for answer in [*answers[1:], last]:
        votes = votes.followed(nothing, np.full(last.shape, sure)).with_answer(answer)
    return votes.correct(last, np.zeros(last.shape, bool) if far is None else far, 20)


def test_a_hand_that_an_answer_lacks_stays_a_part_of_the_thing():
    """Seen in a clip of a rabbit: from one frame on its hand on a stone was taken for a part of that."""
    whole, body = body_and_hand()
    assert (voted([whole] * 6, body) == whole).all()
    assert (voted([whole] * 12 + [body] * 8, body) == whole).all()  # what is closer to what was given counts more
    assert (voted([whole] + [body] * 8, body) == whole).all()  # which counts most
    assert (voted([body] + [whole] * 2 + [body] * 8, body) == body).all()  # unless most say so


def test_somebody_who_comes_close_does_not_join_and_what_has_votes_comes_back():
    whole, body = body_and_hand()
    far = whole & ~body
    assert (voted([body] * 6, whole, far=far) == body).all()
    assert (voted([body] * 6, whole) == whole).all()  # it may grow at its outline
    assert (voted([whole] * 6 + [body], whole, far=far) == whole).all()


def test_an_answer_decides_alone_where_the_flow_does_not_know():
    whole, body = body_and_hand()
    assert (voted([whole] * 6, body, sure=False) == body).all()
    assert (voted([body, whole], body) == body).all()


def test_votes_leave_the_outline_to_the_answer():
    whole, _ = body_and_hand()
    wider, tighter = (
        method(whole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0 for method in (cv2.dilate, cv2.erode)
    )
    assert (voted([whole] * 6, wider) == wider).all()
    assert (voted([whole] * 6, tighter) == tighter).all()


@pytest.mark.parametrize("returns, recognised", [(True, False), (False, True), (False, False)])
def test_what_shows_more_on_the_way_back_is_believed_where_one_motion_tears_it(monkeypatch, returns, recognised):
    masks = np.stack([truth(time) for time in range(FRAMES)])
    found = Propagated(masks, returns, recognised, by_motion=False)
    monkeypatch.setattr(MaskPropagation, "propagated", lambda *_: found)
    frames, half = clip().copy(), dog() >= 0.5
    half[:, : int(np.nonzero(half)[1].mean())] = False
    noise = np.random.default_rng(0).integers(0, 255, (FRAMES, *half.shape, 3)).astype(np.uint8)
    for time in range(1, FRAMES):
        looks_otherwise = bowed(half.astype(np.float32), time) >= 0.5
        frames[time][looks_otherwise] = noise[time][looks_otherwise]
    torn = ClipFollower(FRAMES, frames.__getitem__).follow(dog(), 0, 0, {})
    assert torn.is_given == (returns or recognised)
    at_rest = np.repeat(clip()[:1], FRAMES, 0)
    whole = ClipFollower(FRAMES, at_rest.__getitem__).follow(dog(), 0, 0, {})
    assert whole.is_given == returns
