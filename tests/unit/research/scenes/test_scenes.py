"""Scenes are exact: what the flow, the masks, the tracks and the caption say is what the frames show."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.scenes import Scene, SceneConfig, assets, layers, make_scene, textures

PLAIN = SceneConfig(sizes=((128, 128),))


def smooth(seed: int, **changes) -> Scene:
    return make_scene(seed, replace(PLAIN, **changes))


def warped_error(scene: Scene, time: int) -> np.ndarray:
    """`[H, W]` difference between a pixel of frame `time` and the place in the next frame to which its flow points."""
    height, width = scene.owner.shape[1:]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    there = scene.flow[time] + np.stack([x, y], -1)
    fetched = cv2.remap(scene.frames[time + 1], there[..., 0], there[..., 1], cv2.INTER_LINEAR)
    return np.abs(fetched.astype(int) - scene.frames[time]).mean(-1)


def inner(scene: Scene, time: int) -> np.ndarray:
    """Where a surface stays visible, away from outlines, which are blended of two surfaces."""
    hidden = scene.occluded[time].astype(np.uint8)
    owner = scene.owner[time]
    edge = cv2.morphologyEx(owner, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return cv2.dilate(((edge > 0) | (hidden > 0)).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0


@pytest.mark.parametrize("camera_share", [0.0, 1.0])
def test_the_flow_leads_each_visible_pixel_to_its_colour_in_the_next_frame(camera_share):
    errors, shifted = [], []
    for seed in range(12):
        scene = smooth(seed, camera_share=camera_share)
        wrong = replace(scene, flow=scene.flow + 1.5)
        for time in range(7):
            errors.append(warped_error(scene, time)[inner(scene, time)].mean())
            shifted.append(warped_error(wrong, time)[inner(scene, time)].mean())
    assert np.mean(errors) < 2.0  # of 255
    assert np.mean(errors) < np.mean(shifted) / 2  # a flow that is 1.5 px off is told apart


def test_the_flow_of_a_pan_is_the_same_everywhere_and_that_of_a_zoom_points_from_the_centre():
    for seed in range(40):
        scene = smooth(seed, camera_share=1.0, objects=(1, 1), object_size=(0.1, 0.1))
        behind = scene.owner[:-1] == 0
        for time in range(7):
            field = scene.flow[time][behind[time]]
            if "pans" in scene.camera:
                assert np.ptp(field, axis=0).max() < 1e-4
            else:
                y, x = np.nonzero(behind[time])
                outward = ((np.stack([x, y], 1) - 63.5) * field).sum(1)
                assert (outward * (1 if scene.camera.endswith("in") else -1) >= -1e-4).all()


def test_a_track_follows_its_object():
    for seed in range(30):
        scene = smooth(seed)
        for points, seen in zip(scene.points, scene.visible, strict=True):
            for time in range(7):
                x, y = np.rint(points[time]).astype(int)
                if seen[time]:
                    step = scene.flow[time, y, x]
                    # the pixel's centre is up to 0.71 px away from the point, which tells where things turn or grow
                    assert np.abs(step - (points[time + 1] - points[time])).max() < 0.35


def test_a_track_is_visible_where_its_object_is_on_top():
    for seed in range(30):
        scene = smooth(seed, leaving_share=0.5)
        masks = scene.masks
        assert masks.shape == (len(scene.objects), 8, 128, 128)
        for index, (points, seen) in enumerate(zip(scene.points, scene.visible, strict=True)):
            for time, (x, y) in enumerate(np.rint(points).astype(int)):
                inside = 0 <= x < 128 and 0 <= y < 128
                assert seen[time] == (inside and masks[index, time, y, x])


def test_objects_hide_each_other_and_leave_the_picture():
    scenes = [smooth(seed, leaving_share=0.5, crossing_share=1.0, objects=(2, 4)) for seed in range(40)]
    lost = [~seen for scene in scenes for seen in scene.visible]
    outside = [((points < 0) | (points > 127)).any(1) for scene in scenes for points in scene.points]
    assert any((gone & out).any() for gone, out in zip(lost, outside, strict=True))
    assert any((gone & ~out).any() for gone, out in zip(lost, outside, strict=True))


def test_a_pixel_belongs_to_the_layer_that_covers_half_of_it():
    ground = [layers.Layer(np.zeros((8, 8, 4), np.uint8), np.eye(3)[None])]
    thing = np.pad(np.full((3, 3, 4), 255, np.uint8), ((1, 1), (1, 1), (0, 0)))
    for shift, columns in ((0.25, [2, 3, 4]), (0.75, [3, 4, 5])):
        moved = np.array([[[1, 0, 1 + shift], [0, 1, 1], [0, 0, 1]]])
        frames, owner = layers.composite([*ground, layers.Layer(thing, moved)], ClipShape(8, 8, 1))
        assert np.flatnonzero(owner[0, 3]).tolist() == columns
        assert abs(int(frames[0, 3, 2, 0]) - 255 * (1 - shift)) <= 5  # the outline is blended by its coverage


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_same_seed_gives_the_same_scene_and_another_seed_another(share):
    config = SceneConfig(camera_share=share)
    first, again, other = make_scene(7, config), make_scene(7, config), make_scene(8, config)
    for name in ("frames", "flow", "owner", "points", "visible"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert first.caption == again.caption and first.objects == again.objects
    assert first.caption != other.caption


def test_captions_name_each_object_its_way_and_the_camera():
    for seed in range(60):
        scene = smooth(seed)
        for item in scene.objects:
            assert item.kind in scene.caption
            assert ("standing still" in scene.caption) or item.motion != "still"
        assert scene.camera == "still" or scene.camera in scene.caption


def test_a_caption_says_the_direction_in_which_the_object_goes():
    words = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
    for seed in range(60):
        scene = smooth(seed, objects=(1, 1), camera_share=0.0)
        said = scene.caption.split(" moving ")[1].split(" over ")[0].split(" and ")
        way = scene.points[0, -1] - scene.points[0, 0]
        assert all(np.dot(way, words[word]) > 0 for word in said)


def test_a_plain_shape_has_the_colour_that_it_is_called():
    for name, rgb in textures.PALETTE.items():
        assert textures.color_name(np.array(rgb)) == name


def test_sizes_and_counts_are_those_asked_for():
    config = SceneConfig(frames=5, sizes=((96, 168),), objects=(3, 3), paths=("s-shaped",), still_share=0.0)
    scene = make_scene(1, config)
    assert scene.frames.shape == (5, 96, 168, 3) and scene.frames.dtype == np.uint8
    assert scene.flow.shape == (4, 96, 168, 2) and scene.flow.dtype == np.float32
    assert [item.motion for item in scene.objects] == ["s-shaped"] * 3


def test_paths_begin_where_they_are_asked_to():
    for seed in range(20):
        scene = smooth(seed, objects=(1, 1), start=(0.4, 0.6), travel=(0.05, 0.1), camera_share=0.0)
        assert np.abs(scene.points[0, 0] / scene.clip.size - 0.5).max() <= 0.1


def test_an_s_shaped_path_bends_to_both_sides_and_a_curved_one_to_one():
    start, end, done = np.array([0.0, 0.0]), np.array([10.0, 0.0]), np.linspace(0, 1, 21)
    aside = {kind: layers.path(kind, start, end, 0.5, done)[:, 1] for kind in layers.PATHS}
    assert np.all(aside["straight"] == 0)
    assert aside["curved"].max() > 1 and aside["curved"].min() >= 0
    assert aside["s-shaped"].max() > 0.5 and aside["s-shaped"].min() < -0.5
    for kind in layers.PATHS:
        np.testing.assert_allclose(layers.path(kind, start, end, 0.5, done)[[0, -1]], [start, end], atol=1e-12)
    for ease in layers.EASES:
        share = layers.progress(9, ease)
        assert share[0] == 0 and share[-1] == 1 and all(one < other for one, other in pairwise(share))


def test_a_pack_gives_photographs_and_named_cutouts(tmp_path):
    from PIL import Image

    (tmp_path / "photos").mkdir()
    (tmp_path / "things").mkdir()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (200, 300, 3), np.uint8)).save(tmp_path / "photos/a.png")
    (tmp_path / "photos/broken.jpg").write_bytes(b"no picture")
    disc = np.zeros((50, 60, 4), np.uint8)
    cv2.circle(disc, (30, 25), 20, (200, 30, 30, 255), -1)
    Image.fromarray(disc).save(tmp_path / "things/t1.png")
    (tmp_path / "things/t1.txt").write_text("A toy ball.\n")
    built = assets.build([tmp_path / "photos"], [tmp_path / "things"])
    built.save(tmp_path / "pack")
    pack = assets.load(str(tmp_path / "pack"))
    assert len(pack.photos) == 1 and min(pack.photos[0].shape[:2]) == assets.PHOTO_SIDE
    assert [cutout.name for cutout in pack.cutouts] == ["toy ball"]
    np.testing.assert_array_equal(pack.cutouts[0].rgba, built.cutouts[0].rgba)
    config = replace(PLAIN, assets=str(tmp_path / "pack"), cutout_share=1.0, photo_share=1.0, objects=(1, 1))
    scene = make_scene(3, config)
    assert "red toy ball" in scene.caption and "a photograph" in scene.caption
