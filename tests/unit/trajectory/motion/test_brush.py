"""Motion brush: what is under the mask moves as asked, what is around it falls off, the rest is held."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.trajectory import Point, Track, TrajectoryError, parse
from dragnuwa.trajectory.motion.brush import Brush, BrushMotion, motion_brush, read_motions
from dragnuwa.trajectory.sampling import positions

WIDTH, HEIGHT, FRAMES = 320, 200, 9
SIZE = np.array([WIDTH, HEIGHT], dtype=float)


def box(left, top, right, bottom):
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    mask[top:bottom, left:right] = 1
    return mask


MASK = box(100, 60, 181, 121)  # its middle is 140, 90


def brushed(motion, mask=MASK, **settings):
    """Tracks and their positions [N, T, 2], not clamped."""
    settings = {"spacing": 10.0, "hold": False, **settings}
    value = motion_brush(mask[None], [motion], Brush(**settings))
    return value.tracks, positions(value.tracks, np.linspace(0, 1, FRAMES), SIZE)


def test_everything_under_the_mask_moves_and_nothing_else():
    tracks, found = brushed(BrushMotion(distance=10, direction=90))
    assert len(tracks) == 8 * 6
    x, y = found[:, 0].T
    assert (MASK[y.astype(int), x.astype(int)] == 1).all()
    np.testing.assert_allclose(found[:, -1] - found[:, 0], np.broadcast_to([0, -32], (48, 2)), atol=1e-9)


def amount(low, high):
    return st.floats(low, high, allow_subnormal=False)


@given(
    distance=amount(-30, 30),
    direction=amount(-360, 360),
    scale=amount(-90, 200),
    rotation=amount(-180, 180),
)
def test_any_motion_follows_the_formula(distance, direction, scale, rotation):
    tracks, found = brushed(BrushMotion(distance, direction, scale, rotation), spacing=20.0)
    if tracks[0].kind == "anchor":  # nothing moves at all
        assert distance == scale == rotation == 0
        return
    z = found[..., 0] + 1j * found[..., 1]
    toward = distance / 100 * WIDTH * np.exp(-1j * math.radians(direction))
    for t, s in enumerate(np.linspace(0, 1, FRAMES)):
        turned = (1 + scale / 100 * s) * np.exp(1j * math.radians(rotation) * s) * (z[:, 0] - (140 + 90j))
        assert np.abs(z[:, t] - (140 + 90j + turned + s * toward)).max() < 0.01


def test_the_motion_falls_off_smoothly_in_the_feather():
    tracks, found = brushed(BrushMotion(distance=10), feather=40.0, hold=True)
    moved = found[:, -1] - found[:, 0]
    for track, (x, y), (dx, dy) in zip(tracks, found[:, 0], moved, strict=True):
        distance = math.hypot(max(100 - int(x), 0, int(x) - 180), max(60 - int(y), 0, int(y) - 120))
        t = min(distance / 40, 1)
        if track.kind == "anchor":
            assert t == 1 and (dx, dy) == pytest.approx((1, 1))
        else:
            assert dx == pytest.approx(32 * (1 - t * t * (3 - 2 * t)), abs=1e-9) and dy == pytest.approx(0)
    kinds = [track.kind for track in tracks]
    assert 0 < kinds.count("anchor") < len(kinds) == 32 * 20  # nothing of the grid is left out


def test_without_hold_there_is_no_anchor():
    tracks, _ = brushed(BrushMotion(distance=10), feather=40.0, hold=False)
    assert {track.kind for track in tracks} == {"path"}


def test_a_mask_between_the_places_gets_a_track():
    tracks, found = brushed(BrushMotion(distance=10), box(12, 13, 14, 14), spacing=100.0)
    assert len(tracks) == 1
    assert found[0, 0].tolist() == [12, 13]


def test_a_mask_that_does_not_move_is_held():
    tracks, _ = brushed(BrushMotion())
    assert {track.kind for track in tracks} == {"anchor"} and len(tracks) == 48


def test_what_leaves_the_picture_counts_no_more():
    value = motion_brush(MASK[None], [BrushMotion(distance=100)], Brush(spacing=10, hold=False))
    points, visible = value.sample(FRAMES, WIDTH, HEIGHT)
    assert visible[:, 0].all() and not visible[:, -1].any()
    assert (points[..., 0][visible] < WIDTH - 1).all()


def test_along_a_track():
    """Its curve, timing and visibility, from each place of the mask."""
    path = Track(
        (Point(0.9, 0.1, 0.0), Point(0.95, 0.3, 0.7), Point(0.8, 0.2, 1.0)),
        timing="keys", ease="ease_in", start=0.1, end=0.9, visible=((0, 0.5),),
    )  # fmt: skip
    tracks, found = brushed(path, feather=20.0)
    follow = positions([path], np.linspace(0, 1, FRAMES), SIZE)[0]
    way = found - found[:, :1]
    full = [k for k, (x, y) in enumerate(found[:, 0]) if MASK[int(y), int(x)]]
    np.testing.assert_allclose(way[full], np.broadcast_to(follow - follow[0], (48, FRAMES, 2)), atol=1e-9)
    assert all(track.visible == path.visible for track in tracks)
    partly = [k for k in range(len(tracks)) if k not in full]
    share = way[partly, -1, 0] / (follow[-1, 0] - follow[0, 0])
    assert ((share > 0) & (share < 1)).all()


def test_masks_of_a_batch_move_on_their_own_and_the_later_one_counts():
    masks = np.stack([box(20, 20, 120, 120), box(100, 20, 220, 120)])
    value = motion_brush(masks, [BrushMotion(distance=10), BrushMotion(distance=-10)], Brush(spacing=10, hold=False))
    found = positions(value.tracks, np.array([0.0, 1.0]), SIZE)
    right = found[:, 0, 0] >= 100
    np.testing.assert_allclose(found[:, 1, 0] - found[:, 0, 0], np.where(right, -32, 32), atol=1e-9)
    assert {track.name for track in value.tracks} == {"brush 1", "brush 2"}
    assert len({track.color for track in value.tracks}) == 2


def test_the_text_reads_back():
    motion = BrushMotion(distance=10, rotation=40)
    value = motion_brush(MASK[None], [motion], Brush(spacing=20, feather=30, start=0.1))
    assert parse(value.to_json(), width=WIDTH, height=HEIGHT) == value


def test_motions_as_text():
    default = BrushMotion(distance=5)
    assert read_motions("", default, 3) == [default] * 3
    text = "distance=20, direction=90\n\n rotation = -7.5 "
    assert read_motions(text, default, 2) == [BrushMotion(20, 90), BrushMotion(5, rotation=-7.5)]
    changed = text.replace(" ", "\u00a0").replace("-", "\u2212").replace("\n", "\u2028").replace(",", "\uff0c")
    assert read_motions(changed, default, 2) == read_motions(text, default, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("distance=1\ndistance=2\ndistance=3", ["a line for each mask", "there are 2", "it has 3"]),
        ("distance=1\nspeed=2", ["line 2", "speed=2", "distance, direction, scale, rotation"]),
        ("distance=1\nscale=lots", ["line 2", "scale=lots"]),
        ("distance=1\nscale=-200", ["scale should be a number from -100", "-200"]),
        ("distance=1\nscale=" + "9" * 5000, ["line 2"]),
    ],
)
def test_motions_that_cannot_be_read(text, words):
    with pytest.raises(TrajectoryError) as caught:
        read_motions(text, BrushMotion(), 2)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("masks", "motions", "words"),
    [
        (np.zeros((1, 64, 64)), 1, ["the mask is empty", "MaskEditor"]),
        (np.stack([MASK, 0 * MASK]), 2, ["mask 2 is empty"]),
        (np.full((1, 8, 8), np.nan), 1, ["the mask is empty"]),
        (MASK, 1, ["[masks, height, width]", "[200, 320]"]),
        (np.stack([MASK, MASK]), 1, ["1 motions for 2 masks"]),
    ],
)
def test_bad_masks_are_refused(masks, motions, words):
    with pytest.raises(TrajectoryError) as caught:
        motion_brush(masks, [BrushMotion(distance=1)] * motions, Brush())
    assert all(word in str(caught.value) for word in words), str(caught.value)
