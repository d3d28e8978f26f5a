"""Answers what the frames of a video consist of: the ground behind what is drawn on, and the objects, cut out, with
their own motion. From this, the page draws each frame as a run would make it (`web/core/composing/clip_layers.js`), and
goes on while the drawing moves the same objects otherwise."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.kept import Kept
from .clips import SETTINGS, TO_COMPOSITE, following, settings_of
from .fields import DRAWING_FIELDS, DrawingRequest, fields_of, need_opencv_here
from .pictures import PagePictures
from .requests import Refused

if TYPE_CHECKING:
    from ..carry.settings import CarrySettings
    from ..carry.video.composite import Composite
    from ..carry.video.edits import Edit
    from ..carry.video.frame_layers import ObjectInFrame, Patch
    from ..carry.video.outlines import SmallClip
    from ..geometry.similarity import SimilarityTransform

MOST_AT_ONCE = 24  # frames in an answer
FRAME_BYTES = 600  # memory per pixel of a small frame while it is taken apart, with what is kept of others
CUT = {"quality": 92}  # of WebP, which halves the resolution of colours
WITH_EDGES = {"lossless": True, "quality": 0}  # of a thing before the ground, whose colours would mix
DIGITS = 6  # of px and factors


def layers(body: bytes, pictures: PagePictures, clips: Kept) -> bytes:
    """The answer of /dragnuwa/layers."""
    need_opencv_here()
    fields = fields_of(body, {**DRAWING_FIELDS, "first": "", "last": ""}, SETTINGS)
    first, last = fields.pop("first"), fields.pop("last")
    asked, settings = DrawingRequest.of(fields, pictures), settings_of(fields)
    if asked.file.at is None:
        raise Refused(400, "picture should be a video, with the part at which its frame is, but at is missing.")
    frames = asked.clip.frames
    if any(type(number) is not int for number in (first, last)) or not 0 <= first <= last < frames:
        raise Refused(400, f"first and last should be whole numbers from 0 to {frames - 1}, first not after last.")
    if last - first >= MOST_AT_ONCE:
        raise Refused(400, f"At most {MOST_AT_ONCE} frames should be asked for; found {last - first + 1}.")
    try:
        return _made(asked, settings, range(first, last + 1), pictures, clips)
    except ValueError as error:  # such as an object that is in no other frame
        raise Refused(422, str(error)) from error


def _made(asked: DrawingRequest, settings: CarrySettings, numbers: range, pictures: PagePictures, clips: Kept) -> bytes:
    drags, shape = asked.drags(), asked.clip
    clip: SmallClip | None = clips.get(asked.file.content)
    composite = clip and clip.known_composite(drags, shape.size, settings)
    if composite is None:
        with following(asked.file, pictures, clips, TO_COMPOSITE) as (clip, picture_at):
            composite = clip.composite(drags, shape.size, picture_at, settings)
    small = clip.shape
    times = np.linspace(0, small.frames - 1, shape.frames).round().astype(int).tolist()
    with pictures.budget.share(FRAME_BYTES * small.width * small.height):
        return _Writer(composite, times).body(numbers, clip.onto(shape.size, settings.fit), small.size)


@dataclass(frozen=True)
class _Writer:
    """Collects the pictures of an answer.

    Attributes:
        composite: of the video in small frames.
        times: `[K]`, the numbers of the video's frames that the clip has.
    """

    composite: Composite
    times: Sequence[int]
    _files: list[bytes] = field(default_factory=list)

    def body(self, numbers: range, onto: np.ndarray, size: tuple[int, int]) -> bytes:
        """The length of a JSON text as a big-endian 32-bit number, and the text; then WebP pictures, one after another,
        of the lengths that the text has in `files`. `dragnuwa.server.routes` explains the text."""
        from ..carry.video.frame_layers import edited_part, frame_layers, is_bent

        frames: list[dict[str, Any]] = []
        bent = is_bent(self.composite)
        for number in numbers:
            time = self.times[number]
            if bent:
                frames.append({"number": number, "edited": self._patch(edited_part(self.composite, time), WITH_EDGES)})
            else:
                objects = [self._object(each) for each in frame_layers(self.composite, time)]
                frames.append({"number": number, "objects": objects})
        described = {
            "size": size,
            "onto": onto[:2].T.ravel().tolist(),
            "bent": bent,
            "objects": [] if bent else [self._described(edit) for edit in self.composite.edits],
            "frames": frames,
            "files": [len(each) for each in self._files],
        }
        text = json.dumps(described, separators=(",", ":")).encode()
        return b"".join((struct.pack(">I", len(text)), text, *self._files))

    def _described(self, edit: Edit) -> dict[str, Any]:
        about = {"object": edit.object} if edit.object else {"tracks": edit.tracks} if edit.tracks else {}
        own = edit.track.motion
        return {
            **about,
            "at": edit.track.frame / max(1, len(self.composite.clip) - 1),
            "pivot": [edit.pivot.real, edit.pivot.imag],
            "own": [_numbers(own.at(time)) for time in self.times],
            "known": [bool(edit.track.placed[time]) for time in self.times],
        }

    def _object(self, each: ObjectInFrame) -> dict[str, Any]:
        ground = self._patch(each.ground)  # first, as its picture is
        pieces = [{**self._patch(piece.patch), "onto": _numbers(piece.onto)} for piece in each.pieces]
        return {"of": each.number, "ground": ground, "pieces": pieces}

    def _patch(self, patch: Patch | None, quality: dict[str, Any] = CUT) -> dict[str, Any] | None:
        from PIL import Image

        from ..common.images import to_bytes

        if patch is None:
            return None
        file = io.BytesIO()
        pixels = to_bytes(patch.pixels.movedim(0, -1))
        # Colours count where nothing is seen, too: beside an edge they are interpolated.
        Image.fromarray(pixels).save(file, "WEBP", method=0, exact=True, **quality)
        self._files.append(file.getvalue())
        box = patch.box
        return {"box": [int(side) for side in (box.left, box.top, box.right, box.bottom)]}


def _numbers(motion: SimilarityTransform) -> list[float]:
    """Factor and shift, real and imaginary part."""
    factor, shift = complex(motion.factor), complex(motion.shift)
    return [round(part, DIGITS) for part in (factor.real, factor.imag, shift.real, shift.imag)]
