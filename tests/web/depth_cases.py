"""Pictures with depth for the page, and what a run sees of them: tests/web/depth.json, to which depth.test.js holds the
page.

After a change of the library, `python tests/web/depth_cases.py` writes it anew.
"""

import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.cameras.paths import CameraPath
from dragnuwa.carry.depth.layers import cut_out
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import DrawnDepth
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import find
from dragnuwa.carry.rendering import render
from dragnuwa.common.images import to_bytes, to_floats
from dragnuwa.server.depth import depth_picture
from dragnuwa.server.play import Through
from dragnuwa.trajectory import parse
from dragnuwa.vision.inpainting.fill import fill_smoothly
from dragnuwa.vision.segmentation.prepared import prepare
from tests.support.drawings import objects_value, tracks_value
from tests.web.composition_cases import CLIP, base64_of, drag, picture, places, thing

TABLE = Path(__file__).parent / "depth.json"
SIZE = CLIP.size
MOVES = ("pan", "tilt", "roll", "truck", "pedestal", "dolly", "orbit", "rise", "zoom", "handheld", "dolly_zoom", "ease",
         "start", "end")  # fmt: skip
CARD = places((30, 30), (60, 30), (60, 62), (30, 62))


@dataclass(frozen=True)
class Case:
    """A drawing in a picture with depth, and the camera."""

    name: str
    depth: DepthScene | DrawnDepth
    moves: dict[str, Any]
    drawing: dict = field(default_factory=tracks_value)
    path: str = ""
    grows: bool = False


def measured() -> DepthScene:
    """A ground that goes away, a wall, a ball and two cards before each other."""
    width, height = SIZE
    y, x = np.mgrid[:height, :width]
    disparity = np.maximum(0.1, 0.1 + 0.9 * (y - 25) / height).astype(np.float32)
    disparity[(x > 60) & (x < 96) & (y > 20) & (y < 66)] = 0.7
    disparity[(x > 80) & (x < 90) & (y > 10) & (y < 50)] = 0.95
    away = np.square(x - 30) + np.square(y - 40)
    ball = away < 18**2
    disparity[ball] = 1 / (1.6 - np.sqrt(18**2 - away[ball]) / 60)
    return DepthScene(disparity, intrinsics_from_angle(55, SIZE))


def cases() -> Iterator[Case]:
    scene = measured()
    goes = {"motion": {"keys": [{"t": 1, "x": 0.3, "y": 0.1, "rotation": 10}]}}
    yield Case("moves sideways and forwards", scene, {"truck": 0.08, "pedestal": 0.03, "dolly": 0.1, "pan": 2})
    orbit = {"orbit": 9, "rise": -4, "roll": 3, "zoom": 0.2, "focus": (0.6, 0.4), "start": 0.1, "ease": "ease_in_out"}
    yield Case("goes around", scene, orbit)
    yield Case("an unsteady hand, and the vertigo", scene, {"handheld": 1.5, "dolly": -0.2, "dolly_zoom": True})
    keys = "0.5: truck 0.05, tilt 2\n1: orbit 5, zoom 0.1"
    yield Case("along a path", scene, {"truck": 0.04, "ease": "ease_out"}, path=keys)
    yield Case("an object goes behind a nearer one", scene, {"truck": 0.05}, objects_value(thing(CARD, **goes)))
    bends = {"motion": drag((45, 46), (52, 47)), "pins": [drag((45, 60)), drag((45, 33), (70, 36))]}
    yield Case("bends, and goes behind a nearer one", scene, {"truck": 0.05}, objects_value(thing(CARD, **bends)))
    rests = thing(places((80, 20), (104, 20), (104, 74), (80, 74)), motion={"keys": [{"t": 0}]})
    by_hand = objects_value(thing(CARD, distance=1.5, **goes), rests)
    yield Case("by hand", DrawnDepth(0.3), {"truck": 0.06, "orbit": 3}, {**by_hand, "horizon": 0.3})
    comes = objects_value(thing(CARD, motion={"keys": [{"t": 1, "y": 0.15}]}))
    yield Case("grows as it comes nearer", DrawnDepth(0.3), {"pedestal": 0.04}, {**comes, "horizon": 0.3}, grows=True)


def row(case: Case, prepared: Any) -> dict:
    start, text = to_floats(picture()), json.dumps(case.drawing)
    drawn = parse(text, width=CLIP.width, height=CLIP.height)
    moves = CameraMoves(**{"ease": "linear", **case.moves})
    through = Through(case.depth, moves, CameraPath(case.path), case.grows)
    body = depth_picture(prepared, start, drawn, CLIP, through)
    found = find(drawing_on(prepared, drawn, CLIP))
    cut = cut_out(found, start.movedim(-1, 0), case.depth, case.grows, fill_smoothly)
    cameras = through.path.cameras(moves, cut.scene, CLIP.frames)
    composition = cut.seen_by(cameras, range(CLIP.frames), fill_with=fill_smoothly)
    frames = [render(composition, time) for time in range(CLIP.frames)]
    colors = np.stack([to_bytes(frame.colors.movedim(0, -1)) for frame in frames])
    missing = np.stack([frame.disoccluded.numpy() > 0.5 for frame in frames])
    inputs = {name: getattr(moves, name) for name in MOVES} | {"focus_x": moves.focus[0], "focus_y": moves.focus[1]}
    return {
        "name": case.name,
        "text": text,
        "moves": inputs | {"path": case.path},
        "picture": base64_of(body),
        "frames": base64_of(zlib.compress(colors.tobytes(), 9)),
        "missing": base64_of(zlib.compress(missing.astype(np.uint8).tobytes(), 9)),
    }


def table() -> list[dict]:
    prepared = prepare(to_floats(picture()), SIZE)
    return [row(case, prepared) for case in cases()]


if __name__ == "__main__":
    rows = ",\n".join(json.dumps(each) for each in table())
    TABLE.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
