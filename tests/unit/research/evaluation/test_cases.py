"""The cases are what they say, come from seeds that training never uses, and can be measured."""

from dataclasses import replace

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.evaluation import objmc, relative_objmc
from dragnuwa.research.evaluation.cases import FIRST_SEED, GROUPS, Case, make_case, textured
from dragnuwa.research.evaluation.run import measure
from dragnuwa.research.scenes import HELD_OUT_SEED

SIDE, FRAMES = 128, 8
CLIP = ClipShape(SIDE, SIDE, FRAMES)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [make_case(number, CLIP) for number in range(20)]


def of(cases: list[Case], group: str) -> list[Case]:
    return [case for case in cases if case.group == group]


def still(case: Case) -> np.ndarray:
    return np.repeat(case.scene.frames[:1], FRAMES, axis=0)


def test_groups_take_turns_and_no_seed_comes_twice_or_from_training(cases):
    assert [case.group for case in cases[:5]] == list(GROUPS)
    assert len({case.seed for case in cases}) == len(cases)
    assert min(case.seed for case in cases) >= FIRST_SEED > HELD_OUT_SEED


def test_a_number_always_gives_the_same_case():
    one, again = make_case(8, CLIP), make_case(8, CLIP)
    assert one.seed == again.seed
    for name in ("points", "visible", "target", "seen"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
    assert np.array_equal(one.scene.frames, again.scene.frames)


def test_each_group_moves_as_its_name_says(cases):
    assert {thing.motion for case in of(cases, "straight") for thing in case.scene.objects} == {"straight"}
    assert {thing.motion for case in of(cases, "curved") for thing in case.scene.objects} <= {"curved", "s-shaped"}
    assert all(2 <= len(case.objects) <= 4 for case in of(cases, "several"))
    assert all(case.scene.camera != "still" and not case.objects for case in of(cases, "camera"))
    assert all(case.scene.camera == "still" for case in cases if case.group != "camera")
    assert all(len(case.objects) == 1 and case.undragged for case in of(cases, "still"))


def test_every_moving_thing_has_its_drag_and_every_other_resting_case_its_anchors(cases):
    for case in cases:
        assert case.points.shape == (*case.visible.shape, 2)
        assert (case.points >= 0).all() and (case.points <= SIDE - 1).all()
    for case in of(cases, "several"):
        assert np.array_equal(case.points, np.clip(case.scene.points, 0, SIDE - 1))
    bare, anchored, *_ = of(cases, "still")
    assert len(bare.points) == 1
    assert len(anchored.points) == 1 + len(anchored.undragged)
    assert np.abs(np.ptp(anchored.points[1:], axis=1) - 1).max() < 1e-9  # the original's drift


def test_followed_things_are_whole_at_first_in_sight_and_wide_enough(cases):
    for case in cases:
        for n in (*case.objects, *case.undragged):
            areas = case.scene.masks[n].sum((1, 2))
            assert areas[0] >= 0.8 * areas.max()
            assert case.scene.visible[n].mean() > 0.5 and case.scene.visible[n, [0, -1]].all()
            x, y = np.rint(case.scene.points[n, 0]).astype(int)
            assert case.scene.masks[n, 0, y - 3 : y + 4, x - 3 : x + 4].all()


def test_fast_things_are_among_them(cases):
    steps = [np.abs(np.diff(case.target, axis=1)).max() for case in cases if case.objects]
    assert max(steps) > 15


def test_camera_drags_begin_on_texture(cases):
    scene = of(cases, "camera")[0].scene
    owner = np.zeros_like(scene.owner)
    owner[:, :, : SIDE // 2] = 1
    scene = replace(scene, owner=owner)
    noise = np.random.default_rng(0).normal(0, 1, scene.frames.shape)
    strong, faint = (replace(scene, frames=(128 + noise * size).clip(0, 255).astype(np.uint8)) for size in (40, 0.6))
    assert len(textured(strong)) >= 4
    assert len(textured(faint)) == 0
    assert (textured(strong)[:, 0] >= SIDE // 2 + 7).all()


def test_camera_drags_follow_the_background_exactly(cases):
    for case in of(cases, "camera"):
        assert len(case.target) >= 2
        for track, seen in zip(case.target, case.seen, strict=True):
            steps = [case.scene.flow[time, round(y), round(x)] for time, (x, y) in enumerate(track[:-1])]
            moves = seen[:-1] & seen[1:]
            assert np.abs(np.diff(track, axis=0) - steps)[moves].max() < 0.6  # of a zoom, to the nearest pixel


def test_the_true_clip_is_measured_as_nearly_perfect_and_a_still_one_as_1(cases):
    for case in cases:
        true, nothing = measure(case, case.scene.frames), measure(case, still(case))
        assert true["objmc"] <= 1
        assert true["relative_objmc"] < 0.35
        assert nothing["relative_objmc"] == pytest.approx(1, abs=0.01)
        rest = np.repeat(case.target[:, :1], FRAMES, axis=1)
        assert nothing["objmc"] == pytest.approx(objmc(rest, case.target, case.seen), abs=0.05)
        assert true["psnr"] == 100 > nothing["psnr"]
    assert np.mean([measure(case, case.scene.frames)["relative_objmc"] for case in cases]) < 0.06


def test_a_video_that_goes_half_the_way_is_half_as_far_off(cases):
    """The scene's own frames at half the speed: frame t shows what was true at t / 2."""
    for case in of(cases, "straight"):
        slow = case.scene.frames[np.arange(FRAMES) // 2]
        told = relative_objmc(case.target[:, np.arange(FRAMES) // 2], case.target, case.seen)
        figures = measure(case, slow)
        assert figures["relative_objmc"] == pytest.approx(told, abs=0.05)
        assert figures["drift"] > 30  # on its way it looks as it did


def test_what_vanishes_is_neither_still_nor_itself(cases):
    for case in of(cases, "still"):
        gone = still(case)
        gone[2:] = np.random.default_rng(0).integers(0, 256, gone[2:].shape, np.uint8)
        figures = measure(case, gone)
        assert min(figures["undragged_motion"]) > SIDE  # the picture's diagonal
        assert figures["lost"] > 0.5 and figures["relative_objmc"] > 0.5
        assert figures["drift"] < 15
        assert max(measure(case, still(case))["undragged_motion"]) < 0.1


def test_a_push_of_the_resting_things_is_seen_as_their_motion(cases):
    for case in of(cases, "still"):
        pushed = case.scene.frames.copy()
        pushed[-1] = np.roll(still(case)[-1], 4, axis=1)
        motion = measure(case, pushed)["undragged_motion"]
        assert np.median(motion) == pytest.approx(4, abs=0.5)


def test_a_video_of_another_size_is_refused(cases):
    with pytest.raises(ValueError, match="The videos differ"):
        measure(cases[0], cases[0].scene.frames[:-1])


def test_settings_without_a_measurable_scene_end_in_words():
    with pytest.raises(ValueError, match="None of 100 scenes of 8x8 and 2 frames"):
        make_case(2, ClipShape(8, 8, 2))
