"""DragAnything Entity Features: what a picture shows, in the features of a Stable Diffusion 1.5."""

from typing import Any

import torch
from comfy_api.latest import io

from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.host.draganything.features import picture_features
from .inputs import MODEL, EntityFeatures, fit, height, width

MAX_SAMPLES = 64


class DragAnythingEntityFeatures(io.ComfyNode):
    """Looks at a picture through a Stable Diffusion 1.5."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWADragAnythingEntityFeatures",
            display_name="DragAnything Entity Features",
            category=MODEL,
            description="Finds out what the objects of a picture are, for DragAnything Apply. Any Stable Diffusion 1.5 "
            "checkpoint will do.",
            search_aliases=["drag anything", "entity", "diffusion features", "dift", "embedding"],
            inputs=[
                io.Image.Input("image", tooltip="The start image. Only the first image of a batch is used."),
                io.Model.Input("model", tooltip="Any Stable Diffusion 1.5 (SD 1.5) model, from Load Checkpoint."),
                io.Clip.Input("clip", tooltip="The text encoder of the same checkpoint. It reads an empty prompt."),
                io.Vae.Input("vae", tooltip="The VAE of the same checkpoint."),
                width(),
                height(),
                io.Int.Input(
                    "samples",
                    default=8,
                    min=1,
                    max=MAX_SAMPLES,
                    tooltip="Over how many noises the features are averaged. The released demo takes 8.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=io.ControlAfterGenerate.fixed,
                    tooltip="Of the noises. The same seed gives the same features.",
                ),
                fit(
                    "How the picture is fitted to the clip's size. Choose the same as in the Trajectory Editor; a "
                    "model's own node crops.",
                    optional=True,
                ),
            ],
            outputs=[
                EntityFeatures.Output(
                    "features",
                    tooltip="The picture's features. DragAnything Apply averages them over each object's mask.",
                ),
            ],
        )

    @classmethod
    def execute(cls, image: torch.Tensor, model: Any, clip: Any, vae: Any, width: int, height: int, samples: int,
                seed: int, fit: str = "crop") -> io.NodeOutput:  # fmt: skip
        size = ModelClip(width, height, 2)  # of any number of frames
        return io.NodeOutput(picture_features(model, clip, vae, image, size, fit, samples, seed))
