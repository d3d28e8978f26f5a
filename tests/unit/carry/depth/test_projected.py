"""Where the rays of a moved camera meet a layer with relief."""

import cv2
import numpy as np
import pytest

from dragnuwa.carry.depth.camera import disparity_at, intersect, intrinsics_from_angle, rays_at
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.projected import BAND, Projected, Relief
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.geometry.grids import Box
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.geometry.warps import SimilarityWarp

SIZE, SIGMA = (320, 240), 20.0
MOTIONS = {
    "at rest": None,
    "moved": SimilarityWarp(SimilarityTransform(np.array([1, 1.1 + 0.1j]), np.array([0, 12 - 5j]))),
}


def bumpy() -> np.ndarray:
    """A relief of a tenth of its disparity, blurred by `SIGMA`."""
    random = np.random.default_rng(5).normal(size=SIZE[::-1])
    smooth = cv2.GaussianBlur(random, (0, 0), SIGMA, borderType=cv2.BORDER_REPLICATE)
    return (0.5 * (1 + 0.1 * smooth / np.abs(smooth).max())).astype(np.float32)


@pytest.mark.parametrize("name", MOTIONS)
@pytest.mark.parametrize("smooth", [0.0, SIGMA])
def test_rays_meet_the_relief(name, smooth):
    """Whether it is searched for at every pixel, or at few, of what is smooth: the disparity is that of the place."""
    scene, box = DepthScene(bumpy(), intrinsics_from_angle(55, SIZE)), Box(0, 0, *SIZE)
    cameras = CameraMoves(truck=0.15, dolly=0.1, orbit=5).cameras(scene, 2)
    warp = Projected(MOTIONS[name], Relief(scene.disparity, 160 + 239j, None, smooth=smooth), box, cameras,
                     scene.intrinsics)  # fmt: skip
    positions = box.positions()
    assert len(positions) > 2 * BAND and warp._step(positions) == (4 if smooth else 1)
    sources, disparity = warp.seen(positions, 1)
    inside = box.holds(sources)
    assert inside.mean() > 0.6
    camera = cameras[1]
    rays, away = rays_at(camera, positions), camera.rotation.T @ camera.translation
    places, expected = intersect(disparity_at(scene.disparity, sources), rays, away, scene.intrinsics)
    again = places if MOTIONS[name] is None else MOTIONS[name].sources(places, 1)
    assert np.abs(again - sources)[inside].max() < 0.1
    np.testing.assert_allclose(disparity[inside], expected[inside], rtol=2e-3)
    flat = intersect(np.full(positions.shape, 0.5), rays, away, scene.intrinsics)[0]
    flat = flat if MOTIONS[name] is None else MOTIONS[name].sources(flat, 1)
    assert np.abs(flat - sources)[inside].max() > 1  # without the relief it would be somewhere else
