"""Bending a shape: its mesh, the solver, and the inverse of the bent mesh."""

import cv2
import numpy as np
import pytest

from dragnuwa.geometry.bending import Pins, Raster, bend, beyond, is_at_end, lies_over_itself, mesh_of, stacked
from dragnuwa.geometry.bending.mesh import signed_areas


def bar(width: int = 200, height: int = 40, margin: int = 30) -> np.ndarray:
    mask = np.zeros((height + 2 * margin, width + 2 * margin), np.float32)
    mask[margin : margin + height, margin : margin + width] = 1
    return mask


def two_legs(gap: int) -> np.ndarray:
    mask = np.zeros((160, 160), np.float32)
    mask[20:60, 30:130] = 1
    mask[60:140, 30 : 80 - gap // 2] = 1
    mask[60:140, 80 + gap - gap // 2 : 130] = 1
    return mask


def ways(*pairs: tuple[complex, complex], frames: int = 6) -> np.ndarray:
    return np.array([start + (end - start) * np.linspace(0, 1, frames) for start, end in pairs])


def covered(mesh, shape) -> np.ndarray:
    raster = Raster.at_rest(mesh)
    found = np.zeros(shape, bool)
    for triangle in mesh.triangles:
        corners = mesh.points[triangle]
        canvas = np.zeros(shape, np.uint8)
        cv2.fillConvexPoly(canvas, np.stack([corners.real, corners.imag], -1).round().astype(np.int32), 1)
        found |= canvas > 0
    assert raster.points is mesh.points
    return found


@pytest.mark.parametrize("gap", [4, 8, 20])
def test_nothing_bridges_a_gap(gap):
    mask = two_legs(gap)
    mesh = mesh_of(mask)
    inside = covered(mesh, mask.shape)
    assert inside[mask > 0].mean() > 0.97
    middle = np.zeros(mask.shape, bool)
    middle[70:136, 80 - 1 : 80 + 1] = True
    assert not inside[middle].any()
    left, right = mesh.nearest(np.array([55 + 135j, 105 + 135j]))
    assert mesh.distance(left)[right] > 2 * 70  # up one leg and down the other


def test_parts_are_told_apart_and_triangles_turn_alike():
    mask = np.pad(bar(60, 30), ((0, 0), (0, 200)))
    mask[40:60, 180:260] = 1
    mesh = mesh_of(mask)
    assert mesh.part.max() == 1 and len(mesh.links) == 1
    assert (signed_areas(mesh.points[mesh.triangles]) > 0).all()


def test_exact_at_pins_and_straight_where_a_similarity_explains_them():
    mesh = mesh_of(bar())
    turned = np.exp(1j * np.linspace(0, 0.6, 8))
    at = np.array([45 + 50j, 120 + 45j, 215 + 55j])
    bent = bend(mesh, Pins.along(at[:, None] * turned + 3 * np.linspace(0, 1, 8)))
    expected = mesh.points * turned[-1] + 3
    assert np.abs(bent.points[-1] - expected).max() < 0.02 * np.abs(expected - mesh.points).max()
    corners, shares = mesh.located(at)
    there = (bent.points[-1][corners] * shares).sum(-1)
    assert np.abs(there - (at * turned[-1] + 3)).max() < 1e-3
    assert bent.reached.min() == 1


def test_a_bar_bends_and_keeps_its_lengths():
    mesh = mesh_of(bar())
    bent = bend(mesh, Pins.along(ways((35 + 50j, 35 + 50j), (130 + 50j, 130 + 50j), (225 + 50j, 195 + 110j))))
    u, v = mesh.edges.T
    stretched = np.abs(bent.points[-1][u] - bent.points[-1][v]) / np.abs(mesh.points[u] - mesh.points[v])
    assert np.quantile(stretched, 0.02) > 0.75 and np.quantile(stretched, 0.98) < 1.3
    assert np.abs(bent.points[-1] - mesh.points).max() > 50
    assert (bent.points[0] == mesh.points).all()


def test_the_same_input_gives_the_same_result():
    mask = two_legs(8)
    way = ways((55 + 130j, 35 + 120j), (105 + 130j, 105 + 130j))
    first, second = (bend(mesh_of(mask), Pins.along(way)).points for _ in range(2))
    assert np.array_equal(first, second)


def test_what_is_far_stays_and_ears_go_along():
    mesh = mesh_of(bar())
    stays = beyond(mesh, 35 + 50j, 0.5)
    assert mesh.points[stays].real.min() > 110
    assert 0.4 < len(stays) / len(mesh.points) < 0.6
    head = np.zeros((300, 160), np.float32)
    cv2.ellipse(head, (80, 90), (50, 50), 0, 0, 360, 1, -1)
    head[120:280, 50:110] = 1
    for x in (40, 120):
        cv2.line(head, (x + (80 - x) // 2, 55), (x, 20), 1, 14)
    mesh = mesh_of(head)
    stays = beyond(mesh, 80 + 110j, 0.5)
    assert mesh.points[stays].imag.min() > 150
    bent = bend(mesh, Pins.along(ways((80 + 110j, 110 + 115j)), stays))
    assert np.abs(bent.points[-1][stays] - mesh.points[stays]).max() < 1e-3


def test_a_pin_turns_and_scales_what_is_around_it():
    mesh = mesh_of(bar())
    at, still = np.array([60 + 50j, 200 + 50j]), np.zeros((2, 5))
    turned = np.stack([np.linspace(0, 0.7, 5), np.full(5, np.nan)])
    scaled = np.stack([np.linspace(1, 1.4, 5), np.ones(5)])
    bent = bend(mesh, Pins(at, still.astype(complex), turned, scaled))
    near = np.flatnonzero(np.abs(mesh.points - at[0]) < 7)
    factor = (bent.points[-1][near] - at[0]) / (mesh.points[near] - at[0])
    assert np.abs(factor - 1.4 * np.exp(0.7j)).max() < 0.02


def test_stiff_areas_stay_rigid_and_stiffness_spreads_a_bend():
    mesh = mesh_of(bar())
    pins = Pins.along(ways((35 + 50j, 35 + 50j), (100 + 50j, 100 + 50j), (225 + 50j, 180 + 115j)))
    stiff = mesh.points.real > 150

    def strain(points: np.ndarray) -> float:
        u, v = mesh.edges[stiff[mesh.edges].all(1)].T
        return float(np.abs(np.abs(points[u] - points[v]) / np.abs(mesh.points[u] - mesh.points[v]) - 1).max())

    soft, hard = (bend(mesh, pins, 0.5, each).points[-1] for each in (None, stiff))
    assert strain(hard) < 0.5 * strain(soft)
    least, most = (bend(mesh, pins, each).points[-1] for each in (0, 1))
    assert np.abs(least - most).max() > 1


def test_a_fold_is_limited_and_told():
    mesh = mesh_of(bar())
    way = ways((100 + 50j, 180 + 50j), frames=12)  # into what stays
    bent = bend(mesh, Pins.along(way, beyond(mesh, 100 + 50j, 0.2)))
    assert bent.reached[-1] < 0.8 and bent.reached[:4].min() == 1
    assert (np.diff(bent.reached) <= 1e-3).all()
    for points in bent.points:
        areas = signed_areas(points[mesh.triangles])
        assert mesh.areas[areas < 0].sum() < 0.04 * mesh.area


def test_parts_without_pins_go_along():
    mask = np.pad(bar(60, 30), ((0, 0), (0, 200)))
    mask[40:60, 140:200] = 1
    mesh = mesh_of(mask)
    bent = bend(mesh, Pins.along(ways((45 + 45j, 75 + 45j), (80 + 45j, 110 + 45j))))
    assert np.abs(bent.points[-1] - mesh.points - 30).max() < 0.5


def test_the_raster_inverts_the_mesh_without_cracks():
    mask = two_legs(8)
    mesh = mesh_of(mask)
    bent = bend(mesh, Pins.along(ways((55 + 130j, 25 + 125j), (105 + 130j, 105 + 130j), (60 + 30j, 60 + 30j))))
    order = stacked(mesh, bent.points, np.zeros(len(mesh.points)))
    raster = Raster.at_rest(mesh).bent(bent.points[-1], order)
    corners, shares = mesh.located(np.array([55 + 100j, 110 + 40j, 50 + 120j]))
    there = (bent.points[-1][corners] * shares).sum(-1)
    assert np.abs(raster.sources(there) - (mesh.points[corners] * shares).sum(-1)).max() < 0.7
    y, x = np.mgrid[:160, :160]
    sources = raster.sources(x + 1j * y)
    inside = np.nan_to_num(sources)
    opacity = cv2.remap(mask, inside.real.astype(np.float32), inside.imag.astype(np.float32), cv2.INTER_LINEAR)
    opacity[np.isnan(sources)] = 0
    _, rings = cv2.findContours((opacity > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    assert rings.shape[1] == 1  # one piece without a hole
    assert abs((opacity > 0.5).sum() / (mask > 0.5).sum() - 1) < 0.03  # no leg is seen twice
    assert not lies_over_itself(mesh, bent.points, order)


def test_what_lies_over_itself_shows_both_places():
    mesh = mesh_of(bar(260, 30, 60))
    frames = 24
    turn = np.linspace(0, np.pi * 0.95, frames)
    end = 190 + 75j + 110 * np.exp(1j * turn)
    way = np.stack([np.full(frames, 80 + 75j), np.full(frames, 170 + 75j), end])
    bent = bend(mesh, Pins.along(way))
    order = stacked(mesh, bent.points, np.zeros(len(mesh.points)))
    assert lies_over_itself(mesh, bent.points, order)
    raster = Raster.at_rest(mesh).bent(bent.points[-1], order)
    corners, shares = mesh.located(np.array([312 + 85j, 315 + 75j]))
    at = (bent.points[-1][corners] * shares).sum(-1)
    back, front = raster.sources(at), raster.sources(at, in_front=True)
    assert (back.real < 150).all() and np.abs(front - (312 + 85j, 315 + 75j)).max() < 1  # the moved end lies in front
    assert np.isnan(raster.sources(np.array([250 + 20j]))).all()


@pytest.mark.parametrize("mask", [
    np.pad(np.ones((1, 1), np.float32), 5),
    np.pad(np.ones((1, 90), np.float32), 5),
    np.pad(np.eye(120, dtype=np.float32), 3),
    np.ones((3, 3), np.float32),
    np.pad(np.ones((2, 4000), np.float32), 2),
])  # fmt: skip
def test_thin_shapes_bend_too(mask):
    mesh = mesh_of(mask)
    rows, columns = np.nonzero(mask)
    start = complex(columns[0], rows[0])
    bent = bend(mesh, Pins.along(ways((start, start + 4 + 3j)), beyond(mesh, start, 0.5)))
    assert np.isfinite(bent.points).all()
    sources = Raster.at_rest(mesh).bent(bent.points[-1], np.arange(len(mesh.triangles))).sources(np.array([start]))
    assert sources.shape == (1,)


def test_what_the_pins_leave_open_stays():
    """A bar that is held in its middle and bent at one end: the other end swings up less."""
    mesh = mesh_of(bar())
    bent = bend(mesh, Pins.along(ways((130 + 50j, 130 + 50j), (35 + 50j, 45 + 90j))))
    other = np.abs(bent.points[-1] - mesh.points)[mesh.points.real > 215].mean()
    assert other < 35  # 41 if nothing pulled it back


def portrait(above: int) -> np.ndarray:
    """A head on shoulders, 320x320 px, whose shoulders end `above` px above the picture's lower border."""
    mask = np.zeros((320, 320), np.float32)
    cv2.ellipse(mask, (160, 125), (72, 90), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, (160, 320), (140, 140), 0, 180, 360, 1, -1)
    mask[320 - above :] = 0
    return mask


@pytest.mark.parametrize("above, at, bends", [(0, 160 + 130j, True), (0, 160 + 270j, False), (30, 160 + 130j, False)])
def test_a_head_bends_what_the_picture_cuts_off_below_its_shoulders(above, at, bends):
    """Seen with portraits: a face lies near the middle of what is seen of somebody, so that a drag on it moved all of
    that, like cardboard. A bust that ends in the picture moves whole."""
    assert is_at_end(mesh_of(portrait(above)), at) == bends


@pytest.mark.parametrize("at", [160 + 190j, 160 + 250j])
def test_what_is_wider_than_high_does_not_bend_at_the_lower_border(at):
    mask = np.zeros((320, 320), np.float32)
    mask[180:, 80:250] = 1
    assert not is_at_end(mesh_of(mask), at)
