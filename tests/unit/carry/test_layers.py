"""A stack of layers: any motion plugs in at the front, and what renders it or corrects it leaves it as it is."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from dragnuwa.carry.find import find
from dragnuwa.carry.layers import Layer, Stack, background, whole_thing
from dragnuwa.carry.rendering import rendering
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.detail.background import SeenWarp
from dragnuwa.detail.views import Correction, Views
from dragnuwa.geometry.grids import Box, Grid
from dragnuwa.geometry.similarity import SimilarityTransform

SIZE, FRAMES = (48, 32), 4


@dataclass(frozen=True)
class Mirror:
    """A motion that nothing in the library makes: from frame 1 on, the thing is mirrored about a column."""

    column: float

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        return 2 * self.column - positions.real + 1j * positions.imag if time else positions

    def reach(self, box: Box, time: int) -> Box:
        corners = self.sources(box.corners(), time)
        return Box.around(corners, 1)


@pytest.fixture
def stack() -> Stack:
    mask = np.zeros(SIZE[::-1], np.float32)
    mask[10:20, 6:14] = 1
    thing = replace(whole_thing(mask, None, np.array([True, True, False, True])), warp=Mirror(20))
    return Stack(SIZE, background(None, SIZE, FRAMES), (thing,))


@pytest.fixture
def image() -> torch.Tensor:
    image = torch.full((3, *SIZE[::-1]), 0.25)
    image[:, 10:20, 6:14] = torch.linspace(0.5, 1, 8)
    return image


def test_any_motion_is_rendered(stack: Stack, image: torch.Tensor):
    rendered = rendering(stack, image)
    first, mirrored, hidden = (rendered.frame(time) for time in (0, 1, 2))
    assert torch.equal(first[:3], image)
    assert torch.allclose(mirrored[:3, 11:19, 28:33], image[:, 11:19, 8:13].flip(-1), atol=0.01)
    assert mirrored[3, 15, 30] == 1
    assert mirrored[4, 15, 10] == mirrored[5, 15, 10] == 1
    assert torch.allclose(mirrored[:3, 15, 10], torch.tensor(0.25), atol=1e-3)
    assert hidden[3].max() == 0
    assert hidden[4, 15, 10] == 1


def test_views_know_what_is_behind_a_thing_and_what_it_has_left(stack: Stack):
    grid = Grid(SIZE, (24, 16))
    positions = np.array([[10 + 15j, 30 + 15j, 40 + 5j]])
    ground, thing = Views(stack, grid).at(positions, 1, [Correction(), Correction()])
    assert thing.share.tolist() == [[0, 1, 0]]
    assert ground.share.tolist() == [[0, 0, 1]]
    assert thing.sources[0, 1] == 10 + 15j


def test_corrections_are_beside_the_layers(stack: Stack):
    grid = Grid(SIZE, (24, 16))
    before = [np.copy(layer.opacity) for layer in stack.layers]
    views, positions = Views(stack, grid), np.array([[30 + 15j]])
    shifted = Correction(SimilarityTransform(1, 2 + 0j))  # 2 px of the small grid are 4 of the picture
    _, thing = views.at(positions, 1, [Correction(), shifted])
    assert thing.sources[0, 0] == 6 + 15j
    assert views.at(positions, 1, [Correction(), Correction()])[1].sources[0, 0] == 10 + 15j
    for layer, opacity in zip(stack.layers, before, strict=True):
        np.testing.assert_array_equal(layer.opacity, opacity)


def test_what_rests_leaves_nothing(stack: Stack):
    resting = replace(stack, things=tuple(replace(thing, warp=None) for thing in stack.things))
    assert stack.left[:, 15, 10].all()
    assert not resting.left.any()


def test_the_motion_seen_in_a_clip_reaches_where_its_sources_come_from():
    grid = Grid((96, 64), (48, 32))
    warp = SeenWarp((SimilarityTransform(1, 0), SimilarityTransform(1.1, 3 - 2j)), grid)
    box = Box(30, 20, 50, 40)
    positions = Box(0, 0, 96, 64).positions()
    there = positions[box.holds(warp.sources(positions, 1))]
    assert warp.reach(box, 1).holds(there).all()
    assert Layer(box, None, None, None, warp, None).reach(1) == warp.reach(box, 1)


def test_what_rests_in_the_foreground_is_ground_only_for_what_it_surrounds():
    """A cup that leaves the table is filled from the table; one that leaves the floor beside it is not."""
    mask = np.zeros(SIZE[::-1], np.float32)
    cup, table = mask.copy(), mask.copy()
    cup[10:14, 8:12], table[6:24, 4:20] = 1, 1
    away = SimilarityTransform(np.ones(FRAMES), np.arange(FRAMES) * 5)
    still = replace(whole_thing(table, None, np.ones(FRAMES, bool)), foreground=True)
    on, beside = (
        replace(whole_thing(moved, away, np.ones(FRAMES, bool)), foreground=True)
        for moved in (cup, np.roll(cup, 20, axis=1))
    )
    ground = background(None, SIZE, FRAMES)
    assert not Stack(SIZE, ground, (still, on)).not_ground[7, 5:19].any()
    assert Stack(SIZE, ground, (still, beside)).not_ground[7, 5:19].all()


def test_a_thing_that_a_mask_holds_is_not_copied(image: torch.Tensor):
    """Two alike stand in a row: one moves away, and the other, which an anchor with a mask holds, is not copied."""
    masks = torch.zeros(2, *SIZE[::-1])
    masks[0, 10:20, 6:14] = masks[1, 10:20, 24:32] = 1
    picture = image.movedim(0, -1).clone()
    picture[10:20, 24:32] = picture[10:20, 6:14].clone()
    tracks = np.array([[[10, 15], [10, 28]], [[28, 15], [28, 15]]], float)  # [N, T, 2]
    found = find(picture, tracks, np.ones((2, 2), bool), (), ClipShape(*SIZE, 2), masks)
    assert found.stack.not_ground[10:20, 24:32].all()
