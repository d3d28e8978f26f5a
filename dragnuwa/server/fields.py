"""Validates the bodies of requests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..common.clip_shape import ModelClip
from ..common.errors import PackageError, need_opencv
from ..common.images import MODES
from ..trajectory import Trajectories, parse
from .requests import Refused

if TYPE_CHECKING:
    from ..vision.segmentation.prepared import PreparedPicture
    from .pictures import PagePictures, PictureFile

MAX_CLIP_PIXELS = 2**23
CLIP_FIELDS = {"picture": "", "width": "", "height": "", "fit": ""}
DRAWING_FIELDS = {**CLIP_FIELDS, "frames": "", "text": ""}


def need_opencv_here() -> None:
    try:
        need_opencv()
    except PackageError as error:
        raise Refused(422, str(error)) from error


def clip_of(fields: dict[str, Any]) -> ModelClip:
    if fields["fit"] not in MODES:
        raise Refused(400, f"fit should be one of {', '.join(MODES)}.")
    numbers = [fields["width"], fields["height"], fields.get("frames", 2)]
    if any(type(number) is not int for number in numbers):
        raise Refused(400, "width, height and frames should be whole numbers.")
    try:
        clip = ModelClip(*numbers)
    except ValueError as error:
        raise Refused(400, str(error)) from error
    if clip.width * clip.height > MAX_CLIP_PIXELS:
        raise Refused(400, f"The clip should have at most {MAX_CLIP_PIXELS:,} pixels. Set a smaller size.")
    return clip


def trajectories_in(fields: dict[str, Any]) -> str:
    if not isinstance(fields["text"], str):
        raise Refused(400, "text should be trajectories, as a string.")
    return fields["text"]


def fields_of(body: bytes, known: dict[str, str], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON object in a body, with exactly these keys.

    Args:
        known: a description of the type of each key.
        optional: keys that may be missing.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body should be JSON in UTF-8, but it cannot be read.") from error
    if not isinstance(fields, dict) or fields.keys() - set(optional) != known.keys():
        *first, last = (f'"{key}"{f" ({kind})" if kind else ""}' for key, kind in known.items())
        raise Refused(400, f"The body should be an object with {', '.join(first)} and {last}, and no more.")
    return fields


@dataclass(frozen=True)
class DrawingRequest:
    """A request about a drawing on a picture or a video."""

    file: PictureFile
    clip: ModelClip
    mode: str
    text: str

    @classmethod
    def of(cls, fields: dict[str, Any], pictures: PagePictures) -> DrawingRequest:
        text = trajectories_in(fields)
        return cls(pictures.file(fields["picture"]), clip_of(fields), fields["fit"], text)

    def drags(self) -> Trajectories:
        return parse(self.text, width=self.clip.width, height=self.clip.height)

    def prepared(self, pictures: PagePictures) -> PreparedPicture:
        return pictures.prepared(self.file, self.clip.size, self.mode)
