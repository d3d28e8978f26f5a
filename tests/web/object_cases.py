"""Objects in the table of cases that the editor's JavaScript is held to; see test_cases.py."""

import json
from itertools import product

import numpy as np

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import TrajectoryError, parse, types
from dragnuwa.trajectory.objects import sampling
from dragnuwa.trajectory.objects import types as object_types
from dragnuwa.trajectory.objects.masks import interior_points
from tests.support.drawings import objects_value

SIZE = {"width": 576, "height": 320}
SQUARE = [{"x": 0.2, "y": 0.2}, {"x": 0.4, "y": 0.2}, {"x": 0.4, "y": 0.6}, {"x": 0.2, "y": 0.6}]
HOLE = [{"x": 0.25, "y": 0.3}, {"x": 0.35, "y": 0.3}, {"x": 0.3, "y": 0.5}]
BOW = [{"x": 0.5, "y": 0.1}, {"x": 0.9, "y": 0.8}, {"x": 0.9, "y": 0.1}, {"x": 0.5, "y": 0.8}]  # crosses itself
THIN = [{"x": 0.1, "y": 0.9}, {"x": 0.7, "y": 0.91}, {"x": 0.7, "y": 0.92}, {"x": 0.1, "y": 0.91}]
BLOB = [{"x": 0.5 + 0.3 * np.cos(a) * (1 + 0.4 * np.sin(3 * a)), "y": 0.5 + 0.3 * np.sin(a)}
        for a in np.arange(40) * np.pi / 20]  # fmt: skip
WAY = [{"x": 0.3, "y": 0.4}, {"x": 0.5, "y": 0.3, "t": 0.4}, {"x": 0.8, "y": 0.9}]
HELD = {"points": [{"x": 0.5, "y": 0.5}]}
TURN = {"keys": [{"t": 0, "ease": "ease_in"}, {"t": 0.4, "x": 0.1, "rotation": 90, "ease": "constant"},
                 {"t": 0.75, "x": 0.2, "y": -0.1, "rotation": -400, "scale": 2.5, "ease": "ease_in_out"},
                 {"t": 1, "scale": 0.5}]}  # fmt: skip


def thing(**fields):
    return {"outline": [SQUARE], "motion": HELD, **fields}


def sampled_cases():
    """name, object, size, frames."""
    outlines = {"square": [SQUARE], "hole": [SQUARE, HOLE], "bow": [BOW], "thin": [THIN], "blob": [BLOB],
                "two": [SQUARE, BOW], "cancelled": [SQUARE, SQUARE]}  # fmt: skip
    for name, outline in outlines.items():
        yield f"{name} turns", thing(outline=outline, motion=TURN), SIZE, 14
        yield f"{name} held", thing(outline=outline), {"width": 320, "height": 576}, 5
    for spline, timing, ease in product(types.SPLINES, types.TIMINGS, types.EASES):
        motion = {"points": WAY, "spline": spline, "timing": timing, "ease": ease}
        yield f"{spline} {timing} {ease}", thing(motion=motion, start=0.2, end=0.9), SIZE, 11
    for ease in types.EASES:
        keys = [{"t": 0.25, "x": 0.1, "ease": ease}, {"t": 0.75, "rotation": 33, "scale": 3}]
        yield f"keys {ease}", thing(motion={"keys": keys}, start=0.1, end=0.7, visible=[[0, 0.5]]), SIZE, 13
    for mode, motion in product(types.LOOPS[1:], (TURN, {"points": WAY}, {"keys": [{"t": 1, "rotation": 720}]})):
        yield f"{mode} {len(motion)} {motion}"[:40], thing(motion=motion, loop={"mode": mode, "times": 2}), SIZE, 14
    special = {
        "pivot elsewhere": thing(motion=TURN, pivot={"x": -0.5, "y": 2}),
        "one key": thing(motion={"keys": [{"t": 1, "rotation": 180}]}),
        "rests by keys": thing(motion={"keys": [{"t": 0}, {"t": 1}]}),
        "outside": thing(outline=[[{"x": -3, "y": -3}, {"x": -2, "y": -3}, {"x": -2, "y": -2}]], motion=TURN),
        "tiny": thing(outline=[[{"x": 0.5, "y": 0.5}, {"x": 0.5 + 1e-9, "y": 0.5}, {"x": 0.5, "y": 0.5 + 1e-9}]]),
        "never visible": thing(visible=[]),
        "areas": thing(motion=TURN, shadow=[THIN, BOW], fill_from=[BLOB]),
        "long id": thing(id="\U0001f600" * 256, motion=TURN),
    }
    for name, each in special.items():
        yield name, each, SIZE, 14


def written(objects, **fields):
    return json.dumps(objects_value() | {"objects": objects, **fields})


def sampled(name, value, size, frames):
    trajectories = parse(written([value]), **size)
    (each,) = trajectories.objects
    pixels, clip = np.array([*size.values()], dtype=float), ClipShape(*size.values(), frames)
    motion = sampling.transform(each, np.arange(frames) / (frames - 1), pixels)
    tracks = trajectories.at_frames(clip)
    return {
        "name": name, "object": json.loads(trajectories.to_json())["objects"][0], **size, "frames": frames,
        "transform": np.stack([motion.factor.real, motion.factor.imag, motion.shift.real, motion.shift.imag], -1)
        .round(9).tolist(),
        "places": interior_points(each.outline, pixels).round(9).tolist(),
        "ids": [track.id for track in tracks.tracks],
        "tracks": tracks.points.tolist(), "visible": tracks.visible.astype(int).tolist(),
    }  # fmt: skip


# Fields of an object, good and bad.
FIELDS = (
    *({"outline": outline} for outline in (
        None, [], {}, [[]], [SQUARE[:2]], [[SQUARE[0]] * 3], [None], [SQUARE, None], [[[0, 0], [0, 1], [1, 0]]],
        [[{"x": 0, "y": 0}, {"x": 0.5, "y": 0.5}, {"x": 1, "y": 1}]], [BOW], [SQUARE, HOLE], [SQUARE] * 256,
        [SQUARE] * 257, [SQUARE * 1024], [SQUARE * 1024, SQUARE], [SQUARE * 1025], [[*SQUARE, {"x": 0}]],
        [[*SQUARE, {"x": 0, "y": 0, "t": 0}]], [[*SQUARE, {"x": 1e4, "y": -1e4}]], [[*SQUARE, {"x": 10001, "y": 0}]],
    )),
    *({"motion": motion} for motion in (
        None, [], {}, {"points": []}, {"keys": []}, {"points": WAY, "keys": []}, {"points": WAY, "spline": "cubic"},
        {"points": WAY, "start": 0}, {"points": WAY, "timing": "keys"}, {"points": WAY[::-1], "timing": "keys"},
        {"points": [*WAY, {"x": 0, "y": 0, "t": 0.1}], "timing": "keys"}, {"keys": [{}]}, {"keys": [None]},
        {"keys": {}}, {"keys": [{"t": 0.5}]}, {"keys": [{"t": 0}]}, {"keys": [{"t": 0, "x": 0.1}]}, TURN,
        {"keys": [{"t": 0, "scale": 2}]}, {"keys": [{"t": 0.5}, {"t": 0.5}]}, {"keys": [{"t": 0.5}, {"t": 0.4}]},
        {"keys": [{"t": 1.1}]}, {"keys": [{"t": 1, "scale": 0}]}, {"keys": [{"t": 1, "scale": 0.01}]},
        {"keys": [{"t": 1, "scale": 100}]}, {"keys": [{"t": 1, "scale": 100.1}]}, {"keys": [{"t": 1, "scale": True}]},
        {"keys": [{"t": 1, "scale": "1"}]}, {"keys": [{"t": 1, "rotation": 36000}]},
        {"keys": [{"t": 1, "rotation": -36001}]}, {"keys": [{"t": 1, "x": 10001}]}, {"keys": [{"t": 1, "z": 1}]},
        {"keys": [{"t": 1, "ease": "bounce"}]}, {"keys": [{"t": 1}], "ease": "linear"},
    )),
    {"pivot": None}, {"pivot": {"x": 1}}, {"pivot": {"x": 1, "y": 1, "z": 1}}, {"pivot": {"x": 0, "y": 1e4}},
    {"id": ""}, {"id": 1}, {"id": "a" * 257}, {"name": "\ud800"}, {"name": "bird"}, {"color": "red"},
    {"color": "#AbCdEf"}, {"enabled": False}, {"enabled": 1}, {"start": 0.5, "end": 0.5}, {"start": 0.25},
    {"end": 2}, {"visible": []}, {"visible": [[0.5, 0.4]]}, {"visible": [[0.4, 0.5]]}, {"points": WAY},
    {"kind": "path"}, {"group": "birds"}, {"group": ""}, {"group": None}, {"group": 1}, {"group": ["birds"]},
    {"group": "a" * 256}, {"group": "a" * 257}, {"group": "\ud800"}, {"group": "__proto__"},
    {"edge": "snap"}, {"edge": "exact"}, {"edge": ""}, {"edge": None}, {"edge": "sharp"}, {"edge": ["exact"]},
    *({area: outline} for area in object_types.OBJECT_AREAS for outline in (
        None, [], {}, [[]], [SQUARE[:2]], [SQUARE, HOLE], [SQUARE] * 257, [SQUARE * 1025], [[*SQUARE, {"x": 0}]],
    )),
    {"grow": 0}, {"grow": -1}, {"grow": 1.5}, {"grow": True}, {"grow": "1"}, {"grow": None}, {"feather": 0.01},
    {"feather": -0.01}, {"feather": 0}, {"feather": [1]}, {"feather": 10**30}, {"shutter": 1}, {"shutter": 1.01},
    {"shutter": -0.0}, {"shutter": {}}, {"shutter": 0.5, "edge": "exact", "grow": 0.25, "group": "birds"},
    *({"followed": value} for value in (
        None, {}, [], {"version": 1}, {"outlines": []}, {"version": 1, "outlines": []},
        {"version": 1, "outlines": None}, {"version": 2, "outlines": []}, {"version": "1", "outlines": []},
        {"version": True, "outlines": []},
        {"version": 1, "outlines": [{"at": 0.5, "outline": [SQUARE]}]}, {"version": 1, "outlines": [{"at": 0.5}]},
        {"version": 1, "outlines": [{"at": 0.5, "outline": []}]}, {"version": 1, "outlines": [{"outline": [SQUARE]}]},
        {"version": 1, "outlines": [{"at": 2, "outline": [SQUARE]}]}, {"version": 1, "outlines": [None]},
        {"version": 1, "outlines": [{"at": at, "outline": [SQUARE, HOLE]} for at in (0.25, 0.5)]},
        {"version": 1, "outlines": [{"at": at, "outline": [SQUARE]} for at in (0.5, 0.25)]},
        {"version": 1, "outlines": [{"at": 0.5, "outline": [SQUARE]}] * 2}, {"version": 1, "outlines": [], "by": "me"},
        {"version": 1, "outlines": [{"at": 0.5, "outline": [SQUARE], "by": "me"}]},
        {"version": 1, "outlines": [{"at": k / 1001, "outline": [SQUARE]} for k in range(1001)]},
    )),
    {"at": 0}, {"at": 0.5}, {"at": 1.1}, {"at": None}, {"at": 0.25, "edit": "absolute", "shutter": 0.5},
    {"edit": "relative"}, {"edit": "removed"}, {"edit": "gone"}, {"edit": None}, {"edit": ["still"]}, {"delay": 0},
    {"delay": -0.0}, {"delay": -1}, {"delay": 1.5}, {"delay": "0"}, {"delay": True}, {"edit": "copied", "delay": 0.25},
    {"distance": 1}, {"distance": 0.1}, {"distance": 0.09}, {"distance": 1000}, {"distance": 1001}, {"distance": 0},
    {"distance": None}, {"distance": "2"}, {"distance": True}, {"distance": 2.5, "edit": "copied"},
    {"stiffness": 0}, {"stiffness": 0.5}, {"stiffness": 1.1}, {"stiffness": None}, {"stiffness": "1"},
    *({"pins": value} for value in (
        [], None, {}, [None], [{}], [{"points": []}], [{"points": WAY}], [{"points": WAY}, HELD],
        [{"points": WAY, "id": "p2"}, HELD], [{"points": WAY, "id": "a"}, {**HELD, "id": "a"}],
        [{"points": WAY, "color": "red"}], [{"points": WAY, "keys": []}], [HELD] * 200, [HELD] * 201,
        [{"points": WAY, "pin": [{"at": 1, "turn": 20}], "over": "behind", "stays": 0.25, "bend": "on"}],
        [{"points": WAY, "pin": [{"at": 2}]}], [{**HELD, "kind": "anchor", "enabled": False}],
        [{"points": WAY[::-1], "timing": "keys"}], [{"points": WAY, "start": 0.5, "end": 0.25}],
    )),
    *({"loop": value} for value in (None, {}, {"mode": "ping_pong"}, {"mode": "closed", "times": 4}, {"mode": "once"})),
    *({"sway": value} for value in (
        None, {}, {"amount": 0.1}, {"amount": 0.1, "waves": 8, "phase": 0.5}, {"amount": 0.1, "waves": 8.1},
        {"amount": 0.1, "direction": 0},
    )),
    {"text": ""}, {"text": "a red bird,\nwith open wings"}, {"text": None}, {"text": 1}, {"text": "\ud800"},
    {"text": "a" * 4000}, {"text": "a" * 4001}, {"text": "\U0001f426" * 4000}, {"text": "\U0001f426" * 4001},
    {"stiffness": 0.25, "stiff": [SQUARE], "pins": [HELD], "distance": 2},
)  # fmt: skip


def texts():
    """Texts of version 2, good and bad."""
    yield from (
        written(value) for value in ([], None, {}, [None], [[]], [{}], [{"outline": [SQUARE]}], [{"motion": HELD}])
    )
    yield from (written([thing(**fields)]) for fields in FIELDS)
    yield written([thing()], version=1)
    yield written([thing()], version=3)
    yield written([thing()] * 3, tracks=[{"points": [{"x": 0.5, "y": 0.5}]}])
    yield written([thing(id="o2"), thing(), thing(), thing(id="o1")])
    yield written([thing(id="a"), thing(id="a")])
    yield written([thing(id="t1")], tracks=[{"points": [{"x": 0.5, "y": 0.5}]}])
    yield written([thing(motion=TURN)]).replace('"rotation"', '"x"')
    yield written([thing()]).replace("0.5", "NaN")
    yield written([thing()]).replace("0.5", "-0")
    yield json.dumps({"type": types.TYPE, "version": 2, "tracks": []})
    yield json.dumps({"type": types.TYPE, "version": 2, "objects": []})
    for horizon in (0.4, 0, -4, -4.1, 0.95, 0.96, None, True, "0.4", [], 1e999):
        yield written([thing()], horizon=horizon)
        yield written([], horizon=horizon)
    yield json.dumps({"type": types.TYPE, "version": 1, "tracks": [], "horizon": 0.4})
    yield written([thing(outline=[SQUARE] * 2)] * 256)
    yield written([thing(outline=[SQUARE] * 2)] * 257)


def read(text):
    """The text, and the objects and the horizon in it, or None where it is refused."""
    try:
        value = json.loads(parse(text, **SIZE).to_json())
    except TrajectoryError:
        return {"text": text, "objects": None}
    horizon = {"horizon": value["horizon"]} if "horizon" in value else {}
    return {"text": text, "objects": value.get("objects", []), **horizon}


def limits():
    names = (
        "MAX_OBJECTS",
        "OUTLINE_EDGES",
        "OBJECT_AREAS",
        "MAX_CORRECTIONS",
        "MAX_PINS",
        "MAX_DISTANCE",
        "MIN_DISTANCE",
        "FOLLOWED_VERSION",
        "MAX_RINGS",
        "MAX_OUTLINE_POINTS",
        "MAX_ROTATION",
        "MAX_WORDS",
        "MIN_SCALE",
        "MAX_SCALE",
        "FINISH",
    )
    of_value = {name: getattr(types, name) for name in ("MIN_HORIZON", "MAX_HORIZON")}
    return {name: getattr(object_types, name) for name in names} | of_value


def exported():
    """Drawings with objects, as texts."""
    objects = [thing(motion=TURN, name="a <turn>"), thing(outline=[BOW], motion={"points": WAY}), thing(enabled=False),
               thing(edge="exact", shadow=[THIN], fill_from=[BLOB, HOLE])]  # fmt: skip
    track = {"points": WAY, "id": "o1.1"}
    return [written(objects, tracks=[track]), written(objects[1:])]
