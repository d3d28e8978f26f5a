"""Any video against its drags."""

import json

import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.overlay.preview import compare_images
from dragnuwa.research.evaluation import LucasKanade
from dragnuwa.vision.tracking.point_tracker import compare
from tests.support.drawings import tracks_value
from tests.support.pictures import texture

WIDTH, HEIGHT, FRAMES, STEP = 160, 96, 6, 4.0


def video() -> np.ndarray:
    """Everything moves to the right by `STEP` px a frame."""
    wide = texture(HEIGHT, 2 * WIDTH, 3)
    return np.stack([wide[:, (begin := 100 - round(STEP * time)) : begin + WIDTH] for time in range(FRAMES)])


def track(x: float, to: float, **more) -> dict:
    points = [{"x": x / WIDTH, "y": 0.5}, {"x": to / WIDTH, "y": 0.5}]
    return {"points": points, **more}


def text(*tracks: dict) -> str:
    return json.dumps(tracks_value(*tracks))


def test_a_video_that_follows_is_near_0_and_one_that_rests_is_1():
    way = STEP * (FRAMES - 1)
    told = text(track(40, 40 + way), track(100, 100 + way))
    good = compare(video(), told, LucasKanade())
    assert good.objmc < 0.2 and good.relative_objmc < 0.02
    rest = compare(np.repeat(video()[:1], FRAMES, axis=0), told, LucasKanade())
    assert rest.relative_objmc == pytest.approx(1, abs=0.01)
    assert rest.objmc == pytest.approx(way / 2, abs=0.05)


def test_the_report_says_how_far_each_went_and_where_it_was_lost():
    frames = video()
    frames[3:, :, 80:] = 128  # the second point disappears
    told = text(track(40, 60, name="wing"), track(120, 140))
    first, wing, other = compare(frames, told, LucasKanade()).report.splitlines()
    assert first.startswith("ObjMC ")
    assert wing.startswith("wing: ObjMC 0.") and wing.endswith("meant to go 20.0 px, went 20.0 px")
    assert other.startswith("t2: ") and other.endswith("went 8.0 px, lost at frame 3")


def test_an_anchor_is_meant_to_rest_and_hidden_drags_are_left_out():
    still = np.repeat(video()[:1], FRAMES, axis=0)
    told = text(
        track(40, 60),
        {"kind": "anchor", "points": [{"x": 0.5, "y": 0.5}]},
        track(40, 60, visible=[[0.5, 1]]),
        track(40, 60, enabled=False),
    )
    result = compare(still, told, LucasKanade())
    assert [track.id for track in result.tracks] == ["t1", "t2"]
    assert np.ptp(result.target[1], axis=0).max() == 0
    assert result.relative_objmc == pytest.approx(1, abs=0.01)


def test_without_a_drag_that_moves_it_says_so():
    with pytest.raises(ValueError, match="None of 1 drags is enabled and visible in the first frame"):
        compare(video(), text(track(40, 60, enabled=False)), LucasKanade())
    with pytest.raises(ValueError, match="no intended track moves"):
        compare(video(), text({"kind": "anchor", "points": [{"x": 0.5, "y": 0.5}]}), LucasKanade())
    with pytest.raises(trajectory.TrajectoryError):
        compare(video(), "no drags", LucasKanade())


@pytest.mark.parametrize(("height", "width"), [(1, 64), (64, 15)])
def test_a_video_too_small_to_find_a_point_in_is_refused(height, width):
    """It would be reported as one that rests."""
    with pytest.raises(ValueError, match="16 pixels wide and high or more"):
        compare_images(torch.rand(3, height, width, 3), '[[{"x": 2, "y": 0}, {"x": 12, "y": 0}]]')
