"""What each mode of ComfyUI's Depth Anything 3 says of the lens, by its own network and functions, and what is read."""

import comfy.sd
import numpy as np
import pytest
import torch
from comfy.ldm.depth_anything_3.model import DepthAnything3Net
from comfy.ldm.depth_anything_3.preprocess import compute_target_size
from comfy.ldm.depth_anything_3.ray_pose import get_extrinsic_from_camray
from comfy_extras.nodes_depth_anything_3 import DA3Inference

from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.readers import depth_from_geometry
from dragnuwa.common.errors import InputError

WIDTH, HEIGHT = 640, 358
ACROSS, DOWN = 55.0, 33.0  # degrees that the network's camera says


@pytest.fixture(scope="module")
def network():
    """ComfyUI's Small variant with random weights, whose camera always says the same angles of view."""
    torch.manual_seed(0)
    built = DepthAnything3Net(
        "vits", out_layers=[5, 7, 9, 11], alt_start=4, qknorm_start=4, rope_start=4, cat_token=True,
        head_type="dualdpt", head_dim_in=768, head_output_dim=2, head_features=64,
        head_out_channels=(48, 96, 192, 384), has_cam_dec=True, cam_dec_dim_in=768, operations=torch.nn,
    )  # fmt: skip
    weights = {key: torch.randn_like(value) * 0.02 for key, value in built.state_dict().items()}
    weights["cam_dec.fc_fov.0.weight"].zero_()
    weights["cam_dec.fc_fov.0.bias"] = torch.deg2rad(torch.tensor([DOWN, ACROSS]))
    return comfy.sd.load_diffusion_model_state_dict(weights)


def geometry(network, pictures: int, mode: str, resolution: int = 140, **options) -> dict:
    images = torch.rand(pictures, HEIGHT, WIDTH, 3)
    found = DA3Inference.execute(network, images, resolution, "upper_bound_resize", {"mode": mode, **options}).args[0]
    return found | {"depth": torch.linspace(1, 2, WIDTH).expand(pictures, HEIGHT, WIDTH)}  # noise is no depth


def angles(intrinsics: np.ndarray) -> tuple[float, float]:
    return tuple(np.degrees(2 * np.arctan(side / 2 / intrinsics[k, k])) for k, side in enumerate((WIDTH, HEIGHT)))


@pytest.mark.parametrize("resolution", [140, 252])
def test_the_lens_of_several_pictures_is_of_the_networks_picture(network, resolution):
    found = geometry(
        network, 2, "multiview", resolution, ref_view_strategy="saddle_balanced", pose_method="cam_dec"
    )  # fmt: skip
    height, width = compute_target_size(HEIGHT, WIDTH, resolution)
    assert found["intrinsics"][0, 0, :2, 2].tolist() == [width / 2, height / 2] != [WIDTH / 2, HEIGHT / 2]
    lens = depth_from_geometry(found, 90.0).intrinsics
    assert angles(lens) == pytest.approx((ACROSS, DOWN), abs=0.01)
    assert lens[:2, 2].tolist() == [(WIDTH - 1) / 2, (HEIGHT - 1) / 2]


@pytest.mark.parametrize("mode", ["mono", "multiview"])
def test_one_picture_has_no_lens_and_takes_the_angle_that_is_set(network, mode):
    options = {"ref_view_strategy": "first", "pose_method": "cam_dec"} if mode == "multiview" else {}
    found = geometry(network, 1, mode, **options)
    assert mode == "mono" or torch.equal(found["intrinsics"][0, 0], torch.eye(3))
    for angle in (40.0, 90.0):
        assert np.array_equal(
            depth_from_geometry(found, angle).intrinsics, intrinsics_from_angle(angle, (WIDTH, HEIGHT))
        )


def test_the_lens_of_rays_is_of_the_networks_picture_too():
    """As `DepthAnything3Net` makes intrinsics of the rays of a camera, which are those of a known lens here."""
    torch.manual_seed(0)
    height, width = compute_target_size(HEIGHT, WIDTH, 504)
    rows, columns = height // 14, width // 14
    x = ((torch.arange(columns) + 0.5) / columns * 2 - 1) * np.tan(np.radians(ACROSS) / 2)
    y = ((torch.arange(rows) + 0.5) / rows * 2 - 1) * np.tan(np.radians(DOWN) / 2)
    rays = torch.stack([*torch.meshgrid(x, y, indexing="xy"), torch.ones(rows, columns)], -1)
    rays = torch.cat([rays, torch.zeros_like(rays)], -1)[None, None].float()
    _, focal, middle = get_extrinsic_from_camray(rays, torch.ones(1, 1, rows, columns), rows, columns)
    inside = torch.eye(3)[None, None]
    inside[..., 0, 0], inside[..., 1, 1] = focal[..., 0] / 2 * width, focal[..., 1] / 2 * height
    inside[..., 0, 2], inside[..., 1, 2] = middle[..., 0] * width / 2, middle[..., 1] * height / 2
    depth = torch.linspace(1, 2, WIDTH).expand(1, HEIGHT, WIDTH)
    lens = depth_from_geometry({"depth": depth, "intrinsics": inside, "mode": "multiview"}).intrinsics
    assert angles(lens) == pytest.approx((ACROSS, DOWN), abs=0.1)


def test_what_is_no_lens_is_refused():
    depth = torch.linspace(1, 2, WIDTH).expand(1, HEIGHT, WIDTH)
    for matrix, said in (
        ([[1e8, 0, 252], [0, 1e8, 140], [0, 0, 1]], "they show 0.000289 by"),  # an angle of 0, as ComfyUI writes it
        ([[500, 0, 252], [0, 500, 252], [0, 0, 1]], "centre is not that of the picture"),
        ([[500, 0, -1], [0, 500, 140], [0, 0, 1]], "centre is not that of the picture"),
        ([[500, 0, float("nan")], [0, 500, 140], [0, 0, 1]], "not finite"),
        ([[-500, 0, 252], [0, 500, 140], [0, 0, 1]], "not above 0"),
    ):
        given = {"depth": depth, "mode": "multiview", "intrinsics": torch.tensor(matrix)[None, None].float()}
        with pytest.raises(InputError, match=said):
            depth_from_geometry(given)
    panorama = {"depth": depth, "points": torch.rand(1, HEIGHT, WIDTH, 3), "mask": torch.ones(1, HEIGHT, WIDTH) > 0}
    with pytest.raises(InputError, match="a panorama's"):
        depth_from_geometry(panorama)
