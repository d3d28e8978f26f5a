"""Carry: the picture's own pixels, moved along the drags, as a start for the sampler."""

import torch
from comfy_api.latest import io

from ..dragnuwa import trajectory
from ..dragnuwa.carry.settings import CARRIES, FILLS, CarrySettings
from ..dragnuwa.clip_shape import ModelClip
from .sockets import CATEGORY, frames, height, trajectories, width


class Carry(io.ComfyNode):
    """Moves the picture along the drags, and ties the sampling to it for a while."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACarry",
            display_name="DragNUWA Carry",
            category=CATEGORY,
            description="Moves the picture's own pixels along the drags and lets the sampler begin with that. Works "
            "with every image-to-video model, with DragNUWA Apply or without.",
            search_aliases=["drag", "time to move", "dual clock", "sdedit", "warp", "training-free"],
            inputs=[
                io.Image.Input("image", tooltip="The start picture. Other sizes are cropped to fit."),
                trajectories(),
                io.Vae.Input("vae", tooltip="The VAE of the model that samples."),
                io.Latent.Input(
                    "latent",
                    tooltip="The empty latent of the clip, from the model's own conditioning node. It says how the "
                    "model lays out its frames.",
                ),
                width(),
                height(),
                frames(),
                io.Float.Input(
                    "radius",
                    default=24.0,
                    min=1.0,
                    max=4096.0,
                    step=0.5,
                    tooltip="How far around it a drag without a mask carries the picture, in pixels; an object may be "
                    "some five times as large.",
                ),
                io.Float.Input(
                    "hold",
                    default=0.6,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="For which part of the sampling what is dragged stays tied to the moved picture. More "
                    "follows the drags more closely, less lets the model repair more.",
                ),
                io.Float.Input(
                    "ground",
                    default=0.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="The same for the rest of the picture. 0 leaves it to the model.",
                ),
                io.Combo.Input(
                    "carries",
                    options=list(CARRIES),
                    default=CARRIES[0],
                    tooltip="What a drag without a mask carries: the object that it begins on, which is looked for by "
                    "its colours, or just what lies around it.",
                ),
                io.Combo.Input(
                    "fill",
                    options=list(FILLS),
                    default=FILLS[0],
                    advanced=True,
                    tooltip="What comes where something has gone: inpaint fills it from around, neutral leaves it "
                    "grey and to the sampler.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="What is dragged, as masks of the picture's size: one for each drag (an empty one for "
                    "none), or one for all drags that begin in it. A drag with a mask carries the whole object.",
                ),
            ],
            outputs=[
                io.Latent.Output(
                    "latent",
                    tooltip="The latent to sample from, with a noise mask. Put Differential Diffusion on the model.",
                ),
                io.Image.Output("video", tooltip="The moved picture: a preview of the motion."),
                io.Mask.Output("mask", tooltip="What was carried in each frame."),
            ],
        )

    @classmethod
    def execute(cls, image: torch.Tensor, trajectories: str, vae, latent: dict, width: int, height: int, frames: int,
                radius: float, hold: float, ground: float, carries: str = CARRIES[0], fill: str = FILLS[0],
                masks: torch.Tensor | None = None) -> io.NodeOutput:  # fmt: skip
        from ..dragnuwa.host.carry import (
            carry_into_latent,  # OpenCV, which a server without graphics libraries may lack
        )

        clip = ModelClip(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height)
        settings = CarrySettings(radius, carries, fill, hold, ground)
        moved, carried = carry_into_latent(latent, vae, image, drags, clip, settings, masks)
        return io.NodeOutput(moved, carried.video, carried.carried)
