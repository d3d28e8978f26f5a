"""The table that holds the editor's JavaScript to the library: tests/web/cases.json.

Here it is compared with what the library gives now; tests/web/*.test.js compare the JavaScript with it. After a change
of the library, `python tests/web/test_cases.py` writes it anew.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from dragnuwa.common import images as fit
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import TrajectoryError, parse, types
from dragnuwa.trajectory.formats.registry import WRITERS
from tests.support.drawings import tracks_value
from tests.support.known_pictures import known_pictures
from tests.web import bending_cases, composition_cases, object_cases

__all__ = ["known_pictures"]
FOLDER = Path(__file__).parent
TABLE = FOLDER / "cases.json"
# The one beside Python comes with the development tools.
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
SIZE = {"width": 576, "height": 320}

# Uneven distances, a flat stretch and a turn back; handles and times at some points only.
WAVE = [
    {"x": 0.1, "y": 0.5, "out": {"x": 0.1, "y": -0.4}},
    {"x": 0.37, "y": 0.5, "t": 0.2, "in": {"x": -0.05, "y": 0.1}},
    {"x": 0.4, "y": 0.81, "t": 0.35, "in": {"x": 0, "y": -0.2}, "out": {"x": 0.02, "y": 0.2}},
    {"x": 0.2, "y": 0.93},
    {"x": 0.77, "y": 0.05, "t": 0.9, "in": {"x": -0.3, "y": 0.1}},
]
LINE = [{"x": 25 / 576, "y": 25 / 320}, {"x": 128 / 576, "y": 129 / 320}]
STEEP = [{"x": 0.2, "y": 0.2}, {"x": 0.21, "y": 0.9}, {"x": 0.2, "y": 0.1}, {"x": 0.9, "y": 0.1}]
SPLINES, TIMINGS, EASES = types.SPLINES, types.TIMINGS, types.EASES


def sampled_cases():
    """name, track, size, frames: every way to sample a track, and what is special."""
    for spline, timing, ease in product(SPLINES, TIMINGS, EASES):
        yield f"{spline} {timing} {ease}", {"points": WAVE, "spline": spline, "timing": timing, "ease": ease}, SIZE, 14
    for spline, timing in product(SPLINES, TIMINGS):
        short = {"spline": spline, "timing": timing, "start": 0.22, "end": 0.71}
        yield f"{spline} {timing} from start to end", {"points": WAVE, **short, "ease": "ease_in_out"}, SIZE, 11
        yield f"{spline} {timing} two points", {"points": LINE, **short}, SIZE, 9
        yield f"{spline} {timing} steep", {"points": STEEP, **short}, {"width": 1280, "height": 704}, 17
    for spline, timing, mode in product(SPLINES, TIMINGS, types.LOOPS[1:]):
        repeated = {"spline": spline, "timing": timing, "start": 0.1, "end": 0.93, "ease": "ease_in_out"}
        for points, times in ((WAVE, 3), (LINE, 1), ([*STEEP, STEEP[0]], 2)):
            loop = {"mode": mode, "times": times}
            yield f"{spline} {timing} {mode} {times}", {"points": points, **repeated, "loop": loop}, SIZE, 13
    sway = {"amount": 0.03, "times": 3, "phase": 0.2, "direction": 120}
    yield "swaying on its way", {"points": WAVE, "sway": sway, "start": 0.2, "end": 0.9}, SIZE, 14
    yield "swaying at its place", {"points": WAVE[:1], "kind": "anchor", "sway": {"amount": 0.05}}, SIZE, 14
    special = {
        "one point": {"points": WAVE[:1]},
        "anchor": {"points": WAVE[:1], "kind": "anchor", "start": 0.25, "end": 0.5, "ease": "ease_in"},
        "anchor at the corner": {"points": [{"x": 1, "y": 1}], "kind": "anchor"},
        "anchor outside": {"points": [{"x": -2, "y": 3}], "kind": "anchor"},
        "out of the picture": {"points": [{"x": -0.5, "y": 0.5}, {"x": 1.5, "y": 1.2}, {"x": 0.5, "y": -3}]},
        "far out": {"points": [{"x": -1e4, "y": 1e4}, {"x": 1e4, "y": -1e4}], "spline": "linear"},
        "hidden in the middle": {"points": LINE, "visible": [[0, 0.4], [0.7, 1]]},
        "never visible": {"points": LINE, "visible": []},
        "visible from a rounded time to another": {
            "points": LINE,
            "visible": [[0.23076923077, 0.3], [0.4, 0.46153846153]],
        },
        "standing still": {"points": [WAVE[0]] * 3, "timing": "arc_length"},
        "doubled points": {"points": [p for p in LINE for _ in (1, 2)], "timing": "arc_length", "spline": "linear"},
        "handles of zero": {"points": [{"x": p["x"], "y": p["y"]} for p in WAVE], "spline": "bezier"},
        "a very short motion": {"points": LINE, "start": 0.5, "end": 0.5 + 2**-50},
        "no time given": {"points": STEEP, "timing": "keys"},
        "first and last time": {
            "points": [{"x": 0.1 * k, "y": 0.5, **({"t": 0.3 + 0.1 * k} if k != 2 else {})} for k in range(5)],
            "timing": "keys",
        },
    }  # fmt: skip
    for name, track in special.items():
        yield name, track, SIZE, 14
    yield "two frames", {"points": WAVE}, SIZE, 2
    row = [{"x": k / 50, "y": 0.5} for k in range(50)]
    yield "constant, many points", {"points": row, "ease": "constant"}, SIZE, 99
    yield "one pixel", {"points": LINE}, {"width": 1, "height": 1}, 5


def written(tracks, **fields):
    return json.dumps(tracks_value() | {"tracks": tracks, **fields})


def track(**fields):
    return {"points": [{"x": 0.5, "y": 0.5}], **fields}


# Fields of a track, good and bad.
TRACK_FIELDS = (
    *({"points": points} for points in ([], None, {}, [None], [[0.5, 0.5]], [{"x": 1}], [{"x": 1, "y": "2"}])),
    {"points": [{"x": 1, "y": 1, "z": 1}]}, {"points": [{"x": True, "y": 0}]},
    {"points": [{"x": 10001, "y": 0}]}, {"points": [{"x": 1e4, "y": -1e4}]},
    {"points": [{"x": 0, "y": 0, "t": 1.1}]}, {"points": [{"x": 0, "y": 0, "t": None}]},
    {"points": [{"x": 0, "y": 0, "in": None}]}, {"points": [{"x": 0, "y": 0, "out": {"x": 1}}]},
    {"points": [{"x": 0, "y": 0, "out": {"x": 1, "y": 1, "z": 1}}]},
    {"points": [{"x": 0, "y": 0, "in": {"x": 1, "y": 1}}]}, {"id": ""}, {"id": 1}, {"id": "a" * 256},
    {"id": "a" * 257}, {"name": "a" * 257}, {"name": "\U0001f600" * 256}, {"name": "\U0001f600" * 257},
    {"name": "\ud800"}, {"name": "\ud83d\ude00"}, {"name": "<script>alert(1)</script>"}, {"name": None},
    {"color": "#AbCdEf"}, {"color": "red"}, {"color": "#1234567"}, {"color": "#12345g"}, {"color": "#123456\n"},
    {"color": None}, {"enabled": False}, {"enabled": 0}, {"kind": "anchor"}, {"kind": "line"}, {"kind": None},
    {"spline": "cubic"}, {"kind": "anchor", "points": LINE}, {"timing": "time"}, {"ease": "bounce"},
    {"ease": ["linear"]}, {"start": 0.5, "end": 0.5}, {"start": 0.6, "end": 0.5}, {"start": -0.1}, {"end": 1.1},
    {"start": "0"}, {"start": 1}, {"visible": []}, {"visible": None}, {"visible": [[0, 1, 2]]},
    {"visible": [[0.6, 0.5]]}, {"visible": [[0.5, 0.5]]}, {"visible": [[0, 2]]}, {"visible": [["0", 1]]},
    {"visible": [0, 1]}, {"Name": "a"}, {"timing": "keys", "points": STEEP}, {"timing": "keys", "points": WAVE},
    {"timing": "keys", "points": [WAVE[1]]}, {"timing": "keys", "points": [WAVE[2], WAVE[1]]},
    {"timing": "keys", "points": [WAVE[1], WAVE[1]]},
    {"timing": "keys", "points": [{"x": 0, "y": 0}, {"x": 0, "y": 0, "t": 0}]},
    {"timing": "points", "points": [WAVE[2], WAVE[1]]}, {"at": 0.5},
    {"edit": "relative"}, {"edit": "removed"}, {"edit": "gone"}, {"edit": None}, {"edit": ["still"]}, {"delay": 0},
    {"delay": -0.0}, {"delay": -1}, {"delay": 1.5}, {"delay": "0"}, {"delay": True}, {"edit": "copied", "delay": 0.25},
    *({"bend": value} for value in ("auto", "on", "off", "", "maybe", None, True, ["on"])),
    *({"over": value} for value in ("front", "behind", "", "above", None, 1)),
    *({name: value} for name in ("stays", "stiffness") for value in (0, 0.5, 1, 1.1, -0.1, "0.5", None, True)),
    *({"pin": value} for value in (
        [], None, {}, [None], [[]], [{}], [{"at": 0.5}], [{"at": 0.5, "turn": 20}], [{"turn": 20}], [{"at": 1.1}],
        [{"at": 0, "turn": 20, "scale": 2}], [{"at": 0.5}, {"at": 0.5}], [{"at": 0.5}, {"at": 0.4}], [{"at": None}],
        [{"at": 0.25, "turn": -36000}, {"at": 0.5, "turn": 36000, "scale": 0.01}, {"at": 1, "scale": 100}],
        [{"at": 1, "turn": 36001}], [{"at": 1, "scale": 0}], [{"at": 1, "scale": 101}], [{"at": 1, "scale": True}],
        [{"at": 1, "turn": "20"}], [{"at": 1, "ease": "linear"}], [{"at": k / 1001} for k in range(1001)],
    )),
    {"bend": "on", "stays": 0.25, "pin": [{"at": 1, "turn": -20}], "over": "front", "stiffness": 0.75},
    {"bend": "off", "kind": "anchor", "edit": "still"},
    *({"loop": value} for value in (
        None, [], {}, {"mode": "closed"}, {"mode": "ping_pong", "times": 3}, {"mode": "once"}, {"mode": "back"},
        {"mode": "closed", "times": 0}, {"mode": "closed", "times": 1.5}, {"mode": "closed", "times": 1001},
        {"mode": "closed", "times": True}, {"mode": "closed", "ease": "linear"}, {"times": 2}, {"mode": None},
    )),
    *({"sway": value} for value in (
        None, [], {}, {"amount": 0.02}, {"amount": 0}, {"amount": -0.1}, {"amount": 11}, {"amount": "1"},
        {"amount": 1, "times": 2.5, "phase": 1, "direction": -360}, {"amount": 1, "times": -1},
        {"amount": 1, "phase": 1.1}, {"amount": 1, "direction": 361}, {"amount": 1, "waves": 1}, {"times": 2},
    )),
)  # fmt: skip


def texts():
    """Texts of our own format, good and bad, and of none."""
    yield from ("", " ", "nonsense", "{}", "[1", "null", "1", '"text"', "[]", "{", '{"type": "other"}', "[" * 1000)
    yield written([])
    yield "\ufeff" + written([track()])
    yield json.dumps(json.loads(written([track(), track(name="a")], canvas=SIZE)), indent=2)
    yield written([track(id="t2"), track(), track(), track(id="t1"), track()])
    yield written([track(id="a"), track(id="a")])
    yield '{"type": "dragnuwa.trajectories", "version": 1, "tracks": [], "tracks": []}'
    yield written([track(name='": "": {')])
    yield written([]).replace("tracks", "tr\\u0061cks")
    yield written([track()]).replace('"x": 0.5', '"x": 0.5, "x": 0.5')
    yield written([track()]).replace("0.5", "-0")
    for version in (3, 0, "1", True, None, 1.0):
        yield json.dumps({"type": types.TYPE, "version": version, "tracks": []})
    yield json.dumps({"type": types.TYPE, "tracks": []})
    yield json.dumps({"type": types.TYPE, "version": 1})
    yield from (written([], **{key: []}) for key in ("size", "__proto__", "constructor"))
    for canvas in (
        None, [], {}, {"width": 1}, {**SIZE, "x": 1}, {"width": 0, "height": 1}, {"width": 1, "height": 65536},
        {"width": 1, "height": 65537}, {"width": 1.5, "height": 2}, {"width": "1", "height": 1},
    ):  # fmt: skip
        yield written([], canvas=canvas)
    yield from (written(value) for value in (None, {}, "x", [None], [[]], [1], [{}], [{"points": None}]))
    yield from (written([track(**fields)]) for fields in TRACK_FIELDS)
    yield written([track()]).replace("0.5", "1e999")
    yield written([track()]).replace("0.5", "NaN")
    yield written([track()]).replace("0.5", "1" * 50)
    yield written([track()]).replace("0.5", "1E-3")


def limits():
    names = ("TYPE", "VERSION", "OBJECTS_VERSION", "KINDS", "SPLINES", "TIMINGS", "EASES", "EDITS", "BENDS", "OVERS",
             "LOOPS", "MAX_TRACKS", "MAX_POINTS", "MAX_TOTAL_POINTS", "MAX_INTERVALS", "MAX_TEXT_BYTES",
             "MAX_TEXT_VALUES", "MAX_NAME", "MAX_COORDINATE", "MAX_SIDE", "MAX_PIN_KEYS", "MAX_CYCLES", "MAX_SWAY",
             "MAX_WAVES", "BACK", "PALETTE")  # fmt: skip
    return {name: getattr(types, name) for name in names} | object_cases.limits()


def sampled(name, value, size, frames):
    points, visible = parse(tracks_value(value), **size).sample(frames, **size)
    full = json.loads(parse(written([value]), **size).to_json())["tracks"][0]
    return {
        "name": name, "track": full, **size, "frames": frames,
        "x": points[0, :, 0].tolist(), "y": points[0, :, 1].tolist(), "visible": visible[0].astype(int).tolist(),
    }  # fmt: skip


def read(text):
    """The text, and the tracks in it, or None where it is refused, or a list, which is a form of another tool."""
    try:
        value = json.loads(parse(text, **SIZE).to_json())
    except TrajectoryError:
        return {"text": text, "tracks": None}
    ours = text.removeprefix("\ufeff").startswith("{")
    return {"text": text, "tracks": value["tracks"] if ours else None}


def fitted(picture, clip, mode):
    """Where `images.fit` puts a picture (width, height) in a clip: the part that is shown, and where."""
    rects = ([part.left, part.top, part.columns, part.rows] for part in fit.placement(picture, clip, mode))
    return {"picture": picture, "clip": clip, "mode": mode, **dict(zip(("source", "target"), rects, strict=True))}


def full_sizes():
    """Sizes of videos at the picture's size."""
    pictures = [
        (1920, 1080),
        (4000, 3000),
        (1080, 1920),
        (1023, 767),
        (1200, 675),
        (640, 360),
        (6000, 4000),
        (9000, 90),
    ]
    clips = [(160, 104), (576, 320), (832, 480), (480, 832), (656, 368), (128, 128), (160, 120)]
    for picture, clip, mode, longer in product(pictures, clips, fit.MODES, (0, 1000, 1921)):
        video = fit.full_size(picture, clip, mode, longer)
        yield {"picture": picture, "clip": clip, "mode": mode, "longer_side": longer, "size": video.size}


def fits():
    pictures = [(640, 480), (333, 500), (1, 1), (1, 300), (301, 2), (576, 320), (125, 125)]
    pictures += [(99, 101), (7, 1000), (300, 100)]
    clips = [(576, 320), (64, 64), (320, 576), (72, 64), (200, 80)]
    return [fitted(*case) for case in product(pictures, clips, fit.MODES)]


def exports():
    """Drawings, and what the library writes of them in the formats that the page exports, too."""
    tracks = [track(points=WAVE, spline=spline, ease="ease_in", name=f"{spline} <&>") for spline in SPLINES]
    tracks += [track(), track(points=LINE, enabled=False), track(points=LINE, start=0.3, visible=[[0, 0.5]])]
    clip = ClipShape(*SIZE.values(), 7)
    for text in (*(written(value) for value in (tracks, [], tracks[-1:])), *object_cases.exported()):
        drags = parse(text, **SIZE)
        flat = drags.as_tracks(clip)
        forms = {
            form: WRITERS[form].write(flat, clip) if flat.tracks or form == "svg" else None
            for form in ("kjnodes", "svg")
        }  # KJNodes takes no list without tracks
        yield {"text": drags.to_json(), "frames": 7, **SIZE, **forms}


def table():
    return {
        "limits": limits(),
        "sampled": [sampled(*case) for case in sampled_cases()],
        "texts": [read(text) for text in texts()],
        "fits": fits(),
        "full_sizes": list(full_sizes()),
        "exports": list(exports()),
        "objects": [object_cases.sampled(*case) for case in object_cases.sampled_cases()],
        "object_texts": [object_cases.read(text) for text in object_cases.texts()],
    }


def lines(value):
    """The table as JSON, a case a line."""
    parts = []
    for key, cases in value.items():
        rows = ",\n".join(json.dumps(case) for case in cases) if isinstance(cases, list) else json.dumps(cases)
        parts.append(f'"{key}": [\n{rows}\n]' if isinstance(cases, list) else f'"{key}": {rows}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


@pytest.fixture(scope="module")
def found():
    return json.loads(TABLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def expected():
    return json.loads(lines(table()))


@pytest.mark.parametrize("part", ["limits", "texts", "fits", "full_sizes", "object_texts"])
def test_the_table_is_what_the_library_gives(found, expected, part):
    assert found[part] == expected[part], "run: python tests/web/test_cases.py"


def test_the_table_has_the_positions_that_the_library_gives(found, expected):
    assert [case["name"] for case in found["sampled"]] == [case["name"] for case in expected["sampled"]]
    for case, now in zip(found["sampled"], expected["sampled"], strict=True):
        for axis in ("x", "y"):  # another platform may round the last decimal the other way
            assert case.pop(axis) == pytest.approx(now.pop(axis), abs=1.5e-6, rel=0), case["name"]
        assert case == now


def test_the_table_has_the_objects_that_the_library_gives(found, expected):
    assert len(found["objects"]) == len(expected["objects"])
    for case, now in zip(found["objects"], expected["objects"], strict=True):
        for part, tolerance in (("transform", 1e-8), ("places", 1e-8), ("tracks", 1.5e-6)):
            there, here = (np.array(value.pop(part)) for value in (case, now))
            np.testing.assert_allclose(there, here, atol=tolerance, rtol=0, err_msg=f"{case['name']}: {part}")
        assert case == now


def test_the_table_has_the_exports_that_the_library_gives(found, expected):
    number = re.compile(r"-?\d+(?:\.\d+)?")
    assert len(found["exports"]) == len(expected["exports"])
    for case, now in zip(found["exports"], expected["exports"], strict=True):
        assert case.keys() == now.keys() and case["text"] == now["text"]
        for form, tolerance in (("kjnodes", 1.5e-6), ("svg", 1.5e-3)):  # the last decimal, as above
            if now[form] is None:
                assert case[form] is None
                continue
            assert number.sub("#", case[form]) == number.sub("#", now[form])
            numbers = [[float(text) for text in number.findall(value[form])] for value in (case, now)]
            assert numbers[0] == pytest.approx(numbers[1], abs=tolerance, rel=0)


def test_every_way_to_sample_is_in_the_table(found):
    ways = {(case["track"]["spline"], case["track"]["timing"], case["track"]["ease"]) for case in found["sampled"]}
    assert ways == set(product(SPLINES, TIMINGS, EASES))


def test_the_compositions_are_those_of_the_library():
    """Another platform may round a pixel the other way, or a point of a mesh. Which of two triangles that hardly move
    is drawn first is then another, too, and nothing in the frames."""
    found, expected = json.loads(composition_cases.TABLE.read_text(encoding="utf-8")), composition_cases.table()
    assert [case["name"] for case in found] == [case["name"] for case in expected]
    for case, now in zip(found, expected, strict=True):
        (told, arrays), (wanted, values) = (composition_cases.parts_in(each) for each in (case, now))
        assert told == wanted and case["text"] == now["text"], "run: python tests/web/composition_cases.py"
        for array, value in zip(arrays, values, strict=True):
            atol = 1 if value.dtype == np.uint8 else 1e-3
            np.testing.assert_allclose(without_order(array), without_order(value), atol=atol, err_msg=case["name"])
        there, here = (composition_cases.frames_in(each).astype(int) for each in (case, now))
        assert np.abs(there - here).max() <= 1


def without_order(array):
    """An array, or, if it is the order in which triangles are drawn, the same numbers in theirs."""
    numbers = np.sort(array, axis=None)
    return numbers if array.dtype == np.int32 and np.array_equal(numbers, np.arange(array.size)) else array


def test_the_bent_shapes_are_those_of_the_library():
    found, expected = json.loads(bending_cases.TABLE.read_text(encoding="utf-8")), bending_cases.table()
    assert found["cases"].keys() == expected["cases"].keys()
    for name, mesh in expected["meshes"].items():
        np.testing.assert_allclose(found["meshes"][name]["rest"], mesh["rest"], atol=1e-6)
        assert found["meshes"][name]["edges"] == mesh["edges"], "run: python tests/web/bending_cases.py"
    for frame, outline in enumerate(expected["followed"]["moved"]):
        for ring, told in zip(found["followed"]["moved"][frame], outline, strict=True):
            np.testing.assert_allclose(ring, told, atol=2e-3)  # of the picture's sides
    for name, case in expected["cases"].items():
        assert found["cases"][name]["pins"] == case["pins"]
        np.testing.assert_allclose(found["cases"][name]["points"], case["points"], atol=0.3, err_msg=name)


@pytest.fixture(scope="module")
def edited():
    """Documents that the editor's operations made at random, from node, with the positions that the page shows."""
    command = [NODE, str(FOLDER / "random_documents.js"), "300"]
    made = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert made.returncode == 0, made.stderr
    return [json.loads(line) for line in made.stdout.splitlines()]


def test_documents_of_random_edits_are_read_and_come_back_unchanged(edited):
    texts = [document["text"] for document in edited]
    assert len(set(texts)) > 300
    for text in texts:
        assert json.loads(parse(text, **SIZE).to_json()) == {"canvas": SIZE, **json.loads(text)}, text


def test_documents_of_random_edits_move_as_the_page_shows(edited):
    for document in edited:
        x, y, visible = np.array(document["sampled"]).reshape(-1, 3, 9).swapaxes(0, 1)
        points, shown = parse(document["text"], **SIZE).sample(9, **SIZE)
        np.testing.assert_allclose(np.stack([x, y], axis=-1), points, atol=1.5e-6, rtol=0, err_msg=document["text"])
        np.testing.assert_array_equal(visible, shown)


if __name__ == "__main__":
    TABLE.write_text(lines(table()), encoding="utf-8")
