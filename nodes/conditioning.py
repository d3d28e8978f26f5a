"""Conditioning: the video model's inputs besides the drags."""

import torch

from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.host.fusion import conditioning
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL, frames, height, width


class Conditioning(io.ComfyNode):
    """Turns start image, text and numbers into positive and negative conditioning and an empty latent."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAConditioning",
            display_name="DragNUWA Conditioning",
            category=MODEL,
            description="Prepares the sampling: encodes the start image and the text, and creates an empty latent.",
            search_aliases=["svd", "img2vid", "image to video"],
            inputs=[
                io.Vae.Input("vae", tooltip="The VAE from DragNUWA Load Checkpoint."),
                width(),
                height(),
                frames(),
                io.Int.Input(
                    "fps",
                    default=5,
                    min=1,
                    max=1024,
                    tooltip="Frame rate that the model is conditioned on; it was trained with 5. Create Video sets the "
                    "frame rate of the video itself.",
                ),
                io.Int.Input(
                    "motion_bucket_id",
                    default=4,
                    min=0,
                    max=1023,
                    advanced=True,
                    tooltip="Amount of motion that the model is conditioned on. 4 leaves the motion to the drags.",
                ),
                io.Float.Input(
                    "augmentation_level",
                    default=0.02,
                    min=0.0,
                    max=10.0,
                    step=0.01,
                    advanced=True,
                    tooltip="Noise added to the start image. Higher values let the model deviate more from it.",
                ),
                io.ClipVision.Input(
                    "clip_vision",
                    optional=True,
                    tooltip="The image encoder, for checkpoints that have one (the released ones). Needs start_image.",
                ),
                io.Image.Input(
                    "start_image",
                    optional=True,
                    tooltip="The first frame, preferably from the Trajectory Editor. Images of another size are "
                    "cropped to fit. Only the first image of a batch is used. Without it, the model invents the first "
                    "frame.",
                ),
                io.Conditioning.Input(
                    "positive",
                    optional=True,
                    tooltip="Text from CLIP Text Encode, for checkpoints with a text encoder. Without it, the text is "
                    "empty.",
                ),
                io.Conditioning.Input(
                    "negative",
                    optional=True,
                    tooltip="What to avoid. Without it, the text is empty.",
                ),
            ],
            outputs=[
                io.Conditioning.Output("positive", tooltip="Conditioning with the start image and the text."),
                io.Conditioning.Output(
                    "negative",
                    tooltip="Conditioning without the start image, and with an empty text unless negative is "
                    "connected.",
                ),
                io.Latent.Output("latent", tooltip="An empty latent of the clip's size."),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, vae, width: int, height: int, frames: int, fps: int, motion_bucket_id: int = 4,
                augmentation_level: float = 0.02, clip_vision=None, start_image: torch.Tensor | None = None,
                positive: list | None = None, negative: list | None = None) -> io.NodeOutput:  # fmt: skip
        motion = conditioning.Motion(fps, motion_bucket_id, augmentation_level)
        clip = ModelClip(width, height, frames)
        texts = conditioning.Texts(positive, negative)
        return io.NodeOutput(*conditioning.encode(vae, clip, motion, texts, clip_vision, start_image))
