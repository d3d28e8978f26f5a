"""Apply: makes the model follow the drags."""

import torch

from ..dragnuwa.host.fusion import fusion_patch
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL, Flow, sampling_span, strength


class Apply(io.ComfyNode):
    """Patches Multiscale Fusion into the model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAApply",
            display_name="DragNUWA Apply",
            category=MODEL,
            description="Makes the video model follow the drags.",
            search_aliases=["drag", "motion", "trajectory", "adapter", "multiscale fusion"],
            inputs=[
                io.Model.Input(
                    "model",
                    tooltip="The model from DragNUWA Load Checkpoint, with or without LoRAs and other patches; or "
                    "plain SVD with DragNUWA's LoRA. This node replaces any DragNUWA Apply before it.",
                ),
                io.ModelPatch.Input(
                    "adapter",
                    tooltip="The adapter from the same DragNUWA Load Checkpoint, or from DragNUWA Load Adapter.",
                ),
                Flow.Input(
                    "flow",
                    tooltip="Drag maps from DragNUWA Encode Trajectories. Their size and number of frames must match "
                    "the latent.",
                ),
                strength("0 is exactly the plain model."),
                *sampling_span(),
            ],
            outputs=[io.Model.Output("model", tooltip="The model that follows the drags. Connect it to a sampler.")],
        )

    @classmethod
    @interruptible
    def execute(
        cls, model, adapter, flow: torch.Tensor, strength: float, start_percent: float = 0.0, end_percent: float = 1.0
    ) -> io.NodeOutput:
        patched = fusion_patch.apply(
            model, adapter, flow, strength=strength, start_percent=start_percent, end_percent=end_percent
        )
        return io.NodeOutput(patched)
