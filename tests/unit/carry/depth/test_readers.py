"""Depth as other nodes give it, of one scene."""

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import depth_from_geometry, depth_from_image, fitted
from dragnuwa.common.errors import InputError
from dragnuwa.research.scenes.traced import make_traced


@pytest.fixture(scope="module")
def truth():
    scene = make_traced(5)
    return scene, scene.seen(np.eye(3), np.zeros(3)).depth


def moge(scene, depth: np.ndarray) -> dict:
    """As ComfyUI's MoGe gives it: intrinsics in parts of the sides, from the picture's corner."""
    width, height = scene.size
    own = scene.intrinsics.copy()
    own[:2, 2] += 0.5
    own[0] /= width
    own[1] /= height
    return {"depth": torch.from_numpy(depth)[None].float(), "intrinsics": torch.from_numpy(own)[None].float()}


def depth_anything(scene, depth: np.ndarray) -> dict:
    """As of several views: intrinsics in pixels of the picture that its network saw; and a sky."""
    own = scene.intrinsics.copy()
    own[:2, 2] += 0.5
    own[:2] *= 504 / scene.size[0]
    sky = torch.zeros(1, *depth.shape)
    return {"depth": torch.from_numpy(depth)[None].float(), "intrinsics": torch.from_numpy(own)[None, None].float(),
            "sky": sky, "mode": "multiview"}  # fmt: skip


def grey(scene, depth: np.ndarray) -> torch.Tensor:
    part = (1 / depth - 1 / depth.max()) / (1 / depth.min() - 1 / depth.max())
    return torch.from_numpy(part).float()[None, ..., None].repeat(1, 1, 1, 3)


def test_one_camera_from_each_of_them_agrees(truth):
    scene, depth = truth
    angle = np.degrees(2 * np.arctan(scene.size[0] / 2 / scene.intrinsics[0, 0]))
    found = [
        depth_from_geometry(moge(scene, depth)), depth_from_geometry(depth_anything(scene, depth)),
        depth_from_image(grey(scene, depth), farthest=depth.max() / depth.min(), angle=angle),
    ]  # fmt: skip
    moves = CameraMoves(truck=0.1, pan=4, dolly=0.1)
    positions = [moves.cameras(each, 2)[-1].project(each)[..., :2] for each in found]
    for other in positions[1:]:
        assert np.abs(positions[0] - other).max() < 0.5


def test_what_is_white_may_be_far(truth):
    _, depth = truth
    part = (depth - depth.min()) / (depth.max() - depth.min())
    picture = torch.from_numpy(part).float()[..., None].repeat(1, 1, 3)
    found = depth_from_image(picture, white="far", farthest=depth.max() / depth.min())
    ratio = found.disparity * depth
    assert np.median(np.abs(ratio / np.median(ratio) - 1)) < 0.02


def test_sky_is_infinitely_far(truth):
    scene, depth = truth
    depth = depth.copy()
    depth[:20] = np.inf
    assert (depth_from_geometry(moge(scene, depth)).disparity[:15] == 0).all()
    by_probability = depth_anything(scene, np.where(np.isinf(depth), 5, depth))
    by_probability["sky"][:, :20] = 1
    assert (depth_from_geometry(by_probability).disparity[:15] == 0).all()


@pytest.mark.parametrize("mode", ["crop", "pad", "stretch"])
def test_it_is_fitted_as_the_picture_is(truth, mode):
    """What moves in the fitted scene is where the picture shows it."""
    scene, depth = truth
    own = depth_from_geometry(moge(scene, depth))
    there = fitted(own, (512, 256), mode)
    assert there.size == (512, 256)
    moves = CameraMoves(pan=4)
    before = moves.cameras(own, 2)[-1].project(own)[96, 128, :2] - (128, 96)
    scale = {"crop": (2, 2), "pad": (256 / 192, 256 / 192), "stretch": (2, 256 / 192)}[mode]
    x, y = round(255.5 + 0.5 * scale[0]), round(127.5 + 0.5 * scale[1])
    after = moves.cameras(there, 2)[-1].project(there)[y, x, :2] - (x, y)
    assert after == pytest.approx(before * scale, abs=0.05)


def test_blurred_edges_are_sharp_again():
    disparity = np.full((64, 96), 0.2)
    disparity[20:44, 30:60] = 1
    blurred = cv2.blur(disparity, (5, 5))
    geometry = {"depth": torch.from_numpy(1 / blurred)[None].float()}
    found = depth_from_geometry(geometry).disparity
    between = (found > 0.25) & (found < 0.9)
    assert between.mean() < 0.02 and ((blurred > 0.25) & (blurred < 0.9)).mean() > 0.05


@pytest.mark.parametrize(
    "geometry",
    [
        None, {}, {"depth": 5}, {"depth": torch.zeros(3)}, {"depth": torch.full((1, 8, 8), torch.inf)},
        {"depth": -torch.ones(1, 8, 8)}, {"depth": torch.full((1, 8, 8), torch.nan)},
        {"depth": torch.ones(1, 8, 8), "intrinsics": torch.full((1, 3, 3), torch.nan)},
        {"depth": torch.ones(1, 8, 8), "intrinsics": torch.zeros(1, 3, 3)}, {"depth": torch.ones(1, 1, 1)},
        *({"depth": torch.ones(1, 8, 8), name: torch.ones(shape)} for name in ("sky", "mask") for shape in (
            (1, 6, 8), (8, 8), (0, 8, 8), (1, 1, 8, 8),
        )),
    ],
)  # fmt: skip
def test_a_geometry_that_is_none_is_refused(geometry):
    with pytest.raises(InputError, match=r"\.$"):
        depth_from_geometry(geometry)


@pytest.mark.parametrize(
    "options",
    [{"white": "grey"}, {"farthest": 1}, {"farthest": float("nan")}, {"angle": 0}, {"angle": 180}, {}],
)  # fmt: skip
def test_a_picture_of_the_depth_that_is_none_is_refused(options):
    picture = torch.rand(1, 8, 8, 1).expand(-1, -1, -1, 3) if options else torch.ones(1, 8, 8, 3)
    with pytest.raises(InputError, match=r"\.$"):
        depth_from_image(picture, **options)


def test_one_plane_is_a_scene():
    found = depth_from_geometry({"depth": torch.full((1, 16, 24), 3.0)})
    assert found.size == (24, 16) and found.distance(0.5, 0.5) == pytest.approx(3)


def test_a_coloured_picture_is_no_depth(truth):
    scene, depth = truth
    shown = grey(scene, depth)
    assert depth_from_image(shown + 0.02 * torch.rand(shown.shape)).size == scene.size  # as a stored picture may be
    with pytest.raises(InputError, match="should be grey, but it has colours"):
        depth_from_image(torch.rand(shown.shape))
