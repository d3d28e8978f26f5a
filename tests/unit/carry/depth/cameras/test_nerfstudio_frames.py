"""The frames of transforms.json and their names, which Nerfstudio sorts by."""

import json

import numpy as np
import pytest

from dragnuwa.carry.depth.cameras.paths import read_poses, write_path
from dragnuwa.carry.depth.path import CameraMoves
from tests.support.camera_files import DISTANCE, SCENE


def test_pictures_of_nerfstudio_are_named_as_save_image_names_them_and_come_back_in_order():
    cameras = CameraMoves(truck=0.2, zoom=2.0).cameras(SCENE, 12)
    written = json.loads(write_path(cameras, "Blender", DISTANCE))
    names = [frame["file_path"] for frame in written["frames"]]
    assert names[0] == "images/frame_00001_.png" and names[-1] == "images/frame_00012_.png"
    assert sorted(names) == names  # nerfstudio-data sorts them as text
    read_again = read_poses(json.dumps({**written, "frames": written["frames"][::-1]}))
    in_order = read_poses(json.dumps(written))
    np.testing.assert_allclose(read_again.matrices, in_order.matrices)
    np.testing.assert_allclose(read_again.zoom, in_order.zoom)


def transforms(names: list) -> str:
    """Cameras that go along x, one for each name, in the order of the names."""
    frames = []
    for name in names:
        matrix = np.eye(4)
        matrix[0, 3] = int(name.rstrip(".png").split("_")[-1])
        frames.append({"file_path": name, "transform_matrix": matrix.tolist()})
    return json.dumps({"camera_angle_x": 0.7, "frames": frames})


@pytest.mark.parametrize("name", ["images/frame_{:05}.png", "./train/r_{}"])
def test_frames_of_nerfstudio_are_in_the_order_of_their_names(name):
    in_order = transforms([name.format(number) for number in range(1, 13)])
    mixed = transforms([name.format(number) for number in (10, 2, 1, 12, 3, 11, 4, 5, 9, 8, 7, 6)])
    np.testing.assert_allclose(read_poses(mixed).matrices, read_poses(in_order).matrices)
    assert "in the order of their names" in "".join(read_poses(mixed).left_out)
    assert read_poses(in_order).left_out == ()


def test_frames_without_names_of_their_own_stay_in_the_order_of_the_file():
    same = json.loads(transforms(["r_1", "r_3", "r_2"]))
    for frame in same["frames"]:
        frame["file_path"] = "picture"
    assert read_poses(json.dumps(same)).matrices[:, 0, 3].tolist() == [0, 2, 1]
