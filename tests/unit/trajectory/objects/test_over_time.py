"""Objects in the frames of a clip: moved outlines, boxes, and masks that cover each other."""

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory.objects.over_time import Moved, masks_over_time
from tests.support.drawings import parsed_objects

CLIP = ClipShape(96, 64, 4)
SQUARE = [[{"x": 0.0, "y": 0.25}, {"x": 0.25, "y": 0.25}, {"x": 0.25, "y": 0.75}, {"x": 0.0, "y": 0.75}]]
ACROSS = {"outline": SQUARE, "motion": {"keys": [{"t": 1, "x": 0.75}]}}
RESTS = {"outline": SQUARE, "motion": {"keys": [{"t": 0}]}}
EACH = [slice(k, k + 1) for k in range(4)]


def objects_of(*each: dict):
    return parsed_objects(*each, size=CLIP.size).enabled_objects


def test_a_box_goes_with_its_object():
    (thing,) = objects_of(ACROSS)
    boxes = Moved.of(thing, CLIP).boxes(CLIP.size)
    assert np.allclose(boxes, [[24 * k, 16, 24 * k + 24, 48] for k in range(4)])


def test_a_box_ends_at_the_pictures_edge_and_is_none_where_nothing_is_seen():
    (thing,) = objects_of({**ACROSS, "motion": {"keys": [{"t": 1, "x": 1.3125}]}, "visible": [[0, 0.2], [0.5, 1]]})
    boxes = Moved.of(thing, CLIP).boxes(CLIP.size)
    assert boxes[0].tolist() == [0, 16, 24, 48]
    assert np.isnan(boxes[1]).all(), "hidden"
    assert np.allclose(boxes[2], [84, 16, 96, 48])
    assert np.isnan(boxes[3]).all(), "outside"


def test_a_turned_object_has_the_box_around_it():
    (thing,) = objects_of({**RESTS, "motion": {"keys": [{"t": 1, "x": 0.25, "rotation": 45}]}})
    left, top, right, bottom = Moved.of(thing, CLIP).boxes(CLIP.size)[-1]
    side = (24 + 32) * np.sqrt(0.5)
    assert np.allclose([right - left, bottom - top], side)


def test_masks_are_where_the_objects_are():
    masks = masks_over_time(objects_of(ACROSS), CLIP, EACH, (12, 8))
    assert masks.shape == (1, 4, 8, 12)
    for k in range(4):
        expected = np.zeros((8, 12))
        expected[2:6, 3 * k : 3 * k + 3] = 1
        assert np.array_equal(masks[0, k], expected)


def test_a_span_has_wherever_the_object_comes():
    masks = masks_over_time(objects_of(ACROSS), CLIP, [slice(0, 1), slice(1, 4)], (12, 8))
    assert masks[0, 0].sum() == 4 * 3
    assert masks[0, 1].sum() == 4 * 9


def test_what_is_in_front_covers_what_is_behind():
    behind, front = masks_over_time(objects_of(RESTS, ACROSS), CLIP, EACH, (12, 8))
    assert [mask.sum() for mask in behind] == [0, 12, 12, 12]
    assert [mask.sum() for mask in front] == [12] * 4
    only = masks_over_time(objects_of(RESTS, ACROSS), CLIP, EACH, (12, 8), lambda each: each.id == "o1")
    assert np.array_equal(only, behind[None]), "the other covers it, too, if it has no mask of its own"


def test_what_is_hidden_covers_nothing():
    hidden = {**ACROSS, "visible": []}
    behind, front = masks_over_time(objects_of(RESTS, hidden), CLIP, EACH, (12, 8))
    assert [mask.sum() for mask in behind] == [12] * 4
    assert not front.any()


@pytest.mark.parametrize("pins", [[], [{"points": [{"x": 0.125, "y": 0.3}, {"x": 0.5, "y": 0.3}]}]])
def test_what_bends_has_the_area_of_its_bent_outline(pins):
    (thing,) = objects_of({**RESTS, "pins": pins})
    moved = Moved.of(thing, CLIP)
    assert moved.bent == bool(pins)
    masks = masks_over_time([thing], CLIP, EACH, CLIP.size)[0]
    assert np.array_equal(masks[0] > 0.5, masks[-1] > 0.5) != bool(pins)
