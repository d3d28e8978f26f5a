"""DragAnything Apply: makes the objects under masks follow their drags, each as a whole."""

from typing import Any

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from ..dragnuwa.models.draganything.maps import MODES
from .inputs import MODEL, EntityFeatures, fit, frames, height, sampling_span, strength, trajectories, width


class DragAnythingApply(io.ComfyNode):
    """Attaches DragAnything's ControlNet to the conditioning."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWADragAnythingApply",
            display_name="DragAnything Apply",
            category=MODEL,
            description="Makes whole objects follow the drags: each mask moves along the drag that starts in it, and "
            "anchors stay in place.",
            search_aliases=["drag anything", "entity", "object motion", "mask motion", "controlnet", "trajectory"],
            inputs=[
                io.Conditioning.Input(
                    "positive",
                    tooltip="Conditioning for Stable Video Diffusion, for example from SVD_img2vid_Conditioning.",
                ),
                io.Conditioning.Input("negative", tooltip="The negative conditioning from the same node."),
                io.ControlNet.Input("control_net", tooltip="From DragAnything Load ControlNet."),
                trajectories(),
                width(),
                height(),
                frames(),
                strength("0 leaves the conditioning unchanged."),
                *sampling_span(),
                io.Combo.Input(
                    "entity_mode",
                    options=list(MODES),
                    default=MODES[0],
                    advanced=True,
                    tooltip="How much of an object's features is used: demo_scalar takes one number, as in the "
                    "released demo; vector takes all of them, as in training.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="The objects that move, one mask each, at the picture's or the clip's size. A mask belongs "
                    "to the drag that starts in it. Without masks, objects are detected in image.",
                ),
                io.Image.Input(
                    "image",
                    optional=True,
                    tooltip="The start image, preferably at full size. Objects are detected in it if there are no "
                    "masks.",
                ),
                EntityFeatures.Input(
                    "features",
                    optional=True,
                    tooltip="Features of the objects, from DragAnything Entity Features. Without them, the model knows "
                    "where the objects go, but not what they are.",
                ),
                fit(
                    "How the picture is fitted to the clip's size. Use the same setting as in the Trajectory Editor; "
                    "the models' own nodes crop.",
                    optional=True,
                ),
            ],
            outputs=[
                io.Conditioning.Output("positive", tooltip="Connect it to KSampler."),
                io.Conditioning.Output("negative", tooltip="Connect it to KSampler."),
                io.String.Output(
                    "report", tooltip="Which objects move, which drags have no object, and what is left out."
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, positive: list, negative: list, control_net: Any, trajectories: str, width: int, height: int,
                frames: int, strength: float, start_percent: float = 0.0, end_percent: float = 1.0,
                entity_mode: str = MODES[0], masks: torch.Tensor | None = None,
                image: torch.Tensor | None = None, features: torch.Tensor | None = None,
                fit: str = "crop") -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.host.draganything.apply import Steering, apply
        from ..dragnuwa.models.draganything.scene import find_entities

        drags = trajectory.parse(trajectories, width=width, height=height)
        steering = Steering(strength, start_percent, end_percent, entity_mode)
        clip = ModelClip(width, height, frames)
        found = find_entities(drags, clip, masks, image, fit)
        return io.NodeOutput(*apply(positive, negative, control_net, found, steering, features))
