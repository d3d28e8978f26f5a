"""What belongs to an object of a clip: all of what was drawn on, however it looks in another frame."""

import cv2
import numpy as np
import pytest

from dragnuwa.carry.video.clip_editing import _is_limb
from dragnuwa.carry.video.edits import Edit
from dragnuwa.carry.video.found_in_frame import _by_motion
from dragnuwa.carry.video.tracked import ObjectTrack, grown
from dragnuwa.geometry.similarity import SimilarityTransform

HEIGHT, WIDTH, FRAMES = 60, 80, 4


def rectangle(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[top:bottom, left:right] = True
    return mask


BODY, MOUTH = rectangle(10, 10, 50, 50), rectangle(25, 30, 35, 38)


def track_of(masks: list[np.ndarray], frame: int = 0) -> ObjectTrack:
    """What rests, as so many frames show it."""
    shown = np.stack([255 * mask.astype(np.uint8) for mask in masks])
    at_rest = SimilarityTransform.at_rest(len(masks))
    return ObjectTrack(frame, at_rest, shown.any((1, 2)), shown, (WIDTH, HEIGHT), frozenset({frame})).with_shape()


def edit_of(track: ObjectTrack) -> Edit:
    at_rest = SimilarityTransform.at_rest(len(track.masks))
    return Edit(name="it", track=track, drawn=at_rest, pivot=30 + 30j, shown=np.ones(len(track.masks), bool))


def test_a_mouth_that_opens_is_no_hole():
    found = track_of([BODY, BODY & ~MOUTH, BODY & ~MOUTH, BODY]).without_new_holes()
    assert all((mask >= 128).sum() == BODY.sum() for mask in found.masks)


def test_what_comes_from_outside_stays_before_it():
    passes = [rectangle(left, 25, left + 12, 37) for left in (52, 42, 36, 30)]  # enclosed from the third frame on
    found = track_of([BODY & ~each for each in passes]).without_new_holes()
    for mask, before in zip(found.masks, passes, strict=True):
        assert not ((mask >= 128) & before).any()


def test_what_was_given_keeps_its_holes():
    ring = BODY & ~MOUTH
    found = track_of([BODY, BODY, BODY, ring], frame=3).without_new_holes()
    assert (found.masks[3] >= 128).sum() == ring.sum()


def test_a_part_that_moves_is_no_reason_to_take_less_than_the_whole():
    whole, nose = BODY.astype(np.float32), rectangle(28, 20, 33, 28).astype(np.float32)
    assert _by_motion(whole, nose, unknown) is whole
    larger = rectangle(5, 5, 70, 55).astype(np.float32)
    assert _by_motion(nose, larger, unknown) is larger  # a part by its colours, of what moves as a whole
    beside = rectangle(45, 10, 78, 50).astype(np.float32)
    assert _by_motion(whole, beside, unknown) is beside


def unknown(masks) -> None:
    """As without the click network."""


@pytest.mark.parametrize(
    ("estimates", "taken"), [((0.9, 0.6), 0), ((0.9, 0.85), 1), ((0.5, 0.8), 1), ((0.67, 0.44), 1)]
)
def test_what_moves_is_not_taken_where_what_was_found_is_surely_better(estimates, taken):
    """What moves shows the ground that it uncovers, too; but a patch of a moving square is no better for being neat."""
    masks = BODY.astype(np.float32), rectangle(45, 10, 78, 50).astype(np.float32)
    assert _by_motion(*masks, lambda asked: np.array(estimates)) is masks[taken]


def test_what_moves_within_what_was_drawn_is_a_part_of_it():
    edit = edit_of(track_of([BODY] * FRAMES))
    assert _is_limb(track_of([MOUTH] * FRAMES), edit)
    assert not _is_limb(track_of([rectangle(45, 10, 75, 50)] * FRAMES), edit)


def test_what_begins_to_move_within_it_is_a_part_of_it_and_what_comes_from_outside_is_not():
    edit, nothing = edit_of(track_of([BODY] * FRAMES)), np.zeros_like(BODY)
    assert _is_limb(track_of([nothing] * (FRAMES - 1) + [MOUTH], frame=FRAMES - 1), edit)
    outside = rectangle(60, 10, 75, 50)
    assert not _is_limb(
        track_of([nothing, *[outside] * (FRAMES - 2), MOUTH], frame=FRAMES - 1).shaped_as(track_of([outside])), edit
    )


@pytest.mark.parametrize("place", [(0, 0, 1, 1), (70, 40, 80, 60), (0, 20, 80, 24), (30, 30, 30, 30)])
def test_what_grows_at_the_border_grows_as_elsewhere(place):
    mask = rectangle(*place)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))
    assert np.array_equal(grown(mask, 6), cv2.dilate(mask.astype(np.uint8), disc) > 0)


def test_what_the_border_cut_off_goes_on_when_it_comes_into_view():
    """Seen in a clip from a hand: a strip of a man's shirt stayed at the picture's lower border."""
    shirt = rectangle(20, 30, 60, HEIGHT)
    rises = SimilarityTransform(np.ones(2, complex), np.array([0j, -2j]))
    shown = np.stack([255 * each.astype(np.uint8) for each in (shirt, rectangle(20, 28, 60, HEIGHT - 2))])
    track = ObjectTrack(0, rises, np.ones(2, bool), shown, (WIDTH, HEIGHT), frozenset({0}))
    found = track.continued_at_border().masks >= 128
    assert (found[0] == shirt).all()
    assert (found[1] == rectangle(20, 28, 60, HEIGHT)).all()
    assert track_of([BODY] * FRAMES).continued_at_border().masks.sum() == 255 * FRAMES * BODY.sum()
