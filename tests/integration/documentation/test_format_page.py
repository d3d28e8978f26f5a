"""The help page of the Trajectory Editor describes the trajectory format as the code reads and writes it."""

import json
import re

import pytest

from dragnuwa import trajectory
from dragnuwa.trajectory import checks, schema, track_schema, types
from dragnuwa.trajectory.objects import schema as object_schema
from dragnuwa.trajectory.objects import types as object_types
from tests.integration.documentation.reading import page, section, table

EDITOR = "DragNUWATrajectoryEditor"
WIDTH, HEIGHT = 576, 320


def test_the_editors_page_has_every_field_and_value_of_the_format():
    text = section(page(EDITOR), "The format")
    tables = {
        title: [row[0].strip("`") for row in table(section(text, title))]
        for title in ("The whole value", "A track", "A point", "An object", "The motion of an object")
    }
    assert tables["The whole value"] == list(schema._KEYS_WITH_OBJECTS)
    assert tables["A track"] == list(track_schema.TRACK_KEYS)
    assert tables["A point"] == list(checks.POINT_KEYS)
    assert tables["An object"] == list(object_schema.OBJECT_KEYS)
    assert tables["The motion of an object"] == [*object_schema.PATH_KEYS, *object_schema.KEY_KEYS]
    values = {row[0].strip("`"): re.findall(r"`(\w+)`", row[2]) for row in table(section(text, "A track"))}
    assert values["kind"] == list(types.KINDS)
    assert values["spline"] == list(types.SPLINES)
    assert values["timing"] == list(types.TIMINGS)
    assert values["ease"] == list(types.EASES)
    assert values["edit"] == list(types.EDITS)
    assert values["bend"] == list(types.BENDS[1:])
    assert values["over"] == list(types.OVERS[1:])
    for limit in (types.MAX_PIN_KEYS, object_types.MAX_PINS):
        assert f"{limit:,}" in text
    for mode in types.LOOPS[1:]:
        assert mode in values["loop"] and f"`{mode}`" in section(text, "Loops and sway")
    for row, most in (("loop", types.MAX_CYCLES), ("sway", types.MAX_SWAY), ("sway", types.MAX_CYCLES)):
        assert f"{most:,.0f}" in next(cells[2] for cells in table(section(text, "A track")) if cells[0] == f"`{row}`")
    for choice in (*types.SPLINES, *types.TIMINGS):
        assert re.search(rf"^- `{choice}`", text, re.MULTILINE), f"{choice} is not explained"
    for limit in (types.MAX_TRACKS, types.MAX_POINTS, types.MAX_TOTAL_POINTS, types.MAX_NAME, types.MAX_SIDE):
        assert f"{limit:,}" in text
    for limit in ("MAX_OBJECTS", "MAX_RINGS", "MAX_OUTLINE_POINTS", "MAX_ROTATION", "MIN_SCALE", "MAX_SCALE"):
        assert f"{getattr(object_types, limit):,}".removesuffix(".0") in text, limit
    assert f"{types.MAX_COORDINATE:,.0f}" in text
    assert f"{types.MAX_TEXT_BYTES // 2**20} MiB" in text


def test_the_editors_page_has_the_defaults_of_the_format():
    least = {"type": types.TYPE, "version": types.VERSION, "tracks": [{"points": [{"x": 0.5, "y": 0.5}]}]}
    written = json.loads(trajectory.parse(json.dumps(least), width=WIDTH, height=HEIGHT).to_json())
    (track,) = written["tracks"]
    rows = {row[0].strip("`"): row[2] for row in table(section(page(EDITOR), "A track"))}
    assert rows.pop("points").endswith("; required")
    assert rows.pop("loop").endswith("; default once") and types.Track(()).loop.mode == "once"
    assert rows.pop("sway").endswith("; default none") and types.Track(()).sway is None
    names = (*checks.IN_CLIP, *track_schema.BENDING_KEYS)
    omitted = json.loads(json.dumps({name: getattr(types.Track(()), name) for name in names}))
    assert {name: json.loads(re.search("; default `(.+?)`", cell)[1]) for name, cell in rows.items()} == {
        name: value for name, value in (track | omitted).items() if name != "points"
    }


def test_the_errors_that_the_editors_page_shows_are_those_of_the_code():
    shown = re.findall(r"^`(.+)` gives\n\n> (.+)$", page(EDITOR), re.MULTILINE)
    assert shown
    for value, message in shown:
        with pytest.raises(trajectory.TrajectoryError) as caught:
            trajectory.parse(value, width=WIDTH, height=HEIGHT)
        assert str(caught.value) == message
