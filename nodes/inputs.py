"""Shared parts of the schemas: inputs of several nodes, kinds of number inputs, and socket types that ComfyUI's own
module does not define."""

from ..dragnuwa.carry.settings import MATRICES
from ..dragnuwa.common.clip_shape import (
    MAX_MODEL_FRAMES,
    MAX_MODEL_SIDE,
    MIN_MODEL_FRAMES,
    MIN_MODEL_SIDE,
    MODEL_SIDE_STEP,
)
from ..dragnuwa.common.images import MAX_LONGER_SIDE, OF_CLIP
from ..dragnuwa.common.images import MODES as FIT_MODES
from ..dragnuwa.host.node_api import io
from ..dragnuwa.trajectory.types import EASES, MAX_FRAMES

MAX_VIDEO_SIDE = 8192  # px, of a video at the picture's size

# Categories of the node library, by purpose.
DRAW = "DragNUWA/draw drags"
EDIT = "DragNUWA/edit drags"
MODEL = "DragNUWA/steer the model"
PICTURE = "DragNUWA/keep the picture"
VIDEO = "DragNUWA/edit a video"
CREDENTIALS = "DragNUWA/content credentials"
EVALUATE = "DragNUWA/evaluate"
HELP = "DragNUWA/get help"
Flow = io.Custom("DRAGNUWA_FLOW")
EntityFeatures = io.Custom("DRAGANYTHING_FEATURES")
BoundingBoxes = io.Custom("BOUNDING_BOX")  # of the host: per frame a list of boxes
OpticalFlow = io.Custom("OPTICAL_FLOW")  # of the host
Sam3Tracks = io.Custom("SAM3_TRACK_DATA")  # of the host


def width(advanced: bool | None = None) -> io.Int.Input:
    return _clip_side("width", "Width", default=576, advanced=advanced)


def height(advanced: bool | None = None) -> io.Int.Input:
    return _clip_side("height", "Height", default=320, advanced=advanced)


def frames(advanced: bool | None = None) -> io.Int.Input:
    tooltip = (
        f"Number of frames of the clip, {MIN_MODEL_FRAMES} to {MAX_MODEL_FRAMES}. The released model was trained on 14."
    )
    return io.Int.Input(
        "frames", default=14, min=MIN_MODEL_FRAMES, max=MAX_MODEL_FRAMES, tooltip=tooltip, advanced=advanced
    )


def all_frames(tooltip: str) -> io.Int.Input:
    """The frames of a clip that may be longer than what a model generates at once."""
    return io.Int.Input("frames", default=14, min=2, max=MAX_FRAMES, tooltip=tooltip)


def picture_width() -> io.Int.Input:
    return _picture_side("width", "Width", default=576)


def picture_height() -> io.Int.Input:
    return _picture_side("height", "Height", default=320)


def longer_side(*, or_of_clip: bool = False) -> io.Int.Input:
    """Of a video at the picture's size. `or_of_clip`: it may have the clip's size instead, and has it by default, as in
    workflows that were saved without this input."""
    own = f"; {OF_CLIP}, the clip's size" if or_of_clip else ""
    return io.Int.Input(
        "longer_side",
        default=OF_CLIP if or_of_clip else 0,
        min=OF_CLIP if or_of_clip else 0,
        max=MAX_VIDEO_SIDE,
        optional=or_of_clip,
        tooltip=f"Longer side of the video in pixels. 0 uses the picture's, up to {MAX_LONGER_SIDE}{own}. The aspect "
        "ratio is the picture's, or that of width and height if they were made to differ from it.",
    )


def trajectories(
    tooltip: str = "Drags from the Trajectory Editor, or text in any format it reads, such as KJNodes coordinates.",
    *,
    id: str = "trajectories",
    optional: bool = False,
) -> io.String.Input:
    return io.String.Input(id, optional=optional, force_input=True, tooltip=tooltip)


def fit(tooltip: str, *, optional: bool = False, advanced: bool | None = None) -> io.Combo.Input:
    return io.Combo.Input(
        "fit", options=list(FIT_MODES), default="crop", optional=optional, tooltip=tooltip, advanced=advanced
    )


def spacing() -> io.Float.Input:
    return pixels(
        "spacing",
        "Distance between neighbouring drags, in pixels. Drags add up in the drag maps: at 2.5 times sigma (50 for the "
        "released model), the maps are as strong as the motion; a smaller spacing makes them stronger.",
        default=50.0,
        min=1.0,
    )


def motion_time(eases: tuple[str, ...] = EASES) -> list[io.Input]:
    """When a generated motion begins and ends, and how its speed changes: of `eases`, by default by the first."""
    return [
        io.Combo.Input("ease", options=list(eases), default=eases[0], tooltip="How the speed changes over the motion."),
        fraction("start", "When the motion begins: 0 is the first frame of the clip, 1 the last."),
        fraction("end", "When the motion ends: 0 is the first frame of the clip, 1 the last.", default=1.0),
    ]


def centre(of: str, *, advanced: bool | None = None) -> list[io.Input]:
    """A point as fractions of the picture; `of` names the inputs that use it as their centre."""
    sides = [("centre_x", "left", "right"), ("centre_y", "top", "bottom")]
    return [
        _float(axis, 0.5, -10.0, 10.0, 0.01, f"Centre of {of}: 0 is the {first} edge, 1 the {last} edge.", advanced)
        for axis, first, last in sides
    ]


def fraction(
    id: str,
    tooltip: str,
    *,
    default: float = 0.0,
    step: float = 0.01,
    advanced: bool | None = None,
    optional: bool = False,
) -> io.Float.Input:
    """A fraction, from 0 to 1."""
    return _float(id, default, 0.0, 1.0, step, tooltip, advanced, optional)


def strength(tooltip: str) -> io.Float.Input:
    """How strongly a control acts; 1 is as trained."""
    return _float("strength", 1.0, -10.0, 10.0, 0.05, f"How strongly the drags act: 1 is as trained, {tooltip}")


def sampling_span() -> list[io.Input]:
    """The part of the sampling in which the drags act."""
    begin = "When the drags start to act: 0 is the start of the sampling."
    end = "When the drags stop acting: 1 is the end of the sampling."
    return [
        fraction("start_percent", begin, step=0.001, advanced=True),
        fraction("end_percent", end, default=1.0, step=0.001, advanced=True),
    ]


def camera_matrices() -> io.Combo.Input:
    return io.Combo.Input(
        "matrices", options=list(MATRICES), default=MATRICES[0], optional=True, advanced=True,
        tooltip="What the matrices of a file are where it does not say it: from world to camera (w2c), as "
        "RealEstate10K, CameraCtrl and MotionCtrl have them, or from camera to world (c2w). Lines of 23 numbers, as "
        "ComfyUI's nodes have them, are always the latter.",
    )  # fmt: skip


def camera_number() -> io.Int.Input:
    return io.Int.Input(
        "camera_number", default=1, min=1, max=1000, optional=True, advanced=True,
        tooltip="Which camera to follow of a file with several, such as ReCamMaster's ten: 5 for cam05.",
    )  # fmt: skip


def percent(
    id: str, tooltip: str, *, default: float = 0.0, min: float = -1000.0, max: float = 1000.0
) -> io.Float.Input:
    return _float(id, default, min, max, 1.0, tooltip)


def degrees(id: str, tooltip: str, *, limit: float) -> io.Float.Input:
    """An angle from -limit to limit, 0 by default."""
    return _float(id, 0.0, -limit, limit, 1.0, tooltip)


def number(
    id: str,
    tooltip: str,
    *,
    limit: float,
    default: float = 0.0,
    min: float | None = None,
    max: float | None = None,
    step: float = 0.01,
    advanced: bool | None = None,
    optional: bool = False,
) -> io.Float.Input:
    """A number up to a limit, and down to the same below 0 where `min` says nothing else."""
    low, high = -limit if min is None else min, limit if max is None else max
    return _float(id, default, low, high, step, tooltip, advanced, optional)


def pixels(id: str, tooltip: str, *, default: float = 0.0, min: float = 0.0, step: float = 1.0) -> io.Float.Input:
    """A distance in the picture."""
    return _float(id, default, min, 4096.0, step, tooltip)


def _float(
    id: str,
    default: float,
    min: float,
    max: float,
    step: float,
    tooltip: str,
    advanced: bool | None = None,
    optional: bool = False,
) -> io.Float.Input:
    return io.Float.Input(
        id, default=default, min=min, max=max, step=step, tooltip=tooltip, advanced=advanced, optional=optional
    )


def _clip_side(id: str, name: str, *, default: int, advanced: bool | None) -> io.Int.Input:
    tooltip = (
        f"{name} of the clip in pixels, a multiple of {MODEL_SIDE_STEP}. The released model was trained at 576x320."
    )
    return io.Int.Input(
        id,
        default=default,
        min=MIN_MODEL_SIDE,
        max=MAX_MODEL_SIDE,
        step=MODEL_SIDE_STEP,
        tooltip=tooltip,
        advanced=advanced,
    )


def _picture_side(id: str, name: str, *, default: int) -> io.Int.Input:
    tooltip = f"{name} in pixels of the picture to which positions in pixels refer."
    return io.Int.Input(id, default=default, min=1, max=MAX_MODEL_SIDE, tooltip=tooltip)
