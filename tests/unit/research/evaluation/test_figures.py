"""The figures of a video's pixels."""

import numpy as np
import pytest

from dragnuwa.research.evaluation import appearance_drift, psnr


def picture(seed: int = 0, side: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def test_drift_is_infinite_for_the_same_patch_wherever_it_has_gone_and_0_from_black_to_white():
    start = picture()
    moved = np.stack([start, np.roll(start, (3, 5), (0, 1))])
    assert appearance_drift(moved, np.array([[10.0, 12], [15, 15]]), 4) == np.inf
    assert appearance_drift(moved, np.array([[10.0, 12], [10, 12]]), 4) < 12
    swapped = np.stack([np.zeros_like(start), np.full_like(start, 255)])
    assert appearance_drift(swapped, np.array([[10.0, 12], [10, 12]]), 4) == pytest.approx(0, abs=1e-5)


def test_drift_is_the_psnr_of_the_patch_alone_and_of_the_frame_asked_for():
    start = np.full((32, 32, 3), 100, np.uint8)
    frames = np.stack([start, start + 10, start + 50])
    frames[1, 20:] = 255  # outside of the patch
    rest = np.full((3, 2), 8.0)
    assert appearance_drift(frames, rest, 3, 1) == pytest.approx(20 * np.log10(255 / 10), abs=1e-3)
    assert appearance_drift(frames, rest, 3) == pytest.approx(20 * np.log10(255 / 50), abs=1e-3)


def test_psnr_leaves_out_the_frame_that_the_model_is_given():
    true = np.full((3, 8, 8, 3), 100, np.uint8)
    found = true.copy()
    found[0] = 0
    assert psnr(found, true) == np.inf
    found[1:] += 10
    assert psnr(found, true) == pytest.approx(20 * np.log10(25.5), abs=1e-3)


def test_videos_that_are_none_are_refused_in_words():
    frames = np.zeros((3, 8, 8, 3), np.uint8)
    with pytest.raises(ValueError, match=r"found \[3, 8, 8, 3\] float64"):
        psnr(frames / 255, frames)
    with pytest.raises(ValueError, match=r"found \[1, 8, 8, 3\] uint8"):
        psnr(frames[:1], frames[:1])
    with pytest.raises(ValueError, match="The videos differ"):
        psnr(frames, frames[:2])
    with pytest.raises(ValueError, match="radius must be at least 1 px; found 0"):
        appearance_drift(frames, np.zeros((3, 2)), 0)
    with pytest.raises(ValueError, match=r"track must be \[T, 2\] = \[3, 2\]"):
        appearance_drift(frames, np.zeros((2, 2)), 2)
