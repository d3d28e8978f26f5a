"""The camera of a video: where it was in each frame, found from what the frames show, as a camera path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation
from torch import Tensor

from ....common.errors import InputError
from ....common.images import as_images, to_bytes
from ....common.masks import MASKED, as_object_masks
from ....geometry.bundle_adjustment import Cameras
from ....geometry.frame_alignment import follow_features
from ....geometry.structure import Undetermined, solve_cameras
from ..camera import PinholeCamera, angle_of, centred, check_angle, focal_of
from .paths import FORMATS, write_path

USUAL_ANGLE = 55.0  # degrees, where the view angle is not known: the guess from which it is found
LEAST_ZOOM = 0.01  # part of the focal length, from which a zoom is said
AT_REST = 0.05, 0.002  # degrees, and part of the distance to what is seen: a camera that moves less rests
AGREE_PX, FEWEST_AGREE = 2.0, 0.5  # part of what is followed that has to be where the camera would see it


@dataclass(frozen=True)
class VideoCamera:
    """
    Attributes:
        cameras: one for each frame; the first is at the origin. The unit is the distance to what is seen in the first
            frame, as most of it is.
        travels: whether it leaves its place, rather than only turning and zooming.
        agree: part of what was followed through the video, from 0 to 1, that is where these cameras would see it.
        report: what was found, a sentence for each thing.
    """

    cameras: tuple[PinholeCamera, ...]
    travels: bool
    agree: float
    report: str

    @property
    def text(self) -> str:
        """RealEstate10K lines, as `dragnuwa.carry.depth.cameras.paths.read_path` reads them."""
        return write_path(self.cameras, FORMATS[0], 1.0)


def camera_from_video(clip: Tensor, angle: float = 0.0, masks: Tensor | None = None) -> VideoCamera:
    """Finds how the camera of a video moved.

    Features are followed from frame to frame. If a camera that only turns and zooms explains where they go, that is
    what it did; otherwise it travels (`dragnuwa.geometry.structure`).

    Args:
        clip: `[T, H, W, C]` from 0 to 1, two frames or more, as `as_images` takes them.
        angle: degrees that the longer side shows; 0 to find it, too.
        masks: `[T, H, W]` or `[1, H, W]` from 0 to 1, what moves by itself and is not looked at.

    Raises:
        InputError: if the angle, or the size or number of the masks is wrong, or the video does not tell.
    """
    count, height, width = clip.shape[:3]
    if count < 2:
        raise InputError("The camera of a video needs two frames or more; found 1. Connect all frames of the video.")
    if angle:
        check_angle(angle)
    masks = None if masks is None else as_object_masks(masks)
    if masks is not None and (masks.shape[1:] != (height, width) or len(masks) not in (1, count)):
        raise InputError(
            f"The masks should be {width}x{height}, as the video, and {count} or one for all frames; found "
            f"{len(masks)} of {masks.shape[2]}x{masks.shape[1]}. Resize them."
        )

    def ignored_at(time: int) -> np.ndarray | None:
        return None if masks is None else masks[time if len(masks) > 1 else 0].cpu().numpy() >= MASKED

    def frame_at(time: int) -> np.ndarray:
        return to_bytes(as_images(clip[time : time + 1], "images")[0])

    tracks = follow_features(count, frame_at, ignored_at)
    middle = np.array([width - 1, height - 1]) / 2
    guess = focal_of(angle or USUAL_ANGLE, (width, height))
    try:
        found = solve_cameras(tracks - middle, guess, fixed_focal=bool(angle))
    except Undetermined as error:
        raise InputError(
            f"The video does not tell how its camera moved: {error}. Use a part without cuts, dark or blurred frames, "
            "and cover what moves by itself with masks."
        ) from None
    off = np.linalg.norm(found.seen() - (tracks - middle), axis=-1)
    agree = float((off[np.isfinite(off)] < AGREE_PX).mean()) if np.isfinite(off).any() else 0.0
    if agree < FEWEST_AGREE:
        raise InputError(
            f"The video does not tell how its camera moved: only {agree:.0%} of what was followed moves as one scene. "
            "Cover what moves by itself with masks, or use a part of the video."
        )
    cameras = _cameras(found, (width, height))
    return VideoCamera(cameras, found.travels, agree, _report(cameras, found.travels, agree, angle))


def _cameras(found: Cameras, size: tuple[int, int]) -> tuple[PinholeCamera, ...]:
    unit = 1.0
    if found.travels:
        unit = float(np.nanmedian(found.points[:, 2]))
    return tuple(
        PinholeCamera(turn, shift / unit, centred(focal, focal, size), size)
        for turn, shift, focal in zip(found.rotation, found.translation, found.focal.tolist(), strict=True)
    )


def _report(cameras: Sequence[PinholeCamera], travels: bool, agree: float, angle: float) -> str:
    """What a person wants to know of cameras that were found."""
    size = cameras[0].size
    turned = max(float(np.degrees(Rotation.from_matrix(each.rotation).magnitude())) for each in cameras)
    way = max(float(np.linalg.norm(each.translation)) for each in cameras)
    focal = [each.intrinsics[0, 0] for each in cameras]
    zoom = max(focal, key=lambda each: abs(np.log(each / focal[0]))) / focal[0]
    shown = angle_of(focal[0], size)
    if turned < AT_REST[0] and way < AT_REST[1] and abs(zoom - 1) < AT_REST[1]:
        lines = ["The camera rests."]
    elif travels:
        lines = [f"The camera travels by up to {way:.2g} of the distance to what it sees, and turns by up to "
                 f"{turned:.2g} degrees."]  # fmt: skip
    else:
        lines = [f"The camera stays in its place and turns by up to {turned:.2g} degrees."]
        if abs(zoom - 1) >= LEAST_ZOOM:
            lines.append(f"It zooms to {zoom:.2f} times the focal length.")
    if not angle:
        is_found = not np.isclose(shown, USUAL_ANGLE, rtol=1e-6, atol=0)
        lines.append(
            f"The longer side shows {shown:.0f} degrees, as found." if is_found
            else f"The video does not tell its view angle: {shown:.0f} degrees are assumed."
        )  # fmt: skip
    return " ".join([*lines, f"{agree:.0%} of what was followed agrees."])
