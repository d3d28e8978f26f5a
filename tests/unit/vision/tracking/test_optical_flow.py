"""Dense flow of clips with known motion, what it calls hidden, and tracks drawn out of it."""

import numpy as np
import pytest

from dragnuwa.vision.tracking.optical_flow import estimate, inconsistent
from dragnuwa.vision.tracking.tracks_from_flow import follow, sample_tracks
from tests.support.pictures import texture
from tests.support.videos import moving_square


@pytest.mark.parametrize("shift", [(3, 2), (-7, 4), (0, 0), (1, -9)])
def test_a_known_shift_is_found(shift):
    large = texture(160, 200, 0)
    (x, y), clip = shift, []
    for frame in range(3):
        clip.append(large[20 - frame * y : 140 - frame * y, 20 - frame * x : 180 - frame * x])
    flow, occluded = estimate(np.stack(clip))
    assert flow.shape == (2, 120, 160, 2) and flow.dtype == np.float32 and occluded.shape == (2, 120, 160)
    inside = (slice(None), slice(20, -20), slice(20, -20))
    assert np.abs(flow[inside] - shift).max() < 0.3
    assert not occluded[inside].any()


def test_what_a_square_covers_or_what_leaves_the_picture_is_occluded():
    clip = moving_square(4, (8, 0))
    flow, occluded = estimate(clip)
    for step in range(3):
        left = 32 + 8 * step
        square = np.zeros(clip.shape[1:3], bool)
        square[40:88, left : left + 48] = True
        covered = np.roll(square, 8, axis=1) & ~square
        assert occluded[step][covered].mean() > 0.8
        assert occluded[step][~covered].mean() < 0.03
        assert np.abs(flow[step, 48:80, left + 8 : left + 40] - (8, 0)).max() < 0.3
    back, _ = estimate(clip[1::-1])
    np.testing.assert_array_equal(occluded[0], inconsistent(flow[0], back[0]))
    away = np.broadcast_to(np.float32([5, 0]), (40, 60, 2))
    assert (inconsistent(away, -away) == (np.arange(60) > 54)).all()  # the last five columns leave


def test_the_trajectory_sampler_follows_what_moves():
    step, frames = (3, 2), 8
    flow, occluded = estimate(moving_square(frames, step))
    anchors = np.stack(np.meshgrid([45.0, 56, 67], [53.0, 64, 75]), -1).reshape(-1, 2)  # inside the square
    points, visible = follow(anchors, flow, occluded)
    assert visible.all()
    way = np.arange(frames)[:, None] * step
    assert np.abs(points - anchors[:, None] - way).max() < 0.5
    points, visible = sample_tracks(flow, np.random.default_rng(0), count=8, occluded=occluded)
    start = points[:, 0]
    on_square = ((start > (36, 44)) & (start < (75, 83))).all(1) & visible.all(1)
    assert on_square.sum() >= 4  # drawn where things move
    assert np.abs(points[on_square] - start[on_square, None] - way).max() < 0.5


@pytest.mark.parametrize("shape", [(1, 64, 64, 3), (2, 8, 64, 3), (2, 64, 64, 4), (64, 64, 3)])
def test_other_forms_are_refused(shape):
    with pytest.raises(ValueError, match="frames must be"):
        estimate(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        estimate(np.zeros((2, 64, 64, 3), np.float32))
