"""What the tests of camera files share: a picture in depth, and how a file becomes cameras of it."""

import numpy as np

from dragnuwa.carry.depth.camera import PinholeCamera
from dragnuwa.carry.depth.cameras.paths import read_path
from dragnuwa.carry.depth.scene import DepthScene

DISTANCE = 4.0
SCENE = DepthScene(np.full((64, 96), 1 / DISTANCE, np.float32), np.array([[80.0, 0, 47.5], [0, 70, 31.5], [0, 0, 1]]))


def read(text: str, matrices: str = "w2c", frames: int = 3) -> list[PinholeCamera]:
    return read_path(text, SCENE, frames, matrices=matrices)


def rows(matrices: np.ndarray, count: int = 3) -> list:
    return [matrix[:count].tolist() for matrix in matrices]
