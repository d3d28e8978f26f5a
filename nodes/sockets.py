"""Inputs and outputs that several nodes share."""

from comfy_api.latest import io

from ..dragnuwa.clip_shape import MAX_FRAMES, MAX_SIDE, MIN_FRAMES, MIN_SIDE, SIDE_STEP

CATEGORY = "DragNUWA"
Flow = io.Custom("DRAGNUWA_FLOW")


def width() -> io.Int.Input:
    return io.Int.Input("width", default=576, min=MIN_SIDE, max=MAX_SIDE, step=SIDE_STEP, tooltip=_side("Width"))


def height() -> io.Int.Input:
    return io.Int.Input("height", default=320, min=MIN_SIDE, max=MAX_SIDE, step=SIDE_STEP, tooltip=_side("Height"))


def frames() -> io.Int.Input:
    tooltip = f"Number of frames of the clip, {MIN_FRAMES} to {MAX_FRAMES}. The released model was trained on 14."
    return io.Int.Input("frames", default=14, min=MIN_FRAMES, max=MAX_FRAMES, tooltip=tooltip)


def trajectories() -> io.String.Input:
    tooltip = "The drags, from the Trajectory Editor. Any text that it reads works too, such as KJNodes coordinates."
    return io.String.Input("trajectories", force_input=True, tooltip=tooltip)


def _side(name: str) -> str:
    return f"{name} of the clip in pixels, a multiple of {SIDE_STEP}. The released model was trained at 576x320."
