"""Text, bytes and values that trajectories are read from: in every form that `trajectory.parse` knows, and damaged."""

from __future__ import annotations

import json
import struct
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dragnuwa.carry.depth.cameras.paths import FORMATS as CAMERA_FORMATS
from dragnuwa.carry.depth.cameras.paths import read_poses, write_path
from dragnuwa.server import routes
from dragnuwa.trajectory import Trajectories, parse
from dragnuwa.trajectory.formats import importing
from dragnuwa.trajectory.motion.brush import BrushMotion, read_motions

from .target import ROOT, Target, mostly

SIZE = {"width": 96, "height": 64}
SAMPLES = ROOT / "tests" / "unit" / "trajectory" / "formats" / "samples"
CAMERA_SAMPLES = ROOT / "tests" / "unit" / "carry" / "depth" / "cameras" / "samples"

NUMBERS = st.one_of(
    st.integers(-3, 200),
    st.floats(0, 1),
    st.floats(),
    st.sampled_from([10**30, -(10**400), 1e308, 2**53, True, False, None, "1", "", "1_0", "\u0661"]),
)
WORDS = st.one_of(
    st.text(st.characters(categories=None), max_size=8),
    st.sampled_from(["path", "anchor", "pchip", "bezier", "linear", "keys", "ease_in", "\ud800", "\u540d", "#1f77b4"]),
)
KEYS = st.sampled_from(
    ["type", "version", "canvas", "width", "height", "tracks", "id", "name", "color", "enabled", "kind", "spline",
     "points", "x", "y", "t", "in", "out", "timing", "start", "end", "ease", "visible", "people", "track_path",
     "track_visibility", "pose_keypoints_2d", "canvas_width", "canvas_height", "h1x", "h1y", "isSinglePoint", "note",
     "objects", "outline", "pivot", "motion", "rotation", "scale", "paths", "canvas_size", "startTime", "endTime",
     "interpolation", "visibilityMode"]
)  # fmt: skip
LEAVES = st.one_of(NUMBERS, WORDS)
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS | WORDS, inner, max_size=6)),
    max_leaves=20,
)  # fmt: skip


_mostly = partial(mostly, one_in=5)

FRACTIONS = _mostly(st.floats(0, 1), NUMBERS)
POINTS = st.fixed_dictionaries({"x": FRACTIONS, "y": FRACTIONS}, optional={"t": FRACTIONS, "in": VALUES, "out": VALUES})
TRACKS = st.fixed_dictionaries(
    {"points": _mostly(st.lists(POINTS, max_size=5), VALUES)},
    optional={key: _mostly(usual, VALUES) for key, usual in {
        "id": WORDS, "name": WORDS, "color": WORDS, "enabled": st.booleans(), "kind": WORDS, "spline": WORDS,
        "timing": WORDS, "start": FRACTIONS, "end": FRACTIONS, "ease": WORDS,
        "visible": st.lists(st.lists(FRACTIONS, max_size=3), max_size=4)}.items()},
)  # fmt: skip
PLACES = st.fixed_dictionaries({"x": FRACTIONS, "y": FRACTIONS})
MOTION_KEYS = st.fixed_dictionaries(
    {"t": FRACTIONS}, optional={name: _mostly(NUMBERS, VALUES) for name in ("x", "y", "rotation", "scale", "ease")}
)
OBJECTS = st.fixed_dictionaries(
    {"outline": _mostly(st.lists(st.lists(PLACES, max_size=5), max_size=3), VALUES),
     "motion": _mostly(st.one_of(st.fixed_dictionaries({"points": st.lists(POINTS, max_size=3)}),
                                 st.fixed_dictionaries({"keys": st.lists(MOTION_KEYS, max_size=3)})), VALUES)},
    optional={key: _mostly(usual, VALUES) for key, usual in {
        "id": WORDS, "name": WORDS, "enabled": st.booleans(), "pivot": PLACES, "start": FRACTIONS, "end": FRACTIONS,
        "visible": st.lists(st.lists(FRACTIONS, max_size=3), max_size=4)}.items()},
)  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {"type": _mostly(st.just("dragnuwa.trajectories"), VALUES), "version": _mostly(st.sampled_from((1, 2)), VALUES),
     "tracks": _mostly(st.lists(TRACKS, max_size=4), VALUES)},
    optional={"canvas": VALUES, "note": VALUES, "objects": _mostly(st.lists(OBJECTS, max_size=3), VALUES)},
)  # fmt: skip
LISTS = st.lists(st.lists(_mostly(st.lists(NUMBERS, max_size=4), VALUES), max_size=5) | VALUES, max_size=4)
PEOPLE = st.fixed_dictionaries(
    {"people": st.lists(st.dictionaries(st.sampled_from(["pose_keypoints_2d", "face_keypoints_2d"]),
                                        st.lists(NUMBERS, max_size=9) | VALUES), max_size=3)},
    optional={"canvas_width": NUMBERS, "canvas_height": NUMBERS},
)  # fmt: skip
STRUCTURED = st.one_of(DOCUMENTS, LISTS, PEOPLE, st.lists(PEOPLE, max_size=3), VALUES)

WHOLE_TEXTS = [path.read_bytes().decode("latin-1") for path in sorted(SAMPLES.iterdir()) if path.is_file()] + [
    "frame,track,x,y,visible\n0,1,25,25,1\n1,1,30.5,25,1\n",
    "frame;track;x;y\n0;a;25,5;25\n1;a;30,5;25\n",
    "id,frame,point_id,x,y,confidence,occluded\n1,0,a,25,25,0.9,0\n2,0,b,nan,25,0.1,1\n3,2,a,30,,0.9,0\n",
    "frame;x;y_up\n1;25;25\n3;30;25\n",
    "25 25\n128 100\n\n9,9\n",
    '{"paths": [{"points": [{"x": 9, "y": 9}, {"x": 50, "y": 9}], "startTime": 0.2, "interpolation": "ease-in"}], '
    '"canvas_size": {"width": 64, "height": 64}}',
    '[[[10, 10], null, [50, 40]]] [[{"x": 1, "y": 2}]]',
    (b"PIEH" + struct.pack("<ii", 4, 3) + bytes(8 * 12)).decode("latin-1"),
    '[[{"x": 10, "y": 10}, {"x": 50, "y": 40}]]',
    "[[(10, 10), (50, 40)]]",
]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(st.text(st.characters(categories=None), max_size=6),
              st.sampled_from(['"', "'", "{", "}", "[", "]", ",", "\n", "\t", ";", "nan", "1e999", "-", "9" * 50]))),
    max_size=5,
)  # fmt: skip


def _edited(text: str, edits: list) -> str:
    """Each edit removes some characters at a place, and puts others there."""
    for place, removed, added in edits:
        at = int(place * len(text))
        text = text[:at] + added + text[at + removed :]
    return text


DAMAGED = st.builds(_edited, st.sampled_from(WHOLE_TEXTS), EDITS)
WRITTEN = st.builds(_edited, st.builds(json.dumps, STRUCTURED), EDITS)
PRINTED = st.builds(_edited, st.builds(str, STRUCTURED), EDITS)
TEXTS = st.one_of(st.text(st.characters(categories=None), max_size=60), DAMAGED, WRITTEN, PRINTED)


def read(value: Any) -> None:
    """Read in both ways; what comes out is written, read again, and sampled."""
    found = parse(value, **SIZE)
    assert parse(found.to_json(), **SIZE) == found
    importing.read(value, **SIZE).report.encode("utf-8")
    _use(found)


def _use(found: Trajectories) -> None:
    points, visible = found.sample(frames=5, **SIZE)
    drawn, objects = len(found.enabled), len(found.enabled_objects)
    assert drawn + objects <= len(points) <= drawn + 8 * objects and points.shape[1:] == (5, 2)
    assert visible.shape == points.shape[:2] and found.object_masks(8, 8).shape == (objects, 8, 8)
    assert np.isfinite(points).all()


def read_bytes(description: str) -> None:
    """Characters up to 255 stand for bytes."""
    read(description.encode("latin-1", "replace"))


def read_tracks(description: dict) -> None:
    read({key: array(value) if isinstance(value, dict) and "shape" in value else value
          for key, value in description.items()})  # fmt: skip


def array(description: dict) -> np.ndarray:
    """An array of a shape and type, filled with one number."""
    shape = [min(int(side), 64) for side in description["shape"]]
    return np.full(shape, description["fill"], dtype=description["dtype"])


def read_camera(description: str) -> None:
    """A camera path; what comes out is written in every format, and read again."""
    poses = read_poses(description, camera=1 + len(description) % 3)
    cameras = poses.on_pictures((96, 64), 55)
    for form in CAMERA_FORMATS:
        assert read_poses(write_path(cameras, form, 1.0)).matrices.shape == poses.matrices.shape


def post(description: str) -> None:
    """The body of a request to the editor's route."""
    routes.trajectories_of(description.encode("utf-8", "surrogatepass"))


ARRAYS = st.fixed_dictionaries(
    {"shape": _mostly(st.tuples(st.integers(0, 6), st.just(3), st.just(2)), st.lists(st.integers(0, 6), max_size=4)),
     "dtype": st.sampled_from(["float32"] * 5 + ["float64", "int64", "bool", "complex64", "uint8"]),
     "fill": st.sampled_from([0, 1, 3, 50])}
)  # fmt: skip
BODIES = st.builds(
    lambda text, width, height, more: json.dumps({"text": text, "width": width, "height": height, **more}),
    TEXTS, _mostly(st.integers(1, 600), VALUES), _mostly(st.integers(1, 600), VALUES),
    st.dictionaries(WORDS, LEAVES, max_size=1),
)  # fmt: skip
BODIES_OF_FILES = st.builds(
    lambda data: json.dumps({"file": data.hex(), **SIZE}),
    st.binary(max_size=60) | st.builds(lambda text, code: text.encode(code, "replace"), DAMAGED,
                                       st.sampled_from(["utf-16", "utf-16-le", "latin-1", "utf-8"])),
)  # fmt: skip
MOTIONS = st.builds(_edited, st.sampled_from(
    ["distance=20, direction=90", "distance=20\nscale=5, rotation=-3\n", "", "scale=1e400"]), EDITS)  # fmt: skip

CAMERA_FILES = [path.read_bytes().decode() for path in sorted(CAMERA_SAMPLES.iterdir())] + [
    "1 0 0 5 0 1 0 6 0 0 1 7\n1 0 0 6 0 1 0 6 0 0 1 7\n",
    "# timestamp tx ty tz qx qy qz qw\n0 5 6 7 0 0 0 1\n0.1 5 6 8 0 0.6 0 0.8\n",
    "# cameras.txt: 1 PINHOLE 96 64 80 70 48 32\n1 1 0 0 0 5 6 7 1 a.png\n\n2 1 0 0 0 5 6 8 1 b.png\n1 2 -1\n",
    json.dumps({f"frame{k}": {f"cam{n:02}": f"[1 0 0 0] [0 1 0 0] [0 0 1 0] [{k * n} 0 0 1] " for n in (1, 2)}
                for k in (0, 1)}),
    json.dumps({"fl_x": 80, "w": 96, "frames": [{"file_path": f"r_{k}", "transform_matrix": np.eye(4).tolist()}
                                                for k in (2, 1)]}),
    "x\n0 0.5 0.9 0.5 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1 0\n1 0.5 0.9 0.5 0.5 0 0 1 0 0 1 0 1 0 0 0 0 1 0\n",
    "[[1,0,0,0,0,1,0,0,0,0,1,0],[1,0,0,1,0,1,0,0,0,0,1,0]]",
]  # fmt: skip
CAMERAS = st.one_of(
    st.builds(_edited, st.sampled_from(CAMERA_FILES), EDITS), st.text(st.characters(categories=None), max_size=60),
    WRITTEN,
)  # fmt: skip

TARGETS = [
    Target("text", TEXTS, read),
    Target("bytes", st.one_of(DAMAGED, st.binary(max_size=40).map(lambda value: value.decode("latin-1"))), read_bytes),
    Target("value", STRUCTURED, read),
    Target("tracks", st.fixed_dictionaries({"track_path": ARRAYS}, optional={"track_visibility": ARRAYS | LEAVES}),
           read_tracks),
    Target("route", st.builds(_edited, BODIES | BODIES_OF_FILES, EDITS), post,
           routes.Refused),
    Target("camera_paths", CAMERAS, read_camera),
    Target("motions", MOTIONS, lambda text: read_motions(text, BrushMotion(1.0, 0.0, 0.0, 0.0), 2)),
]  # fmt: skip
