"""Camera paths as files of other tools: what is read is where the camera was, and what is written is read again."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dragnuwa.carry.depth.camera import PinholeCamera
from dragnuwa.carry.depth.cameras.paths import FORMATS, WRITERS, CameraPath, read_path, read_poses, write_path
from dragnuwa.carry.depth.cameras.text import BY_NAMES
from dragnuwa.carry.depth.path import CameraMoves, own_camera
from dragnuwa.common.errors import InputError
from tests.support.camera_files import DISTANCE, SCENE, read, rows

FOLDER = Path(__file__).parent / "samples"
FRAMES, SIZE = 7, (96, 64)
MOVES = CameraMoves(orbit=20, rise=10, roll=30, dolly=0.3, truck=0.2, pedestal=-0.1, pan=5, tilt=2)
ZOOMED = CameraMoves(orbit=20, rise=10, roll=30, dolly=0.3, zoom=0.5)


def difference(some: list[PinholeCamera], others: list[PinholeCamera]) -> float:
    assert len(some) == len(others)
    return max(
        np.abs(getattr(one, part) - getattr(other, part)).max()
        for one, other in zip(some, others, strict=True)
        for part in ("rotation", "translation", "intrinsics")
    )


def poses() -> np.ndarray:
    """`[N, 4, 4]` from camera to world, with the first one anywhere; x to the right, y down, z forward."""
    turns = Rotation.from_rotvec([[0.3, 0.2, 0.1], [0.35, 0.4, 0.1], [0.4, 0.7, 0.2]]).as_matrix()
    found = np.tile(np.eye(4), (3, 1, 1))
    found[:, :3, :3], found[:, :3, 3] = turns, [[5, 6, 7], [5.2, 6, 7.5], [5.5, 5.8, 8]]
    return found


def expected(c2w: np.ndarray, zoom=(1.0, 1.0, 1.0)) -> list[PinholeCamera]:
    """The cameras in units of the distance to the focus, in the other notation: points of the first to each camera."""
    found = []
    for matrix, larger in zip(c2w, zoom, strict=True):
        to_camera = np.linalg.inv(matrix) @ c2w[0]
        intrinsics = SCENE.intrinsics.copy()
        intrinsics[[0, 1], [0, 1]] *= larger
        found.append(PinholeCamera(to_camera[:3, :3], to_camera[:3, 3] * DISTANCE, intrinsics, SIZE))
    return found


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("unit", [DISTANCE, 0.5])
def test_what_is_written_is_read_again(form, unit):
    cameras = (ZOOMED if WRITERS[form].lens else MOVES).cameras(SCENE, FRAMES)
    text = write_path(cameras, form, unit)
    again = read_path(text, SCENE, FRAMES, scale=unit / DISTANCE)
    assert difference(cameras, again) < 1e-6
    assert (again[0].rotation == np.eye(3)).all() and (again[0].translation == 0).all()
    assert (again[0].intrinsics == SCENE.intrinsics).all()


@pytest.mark.parametrize("form", [form for form in FORMATS if WRITERS[form].lens])
def test_the_lens_is_written_too(form):
    text = write_path(ZOOMED.cameras(SCENE, FRAMES), form, DISTANCE)
    again = read_poses(text).on_pictures(SIZE, angle=20)
    assert difference(again, read_path(write_path(again, form, 1.0), SCENE, FRAMES, scale=1 / DISTANCE)) < 1e-6
    assert again[0].intrinsics == pytest.approx(SCENE.intrinsics, abs=1e-6)


C2W = poses()
W2C = np.linalg.inv(C2W)
BLENDER = C2W @ np.diag([1.0, -1, -1, 1])
FOCAL = (1.0, 1.5, 2.0)


def realestate(matrices: np.ndarray, address: str, count: int = 3) -> str:
    lines = (
        f"{1000 * index} {0.5 * zoom} {0.9 * zoom} 0.5 0.5 0 0 {' '.join(map(str, matrix[:count].ravel()))}"
        for index, (matrix, zoom) in enumerate(zip(matrices, FOCAL, strict=True))
    )
    return address + "\n".join(lines)


ZOOMING = {
    "RealEstate10K": realestate(W2C, "https://www.youtube.com/watch?v=QShWPZxTDoE\n"),
    "RealEstate10K with a name": realestate(W2C, "my path\n") + "\n\n",
    "RealEstate10K without an address": "\ufeff" + realestate(W2C, "").replace("\n", "\r\n"),
    "LVSM": json.dumps({"scene_name": "x", "frames": [
        {"file_path": "0.jpg", "w2c": row, "fx": 500 * zoom, "fy": 500 * zoom, "cx": 288, "cy": 160}
        for row, zoom in zip(rows(W2C, 4), FOCAL, strict=True)
    ]}),
    "objects": json.dumps([
        {"c2w": row, "intrinsics": [[0.5 * zoom, 0, 0.5], [0, 0.9 * zoom, 0.5], [0, 0, 1]]}
        for row, zoom in zip(rows(C2W), FOCAL, strict=True)
    ]),
    "lists": json.dumps({
        "caption": "a room", "intrinsics": [[0.5 * zoom, 0.9 * zoom, 0.5, 0.5] for zoom in FOCAL],
        "w2c": [matrix[:3].ravel().tolist() for matrix in W2C],
    }),
    "by frame": json.dumps({
        str(index): {"w2c": row, "intrinsic": [[500 * zoom, 0, 288], [0, 500 * zoom, 160], [0, 0, 1]]}
        for index, row, zoom in reversed(list(zip(range(9, 12), rows(W2C, 4), FOCAL, strict=True)))
    }),
    "Gaussian Splatting": json.dumps([
        {"id": 0, "img_name": "a", "width": 576, "height": 320, "position": matrix[:3, 3].tolist(),
         "rotation": matrix[:3, :3].tolist(), "fx": 500 * zoom, "fy": 500 * zoom}
        for matrix, zoom in zip(C2W, FOCAL, strict=True)
    ]),
    "NeRF": json.dumps({"frames": [
        {"file_path": "./r_0", "transform_matrix": row, "camera_angle_x": 2 * np.arctan(0.5 / zoom)}
        for row, zoom in zip(rows(BLENDER, 4), FOCAL, strict=True)
    ]}),
    "instant-ngp": json.dumps({"w": 576, "h": 320, "frames": [
        {"transform_matrix": row, "fl_x": 500 * zoom, "fl_y": 480 * zoom}
        for row, zoom in zip(rows(BLENDER, 4), FOCAL, strict=True)
    ]}),
    "Nerfstudio": json.dumps({"camera_type": "perspective", "camera_path": [
        {"camera_to_world": matrix.ravel().tolist(), "fov": 2 * np.degrees(np.arctan(0.5 / zoom)), "aspect": 1}
        for matrix, zoom in zip(BLENDER, FOCAL, strict=True)
    ]}),
}  # fmt: skip


@pytest.mark.parametrize("name", ZOOMING)
def test_files_of_other_tools_with_focal_lengths(name):
    assert difference(read(ZOOMING[name]), expected(C2W, FOCAL)) < 1e-6


SILENT = {
    "MotionCtrl": [matrix[:3].ravel().tolist() for matrix in W2C], "matrices": rows(W2C, 4),
    "HunyuanWorld-Play": {str(index): {"extrinsic": row} for index, row in enumerate(rows(W2C, 4))},
    "poses": {"poses": rows(W2C)}, "extrinsics": {"extrinsics": rows(W2C)},
    "pose": [{"pose": row} for row in rows(W2C)],
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_what_a_matrix_is_can_be_said_where_the_file_does_not(name):
    text = json.dumps(SILENT[name])
    assert difference(read(text), expected(C2W)) < 1e-6
    assert difference(read(text, "c2w"), expected(W2C)) < 1e-6


def test_lines_of_a_path_may_be_camera_to_world_too():
    assert difference(read(realestate(C2W, ""), "c2w"), expected(C2W, FOCAL)) < 1e-6


@pytest.mark.parametrize("matrices", ["w2c", "c2w"])
def test_lines_of_23_numbers_are_camera_to_world_as_comfyuis_own_nodes_keep_them(matrices):
    assert difference(read(realestate(C2W, "", 4), matrices), expected(C2W, FOCAL)) < 1e-6


def test_text_that_other_programs_changed_is_read():
    text = json.dumps(ZOOMING["LVSM"]) if not isinstance(ZOOMING["LVSM"], str) else ZOOMING["LVSM"]
    quoted = text.replace('"', "\u201c").replace(" ", "\u00a0")
    for changed in (quoted, f"```json\n{text}\n```", "\u200b" + text, "\ufeff" + text):
        assert difference(read(changed), read(text)) == 0
    keys = "0: pan 0\n0.5: truck \u22120.2, orbit 15"
    changed = keys.replace(" ", "\u00a0").replace("\n", "\u2028").replace(":", "\uff1a")
    assert difference(read(changed), read(keys.replace("\u2212", "-"))) == 0


def test_lines_of_two_kinds_are_no_path():
    lines = realestate(C2W, "", 4).split("\n")[:1] + realestate(W2C, "").split("\n")[1:]
    with pytest.raises(InputError, match="line 2: there should be 23 numbers, as in the first line, but there are 19"):
        read("\n".join(lines))


MIDDLE = [{"fx": 500, "fy": 500, "cx": 288, "cy": 160, "w": 576, "h": 320}] * 3
MOVES_LINE = "Its principal point moves, by up to 25 % of a side, which is left out."
OFF_LINE = "Its principal point is not in the middle of the picture, which is left out."
TIMES_LINE = "Its times are uneven, which is left out: its poses are spread evenly."
DISTORTED_LINE = "The distortion of its lens is left out."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (realestate(W2C, ""), ()),
        (realestate(W2C, "").replace(" 0.5 0.5 0 0 ", " 0.6 0.5 0 0 "), (OFF_LINE,)),
        (realestate(W2C, "").replace(" 0.5 0.5 0 0 ", " 0.75 0.5 0 0 ", 1), (MOVES_LINE,)),
        (realestate(W2C, "").replace("2000 ", "9000 ", 1), (TIMES_LINE,)),
        (realestate(W2C, "").replace("1000 ", "0 ", 1), (TIMES_LINE,)),
        (json.dumps([{"w2c": row, **own} for row, own in zip(rows(W2C), MIDDLE, strict=True)]), ()),
        (json.dumps([{"w2c": row, **MIDDLE[0], "cx": 288 + 72 * k} for k, row in enumerate(rows(W2C))]),
         (MOVES_LINE,)),
        (json.dumps([{"w2c": row, "K": [500, 500, 288, 160 + 40 * k]} for k, row in enumerate(rows(W2C))]),
         (MOVES_LINE,)),
        (json.dumps({"k1": 0.1, "fl_x": 500, "cx": 300, "cy": 160, "w": 576, "h": 320,
                     "frames": [{"transform_matrix": row} for row in rows(BLENDER, 4)]}), (OFF_LINE, DISTORTED_LINE)),
        ("0 0 0 0 0 0 0 1\n1 0 0 1 0 0 0 1\n5 0 0 2 0 0 0 1\n", (TIMES_LINE,)),
        (json.dumps(SILENT["MotionCtrl"]), ()), ("0: pan 0\n1: pan 3", ()), ("", ()),
    ],
)  # fmt: skip
def test_what_is_left_out_is_said(text, said):
    assert CameraPath(text).left_out() == said


@pytest.mark.parametrize("name", ["LVSM", "objects", "lists", "Gaussian Splatting", "NeRF"])
def test_what_a_file_says_holds(name):
    assert difference(read(ZOOMING[name], "c2w"), read(ZOOMING[name], "w2c")) == 0


@pytest.mark.parametrize("name", ZOOMING)
def test_the_first_pose_is_the_pictures_own_camera_bit_for_bit(name):
    for frames in (2, 3, 8):
        first = read(ZOOMING[name], frames=frames)[0]
        assert (first.rotation == np.eye(3)).all() and (first.translation == 0).all()
        assert (first.intrinsics == SCENE.intrinsics).all()


@pytest.mark.parametrize(
    ("fields", "focal"),
    [
        ({"fx": 500, "fy": 400, "cx": 250, "cy": 100}, (96, 128)),
        ({"fx": 500, "fy": 400, "w": 500, "h": 200}, (96, 128)),
        ({"K": [500, 400, 250, 100]}, (96, 128)), ({"intrinsics": [0.5, 0.7, 0.5, 0.5]}, (48, 44.8)),
        ({"fl_x": 500, "width": 250, "height": 500}, (192, 64)), ({"camera_angle_x": np.pi / 2}, (48, 48)),
        ({"fov": 90}, (32, 32)), ({"fx": 500, "fy": 400}, (48, 48)), ({}, (48, 48)),
    ],
)  # fmt: skip
def test_what_a_file_says_of_its_lens(fields, focal):
    """Where it says nothing of the picture's size, the angle that is given counts: 90 degrees."""
    poses = read_poses(json.dumps([{"c2w": row, **fields} for row in rows(C2W)]))
    found = poses.on_pictures(SIZE, angle=90)[0].intrinsics
    assert (found[0, 0], found[1, 1]) == pytest.approx(focal)


def recammaster(*, forwards: float = 0.0, up: float = 0.0, yaw: float = 0.0) -> list[PinholeCamera]:
    """Unreal Engine's: X forwards, Y to the right and Z up, in centimetres; `yaw` turns to the right."""
    c, s = np.cos(yaw), np.sin(yaw)
    first = "[1 0 0 0] [0 1 0 0] [0 0 1 0] [3390 1380 240 1] "
    second = f"[{c} {s} 0 0] [{-s} {c} 0 0] [0 0 1 0] [{3390 + forwards} 1380 {240 + up} 1] "
    return read(json.dumps({"frame1": {"cam01": second}, "frame0": {"cam01": first}}), frames=2)


def several(*names: str) -> str:
    """A camera that goes forwards by as many decimetres as the number in its name says."""

    def matrix(way: float) -> str:
        return f"[1 0 0 0] [0 1 0 0] [0 0 1 0] [{way} 0 0 1] "

    ways = {name: 10 * int("".join(filter(str.isdigit, name)) or 0) for name in names}
    frames = ({name: matrix(way * frame) for name, way in ways.items()} for frame in range(2))
    return json.dumps({f"frame{frame}": cameras for frame, cameras in enumerate(frames)})


TEN = [f"cam{number:02}" for number in range(1, 11)]


@pytest.mark.parametrize("number", [1, 5, 10])
def test_one_of_recammasters_ten_cameras_is_chosen_by_its_number(number):
    poses = read_poses(several(*reversed(TEN)), camera=number)
    assert poses.matrices[1, :3, 3] == pytest.approx([0, 0, 0.1 * number])
    (note,) = poses.left_out
    assert "It has 10 cameras" in note and f'"cam{number:02}" is read' in note
    path = CameraPath(several(*TEN), camera=number)
    assert path.cameras(CameraMoves(), SCENE, 2)[1].translation == pytest.approx([0, 0, -0.1 * number * DISTANCE])
    assert len(path.left_out()) == 1


def test_cameras_without_numbers_are_counted_and_a_single_one_needs_none():
    assert read_poses(several("left", "right 2"), camera=2).matrices[1, 2, 3] == pytest.approx(0.2)
    assert read_poses(several("cam07"), camera=1).matrices[1, 2, 3] == pytest.approx(0.7)
    with pytest.raises(
        InputError, match=r'a camera 11, but there are "cam10", .*"cam01"\. Set camera_number to one of 1'
    ):
        read_poses(several(*reversed(TEN)), camera=11)


SAMPLES = {
    "kitti_evo.txt": ((), None), "tum_evo.txt": ((), None), "colmap_images.txt": ((BY_NAMES,), None),
    "colmap_both.txt": ((DISTORTED_LINE, BY_NAMES), (500 / 576, 500 / 320)),
}  # fmt: skip
"""What evo 1.38.1 and pycolmap 4.2.1 wrote of these cameras."""


@pytest.mark.parametrize("name", SAMPLES)
def test_files_that_other_programs_wrote_are_where_the_cameras_were(name):
    c2w = np.tile(np.eye(4), (4, 1, 1))
    c2w[:, :3, :3] = Rotation.from_rotvec(
        [[0.3, 0.2, 0.1], [0.35, 0.4, 0.1], [0.4, 0.7, 0.2], [0.5, 0.8, 0.2]]
    ).as_matrix()
    c2w[:, :3, 3] = [[5, 6, 7], [5.2, 6, 7.5], [5.5, 5.8, 8], [5.9, 5.7, 8.4]]
    text = (FOLDER / name).read_text("utf-8")
    for changed in (text, "\ufeff" + text.replace("\n", "\r\n"), text.replace(" ", "\u00a0").replace("-", "\u2212")):
        poses = read_poses(changed, "w2c")
        np.testing.assert_allclose(poses.matrices, np.linalg.inv(c2w[0]) @ c2w, atol=1e-9)
    left_out, lens = SAMPLES[name]
    assert read_poses(text).left_out == left_out
    assert (poses.lens.across, poses.lens.down) == (lens or (None, None))
    assert read_poses(text, "c2w").matrices.tolist() == read_poses(text).matrices.tolist()


def test_every_sample_is_expected():
    assert {path.name for path in FOLDER.iterdir()} == SAMPLES.keys()


def test_images_of_colmap_need_no_lines_of_points_and_may_have_several_cameras():
    image = "{0} 1 0 0 0 {1} 0 0 {2} r_{0}.png\n"
    cameras = "1 PINHOLE 96 64 80 70 48 32\n2 SIMPLE_PINHOLE 96 64 160 48 32\n"
    for between in ("", "\n", "1 2 -1 3 4 5\n", "# a comment\n1 2 -1\n"):
        text = cameras + between.join(image.format(number, -number, 1 + (number == 10)) for number in (1, 10, 2))
        poses = read_poses(text)
        assert poses.matrices[:, 0, 3].tolist() == [0, 1, 9]
        assert poses.zoom.tolist() == [[1, 1], [1, 1], [2, 160 / 70]]


def test_recammaster_has_other_axes_and_centimetres():
    assert difference(recammaster(forwards=20), CameraMoves(dolly=0.2, ease="linear").cameras(SCENE, 2)) < 1e-6
    assert difference(recammaster(up=10), CameraMoves(pedestal=0.1).cameras(SCENE, 2)) < 1e-6
    assert difference(recammaster(yaw=np.radians(30)), CameraMoves(pan=30).cameras(SCENE, 2)) < 1e-6


def test_blenders_first_camera_stands_upright():
    text = write_path(CameraMoves(truck=0.2, pedestal=0.1, dolly=0.5).cameras(SCENE, 2), "Blender", DISTANCE)
    first, last = (np.array(frame["transform_matrix"]) for frame in json.loads(text)["frames"])
    assert (first @ [0, 0, -1, 0])[:3] == pytest.approx([0, 1, 0])  # looks along +Y
    assert (first @ [0, 1, 0, 0])[:3] == pytest.approx([0, 0, 1])  # with +Z up
    assert last[:3, 3] == pytest.approx([0.2, 0.5, 0.1])


def test_a_path_has_as_many_frames_as_the_clip():
    half_turn = Rotation.from_rotvec([[0, 0, 0], [0, np.pi / 2, 0]]).as_matrix()
    matrices = np.tile(np.eye(4), (2, 1, 1))
    matrices[:, :3, :3], matrices[1, :3, 3] = half_turn, (1, 0, 2)
    found = read(
        json.dumps([{"c2w": row, "fov": fov} for row, fov in zip(rows(matrices), (90, 45), strict=True)]), frames=5
    )
    centres = np.array([-camera.rotation.T @ camera.translation for camera in found])
    assert centres == pytest.approx(np.linspace(0, 1, 5)[:, None] * [DISTANCE, 0, 2 * DISTANCE], abs=1e-9)
    angles = [np.degrees(Rotation.from_matrix(camera.rotation).magnitude()) for camera in found]
    assert angles == pytest.approx([0, 22.5, 45, 67.5, 90])
    assert found[-1].intrinsics[0, 0] / found[0].intrinsics[0, 0] == pytest.approx(
        np.tan(np.pi / 4) / np.tan(np.pi / 8)
    )
    assert (found[0].rotation == np.eye(3)).all() and (found[0].translation == 0).all()
    assert difference(read(ZOOMING["NeRF"], frames=2), [expected(C2W, FOCAL)[index] for index in (0, 2)]) < 1e-6


def test_the_scale_says_what_a_unit_is():
    text = json.dumps(rows(W2C))
    one, two = (read_path(text, SCENE, 3, scale=scale)[-1].translation for scale in (1.0, 2.0))
    assert two == pytest.approx(2 * one) and np.linalg.norm(one) > 1


def test_moves_come_on_top_of_a_path():
    path = CameraPath(json.dumps(rows(W2C)))
    assert difference(path.cameras(CameraMoves(), SCENE, 3), expected(C2W)) < 1e-6
    found = path.cameras(CameraMoves(pan=7, zoom=0.5), SCENE, 3)[-1]
    turned = CameraMoves(pan=7).moved(SCENE).rotation
    assert found.rotation == pytest.approx(turned @ expected(C2W)[-1].rotation, abs=1e-9)
    assert found.translation == pytest.approx(turned @ expected(C2W)[-1].translation, abs=1e-9)
    assert found.intrinsics[0, 0] == pytest.approx(120)
    focus = np.array([0, 0, DISTANCE])
    way, around = (path.cameras(moves, SCENE, 3)[-1] for moves in (CameraMoves(), CameraMoves(orbit=20, rise=9)))
    there = way.rotation @ focus + way.translation
    assert around.rotation @ focus + around.translation == pytest.approx(there, abs=1e-4)
    assert np.abs(around.rotation - way.rotation).max() > 0.1


def test_an_empty_path_is_none():
    assert difference(CameraPath(" \n").cameras(MOVES, SCENE, 3), MOVES.cameras(SCENE, 3)) == 0
    assert difference(CameraPath().cameras(CameraMoves(), SCENE, 2), [own_camera(SCENE)] * 2) == 0


def test_other_options_are_refused():
    with pytest.raises(InputError, match="matrices should be one of w2c, c2w"):
        read(json.dumps(rows(W2C)), "both")
    with pytest.raises(InputError, match="format should be one of RealEstate10K"):
        write_path([own_camera(SCENE)] * 2, "USD", 1.0)
    with pytest.raises(InputError, match="scale of the camera path should be from"):
        read_path("[]", SCENE, 2, scale=float("nan"))
    with pytest.raises(InputError, match="is empty"):
        read_poses("  ")
    with pytest.raises(InputError, match="has times and moves"):
        read_poses("0.5: pan 3")


def test_a_rotation_that_is_nearly_one_becomes_one():
    rough = np.round(C2W, 3)
    turn = read(json.dumps([{"c2w": row} for row in rows(rough)]))[-1].rotation
    assert np.abs(turn @ turn.T - np.eye(3)).max() < 1e-12
    assert np.abs(turn - expected(C2W)[-1].rotation).max() < 3e-3
