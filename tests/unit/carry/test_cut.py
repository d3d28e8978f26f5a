"""The edges of whole things that move: their opacity, their own colours, and what they leave."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.cut import own_pixels, with_edges
from dragnuwa.carry.layers import Layer, Stack, background, whole_thing
from dragnuwa.carry.rendering import rendering
from dragnuwa.geometry.similarity import SimilarityTransform

SIZE = (96, 64)
RED, GREEN = ((0.8, 0.1, 0.2), (0.1, 0.9, 0.3))


def shown(opacity: np.ndarray) -> torch.Tensor:
    """A red thing of this opacity before green ground."""
    red, green = (torch.tensor(color)[:, None, None].expand(3, *opacity.shape) for color in (RED, GREEN))
    share = torch.from_numpy(opacity)
    return share * red + (1 - share) * green


def stack(mask: np.ndarray, moves: bool = True) -> Stack:
    """Of a thing under a mask that goes 30 px to the right in two frames."""
    motion = SimilarityTransform(np.ones(2, complex), np.array([0, 30 + 0j])) if moves else None
    return Stack(SIZE, background(None, SIZE, 2), (whole_thing(mask, motion, np.ones(2, bool)),))


def softened(width: float) -> np.ndarray:
    """`[H, W]`: a disc whose opacity falls from 1 to 0 over `width` px."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    return ((14 - np.hypot(columns - 30, rows - 32)) / width + 0.5).clip(0, 1).astype(np.float32)


def test_a_soft_edge_goes_along_without_the_old_ground():
    opacity = softened(6)
    found = with_edges(stack((opacity >= 0.5).astype(np.float32)), shown(opacity))
    thing = found.things[0]
    np.testing.assert_allclose(thing.opacity_in(SIZE), opacity, atol=0.08)
    colors = own_pixels(shown(opacity), thing)[:, torch.from_numpy(thing.opacity > 0.1)]
    torch.testing.assert_close(colors, torch.tensor(RED)[:, None].expand_as(colors), atol=0.06, rtol=0)


def test_nothing_of_a_soft_edge_stays():
    opacity = softened(6)
    image = shown(opacity)
    left = rendering(stack((opacity >= 0.5).astype(np.float32)), image).frame(1)[0, :, :44].max()
    assert left < 0.13  # the ground's red is 0.1; without the edge it is 0.16


def test_an_opacity_that_was_given_is_kept():
    opacity = softened(14)
    found = with_edges(stack(opacity), torch.full((3, *opacity.shape), 0.5)).things[0]
    np.testing.assert_allclose(found.opacity_in(SIZE), opacity, atol=0.02)


def test_what_rests_and_what_a_drag_carries_around_it_stay_as_they_are():
    opacity = softened(6)
    resting = stack((opacity >= 0.5).astype(np.float32), moves=False)
    assert with_edges(resting, shown(opacity)) is resting
    around = stack((opacity >= 0.5).astype(np.float32))
    around = replace(around, things=tuple(replace(thing, whole=False) for thing in around.things))
    assert with_edges(around, shown(opacity)) is around


def test_what_hides_all_keeps_its_pixels_to_the_bit():
    image = torch.rand(3, SIZE[1], SIZE[0], generator=torch.Generator().manual_seed(0)) * 0.2
    opacity = softened(1)
    image = torch.where(torch.from_numpy(opacity > 0), image + 0.7, image)
    thing = with_edges(stack((opacity >= 0.5).astype(np.float32)), image).things[0]
    inner = torch.from_numpy(thing.opacity == 1)
    assert int(inner.sum()) > 400
    window = image[(slice(None), *thing.box.slices)]
    assert torch.equal(own_pixels(image, thing)[:, inner], window[:, inner])


def asked(opacity: np.ndarray, moves: bool = True, **fields: float) -> Stack:
    """A thing whose layer says how its cut is to be finished."""
    before = stack((opacity >= 0.5).astype(np.float32), moves)
    return replace(before, things=tuple(replace(thing, **fields) for thing in before.things))


def finished(opacity: np.ndarray, moves: bool = True, **fields: float) -> Stack:
    return with_edges(asked(opacity, moves, **fields), shown(opacity))


def radius(thing: Layer) -> float:
    return float(np.sqrt(thing.opacity.sum() / np.pi))


@pytest.mark.parametrize("grow", [-4, -1, 2.5])
def test_a_cut_grows_from_the_edge_that_the_picture_shows(grow: float):
    sharp = softened(1)
    plain = radius(finished(sharp).things[0])
    assert radius(finished(sharp, grow=grow).things[0]) == pytest.approx(plain + grow, abs=0.3)


@pytest.mark.parametrize("fields", [{"grow": -4.0}, {"grow": 4.0}, {"feather": 8.0}, {"grow": -4.0, "feather": 12.0}])
def test_whatever_the_cut_is_nothing_of_the_thing_stays(fields: dict):
    sharp = softened(1)
    found = finished(sharp, **fields)
    thing, plain = found.things[0], finished(sharp).things[0]
    covered = np.zeros(SIZE[::-1], bool)
    covered[thing.box.slices] = thing.hole
    before = np.zeros(SIZE[::-1], bool)
    before[plain.box.slices] = plain.hole
    assert (covered >= before).all()
    assert (covered >= cv2.dilate((thing.opacity_in(SIZE) > 0).astype(np.uint8), np.ones((5, 5)))).all()
    assert rendering(asked(sharp, **fields), shown(sharp)).frame(1)[0, :, :36].max() < 0.12  # the ground's red is 0.1


def test_the_outer_half_of_a_feather_has_the_colours_of_the_thing():
    sharp = softened(1)
    thing = finished(sharp, feather=8.0).things[0]
    outside = torch.from_numpy((thing.opacity > 0.02) & (sharp[thing.box.slices] == 0))
    assert int(outside.sum()) > 200
    colors = own_pixels(shown(sharp), thing)[:, outside]
    torch.testing.assert_close(colors, torch.tensor(RED)[:, None].expand_as(colors), atol=0.06, rtol=0)


def test_what_has_grown_shows_the_picture():
    sharp = softened(1)
    thing = finished(sharp, grow=6.0).things[0]
    window = shown(sharp)[(slice(None), *thing.box.slices)]
    opaque = torch.from_numpy(thing.opacity == 1)
    assert torch.equal(own_pixels(shown(sharp), thing)[:, opaque], window[:, opaque])
    assert int((opaque & (window[1] > 0.85)).sum()) > 300  # green ground comes along


def test_a_resting_thing_has_its_cut_and_the_pixels_of_the_picture():
    opacity = softened(1)
    thing = finished(opacity, moves=False, grow=-2.0, feather=4.0).things[0]
    assert thing.colors is None and thing.warp is None
    assert radius(thing) == pytest.approx(14 - 2, abs=0.3)
    assert 0 < thing.opacity_in(SIZE)[32, 42] < 1


def test_a_cut_shrunk_to_nothing_leaves_the_ground_alone():
    sharp = softened(1)
    frame = rendering(asked(sharp, grow=-30.0), shown(sharp)).frame(1)
    assert float(frame[0].max()) < 0.12 and float(frame[3].max()) == 0


@pytest.mark.parametrize("opacity", [0.0, 0.3])
def test_a_thing_of_which_nothing_is_half_opaque_has_no_edge_to_look_for(opacity):
    """Restore Detail takes such from a clip."""
    disc = softened(6)
    found = stack((disc >= 0.5).astype(np.float32))
    faint = replace(found.things[0], opacity=opacity * found.things[0].opacity)
    (thing,) = with_edges(replace(found, things=(faint,)), shown(disc)).things
    np.testing.assert_array_equal(thing.opacity, faint.opacity)
    assert thing.colors is None
