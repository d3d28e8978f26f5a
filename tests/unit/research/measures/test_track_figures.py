"""Figures of tracks against what the published code of each gave, run once by hand on the same arrays."""

import numpy as np
import pytest

from dragnuwa.research.measures.track_figures import end_point_error, mask_overlap, tap_vid

N, T = 12, 20


@pytest.fixture
def tracks() -> dict:
    random = np.random.default_rng(7)
    true = random.uniform(0, 256, (N, T, 2))
    found = true + random.normal(0, 5, (N, T, 2))
    true_visible, found_visible = random.random((N, T)) > 0.3, random.random((N, T)) > 0.3
    return {"found": found, "found_visible": found_visible, "true": true, "true_visible": true_visible,
            "queries": true_visible.argmax(1)}  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "expected"),  # of evaluation_datasets.py of google-deepmind/tapnet
    [
        ("first", (0.2216292165368099, 0.43076923076923074, 0.5945945945945946)),
        ("strided", (0.21874348669194932, 0.43076923076923074, 0.5921052631578947)),
    ],
)
def test_tap_vid_is_that_of_its_authors(tracks, mode, expected):
    found = tap_vid(**tracks, mode=mode)
    assert (found.average_jaccard, found.delta_average, found.occlusion_accuracy) == pytest.approx(expected, abs=1e-12)


def test_a_perfect_tracker(tracks):
    perfect = tap_vid(**tracks | {"found": tracks["true"], "found_visible": tracks["true_visible"]})
    assert (perfect.average_jaccard, perfect.delta_average, perfect.occlusion_accuracy) == (1, 1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"found": np.zeros((N, T, 3))}, {"found": np.full((N, T, 2), np.nan)}, {"queries": np.zeros(3, int)},
        {"found_visible": np.ones((N, T))}, {"true_visible": np.zeros((N, T), bool)}, {"mode": "last"},
        {"queries": np.full(N, T - 1)},
    ],
)  # fmt: skip
def test_tracks_that_cannot_be_measured_are_refused(tracks, changes):
    with pytest.raises(ValueError, match=r"\.$"):
        tap_vid(**tracks | changes)


def test_end_point_error_leaves_out_the_first_frame_and_what_is_hidden():
    wanted, found = np.zeros((2, 3, 2)), np.zeros((2, 3, 2))
    found[0, 1] = 3, 4
    found[1, 2] = 100, 0
    visible = np.array([[True, True, True], [True, True, False]])
    assert end_point_error(found, wanted, visible) == pytest.approx(5 / 3)
    found[:, 0] = np.nan
    assert end_point_error(found, wanted, visible) == pytest.approx(5 / 3)
    with pytest.raises(ValueError, match="visible after the first"):
        end_point_error(found, wanted, visible & (np.arange(3) == 0))
    with pytest.raises(ValueError, match="NaN"):
        end_point_error(np.full((2, 3, 2), np.nan), wanted, visible)


def test_the_overlap_of_masks():
    found, wanted = np.zeros((3, 8, 8), bool), np.zeros((3, 8, 8), bool)
    found[:2, :4], wanted[:2, 2:6] = True, True  # nothing is to be seen in the last frame
    assert mask_overlap(found, wanted) == pytest.approx(16 / 48)
    with pytest.raises(ValueError, match="No frame"):
        mask_overlap(found[2:], wanted[2:])
