"""Whether drags move something, on clips of which the answer is known."""

import numpy as np
import pytest

from dragnuwa.vision.tracking.metrics import drag_response
from tests.support.pictures import texture

SIDE, FRAMES, STEP = 128, 6, 4.0


def square_video(way: np.ndarray) -> np.ndarray:
    """A square of 32 px with texture over a background with another, its middle at `way` `[T, 2]`."""
    thing, clip = texture(32, 32, 1), []
    for x, y in np.rint(way).astype(int):
        frame = texture(SIDE, SIDE, 0)
        frame[y - 16 : y + 16, x - 16 : x + 16] = thing
        clip.append(frame)
    return np.stack(clip)


def track(step: tuple[float, float]) -> np.ndarray:
    return np.array([50, 60]) + np.arange(FRAMES)[:, None] * np.array(step)


SEEN = np.ones((1, FRAMES), bool)


def test_a_thing_that_follows_is_1_one_that_rests_is_0_and_one_that_flees_is_negative():
    drag = track((STEP, 0))[None]
    follows = drag_response(square_video(track((STEP, 0))), drag, SEEN)
    assert follows.along == pytest.approx(1, abs=0.1) and follows.direction > 0.97
    rests = drag_response(square_video(track((0, 0))), drag, SEEN)
    assert (rests.along, rests.direction) == (0, 0)
    flees = drag_response(square_video(track((-1, 0))), drag, SEEN)
    assert flees.along < -0.1 and flees.direction < -0.8


def test_motion_across_has_no_part_in_it_and_half_the_way_is_half():
    drag = track((STEP, 0))[None]
    across = drag_response(square_video(track((0, 2))), track((2, 0))[None], SEEN)  # the drag stays on the square
    assert abs(across.along) < 0.1 and abs(across.direction) < 0.1
    half = drag_response(square_video(track((STEP / 2, 0))), drag, SEEN)
    assert half.along == pytest.approx(0.5, abs=0.1) and half.direction > 0.95


def test_motion_elsewhere_does_not_count():
    drag = np.array([100, 20]) + np.arange(FRAMES)[:, None] * np.array([0, STEP])
    assert abs(drag_response(square_video(track((STEP, 0))), drag[None], SEEN).along) < 0.1


def test_hidden_steps_and_resting_tracks_do_not_count():
    drag = track((STEP, 0))
    wrong = np.concatenate([drag[:3], drag[3:] * [1, 0]])  # jumps away, hidden
    seen = np.array([[True, True, True, False, False, False]])
    moved = drag_response(square_video(drag), wrong[None], seen)
    assert moved.along == pytest.approx(1, abs=0.1)
    with_rest = drag_response(
        square_video(drag), np.stack([drag, np.repeat(drag[:1] * 0 + 10, FRAMES, 0)]), np.ones((2, FRAMES), bool)
    )
    assert with_rest.along == pytest.approx(1, abs=0.1)


def test_wrong_shapes_and_drags_that_rest_are_refused():
    video = square_video(track((0, 0)))
    with pytest.raises(ValueError, match="No drag moves while it is visible"):
        drag_response(video, track((0, 0))[None], SEEN)
    with pytest.raises(ValueError, match=r"target must be \[N, T, 2\] and visible \[N, T\] with T = 5"):
        drag_response(video[:5], track((1, 0))[None], SEEN)
