"""The answer of /dragnuwa/pick: the object under clicks, or in a box."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..common.interrupt import checkpoint
from ..common.kept import Kept
from ..trajectory import TrajectoryError
from ..trajectory.checks import read_place, write_place
from ..trajectory.objects import Outline
from ..trajectory.objects.schema import read_outline
from .fields import CLIP_FIELDS, clip_of, fields_of, need_opencv_here
from .pictures import PagePictures
from .requests import Refused

if TYPE_CHECKING:
    from ..vision.segmentation.clip_picks import ClipPicture, Picked, Place

MAX_CLICKS = 32  # of each kind
MAX_STEP = 16
GUESS = "guess"
SEARCH_BYTES = 150_000_000  # memory of the segmentation, independent of the picture's size


def picked(body: bytes, pictures: PagePictures, picks: Kept) -> bytes:
    """The answer to a request body, as described in `dragnuwa.server.routes`."""
    need_opencv_here()
    from ..vision.segmentation.clip_picks import ClipPicture  # imported here, so that the pack loads without OpenCV

    fields = fields_of(body, {**CLIP_FIELDS, "points": "", "minus": ""}, ("box", "step", "outline", "preview"))
    wanted = _wanted(fields)
    file, clip, mode = pictures.file(fields["picture"]), clip_of(fields), fields["fit"]
    prepared = pictures.prepared(file, clip.size, mode)
    with pictures.budget.share(SEARCH_BYTES):
        key = file.path, file.identity, clip.size, mode
        found = wanted.found(picks.get(key) or picks.put(key, ClipPicture(prepared)))
    if not found.outline and wanted.preview != GUESS:
        raise Refused(422, "No object was found under the click. Click closer to its middle, or draw around it.")
    rings = [[write_place(place) for place in ring] for ring in found.outline]
    answer = {"outline": rings, "ground": found.ground, "smaller": found.smaller, "larger": found.larger}
    return json.dumps({key: value for key, value in answer.items() if value is not None}).encode()


@dataclass(frozen=True)
class _Wanted:
    """What a request asks for.

    Attributes:
        points, minus, box: as in `Clicks`.
        step: to a smaller or a larger object; None for what the clicks pick.
        outline: of the object that is corrected, or exchanged for another size.
        preview: whether only the outline of what a click picks is asked for; `GUESS` for a guess at it.
    """

    points: tuple[Place, ...]
    minus: tuple[Place, ...]
    box: tuple[Place, Place] | None
    step: int | None
    outline: Outline | None
    preview: bool | str

    def found(self, picture: ClipPicture) -> Picked:
        from ..vision.segmentation.clip_picks import Clicks  # as above

        if self.outline and self.step is not None:
            return picture.resize(self.outline, self.points[0], self.step)
        if self.outline:
            return picture.correct(self.outline, (self.points or self.minus)[0], bool(self.points))
        clicks = Clicks(self.points, self.minus, self.box)
        if self.preview == GUESS:
            return picture.guess(self.points[0])
        if self.preview:
            return picture.preview(clicks)
        return picture.pick(clicks, self.step or 0)


def _wanted(fields: dict[str, Any]) -> _Wanted:
    outline, box, step = (_given(fields, key, read) for key, read in READERS.items())
    preview = fields.get("preview", False)
    if type(preview) is not bool and preview != GUESS:
        raise Refused(400, f'preview should be true, false or "{GUESS}".')
    points = _positions(fields, "points", 0 if outline or box else 1)
    minus = _positions(fields, "minus", 0)
    if outline and (len(points) + len(minus) != 1 or box or (minus and step is not None)):
        raise Refused(400, "With an outline, there should be one place in points or minus, a step with points, no box.")
    if preview and (outline or step is not None):
        raise Refused(400, "A preview has no outline and no step.")
    if preview == GUESS and (len(points) != 1 or minus or box):
        raise Refused(400, "A guess is at one place in points, without minus and box.")
    return _Wanted(points, minus, box, step, outline, preview)


def _positions(fields: dict[str, Any], what: str, fewest: int) -> tuple[Place, ...]:
    value = fields[what]
    if not isinstance(value, list) or not fewest <= len(value) <= MAX_CLICKS:
        raise Refused(400, f"{what} should be a list of {fewest} to {MAX_CLICKS} points.")
    try:
        return tuple(read_place(place, f"{what}, place {k + 1}") for k, place in enumerate(value))
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error


def _box(value: Any) -> tuple[Place, Place]:
    if not isinstance(value, list) or len(value) != 2:
        raise Refused(400, "box should be a list of two opposite corners.")
    first, last = (read_place(place, f"box, corner {k + 1}") for k, place in enumerate(value))
    return first, last


def _step(value: Any) -> int:
    if type(value) is not int or abs(value) > MAX_STEP:
        raise Refused(400, f"step should be a whole number from -{MAX_STEP} to {MAX_STEP}.")
    return value


READERS = {"outline": lambda value: read_outline(value, "outline"), "box": _box, "step": _step}


def _given(fields: dict[str, Any], key: str, read: Callable[[Any], Any]) -> Any:
    """A key that may be missing, as that is read."""
    if fields.get(key) is None:
        return None
    try:
        return read(fields[key])
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error


def prepared(body: bytes, pictures: PagePictures) -> bytes:
    """The answer to a request body, as described in `dragnuwa.server.routes`."""
    need_opencv_here()
    fields = fields_of(body, CLIP_FIELDS, ("things",))
    if type(things := fields.get("things", False)) is not bool:
        raise Refused(400, "things should be true or false.")
    file, clip = pictures.file(fields["picture"]), clip_of(fields)
    picture = pictures.prepared(file, clip.size, fields["fit"])
    with pictures.budget.share(SEARCH_BYTES):
        checkpoint()
        _ = picture.search.patches.parent
        checkpoint()
        learned = picture.search.learned is not None
        if things:
            pictures.look_for_things(picture)
    return json.dumps({"learned": learned}).encode()
