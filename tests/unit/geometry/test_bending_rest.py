"""What rests while a shape bends: what lies behind a pin that is held, and what the picture's edge cuts off; and the
rim of the shape, which is continued without notches."""

import cv2
import numpy as np

from dragnuwa.geometry.bending import Pins, Raster, at_edge, behind, bend, mesh_of, stacked
from tests.unit.geometry.test_bending import bar, ways


def test_what_lies_behind_a_held_pin_rests():
    mesh = mesh_of(bar())
    rests = behind(mesh, np.array([225 + 50j]), np.array([120 + 50j]))
    x = mesh.points.real
    assert set(np.flatnonzero(x < 85)) <= set(rests)
    assert (x[rests] < 120 + 2.5 * mesh.step).all() and len(rests) > 100
    between = behind(mesh, np.array([225 + 50j, 35 + 50j]), np.array([120 + 50j]))
    assert set(between) <= set(np.flatnonzero(np.abs(x - 120) < 2 * mesh.step))  # each end is before it for one of them
    assert not len(behind(mesh, np.array([225 + 50j]), np.array([], complex)))
    assert not len(behind(mesh, np.array([], complex), np.array([120 + 50j])))


def test_no_gap_opens_at_the_pictures_edge():
    mask = bar()[:, 30:]  # cut off at the left
    mesh = mesh_of(mask)
    cut = at_edge(mesh)
    assert len(cut) > 3 and (mesh.points.real[cut] < mesh.step).all()
    moved = ways((190 + 50j, 170 + 90j), (90 + 50j, 100 + 46j))
    open_, held = (bend(mesh, Pins(moved[:, 0], moved - moved[:, :1], np.full(moved.shape, np.nan),
                                   np.ones(moved.shape), cut=each)).points[-1] for each in (cut[:0], cut))  # fmt: skip
    assert np.abs(open_ - mesh.points)[cut].max() > 8
    assert np.abs(held - mesh.points)[cut].max() < 2
    pulled = mesh.located(moved[:, 0])
    assert np.abs((held[pulled[0]] * pulled[1]).sum(1) - moved[:, -1]).max() < 0.1  # and pins are where they are drawn


def test_the_rim_is_continued_without_notches():
    y, x = np.mgrid[:300, :300]
    angle, way = np.arctan2(y - 150, x - 150), np.hypot(x - 150, y - 150)
    mask = (way < 100 + 8 * np.abs(np.sin(12 * angle))).astype(np.float32)  # petals, which the mesh cuts
    mesh = mesh_of(mask)
    moved = ways((150 + 60j, 190 + 65j), (150 + 230j, 150 + 230j), (60 + 150j, 62 + 146j))
    points = bend(mesh, Pins.along(moved)).points
    raster = Raster.at_rest(mesh).bent(points[-1], stacked(mesh, points, np.zeros(len(mesh.points))))
    drawn = np.zeros(mask.shape, np.uint8)
    for triangle in points[-1][mesh.triangles]:
        cv2.fillConvexPoly(drawn, np.stack([triangle.real, triangle.imag], -1).round().astype(np.int32), 1)
    around = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))) > 0
    assert np.isfinite(raster.sources((x + 1j * y)[around])).all()
