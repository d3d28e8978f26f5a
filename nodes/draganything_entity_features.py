"""DragAnything Entity Features: extracts a picture's features with Stable Diffusion 1.5."""

from typing import Any

import torch

from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.common.images import as_images
from ..dragnuwa.common.images import fit as fitted
from ..dragnuwa.host.draganything.features import MAX_SAMPLES, picture_features
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL, EntityFeatures, fit, height, width


class DragAnythingEntityFeatures(io.ComfyNode):
    """Extracts features with a Stable Diffusion 1.5 model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWADragAnythingEntityFeatures",
            display_name="DragAnything Entity Features",
            category=MODEL,
            description="Extracts features that describe what the objects in a picture are, for DragAnything Apply. "
            "Any Stable Diffusion 1.5 checkpoint works.",
            search_aliases=["drag anything", "entity", "diffusion features", "dift", "embedding"],
            inputs=[
                io.Image.Input("image", tooltip="The start image. Only the first image of a batch is used."),
                io.Model.Input("model", tooltip="Any Stable Diffusion 1.5 (SD 1.5) model, from Load Checkpoint."),
                io.Clip.Input("clip", tooltip="The text encoder of the same checkpoint. It encodes an empty prompt."),
                io.Vae.Input("vae", tooltip="The VAE of the same checkpoint."),
                width(),
                height(),
                io.Int.Input(
                    "samples",
                    default=8,
                    min=1,
                    max=MAX_SAMPLES,
                    tooltip="Number of noise samples over which the features are averaged. The released demo uses 8.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=io.ControlAfterGenerate.fixed,
                    tooltip="Seed of the noise. The same seed gives the same features.",
                ),
                fit(
                    "How the picture is fitted to the clip's size. Use the same setting as in the Trajectory Editor; "
                    "the models' own nodes crop.",
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
    @interruptible
    def execute(cls, image: torch.Tensor, model: Any, clip: Any, vae: Any, width: int, height: int, samples: int,
                seed: int, fit: str = "crop") -> io.NodeOutput:  # fmt: skip
        size = ModelClip(width, height, 2).size  # the number of frames is irrelevant
        picture = fitted(as_images(image)[:1], *size, fit)
        return io.NodeOutput(picture_features(model, clip, vae, picture, samples, seed))
