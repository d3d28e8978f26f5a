"""The camera in depth inside ComfyUI's code: its embedding for Wan is that of ComfyUI's own node."""

from pathlib import Path

import folder_paths
import numpy as np
import pytest
import torch
from comfy_extras.nodes_camera_trajectory import CAMERA_DICT, WanCameraEmbedding
from PIL import Image

from dragnuwa.carry.composite import CarryInputs
from dragnuwa.carry.depth.camera import PinholeCamera
from dragnuwa.carry.depth.cameras.paths import CameraPath
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import DrawnDepth, unpacked
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.errors import InputError
from dragnuwa.common.images import to_floats
from dragnuwa.host.depth_camera import (
    DepthOptions,
    Seen,
    camera_embedding,
    depth_of,
    seen_by,
    shown_on_page,
    wan_camera,
)
from dragnuwa.trajectory import Trajectories
from tests.support.drawings import parsed_objects, rectangle_ring

SIZE, FRAMES = (256, 144), 9  # of the shape that ComfyUI's node takes for granted
NOTHING = Trajectories((), (128, 96))


@pytest.mark.parametrize("move", ["Static", "Zoom In", "Pan Right"])
def test_the_embedding_is_that_of_comfyui(move):
    expected = WanCameraEmbedding.execute(move, *SIZE, FRAMES, speed=1.0).args[0]
    way = np.array(CAMERA_DICT[move]["T"]) * CAMERA_DICT["base_T_norm"]
    inside = np.array([[0.5 * SIZE[0], 0, SIZE[0] / 2 - 0.5], [0, 0.5 * SIZE[1], SIZE[1] / 2 - 0.5], [0, 0, 1]])
    cameras = [PinholeCamera(np.eye(3), -way * time / FRAMES * 2, inside, SIZE) for time in range(FRAMES)]
    found = camera_embedding(cameras, unit=2.0)
    assert found.shape == expected.shape and (found - expected).abs().max() < 1e-5


def test_other_numbers_of_frames_are_refused():
    camera = PinholeCamera(np.eye(3), np.zeros(3), np.diag([100.0, 100, 1]), (64, 64))
    with pytest.raises(InputError, match="multiple of 4 frames plus 1, such as 81; found 8"):
        camera_embedding([camera] * 8, 1.0)
    assert "such as 81; found 8" in wan_camera([camera] * 8, 1.0).message  # of what is connected, and of nothing else
    assert torch.equal(wan_camera([camera] * 5, 1.0), camera_embedding([camera] * 5, 1.0))


def seen(picture: torch.Tensor, depth: DepthScene | DrawnDepth, drawn: Trajectories) -> Seen:
    inputs = CarryInputs(picture, drawn, ModelClip(128, 96, 3))
    return seen_by(inputs, CarrySettings(), depth, CameraPath(), CameraMoves(truck=0.1), DepthOptions(32.0))


def test_a_picture_and_its_depth_become_a_video_and_are_shown_on_the_page():
    picture = torch.rand(1, 96, 128, 3)
    depth = torch.linspace(0, 1, 128).expand(1, 96, 128)[..., None].repeat(1, 1, 1, 3)
    scene = depth_of(None, depth, NOTHING, "near", 10.0, 55.0)
    made = seen(picture, scene, NOTHING)
    video = made.parallax.video
    assert video.shape == (3, 96, 128, 3) and torch.equal(video[0], picture[0])
    assert len(made.cameras) == 3
    shown = shown_on_page(made)
    (file,) = shown["dragnuwa_depth"]
    kept = to_floats(np.array(Image.open(Path(folder_paths.get_temp_directory()) / file["filename"]).convert("RGB")))
    again = unpacked(kept, shown["dragnuwa_lens"])
    assert np.abs(again.disparity / again.disparity.max() - made.measured.disparity).max() < 1e-4
    assert np.allclose(again.intrinsics, made.measured.intrinsics)


def test_objects_by_hand_become_a_video_without_any_depth():
    outline = [rectangle_ring(0.3, 0.3, 0.6, 0.9)]
    drawn = parsed_objects({"outline": outline, "motion": {"keys": [{"t": 0}]}, "distance": 2}, size=(128, 96))
    scene = depth_of(None, None, drawn, "near", 10.0, 55.0)
    picture = torch.rand(1, 96, 128, 3)
    made = seen(picture, scene, drawn)
    assert made.focus == pytest.approx(2) and shown_on_page(made) == {}
    assert made.parallax.disoccluded[-1].max() == 1


def test_depth_of_another_shape_or_none_is_refused():
    with pytest.raises(InputError, match="There is no depth"):
        depth_of(None, None, NOTHING, "near", 10.0, 55.0)
    scene = depth_of({"depth": 1 + torch.rand(1, 64, 64)}, None, NOTHING, "near", 10.0, 55.0)
    with pytest.raises(InputError, match="found 64x64 for a picture of 128x96"):
        seen(torch.rand(1, 96, 128, 3), scene, NOTHING)
