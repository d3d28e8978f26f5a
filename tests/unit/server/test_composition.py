"""The route that gives the composition of a drawing; its pixels are held to a run's by tests/web/compositions.json."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes, to_floats
from dragnuwa.server import composition, routes
from dragnuwa.trajectory import parse
from tests.support.drawings import objects_value, tracks_value
from tests.support.page_routes import CLIP, SQUARE, named, post
from tests.web.composition_cases import parts_of, pixels_of

DRAG = {"points": [{"x": 0.3, "y": 0.5}, {"x": 0.6, "y": 0.5}]}
GREY = (120, 125, 130)
WRONG = (None, "320", 63, 1281, 320.0, True, 10**400, [])
THING = {"outline": SQUARE, "motion": DRAG, "shadow": SQUARE}
SIZE = (640, 512)  # of the picture, and a draft of it


def asked(drawing: dict, **fields) -> dict:
    return {"picture": named(), **CLIP, "frames": 5, "text": json.dumps(drawing), "longest": 320, **fields}


def told(folders, drawing: dict, **fields) -> tuple[dict, list[np.ndarray]]:
    ((status, media, answer),) = post(folders, "/dragnuwa/composition", asked(drawing, **fields))
    assert (status, media) == (200, "application/octet-stream"), answer
    return parts_of(answer)


def test_it_has_the_picture_and_each_thing_with_its_source(folders):
    about, arrays = told(folders, objects_value(THING) | {"tracks": [DRAG]})
    assert (about["size"], about["frames"], about["camera"]) == ([*SIZE], 5, None)
    picture = Image.open(folders / "input" / "sub" / "disc.png").convert("RGB").resize(SIZE, Image.Resampling.BOX)
    assert np.abs(pixels_of(arrays[about["image"]]) - np.asarray(picture, np.int16)).mean() < 3
    of = [(layer.get("tracks"), layer.get("object"), layer["shadow"]) for layer in about["layers"]]
    assert of == [(["t1"], None, False), (None, "o1", True), (None, "o1", False)]
    for layer in about["layers"]:
        left, top, right, bottom = layer["box"]
        assert arrays[layer["colors"]].shape == (bottom - top, right - left, 3)
        moves = arrays[layer["motion"]["moves"]]
        np.testing.assert_allclose(moves[[0, -1]], [[1, 0, 0, 0], [1, 0, 0.3 * SIZE[0], 0]], atol=1e-5)


def test_an_object_at_rest_is_also_cut_out_as_when_it_moves(folders):
    resting = THING | {"outline": [RING], "motion": {"keys": [{"t": 0}]}, "shadow": []}
    about, arrays = told(folders, objects_value(resting, THING))
    still, _, moving = about["layers"]
    assert still["motion"] is None and "lifted" in still and "lifted" not in moving
    left, _, right, _ = about["under"]["box"]
    under = pixels_of(arrays[about["under"]["pixels"]]).astype(int)
    assert left < 0.2 * SIZE[0] and right > 0.4 * SIZE[0] and np.abs(under - GREY).max() < 20  # no red is left
    opacity = pixels_of(arrays[still["lifted"]["opacity"]])
    assert 0 < np.mean((opacity > 0) & (opacity < 255)) < 0.2  # it has a soft edge
    about, _ = told(folders, objects_value(THING))
    assert about["under"] is None


RING = [{"x": x, "y": y} for x, y in ((0.15, 0.3), (0.48, 0.3), (0.48, 0.7), (0.15, 0.7))]
FINISHED = {"outline": [RING], "motion": DRAG, "grow": -0.03, "feather": 0.1, "shutter": 1}


@pytest.mark.parametrize("drawn", [tracks_value(DRAG), objects_value(FINISHED)], ids=["drag", "finished object"])
def test_what_is_behind_and_moves_is_what_carry_shows(folders, drawn):
    about, arrays = told(folders, drawn)
    picture = to_floats(np.array(Image.open(folders / "input" / "sub" / "disc.png")))[None]
    drags = parse(json.dumps(drawn), width=SIZE[0], height=SIZE[1])
    carried = carry_clip(picture, drags, ClipShape(*SIZE, 5), settings=CarrySettings(fit=CLIP["fit"]))
    start, end = to_bytes(carried.video[0]).astype(int), to_bytes(carried.video[-1]).astype(int)
    assert np.abs(pixels_of(arrays[about["image"]]) - start).max() <= 1
    left, top, right, bottom = about["plate"]["box"]
    ground = start.copy()
    ground[top:bottom, left:right] = pixels_of(arrays[about["plate"]["pixels"]])
    uncovered = carried.uncovered[-1].numpy() == 1
    assert uncovered.sum() > 2000 and np.abs(ground - end)[uncovered].max() <= 1
    assert np.abs(ground[uncovered] - GREY).max() < 20  # no red is left
    (layer,) = about["layers"]
    opacity = pixels_of(arrays[layer["opacity"]])[..., 0]
    y, x = np.nonzero(opacity == 255)
    moves = arrays[layer["motion"]["moves"]]
    if "shutter" in json.dumps(drawn):
        assert len(moves) > 20  # several for each frame
    else:
        assert moves[-1].tolist() == pytest.approx([1, 0, 0.3 * SIZE[0], 0], abs=1e-4) and len(x) > 2000
        moved = end[y + layer["box"][1], x + layer["box"][0] + round(0.3 * SIZE[0])]
        assert np.abs(pixels_of(arrays[layer["colors"]])[y, x] - moved).max() <= 1


def test_the_same_is_made_once(folders, monkeypatch):
    made, found = [], composition.compose
    monkeypatch.setattr(composition, "compose", lambda *of, **how: made.append(0) or found(*of, **how))
    bodies = [asked(tracks_value(DRAG)), asked(tracks_value(DRAG)), asked(tracks_value(DRAG), longest=640)]
    answers = post(folders, "/dragnuwa/composition", *bodies)
    assert len(made) == 2 and answers[0] == answers[1]
    assert parts_of(answers[2][2])[0]["size"] == [*SIZE]


def test_a_changed_end_is_answered_as_anew_but_nothing_is_searched_cut_or_filled_again(folders, monkeypatch):
    from dragnuwa.carry import draft
    from dragnuwa.vision.inpainting import fill
    from dragnuwa.vision.segmentation import find

    done = []
    for module, name in ((find, "opacity"), (draft, "cut_region"), (fill, "_filled")):
        once = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *of, name=name, once=once: done.append(name) or once(*of))
    first, last = ({**DRAG, "points": [DRAG["points"][0], {"x": x, "y": 0.5}]} for x in (0.5, 0.8))
    ((_, _, begun),) = post(folders, "/dragnuwa/composition", asked(tracks_value(first), longest=320))
    assert sorted({*done}) == ["_filled", "cut_region", "opacity"]
    bodies = [asked(tracks_value(each), longest=320) for each in (first, last)]
    done.clear()
    alone = post(folders, "/dragnuwa/composition", bodies[1])
    both = post(folders, "/dragnuwa/composition", *bodies)
    assert both[1] == alone[0] and both[0][2] == begun != both[1][2]
    counted = {name: done.count(name) for name in ("opacity", "cut_region", "_filled")}
    assert set(counted.values()) == {2}, "once for each server"


def test_a_long_clip_has_evenly_spaced_frames(folders):
    about, arrays = told(folders, tracks_value(DRAG), frames=193)
    assert about["frames"] == 96
    (layer,) = about["layers"]
    moves = arrays[layer["motion"]["moves"]]
    assert moves.shape == (96, 4) and moves[-1, 2] == pytest.approx(0.3 * SIZE[0], abs=1e-4)


def drawing(*objects: dict):
    return parse(json.dumps(objects_value(*objects)), width=320, height=192)


def test_it_is_as_large_as_the_canvas_but_not_larger_than_the_picture():
    clip = ClipShape(320, 192, 5)

    def size(picture, longest, mode="crop", of=drawing(THING)):  # noqa: B008 (immutable)
        return composition.composed_size(clip, picture, mode, longest, of)

    assert size((4000, 3000), 900) == (900, 540)
    assert size((800, 600), 1280) == (800, 480)
    assert size((800, 600), 1280, "pad") == (1000, 600)
    assert size((100, 100), 1280) == (320, 192)  # as large as the clip, which a run makes of it
    assert size((4000, 3000), 64) == (640, 384)  # a draft
    many = replace(drawing(THING), objects=drawing(THING).objects * 60)  # each with a shadow
    assert size((4000, 3000), 1280, of=many) == (640, 384)
    some = replace(many, objects=many.objects[:20])
    width, height = size((4000, 3000), 1280, of=some)
    assert 640 < width < 1280 and 40 * width * height == pytest.approx(composition.MOST_PIXELS, rel=0.01)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        *(({"longest": value}, 400, "longest should be") for value in WRONG),
        ({"text": "[["}, 422, "should be JSON"), ({"text": 5}, 400, "text should be"),
        ({"text": json.dumps(tracks_value())}, 422, "nothing to move"), ({"frames": 1}, 400, "frames"),
        ({"width": 16384, "height": 16384}, 400, "smaller size"), ({"fit": "cover"}, 400, "fit should be"),
        ({"picture": named("../../secret.png")}, 404, "no such picture"), ({"camera": {}}, 400, "and no more"),
        ({"text": " " * routes.MAX_DRAWING_BYTES}, 413, "at most 1 MiB"),
    ],
)  # fmt: skip
def test_other_forms_are_refused_in_words(folders, change, status, words):
    ((found, _, answer),) = post(folders, "/dragnuwa/composition", asked(tracks_value(DRAG), **change))
    assert found == status and words in json.loads(answer)["error"]
