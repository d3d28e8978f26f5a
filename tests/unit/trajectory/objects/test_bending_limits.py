"""What a person may draw by mistake or by force bends within bounds of time and memory, or is named in one sentence."""

import json
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from dragnuwa.geometry.bending import Raster
from dragnuwa.trajectory import TrajectoryError, parse
from dragnuwa.trajectory.pins import bent_object

WIDTH, HEIGHT, FRAMES = 1920, 1080, 5
MOST = 300e6  # bytes
SECONDS = 3  # of a processor that others use, too; one on a free machine

RNG = np.random.default_rng(0)
SQUARE = [(0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95)]
TURN = np.arange(4096) / 4096 * 2 * np.pi
JAGGED = (np.stack([np.cos(TURN), np.sin(TURN)], -1) * (0.45 - 0.2 * (np.arange(4096) % 2))[:, None] + 0.5).tolist()


def box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def spots(count: int, shift: float) -> list[list[tuple[float, float]]]:
    return [[(x, y), (x + shift, y - shift)] for x, y in RNG.uniform(0.1, 0.9, (count, 2)).tolist()]


PULL = [[(0.8, 0.2), (0.7, 0.3)], [(0.2, 0.8)]]
GRID = [box(0.06 * i, 0.06 * j, 0.06 * i + 0.03, 0.06 * j + 0.03) for i in range(16) for j in range(16)]
CASES = {
    "pins in one place": ([SQUARE], [[(0.5, 0.5), (0.7, 0.5)], [(0.5, 0.5), (0.3, 0.5)], [(0.5, 0.5)]]),
    "pins that cross": ([SQUARE], [[(0.3, 0.5), (0.7, 0.5)], [(0.7, 0.5), (0.3, 0.5)]]),
    # Not along its axis: whether that folds, and which way, is decided by the last digit of a processor's sums.
    "turned inside out": ([box(0.1, 0.4, 0.9, 0.6)], [[(0.15, 0.5), (0.85, 0.53)], [(0.8, 0.5)]]),
    "200 pins": ([SQUARE], spots(200, 0.05)),
    "200 pins, half of them held": ([SQUARE], [way[: 1 + number % 2] for number, way in enumerate(spots(200, 0.02))]),
    "4,096 corners": ([JAGGED], PULL),
    "one pixel wide": ([box(0.5, 0.1, 0.5 + 1 / WIDTH, 0.9)], [[(0.5, 0.2), (0.6, 0.3)], [(0.5, 0.8)]]),
    "one pixel high": ([box(0.1, 0.5, 0.9, 0.5 + 1 / HEIGHT)], [[(0.2, 0.5), (0.3, 0.3)]]),
    "one pixel": ([box(0.5, 0.5, 0.5 + 1 / WIDTH, 0.5 + 1 / HEIGHT)], [[(0.5, 0.5), (0.6, 0.3)]]),
    "holes": ([SQUARE, *(box(x, 0.3, x + 0.08, 0.7) for x in (0.1, 0.3, 0.5, 0.7))], PULL),
    "256 parts": (GRID, PULL),
    "pins outside": ([box(0.4, 0.4, 0.6, 0.6)], [[(0.9, 0.1), (0.95, 0.2)], [(-3, 5)]]),
    "pulled far away": ([box(0.3, 0.3, 0.7, 0.7)], [[(0.6, 0.4), (9000, -9000)], [(0.4, 0.6)]]),
    "the whole picture": ([box(0, 0, 1, 1)], [[(0.5, 0.5), (3, 3)], [(0.1, 0.1)]]),
}


def drawing(rings, pins, **fields) -> str:
    def points(places):
        return [{"x": x, "y": y} for x, y in places]

    thing = {
        "outline": [points(ring) for ring in rings],
        "motion": {"points": [{"x": 0, "y": 0}]},
        "pins": [{"points": points(pin)} for pin in pins],
        **fields,
    }
    return json.dumps({"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [thing]})


@pytest.mark.parametrize(("rings", "pins"), CASES.values(), ids=CASES.keys())
def test_time_and_memory_are_bounded(rings, pins):
    (thing,) = parse(drawing(rings, pins), width=WIDTH, height=HEIGHT).objects
    begun = time.process_time()
    shape = bent_object(thing, np.linspace(0, 1, FRAMES), (WIDTH, HEIGHT))
    assert time.process_time() - begun < SECONDS
    tracemalloc.start()
    try:
        shape = bent_object(thing, np.linspace(0, 1, FRAMES), (WIDTH, HEIGHT))
        bent = Raster.at_rest(shape.mesh).bent(shape.points[-1], shape.order)
        bent.sources((np.arange(0, WIDTH, 8) + 1j * np.arange(0, HEIGHT, 8)[:, None]).astype(complex))
        shape.hidden(np.array([500 + 500j]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST
    assert np.isfinite(shape.points).all()
    assert (shape.reached >= 0).all() and (shape.reached <= 1).all()
    assert np.array_equal(shape.points[0], shape.mesh.points)


def test_a_shape_that_is_turned_inside_out_is_limited():
    (thing,) = parse(drawing(*CASES["turned inside out"]), width=WIDTH, height=HEIGHT).objects
    reached = bent_object(thing, np.linspace(0, 1, 9), (WIDTH, HEIGHT)).reached
    assert reached[1] == 1 and reached.min() < 0.98  # below which it is told


def test_parts_with_pins_bend_by_themselves_and_those_without_go_along():
    rings = [box(0.1, 0.3, 0.4, 0.4), box(0.6, 0.3, 0.9, 0.4), box(0.15, 0.42, 0.2, 0.5)]
    pulled, held = [(0.12, 0.35), (0.12, 0.2)], [(0.38, 0.35)]
    (thing,) = parse(drawing(rings, [pulled, held, [(0.75, 0.35)]]), width=WIDTH, height=HEIGHT).objects
    shape = bent_object(thing, np.linspace(0, 1, FRAMES), (WIDTH, HEIGHT))
    ways = np.abs(shape.moved(np.array([0.13 * WIDTH + 0.33j * HEIGHT, 0.75 * WIDTH + 0.33j * HEIGHT,
                                        0.17 * WIDTH + 0.48j * HEIGHT]))[:, -1]
                  - np.array([0.13 * WIDTH + 0.33j * HEIGHT, 0.75 * WIDTH + 0.33j * HEIGHT,
                              0.17 * WIDTH + 0.48j * HEIGHT]))  # fmt: skip
    assert ways[0] > 100 and ways[1] < 1 and ways[2] > 60


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e999", "null", '"left"'])
def test_what_is_no_number_is_named_in_one_sentence(bad):
    text = drawing([SQUARE], [[(0.5, 0.25), (0.7, 0.5)]]).replace("0.25", bad)
    with pytest.raises(TrajectoryError) as error:
        parse(text, width=WIDTH, height=HEIGHT)
    assert "pin 1, point 1: y should be a number" in str(error.value) and len(str(error.value)) < 300


def test_an_object_beside_the_picture_bends_nothing():
    (thing,) = parse(drawing([box(2, 2, 3, 3)], PULL), width=WIDTH, height=HEIGHT).objects
    assert bent_object(thing, np.linspace(0, 1, FRAMES), (WIDTH, HEIGHT)) is None
    assert bent_object(replace(thing, pins=()), np.linspace(0, 1, FRAMES), (WIDTH, HEIGHT)) is None
