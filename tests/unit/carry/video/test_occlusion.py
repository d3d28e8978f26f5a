"""Things that move in a clip beside the one that is followed: found, put in their order of depth, and cut out."""

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from dragnuwa.carry.video.depth_order import sort_by_depth
from dragnuwa.carry.video.follow import follow
from dragnuwa.carry.video.from_masks import from_masks
from dragnuwa.carry.video.moving_clip import MovingClip, MovingFrame
from dragnuwa.carry.video.occluders import without_strays
from dragnuwa.carry.video.still_scene import StillScene
from dragnuwa.common.interrupt import interrupts
from dragnuwa.research.scenes.edited import make_edited
from dragnuwa.research.scenes.scene import SceneConfig
from tests.support.pictures import texture

HEIGHT, WIDTH, FRAMES = 96, 192, 12
REST = np.tile(np.eye(3), (FRAMES, 1, 1))


class Clip:
    """A textured thing that goes right, and a taller one that goes left; the second is in front, or behind it."""

    def __init__(self, *, front: bool = True, camera: int = 0, begins: int = 16):
        ground = texture(HEIGHT, WIDTH + FRAMES * max(1, camera)) // 2
        self.frames, self.own, self.other = [], [], []
        for time in range(FRAMES):
            frame = ground[:, camera * time : camera * time + WIDTH].copy()
            own, other = np.zeros((HEIGHT, WIDTH), bool), np.zeros((HEIGHT, WIDTH), bool)
            own[36:64, max(0, begins + 9 * time) : begins + 9 * time + 28] = True
            other[20:76, 130 - 9 * time : 160 - 9 * time] = True
            parts = [(own, texture(28, 28, seed=3)), (other, texture(56, 30, seed=4))]
            for mask, pixels in parts if front else reversed(parts):
                self._paste(frame, mask, pixels)
            self.frames.append(frame)
            self.own.append(own & ~other if front else own)
            self.other.append(other if front else other & ~own)

    @staticmethod
    def _paste(frame: np.ndarray, mask: np.ndarray, pixels: np.ndarray) -> None:
        columns = mask.any(0).sum()
        frame[mask] = (pixels[:, -columns:] if mask[:, 0].any() else pixels[:, :columns]).reshape(-1, 3)

    def motions(self, camera: int) -> np.ndarray:
        motions = REST.copy()
        motions[:, 0, 2] = -camera * np.arange(FRAMES)
        return motions

    def followed(self, frame: int = 0):
        return follow(FRAMES, self.frames.__getitem__, self.own[frame].astype(np.float32), frame)


def overlap(found: np.ndarray, true: list[np.ndarray]) -> float:
    pairs = [(mask >= 128, truth) for mask, truth in zip(found, true, strict=True) if truth.sum() > 100]
    return float(np.mean([(one & two).sum() / (one | two).sum() for one, two in pairs]))


@pytest.mark.parametrize("front", [True, False])
@pytest.mark.parametrize("camera", [0, 2])
def test_what_passes_before_or_behind_is_found_and_put_in_order(front, camera):
    clip = Clip(front=front, camera=camera)
    found = sort_by_depth([clip.followed()], clip.frames.__getitem__, clip.motions(camera))
    assert [number for _, number in found] == ([0, None] if front else [None, 0])
    own, other = (next(track for track, number in found if (number is None) == beside) for beside in (False, True))
    assert overlap(own.masks, clip.own) > 0.93
    assert overlap(other.masks, clip.other) > 0.93


def test_what_was_hidden_where_it_was_given_is_seen_later():
    clip = Clip(begins=74)
    assert clip.own[2].sum() < 0.8 * clip.own[8].sum()
    found = sort_by_depth([clip.followed(2)], clip.frames.__getitem__, REST)
    own = next(track for track, number in found if number == 0)
    assert (own.masks[8] >= 128)[clip.own[8]].mean() > 0.97
    assert np.array_equal(own.masks[2] >= 128, clip.own[2])  # as it was given


def test_a_part_that_moves_as_its_object_does_where_that_was_hidden_is_no_other_object():
    """Of a striped object, whose motion is clear only once that part was found by itself."""
    scene = make_edited(1000000082, SceneConfig(frames=16))
    frames = scene.before.frames
    thing = follow(16, frames.__getitem__, scene.masks[12].astype(np.float32), 12)
    found = sort_by_depth([thing], frames.__getitem__, np.tile(np.eye(3), (16, 1, 1)))
    assert [number for _, number in found] == [0, None]
    assert overlap(found[0][0].masks, list(scene.masks)) > 0.78


def test_what_moves_nearly_as_an_object_does_is_no_part_of_it():
    """Something of one colour that stands before the middle of an object in all frames."""
    scene = make_edited(1000000058, SceneConfig(frames=16))
    frames = scene.before.frames
    thing = follow(16, frames.__getitem__, scene.masks[2].astype(np.float32), 2)
    motions = scene.before.motions[0] @ np.linalg.inv(scene.before.motions[0][0])
    found = sort_by_depth([thing], frames.__getitem__, motions)
    own = next(track for track, number in found if number == 0)
    assert overlap(own.masks, list(scene.masks)) > 0.75


def test_what_passes_behind_and_is_hardly_seen_again_is_followed_all_the_way():
    """It was lost, and found where the ground looks like it; the rest was found as further objects. What it passes was
    at the picture's border where it was given: a tip of it comes into the picture later."""
    scene = make_edited(1000000003, SceneConfig(frames=16))
    frames, owner = scene.before.frames, scene.before.owner
    thing = follow(16, frames.__getitem__, scene.masks[3].astype(np.float32), 3)
    motions = scene.before.motions[0] @ np.linalg.inv(scene.before.motions[0][0])
    (other, none), (own, number) = sort_by_depth([thing], frames.__getitem__, motions)
    assert (none, number) == (None, 0)
    assert overlap(own.masks, list(scene.masks)) > 0.95
    assert overlap(other.masks, list((owner > 0) & (owner != scene.number + 1))) > 0.85


def test_what_was_outside_of_the_picture_where_it_was_given_belongs_to_its_object():
    clip = Clip(begins=-4)
    assert clip.own[0].sum() < 0.9 * clip.own[3].sum()
    found = sort_by_depth([clip.followed()], clip.frames.__getitem__, REST)
    own = next(track for track, number in found if number == 0)
    assert overlap(own.masks, clip.own) > 0.93
    assert np.array_equal(own.masks[0] >= 128, clip.own[0])  # as it was given


def test_an_object_is_not_where_only_the_still_scene_is_seen():
    """Seen in a clip of a rabbit: shadows were said to be in all frames, and were drawn there."""
    clip = Clip()
    scene = StillScene(FRAMES, clip.frames.__getitem__, REST)
    right = clip.followed()
    masks = right.masks.copy()
    masks[8] = 0
    masks[8, 78:94, 100:130] = 255
    parts = scene.moving(scene.covered(enumerate(masks)))
    nothing = np.zeros(parts.moving.shape, bool)
    found = without_strays(scene, replace(right, masks=masks), parts, nothing)
    assert np.flatnonzero(right.visible & ~found.visible).tolist() == [8] and not found.masks[8].any()
    covered = nothing.copy()
    covered[8, 70:, 90:] = True  # where it cannot be seen, nobody knows
    assert without_strays(scene, replace(right, masks=masks), parts, covered).visible[8]


def test_masks_that_were_given_stay_as_they_are():
    clip = Clip()
    given = np.stack([cv2.dilate(mask.astype(np.float32), np.ones((3, 3))) for mask in clip.own])
    thing = from_masks(clip.frames.__getitem__, given, 0)
    found = sort_by_depth([thing], clip.frames.__getitem__, REST)
    own = next(track for track, number in found if number == 0)
    assert np.array_equal(own.masks, thing.masks) and len(found) == 2


def test_nothing_is_found_beside_a_thing_that_is_alone():
    frames = [texture(HEIGHT, WIDTH) // 2 for _ in range(FRAMES)]
    for time, frame in enumerate(frames):
        frame[36:64, 16 + 9 * time : 44 + 9 * time] = texture(28, 28, seed=3)
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[36:64, 16:44] = 1
    thing = follow(FRAMES, frames.__getitem__, mask, 0)
    assert [number for _, number in sort_by_depth([thing], frames.__getitem__, REST)] == [0]


def test_scenery_behind_a_window_is_no_object():
    """A thing before the window of a car: each bush would be followed, which takes minutes."""
    clip, ground = Clip(), texture(HEIGHT, WIDTH) // 2
    bushes = texture(HEIGHT // 2, WIDTH + 6 * FRAMES, seed=7)
    for time, frame in enumerate(clip.frames):
        frame[:] = ground
        frame[: HEIGHT // 2] = bushes[:, 6 * time : 6 * time + WIDTH]
        frame[36:64, 16 + 9 * time : 44 + 9 * time] = texture(28, 28, seed=3)
    found = sort_by_depth([clip.followed()], clip.frames.__getitem__, REST)
    assert [number for _, number in found] == [0]


@pytest.mark.parametrize("count", [2, 3])
def test_a_clip_of_few_frames_has_no_still_scene(count):
    clip = Clip()
    frames = clip.frames[:count]
    thing = follow(count, frames.__getitem__, clip.own[0].astype(np.float32), 0)
    assert sort_by_depth([thing], frames.__getitem__, REST[:count])[-1][1] == 0


def walker(time: int) -> np.ndarray:
    """`[H, W]` bool: a body on two legs that open and close."""
    mask, x = np.zeros((HEIGHT, WIDTH), np.uint8), 20 + 10 * time
    cv2.ellipse(mask, (x, 34), (6, 8), 0, 0, 360, 1, cv2.FILLED)
    for side in (-1, 1):
        foot = x + round(side * 18 * np.cos(1.1 * time))
        cv2.line(mask, (x, 40), (foot, 80), 1, 8)
    return mask > 0


def walking() -> tuple[list[np.ndarray], list[np.ndarray]]:
    ground = texture(HEIGHT, WIDTH) // 2
    shapes = [walker(time) for time in range(FRAMES)]
    return [np.where(shape[..., None], np.uint8([250, 235, 190]), ground) for shape in shapes], shapes


def test_something_that_walks_is_followed_by_its_silhouettes():
    frames, shapes = walking()
    thing = follow(FRAMES, frames.__getitem__, shapes[0].astype(np.float32), 0)
    assert overlap(thing.masks, shapes) < 0.8  # no rigid motion says where its legs are
    found = sort_by_depth([thing], frames.__getitem__, REST)
    own = next(track for track, number in found if number == 0)
    assert own.is_given and overlap(own.masks, shapes) > 0.88


def test_a_place_picks_what_moves_there():
    frames, shapes = walking()
    motion = MovingFrame(MovingClip(FRAMES, frames.__getitem__), 3)
    found = motion.at(complex(50, 34))
    assert found is not None and overlap([255 * found], [shapes[3]]) > 0.85
    assert motion.at(complex(150, 20)) is None  # the ground
    assert motion.at(complex(-500, 900)) is None  # outside
    ground = ~np.any(shapes, axis=0)
    assert motion.resting[ground].mean() > 0.9 and motion.resting[shapes[3]].mean() < 0.1


def test_a_still_scene_is_what_most_frames_show_without_what_is_left_out():
    frames, shapes = walking()
    scene = StillScene(FRAMES, frames.__getitem__, REST)
    nothing = np.zeros((FRAMES, HEIGHT, WIDTH), bool)
    parts = scene.moving(nothing)
    assert parts.known.all()
    assert overlap(255 * parts.moving.astype(np.uint8), shapes) > 0.85
    everywhere = scene.moving(~nothing)
    assert not everywhere.known.any() and not everywhere.moving.any()


def test_a_place_that_something_slow_covers_for_most_of_a_clip_is_seen_as_the_other_frames_show_it():
    ground = texture(HEIGHT, WIDTH) // 2
    frames, shapes = [], []
    for time in range(FRAMES):
        left = 20 + round(90 * (1 - (1 - time / (FRAMES - 1)) ** 2))  # slower and slower
        shape = np.zeros((HEIGHT, WIDTH), bool)
        shape[20:76, left : left + 40] = True
        frames.append(np.where(shape[..., None], np.uint8([250, 210, 60]), ground))
        shapes.append(shape)
    parts = StillScene(FRAMES, frames.__getitem__, REST).moving(np.zeros((FRAMES, HEIGHT, WIDTH), bool))
    assert overlap(255 * parts.moving.astype(np.uint8), shapes) > 0.9
    assert parts.moving[0][shapes[-1]].mean() < 0.02


def test_a_scene_goes_on_behind_what_covers_a_place_in_most_frames():
    """Something of one colour, whose inside does not seem to move, over ground of one tone that gets lighter."""
    ground = np.repeat(np.linspace(60, 160, WIDTH)[None, :, None], HEIGHT, 0).repeat(3, 2).astype(np.uint8)
    frames, shapes = [], []
    for time in range(FRAMES):
        shape = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (60 + 6 * time, 48), 20, 1, cv2.FILLED) > 0
        frames.append(np.where(shape[..., None], np.uint8([200, 40, 60]), ground))
        shapes.append(shape)
    parts = StillScene(FRAMES, frames.__getitem__, REST).moving(np.zeros((FRAMES, HEIGHT, WIDTH), bool))
    assert overlap(255 * parts.moving.astype(np.uint8), shapes) > 0.95


def test_light_that_changes_is_no_motion():
    ground = texture(HEIGHT, WIDTH) // 2
    frames = [np.clip(ground * (1 + 0.04 * time), 0, 255).astype(np.uint8) for time in range(FRAMES)]
    parts = StillScene(FRAMES, frames.__getitem__, REST).moving(np.zeros((FRAMES, HEIGHT, WIDTH), bool))
    assert parts.moving.mean() < 0.002


def test_it_can_be_interrupted_while_things_are_looked_for():
    clip, calls = Clip(), []

    def stop() -> None:
        calls.append(1)
        if len(calls) > 20:
            raise KeyboardInterrupt

    thing = clip.followed()
    with pytest.raises(KeyboardInterrupt), interrupts(stop):
        sort_by_depth([thing], clip.frames.__getitem__, REST)
    sort_by_depth([thing], clip.frames.__getitem__, REST)


def test_a_frame_is_not_converted_again_for_each_object_that_is_looked_for():
    """Once for the still scene, and once as objects are followed in it; the first one tells its size, too."""
    clip, asked = Clip(), Counter()

    def frame_at(time: int) -> np.ndarray:
        asked[int(time)] += 1
        return clip.frames[time]

    assert len(sort_by_depth([clip.followed()], frame_at, REST)) == 2
    assert max(asked.values()) <= 3
