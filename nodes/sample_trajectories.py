"""Sample Trajectories: the motion of a video, as drags for another picture."""

from typing import Any

import torch

from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, progress_bar
from .inputs import DRAW, OpticalFlow


class SampleTrajectories(io.ComfyNode):
    """The paper's Trajectory Sampler: chooses points where a video moves, and tracks them."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWASampleTrajectories",
            display_name="DragNUWA Sample Trajectories",
            category=DRAW,
            description="Extracts the motion of a video, as drags for another picture.",
            search_aliases=[
                "motion transfer",
                "trajectory sampler",
                "optical flow",
                "tracking",
                "motion",
                "drag",
                "path",
            ],
            inputs=[
                io.Image.Input("video", tooltip="The driving video, one image per frame, 2 or more."),
                io.Int.Input(
                    "count",
                    default=8,
                    min=1,
                    max=4096,
                    tooltip="Number of tracks. Points with more motion are more likely to be chosen. The released "
                    "model was trained on up to 8.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFF,
                    control_after_generate=True,
                    tooltip="A different seed chooses different tracks.",
                ),
                io.Int.Input(
                    "interval",
                    default=16,
                    min=4,
                    max=256,
                    advanced=True,
                    tooltip="Spacing in pixels of the grid from which tracks are chosen, for a video 320 pixels high; "
                    "it scales with the height. The paper uses 16.",
                ),
                OpticalFlow.Input(
                    "optical_flow",
                    optional=True,
                    tooltip="A model from Load Optical Flow Model (RAFT). Without one, OpenCV's DIS is used, which "
                    "needs no model file.",
                ),
            ],
            outputs=[io.String.Output("trajectories", tooltip="The tracks, with one point per frame, as JSON.")],
        )

    @classmethod
    @interruptible
    def execute(
        cls, video: torch.Tensor, count: int, seed: int, interval: int = 16, optical_flow: Any = None
    ) -> io.NodeOutput:
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.host.detail import estimator
        from ..dragnuwa.vision.tracking.tracks_from_flow import sample_video

        drags = sample_video(
            video, count=count, seed=seed, interval=interval, estimator=estimator(optical_flow), progress=progress_bar()
        )
        return io.NodeOutput(drags.to_json())
