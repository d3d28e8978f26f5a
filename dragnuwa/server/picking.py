"""The answer of /dragnuwa/pick: the object under clicks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..common.interrupt import InterruptCheck
from ..trajectory import TrajectoryError
from ..trajectory.checks import read_place, write_place
from ..trajectory.objects import Outline
from ..trajectory.objects.schema import read_outline
from .fields import CLIP_FIELDS, clip_of, fields_of, need_opencv_here
from .pictures import Kept, PagePictures
from .requests import Refused

if TYPE_CHECKING:
    from ..vision.segmentation.clip_picks import Clicks

MAX_CLICKS = 32  # of each kind
MAX_STEP = 16
SEARCH_BYTES = 150_000_000  # memory of the segmentation, independent of the picture's size


def picked(body: bytes, pictures: PagePictures, picks: Kept, check_interrupt: InterruptCheck) -> bytes:
    """The answer to a request body, as described in `dragnuwa.server.routes`."""
    need_opencv_here()
    from ..vision.segmentation.clip_picks import ClipPicture  # imported here, so that the pack loads without OpenCV

    fields = fields_of(body, {**CLIP_FIELDS, "points": "", "minus": ""}, ("step", "outline"))
    outline, step = _outline(fields.get("outline")), _step(fields.get("step", 0))
    points, minus = _places(fields, "points", 0 if outline else 1), _places(fields, "minus", 0)
    if outline and (len(points) + len(minus) != 1 or step):
        raise Refused(400, "With an outline, there should be exactly one point in points or minus, and no step.")
    file, clip, mode = pictures.file(fields["picture"]), clip_of(fields), fields["fit"]
    prepared = pictures.prepared(file, clip.size, mode, check_interrupt)
    with pictures.budget.share(SEARCH_BYTES, check_interrupt):
        key = file.path, file.identity, clip.size, mode
        picture = picks.get(key) or picks.put(key, ClipPicture(prepared))
        if outline:
            found = picture.correct(outline, (points or minus)[0], bool(points), check_interrupt)
        else:
            found = picture.pick(points, minus, step, check_interrupt)
    if not found.outline:
        raise Refused(422, "No object was found under the click. Click closer to its middle, or draw around it.")
    rings = [[write_place(place) for place in ring] for ring in found.outline]
    return json.dumps({"outline": rings, "smaller": found.smaller, "larger": found.larger}).encode()


def _places(fields: dict[str, Any], what: str, fewest: int) -> Clicks:
    value = fields[what]
    if not isinstance(value, list) or not fewest <= len(value) <= MAX_CLICKS:
        raise Refused(400, f"{what} should be a list of {fewest} to {MAX_CLICKS} points.")
    try:
        return tuple(read_place(place, f"{what}, place {k + 1}") for k, place in enumerate(value))
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error


def _step(value: Any) -> int:
    if type(value) is not int or abs(value) > MAX_STEP:
        raise Refused(400, f"step should be a whole number from -{MAX_STEP} to {MAX_STEP}.")
    return value


def _outline(value: Any) -> Outline | None:
    if value is None:
        return None
    try:
        return read_outline(value, "outline")
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error
