"""What pins make of a thing that moves in a clip: a red body with an arm, which goes right over textured ground."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.bent import bend_of_object
from dragnuwa.carry.video.clip_editing import edit_video
from dragnuwa.carry.video.edits import Edit
from dragnuwa.carry.video.outlines import SmallClip
from dragnuwa.carry.video.tracked import ObjectTrack
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.research.scenes.jointed import make_jointed
from dragnuwa.trajectory import DrawnPath, MotionObject, Point, Track, Trajectories, parse
from dragnuwa.trajectory.objects.types import middle
from dragnuwa.vision.segmentation.outline import outline_of
from tests.support.pictures import RED, texture

WIDTH, HEIGHT, FRAMES, STEP = 224, 128, 7, 6
BODY, ARM = (30, 40, 60, 110), (60, 60, 110, 72)  # left, top, right, bottom
HAND, ELBOW, SHOULDER, HIP = (106, 66), (85, 66), (58, 66), (45, 95)
RAISED = (98, 36), (82, 52)  # where hand and elbow are at the end, if the thing rested
REDDISH = 0.15


def shape(time: int = 0) -> np.ndarray:
    """`[H, W]` bool, where it is in a frame."""
    found = np.zeros((HEIGHT, WIDTH), bool)
    for left, top, right, bottom in (BODY, ARM):
        found[top:bottom, left + STEP * time : right + STEP * time] = True
    return found


def clip() -> torch.Tensor:
    frames = np.stack([texture(HEIGHT, WIDTH) // 2] * FRAMES)
    for time in range(FRAMES):
        frames[time][shape(time)] = RED
    return torch.from_numpy(frames).float() / 255


MASKS = torch.from_numpy(np.stack([shape(time) for time in range(FRAMES)])).float()


def ring() -> list:
    left, top, right, bottom = BODY
    hand, above, below = ARM[2], ARM[1], ARM[3]
    corners = [(left, top), (right, top), (right, above), (hand, above), (hand, below), (right, below),
               (right, bottom), (left, bottom)]  # fmt: skip
    return [{"x": x / WIDTH, "y": y / HEIGHT} for x, y in corners]


def path(*places: tuple[float, float], **fields) -> dict:
    return {"points": [{"x": x / WIDTH, "y": y / HEIGHT} for x, y in places], "spline": "linear", **fields}


PINS = [path(HAND, RAISED[0]), path(ELBOW, RAISED[1]), path(SHOULDER), path(HIP)]


def drawn(pins: list[dict] = PINS, **fields) -> Trajectories:
    thing = {"id": "o1", "outline": [ring()], "edge": "exact", "motion": path(HIP), "pins": pins, **fields}
    value = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [thing]}
    return parse(json.dumps(value), width=WIDTH, height=HEIGHT)


def dragged(**fields) -> Trajectories:
    tracks = [{**pin, "id": f"t{number}", **fields} for number, pin in enumerate(PINS)]
    value = {"type": "dragnuwa.trajectories", "version": 1, "tracks": tracks}
    return parse(json.dumps(value), width=WIDTH, height=HEIGHT)


def edited(drawing: Trajectories, masks: torch.Tensor | None = None):
    return edit_video(clip(), drawing, (WIDTH, HEIGHT), CarrySettings(fit="stretch"), masks)


def is_red(frame: torch.Tensor, x: float, y: float) -> bool:
    return bool((frame[round(y), round(x)] - torch.tensor(RED) / 255).abs().max() < REDDISH)


@pytest.fixture(scope="module")
def raised():
    return edited(drawn(), MASKS)


def test_a_pin_moves_on_top_of_what_the_thing_does(raised):
    away = STEP * (FRAMES - 1)
    (x, y), last = RAISED[0], raised.video[-1]
    assert is_red(last, x + away, y) and not is_red(clip()[-1], x + away, y)
    assert not is_red(last, HAND[0] + away, HAND[1])  # it has left where it was


def test_what_rests_of_it_and_what_is_away_from_it_are_the_clips_own(raised):
    assert torch.equal(raised.video[0], clip()[0])
    for time in (3, FRAMES - 1):
        lower = slice(90, HEIGHT), slice(None)
        assert torch.equal(raised.video[time][lower], clip()[time][lower])
    outside = raised.change == 0
    assert torch.equal(raised.video[outside], clip()[outside]) and float(outside.float().mean()) > 0.8


def test_its_tracks_are_those_of_the_bent_thing(raised):
    points, _ = raised.trajectories.sample(FRAMES, WIDTH, HEIGHT)
    away = np.array([STEP * (FRAMES - 1), 0])
    hand, elbow, shoulder, hip = points[-4:, -1] - away  # the pins, after the other spots
    assert np.abs(hand - RAISED[0]).max() < 1.5 and np.abs(elbow - RAISED[1]).max() < 1.5
    assert np.abs(shoulder - SHOULDER).max() < 1.5 and np.abs(hip - HIP).max() < 1.5  # not where they are in frame 0


def test_a_pins_way_turns_and_grows_with_the_thing():
    shape_ = drawn().objects[0]
    size = ClipShape(WIDTH, HEIGHT, FRAMES)
    bend = bend_of_object(shape_, shape().astype(np.float32), size)
    quarter = SimilarityTransform(np.full(FRAMES, 1.5j), np.full(FRAMES, 180 + 0j))
    masks = np.stack([(255 * shape()).astype(np.uint8)] * FRAMES)
    track = ObjectTrack(0, quarter, np.ones(FRAMES, bool), masks, (WIDTH, HEIGHT))
    rest = SimilarityTransform.at_rest(FRAMES)
    edit = Edit("thing", track, rest, 0j, np.ones(FRAMES, bool), bend=bend)
    hand = complex(*HAND) - (0.5 + 0.5j)
    here = quarter.at(FRAMES - 1).apply(hand)
    way = edit.forward(np.array([here]), FRAMES - 1)[0] - here
    assert abs(way - 1.5j * (complex(*RAISED[0]) - complex(*HAND))) < 1
    for kind in ("absolute", "still"):  # its own motion does not count
        held = replace(edit, kind=kind).forward(np.array([here]), FRAMES - 1)[0]
        assert abs(held - (complex(*RAISED[0]) - (0.5 + 0.5j))) < 1


def test_drags_bend_what_they_lie_on_if_they_are_to():
    given = MASKS[:1].repeat(len(PINS), 1, 1)
    made = edited(dragged(bend="on"), given)
    away = STEP * (FRAMES - 1)
    assert is_red(made.video[-1], RAISED[0][0] + away, RAISED[0][1]) and is_red(made.video[-1], HIP[0] + away, HIP[1])
    whole = edited(dragged(), given)
    assert whole.composite.edits[-1].bend is None


def test_drags_that_bend_share_the_thing_which_the_largest_is_on():
    made = edited(dragged(bend="on"))
    (edit,) = (edit for edit in made.composite.edits if edit.tracks)
    assert edit.tracks == ("t0", "t1", "t2", "t3") and edit.bend is not None


def test_a_removed_thing_does_not_bend_and_a_copy_leaves_the_original():
    removed = edited(drawn(edit="removed"), MASKS)
    away = STEP * (FRAMES - 1)
    assert not is_red(removed.video[-1], HIP[0] + away, HIP[1])
    copied = edited(drawn(edit="copied"), MASKS).video[-1]
    assert is_red(copied, RAISED[0][0] + away, RAISED[0][1]) and is_red(copied, HAND[0] + away, HAND[1])


def test_the_editor_outlines_what_bends():
    images = (255 * clip()).round().byte().numpy()
    small = SmallClip(images, (WIDTH, HEIGHT))
    (region,) = small.regions(drawn(), (WIDTH, HEIGHT), clip().__getitem__, CarrySettings(fit="stretch"))
    assert region.bends
    away = STEP * (FRAMES - 1)
    for a, b, c, d, e, f in (region.own[-1], region.placed[-1]):  # the pins come on top of both
        x, y = SHOULDER[0] / WIDTH, SHOULDER[1] / HEIGHT
        there = (a * x + c * y + e) * WIDTH, (b * x + d * y + f) * HEIGHT
        assert there == pytest.approx((SHOULDER[0] + away, SHOULDER[1]), abs=2)
    at = RAISED[0][0] + away, RAISED[0][1]
    rings = [(np.array(ring) * (WIDTH, HEIGHT)).astype(np.float32) for ring in region.moved[-1]]
    assert any(cv2.pointPolygonTest(ring, at, False) > 0 for ring in rings)


def test_a_limb_that_was_followed_as_something_else_is_a_part_of_what_bends():
    scene = make_jointed(4, frames=7)
    height, width = scene.masks.shape[1:]
    pins = tuple(
        Track(tuple(Point((at.real + 0.5) / width, (at.imag + 0.5) / height) for at in way), spline="linear")
        for way in scene.pins
    )
    outline = outline_of(scene.masks[0].astype(np.float32))
    rest = DrawnPath((Point(*middle(outline)),))
    figure = MotionObject(outline, middle(outline), rest, edge="exact", pins=pins)
    images = torch.from_numpy(scene.before).float() / 255
    drawing = Trajectories((), (width, height), (figure,))
    made = edit_video(images, drawing, (width, height), CarrySettings(fit="stretch"))
    left = scene.arms[-1] & ~scene.masks_after[-1]
    still_there = (made.video[-1] - images[-1]).abs().amax(-1).numpy()[left] < 0.02
    assert still_there.mean() < 0.2
