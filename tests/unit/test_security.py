"""SECURITY.md says what the pack serves and reads, as the code does."""

import re
from pathlib import Path

from aiohttp import web

from dragnuwa.common import picture_files
from dragnuwa.server import clips, routes
from dragnuwa.server.requests import Access

TEXT = " ".join((Path(__file__).parents[2] / "SECURITY.md").read_text(encoding="utf-8").split())
NUMBERS = {11: "eleven"}


def test_the_routes_are_those_that_are_registered():
    table = web.RouteTableDef()
    routes.add_to(table, lambda kind: None, lambda name: None, Access())
    registered = [f"{route.method} {route.path}" for route in table]
    assert re.findall(r"\| `([A-Z]+ /dragnuwa/\w+)` \|", TEXT) == registered
    assert f"{NUMBERS[len(registered)]} routes for the editor" in TEXT


def test_the_bounds_are_those_of_the_code():
    assert routes.MAX_PICK_BYTES == routes.MAX_DRAWING_BYTES == 2**20
    small, large = "prepare, video, frames, drawing", "pick, regions, composition, layers, depth, play"
    assert f"at most 16 KiB ({small}), 1 MiB ({large}) or 16 MiB" in " ".join(TEXT.split())
    assert f"up to {clips.MOST_FRAMES} to follow" in TEXT
    assert routes.MAX_VIDEO_BYTES == 16 * 2**10
    assert routes.MAX_BODY_BYTES == 16 * 2**20
    assert f"at most {picture_files.MAX_PIXELS // 10**6} million pixels" in TEXT


def test_the_formats_are_those_that_are_opened():
    (listed,) = re.findall(r"Only as ([\w, ]+), detected by content", TEXT)
    assert [name.upper() for name in re.split(", | or ", listed)] == list(picture_files.FORMATS)
