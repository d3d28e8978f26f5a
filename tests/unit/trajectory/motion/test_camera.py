"""Camera motion: every track is where the camera's formula says, at every frame."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.models import drag_maps as flow
from dragnuwa.trajectory import TrajectoryError, parse
from dragnuwa.trajectory.motion.camera import Camera, camera_motion
from dragnuwa.trajectory.sampling import positions, visibility

SIZE = np.array([576.0, 320.0])
FRAMES = 14
EASES = {
    "linear": lambda s: s,
    "ease_in": lambda s: s**2,
    "ease_out": lambda s: 1 - (1 - s) ** 2,
    "ease_in_out": lambda s: 3 * s**2 - 2 * s**3,
}


def paths(camera, spacing=50.0, size=SIZE, frames=FRAMES):
    """Positions [N, T, 2], not clamped, and visibility [N, T] of its tracks."""
    value = camera_motion(camera, (int(size[0]), int(size[1])), spacing=spacing)
    fractions = np.linspace(0, 1, frames)
    return positions(value.tracks, fractions, size), visibility(value.tracks, fractions)


def expected(camera, start, s):
    """By hand, with trigonometry: where places [N, 2] are at s."""
    centre = np.array(camera.centre) * SIZE
    angle = -math.radians(camera.roll) * s
    turned = (start - centre) @ np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )  # rows times the transposed rotation
    shift = np.array([-camera.pan, camera.tilt]) / 100 * SIZE
    return centre + (1 + camera.zoom / 100 * s) * turned + s * shift


def test_a_zoom_moves_each_point_radially_by_its_share():
    found, _ = paths(Camera(zoom=20, centre=(0.25, 0.5)))
    centre = np.array([144, 160])
    np.testing.assert_allclose(found[:, -1] - found[:, 0], 0.2 * (found[:, 0] - centre), atol=1e-9)
    np.testing.assert_allclose(found[:, 6] - found[:, 0], 0.2 * 6 / 13 * (found[:, 0] - centre), atol=1e-9)


def test_a_pan_to_the_right_moves_the_picture_to_the_left():
    found, _ = paths(Camera(pan=25, tilt=10))
    moved = found - found[:, :1]
    np.testing.assert_allclose(moved[..., 0], np.broadcast_to(-144 * np.arange(14) / 13, moved.shape[:2]), atol=1e-9)
    np.testing.assert_allclose(moved[..., 1], np.broadcast_to(32 * np.arange(14) / 13, moved.shape[:2]), atol=1e-9)


def test_a_roll_to_the_right_turns_the_picture_counterclockwise():
    found, _ = paths(Camera(roll=90), spacing=64.0)
    right = found[np.argmin(np.abs(found[:, 0] - [416, 160]).sum(axis=1))]  # a place to the right of the centre
    np.testing.assert_allclose(right[0], [416, 160], atol=1e-9)
    np.testing.assert_allclose(right[-1], [288, 160 - 128], atol=1e-6)  # ends above it


@given(
    pan=st.floats(-100, 100),
    tilt=st.floats(-100, 100),
    zoom=st.floats(-50, 200),
    roll=st.floats(-180, 180),
    centre=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    ease=st.sampled_from(sorted(EASES)),
    time=st.sampled_from([(0, 1), (0.25, 0.75), (0, 0.3)]),
)
@settings(max_examples=40)
def test_any_sum_follows_the_formula(pan, tilt, zoom, roll, centre, ease, time):
    camera = Camera(pan, tilt, zoom, roll, centre, ease, *time)
    found, seen = paths(camera, spacing=80.0)
    for t, f in enumerate(np.linspace(0, 1, FRAMES)):
        s = EASES[ease]((np.clip(f, *time) - time[0]) / (time[1] - time[0]))
        np.testing.assert_allclose(found[:, t], expected(camera, found[:, 0], s), atol=0.01)
    margin = np.minimum(found, SIZE - 1 - found).min(axis=-1)
    clear = np.abs(margin) > 0.5  # on the border itself rounding decides
    np.testing.assert_array_equal(seen[clear], margin[clear] > 0)


def test_a_track_that_cuts_a_corner_in_an_instant_is_seen():
    """A fast roll, in which a track is inside of the picture for less than a 256th of the clip."""
    found, seen = paths(Camera(roll=-170.0, centre=(0.0, 0.796875), ease="ease_in", start=0.25, end=0.75), spacing=80.0)
    margin = np.minimum(found, SIZE - 1 - found).min(axis=-1)
    assert seen[margin > 0.5].all()


@pytest.mark.parametrize("camera", [Camera(pan=60), Camera(tilt=-80), Camera(zoom=-60), Camera(roll=45, zoom=-20)])
def test_the_picture_is_full_of_tracks_at_every_frame(camera):
    """Also where the camera shows what was outside at first: no place is farther from a track than the grid allows."""
    found, seen = paths(camera, spacing=40.0)
    x, y = np.meshgrid(np.arange(40, 536, 16), np.arange(40, 280, 16))
    positions = np.stack([x.ravel(), y.ravel()], axis=-1)
    for t in range(FRAMES):
        distance = np.linalg.norm(positions[:, None] - found[None, seen[:, t], t], axis=-1).min(axis=1)
        assert distance.max() <= 40 * math.sqrt(0.5) + 0.1, t  # half a diagonal of a cell; zooming out makes it less


def test_places_are_a_grid_about_the_middle():
    found, seen = paths(Camera(pan=1e-6), spacing=16.0)
    inside = found[seen[:, 0], 0]
    assert len(inside) == 36 * 20
    assert np.unique(np.diff(np.unique(inside[:, 0].round(6)))).tolist() == [16]
    np.testing.assert_allclose(inside.mean(axis=0), SIZE / 2, atol=1e-3)


def test_drag_maps_at_two_and_a_half_sigma_are_as_strong_as_the_motion():
    value = camera_motion(Camera(pan=-20), (576, 320), spacing=50)
    maps = flow.encode(*value.sample(FRAMES, 576, 320), height=320, width=576, sigma=20)
    step = 0.2 * 576 / 13
    inner = maps[5, :, 80:240, 120:456]
    assert float(inner[0].mean()) == pytest.approx(step, rel=0.02)
    assert float((inner[0] - step).abs().max()) < 0.2 * step
    assert float(inner[1].abs().max()) < 1e-6


def test_a_camera_that_rests_gives_no_track():
    assert camera_motion(Camera(), (576, 320), spacing=16).tracks == ()


def test_the_text_reads_back():
    value = camera_motion(Camera(zoom=20, roll=30, pan=10), (576, 320), spacing=64)
    assert parse(value.to_json(), width=576, height=320) == value
    assert len({track.id for track in value.tracks}) == len(value.tracks)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"zoom": -100}, ["zoom", "-95"]),
        ({"pan": math.nan}, ["pan", "NaN"]),
        ({"roll": 1e9}, ["roll", "1,000"]),
        ({"centre": (11, 0)}, ["centre_x", "11"]),
        ({"ease": "bouncy"}, ["ease", "bouncy"]),
        ({"start": 0.5, "end": 0.5}, ["start should be earlier than end"]),
    ],
)
def test_impossible_cameras_are_refused(values, words):
    with pytest.raises(TrajectoryError) as caught:
        Camera(**values)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_too_dense_a_grid_is_refused():
    with pytest.raises(TrajectoryError, match="Make the spacing larger"):
        camera_motion(Camera(zoom=-30), (576, 320), spacing=1)
