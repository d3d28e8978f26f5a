"""The camera of ComfyUI's 3D viewport as moves."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dragnuwa.carry.depth.cameras.paths import CameraPath
from dragnuwa.carry.depth.cameras.viewport import FIRST_DISTANCE, moves_to
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.common.errors import InputError

SCENE = DepthScene(np.full((64, 96), 0.25, np.float32), np.array([[80.0, 0, 47.5], [0, 80, 31.5], [0, 0, 1]]))
TARGET = np.array([1.0, 2, 3])


def viewport(away, roll: float = 0.0, zoom: float = 1.0) -> dict:
    """As three.js looks from `away` of the target; rolled anticlockwise, as its axes turn."""
    away = np.array(away, float)
    back = away / np.linalg.norm(away)
    right = np.cross([0, 1, 0], back) / np.linalg.norm(np.cross([0, 1, 0], back))
    level = Rotation.from_matrix(np.stack([right, np.cross(back, right), back], 1))
    quaternion = (level * Rotation.from_euler("z", roll, degrees=True)).as_quat().tolist()
    return {
        "position": dict(zip("xyz", (TARGET + away).tolist(), strict=True)),
        "target": dict(zip("xyz", TARGET.tolist(), strict=True)),
        "zoom": zoom, "cameraType": "perspective", "fov": 35, "quaternion": dict(zip("xyzw", quaternion, strict=True)),
    }  # fmt: skip


FIRST = FIRST_DISTANCE


@pytest.mark.parametrize(
    ("away", "moves"),
    [
        ((0, 0, FIRST), {}), ((FIRST, 0, FIRST), {"orbit": 45, "dolly": 1 - 2**0.5}),
        ((-FIRST / 2**0.5, 0, FIRST / 2**0.5), {"orbit": -45}), ((0, 0, FIRST / 4), {"dolly": 0.75}),
        ((10, 10, 10), {"orbit": 45, "rise": np.degrees(np.arcsin(3**-0.5))}),
    ],
)  # fmt: skip
def test_its_place_around_the_target_is_orbit_rise_and_dolly(away, moves):
    found, expected = moves_to(viewport(away), 1.0), CameraMoves(**moves)
    for name in ("orbit", "rise", "dolly", "roll", "zoom", "pan", "tilt", "truck", "pedestal"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-6), name


def test_the_scene_turns_as_the_viewports_does():
    """Points around the target are seen from the moved camera as three.js sees them."""
    camera = viewport((6, 4, 9), roll=20)
    last = CameraPath(viewport=camera).cameras(CameraMoves(), SCENE, 2)[-1]
    own = Rotation.from_quat([camera["quaternion"][key] for key in "xyzw"])
    unit = 4 / FIRST  # of the viewport in the scene
    points = np.random.default_rng(0).normal(size=(5, 3))  # from the target, Y up and Z to the front
    in_viewport = own.inv().apply(points - (6, 4, 9)) * (1, -1, -1)
    in_scene = (points * unit * (1, -1, -1) + (0, 0, 4)) @ last.rotation.T + last.translation
    assert in_scene / unit == pytest.approx(in_viewport, abs=1e-6)


def test_roll_and_zoom_are_the_cameras():
    found = moves_to(viewport((3, 2, 9), roll=-20, zoom=1.5), 1.0)
    assert found.roll == pytest.approx(20) and found.zoom == pytest.approx(0.5)
    without = viewport((3, 2, 9), roll=-20)
    del without["quaternion"], without["zoom"]
    found = moves_to(without, 1.0)
    assert found.roll == found.zoom == 0


def test_it_is_reached_in_the_time_of_the_moves_and_on_top_of_a_path():
    moves = CameraMoves(start=0.5, ease="linear", focus=(0.25, 0.5))
    camera = viewport((FIRST / 2, 0, FIRST * 3**0.5 / 2))
    found = CameraPath(viewport=camera).cameras(moves, SCENE, 5)
    expected = CameraMoves(orbit=30, start=0.5, ease="linear", focus=(0.25, 0.5)).cameras(SCENE, 5)
    for one, other in zip(found, expected, strict=True):
        assert one.rotation == pytest.approx(other.rotation)
        assert one.translation == pytest.approx(other.translation, abs=1e-9)
    assert (found[2].rotation == np.eye(3)).all()
    both = CameraPath("1: pan 10", viewport=camera).cameras(moves, SCENE, 5)[-1]
    assert both.rotation == pytest.approx(expected[-1].rotation @ CameraMoves(pan=10).moved(SCENE).rotation)


def test_the_scale_changes_its_distance():
    assert moves_to(viewport((0, 0, 4)), FIRST / 4).dolly == pytest.approx(0)
    last = CameraPath(viewport=viewport((0, 0, 4)), scale=FIRST / 8).cameras(CameraMoves(), SCENE, 2)[-1]
    assert last.translation == pytest.approx([0, 0, -2])


def changed(**fields) -> dict:
    return {**viewport((0, 0, 9)), **fields}


@pytest.mark.parametrize(
    ("camera", "message"),
    [
        ("front", "should have a position and a target"), ({}, "should have a position of finite numbers"),
        (changed(target=5), "should have a target"), (changed(position={"x": 1, "y": 2}), "should have a position"),
        (changed(position={"x": float("nan"), "y": 2, "z": 1}), "should have a position"),
        (changed(position=changed()["target"]), "should be away from its target"),
        (changed(quaternion={"x": 0, "y": 0, "z": 0, "w": 0}), "length 1"),
        (changed(quaternion={"x": 0, "y": 1, "z": 0, "w": 0}), "looks past it"),
        (changed(quaternion="x"), "quaternion"),
        (changed(zoom="x"), "zoom of finite numbers"), (changed(zoom=0), "zoom should be from"),
        (viewport((0, 0, -9)), "orbit should be from -89 to 89"), (viewport((0, 9, 1e-9)), "rise should be from"),
        (viewport((0, 0, 900)), "dolly should be from"), (viewport((0, 0, 0.1)), "dolly should be from"),
        (changed(zoom=10**400), "zoom of finite numbers"),
    ],
)  # fmt: skip
def test_a_camera_that_cannot_be_reached_is_refused(camera, message):
    with pytest.raises(InputError, match=message) as error:
        moves_to(camera, 1.0)
    assert str(error.value).endswith(".")
