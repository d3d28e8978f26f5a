"""Picture files that are damaged, and requests of the page about a picture."""

from __future__ import annotations

import atexit
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dragnuwa.common.images import to_floats
from dragnuwa.common.picture_files import check_picture, open_picture
from dragnuwa.server.requests import Job, Refused
from dragnuwa.server.routes import picture_jobs
from tests.support.picture_kinds import picture_files

from .target import Target, mostly
from .texts import DOCUMENTS, FRACTIONS, VALUES, WORDS

NAME = "bird.png"
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), max_size=4)


@cache
def folder() -> Path:
    """A folder with one picture, for as long as this process lives."""
    made = tempfile.TemporaryDirectory(prefix="dragnuwa-fuzzing-")
    atexit.register(made.cleanup)
    (Path(made.name) / NAME).write_bytes(kinds()["png_RGB.png"])
    return Path(made.name)


@cache
def kinds() -> dict[str, bytes]:
    return dict(picture_files())


def damaged(kind: str, changes: list) -> dict[str, Any]:
    return {"kind": kind, "changes": [[place, removed, added.decode("latin-1")] for place, removed, added in changes]}


def look_at(description: dict) -> None:
    """A file of some kind, of which some bytes are removed at places and others put there: checked and decoded."""
    data = kinds()[description["kind"]]
    for place, removed, added in description["changes"]:
        at = int(place * len(data))
        data = data[:at] + added.encode("latin-1") + data[at + removed :]
    path = folder() / f"damaged{Path(description['kind']).suffix}"
    path.write_bytes(data)
    pixels = check_picture(path)
    with open_picture(path) as image:
        assert 0 < image.width * image.height <= pixels
        image.convert("RGB")


@cache
def jobs() -> dict[str, Job]:
    return {job.path.rsplit("/")[-1]: job for job in picture_jobs(lambda kind: str(folder()), load)}


def load(name: str) -> Any:
    with open_picture(folder() / name.rsplit(" [")[0]) as image:
        return to_floats(np.array(image.convert("RGB")))


def ask(description: dict) -> None:
    """A request to a route, with a body of these fields."""
    body = json.dumps(description["fields"]).encode("utf-8", "surrogatepass")
    jobs()[description["route"]].work(body)


REFERENCES = mostly(
    st.just({"filename": NAME, "subfolder": "", "type": "input"}),
    st.fixed_dictionaries({"filename": WORDS | st.sampled_from(["../x", "/etc/hostname", ".", NAME]),
                           "subfolder": WORDS | st.sampled_from(["..", "/", "//", "."]), "type": WORDS}) | VALUES,
    one_in=8,
)  # fmt: skip
SIDES = mostly(st.sampled_from([64, 96, 128]), VALUES, one_in=12)
COMMON = {"picture": REFERENCES, "width": SIDES, "height": SIDES,
          "fit": mostly(st.sampled_from(["crop", "pad", "stretch"]), VALUES, one_in=12)}  # fmt: skip
CLICKS = mostly(st.lists(st.fixed_dictionaries({"x": FRACTIONS, "y": FRACTIONS}), max_size=4), VALUES, one_in=8)
REQUESTS = st.one_of(
    st.fixed_dictionaries({"route": st.just("pick"), "fields": st.fixed_dictionaries(
        {**COMMON, "points": CLICKS, "minus": CLICKS})}),
    st.fixed_dictionaries({"route": st.just("regions"), "fields": st.fixed_dictionaries(
        {**COMMON, "frames": mostly(st.integers(2, 9), VALUES, one_in=8),
         "text": mostly(DOCUMENTS.map(json.dumps), VALUES, one_in=8)})}),
    st.fixed_dictionaries({"route": st.just("composition"), "fields": st.fixed_dictionaries(
        {**COMMON, "frames": mostly(st.integers(2, 9), VALUES, one_in=8),
         "text": mostly(DOCUMENTS.map(json.dumps), VALUES, one_in=8),
         "longest": mostly(st.integers(64, 200), VALUES, one_in=8)})}),
)  # fmt: skip

TARGETS = [
    Target("pictures", st.builds(damaged, st.sampled_from(sorted(kinds())), CHANGES), look_at),
    Target("page", REQUESTS, ask, Refused),
]
