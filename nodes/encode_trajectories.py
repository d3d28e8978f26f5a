"""Encode Trajectories: turns drags into the maps that the network reads."""

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, progress_bar
from ..dragnuwa.models import drag_maps as flow
from .inputs import MODEL, Flow, frames, height, trajectories, width


class EncodeTrajectories(io.ComfyNode):
    """Samples the drags at the frames and encodes them as drag maps."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAEncodeTrajectories",
            display_name="DragNUWA Encode Trajectories",
            category=MODEL,
            description="Turns drags into drag maps: how far and in which direction each pixel moves in each frame.",
            search_aliases=["drag", "trajectory", "optical flow", "drag maps"],
            inputs=[
                trajectories(),
                width(),
                height(),
                frames(),
                io.Int.Input(
                    "kernel_size",
                    default=199,
                    min=1,
                    max=4095,
                    step=2,
                    advanced=True,
                    tooltip="Size in pixels of the Gaussian kernel that spreads a drag; an odd number. The released "
                    "model was trained with 199, the paper's with 99.",
                ),
                io.Float.Input(
                    "sigma",
                    default=20.0,
                    min=0.1,
                    max=1000.0,
                    step=0.1,
                    advanced=True,
                    tooltip="Standard deviation of that Gaussian in pixels. The released model was trained with 20, "
                    "the paper's with 10.",
                ),
            ],
            outputs=[Flow.Output("flow", tooltip="Drag maps, one for each frame. Connect them to DragNUWA Apply.")],
        )

    @classmethod
    @interruptible
    def execute(
        cls, trajectories: str, width: int, height: int, frames: int, kernel_size: int = 199, sigma: float = 20.0
    ) -> io.NodeOutput:
        clip = ModelClip(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height)
        kernel = {"kernel_size": kernel_size, "sigma": sigma}
        return io.NodeOutput(flow.encode_trajectories(drags, clip, **kernel, progress=progress_bar()))
