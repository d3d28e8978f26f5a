"""Transform Trajectories: drags mirrored, scaled, rotated, shifted, retimed, and cut into windows."""

from ..dragnuwa import trajectory
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from ..dragnuwa.trajectory.motion.transform import MIRRORS, Transform, transform
from ..dragnuwa.trajectory.types import MAX_FRAMES
from .inputs import EDIT, all_frames, centre, degrees, fraction, height, percent, trajectories, width


class TransformTrajectories(io.ComfyNode):
    """Changes all drags at once; an input at its default changes nothing."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWATransformTrajectories",
            display_name="DragNUWA Transform Trajectories",
            category=EDIT,
            description="Mirrors, scales, rotates, shifts, reverses or retimes all drags, and cuts a long clip into "
            "windows.",
            search_aliases=["mirror", "flip", "rotate", "scale", "reverse", "slice", "long video", "drag"],
            inputs=[
                trajectories(),
                width(),
                height(),
                io.Combo.Input(
                    "mirror",
                    options=list(MIRRORS),
                    default="none",
                    tooltip="Swaps left and right (horizontal), top and bottom (vertical), or both.",
                ),
                percent("scale", "Size in percent: 50 halves all distances from the centre.", default=100.0, min=1.0),
                degrees("rotate", "Rotation about the centre, in degrees. Positive values are clockwise.", limit=360.0),
                *centre("scale and rotate", advanced=True),
                percent("shift_x", "Shift in percent of the width. Positive values shift right."),
                percent("shift_y", "Shift in percent of the height. Positive values shift down."),
                io.Boolean.Input("reverse", default=False, tooltip="Reverses the motion in time."),
                fraction(
                    "start",
                    "Start of the part of the clip into which the motion is compressed: 0 is the first frame, 1 the "
                    "last.",
                ),
                fraction("end", "End of that part: 0 is the first frame, 1 the last.", default=1.0),
                all_frames("Number of frames of the whole clip. Used only if window_frames is not 0."),
                io.Int.Input(
                    "window_frames",
                    default=0,
                    min=0,
                    max=MAX_FRAMES,
                    tooltip="Cuts the clip into windows of this many frames and outputs one of them. 0 outputs the "
                    "whole clip.",
                ),
                io.Int.Input(
                    "window",
                    default=1,
                    min=1,
                    max=MAX_FRAMES,
                    tooltip="Which window to output, counted from 1. Each starts with the last frame of the previous "
                    "one.",
                ),
            ],
            outputs=[
                io.String.Output("trajectories", tooltip="The changed drags."),
                io.Int.Output(
                    "frames",
                    tooltip="Number of frames of the window, or of the whole clip. Connect it to Encode Trajectories "
                    "and Conditioning.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, trajectories: str, width: int, height: int, mirror: str, scale: float, rotate: float,
                shift_x: float, shift_y: float, reverse: bool, start: float, end: float, frames: int,
                window_frames: int, window: int, centre_x: float = 0.5,
                centre_y: float = 0.5) -> io.NodeOutput:  # fmt: skip
        drags = trajectory.parse(trajectories, width=width, height=height)
        change = Transform(mirror, scale / 100, rotate, (centre_x, centre_y), (shift_x / 100, shift_y / 100), reverse,
                           start, end, frames, window_frames, window)  # fmt: skip
        changed = transform(drags, change, (width, height))
        return io.NodeOutput(changed.to_json(), window_frames or frames)
