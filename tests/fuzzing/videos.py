"""Video files that are damaged, requests of the page about a video, and files with content credentials."""

from __future__ import annotations

import json
import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dragnuwa.common.errors import InputError
from dragnuwa.common.video_files import first_frame, frames_at, metadata_of, read_index, small_frames
from dragnuwa.provenance import reading
from dragnuwa.provenance.certificate import make_certificate
from dragnuwa.provenance.identity import FILE, read_identity
from dragnuwa.provenance.manifest import Record
from dragnuwa.provenance.signing import sign
from dragnuwa.server.camera import NUMBERS
from dragnuwa.server.requests import Refused
from tests.support.credentials import DRAWING, write_mp4
from tests.support.video_kinds import KINDS, write_kind
from tests.support.videos import still_video

from .pictures import CHANGES, CLICKS, SIDES, damaged, folder, jobs, kinds
from .target import Target, mostly
from .texts import DOCUMENTS, VALUES

FILM = "uneven.mp4"


@cache
def films() -> dict[str, bytes]:
    """Videos by their names."""
    for name in KINDS:
        write_kind(folder(), name)
    still_video(folder() / "grows.avi", [(96, 64)] * 4 + [(640, 480)])
    return {name: (folder() / name).read_bytes() for name in (*KINDS, "grows.avi")}


@cache
def signed() -> dict[str, bytes]:
    """Files that have credentials, or may."""
    make_certificate(folder(), "Jane Doe", 30)
    plain, path = write_mp4(folder() / "plain.mp4"), folder() / "signed.mp4"
    sign(plain, path, Record("by a model", path.name, DRAWING, "a model"), read_identity(folder() / FILE))
    content = path.read_bytes()
    store = content[content.index(b"jumb") - 4 :]
    size = struct.unpack_from(">I", store)[0]
    riff = b"AVI " + b"C2PA" + struct.pack("<I", size) + store[:size]
    pictures = {name: data for name, data in kinds().items() if Path(name).suffix in (".png", ".jpg", ".webp", ".gif")}
    return {
        **pictures, "signed.mp4": content, "signed.mov": content, "plain.m4v": plain.read_bytes(),
        "signed.avi": b"RIFF" + struct.pack("<I", len(riff)) + riff,
    }  # fmt: skip


def changed(files: dict[str, bytes], description: dict) -> Path:
    """A file of some kind, of which some bytes are removed at places and others put there."""
    data = files[description["kind"]]
    for place, removed, added in description["changes"]:
        at = int(place * len(data))
        data = data[:at] + added.encode("latin-1") + data[at + removed :]
    path = folder() / f"changed_{description['kind']}"
    path.write_bytes(data)
    return path


def watch(description: dict) -> None:
    path = changed(films(), description)
    metadata_of(path)
    index = read_index(path)
    small, size = small_frames(path, 64, index.count)
    assert len(small) == index.count and size == index.size == first_frame(path)[1]
    numbers = sorted({int(part * index.count) for part in (0, 0.4, 0.99)})
    for number, frame in zip(numbers, frames_at(path, index, numbers, 64), strict=True):
        assert frame.shape == small[number].shape and frame.dtype == np.uint8


def look_for_credentials(description: dict) -> None:
    reading.read(changed(signed(), description)).report()


def ask(description: dict) -> None:
    """A request to a route, with a body of these fields."""
    films()
    body = json.dumps(description["fields"]).encode("utf-8", "surrogatepass")
    jobs()[description["route"]].work(body)


NUMBER = mostly(st.floats(-2, 2), st.sampled_from([10**400, -(10**400), 1e308, 2**64, 0]) | VALUES, one_in=6)
AT = mostly(st.floats(0, 1), VALUES | NUMBER, one_in=10)
NAMED = st.fixed_dictionaries({"filename": st.sampled_from([FILM, "one_key.mp4", "grows.avi", "boastful.avi"]),
                               "subfolder": st.just(""), "type": st.just("input")})  # fmt: skip
IN_FRAME = st.builds(lambda named, at: {**named, "at": at}, NAMED, AT)
COMMON = {"picture": IN_FRAME, "width": SIDES, "height": SIDES, "fit": st.sampled_from(["crop", "pad", "stretch"])}
DRAWN = {"frames": mostly(st.integers(2, 9), VALUES, one_in=10), "text": DOCUMENTS.map(json.dumps)}
SMALL = mostly(st.integers(0, 30), NUMBER, one_in=8)
CAMERA = st.fixed_dictionaries({
    **dict.fromkeys(NUMBERS, NUMBER), "seed": mostly(st.integers(0, 9), NUMBER, one_in=4),
    "ease": mostly(st.just("linear"), VALUES, one_in=8), "matrices": mostly(st.just("w2c"), VALUES, one_in=8),
    "path": mostly(st.sampled_from(["", "1: pan 3", "[[1,0,0,0,0,1,0,0,0,0,1,0],[1,0,0,0,0,1,0,0,0,0,1,1e9]]"]), VALUES,
                   one_in=8),
    "dolly_zoom": st.booleans(), "grow": st.booleans(),
})  # fmt: skip
STILL = st.just({"filename": "bird.png", "subfolder": "", "type": "input"})
REQUESTS = st.one_of(
    *(st.fixed_dictionaries({"route": st.just(route), "fields": st.fixed_dictionaries(fields)}) for route, fields in (
        ("video", {"picture": NAMED | VALUES}),
        ("frames", {"picture": NAMED, "frames": SMALL, "first": SMALL, "last": SMALL,
                    "longest": mostly(st.integers(64, 200), NUMBER, one_in=8)}),
        ("pick", {**COMMON, "points": CLICKS, "minus": CLICKS}),
        ("composition", {**COMMON, **DRAWN, "longest": mostly(st.integers(64, 200), NUMBER, one_in=8)}),
        ("regions", {**COMMON, **DRAWN, "radius": NUMBER}),
        ("layers", {**COMMON, **DRAWN, "radius": NUMBER, "first": SMALL, "last": SMALL}),
        ("depth", {**COMMON, **DRAWN, "picture": STILL, "camera": mostly(CAMERA, VALUES, one_in=8)}),
        ("play", {**COMMON, **DRAWN, "picture": STILL, "camera": mostly(CAMERA, VALUES, one_in=8)}),
    )),
)  # fmt: skip


def _kind(names: Any) -> st.SearchStrategy:
    return st.builds(damaged, st.sampled_from(sorted(names)), CHANGES)


TARGETS = [
    Target("videos", _kind([*KINDS, "grows.avi"]), watch, InputError),
    Target("films", REQUESTS, ask, Refused, max_seconds=4.0),
    Target("credentials", st.deferred(lambda: _kind(signed())), look_for_credentials, InputError),
]
