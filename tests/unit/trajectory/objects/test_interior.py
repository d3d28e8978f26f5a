"""Places inside of outlines, found at once: the same as edge by edge, whatever the outline."""

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.interrupt import interrupts
from dragnuwa.trajectory import parse
from dragnuwa.trajectory.objects.masks import contains, edges, interior_points, squared_distance
from tests.support.drawings import objects_value

SIZE = np.array([768.0, 512.0])
CORNERS = 4096


class Stopped(Exception):
    pass


def stop_after(count):
    """A check for an interrupt that comes with the call of that number."""
    calls = iter(range(count))

    def check():
        if next(calls, None) is None:
            raise Stopped

    return check


def contains_edge_by_edge(first, second, points):
    inside = np.zeros(len(points), bool)
    (x0, y0), (x1, y1), (x, y) = first.T, second.T, points.T
    for e in range(len(first)):
        crosses = (y0[e] > y) != (y1[e] > y)
        if crosses.any():
            inside ^= crosses & (x < x0[e] + ((y - y0[e]) * (x1[e] - x0[e])) / (y1[e] - y0[e]))
    return inside


def squared_distance_edge_by_edge(first, second, points):
    least = np.full(len(points), np.inf)
    for start, end in zip(first, second, strict=True):
        along, arm = end - start, points - start
        length = along[0] * along[0] + along[1] * along[1]
        if length > 0:
            way = np.clip((arm[:, 0] * along[0] + arm[:, 1] * along[1]) / length, 0.0, 1.0)
            arm = arm - way[:, None] * along
        least = np.minimum(least, arm[:, 0] * arm[:, 0] + arm[:, 1] * arm[:, 1])
    return least


def round_ring(corners=CORNERS, seed=0, radius=0.3):
    angle = np.arange(corners) / corners * 2 * np.pi
    rough = radius + radius / 30 * np.random.default_rng(seed).uniform(-1, 1, corners)
    return list(zip((0.5 + rough * np.cos(angle)).tolist(), (0.5 + rough * np.sin(angle)).tolist(), strict=True))


def scribble(corners, seed):
    return [tuple(place) for place in np.random.default_rng(seed).random((corners, 2)).tolist()]


OUTLINES = {
    "round": [round_ring()],
    "with a hole": [round_ring(2048), round_ring(2048, radius=0.1)],
    "zigzag": [[(k / 600, k % 2 * 0.9) for k in range(600)]],
    "zigzag of rows": [[(k % 2 * 0.9, k / 600) for k in range(600)]],
    "scribble": [scribble(500, 1)],
    "on a lattice": [[(round(x * 12) / 12, round(y * 12) / 12) for x, y in scribble(300, 2)]],
    "doubled corners": [[(0.5, 0.5)] * 40 + [(0.1, 0.1), (0.9, 0.2)] + [(0.5, 0.5)] * 40],
    "far": [[(-1e4, -1e4), (1e4, -1e4), (1e4, 1e4), (-1e4, 1e4)]],
    "tiny": [[(1e4 + k % 3 * 1e-11, 1e4 + k * 1e-11) for k in range(100)]],
    **{f"random {n}": [scribble(3 + n % 40, n), scribble(3 + n % 7, n + 100)] for n in range(20)},
}


@pytest.mark.parametrize("name", OUTLINES)
def test_all_edges_at_once_say_what_each_says(name):
    first, second = edges([np.array(ring) * SIZE for ring in OUTLINES[name]])
    low, high = first.min(0), first.max(0)
    anywhere = np.random.default_rng(0).random((60, 2)) * (high - low) * 1.2 + low - 0.1 * (high - low)
    points = np.concatenate([anywhere, first[:20], (first[:20] + second[:20]) / 2])
    assert (contains(first, second, points) == contains_edge_by_edge(first, second, points)).all()
    found = squared_distance(first, second, points)
    assert (found == squared_distance_edge_by_edge(first, second, points)).all()  # to the last bit


def big_objects(count, corners=CORNERS):
    outline = [[{"x": x, "y": y} for x, y in round_ring(corners)]]
    moved = {"keys": [{"t": 1, "x": 0.1, "rotation": 20}]}
    objects = [{"outline": outline, "motion": moved} for _ in range(count)]
    return objects_value(*objects)


def test_what_takes_long_for_large_objects_can_be_ended_within_each_of_them():
    value, clip = big_objects(1), ClipShape(768, 512, 8)
    drags = parse(value, width=768, height=512)
    for work, calls in (
        (lambda: parse(value, width=768, height=512), 0),
        (drags.to_json, 0),
        (lambda: drags.object_masks(768, 512), 2),
        (lambda: drags.as_tracks(clip), 9),
        (lambda: drags.at_frames(clip), 9),
        (lambda: interior_points(drags.objects[0].outline, SIZE), 9),
    ):
        with pytest.raises(Stopped), interrupts(stop_after(calls)):
            work()


def test_places_of_the_largest_outline_need_a_small_part_of_its_edges(monkeypatch):
    """A count in place of a time: of each point's distances, those from a few runs of edges are computed."""
    from dragnuwa.trajectory.objects import masks as module

    pairs = 0
    computed = module._Runs.squared_distance

    def counted(self, run, x, y):
        nonlocal pairs
        pairs += len(run) * module.RUN
        return computed(self, run, x, y)

    monkeypatch.setattr(module._Runs, "squared_distance", counted)
    assert len(interior_points([round_ring()], SIZE)) == 8
    assert pairs < CORNERS * 400 / 20
