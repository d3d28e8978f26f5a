"""Long work on the largest values asks again and again whether to go on, and what the answer raises comes out."""

import json

import numpy as np
import pytest
import torch

from dragnuwa.common.clip_shape import ClipShape, ModelClip
from dragnuwa.common.interrupt import interrupts, watched
from dragnuwa.overlay.preview import preview
from dragnuwa.trajectory import parse
from dragnuwa.trajectory.arrays import from_arrays
from dragnuwa.trajectory.formats import importing
from dragnuwa.trajectory.formats.registry import WRITERS
from dragnuwa.trajectory.motion import brush, transform
from dragnuwa.trajectory.motion.camera import Camera, camera_motion
from dragnuwa.trajectory.motion.layer import merge
from dragnuwa.trajectory.types import TrajectoryError
from dragnuwa.vision.inpainting.fill import fill_hole, smooth_fill
from tests.support.drawings import objects_value

TRACKS, FRAMES = 60, 6
SIZE = {"width": 64, "height": 48}
CLIP = ModelClip(64, 64, FRAMES)
SQUARE = [{"x": 0.2, "y": 0.2}, {"x": 0.6, "y": 0.2}, {"x": 0.6, "y": 0.7}, {"x": 0.2, "y": 0.7}]


class Stopped(Exception):
    pass


class Watch:
    """Counts its calls, and raises in the one of a number."""

    def __init__(self, last=None):
        self.calls, self.last = 0, last

    def __call__(self):
        self.calls += 1
        if self.calls == self.last:
            raise Stopped


def tracks():
    positions = np.random.default_rng(0).uniform(0, 47, (TRACKS, FRAMES, 2))
    return from_arrays(positions, **SIZE)


def objects():
    each = [{"outline": [SQUARE], "motion": {"keys": [{"t": 1, "x": k / 99}]}} for k in range(TRACKS)]
    return parse(objects_value(*each), **SIZE)


BRUSH = brush.Brush(spacing=2.0, feather=3.0)
MASKS = np.pad(np.ones((3, 20, 20)), ((0, 0), (10, 34), (10, 34)))
CHANGE = transform.Transform(mirror="both", rotate=3, shift=(0.1, 0), reverse=True, start=0.1, window_frames=3)
WORK = {
    "reading tracks": lambda: parse(tracks().to_json(), **SIZE),
    "reading objects": lambda: parse(objects().to_json(), **SIZE),
    "writing": lambda: tracks().to_json(),
    "sampling": lambda: tracks().at_frames(CLIP),
    "transforming tracks": lambda: transform.transform(tracks(), CHANGE, (64, 48)),
    "transforming objects": lambda: transform.transform(objects(), CHANGE, (64, 48)),
    "merging": lambda: merge(objects(), tracks(), "layer", 3.0, CLIP),
    "camera": lambda: camera_motion(Camera(roll=20), (64, 48), spacing=4),
    "brush": lambda: brush.motion_brush(MASKS, [brush.BrushMotion(20)] * 3, BRUSH),
    "TRACKS": lambda: importing.read({"track_path": np.zeros((FRAMES, TRACKS, 2))}, **SIZE),
    **{
        f"{name} of {kind.__name__}": lambda writer=writer, kind=kind: writer.write(kind(), CLIP)
        for name, writer in WRITERS.items()
        for kind in (tracks, objects)
        if kind is tracks or writer.limits is None
    },
    **{
        f"reading {name}": lambda name=name: importing.read(WRITERS[name].write(tracks(), CLIP), **SIZE)
        for name in WRITERS.keys() - {"svg", "nuke"}
    },
}


@pytest.mark.parametrize("name", sorted(WORK))
def test_each_track_and_object_may_be_the_last(name):
    watch = Watch()
    with interrupts(watch):
        WORK[name]()
    assert watch.calls >= TRACKS
    for last in (1, watch.calls // 2, watch.calls):
        with pytest.raises(Stopped), interrupts(Watch(last)):
            WORK[name]()


def test_each_frame_of_tracker_text_may_be_the_last():
    text, watch = WRITERS["nuke"].write(tracks(), CLIP), Watch()
    with interrupts(watch):
        importing.read(text, **SIZE)
    assert watch.calls >= FRAMES
    with pytest.raises(Stopped), interrupts(Watch(FRAMES)):
        importing.read(text, **SIZE)


@pytest.mark.parametrize("number", ["1", "0.5", '{"a":0}', "'a'"])
def test_a_long_text_is_left_while_it_is_decoded(number):
    text = f"[{','.join([number] * 30_000)}]"
    with pytest.raises(Stopped), interrupts(Watch(5)):
        parse(text, **SIZE)


def test_each_object_in_a_frame_of_the_preview_may_be_the_last():
    watch = Watch()
    with interrupts(watch):
        preview(torch.zeros(1, 48, 64, 3), objects(), FRAMES)
    assert watch.calls >= TRACKS * (FRAMES + 1)


def test_a_large_hole_is_left_while_it_is_filled(monkeypatch):
    monkeypatch.setattr("dragnuwa.vision.inpainting.patch_match.AT_ONCE", 4000)
    picture, hole = picture_with_hole(margin=25)
    watch = Watch()
    with interrupts(watch):
        filled = fill_hole(picture, hole)
    assert watch.calls > 12 * 4
    with pytest.raises(Stopped), interrupts(Watch(watch.calls)):
        fill_hole(picture, hole)
    monkeypatch.undo()
    np.testing.assert_array_equal(filled, fill_hole(picture, hole))  # however many rows at a time


def test_a_large_hole_is_left_while_it_is_smoothed():
    watch, (picture, hole) = Watch(), picture_with_hole(margin=5)
    with interrupts(watch):
        smooth_fill(picture, hole)
    assert watch.calls > 12  # once for each sweep
    with pytest.raises(Stopped), interrupts(Watch(watch.calls)):
        smooth_fill(picture, hole)


def picture_with_hole(margin: int) -> tuple[np.ndarray, np.ndarray]:
    """`[H, W, 3]` float32, and `[H, W]` bool."""
    picture, hole = np.random.default_rng(0).random((200, 100, 3), np.float32), np.zeros((200, 100), bool)
    hole[margin:-margin, margin:-margin] = True
    return picture, hole


def test_tracks_by_the_million_are_refused_before_they_are_made():
    """A path of many points under a mask with many places."""
    path = from_arrays(np.random.default_rng(0).uniform(0, 47, (1, 10_000, 2)), **SIZE).tracks[0]
    with pytest.raises(TrajectoryError, match="should have at most 1,048,576 points"):
        brush.motion_brush(MASKS[:1], [path], brush.Brush(spacing=1.0))


def test_watched_checks_before_each_item():
    watch = Watch(3)
    with pytest.raises(Stopped), interrupts(watch):
        list(watched(range(9)))
    assert list(watched([7])) == [7] and watch.calls == 3  # without a scope, nobody is asked


def test_sampling_in_parts_changes_nothing(monkeypatch):
    value = json.loads(tracks().to_json())
    for track, spline in zip(value["tracks"], ("pchip", "linear", "catmull_rom", "bezier") * TRACKS, strict=False):
        track["spline"] = spline
    drags, clip = parse(value, **SIZE), ClipShape(64, 48, 9)
    whole = drags.at_frames(clip).points
    monkeypatch.setattr("dragnuwa.trajectory.sampling.AT_ONCE", 20)
    np.testing.assert_array_equal(drags.at_frames(clip).points, whole)
