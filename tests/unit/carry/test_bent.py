"""Drags, anchors and objects' pins bend what they are on, in all that renders layers."""

import functools
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import Carried, carry, carry_clip
from dragnuwa.carry.depth.layers import cut_out
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import DrawnDepth
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import Found, find, with_bent_objects
from dragnuwa.carry.outlines import APART, carried_regions
from dragnuwa.carry.rendering import render
from dragnuwa.common.clip_shape import ClipShape, ModelClip
from dragnuwa.common.images import to_floats
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture
from dragnuwa.geometry.warps import BendWarp
from dragnuwa.server.composition import Fitted, composition
from dragnuwa.vision.segmentation.prepared import PreparedPicture, prepare
from tests.web.composition_cases import parts_of

CLIP = ModelClip(240, 160, 7)
NECK, TAIL, BODY = (178, 60), (62, 96), (118, 100)


@functools.cache
def animal() -> np.ndarray:
    """A red animal on noisy grey: a long body on four legs, with a neck and a tail. Not to be changed in place."""
    drawn = np.zeros((160, 240, 3), np.uint8)
    for ends, width in (((70, 100), (160, 100)), 34), (((160, 98), (178, 60)), 18), (((70, 98), (52, 84)), 10):
        cv2.line(drawn, *ends, (210, 40, 30), width)
    for x in (70, 90, 140, 158):
        cv2.line(drawn, (x, 110), (x, 146), (210, 40, 30), 10)
    ground = np.random.default_rng(0).integers(112, 126, (160, 240, 3), dtype=np.uint8)
    return np.where(drawn.any(-1, keepdims=True), drawn, ground)


def drags(*tracks: tuple, **fields) -> trajectory.Trajectories:
    """Each from one place to another, in pixels."""
    made = trajectory.parse([[list(place) for place in track] for track in tracks], width=240, height=160)
    return replace(made, tracks=tuple(replace(track, **fields) for track in made.tracks))


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return animal()


@functools.cache
def prepared() -> PreparedPicture:
    """The animal as the networks have seen it, once for all tests."""
    return prepare(to_floats(animal()), CLIP.size)


def found_in(value: trajectory.Trajectories, clip: ClipShape = CLIP) -> Found:
    return find(drawing_on(prepared(), value, clip))


@functools.cache
def made_of(text: str, clip: ClipShape = CLIP) -> Carried:
    """What Carry makes of the animal and a drawing as text. Not to be changed in place."""
    return carry(to_floats(animal()), found_in(trajectory.parse(text, width=240, height=160), clip))


def carried(value: trajectory.Trajectories) -> np.ndarray:
    return made_of(value.to_json()).video.numpy()


def is_red(frame: np.ndarray) -> np.ndarray:
    return (frame[..., 0] > 0.6) & (frame[..., 1] < 0.4)


def parts(red: np.ndarray) -> int:
    return cv2.connectedComponents(cv2.morphologyEx(red.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3))))[0] - 1


NOD = (NECK, (196, 74))


def test_one_drag_at_an_end_bends_and_the_rest_stays():
    video = carried(drags(NOD, bend="auto"))
    red = is_red(video[-1])
    assert red[72:77, 194:199].all()
    assert parts(red) == 1
    legs = np.s_[125:144, 60:100]
    assert np.abs(video[-1][legs] - video[0][legs]).max() < 0.1
    assert abs(red.sum() / is_red(video[0]).sum() - 1) < 0.05


def test_one_drag_in_the_middle_moves_it_whole_and_a_key_turns_the_one_into_the_other():
    whole, today = (carried(drags((BODY, (130, 96)), bend=bend)) for bend in ("auto", ""))
    assert np.array_equal(whole, today)
    bent = carried(drags((BODY, (130, 96)), bend="on"))
    assert not np.array_equal(bent, today)
    assert np.array_equal(carried(drags(NOD, bend="off")), carried(drags(NOD)))


def test_it_bends_alike_at_all_sizes():
    """Of which the editor plays a smaller one than a run makes."""
    small, large = (found_in(drags(NOD, bend="auto")).drawing.at_size(size) for size in ((240, 160), (960, 640)))
    small, large = (find(drawing).shape(np.array([0])) for drawing in (small, large))
    assert large.mesh.size == (960, 640) and large.mesh.step == pytest.approx(4 * small.mesh.step)
    corner = 0.5 + 0.5j
    for before, after in ((small.mesh.points, large.mesh.points), (small.points, large.points)):
        np.testing.assert_allclose(after + corner, 4 * (before + corner), atol=1e-6)


def test_a_drag_and_an_anchor_on_one_thing_bend_it():
    both = drags(NOD, (BODY,), bend="auto")
    found = found_in(both)
    (layer,) = (layer for layer in found.regions if layer.warp is not None)
    assert isinstance(layer.warp, BendWarp)
    at = np.array([complex(*BODY)])
    assert abs(layer.sources(at, 6)[0] - at[0]) < 0.1
    end = np.array([complex(*NOD[1])])
    assert abs(layer.sources(end, 6)[0] - complex(*NECK)) < 0.1
    apart = drags(NOD, (BODY,))
    regions = found_in(apart).regions
    assert not any(isinstance(region.warp, BendWarp) for region in regions)


def test_tracks_that_a_similarity_explains_move_it_whole():
    value = drags((NECK, (188, 66)), (TAIL, (72, 102)), bend="auto")
    regions = found_in(value).regions
    assert not any(isinstance(region.warp, BendWarp) for region in regions)


def outlined(**fields) -> trajectory.Trajectories:
    outline = [[{"x": x / 240, "y": y / 160} for x, y in ((40, 74), (240 - 46, 50), (190, 90), (170, 150), (60, 150))]]
    pins = [
        {"points": [{"x": BODY[0] / 240, "y": BODY[1] / 160}]},
        {"points": [{"x": x / 240, "y": y / 160} for x, y in NOD]},
    ]
    each = {"outline": outline, "edge": "exact", "motion": {"points": [{"x": 0, "y": 0}]}, "pins": pins, **fields}
    value = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [each]}
    return trajectory.parse(value, width=240, height=160)


def test_pins_bend_an_object_before_its_own_motion():
    white = np.full((160, 240, 3), 255, np.uint8)
    value = outlined(motion={"keys": [{"t": 1, "x": 0.1, "rotation": 20}]}, pivot={"x": 0.5, "y": 0.5})
    (layer,) = find(drawing_on(to_floats(white), value, CLIP)).regions
    turn = np.exp(1j * np.radians(20))
    for start, end in ((BODY, BODY), NOD):
        there = (complex(*end) - (120 + 80j)) * turn + 120 + 80j + 24
        assert abs(layer.sources(np.array([there - 0.5 - 0.5j]), 6)[0] - (complex(*start) - 0.5 - 0.5j)) < 0.2


def test_motion_blur_averages_the_bend():
    sharp, blurred = (carried(outlined(shutter=shutter)) for shutter in (0, 0.5))
    assert np.isfinite(blurred).all() and np.abs(sharp[3] - blurred[3]).max() > 0.05
    assert np.array_equal(sharp[0], blurred[0])


def test_tracks_of_a_bent_object_follow_it():
    points, visible = outlined().sample(7, 240, 160)
    ends = points[:, -1]
    assert np.abs(ends - NOD[1]).sum(-1).min() < 1e-3 and np.abs(ends - BODY).sum(-1).min() < 1e-3
    assert visible.all()
    still, _ = outlined(pins=[]).sample(7, 240, 160)
    assert len(points) == len(still) + 2


def test_the_dashed_line_shows_the_bend():
    (found,) = carried_regions(prepared(), drags(NOD, bend="auto"), CLIP)
    assert len(found.moved) == 7 and found.motion is None
    start, corners = np.array(found.moved[0][0]), np.array(found.outline[0])
    assert np.abs(start[None] - corners[:, None]).max(2).min(1).max() < 1e-4  # each corner is there
    edges = np.diff(start, axis=0, append=start[:1]) * (240, 160)
    assert np.hypot(*edges.T).max() <= APART + 0.01  # between them, straight edges can bend
    top = max(x for x, _ in found.moved[-1][0]) * 240
    assert top > max(x for x, _ in found.outline[0]) * 240 + 10


def test_detail_is_restored_along_the_bend(picture):
    value = drags(NOD, bend="auto")
    video = made_of(value.to_json()).video
    blurred = torch.from_numpy(np.stack([cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in video.numpy()]))
    restored = restore_clip(ClipAndPicture(blurred, to_floats(picture)[None]), value.to_json(), None)
    assert (restored.images[-1] - video[-1]).abs().mean() < 0.4 * (blurred[-1] - video[-1]).abs().mean()


def test_it_is_played(picture):
    small = prepared()
    kinds = []
    for value in (drags(NOD, bend="auto"), drags(NOD)):
        told, _ = parts_of(composition(small, Fitted(to_floats(picture)), value, CLIP))
        kinds.append([layer["motion"]["kind"] for layer in told["layers"]])
    assert kinds == [["mesh"], ["similarity"]]


def test_what_bends_in_a_picture_bends_in_its_depth(picture):
    """Seen by a camera at rest, it is what it is without depth."""
    image, value = to_floats(picture), drags(NOD, bend="auto")
    found = found_in(value)
    cut = cut_out(found, image.movedim(-1, 0), DrawnDepth(0.3, 20.0, 60.0))
    cameras = CameraMoves().cameras(cut.scene, CLIP.frames)
    seen = cut.seen_by(cameras, range(CLIP.frames))
    in_depth, flat = render(seen, 6).colors.movedim(0, -1).numpy(), carried(value)[-1]
    assert is_red(in_depth)[72:77, 194:199].all()
    assert np.abs(in_depth - flat).mean() < 0.01


def places(*pairs: tuple[float, float]) -> list[dict]:
    return [{"x": x, "y": y} for x, y in pairs]


def pins(*ways: tuple, **fields) -> list[dict]:
    return [{"points": places(*way), **fields} for way in ways]


SPOTS = np.random.default_rng(1).uniform((0.3, 0.55), (0.7, 0.9), (200, 2))
TURN = np.arange(4096) / 4096 * 2 * np.pi
JAGGED = np.stack([np.cos(TURN), np.sin(TURN)], -1) * (0.4 - 0.1 * (np.arange(4096) % 2))[:, None] + 0.5
SQUARE = places((0.1, 0.2), (0.9, 0.2), (0.9, 0.9), (0.1, 0.9))
HARD = {
    "in one place": {"pins": pins(((0.5, 0.6), (0.4, 0.6)), ((0.5, 0.6), (0.7, 0.6)))},
    "crossing": {"pins": pins(((0.3, 0.7), (0.7, 0.7)), ((0.7, 0.7), (0.3, 0.7)))},
    "outside": {"pins": pins(((0.9, 0.1), (0.95, 0.2)))},
    "far": {"pins": pins(((-30, 40), (9000, -9000)))},
    "200 pins": {"pins": pins(*(((x, y), (x + 0.01, y)) for x, y in SPOTS))},
    "4096 corners": {"outline": [places(*JAGGED)]},
    "a pixel high": {"outline": [places((0.1, 0.5), (0.9, 0.5), (0.9, 0.506), (0.1, 0.506))]},
    "a hole": {"outline": [SQUARE, places((0.2, 0.3), (0.8, 0.3), (0.5, 0.55))]},
    "two parts": {"outline": [places((0.1, 0.2), (0.3, 0.2), (0.2, 0.9)), places((0.6, 0.3), (0.8, 0.3), (0.7, 0.8))]},
    "all stiff": {"stiff": [SQUARE]},
    "turned and scaled": {"pins": pins(((0.5, 0.6),), pin=[{"at": 1, "turn": 36000, "scale": 100}])},
}


@pytest.mark.parametrize("fields", HARD.values(), ids=HARD.keys())
def test_whatever_is_drawn_gives_a_finite_video_soon(fields):
    value = outlined(**fields)
    begun = time.process_time()
    video = carried(value)
    assert time.process_time() - begun < 3  # one, on a free machine
    assert np.isfinite(video).all()
    points, _ = value.sample(7, 240, 160)
    assert np.isfinite(points).all()


def test_an_old_drawing_gives_what_it_gave():
    """Fields with their defaults are the same drawing."""
    plain = drags(NOD, (BODY,))
    assert plain.to_json() == drags(NOD, (BODY,), bend="", stays=0.5, over="", stiffness=0.5).to_json()
    assert "bend" not in plain.to_json() and "pins" not in outlined(pins=[]).to_json()


def test_a_long_clip_takes_as_many_frames():
    video = made_of(drags(NOD, bend="auto").to_json(), ClipShape(240, 160, 30)).video
    ways = [np.nonzero(is_red(frame.numpy())[:90])[1].max() for frame in video]
    assert np.diff(ways).min() >= -1 and ways[-1] > ways[0] + 10


def test_a_fold_is_told(picture, caplog):
    stays = {"stays": 0.3, "bend": "on"}
    value = drags((BODY, (60, 100)), **stays)
    carry_clip(to_floats(picture)[None], value, CLIP)
    assert "turn inside out" in caplog.text
    (found,) = carried_regions(prepared(), value, CLIP)
    assert found.bends


def test_what_drags_bend_becomes_an_object_for_other_models():
    value = drags(NOD, (BODY,), bend="auto")
    found = found_in(value)
    bent = with_bent_objects(value, found, CLIP)
    assert not bent.tracks and len(bent.objects[0].pins) == 2
    ours, theirs = carried(value), carried(bent)
    assert (is_red(ours[-1]) ^ is_red(theirs[-1])).sum() < 0.03 * is_red(ours[-1]).sum()
    points, _ = bent.sample(7, 240, 160)
    assert np.abs(points[:, -1] - NOD[1]).max(-1).min() < 1
    assert with_bent_objects(drags(NOD), found_in(drags(NOD)), CLIP) == drags(NOD)


def test_what_stays_is_the_picture_itself_up_to_its_edge(picture):
    """A cut-out is blended with an invented ground along its edge; where nothing moves, the picture knows better."""
    noisy = picture.copy()
    noisy[::7, ::5] = 255 - noisy[::7, ::5]  # what no fill would guess
    for value in (outlined(pins=outlined_pins()[1:]), outlined(pins=outlined_pins())):
        result = carry_clip(to_floats(noisy)[None], value, CLIP)
        rests = np.s_[:, :56]  # the tail, and the ground around it
        assert np.abs(result.video[-1].numpy()[rests] - noisy[rests] / 255).max() < 1e-6
        assert not result.uncovered[-1].numpy()[rests].any()
        assert result.uncovered[-1].any()  # where the head was


def outlined_pins() -> list[dict]:
    """An anchor on the body, and a drag on the neck."""
    return [{"points": places(*(np.array(way) / (240, 160) for way in each))} for each in ((BODY,), NOD)]
