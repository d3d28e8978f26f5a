"""What is filled in behind foreground that have gone."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.vision.inpainting.fill import _pyramid, fill_hole, smooth_fill
from dragnuwa.vision.inpainting.fill_areas import foreign_to
from dragnuwa.vision.inpainting.patch_match import Area

Fill = Callable[..., np.ndarray]
FILLS = pytest.mark.parametrize("fill", [fill_hole, smooth_fill])


def hole(shape: tuple[int, int], top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


def texture(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """`[H, W, 3]`: grains of two pixels around grey."""
    grains = np.random.default_rng(seed).normal(0.5, 0.15, (*shape, 1)).astype(np.float32)
    return cv2.GaussianBlur(grains.repeat(3, 2), (0, 0), 0.8).clip(0, 1)


def slope(picture: np.ndarray, where: np.ndarray) -> float:
    return float(np.abs(cv2.Sobel(picture, cv2.CV_32F, 1, 0))[where].mean())


@FILLS
@pytest.mark.parametrize("size", [40, 400])  # solved at once, and from a smaller copy
def test_a_ramp_goes_on_through_the_hole(fill: Fill, size: int):
    ramp = np.linspace(0, 1, size, dtype=np.float32)[None, :, None].repeat(size, 0).repeat(3, 2)
    gone = hole((size, size), size // 4, size // 4, 3 * size // 4, 3 * size // 4)
    picture = np.where(gone[..., None], 1, ramp).astype(np.float32)
    filled = fill(picture, gone)
    assert np.abs(filled - ramp).max() < (0.01 if fill is smooth_fill else 0.03)
    assert (filled[~gone] == ramp[~gone]).all()


@FILLS
def test_the_sky_stays_beside_the_sky(fill: Fill):
    """A tall hole across a horizon: rows in the sky become sky, rows on the ground ground."""
    picture = np.zeros((200, 200, 3), np.float32)
    picture[:100] = 1
    filled = fill(picture, hole((200, 200), 20, 80, 180, 120))[..., 0]
    assert filled[20:85, 80:120].min() > 0.9 and filled[115:180, 80:120].max() < 0.1


@FILLS
@pytest.mark.parametrize(
    "gone",
    [
        hole((30, 50), 0, 0, 30, 20),
        hole((30, 50), 29, 49, 30, 50),
        hole((30, 50), 0, 0, 0, 0),
        hole((30, 50), 1, 1, 30, 50),  # one row and one column are left
        hole((1, 50), 0, 3, 1, 9),
    ],
)
def test_a_hole_at_the_border_or_none(fill: Fill, gone: np.ndarray):
    picture = np.full((*gone.shape, 3), 0.25, np.float32)
    assert np.allclose(fill(np.where(gone[..., None], 1, picture).astype(np.float32), gone), picture, atol=1e-5)


@FILLS
@pytest.mark.parametrize("size", [40, 400])
def test_a_hole_that_is_all_of_the_picture_leaves_it_as_it_is(fill: Fill, size: int):
    picture = np.random.default_rng(0).random((size, size, 3), np.float32)
    assert (fill(picture, np.ones((size, size), bool)) == picture).all()


@pytest.mark.parametrize("shape", [(160, 160), (480, 400)])
def test_texture_goes_on(shape):
    picture = texture(shape)
    gone = hole(shape, shape[0] // 4, shape[1] // 4, shape[0] // 2, shape[1] // 2)
    filled = fill_hole(np.where(gone[..., None], 0, picture).astype(np.float32), gone)
    assert slope(filled, gone) > 0.75 * slope(picture, gone)
    assert slope(smooth_fill(picture, gone), gone) < 0.5 * slope(picture, gone)
    assert abs(filled[gone].mean() - 0.5) < 0.03


def test_lines_go_on_where_they_would():
    picture = texture((200, 240)) * 0.2
    picture[96:102] = 1
    picture[:, 118:122] = 1  # a crossing, all of which is hidden
    gone = hole((200, 240), 70, 90, 130, 150)
    filled = fill_hole(np.where(gone[..., None], 0.5, picture).astype(np.float32), gone)
    assert (filled[97:101, 90:150].mean((1, 2)) > 0.8).all()
    assert filled[75:90, 95:112].mean() < 0.2


def test_the_light_changes_without_a_seam():
    """Light falls off from left to right, so that no patch has the tone that is needed at both ends."""
    light = np.linspace(0.2, 0.9, 240, dtype=np.float32)[None, :, None]
    picture = (texture((200, 240)) - 0.5) * 0.2 + light
    gone = hole((200, 240), 60, 70, 140, 170)
    filled = fill_hole(np.where(gone[..., None], 0, picture).astype(np.float32), gone)
    for inside, outside in ((slice(70, 74), slice(66, 70)), (slice(166, 170), slice(170, 174))):
        assert abs(filled[60:140, inside].mean() - picture[60:140, outside].mean()) < 0.02


def test_other_things_are_neither_copied_nor_continued():
    picture = texture((160, 200)) * np.float32([0.2, 1, 0.2])
    foreground = hole((160, 200), 40, 105, 120, 150)
    picture[foreground] = (1, 0, 0)
    gone = hole((160, 200), 40, 50, 120, 105)  # beside it
    broken = np.where(gone[..., None], np.float32([1, 0, 0]), picture)
    assert fill_hole(broken, gone, foreground=foreground)[gone][:, 0].max() < 0.5
    assert fill_hole(broken, gone)[gone][:, 0].max() > 0.8
    assert (fill_hole(broken, gone, foreground=~gone) == fill_hole(broken, gone)).all()  # where there is nothing else
    np.testing.assert_array_equal(fill_hole(broken, gone, foreground=foreground)[~gone], broken[~gone])


def test_things_of_other_colors_are_no_sources_unless_they_touch_the_hole():
    """Seen in a photograph of hens: behind one that had walked away stood the tail of another."""
    grass = texture((300, 400)) * np.float32([0.2, 1, 0.2])
    gone, hen = hole(grass.shape[:2], 100, 20, 200, 100), hole(grass.shape[:2], 80, 250, 200, 330)
    apart, touching = grass.copy(), grass.copy()
    apart[hen] = touching[hen] = touching[80:200, 100:250] = (0.7, 0.3, 0.1)
    area = Area(gone, np.zeros_like(gone), ~foreign_to(apart, gone))
    levels = _pyramid(apart, area, 0.003, torch.device("cpu"))
    assert len(levels) > 2
    assert not any((level.known & (level.picture[..., 0] > 0.5) & ~level.hole).any() for level in levels)
    assert (levels[0].known == ~(gone | hen)).mean() > 0.99
    assert not foreign_to(touching, gone).any()


def test_a_thing_is_no_source_even_where_its_colors_are_beside_the_hole():
    """Hens stand on brown ground: their eyes are no ground."""
    picture = texture((200, 240)) * np.float32([0.6, 0.4, 0.2])
    thing, gone = hole(picture.shape[:2], 60, 140, 140, 220), hole(picture.shape[:2], 60, 40, 140, 110)
    picture[thing] = np.where(np.indices((200, 240)).sum(0) % 8 < 4, 0.9, 0.1)[thing, None]  # stripes
    picture[50:150, 30:40] = picture[50:150, 140:150]  # of which there are some beside the hole, too
    alone, known = fill_hole(picture, gone), fill_hole(picture, gone, things=thing | hole(gone.shape, 50, 30, 150, 40))
    assert (alone[gone].max(1) > 0.85).mean() > 0.05
    assert (known[gone].max(1) > 0.85).mean() < 0.01
    assert slope(known, gone) > 0.6 * slope(picture, hole(gone.shape, 150, 40, 200, 110))  # the ground is still copied
    np.testing.assert_array_equal(known[~gone], picture[~gone])


def test_among_things_only_what_is_close_is_copied():
    """An eye that leaves a face: the other one is not copied, and the skin goes on with its grain alone."""
    grain = np.random.default_rng(1).normal(0, 0.008, (200, 240, 1)).astype(np.float32)
    face = np.full((200, 240, 3), 0.6, np.float32) + grain
    face[80:110, 140:180] = 0.05
    gone = hole(face.shape[:2], 80, 60, 110, 100)
    filled = fill_hole(face, gone, things=hole(face.shape[:2], 10, 10, 190, 230))
    assert np.abs(filled[gone] - 0.6).max() < 0.08
    assert 0.4 < filled[gone].std() / face[10:60].std() < 1.6
    everything = fill_hole(face, gone, things=np.ones_like(gone))  # nothing is left to copy
    assert np.abs(everything[gone] - 0.6).max() < 0.08


def test_a_pattern_goes_on_behind_what_lies_among_things():
    """Seen in a clip of a man in a car: what is beside his head counted as things, and became a haze behind it."""
    stripes = np.full((200, 240, 3), 0.2, np.float32)
    stripes[np.arange(200) % 20 < 10] = (0.9, 0.8, 0.3)
    gone, things = hole(stripes.shape[:2], 70, 80, 130, 140), hole(stripes.shape[:2], 10, 10, 190, 230)
    torn = np.where(gone[..., None], np.float32(0.5), stripes)
    filled = fill_hole(torn, gone, things=things)
    assert np.abs(filled - stripes)[gone].mean() < 0.02


def test_the_edge_of_what_is_gone_is_no_thing_beside_it():
    """Seen in a clip of a man before a blue wall: a seam of his hair was left around the hole, so that this seemed to
    lie among things, and became a haze of hair and skin."""
    wall = texture((200, 240)) * np.float32([0.2, 0.4, 1])
    gone, edge = hole(wall.shape[:2], 60, 60, 140, 140), hole(wall.shape[:2], 57, 57, 143, 143)
    wall[edge] = (0.9, 0.4, 0.1)
    filled = fill_hole(wall, gone, things=edge)
    assert filled[gone][:, 0].max() < 0.3
    assert slope(filled, gone) > 0.6 * slope(wall, hole(gone.shape, 150, 40, 200, 110))
    np.testing.assert_array_equal(filled[~gone], wall[~gone])


def before_clothes(left: tuple[float, ...], right: tuple[float, ...]) -> np.ndarray:
    """What is filled in behind a head before a blue wall, above clothes of these colours that the lower edge cuts."""
    picture = texture((200, 240)) * np.float32([0.2, 0.4, 1])
    things, head = hole(picture.shape[:2], 130, 20, 200, 220), hole(picture.shape[:2], 40, 80, 200, 160)
    for half, color in ((np.s_[:, :120], left), (np.s_[:, 120:], right)):
        picture[half][things[half]] = (texture((200, 240)) * np.float32(color))[half][things[half]]
    picture[head] = (0.9, 0.6, 0.5)
    return fill_hole(picture, head, things=things & ~head)


def test_a_shirt_goes_on_behind_a_head():
    """Seen in a clip of a man before a blue wall: where his head had been, his collar opened onto the wall."""
    filled = before_clothes((1, 0.2, 0.2), (1, 0.2, 0.2))
    wall, shirt = filled[40:120, 80:160], filled[140:, 80:160]
    assert (wall[..., 2] > 2 * wall[..., 0]).mean() > 0.99 and (shirt[..., 0] > 2 * shirt[..., 2]).mean() > 0.99


def test_between_two_others_is_the_ground():
    filled = before_clothes((1, 0.2, 0.2), (0.2, 1, 0.2))
    assert (filled[40:, 85:155, 2] > 1.5 * filled[40:, 85:155, :2].max(-1)).mean() > 0.98


def test_a_thing_beside_the_hole_leaves_no_haze_in_it():
    """Seen in the same clip: his white collar shone into the wall that was filled in beside it."""
    wall = np.broadcast_to(np.float32([0.2, 0.4, 1]), (200, 240, 3)).copy()
    wall[60:140, 140:200] = (0.95, 0.95, 0.9)
    gone = hole(wall.shape[:2], 80, 60, 120, 140)
    filled = fill_hole(wall, gone, things=hole(wall.shape[:2], 60, 140, 140, 200))
    assert np.abs(filled[gone] - (0.2, 0.4, 1)).max() < 0.05


def test_beside_the_foreground_the_ground_comes_from_the_other_sides():
    """A half of a thing goes, the other half stays: what was behind both is the ground, up to the cut."""
    picture = texture((200, 240)) * np.float32([0.2, 1, 0.2])
    gone, rest = hole(picture.shape[:2], 60, 60, 140, 120), hole(picture.shape[:2], 60, 120, 140, 180)
    picture[rest] = (0.9, 0.2, 0.9)
    filled = fill_hole(picture, gone, foreground=rest, things=rest)
    assert filled[gone][:, 0].max() < 0.3 and filled[60:140, 112:120, 1].mean() > 0.35


def test_what_lies_in_the_hole_does_not_count_and_the_result_is_always_the_same():
    picture, gone = texture((120, 160)), hole((120, 160), 30, 40, 90, 100)
    results = [fill_hole(np.where(gone[..., None], value, picture).astype(np.float32), gone) for value in (0, 1, 0)]
    assert (results[0] == results[1]).all() and (results[0] == results[2]).all()


def test_a_large_hole_before_sky_and_grass_shows_both():
    """On a small copy of the picture, no patch may be left that shows the sky alone."""
    picture = np.empty((320, 320, 3), np.float32)
    picture[:160], picture[160:] = (0.35, 0.55, 1), (0.35, 1, 0.4)
    hole = np.zeros((320, 320), bool)
    hole[130:300, 110:210] = True
    hole[20:140, 40:280] = True
    filled = fill_hole(picture, hole)
    np.testing.assert_allclose(filled[:120], picture[:120], atol=0.1)
    np.testing.assert_allclose(filled[220:], picture[220:], atol=0.1)
