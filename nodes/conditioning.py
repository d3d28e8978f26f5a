"""Conditioning: what the video model needs to know beside the drags."""

import torch
from comfy_api.latest import io

from ..dragnuwa.clip_shape import ModelClip
from ..dragnuwa.host.dragnuwa import conditioning
from .sockets import CATEGORY, frames, height, width


class Conditioning(io.ComfyNode):
    """Start picture, text and numbers become positive and negative conditioning and an empty latent."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAConditioning",
            display_name="DragNUWA Conditioning",
            category=CATEGORY,
            description="Prepares the sampling: start picture, text, size and number of frames.",
            search_aliases=["svd", "img2vid", "image to video"],
            inputs=[
                io.Vae.Input("vae", tooltip="The VAE of DragNUWA Load Checkpoint."),
                width(),
                height(),
                frames(),
                io.Int.Input(
                    "fps", default=5, min=1, max=1024, tooltip="Frame rate that the model is told. 5 is as trained."
                ),
                io.Int.Input(
                    "motion_bucket_id",
                    default=4,
                    min=0,
                    max=1023,
                    advanced=True,
                    tooltip="Amount of motion that the model is told. 4 leaves the motion to the drags.",
                ),
                io.Float.Input(
                    "augmentation_level",
                    default=0.02,
                    min=0.0,
                    max=10.0,
                    step=0.01,
                    advanced=True,
                    tooltip="Noise on the start picture. More leaves the model freer of it.",
                ),
                io.ClipVision.Input(
                    "clip_vision",
                    optional=True,
                    tooltip="The picture encoder, for checkpoints that have one (the released ones). "
                    "Needs a start picture.",
                ),
                io.Image.Input(
                    "start_image",
                    optional=True,
                    tooltip="The first frame, best the Trajectory Editor's. Other sizes are cropped to fit. "
                    "Without it the model invents one.",
                ),
                io.Conditioning.Input(
                    "positive",
                    optional=True,
                    tooltip="Text from CLIP Text Encode, for checkpoints with a text encoder.",
                ),
                io.Conditioning.Input(
                    "negative",
                    optional=True,
                    tooltip="What to stay away from. Without it the text is left out instead.",
                ),
            ],
            outputs=[
                io.Conditioning.Output("positive", tooltip="Conditioning with the start picture and text."),
                io.Conditioning.Output("negative", tooltip="Conditioning without them."),
                io.Latent.Output("latent", tooltip="An empty latent of the clip's size."),
            ],
        )

    @classmethod
    def execute(cls, vae, width: int, height: int, frames: int, fps: int, motion_bucket_id: int = 4,
                augmentation_level: float = 0.02, clip_vision=None, start_image: torch.Tensor | None = None,
                positive: list | None = None, negative: list | None = None) -> io.NodeOutput:  # fmt: skip
        motion = conditioning.Motion(fps, motion_bucket_id, augmentation_level)
        clip = ModelClip(width, height, frames)
        texts = conditioning.Texts(positive, negative)
        return io.NodeOutput(*conditioning.encode(vae, clip, motion, texts, clip_vision, start_image))
