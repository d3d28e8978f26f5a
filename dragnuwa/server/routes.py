"""The editor's eleven routes: parsing drags, preparing a picture for clicks, the object under a click, the regions of a
drawing on a picture or a video, the composition of a drawing, the layers of a video, the picture with depth that a
camera moves through, the video of that camera, the length of a video, its frames, and the drawing that one was made
from.

POST /dragnuwa/parse     {"text": "...", "width": 576, "height": 320}: text of any form that `trajectory.parse`
                         reads; or, instead of "text", "file": the bytes of a file of arrays, of flow, or of text in any
                         encoding, as two hexadecimal digits each
200                      {"trajectories": {"type": "dragnuwa.trajectories", ...}}; with "frames": 14 and "format", such
                         as "svg" (`dragnuwa.trajectory.formats.registry`), {"text": "..."}: the same written in it

The others take a reference to a picture, and the clip that it is fitted to. Points and outlines are fractions of the
clip, as everywhere in the trajectory format.

    "picture": {"filename": "bird.png", "subfolder": "", "type": "input"}, "width": 576, "height": 320, "fit": "crop"

A reference to a video has "at", too, the part of the video (0..1) whose frame is the picture. The frames of a video are
those that a run gets from ComfyUI's Load Video (`dragnuwa.common.video_files`).

POST /dragnuwa/prepare
200                      {"learned": true}: clicks on the picture are answered soon; whether by the click network, too,
                         rather than by colours and edges alone. With "things": true it is also known what is no ground,
                         so that a composition comes sooner
POST /dragnuwa/pick      with "points": [{"x", "y"}], "minus": [{"x", "y"}] and optionally "box": [corner, corner]
200                      {"outline": [[{"x", "y"}, ...], ...], "ground": false, "smaller": 2, "larger": 1}: the object
                         that contains all of points and none of minus, in the box; whether it is ground; and how many
                         smaller and larger ones there are in its place. "step": -1 gives one of those. "preview": true
                         gives no numbers, in a third of the time; "preview": "guess" what one place probably gives, in
                         a sixth of that, without an outline where it may be ground. With "outline" and one place, the
                         answer is that object corrected by the place, or with a "step", too, one of another size
POST /dragnuwa/regions   with "frames": 14 and "text": trajectories, as a text; over a video optionally "carries" and
                         "radius", as of DragNUWA Edit Video
200                      {"regions": [{"tracks": [id, ...] or "object": id, "at": 0.5, "seen": [outline, ...], "moved":
                         [outline, ...]}, ...]}: what Carry moves with the drags on a picture, or what is drawn on in a
                         video. It was drawn on at the part "at" of the video (0 for a picture). "seen" has where it is
                         in each frame; of a picture, in the one. "moved" has where it goes, at evenly spaced times; []
                         where it is not seen, or stays; in a picture only of what "bends" (true), since a single drag
                         moves others along its path, and several by the "keys" that are given. "surroundings": true is
                         no object, but the ground around where a drag begins. "removed": true is taken out of the
                         video. Places of these outlines are [x, y]. In a video, "own" has six numbers for each frame,
                         as of a canvas's transform, from where it was drawn to where it is seen; "placed" to where it
                         is to be seen, before it is bent; null where that is not known. The "mesh" by which its drags
                         bend it is in pixels of that frame; its "onto" takes these to places of the outlines
POST /dragnuwa/composition   with the same, and "longest": 1280
200                      the picture, what lies behind the objects that the drawing moves, and these with their motions
                         (`dragnuwa.server.composition`), with sides of at most longest pixels, or of a draft
                         (`dragnuwa.carry.draft.draft_size`)
POST /dragnuwa/layers    as /regions of a video, with "first": 8, "last": 19, frames of the clip (at most 24)
200                      what these frames consist of, small: a JSON text, and WebP pictures (`dragnuwa.server.layers`).
                         "size" of the frames in px, and "onto", six numbers that take places in them to fractions of
                         the clip. "objects", from back to front: "tracks" or "object", if it is drawn on, "at", the
                         "pivot", and its "own" motion, of each frame factor and shift (real, imaginary) from pixels of
                         the frame in which it was drawn, and whether that is "known" there. "frames": their "number",
                         and "objects", in the same order: which it is "of", the "ground" behind it, and its "pieces",
                         each with its "box" in a frame and "onto", from that to this one. Each has a picture, in the
                         order of the text; (0, 0) is the centre of a pixel. The drawing's motions have no share in
                         this, unless something is "bent": frames have what is "edited" instead, as this drawing makes
                         it
POST /dragnuwa/depth     as /regions of a picture, with "camera", the inputs of a DragNUWA Camera in Depth
200                      the picture and what is behind its near parts, with their disparity, from which the page draws
                         what that camera sees, and others near it, small (`dragnuwa.server.depth`)
POST /dragnuwa/play      with the same
200                      what that camera sees, small: for each frame the length of a JPEG (32 bits, big-endian), and it
POST /dragnuwa/video     {"picture": reference to a video}
200                      {"frames": 81}
POST /dragnuwa/frames    {"picture": reference to a video, "frames": 81, "first": 8, "last": 15, "longest": 960}
200                      the video at the frames first to last (at most 48) of a clip of so many: the width and the
                         height of its frames (32 bits each, big-endian); then for each the length of a JPEG (the same)
                         with sides of at most longest pixels, and it
POST /dragnuwa/drawing   {"picture": reference to a video or a PNG in the input or output folder}
200                      {"trajectories": {...}, "about": {"origin": "credentials" or "metadata", "changed": false,
                         "signer": "...", "trusted": false}}: the drags that it was made from; whether it was changed
                         after it was signed; who signed the drags, and whether the server's owner trusts that

404: no such picture in the host's folders. 422: nothing was found under the click, or no drawing.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..common.errors import InputError
from ..common.images import MODES, fit
from ..common.kept import Kept
from ..trajectory import Trajectories, TrajectoryError, parse
from ..trajectory.formats.registry import WRITERS
from .camera import camera_of
from .drawing import TrustOf, drawing, no_trust
from .fields import DRAWING_FIELDS, DrawingRequest, clip_of, fields_of, need_opencv_here
from .layers import layers
from .picking import SEARCH_BYTES, picked, prepared
from .pictures import SHOWN_FIELDS, FolderOf, LoadPicture, PagePictures, shown
from .regions import regions
from .requests import MAX_REQUESTS, Access, Job, Refused, Route

if TYPE_CHECKING:
    from torch import Tensor


MAX_BODY_BYTES = 2**24
"""Less than `trajectory.parse` accepts, since the server is blocked while Python parses: a second for 30 MiB."""
MAX_PICK_BYTES = 2**20
MAX_DRAWING_BYTES = 2**20
MAX_VIDEO_BYTES = 2**14
PICTURES = 4  # whose picks are cached, for further clicks on them
CARRIES = 8
VIDEOS = 1  # whose small frames are kept
COMPOSITIONS = 2
PARTS = 1  # the last picture, of which parts are kept: some 50 MB, 300 at most
MAX_KEPT_BYTES = 2**25  # of a composition
PLAYS = 2
DEPTHS = 2
PLAY_BYTES = 100_000_000  # memory of a played video and its layers
COMPOSED_BYTES = 400  # maximum memory per pixel of a composition
CUT_BYTES = 200  # the same of the picture from which it is cut out


def add_to(
    routes: web.RouteTableDef, folder_of: FolderOf, load: LoadPicture, access: Access, trust: TrustOf = no_trust
) -> None:
    """Add the routes to a table, except those whose path is registered already, as when the pack is installed twice: a
    duplicate would keep the host from starting.

    Args:
        folder_of: the folder of a type of pictures ("input", "output", "temp"); None for other types.
        load: as for `PagePictures`.
        access: whose requests are answered.
        trust: as for `dragnuwa.server.drawing.drawing`.
    """
    there = {route.path for route in routes if isinstance(route, web.RouteDef)}
    for job in (PARSE, *picture_jobs(folder_of, load, trust)):
        if job.path in there:
            logging.warning("%s is registered already; is the pack installed twice?", job.path)
            continue
        routes.post(job.path)(Route(job, access.check).answer)


def trajectories_of(body: bytes) -> bytes:
    """The body of a request -> the canonical JSON of the trajectories in it, as "trajectories"; or their "text" in
    another format."""
    fields = fields_of(body, {"width": "", "height": ""}, ("text", "file", "frames", "format"))
    drags = _drags_in(fields)
    try:
        found = parse(drags, width=fields["width"], height=fields["height"])
        if "format" in fields:
            return json.dumps({"text": _in_format(found, fields)}).encode()
        written = found.to_json()
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error
    return f'{{"trajectories":{written}}}'.encode()


def _drags_in(fields: dict[str, Any]) -> str | bytes:
    """What is to be read: a text, or a file's bytes."""
    given = [fields[name] for name in ("text", "file") if name in fields]
    if len(given) != 1 or not isinstance(given[0], str):
        raise Refused(
            400, 'The body should be an object with "text" or "file" (a text), "width" and "height", and no more.'
        )
    if "text" in fields:
        return fields["text"]
    try:
        return bytes.fromhex(fields["file"])
    except ValueError:
        raise Refused(400, "file should be bytes, as two hexadecimal digits each.") from None


def _in_format(drags: Trajectories, fields: dict[str, Any]) -> str:
    writer = WRITERS.get(fields["format"]) if isinstance(fields["format"], str) else None
    if writer is None:
        raise Refused(400, f"format should be one of {', '.join(WRITERS)}.")
    clip = clip_of({"frames": None, **fields, "fit": MODES[0]})
    if any(each.bends for each in drags.enabled_objects):
        need_opencv_here()
    return writer.text(drags, clip)


PARSE = Job(
    path="/dragnuwa/parse",
    work=trajectories_of,
    media="application/json",
    most_bytes=MAX_BODY_BYTES,
    too_long=f"The text should have at most {MAX_BODY_BYTES // 2**20} MiB. Use fewer tracks, or DragNUWA Import "
    "Trajectories.",
    busy=f"{MAX_REQUESTS} texts are being read already. Paste it again in a moment.",
)


OF_DRAGS = {
    "most_bytes": MAX_DRAWING_BYTES,
    "too_long": f"The drags should have at most {MAX_DRAWING_BYTES // 2**20} MiB. Use fewer of them.",
}


OF_A_FILE = {
    "most_bytes": MAX_VIDEO_BYTES,
    "too_long": f"The request should have at most {MAX_VIDEO_BYTES // 2**10} KiB.",
    "busy": f"{MAX_REQUESTS} pictures and videos are being read already. Try again in a moment.",
}


def picture_jobs(folder_of: FolderOf, load: LoadPicture, trust: TrustOf = no_trust) -> tuple[Job, ...]:
    """The jobs of these routes.

    Args:
        folder_of, load: as for `PagePictures`.
        trust: as for `dragnuwa.server.drawing.drawing`.
    """
    pictures = PagePictures(folder_of, load)
    picks, carries, compositions, plays = Kept(PICTURES), Kept(CARRIES), Kept(COMPOSITIONS), Kept(PLAYS)
    depths, videos, parts = Kept(DEPTHS), Kept(VIDEOS), Kept(PARTS)
    return (
        Job(
            path="/dragnuwa/prepare",
            work=lambda body: prepared(body, pictures),
            media="application/json",
            **OF_A_FILE,
            background=True,
        ),
        Job(
            path="/dragnuwa/pick",
            work=lambda body: picked(body, pictures, picks),
            media="application/json",
            most_bytes=MAX_PICK_BYTES,
            too_long=f"The clicks should have at most {MAX_PICK_BYTES // 2**20} MiB. Use fewer of them.",
            busy=f"{MAX_REQUESTS} clicks are being processed already. Click again in a moment.",
        ),
        Job(
            path="/dragnuwa/regions",
            work=partial(regions, pictures=pictures, carries=carries, clips=videos),
            media="application/json",
            **OF_DRAGS,
            busy=f"{MAX_REQUESTS} drawings are being looked at already. Try again in a moment.",
        ),
        Job(
            path="/dragnuwa/composition",
            work=lambda body: composed(body, pictures, compositions, parts),
            media="application/octet-stream",
            **OF_DRAGS,
            busy=f"{MAX_REQUESTS} drawings are being cut out already. Try again in a moment.",
        ),
        Job(
            path="/dragnuwa/layers",
            work=partial(layers, pictures=pictures, clips=videos),
            media="application/octet-stream",
            **OF_DRAGS,
            busy=f"{MAX_REQUESTS} videos are being taken apart already. Try again in a moment.",
            background=True,  # it goes on for many seconds, of which the page shows what is there
        ),
        Job(
            path="/dragnuwa/depth",
            work=lambda body: with_depth(body, pictures, depths),
            media="application/octet-stream",
            **OF_DRAGS,
            busy=f"{MAX_REQUESTS} pictures are being cut out already. Try again in a moment.",
        ),
        Job(
            path="/dragnuwa/play",
            work=lambda body: played(body, pictures, plays),
            media="application/octet-stream",
            **OF_DRAGS,
            busy=f"{MAX_REQUESTS} drawings are being moved already. Try again in a moment.",
        ),
        Job(
            path="/dragnuwa/video",
            work=lambda body: video(body, pictures),
            media="application/json",
            **OF_A_FILE,
        ),
        Job(
            path="/dragnuwa/frames",
            work=lambda body: shown(fields_of(body, SHOWN_FIELDS), pictures),
            media="application/octet-stream",
            **OF_A_FILE,
        ),
        Job(
            path="/dragnuwa/drawing",
            work=lambda body: drawing(body, pictures, trust),
            media="application/json",
            **OF_A_FILE,
        ),
    )


def video(body: bytes, pictures: PagePictures) -> bytes:
    """The answer of /dragnuwa/video."""
    fields = fields_of(body, {"picture": ""})
    try:
        index = pictures.films.index(pictures.file(fields["picture"]))
    except InputError as error:
        raise Refused(422, str(error)) from error
    return json.dumps({"frames": index.count}).encode()


def composed(body: bytes, pictures: PagePictures, compositions: Kept, parts: Kept) -> bytes:
    """The answer of /dragnuwa/composition.

    Args:
        parts: `KeptParts` of the last pictures.
    """
    need_opencv_here()
    from ..carry.draft import KeptParts, cut_size, draft_size  # as above
    from .composition import LONGEST, SHORTEST, Fitted, composed_size, composition

    fields = fields_of(body, {**DRAWING_FIELDS, "longest": ""})
    longest = fields.pop("longest")
    if type(longest) is not int or not SHORTEST <= longest <= LONGEST:
        raise Refused(400, f"longest should be a whole number of pixels from {SHORTEST} to {LONGEST}.")
    asked = DrawingRequest.of(fields, pictures)
    if kept := compositions.get((asked, longest)):
        return kept
    try:
        drags, picture, clip = asked.drags(), asked.prepared(pictures), asked.clip
        size = composed_size(clip, picture.picture, asked.mode, longest, drags)
        draft, large = (of(clip.size, picture.picture, asked.mode) for of in (draft_size, cut_size))
        images = _fitted(pictures, asked, *{size, draft, large})  # before memory is reserved: it needs its own
        others = (None if other == size else images[other] for other in (draft, large))
        known = parts.made((asked.file, clip.size, asked.mode), KeptParts)
        with pictures.budget.share(
            SEARCH_BYTES + PLAY_BYTES + COMPOSED_BYTES * math.prod(size) + CUT_BYTES * math.prod(large)
        ):
            pictures.look_for_things(picture)
            made = composition(picture, Fitted(images[size], *others, known), drags, clip)
    except ValueError as error:  # as above
        raise Refused(422, str(error)) from error
    return compositions.put((asked, longest), made) if len(made) <= MAX_KEPT_BYTES else made


def with_depth(body: bytes, pictures: PagePictures, depths: Kept) -> bytes:
    """The answer of /dragnuwa/depth."""
    need_opencv_here()
    from .depth import depth_picture  # as above

    return _in_depth(body, pictures, depths, depth_picture)


def played(body: bytes, pictures: PagePictures, plays: Kept) -> bytes:
    """The answer of /dragnuwa/play."""
    need_opencv_here()
    from .play import played_frames  # as above

    return _in_depth(body, pictures, plays, played_frames)


def _in_depth(body: bytes, pictures: PagePictures, kept_answers: Kept, make: Callable[..., bytes]) -> bytes:
    """What is made of a picture in which a camera moves."""
    from .play import played_size  # as above

    fields = fields_of(body, {**DRAWING_FIELDS, "camera": ""})
    camera = camera_of(fields.pop("camera"), pictures)
    asked = DrawingRequest.of(fields, pictures)
    if kept := kept_answers.get((asked, camera)):
        return kept
    try:
        drags, picture, clip = asked.drags(), asked.prepared(pictures), asked.clip
        size = played_size(clip)
        through = camera.through(camera.scene(pictures, size, drags.horizon))
        start = _fitted(pictures, asked, size)[size]
        with pictures.budget.share(SEARCH_BYTES + PLAY_BYTES):
            return kept_answers.put((asked, camera), make(picture, start, drags, clip, through))
    except ValueError as error:  # as above
        raise Refused(422, str(error)) from error


def _fitted(pictures: PagePictures, asked: DrawingRequest, *sizes: tuple[int, int]) -> dict[tuple[int, int], Tensor]:
    """`[H, W, 3]` by (width, height): the picture as it is fitted to the clip, at some sizes."""
    with pictures.decoded(asked.file) as whole:
        return {size: fit(whole[None], *size, asked.mode)[0] for size in sizes}
