"""Shapes that pins bend, as the library bends them: tests/web/bending.json, to which solver.test.js holds the page.

After a change of the library, `python tests/web/bending_cases.py` writes it anew.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.outlines import SmallClip
from dragnuwa.carry.video.tracked import Corrections, ObjectTrack
from dragnuwa.geometry.bending import Mesh, Pins, at_edge, behind, bend, beyond, mesh_of
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.server.regions import described
from dragnuwa.trajectory import parse

TABLE = Path(__file__).parent / "bending.json"
FRAMES = 4
DRAWN = 1  # the frame of a clip in which the animal is drawn on
DIGITS = 3  # of px
HEAD, TAIL, SHOULDER, FOOT = 170 + 45j, 45 + 80j, 140 + 96j, 70 + 140j


def animal() -> np.ndarray:
    """A long body on four legs, with a neck and a tail."""
    drawn = np.zeros((160, 240), np.uint8)
    for ends, width in (((70, 100), (160, 100)), 34), (((160, 98), (178, 50)), 18), (((70, 98), (46, 80)), 10):
        cv2.line(drawn, *ends, 1, width)
    for x in (70, 90, 140, 158):
        cv2.line(drawn, (x, 110), (x, 146), 1, 10)
    return drawn.astype(np.float32)


def cut_off() -> np.ndarray:
    """A bar that the picture's left edge cuts off."""
    drawn = np.zeros((80, 120), np.float32)
    drawn[30:50, :90] = 1
    return drawn


def in_parts() -> np.ndarray:
    """A bar behind a post: two parts of one object."""
    drawn = np.zeros((80, 160), np.float32)
    drawn[30:48, 10:70], drawn[30:48, 78:150] = 1, 1
    return drawn


def along(*ways: tuple[complex, complex]) -> np.ndarray:
    """`[k, T]`: straight ways from one place to another."""
    part = np.linspace(0, 1, FRAMES)
    return np.array([begin + part * (end - begin) for begin, end in ways])


def pulled(mesh: Mesh, ways: np.ndarray, stays: np.ndarray = (), turned: dict = {}, scaled: dict = {}) -> Pins:  # noqa: B006
    """Pins along ways; what some turn (degrees) and scale at the end."""
    part = np.linspace(0, 1, ways.shape[1])
    turns, scales = np.full(ways.shape, np.nan), np.ones(ways.shape)
    for pin, degrees in turned.items():
        turns[pin] = np.radians(degrees) * part
    for pin, scale in scaled.items():
        scales[pin] = 1 + (scale - 1) * part
    return Pins(ways[:, 0], ways - ways[:, :1], turns, scales, np.array(stays, int), at_edge(mesh))


MESHES = {"animal": animal, "cut off": cut_off, "in parts": in_parts}


def cases(meshes: dict[str, Mesh]) -> Iterator[tuple[str, str, Pins, float, np.ndarray | None]]:
    """Name, mesh, pins, stiffness, and which points are stiff."""
    mesh, edge, parts = meshes.values()
    nod, held = along((HEAD, HEAD + 10 + 30j)), along((HEAD, HEAD - 20 + 25j), (SHOULDER, SHOULDER))
    several = along((HEAD, HEAD + 20j), (TAIL, TAIL - 25j), (FOOT, FOOT + 6 - 4j))
    far = along((HEAD, HEAD - 130 + 80j), (SHOULDER, SHOULDER))
    yield "one pin, what is far stays", "animal", pulled(mesh, nod, beyond(mesh, HEAD, 0.5)), 0.5, None
    rests = behind(mesh, held[:1, 0], held[1:, 0])
    yield "what lies behind a held pin rests", "animal", pulled(mesh, held, rests), 0.5, None
    yield "three pins, soft", "animal", pulled(mesh, several), 0.0, None
    yield "three pins, stiff", "animal", pulled(mesh, several), 1.0, None
    yield "a pin turns and scales", "animal", pulled(mesh, several, turned={0: 50}, scaled={0: 1.4}), 0.5, None
    yield "a stiff head", "animal", pulled(mesh, several), 0.3, np.abs(mesh.points - HEAD) < 30
    yield "pulled far", "animal", pulled(mesh, far), 0.5, None
    yield "the picture's edge holds it", "cut off", pulled(edge, along((84 + 40j, 78 + 12j))), 0.5, None
    two = along((20 + 39j, 20 + 20j), (60 + 39j, 60 + 39j))
    yield "two parts, one with pins", "in parts", pulled(parts, two), 0.5, None


def mesh_told(mesh: Mesh) -> dict:
    return {
        "rest": pairs(mesh.points), "triangles": mesh.triangles.ravel().tolist(), "part": mesh.part.tolist(),
        "edges": mesh.edges.ravel().tolist(), "weights": mesh.weights.round(9).tolist(),
        "links": mesh.links.ravel().tolist(), "step": mesh.step,
        "size": {"width": mesh.size[0], "height": mesh.size[1]},
    }  # fmt: skip


def case_told(mesh: Mesh, pins: Pins, stiffness: float, stiff: np.ndarray | None) -> dict:
    return {
        "pins": {
            "at": pairs(pins.at), "stays": pins.stays.tolist(), "cut": pins.cut.tolist(),
            "moved": [pairs(each) for each in pins.moved.T],
            "turned": [[None if np.isnan(turn) else turn for turn in each] for each in pins.turned.T.tolist()],
            "scaled": pins.scaled.T.tolist(),
        },
        "stiffness": stiffness, "stiff": None if stiff is None else stiff.astype(int).tolist(),
        "points": [pairs(each, DIGITS) for each in bend(mesh, pins, stiffness, stiff).points],
    }  # fmt: skip


def pairs(points: np.ndarray, digits: int = 9) -> list[float]:
    return np.stack([points.real, points.imag], -1).round(digits).ravel().tolist()


class AnimalClip(SmallClip):
    """A clip in which the animal, drawn in one frame, turns and grows as it goes; and lifts another leg in the last."""

    def __init__(self):
        super().__init__(np.zeros((FRAMES, 160, 240, 3), np.uint8), (240, 160))
        self.mask = animal()

    def given_at(self, frame: int, number: int) -> np.ndarray:
        return self.mask

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        away = np.arange(FRAMES) - DRAWN
        factor = (1 + 0.06 * away) * np.exp(0.1j * away)
        motion = SimilarityTransform(factor, 5 * away + (1 - factor) * SHOULDER)
        whole = cv2.line(mask.copy(), (140, 110), (116, 140), 1, 8)
        masks = [
            cv2.warpAffine(255 * (whole if time == FRAMES - 1 else mask), motion.at(time).matrix()[:2], (240, 160))
            for time in range(FRAMES)
        ]
        seen = np.ones(FRAMES, bool)
        return ObjectTrack(frame, motion, seen, np.stack(masks).astype(np.uint8), (240, 160), frozenset({frame}))


def followed() -> dict:
    """What the server says of drags that bend the animal in a clip, of which the page shows the middle; and of those
    that a hand has changed since: where that takes the outline."""
    size = 200, 160  # px of the page, cropped on both sides
    start = DRAWN / (FRAMES - 1)

    def told(end: complex, **fields) -> tuple[dict, dict]:
        places = {"t1": (HEAD, end), "t2": (SHOULDER,), "t3": (FOOT,)}
        tracks = [
            {"id": name, "start": start, "bend": "on", **(fields if len(ways) > 1 else {"kind": "anchor"}), "points": [
                {"x": (place.real - 20 + 0.5) / size[0], "y": (place.imag + 0.5) / size[1]} for place in ways
            ]}
            for name, ways in places.items()
        ]  # fmt: skip
        drawing = {"type": "dragnuwa.trajectories", "version": 1, "tracks": tracks}
        drags = parse(json.dumps(drawing), width=size[0], height=size[1])
        picture = torch.zeros(160, 240, 3)
        (region,) = AnimalClip().regions(drags, size, lambda time: picture, CarrySettings(fit="crop"))
        return drawing, described(region, np.arange(FRAMES))

    before, region = told(HEAD - 8 + 10j)
    after, expected = told(HEAD + 18 + 22j, pin=[{"at": 1, "turn": 30, "scale": 1.2}], stiffness=0.7)
    return {"before": before, "region": region, "after": after, "moved": expected["moved"], "size": size}


def table() -> dict:
    meshes = {name: mesh_of(mask()) for name, mask in MESHES.items()}
    return {
        "followed": followed(),
        "meshes": {name: mesh_told(mesh) for name, mesh in meshes.items()},
        "cases": {name: {"mesh": of, **case_told(meshes[of], *rest)} for name, of, *rest in cases(meshes)},
    }


if __name__ == "__main__":
    TABLE.write_text(json.dumps(table(), separators=(",", ":")) + "\n", encoding="utf-8")
