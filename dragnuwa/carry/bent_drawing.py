"""A drawing in which the drags that bend something have become an object with pins: for whatever sees no picture, such
as drag maps, other models and other formats."""

from __future__ import annotations

from dataclasses import replace

from ..common.clip_shape import ClipShape
from ..trajectory import DrawnPath, MotionObject, Point, Track, Trajectories
from ..trajectory.objects.bending import CENTRE
from ..trajectory.objects.sampling import unique_ids
from ..trajectory.objects.types import MAX_OBJECTS, MAX_PINS, middle
from ..trajectory.pins import stiffness_of
from ..vision.segmentation.outline import outline_of
from .find import Found


def with_bent_objects(drawing: Trajectories, found: Found, clip: ClipShape) -> Trajectories:
    """The drawing with an object for everything that its drags and anchors bend, behind the objects that it has; its
    pins are these tracks, which are no drags any more. The drawing itself if they bend nothing.

    Args:
        found: of this drawing.
        clip: for which it was found.
    """
    enabled = drawing.enabled
    room = MAX_OBJECTS - len(drawing.objects)
    made, gone = [], set()
    for members, mask in found.bent[:room]:
        outline = outline_of(mask)
        if not outline or len(members) > MAX_PINS:
            continue
        tracks = [enabled[number] for number in members]
        first = tracks[0]
        pins = tuple(replace(_as_pin(track, clip), bend="") for track in tracks)
        made.append(
            MotionObject(
                outline=outline,
                pivot=middle(outline),
                motion=DrawnPath((Point(*middle(outline)),)),
                id=first.id,
                name=first.name,
                color=first.color,
                edge="exact",
                stiffness=stiffness_of(tracks),
                pins=pins,
            )
        )
        gone.update(track.id for track in tracks)
    if not made:
        return drawing
    left = tuple(track for track in drawing.tracks if track.id not in gone)
    return replace(drawing, tracks=left, objects=tuple(unique_ids([*made, *drawing.objects])))


def _as_pin(track: Track, clip: ClipShape) -> Track:
    """A track in the coordinates of objects, whose origin is the picture's corner, not the centre of its first
    pixel."""
    right, down = CENTRE.real / clip.width, CENTRE.imag / clip.height
    return replace(track, points=tuple(replace(point, x=point.x + right, y=point.y + down) for point in track.points))
