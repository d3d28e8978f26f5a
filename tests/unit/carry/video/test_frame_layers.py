"""What frames of a clip consist of is what a run composites: drawn from that, each frame is the run's."""

import json

import cv2
import numpy as np
import pytest

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.clip_editing import edit_video
from dragnuwa.carry.video.composite import Composite
from dragnuwa.carry.video.edits import UNEDITED
from dragnuwa.carry.video.frame_layers import Patch, edited_part, frame_layers, is_bent
from dragnuwa.carry.video.outlines import SmallClip
from dragnuwa.common.images import to_bytes
from dragnuwa.trajectory import parse
from tests.support.pictures import box_mask
from tests.unit.carry.video.test_clip_editing import FRAMES, HEIGHT, LEFT, SIDE, START, TOP, WIDTH, clip, passing

LEAST = 35  # dB
SETTINGS = CarrySettings(fit="stretch")


def drawn(*tracks: dict, objects: tuple[dict, ...] = ()):
    text = {"type": "dragnuwa.trajectories", "version": 2, "tracks": list(tracks), "objects": list(objects)}
    return parse(json.dumps(text), width=WIDTH, height=HEIGHT)


def drag(x: float, y: float, **fields) -> dict:
    """Moves the square by so many pixels."""
    end = {"x": START[0] + x / WIDTH, "y": START[1] + y / HEIGHT}
    return {"points": [{"x": START[0], "y": START[1]}, end], "spline": "linear", **fields}


def square(**fields) -> dict:
    """The square as an object."""
    corners = ((LEFT, TOP), (LEFT + SIDE, TOP), (LEFT + SIDE, TOP + SIDE), (LEFT, TOP + SIDE))
    return {"outline": [[{"x": x / WIDTH, "y": y / HEIGHT} for x, y in corners]], **fields}


def put(frame: np.ndarray, patch: Patch, onto: np.ndarray) -> None:
    """A patch over a frame `[H, W, 3]`, moved by `[3, 3]`."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    box = patch.box
    matrix = onto @ np.array([[1, 0, box.left], [0, 1, box.top], [0, 0, 1]])
    part = patch.pixels.movedim(0, -1).numpy()
    pixels = cv2.warpAffine(part, matrix[:2], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    opacity = pixels[..., 3:]
    colors = cv2.warpAffine(part, matrix[:2], (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    frame += opacity * (colors[..., :3] - frame)


def played(composite: Composite, time: int) -> np.ndarray:
    """`[H, W, 3]`: a frame as the page draws it (`web/core/composing/clip_layers.js`)."""
    frame = composite.pixels(time).copy()
    there = {each.number: each for each in frame_layers(composite, time)}
    changing = {number for number, edit in enumerate(composite.edits) if edit.changes(time)}
    for number in sorted(changing & there.keys()):
        if composite.edits[number].leaves and there[number].ground is not None:
            put(frame, there[number].ground, np.eye(3))
    anything = False
    for number, edit in enumerate(composite.edits):
        if number in changing:
            source = {each.number: each for each in frame_layers(composite, edit.source(time))}
            pieces, move = source[number].pieces if number in source and edit.is_drawn(time) else (), edit.move(time)
        else:
            pieces, move = there[number].pieces if number in there else (), None
            pieces = pieces if anything or len(pieces) > 1 else ()
        for piece in pieces:
            onto = piece.onto if move is None else move.after(piece.onto)
            put(frame, piece.patch, onto.matrix())
            anything = True
    return frame


def decibels(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    return float(-10 * np.log10(max(((one - other)[where] ** 2).mean(), 1e-12)))


MOVED = {"keys": [{"t": 1, "x": 0.1, "y": -0.2, "rotation": 25, "scale": 1.4}]}


@pytest.mark.parametrize(
    "drawing",
    [
        drawn(drag(0, -24)),
        drawn(drag(0, -24, edit="absolute")),
        drawn(drag(0, 0, edit="removed")),
        drawn(drag(10, 20, edit="copied")),
        drawn(drag(0, -24, delay=0.25)),
        drawn(drag(0, -24, visible=[[0, 0.5]])),
        drawn(objects=(square(motion=MOVED),)),
        drawn(objects=(square(motion=MOVED, grow=0.01, feather=0.02),)),
    ],
    ids=["relative", "absolute", "removed", "copied", "delayed", "hidden later", "turned and scaled", "finished"],
)
def test_frames_drawn_from_what_they_consist_of_are_those_of_a_run(drawing):
    images = clip()
    made = edit_video(images, drawing, (WIDTH, HEIGHT), SETTINGS)
    small = SmallClip(to_bytes(images), (WIDTH, HEIGHT))
    composite = small.composite(drawing, (WIDTH, HEIGHT), images.__getitem__, SETTINGS)
    assert not is_bent(composite)
    changed = 0
    for time in range(FRAMES):
        where, frame = made.change[time].numpy() > 0, played(composite, time)
        changed += where.any()
        assert np.array_equal(frame[~where], images[time].numpy()[~where])
        assert not where.any() or decibels(frame, made.video[time].numpy(), where) >= LEAST, time
    assert changed >= FRAMES // 2


def test_what_stands_before_a_thing_is_drawn_over_it():
    images, _ = passing()
    drawing = drawn(drag(0, -6))
    masks = box_mask(LEFT, TOP, LEFT + SIDE, TOP + SIDE, (WIDTH, HEIGHT))[None]
    made = edit_video(images, drawing, (WIDTH, HEIGHT), SETTINGS, masks)
    composite = made.composite
    assert [edit.kind == UNEDITED for edit in composite.edits] == [False, True]
    for time in range(1, FRAMES):
        where = made.change[time].numpy() > 0
        assert decibels(played(composite, time), made.video[time].numpy(), where) >= LEAST, time


def test_another_motion_of_the_same_object_consists_of_the_same():
    """So that the page can go on drawing while it is changed."""
    images = clip()
    small = SmallClip(to_bytes(images), (WIDTH, HEIGHT))
    one, other = (
        small.composite(drawing, (WIDTH, HEIGHT), images.__getitem__, SETTINGS)
        for drawing in (drawn(drag(0, -24)), drawn(drag(12, 20, edit="absolute", delay=0.1)))
    )
    for time in (0, 4, 8):
        (first,), (second,) = frame_layers(one, time), frame_layers(other, time)
        assert first.ground.box == second.ground.box
        assert np.array_equal(first.ground.pixels, second.ground.pixels)
        for piece, same in zip(first.pieces, second.pieces, strict=True):
            assert piece.patch.box == same.patch.box and np.array_equal(piece.patch.pixels, same.patch.pixels)


def test_a_composite_is_made_once():
    images = clip()
    small = SmallClip(to_bytes(images), (WIDTH, HEIGHT))
    one, same, other = (
        small.composite(drawing, (WIDTH, HEIGHT), images.__getitem__, SETTINGS)
        for drawing in (drawn(drag(0, -24)), drawn(drag(0, -24)), drawn(drag(0, -20)))
    )
    assert one is same and one is not other


def test_what_bends_comes_as_it_is_edited():
    images = clip()
    pins = [
        {"points": [{"x": (LEFT + 3) / WIDTH, "y": START[1]}], "kind": "anchor"},
        {"points": [{"x": (LEFT + 16) / WIDTH, "y": y} for y in (START[1], START[1] - 0.1)]},
    ]
    drawing = drawn(objects=(square(motion={"keys": [{"t": 0}]}, pins=pins),))
    small = SmallClip(to_bytes(images), (WIDTH, HEIGHT))
    composite = small.composite(drawing, (WIDTH, HEIGHT), images.__getitem__, SETTINGS)
    assert is_bent(composite) and edited_part(composite, 0) is None
    made = edit_video(images, drawing, (WIDTH, HEIGHT), SETTINGS)
    frame, where = images[6].numpy().copy(), made.change[6].numpy() > 0
    put(frame, edited_part(composite, 6), np.eye(3))
    assert decibels(frame, made.video[6].numpy(), where) > 60
