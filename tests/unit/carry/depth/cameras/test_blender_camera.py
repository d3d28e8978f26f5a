"""A camera that Blender moved: where Blender saw points is where the path that is read has them."""

import json
from pathlib import Path

import numpy as np

from dragnuwa.carry.depth.cameras.paths import read_poses

# Of bpy 4.5.15: a camera's matrices and angles, and the pixels of points by Blender's own world_to_camera_view.
SAMPLE = Path(__file__).parent / "blender_bpy.json"
WIDTH, HEIGHT = 640, 360
FROM_BLENDER = np.diag([1.0, -1, -1, 1])


def test_a_camera_of_blender_sees_what_blender_saw():
    value = json.loads(SAMPLE.read_text(encoding="utf-8"))
    seen = value.pop("seen")
    path = read_poses(json.dumps(value))
    first = np.array(value["frames"][0]["transform_matrix"])
    points = np.c_[seen["points"], np.ones(len(seen["points"]))] @ np.linalg.inv(first).T @ FROM_BLENDER
    for matrix, zoom, pixels in zip(path.matrices, path.zoom[:, 0], seen["pixels"], strict=True):
        x, y, z, _ = (points @ np.linalg.inv(matrix).T).T
        focal = path.lens.across * WIDTH * zoom
        found = np.stack([WIDTH / 2 + focal * x / z, HEIGHT / 2 + focal * y / z], -1)
        np.testing.assert_allclose(found, pixels, atol=2e-3)
