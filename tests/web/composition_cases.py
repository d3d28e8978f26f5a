"""Compositions, and the frames that a run makes of the same drawings: tests/web/compositions.json, to which
compose.test.js holds the page.

After a change of the library, `python tests/web/composition_cases.py` writes it anew.
"""

import base64
import json
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from dragnuwa.carry.composite import CarryInputs
from dragnuwa.carry.drawing import Drawing
from dragnuwa.carry.find import find
from dragnuwa.carry.rendering import compose, cut, render
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes, to_floats
from dragnuwa.server.composition import Fitted, composition
from dragnuwa.server.composition_body import written
from dragnuwa.trajectory import parse
from dragnuwa.vision.segmentation.prepared import PreparedPicture, prepare
from tests.support.drawings import objects_value, tracks_value

TABLE = Path(__file__).parent / "compositions.json"
CLIP = ClipShape(120, 80, 3)
NECK, TAIL, BODY, GROUND = (89, 30), (26, 42), (59, 50), (100, 70)


def picture() -> np.ndarray:
    """A red animal on a ground of waves: a long body on four legs, with a neck and a tail."""
    drawn = np.zeros((160, 240, 3), np.uint8)
    for ends, width in (((70, 100), (160, 100)), 34), (((160, 98), (178, 60)), 18), (((70, 98), (52, 84)), 10):
        cv2.line(drawn, *ends, (210, 40, 30), width)
    for x in (70, 90, 140, 158):
        cv2.line(drawn, (x, 110), (x, 146), (210, 40, 30), 10)
    y, x = np.mgrid[:160, :240]
    waves = [110 + 12 * np.sin(x / 9 + y / 23), 120 + 10 * np.cos(y / 11), 90 + 9 * np.sin(x / 17)]
    whole = np.where(drawn.any(-1, keepdims=True), drawn, np.stack(waves, -1)).astype(np.uint8)
    return cv2.resize(cv2.GaussianBlur(whole, (3, 3), 0), (CLIP.width, CLIP.height), interpolation=cv2.INTER_AREA)


def places(*pixels: tuple[float, float]) -> list[dict]:
    return [{"x": round(x / CLIP.width, 4), "y": round(y / CLIP.height, 4)} for x, y in pixels]


def drag(*pixels: tuple[float, float], **fields) -> dict:
    return {"points": places(*pixels), **fields}


BOX = places((16, 24), (100, 20), (100, 78), (20, 78))
CIRCLE = places(*((70 + 16 * np.cos(k / 3), 45 + 12 * np.sin(k / 3)) for k in range(19)))


def thing(outline=BOX, **fields) -> dict:
    return {"outline": [outline], "edge": "exact", **fields}


def drawings() -> Iterator[tuple[str, dict]]:
    turns = {
        "keys": [{"t": 0.5, "x": 0.05, "rotation": 20}, {"t": 1, "x": 0.12, "y": -0.08, "rotation": 50, "scale": 1.3}]
    }
    shadow, corner = places((52, 55), (90, 55), (90, 74), (52, 74)), places((5, 5), (30, 8), (20, 22))
    half = drag((60, 45), (64.5, 47.25), (70.5, 48.75))
    yield "one drag", tracks_value(drag(BODY, (70.4, 55.7)))
    yield "two drags turn it", tracks_value(drag((54, 46), (60, 54)), drag((66, 50), (72.5, 52)))
    yield "on the ground", tracks_value(drag((105, 12), (95, 16)))
    yield "the camera pans", tracks_value(*(drag((x, y), (x + 9.3, y - 5.2)) for x in (6, 110) for y in (6, 74)))
    yield (
        "the camera zooms",
        tracks_value(*(drag((x, y), (60 + 1.3 * (x - 60), 40 + 1.3 * (y - 40))) for x in (15, 105) for y in (10, 70))),
    )
    yield (
        "the camera zooms out",
        tracks_value(*(drag((x, y), (60 + 0.6 * (x - 60), 40 + 0.6 * (y - 40))) for x in (15, 105) for y in (10, 70))),
    )
    far = {"keys": [{"t": 1, "x": 0.1, "rotation": 30, "scale": 0.4}]}
    yield "an object becomes small", objects_value(thing(CIRCLE, motion=far, shutter=0.5))
    yield "an object bends and becomes small", objects_value(thing(motion=far, pins=[drag(BODY), drag(NECK, (98, 37))]))
    edge = thing(places((0, 20), (50, 16), (46, 60), (0, 70)), motion={"keys": [{"t": 1, "x": 0.25, "y": -0.1}]})
    yield "what the border cuts off comes in", objects_value(edge)
    yield "an object turns and grows", objects_value(thing(motion=turns))
    yield "it leaves the picture", objects_value(thing(motion={"keys": [{"t": 1, "x": -0.4, "scale": 0.6}]}))
    yield (
        "feathered, grown and blurred",
        objects_value(thing(CIRCLE, motion=turns, grow=0.02, feather=0.06, shutter=0.8)),
    )
    yield (
        "with a shadow",
        objects_value(thing(CIRCLE, motion=half, shadow=[shadow])),
    )
    yield (
        "two, one of them hidden at times",
        objects_value(
            thing(motion=turns, visible=[[0, 0.5]]),
            thing(CIRCLE, motion=half),
            thing(corner, motion=half),
        ),
    )
    yield (
        "one that rests before one that moves",
        objects_value(thing(motion={"keys": [{"t": 0}]}), thing(corner, motion=half)),
    )
    yield "bends at its neck", tracks_value(drag(NECK, (98, 37), bend="auto"))
    yield "bends at its neck, pulled on", tracks_value(drag(NECK, (93, 42), bend="auto"))
    yield "bends over itself", objects_value(thing(motion=drag((60, 45), (64, 44)), shutter=0.5, pins=[
        drag(BODY), drag(NECK, (70, 38), (66, 50)), drag(TAIL, (40, 40), over="front")]))  # fmt: skip
    sway = {"amount": 0.08, "times": 1, "phase": 0.2}
    yield "sways from its feet up", objects_value(thing(motion=drag((60, 45)), sway=sway))
    held = [drag(BODY), drag(NECK, (95, 36), loop={"mode": "ping_pong"}, pin=[{"at": 1, "turn": 20}])]
    swung = {"motion": turns, "loop": {"mode": "closed"}, "sway": {**sway, "waves": 1}}
    yield "goes around, nods and sways from its body", objects_value(thing(pins=held, **swung))
    yield "a pin sways", tracks_value(drag(NECK, bend="on", sway={**sway, "amount": 0.1, "direction": 60}))
    pulled_on = drag(TAIL, (20, 33), pin=[{"at": 1, "turn": 25, "scale": 1.2}], stiffness=0.8)
    for name, tail in ("bends behind another", drag(TAIL, (22, 52))), ("bends behind another, pulled on", pulled_on):
        yield (
            name,
            objects_value(thing(motion=drag((60, 45)), pins=[drag(BODY), tail]), thing(CIRCLE, motion=half)),
        )


def case(name: str, value: dict, prepared: PreparedPicture) -> dict:
    start, text = to_floats(picture()), json.dumps(value)
    drawing = parse(text, width=CLIP.width, height=CLIP.height)
    body = composition(prepared, Fitted(start), drawing, CLIP)
    video = CarryInputs(start[None], drawing, CLIP).carried(CarrySettings(), prepared=prepared).video
    return as_case(name, text, body, to_bytes(video))


def as_case(name: str, text: str, body: bytes, frames: np.ndarray) -> dict:
    packed = zlib.compress(frames.tobytes(), 9)
    return {"name": name, "text": text, "composition": base64_of(body), "frames": base64_of(packed)}


def field() -> dict:
    """What is around drags, as without a search for what they are on; the page never asks for that."""
    start = to_floats(picture())
    ways = [[[60, 40], [66, 46], [72, 50]], [[74, 44], [78, 52], [83, 57]], [[66, 56], [69, 60], [75, 64]]]
    tracks = np.array(ways, np.float64) @ (1, 1j)
    around = CarrySettings(radius=16.0, carries="surroundings")
    drawing = Drawing(prepare(start, CLIP.size), CLIP, tracks, np.ones((3, 3), bool), settings=around)
    found = find(drawing)
    image = start.movedim(-1, 0)
    made = compose(found.background, cut(found.regions, image), image)
    frames = np.stack([to_bytes(render(made, time).colors.movedim(0, -1)) for time in range(3)])
    return as_case("a field of drags", "", written(made, [{"tracks": ["t1", "t2", "t3"]}], np.arange(3)), frames)


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def parts_in(case: dict) -> tuple[dict, list[np.ndarray]]:
    """What a case's composition tells, and its arrays; of pixels, themselves."""
    told, arrays = parts_of(base64.b64decode(case["composition"]))
    return told, [pixels_of(array) if array.ndim == 3 and array.dtype == np.uint8 else array for array in arrays]


def frames_in(case: dict) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(case["frames"])), np.uint8)


def parts_of(body: bytes) -> tuple[dict, list[np.ndarray]]:
    """What a composition tells, and its arrays."""
    (length,) = struct.unpack_from(">I", body)
    told, data = json.loads(body[4 : 4 + length]), zlib.decompress(body[4 + length :])
    arrays, at = [], 0
    for kind, shape in told["arrays"]:
        count = int(np.prod(shape))
        arrays.append(np.frombuffer(data, kind, count, at).reshape(shape))
        at += arrays[-1].nbytes
    assert at == len(data)
    return told, arrays


def pixels_of(array: np.ndarray) -> np.ndarray:
    """Of their differences."""
    return np.cumsum(array, axis=1, dtype=np.uint8)


def table() -> list[dict]:
    prepared = prepare(to_floats(picture()), CLIP.size)  # searched once for all
    return [*(case(*each, prepared) for each in drawings()), field()]


if __name__ == "__main__":
    rows = ",\n".join(json.dumps(each) for each in table())
    TABLE.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
