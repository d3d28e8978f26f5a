"""The camera of a video is found: on ray-traced clips whose cameras are known."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from dragnuwa.carry.depth.camera import PinholeCamera
from dragnuwa.carry.depth.cameras.from_video import VideoCamera, camera_from_video
from dragnuwa.carry.depth.cameras.paths import read_poses
from dragnuwa.common.errors import InputError
from dragnuwa.research.scenes.traced import TracedScene, make_traced

FRAMES, SIZE = 5, (256, 192)
SEED = 7


def angle_of(scene: TracedScene) -> float:
    return float(np.degrees(2 * np.arctan(SIZE[0] / 2 / scene.intrinsics[0, 0])))


def path(turn: tuple[float, float, float], way: tuple[float, float, float]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rotations and translations that grow evenly: `turn` in degrees about x, y and z, `way` in units of the scene."""
    found = []
    for part in np.linspace(0, 1, FRAMES):
        rotation = Rotation.from_rotvec(part * np.radians(turn)).as_matrix()
        found.append((rotation, -rotation @ (part * np.array(way))))
    return found


def filmed(scene: TracedScene, cameras: list[tuple[np.ndarray, np.ndarray]], zoom: float = 1.0) -> torch.Tensor:
    frames = []
    for number, (rotation, translation) in enumerate(cameras):
        intrinsics = scene.intrinsics.copy()
        intrinsics[[0, 1], [0, 1]] *= 1 + (zoom - 1) * number / (FRAMES - 1)
        frames.append(scene.seen(rotation, translation, intrinsics).picture)
    return torch.from_numpy(np.stack(frames))


def errors(found: VideoCamera, cameras: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Degrees by which the last camera is turned otherwise, and by which it went in another direction."""
    last, (rotation, translation) = found.cameras[-1], cameras[-1]
    turned = Rotation.from_matrix(last.rotation @ rotation.T).magnitude()
    ways = [-each.T @ shift for each, shift in ((last.rotation, last.translation), (rotation, translation))]
    cosine = ways[0] @ ways[1] / max(1e-12, np.linalg.norm(ways[0]) * np.linalg.norm(ways[1]))
    return float(np.degrees(turned)), float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def test_a_camera_that_travels_is_found_and_its_path_can_be_read():
    scene, cameras = make_traced(SEED, SIZE), path((2, -4, 1), (0.4, -0.1, 0.3))
    found = camera_from_video(filmed(scene, cameras), angle_of(scene))
    turned, aside = errors(found, cameras)
    assert found.travels and found.agree > 0.9 and turned < 0.3 and aside < 5
    assert "travels" in found.report and "agrees" in found.report
    read = read_poses(found.text).on_pictures(SIZE, 1.0)
    assert len(read) == FRAMES
    for one, other in zip(read, found.cameras, strict=True):
        np.testing.assert_allclose(one.rotation, other.rotation, atol=1e-6)
        np.testing.assert_allclose(one.translation, other.translation, atol=1e-6)
        np.testing.assert_allclose(one.intrinsics, other.intrinsics, rtol=1e-6)


def test_a_camera_that_only_turns_and_zooms_does_not_travel_and_tells_its_view_angle():
    scene, cameras = make_traced(SEED, SIZE), path((6, -14, 3), (0, 0, 0))
    clip = filmed(scene, cameras, zoom=1.2)
    found = camera_from_video(clip)
    assert not found.travels and errors(found, cameras)[0] < 0.3
    assert not any(each.translation.any() for each in found.cameras)
    focal = [each.intrinsics[0, 0] for each in found.cameras]
    assert focal[0] == pytest.approx(scene.intrinsics[0, 0], rel=0.03)
    assert focal[-1] / focal[0] == pytest.approx(1.2, rel=0.01)
    assert "stays in its place" in found.report and "1.20 times" in found.report and "as found" in found.report


def test_a_resting_camera_says_so_and_that_no_view_angle_can_be_told():
    clip = filmed(make_traced(SEED, SIZE), path((0, 0, 0), (0, 0, 0))[:1]).repeat(FRAMES, 1, 1, 1)
    found = camera_from_video(clip)
    assert found.report.startswith("The camera rests. ") and "55 degrees are assumed" in found.report
    assert isinstance(found.cameras[0], PinholeCamera) and not found.travels


def test_a_grey_clip_of_one_channel_and_one_mask_without_a_batch_are_taken():
    scene, cameras = make_traced(SEED, SIZE), path((2, -4, 1), (0.4, -0.1, 0.3))
    grey = filmed(scene, cameras).mean(-1, keepdim=True)
    found = camera_from_video(grey, angle_of(scene), torch.zeros(SIZE[::-1], dtype=torch.float16))
    assert errors(found, cameras)[0] < 0.5


def test_what_moves_by_itself_is_left_out_by_masks():
    """A patch that covers half of the picture goes its own way."""
    scene, cameras = make_traced(SEED, SIZE), path((2, -5, 0), (0, 0, 0))
    clip, other = filmed(scene, cameras), torch.from_numpy(np.random.default_rng(1).random((*SIZE[::-1], 3)))
    other = torch.nn.functional.avg_pool2d(other.movedim(-1, 0), 5, 1, 2).movedim(0, -1).float()
    masks = torch.zeros(FRAMES, *SIZE[::-1])
    for time in range(FRAMES):
        covered = slice(0, 144)
        masks[time, :, covered] = 1
        clip[time, :, covered] = torch.roll(other, (4 * time, -3 * time), (0, 1))[:, covered]
    found = camera_from_video(clip, angle_of(scene), masks)
    assert errors(found, cameras)[0] < 0.3 and found.agree > 0.9
    try:
        astray = errors(camera_from_video(clip, angle_of(scene)), cameras)[0]
    except InputError as error:
        assert "moves as one scene" in str(error) or "does not tell" in str(error)
    else:
        assert astray > 0.5


@pytest.mark.parametrize(
    ("clip", "angle", "masks", "words"),
    [
        (torch.rand(1, 64, 64, 3), 0.0, None, "two frames or more"),
        (torch.full((4, 64, 64, 3), 0.5), 0.0, None, "does not tell how its camera moved: only 0 points"),
        (torch.rand(4, 64, 64, 3), 0.0, None, "does not tell how its camera moved"),
        (torch.rand(4, 64, 64, 3), 0.5, None, "from 1 to 170 degrees"),
        (torch.rand(4, 64, 64, 3), 0.0, torch.zeros(3, 64, 64), "4 or one for all frames; found 3 of 64x64"),
        (torch.rand(4, 64, 64, 3), 0.0, torch.zeros(4, 32, 64), "should be 64x64, as the video"),
    ],
)
def test_what_does_not_tell_is_said(clip, angle, masks, words):
    with pytest.raises(InputError, match=words):
        camera_from_video(clip, angle, masks)
