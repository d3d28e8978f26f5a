"""Videos in small frames, in which what is drawn on them is followed: the last one is kept for further requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..common.errors import InputError
from ..common.kept import Kept
from .pictures import PagePictures, PictureFile, frame_of
from .requests import Refused

if TYPE_CHECKING:
    from torch import Tensor

    from ..carry.settings import CarrySettings
    from ..carry.video.outlines import SmallClip

LONGEST = 640  # px, of the frames in which objects are followed
MOST_FRAMES = 400
MOST_BYTES = 150_000_000  # of all small frames of a video: of a longer one, they are smaller
TO_FOLLOW, TO_COMPOSITE = 3, 4  # memory in which objects are followed, and put in order, as times the small frames
MORE_BYTES = 300_000_000  # and beside that
MAX_RADIUS = 4_096  # px, as of DragNUWA Edit Video
SETTINGS = ("carries", "radius")
"""Fields of a request that may be missing."""


def settings_of(fields: dict[str, Any]) -> CarrySettings:
    """Those of DragNUWA Edit Video in a request."""
    from ..carry.settings import CarrySettings  # imported lazily, since it loads torch

    given = {key: fields[key] for key in SETTINGS if key in fields}
    radius = given.get("radius", 1)
    if type(radius) not in (int, float) or not 1 <= radius <= MAX_RADIUS:
        raise Refused(400, f"radius should be a number of pixels from 1 to {MAX_RADIUS:,}.")
    try:
        return CarrySettings(fit=fields["fit"], **given)
    except (ValueError, TypeError) as error:
        raise Refused(400, str(error)) from error


@contextmanager
def following(
    file: PictureFile, pictures: PagePictures, clips: Kept, times: int
) -> Iterator[tuple[SmallClip, Callable[[int], Tensor]]]:
    """A video in small frames, and its whole frames `[H, W, 3]` from 0 to 1 by their numbers. The memory of following
    objects in it is reserved for the block, in which no other is.

    Args:
        times: `TO_FOLLOW` or `TO_COMPOSITE`.

    Raises:
        InputError: if it is no video, or too long, or has one frame only.
    """
    from ..common.clip_shape import small_size
    from ..common.images import to_floats  # as above

    index = pictures.films.index(file)
    longest = small_side(index.size, index.count)
    width, height = small_size(index.size, longest)
    size = 3 * width * height * min(index.count, MOST_FRAMES)
    with pictures.films.decoding(file, MORE_BYTES + times * size):
        yield _clip(file, clips, longest), lambda time: to_floats(frame_of(file, index, time))


def small_side(size: tuple[int, int], count: int) -> int:
    """px, the longer side of small frames of a video of so many frames of (width, height) `size`: at most `LONGEST`,
    and less where all of them would take more than `MOST_BYTES`."""
    most_pixels = MOST_BYTES / (3 * min(count, MOST_FRAMES))
    return min(LONGEST, int((most_pixels * max(size) / min(size)) ** 0.5))


def _clip(file: PictureFile, clips: Kept, longest: int) -> SmallClip:
    from ..carry.video.outlines import SmallClip  # as above
    from ..common.video_files import small_frames

    if (kept := clips.get(file.content)) is not None:
        return kept
    frames, size = small_frames(file.path, longest, MOST_FRAMES)
    if len(frames) < 2:
        raise InputError("The video has one frame only. Load it with Load Image, and use DragNUWA Carry.")
    return clips.put(file.content, SmallClip(frames, size))
