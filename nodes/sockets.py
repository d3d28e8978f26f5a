"""Inputs and outputs that several nodes share."""

from comfy_api.latest import io

from ..dragnuwa.clip_shape import MAX_FRAMES, MAX_SIDE, MIN_FRAMES, MIN_SIDE, SIDE_STEP
from ..dragnuwa.images import MODES as FIT_MODES
from ..dragnuwa.trajectory.types import EASES

CATEGORY = "DragNUWA"
Flow = io.Custom("DRAGNUWA_FLOW")


def width() -> io.Int.Input:
    return io.Int.Input("width", default=576, min=MIN_SIDE, max=MAX_SIDE, step=SIDE_STEP, tooltip=_side("Width"))


def height() -> io.Int.Input:
    return io.Int.Input("height", default=320, min=MIN_SIDE, max=MAX_SIDE, step=SIDE_STEP, tooltip=_side("Height"))


def picture_width() -> io.Int.Input:
    tooltip = "Width in pixels of the picture that positions in pixels refer to."
    return io.Int.Input("width", default=576, min=1, max=MAX_SIDE, tooltip=tooltip)


def picture_height() -> io.Int.Input:
    tooltip = "Height in pixels of the picture that positions in pixels refer to."
    return io.Int.Input("height", default=320, min=1, max=MAX_SIDE, tooltip=tooltip)


def frames() -> io.Int.Input:
    tooltip = f"Number of frames of the clip, {MIN_FRAMES} to {MAX_FRAMES}. The released model was trained on 14."
    return io.Int.Input("frames", default=14, min=MIN_FRAMES, max=MAX_FRAMES, tooltip=tooltip)


def trajectories() -> io.String.Input:
    tooltip = "The drags, from the Trajectory Editor. Any text that it reads works too, such as KJNodes coordinates."
    return io.String.Input("trajectories", force_input=True, tooltip=tooltip)


def fit(tooltip: str) -> io.Combo.Input:
    return io.Combo.Input("fit", options=list(FIT_MODES), default="crop", tooltip=tooltip)


def spacing() -> io.Float.Input:
    tooltip = (
        "Pixels between the drags. Drags add up in the drag maps: at 2.5 times their sigma, 50 for the released model, "
        "the maps are as strong as the motion, and stronger where the drags are denser."
    )
    return io.Float.Input("spacing", default=50.0, min=1.0, max=4096.0, step=1.0, tooltip=tooltip)


def motion_time() -> list[io.Input]:
    """When a motion that is made begins and ends, and how its speed changes."""
    begins, ends = "When the motion begins: 0 is the clip's first frame, 1 its last.", "When the motion ends, likewise."
    return [
        io.Combo.Input("ease", options=list(EASES), default="linear", tooltip="How the speed changes over the motion."),
        io.Float.Input("start", default=0.0, min=0.0, max=1.0, step=0.01, tooltip=begins),
        io.Float.Input("end", default=1.0, min=0.0, max=1.0, step=0.01, tooltip=ends),
    ]


def _side(name: str) -> str:
    return f"{name} of the clip in pixels, a multiple of {SIDE_STEP}. The released model was trained at 576x320."
