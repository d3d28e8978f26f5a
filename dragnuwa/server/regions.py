"""Answers where the regions of a drawing are, and where they go: what drags on a picture carry, or what is drawn on in
a video, in each of its frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.kept import Kept
from ..trajectory.objects.schema import KEY_KEYS
from .clips import SETTINGS, TO_FOLLOW, following, settings_of
from .fields import DRAWING_FIELDS, DrawingRequest, fields_of, need_opencv_here
from .picking import SEARCH_BYTES
from .pictures import PagePictures
from .requests import Refused

if TYPE_CHECKING:
    from ..carry.outlines import RegionOutlines
    from ..carry.settings import CarrySettings
    from ..geometry.bending import Mesh
    from ..trajectory.objects import Outline

CLIP_BYTES = 60  # maximum memory per pixel of the clip while it is segmented


def regions(body: bytes, pictures: PagePictures, carries: Kept, clips: Kept) -> bytes:
    """The answer of /dragnuwa/regions."""
    need_opencv_here()
    fields = fields_of(body, DRAWING_FIELDS, SETTINGS)
    asked = DrawingRequest.of(fields, pictures)
    try:
        if asked.file.at is not None:
            return _written(*_followed(asked, pictures, clips, settings_of(fields)), asked.clip.frames)
        if kept := carries.get(asked):
            return kept
        return carries.put(asked, _written(_carried(asked, pictures), 0, 1))
    except ValueError as error:  # such as drags that carry nothing, or an object that is in no other frame
        raise Refused(422, str(error)) from error


def _carried(asked: DrawingRequest, pictures: PagePictures) -> list[RegionOutlines]:
    from ..carry.outlines import carried_regions  # imported lazily, since it loads torch

    drags, picture, clip = asked.drags(), asked.prepared(pictures), asked.clip
    with pictures.budget.share(SEARCH_BYTES + CLIP_BYTES * clip.width * clip.height):
        return carried_regions(picture, drags, clip)


def _followed(
    asked: DrawingRequest, pictures: PagePictures, clips: Kept, settings: CarrySettings
) -> tuple[list[RegionOutlines], int]:
    """The regions, and the number of the last frame in which they are."""
    drags = asked.drags()
    with following(asked.file, pictures, clips, TO_FOLLOW) as (clip, picture_at):
        found = clip.regions(drags, asked.clip.size, picture_at, settings)
    return found, len(clip.frames) - 1


def _written(found: list[RegionOutlines], last: int, frames: int) -> bytes:
    """Regions as JSON, at evenly spaced frames up to the last one in which they are seen."""
    times = np.linspace(0, last, frames).round().astype(int)
    return json.dumps({"regions": [described(each, times) for each in found]}, separators=(",", ":")).encode()


def described(region: RegionOutlines, times: np.ndarray) -> dict[str, Any]:
    """A region at the numbers of some frames, as the page gets it."""
    in_clip = len(region.seen) > 1

    def outlines(each: tuple[Outline, ...]) -> list[Outline]:
        return [each[time] for time in times] if in_clip else list(each)

    about = {"object": region.object} if region.object else {"tracks": region.tracks}
    keys = region.motion and [{name: getattr(key, name) for name in KEY_KEYS} for key in region.motion.keys]
    marks = {name: True for name in ("surroundings", "bends", "removed") if getattr(region, name)}
    at = region.frame / max(1, len(region.seen) - 1)
    seen, moved = outlines(region.seen), outlines(region.moved)
    motions = {"own": region.own, "placed": region.placed} if in_clip else {}
    in_frames = {name: [each[time] for time in times] for name, each in motions.items()}
    mesh = {} if region.mesh is None else {"mesh": {**_mesh(region.mesh), "onto": region.onto}}
    optional = {**({"keys": keys} if keys else {}), **marks, **in_frames, **mesh}
    return {**about, "at": at, "seen": seen, "moved": moved, **optional}


def _mesh(mesh: Mesh) -> dict[str, Any]:
    """As the page bends it while its drags are changed; `dragnuwa.geometry.bending.Mesh` explains the fields."""
    points = np.stack([mesh.points.real, mesh.points.imag], -1)
    lists = {"rest": points.round(3), "weights": mesh.weights.round(6)} | {
        name: getattr(mesh, name) for name in ("triangles", "part", "edges", "links")
    }
    flat = {name: np.ravel(each).tolist() for name, each in lists.items()}
    return {**flat, "step": mesh.step, "size": {"width": mesh.size[0], "height": mesh.size[1]}}
