"""Objects in the preview: the outline where it is in each frame, and the pivot's way."""

import torch

from dragnuwa.overlay.preview import preview
from tests.support.drawings import parsed_objects, rectangle_ring


def turning_object(**fields):
    motion = {"keys": [{"t": 1, "x": 0.5, "rotation": 90}]}
    each = {"outline": [rectangle_ring(0.1, 0.2, 0.3, 0.8)], "motion": motion, "color": "#ff0000", **fields}
    return parsed_objects(each, size=(200, 100))


def red(frame):
    return (frame - torch.tensor([1.0, 0.0, 0.0])).abs().amax(-1) < 0.4


def test_the_outline_moves_and_turns_with_the_object():
    frames = preview(torch.ones(1, 100, 200, 3), turning_object(), 5)
    assert frames.shape == (5, 100, 200, 3)
    assert red(frames[0][25:75, 18:23]).any() and red(frames[0][25:75, 58:63]).any()  # its left and right sides
    assert not red(frames[0][15:85, 105:135]).any()
    # Turned by 90 degrees about (140, 50), its sides lie at 110 and 170, and its top and bottom at 30 and 70.
    assert red(frames[4][35:65, 108:113]).any() and red(frames[4][28:33, 115:165]).any()
    assert not red(frames[4][10:90, 15:25]).any()


def test_what_is_hidden_or_switched_off_is_not_drawn():
    frames = preview(torch.ones(1, 100, 200, 3), turning_object(visible=[[0, 0.5]]), 5)
    assert red(frames[2]).any() and not red(frames[4][25:75, 108:113]).any()
    off = preview(torch.ones(1, 100, 200, 3), turning_object(enabled=False), 5)
    assert bool((off == 1).all())


def test_a_bent_outline_and_the_ways_of_its_pins_are_drawn():
    held, pulled = ({"points": [{"x": x, "y": y} for x, y in way]} for way in (((0.2, 0.3),), ((0.2, 0.7), (0.5, 0.7))))
    motion = {"points": [{"x": 0, "y": 0}]}
    frames = preview(torch.ones(1, 100, 200, 3), turning_object(motion=motion, pins=[held, pulled]), 5)
    assert red(frames[0][78:82, 30:50]).any() and not red(frames[0][40:95, 110:130]).any()
    assert red(frames[0][68:72, 55:95]).any()  # the way of the pin
    assert red(frames[4][45:60, 100:115]).any()
    assert red(frames[4][18:24, 22:60]).any()
