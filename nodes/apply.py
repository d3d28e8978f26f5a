"""Apply: the model follows the drags."""

import torch
from comfy_api.latest import io

from ..dragnuwa.host.dragnuwa import fusion_patch
from .sockets import CATEGORY, Flow


class Apply(io.ComfyNode):
    """Puts Multiscale Fusion into the model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAApply",
            display_name="DragNUWA Apply",
            category=CATEGORY,
            description="Makes the video model follow the drags.",
            search_aliases=["drag", "trajectory", "adapter", "multiscale fusion"],
            inputs=[
                io.Model.Input(
                    "model",
                    tooltip="The model of DragNUWA Load Checkpoint, with LoRAs and patches as you like. "
                    "A DragNUWA Apply before this one is replaced.",
                ),
                io.ModelPatch.Input("adapter", tooltip="The adapter of the same DragNUWA Load Checkpoint."),
                Flow.Input("flow", tooltip="Drag maps of the latent's size and number of frames."),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=-10.0,
                    max=10.0,
                    step=0.05,
                    tooltip="How much the drags act. 1 is as trained, 0 is the plain model.",
                ),
                io.Float.Input(
                    "start_percent",
                    default=0.0,
                    min=0.0,
                    max=1.0,
                    step=0.001,
                    advanced=True,
                    tooltip="From which part of the sampling on the drags act.",
                ),
                io.Float.Input(
                    "end_percent",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.001,
                    advanced=True,
                    tooltip="Up to which part of the sampling the drags act.",
                ),
            ],
            outputs=[io.Model.Output("model", tooltip="The model that follows the drags. Connect it to a sampler.")],
        )

    @classmethod
    def execute(
        cls, model, adapter, flow: torch.Tensor, strength: float, start_percent: float = 0.0, end_percent: float = 1.0
    ) -> io.NodeOutput:
        patched = fusion_patch.apply(
            model, adapter, flow, strength=strength, start_percent=start_percent, end_percent=end_percent
        )
        return io.NodeOutput(patched)
