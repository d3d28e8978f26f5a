"""Routes about a picture: the object under a click, and the ground without objects.

Both take the picture as the page has it, and the clip that it is fitted to; places and outlines are fractions of the
clip, as everywhere in the trajectory format.

    "picture": {"filename": "bird.png", "subfolder": "", "type": "input"}, "width": 576, "height": 320, "fit": "crop"

POST /dragnuwa/pick      with "points": [{"x", "y"}] (at least one) and "minus": [{"x", "y"}]
200                      {"outline": [[{"x", "y"}, ...], ...]}: what lies under all of the points and none of the minus
POST /dragnuwa/ground    with "outlines": [outline, ...]
200                      a PNG of the clip's size: the picture, filled as Carry fills it where the outlines are

404: no such picture in the host's folders. 422: nothing was found under the click.
"""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from ..clip_shape import ModelClip
from ..images import MODES
from ..interrupt import InterruptCheck
from ..trajectory import TrajectoryError
from ..trajectory.fields import read_place
from ..trajectory.objects.schema import read_outline
from ..trajectory.objects.types import MAX_OBJECTS
from .route import MAX_REQUESTS, Job, Refused, fields_of

MAX_PICK_BYTES = 2**16
MAX_GROUND_BYTES = 2**24
MAX_CLICKS = 32  # of each kind
MAX_GROUND_PIXELS = 2**23
PICTURES = 4  # that are kept, for more clicks on them
GROUNDS = 8
_CLIP = {"picture": "", "width": "", "height": "", "fit": ""}
_PICTURE = ("filename", "subfolder", "type")

FolderOf = Callable[[str], "str | None"]


class Kept:
    """The values that were used last, by their keys. For one thread."""

    def __init__(self, most: int):
        self._most, self._values = most, OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, made if it is not there."""
        if key not in self._values:
            self._values[key] = make()
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        self._values.move_to_end(key)
        return self._values[key]


def picture_jobs(folder_of: FolderOf) -> tuple[Job, Job]:
    """The jobs of both routes; `folder_of` gives the folder of a type of pictures, or None for others."""
    pictures, grounds = Kept(PICTURES), Kept(GROUNDS)
    return (
        Job(
            path="/dragnuwa/pick",
            work=lambda body, check: picked(body, folder_of, pictures, check),
            media="application/json",
            most_bytes=MAX_PICK_BYTES,
            too_long=f"The clicks should have at most {MAX_PICK_BYTES // 2**10} KiB. Use fewer of them.",
            busy=f"{MAX_REQUESTS} clicks are being worked on already. Click again in a moment.",
        ),
        Job(
            path="/dragnuwa/ground",
            work=lambda body, check: ground(body, folder_of, grounds, check),
            media="image/png",
            most_bytes=MAX_GROUND_BYTES,
            too_long=f"The outlines should have at most {MAX_GROUND_BYTES // 2**20} MiB. Use simpler ones.",
            busy=f"{MAX_REQUESTS} pictures are being filled already. Try again in a moment.",
        ),
    )


def picked(body: bytes, folder_of: FolderOf, pictures: Kept, check_interrupt: InterruptCheck) -> bytes:
    """The answer of /dragnuwa/pick."""
    # Imported here since it needs OpenCV, which a server without graphics libraries may fail to load.
    from ..carry.picking import ClipPicture

    fields = fields_of(body, {**_CLIP, "points": "", "minus": ""})
    points, minus = _places(fields["points"], "points", 1), _places(fields["minus"], "minus", 0)
    file, clip = _picture_file(fields["picture"], folder_of), _clip(fields)
    key = (*_identity(file), clip.size, fields["fit"])
    picture = pictures.get(key, lambda: ClipPicture(_opened(file), clip.size, fields["fit"]))
    outline = picture.pick(points, minus, check_interrupt)
    if not outline:
        raise Refused(422, "No object was found under the click. Click nearer to its middle, or draw round it.")
    return json.dumps({"outline": [[{"x": x, "y": y} for x, y in ring] for ring in outline]}).encode()


def ground(body: bytes, folder_of: FolderOf, grounds: Kept, check_interrupt: InterruptCheck) -> bytes:
    """The answer of /dragnuwa/ground."""
    from ..carry.picking import ground_png  # as above

    fields = fields_of(body, {**_CLIP, "outlines": ""})
    given = fields["outlines"]
    if not isinstance(given, list) or len(given) > MAX_OBJECTS:
        raise Refused(400, f"outlines should be a list of at most {MAX_OBJECTS} outlines.")
    try:
        outlines = tuple(read_outline(value, f"Outline {k + 1}") for k, value in enumerate(given))
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error
    file, clip = _picture_file(fields["picture"], folder_of), _clip(fields)
    if clip.width * clip.height > MAX_GROUND_PIXELS:
        raise Refused(400, f"The clip should have at most {MAX_GROUND_PIXELS:,} pixels. Set a smaller size.")
    key = (*_identity(file), clip.size, fields["fit"], outlines)
    return grounds.get(key, lambda: ground_png(_opened(file), clip.size, fields["fit"], outlines, check_interrupt))


def _clip(fields: dict[str, Any]) -> ModelClip:
    if fields["fit"] not in MODES:
        raise Refused(400, f"fit should be one of {', '.join(MODES)}.")
    if any(type(fields[side]) is not int for side in ("width", "height")):
        raise Refused(400, "width and height should be whole numbers of pixels.")
    try:
        return ModelClip(fields["width"], fields["height"], 2)
    except ValueError as error:
        raise Refused(400, str(error)) from error


def _places(value: Any, what: str, fewest: int) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list) or not fewest <= len(value) <= MAX_CLICKS:
        raise Refused(400, f"{what} should be a list of {fewest} to {MAX_CLICKS} places.")
    try:
        return tuple(read_place(place, f"{what}, place {k + 1}") for k, place in enumerate(value))
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error


def _picture_file(reference: Any, folder_of: FolderOf) -> str:
    """The path of a picture that the page names, inside of the host's own folders."""
    named = isinstance(reference, dict) and reference.keys() == set(_PICTURE)
    if not named or not all(isinstance(part, str) and "\0" not in part for part in reference.values()):
        raise Refused(400, "picture should have a filename, a subfolder and a type, each a text.")
    missing = Refused(404, "There is no such picture in ComfyUI's folders. Load it again.")
    folder = folder_of(reference["type"])
    if folder is None:
        raise missing
    try:
        base = os.path.realpath(folder)
        path = os.path.realpath(os.path.join(base, reference["subfolder"], reference["filename"]))
        inside = os.path.commonpath([base, path]) == base
    except (ValueError, OSError):  # another drive, or half a character in the name
        raise missing from None
    if not inside or not os.path.isfile(path):
        raise missing
    return path


def _identity(file: str) -> tuple:
    """Changes whenever the file does."""
    status = os.stat(file)
    return file, status.st_mtime_ns, status.st_size


def _opened(file: str) -> Any:
    from ..carry.picking import open_picture  # as above

    try:
        return open_picture(file)
    except ValueError as error:
        raise Refused(400, str(error)) from error
