"""Camera paths in the nodes, inside ComfyUI's code."""

import json

import folder_paths
import numpy as np
import pytest
import torch
from comfy_extras.nodes_camera_trajectory import process_pose_params

from tests.fuzzing.nodes import nodes

pytestmark = pytest.mark.usefixtures("known_pictures_of_the_nodes")
SIZE, FRAMES = (128, 96), 5
LINES = "0.5: truck 0.1\n1: orbit 10, zoom 0.2"


@pytest.fixture
def output(tmp_path):
    before = folder_paths.get_output_directory()
    folder_paths.set_output_directory(str(tmp_path))
    yield tmp_path
    folder_paths.set_output_directory(before)


def run(name: str, **inputs) -> tuple:
    node = nodes()[f"DragNUWA{name}"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
    return node.EXECUTE_NORMALIZED(**inputs).result


def camera_in_depth(**inputs) -> tuple:
    """With everything else as it is by default, and no dolly."""
    schema = nodes()["DragNUWACameraInDepth"].define_schema()
    defaults = {one.id: one.default for one in schema.inputs if not one.optional and hasattr(one, "default")}
    depth = torch.linspace(0, 1, SIZE[0]).expand(1, SIZE[1], SIZE[0])[..., None].repeat(1, 1, 1, 3)
    picture = torch.rand(1, SIZE[1], SIZE[0], 3, generator=torch.Generator().manual_seed(0))
    given = {"image": picture, "depth": depth, "width": SIZE[0], "height": SIZE[1], "frames": FRAMES, "dolly": 0.0}
    return run("CameraInDepth", **{**defaults, **given, **inputs})


def test_old_workflows_keep_their_inputs_and_outputs():
    schema = nodes()["DragNUWACameraInDepth"].define_schema()
    widgets = [one.id for one in schema.inputs if getattr(one, "default", None) is not None]
    assert widgets.index("spacing") < min(map(widgets.index, ("path", "matrices", "path_scale")))
    assert [one.id for one in schema.outputs[:5]] == ["images", "mask", "trajectories", "camera_embedding", "camera"]
    images, *_ = camera_in_depth(truck=0.1)
    assert images.shape == (FRAMES, SIZE[1], SIZE[0], 3)


def test_the_camera_that_comes_out_goes_in_again():
    first = camera_in_depth(path=LINES, fit="crop", focus_x=0.2)
    again = camera_in_depth(path=first[4], fit="crop", focus_x=0.2)
    assert (first[0] - again[0]).abs().max() < 1e-3 and (first[0][0] - first[0][-1]).abs().max() > 0.1
    numbers = [[float(cell) for cell in text.split("\n")[-2].split()] for text in (first[4], again[4])]
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-6)


def test_the_text_is_the_camera_of_the_embedding():
    """As ComfyUI makes it of camera to world matrices."""
    found = camera_in_depth(path=LINES)
    assert found[3].ndim > 1
    rows = []
    for line in found[4].strip().split("\n")[1:]:
        cells = [float(cell) for cell in line.split()]
        w2c = np.eye(4)
        w2c[:3] = np.reshape(cells[7:], (3, 4))
        rows.append([*cells[:7], *np.linalg.inv(w2c).ravel()])
    rays = process_pose_params(
        np.array(rows), width=SIZE[0], height=SIZE[1], original_pose_width=SIZE[0], original_pose_height=SIZE[1]
    )  # [T, H, W, 6]
    last = found[3][0, 3::4, -1]  # [6, H, W], the last of four frames
    assert (last - rays[-1].permute(2, 0, 1)).abs().max() < 1e-5 and last[:3].abs().max() > 0.1


def test_a_camera_of_comfyui_is_where_the_camera_goes():
    """As its Create Camera Info makes one that orbits, which older versions lack."""
    yaw, pitch, distance = np.radians(20), np.radians(10), 10 * 3**0.5
    way = (np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw))
    position = {axis: float(distance * part) for axis, part in zip("xyz", way, strict=True)}
    camera = {"position": position, "target": dict.fromkeys("xyz", 0.0), "zoom": 1.0, "cameraType": "perspective"}
    found = camera_in_depth(load3d_camera=camera)
    expected = camera_in_depth(orbit=20, rise=10)
    last = [[float(cell) for cell in one[4].split("\n")[-2].split()] for one in (found, expected)]
    assert last[0] == pytest.approx(last[1], abs=1e-5)
    assert (found[0] - expected[0]).abs().mean() < 1e-3


@pytest.mark.parametrize(
    ("form", "suffix"),
    [("RealEstate10K", "txt"), ("JSON w2c", "json"), ("JSON c2w", "json"), ("MotionCtrl", "json"), ("Blender", "json"),
     ("KITTI", "txt"), ("TUM", "txt"), ("COLMAP", "txt"), ("ReCamMaster", "json")],
)  # fmt: skip
def test_a_camera_is_written_for_other_tools(output, form, suffix):
    camera = camera_in_depth(path=LINES)[4]
    inputs = {"camera": camera, "width": SIZE[0], "height": SIZE[1], "format": form}
    text, report = run("ExportCamera", **inputs, filename_prefix="cameras/way")
    assert (output / f"cameras/way_00001_.{suffix}").read_text("utf-8") == text
    first, *notes = report.split("\n")
    assert first == f"Wrote {FRAMES} frames as {form} to cameras/way_00001_.{suffix}."
    without_lens = form in ("MotionCtrl", "KITTI", "TUM", "ReCamMaster")
    assert notes == [f"{form} has no focal lengths: the zoom of the path is left out."] * without_lens
    back, _ = run("ExportCamera", camera=text, width=SIZE[0], height=SIZE[1], format="RealEstate10K")
    rows = [[float(cell) for cell in one.split("\n")[-2].split()[7:]] for one in (camera, back)]
    assert rows[0] == pytest.approx(rows[1], abs=1e-6)
    assert len(list(output.rglob("*.*"))) == 1


def test_one_of_several_cameras_is_chosen_by_its_number():
    def matrix(way: int) -> str:
        return f"[1 0 0 0] [0 1 0 0] [0 0 1 0] [{way} 0 0 1] "

    names = [f"cam{number:02}" for number in range(1, 11)]
    text = json.dumps({f"frame{k}": {name: matrix(k * int(name[3:])) for name in names} for k in (0, 1)})
    inputs = {"camera": text, "width": 90, "height": 60, "format": "KITTI"}
    for number in (1, 7):
        written, report = run("ExportCamera", **inputs, camera_number=number)
        assert written.split()[12:] == f"1 0 0 0 0 1 0 0 0 0 1 {number / 100:g}".split()
        assert 'It has 10 cameras, "cam01", "cam02"' in report and f'"cam{number:02}" is read' in report
    followed = camera_in_depth(path=text, camera_number=7)[4].split("\n")[-2].split()
    assert float(followed[-1]) == pytest.approx(-0.07)


def test_what_a_path_lacks_is_reported():
    matrices = json.dumps([np.eye(4)[:3].ravel().tolist()] * 3)
    inputs = {"camera": matrices, "width": 90, "height": 60, "format": "JSON c2w"}
    text, report = run("ExportCamera", **inputs, view_angle=90.0)
    assert json.loads(text)["frames"][0]["fx"] == pytest.approx(45)
    assert report.endswith("The path says no focal length: an angle of view of 90 degrees is taken.")


def test_what_is_left_out_of_a_path_is_reported():
    rows = [f"{9 * k * k} 0.5 0.9 {0.5 + 0.1 * k} 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1 {k}" for k in range(3)]
    inputs = {"width": 90, "height": 60, "format": "RealEstate10K"}
    _, report = run("ExportCamera", camera="\n".join(rows), **inputs)
    assert report.split("\n")[1:] == [
        "Its principal point moves, by up to 20 % of a side, which is left out.",
        "Its times are uneven, which is left out: its poses are spread evenly.",
    ]


def test_what_cannot_be_exported_is_refused():
    inputs = {"width": 90, "height": 60, "format": "Blender"}
    with pytest.raises(ValueError, match="has times and moves"):
        run("ExportCamera", camera=LINES, **inputs)
    with pytest.raises(ValueError, match="from 1 to 170 degrees"):
        run("ExportCamera", camera="[]", **inputs, view_angle=0.0)
    with pytest.raises(ValueError, match="format should be one of"):
        run("ExportCamera", camera=json.dumps([np.eye(4).tolist()] * 2), **{**inputs, "format": "USD"})
