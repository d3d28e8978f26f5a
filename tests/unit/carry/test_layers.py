"""Regions and layers: any motion plugs in at the front, and what renders it or corrects it leaves it as it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from dragnuwa.carry.composite import find_in_clip
from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.layers import LayeredScene
from dragnuwa.carry.depth.path import own_camera
from dragnuwa.carry.depth.projected import Relief
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.carry.layers import (
    OBJECT,
    SHADOW,
    Region,
    disoccluded,
    foreground_mask,
    region_of_mask,
    whole_picture,
)
from dragnuwa.carry.regions import bent_shape_of
from dragnuwa.carry.rendering import _from_back, compose, cut, render
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.detail.background import SeenWarp
from dragnuwa.detail.painting import Painter, Seen
from dragnuwa.detail.views import Correction, Views, full_agreement
from dragnuwa.geometry.grids import Box, Grid
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.geometry.warps import InverseDistanceWarp, ResampledWarp, SimilarityWarp, Warp
from dragnuwa.server.composition_body import written
from tests.support.drawings import parsed_tracks
from tests.web.composition_cases import parts_of

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
def regions() -> tuple[Region, Region]:
    """The background, and something that is mirrored."""
    mask = np.zeros(SIZE[::-1], np.float32)
    mask[10:20, 6:14] = 1
    return whole_picture(None, SIZE, FRAMES), region_of_mask(mask, Mirror(20), np.array([True, True, False, True]))


@pytest.fixture
def image() -> torch.Tensor:
    image = torch.full((3, *SIZE[::-1]), 0.25)
    image[:, 10:20, 6:14] = torch.linspace(0.5, 1, 8)
    return image


def test_any_motion_is_rendered(regions: tuple[Region, Region], image: torch.Tensor):
    background, mirrored = regions
    composition = compose(background, cut((mirrored,), image), image)
    first, mirrored, hidden = (render(composition, time).pixels for time in (0, 1, 2))
    assert torch.equal(first[:3], image)
    assert torch.allclose(mirrored[:3, 11:19, 28:33], image[:, 11:19, 8:13].flip(-1), atol=0.01)
    assert mirrored[3, 15, 30] == 1
    assert mirrored[4, 15, 10] == mirrored[5, 15, 10] == 1
    assert torch.allclose(mirrored[:3, 15, 10], torch.tensor(0.25), atol=1e-3)
    assert hidden[3].max() == 0
    assert hidden[4, 15, 10] == 1


def test_views_know_what_is_behind_a_thing_and_what_it_has_left(regions: tuple[Region, Region]):
    grid = Grid(SIZE, (24, 16))
    positions = np.array([[10 + 15j, 30 + 15j, 40 + 5j]])
    ground, thing = Views(regions, grid).at(positions, 1, [Correction(), Correction()])
    assert thing.share.tolist() == [[0, 1, 0]]
    assert ground.share.tolist() == [[0, 0, 1]]
    assert thing.sources[0, 1] == 10 + 15j


def test_corrections_are_beside_the_regions(regions: tuple[Region, Region]):
    grid = Grid(SIZE, (24, 16))
    before = [np.copy(layer.opacity) for layer in regions]
    views, positions = Views(regions, grid), np.array([[30 + 15j]])
    shifted = Correction(SimilarityTransform(1, 2 + 0j))  # 2 px of the small grid are 4 of the picture
    _, thing = views.at(positions, 1, [Correction(), shifted])
    assert thing.sources[0, 0] == 6 + 15j
    assert views.at(positions, 1, [Correction(), Correction()])[1].sources[0, 0] == 10 + 15j
    for layer, opacity in zip(regions, before, strict=True):
        np.testing.assert_array_equal(layer.opacity, opacity)


def test_what_rests_leaves_nothing(regions: tuple[Region, Region]):
    _, moving = regions
    assert disoccluded([moving], SIZE)[:, 15, 10].all()
    assert not disoccluded([replace(moving, warp=None)], SIZE).any()


def test_the_motion_seen_in_a_clip_reaches_where_its_sources_come_from():
    grid = Grid((96, 64), (48, 32))
    warp = SeenWarp((SimilarityTransform(1, 0), SimilarityTransform(1.1, 3 - 2j)), grid)
    box = Box(30, 20, 50, 40)
    positions = Box(0, 0, 96, 64).positions()
    there = positions[box.holds(warp.sources(positions, 1))]
    assert warp.reach(box, 1).holds(there).all()
    assert Region(box, None, None, None, warp, None).reach(1) == warp.reach(box, 1)


def test_what_rests_in_the_foreground_is_ground_only_for_what_it_surrounds():
    """A cup that leaves the table is filled from the table; one that leaves the floor beside it is not."""
    mask = np.zeros(SIZE[::-1], np.float32)
    cup, table = mask.copy(), mask.copy()
    cup[10:14, 8:12], table[6:24, 4:20] = 1, 1
    away = SimilarityTransform(np.ones(FRAMES), np.arange(FRAMES) * 5)
    shown = np.ones(FRAMES, bool)
    still = region_of_mask(table, None, shown)
    on, beside = (region_of_mask(moved, SimilarityWarp(away), shown) for moved in (cup, np.roll(cup, 20, axis=1)))
    assert not foreground_mask([still, on], SIZE)[7, 5:19].any()
    assert foreground_mask([still, beside], SIZE)[7, 5:19].all()


def test_things_are_foreground_beside_what_moves_and_ground_where_they_surround_it():
    """The rest of a dog whose rump goes is neither; that of a jacket whose button goes is what was behind it."""
    mask, things = (np.zeros(SIZE[::-1], np.float32) for _ in range(2))
    mask[10:14, 8:12], things[8:16, 12:24], things[20:30, 30:40] = 1, 1, 1
    moving = region_of_mask(mask, similarity(mask), np.ones(FRAMES, bool))
    found = foreground_mask([moving], SIZE, things > 0)
    assert found[8:16, 14:24].all() and not found[20:30, 30:40].any()  # which does not touch it
    around = np.zeros_like(mask, bool)
    around[4:20, 2:20] = True
    assert not foreground_mask([moving], SIZE, around)[5, 3:19].any()
    assert not foreground_mask([], SIZE, things > 0).any()


def test_what_is_filled_knows_the_things_also_in_margins(image: torch.Tensor):
    mask = np.zeros(SIZE[::-1], np.float32)
    mask[10:14, 8:12] = 1
    moving = region_of_mask(mask, similarity(mask), np.ones(FRAMES, bool))
    ground, seen = mask < 0.5, []
    camera = SimilarityWarp(SimilarityTransform(np.ones(FRAMES), np.arange(FRAMES) * 3))
    background = replace(whole_picture(camera, SIZE, FRAMES), fill_from=ground)

    def fill(picture: np.ndarray, hole: np.ndarray, **given) -> np.ndarray:
        seen.append((hole.shape, given["things"]))
        return picture

    compose(background, cut((moving,), image), image, fill_with=fill)
    ((shape, things),) = seen
    assert things.shape == shape != ground.shape and things.sum() == mask.sum()
    compose(replace(background, fill_from=None), cut((moving,), image), image, fill_with=fill)
    assert seen[-1][1] is None


def test_a_thing_that_a_mask_holds_is_not_copied(image: torch.Tensor):
    """Two alike stand in a row: one moves away, and the other, which an anchor with a mask holds, is not copied."""
    masks = torch.zeros(2, *SIZE[::-1])
    masks[0, 10:20, 6:14] = masks[1, 10:20, 24:32] = 1
    picture = image.movedim(0, -1).clone()
    picture[10:20, 24:32] = picture[10:20, 6:14].clone()
    drags = parsed_tracks(
        {"points": [{"x": 10 / 48, "y": 15 / 32}, {"x": 10 / 48, "y": 28 / 32}]},
        {"kind": "anchor", "points": [{"x": 28 / 48, "y": 15 / 32}]},
        size=SIZE,
    )
    found = find_in_clip(picture[None], drags, ClipShape(*SIZE, 2), masks)
    assert foreground_mask(found.regions, SIZE)[10:20, 24:32].all()


def similarity(mask: np.ndarray) -> Warp:
    return SimilarityWarp(SimilarityTransform(np.exp(0.1j * np.arange(FRAMES)), np.arange(FRAMES) * (4 + 1j)))


def between_tracks(mask: np.ndarray) -> Warp:
    ways = np.array([[8 + 12j, 12 + 13j, 16 + 14j, 20 + 15j], [12 + 17j, 17 + 18j, 22 + 18j, 27 + 19j]])
    return InverseDistanceWarp(ways, 12.0)


def bend(mask: np.ndarray) -> Warp:
    ways = np.array([[7 + 11j] * 4, [12 + 18j, 14 + 18j, 16 + 17j, 18 + 16j]])
    pins = [replace(track, bend="on") for track in parsed_tracks(*PINS, size=SIZE).tracks]
    return bent_shape_of(pins, ways, mask).warp()


PINS = [{"points": [{"x": 0.1, "y": 0.3}]}, {"points": [{"x": 0.2, "y": 0.5}, {"x": 0.3, "y": 0.5}]}]
MOTIONS: dict[str, Callable[[np.ndarray], Warp]] = {
    "similarity": similarity,
    "inverse distance": between_tracks,
    "bend": bend,
    "resampled": lambda mask: ResampledWarp(similarity(mask), Fraction(1, 2)),
    "of anybody": lambda mask: Mirror(20),
}


@pytest.mark.parametrize("name", MOTIONS)
def test_every_motion_runs_through_every_renderer(name, image):
    """Carry's, a camera's at rest in a picture with depth, and Restore Detail's show the same; the page has a form."""
    mask = np.zeros(SIZE[::-1], np.float32)
    mask[10:20, 6:14] = 1
    region = region_of_mask(mask, MOTIONS[name](mask), np.ones(FRAMES, bool))
    flat = compose(whole_picture(None, SIZE, FRAMES), cut((region,), image), image)
    expected = render(flat, 3)
    assert expected.carried.max() > 0.9 and (expected.colors - image).abs().max() > 0.2

    scene = DepthScene(np.full(SIZE[::-1], 0.25, np.float32), intrinsics_from_angle(55, SIZE))
    relief = Relief(np.ones(flat.layers[0].region.opacity.shape, np.float32), 10 + 20j, None)
    layered = LayeredScene(flat, scene, scene, flat.layers, (relief,), np.zeros(0, complex))
    in_depth = render(layered.seen_by([own_camera(scene)] * FRAMES, range(FRAMES)), 3)
    inside = expected.carried == 1
    assert inside.any() and (in_depth.colors - expected.colors)[:, inside].abs().max() < 0.05

    views = Views(flat.regions, Grid(SIZE, SIZE))
    sure = full_agreement(SIZE)
    seen = [Seen(Correction(), view, sure) for view in views.at(views.grid.positions, 3, [Correction()] * 2)]
    painted, _ = Painter(flat, views).paint(torch.zeros_like(image), 3, seen, sure)
    assert (painted - expected.colors)[:, inside].abs().max() < 0.05

    told, arrays = parts_of(written(flat, [{"object": "a"}], np.arange(FRAMES)))
    assert told["layers"][0]["motion"]["kind"] in ("similarity", "inverse", "mesh") and arrays


def test_a_pan_has_a_margin_for_the_last_column_that_it_brings_in():
    background = whole_picture(
        SimilarityWarp(SimilarityTransform(np.ones(2, complex), np.array([0, -5 + 3j]))), SIZE, 2
    )
    plate = compose(background, (), torch.rand(3, *SIZE[::-1], generator=torch.Generator().manual_seed(0))).background
    assert plate.plate.shape[1:] == (SIZE[1] + 3, SIZE[0] + 5)


@dataclass(frozen=True)
class Near(Mirror):
    """The same in a picture with depth."""

    disparity: float = 0.0

    def nearness(self, time: int) -> float:
        return self.disparity


def test_in_depth_a_shadow_stays_behind_its_object_though_it_begins_nearer(regions, image):
    """A shadow falls on ground that is in front of the object's middle."""
    _, thing = regions
    of_each = [(SHADOW, 0.9), (OBJECT, 0.5), (OBJECT, 0.7)]
    layers = cut([replace(thing, role=role, warp=Near(20, disparity)) for role, disparity in of_each], image)
    order = [layer.region.warp.disparity for layer in _from_back(layers, 1, in_depth=True)]
    assert order == [0.9, 0.5, 0.7]
