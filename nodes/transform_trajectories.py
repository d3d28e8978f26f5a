"""Transform Trajectories: drags moved, turned, timed anew, and cut into windows."""

from comfy_api.latest import io

from ..dragnuwa import trajectory
from ..dragnuwa.trajectory.motion.transform import MIRRORS, Transform, transform
from ..dragnuwa.trajectory.types import MAX_FRAMES
from .sockets import CATEGORY, height, trajectories, width


class TransformTrajectories(io.ComfyNode):
    """Changes all drags at once; what is left at its default changes nothing."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWATransformTrajectories",
            display_name="DragNUWA Transform Trajectories",
            category=CATEGORY,
            description="Mirrors, scales, turns, shifts, reverses or retimes all drags, and cuts a long clip into "
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
                    tooltip="Exchanges left and right (horizontal), top and bottom (vertical), or both.",
                ),
                io.Float.Input(
                    "scale",
                    default=100.0,
                    min=1.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Size in percent: 50 makes all distances from the centre half as long.",
                ),
                io.Float.Input(
                    "rotate",
                    default=0.0,
                    min=-360.0,
                    max=360.0,
                    step=1.0,
                    tooltip="Degrees by which all is turned about the centre, above 0 clockwise.",
                ),
                io.Float.Input(
                    "centre_x",
                    default=0.5,
                    min=-10.0,
                    max=10.0,
                    step=0.01,
                    advanced=True,
                    tooltip="The centre of scale and rotate: 0 is the left edge, 1 the right one.",
                ),
                io.Float.Input(
                    "centre_y",
                    default=0.5,
                    min=-10.0,
                    max=10.0,
                    step=0.01,
                    advanced=True,
                    tooltip="The centre of scale and rotate: 0 is the top edge, 1 the bottom one.",
                ),
                io.Float.Input(
                    "shift_x",
                    default=0.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Percent of the width by which all is moved, above 0 to the right.",
                ),
                io.Float.Input(
                    "shift_y",
                    default=0.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Percent of the height by which all is moved, above 0 down.",
                ),
                io.Boolean.Input("reverse", default=False, tooltip="Backwards in time."),
                io.Float.Input(
                    "start",
                    default=0.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="Squeezes the whole motion into a part of the clip, which begins here: 0 is the first "
                    "frame, 1 the last.",
                ),
                io.Float.Input(
                    "end", default=1.0, min=0.0, max=1.0, step=0.01, tooltip="The end of that part of the clip."
                ),
                io.Int.Input(
                    "frames",
                    default=14,
                    min=2,
                    max=MAX_FRAMES,
                    tooltip="Number of frames of the whole clip. Counts only where window_frames is not 0.",
                ),
                io.Int.Input(
                    "window_frames",
                    default=0,
                    min=0,
                    max=MAX_FRAMES,
                    tooltip="Cuts the clip into windows of so many frames and gives one of them. 0 gives the whole "
                    "clip.",
                ),
                io.Int.Input(
                    "window",
                    default=1,
                    min=1,
                    max=MAX_FRAMES,
                    tooltip="Which window, from 1. Each begins with the last frame of the one before it.",
                ),
            ],
            outputs=[
                io.String.Output("trajectories", tooltip="The changed drags."),
                io.Int.Output("frames", tooltip="Number of frames of the window, or of the whole clip."),
            ],
        )

    @classmethod
    def execute(cls, trajectories: str, width: int, height: int, mirror: str, scale: float, rotate: float,
                shift_x: float, shift_y: float, reverse: bool, start: float, end: float, frames: int,
                window_frames: int, window: int, centre_x: float = 0.5,
                centre_y: float = 0.5) -> io.NodeOutput:  # fmt: skip
        drags = trajectory.parse(trajectories, width=width, height=height)
        change = Transform(mirror, scale / 100, rotate, (centre_x, centre_y), (shift_x / 100, shift_y / 100), reverse,
                           start, end, frames, window_frames, window)  # fmt: skip
        changed = transform(drags, change, (width, height))
        return io.NodeOutput(changed.to_json(), window_frames or frames)
