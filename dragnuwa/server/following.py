"""Answers where the objects of a drawing over a video are in each of its frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.errors import InputError
from ..trajectory import parse
from .fields import DRAWING_FIELDS, clip_of, fields_of, need_opencv_here, trajectories_in
from .pictures import PagePictures, PictureFile, frame_of
from .requests import Refused
from .sharing import Kept

if TYPE_CHECKING:
    from ..carry.settings import CarrySettings
    from ..carry.video.outlines import EditedOutlines, SmallClip
    from ..trajectory.objects import Outline

LONGEST = 640  # px, of the frames in which objects are followed
MOST_FRAMES = 400
FRAME_BYTES = 2_000_000  # memory for each frame while objects are followed
MORE_BYTES = 300_000_000  # and beside them
MAX_RADIUS = 4_096  # px, as of DragNUWA Edit Video
KEPT_BYTES = 120_000_000  # of the frames of a video that is kept for the next request


def followed(body: bytes, pictures: PagePictures, clips: Kept) -> bytes:
    """The answer of /dragnuwa/followed."""
    need_opencv_here()
    from ..common.images import to_floats  # imported lazily, since it loads torch

    fields = fields_of(body, DRAWING_FIELDS, ("carries", "radius"))
    text, file, shape = trajectories_in(fields), pictures.file(fields["picture"]), clip_of(fields)
    if file.at is None:
        raise Refused(400, "picture should be a video, with the part of it at which a frame is.")
    settings = _settings(fields)
    try:
        drags = parse(text, width=shape.width, height=shape.height)
        index = pictures.films.index(file)
        more = MORE_BYTES + FRAME_BYTES * min(index.count, MOST_FRAMES)
        with pictures.films.decoding(file, more):
            clip = _clip(file, clips)
            last = len(clip.frames) - 1
            found = clip.things(drags, shape.size, lambda time: to_floats(frame_of(file, index, time)), settings)
    except InputError as error:  # such as an object that is in no other frame
        raise Refused(422, str(error)) from error
    times = np.linspace(0, last, shape.frames).round().astype(int)
    return json.dumps({"things": [_written(each, times) for each in found]}, separators=(",", ":")).encode()


def _settings(fields: dict[str, Any]) -> CarrySettings:
    from ..carry.settings import CarrySettings  # imported lazily, since it loads torch

    given = {key: fields[key] for key in ("carries", "radius") if key in fields}
    radius = given.get("radius", 1)
    if type(radius) not in (int, float) or not 1 <= radius <= MAX_RADIUS:
        raise Refused(400, f"radius should be a number of pixels from 1 to {MAX_RADIUS:,}.")
    try:
        return CarrySettings(fit=fields["fit"], **given)
    except (ValueError, TypeError) as error:
        raise Refused(400, str(error)) from error


def _clip(file: PictureFile, clips: Kept) -> SmallClip:
    from ..carry.video.outlines import SmallClip  # as above
    from ..common.video_files import small_frames

    if (kept := clips.get(file.content)) is not None:
        return kept
    frames, size = small_frames(file.path, LONGEST, MOST_FRAMES)
    if len(frames) < 2:
        raise InputError("The video has one frame only. Load it with Load Image, and use DragNUWA Carry.")
    clip = SmallClip(frames, size)
    return clips.put(file.content, clip) if frames.nbytes <= KEPT_BYTES else clip


def _written(thing: EditedOutlines, times: np.ndarray) -> dict[str, Any]:
    def outlines(each: tuple[Outline, ...]) -> list[Outline]:
        return [each[time] for time in times]

    about = {"object": thing.object} if thing.object else {"tracks": thing.tracks}
    at = thing.frame / (len(thing.seen) - 1)
    return {**about, "at": at, "seen": outlines(thing.seen), "moved": outlines(thing.moved), "removed": thing.removed}
