"""Carry: the picture's own pixels, moved along the drags, as a start for the sampler."""

import torch
from comfy_api.latest import io

from ..dragnuwa import trajectory
from ..dragnuwa.carry.settings import CARRIES, FILLS, CarrySettings
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.common.packages import need_opencv
from ..dragnuwa.host.running_node import check_interrupt
from .inputs import PICTURE, fit, fraction, frames, height, pixels, trajectories, width


class Carry(io.ComfyNode):
    """Moves the picture along the drags and starts the sampling from it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACarry",
            display_name="DragNUWA Carry",
            category=PICTURE,
            description="Moves the picture's own pixels along the drags and starts the sampling from the result. "
            "Works with every image-to-video model, with or without DragNUWA Apply.",
            search_aliases=[
                "animate",
                "motion",
                "move",
                "drag",
                "cut and drag",
                "time to move",
                "dual clock",
                "sdedit",
                "warp",
                "training-free",
            ],
            inputs=[
                io.Image.Input(
                    "image",
                    tooltip="The start image, best at its full size, straight from Load Image. Only the first image of "
                    "a batch is used.",
                ),
                trajectories(),
                io.Vae.Input("vae", tooltip="The VAE of the model that samples."),
                io.Latent.Input(
                    "latent", tooltip="The empty latent of the clip, from the model's own conditioning node."
                ),
                width(),
                height(),
                frames(),
                pixels(
                    "radius",
                    "How far around itself a drag carries its surroundings, in pixels: where no object is found, or "
                    "wanted. What counts as an object does not depend on it.",
                    default=24.0,
                    min=1.0,
                    step=0.5,
                ),
                fraction(
                    "hold",
                    "For which part of the sampling the dragged areas stay tied to the moved picture. More follows "
                    "the drags more closely, less lets the model repair more.",
                    default=0.6,
                ),
                fraction("ground", "The same for the rest of the picture. 0 leaves it to the model."),
                io.Combo.Input(
                    "carries",
                    options=list(CARRIES),
                    default=CARRIES[0],
                    tooltip="What a drag without a mask carries: the object that it begins on, found by colours and "
                    "edges, or only its surroundings. Drags that move as one carry one object.",
                ),
                io.Combo.Input(
                    "fill",
                    options=list(FILLS),
                    default=FILLS[0],
                    advanced=True,
                    tooltip="What fills the area that something moved away from: inpaint continues the picture around "
                    "it, neutral leaves it grey for the sampler to fill.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="What is dragged, as masks of the picture's or the clip's size: one for each drag (an "
                    "empty mask for none), or any number: a drag then has the smallest mask in which it begins. "
                    "Objects drawn in the Trajectory Editor need none.",
                ),
                fit(
                    "How the picture is fitted to the clip's size. Choose the same as in the Trajectory Editor; a "
                    "model's own node crops.",
                    optional=True,
                ),
            ],
            outputs=[
                io.Latent.Output(
                    "latent",
                    tooltip="The latent to sample from, with a noise mask. Use Differential Diffusion on the model.",
                ),
                io.Image.Output("video", tooltip="The moved picture, one image per frame: a preview of the motion."),
                io.Mask.Output("mask", tooltip="What was carried in each frame."),
                io.Mask.Output(
                    "objects",
                    tooltip="What was carried: one mask for each drag, empty for none, then one for each object, at "
                    "the picture's full size. Correct them and connect them to masks, or to nodes that need them.",
                ),
            ],
        )

    @classmethod
    def execute(cls, image: torch.Tensor, trajectories: str, vae, latent: dict, width: int, height: int, frames: int,
                radius: float, hold: float, ground: float, carries: str = CARRIES[0], fill: str = FILLS[0],
                masks: torch.Tensor | None = None, fit: str = "crop") -> io.NodeOutput:  # fmt: skip
        need_opencv()  # so what does is imported here: a server may lack it, and the other nodes do without
        from ..dragnuwa.host.carry import carry_into_latent

        clip = ModelClip(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height, check_interrupt=check_interrupt)
        settings = CarrySettings(radius, carries, fill, hold, ground, fit)
        moved, carried = carry_into_latent(latent, vae, image, drags, clip, settings, masks)
        return io.NodeOutput(moved, carried.video, carried.carried, carried.objects)
