"""Carry: moves the picture's own pixels along the drags, as a starting point for the sampler."""

from functools import partial

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.carry.settings import CARRIES, FILLS, CarrySettings
from ..dragnuwa.common.clip_shape import MAX_MODEL_FRAMES, MIN_MODEL_FRAMES, ModelClip
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import PICTURE, fit, fraction, height, pixels, trajectories, width

MAX_STEPS = 10_000


class Carry(io.ComfyNode):
    """Moves the picture along the drags and starts the sampling from it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACarry",
            display_name="DragNUWA Carry",
            category=PICTURE,
            description="Moves the picture's own pixels along the drags and starts the sampling from the result. "
            "Works with any image-to-video model, with or without DragNUWA Apply.",
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
                    tooltip="The start image, preferably at full size, straight from Load Image. Only the first image "
                    "of a batch is used.",
                ),
                trajectories(),
                io.Vae.Input("vae", tooltip="The VAE of the model that you sample with."),
                io.Latent.Input(
                    "latent", tooltip="The empty latent of the clip, from the model's own conditioning node."
                ),
                width(),
                height(),
                io.Int.Input(
                    "frames",
                    default=14,
                    min=0,
                    max=MAX_MODEL_FRAMES,
                    tooltip=f"Number of frames of the clip, {MIN_MODEL_FRAMES} to {MAX_MODEL_FRAMES}; 0 takes it from "
                    "the latent. The released model was trained on 14.",
                ),
                pixels(
                    "radius",
                    "Radius in pixels within which a drag carries its surroundings, if no object is found or "
                    "carries is set to surroundings. It does not affect which object is found.",
                    default=24.0,
                    min=1.0,
                    step=0.5,
                ),
                fraction(
                    "hold",
                    "Fraction of the sampling for which the dragged areas stay tied to the moved picture. Higher "
                    "values follow the drags more closely; lower values let the model repair more.",
                    default=0.6,
                ),
                fraction("ground", "The same as hold, for the rest of the picture. 0 leaves it to the model."),
                io.Combo.Input(
                    "carries",
                    options=list(CARRIES),
                    default=CARRIES[0],
                    tooltip="What a drag without a mask carries: the object that it starts on, segmented by colours "
                    "and edges, or only its surroundings. Drags that move together carry one object.",
                ),
                io.Combo.Input(
                    "fill",
                    options=list(FILLS),
                    default=FILLS[0],
                    advanced=True,
                    tooltip="How areas that a moving object uncovers are filled: inpaint continues the surrounding "
                    "picture, neutral leaves them grey for the sampler to fill. With a background, it has no effect.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Masks of what is dragged, at the picture's or the clip's size. Connect one per drag (an "
                    "empty mask for none), or any number: each drag then gets the smallest mask that it starts in. "
                    "Objects drawn in the Trajectory Editor need none.",
                ),
                fit(
                    "How the picture is fitted to the clip's size. Use the same setting as in the Trajectory Editor; "
                    "the models' own nodes crop.",
                    optional=True,
                ),
                io.Image.Input(
                    "background",
                    optional=True,
                    tooltip="The picture without the moving objects, from an inpainting model or a second photograph, "
                    "of any size. It fills what they uncover, and is aligned to the picture; fill then has no effect.",
                ),
                io.Model.Input(
                    "model",
                    optional=True,
                    tooltip="The model that you sample with. Connect this node's model output to the sampler: it ties "
                    "the sampling by itself, without a noise mask or Differential Diffusion, and works with sound and "
                    "with streaming samplers.",
                ),
                io.Int.Input(
                    "hold_steps",
                    default=0,
                    min=0,
                    max=MAX_STEPS,
                    optional=True,
                    tooltip="Number of sampling steps for which the dragged areas stay tied, such as 2 of 4, in place "
                    "of the fraction hold; ground keeps its proportion to hold. 0 goes by hold. Needs model.",
                ),
            ],
            hidden=[io.Hidden.unique_id],
            outputs=[
                io.Latent.Output(
                    "latent",
                    tooltip="The latent to sample from. Without model connected, it has a noise mask: apply "
                    "Differential Diffusion to the model then.",
                ),
                io.Image.Output("video", tooltip="The moved picture, one image per frame: a preview of the motion."),
                io.Mask.Output("mask", tooltip="The carried areas in each frame."),
                io.Mask.Output(
                    "objects",
                    tooltip="Masks of what was carried, at the picture's full size: one per drag (empty for none), "
                    "then one per object. Correct them and connect them to masks, or use them in other nodes.",
                ),
                io.Model.Output(
                    "model",
                    tooltip="The connected model, tied to the moved picture. Connect it to the sampler of this latent.",
                ),
                io.Mask.Output(
                    "uncovered",
                    tooltip="What moving objects have uncovered and the camera has brought in, in each frame: what an "
                    "inpainting or VACE model should paint.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, image: torch.Tensor, trajectories: str, vae, latent: dict, width: int, height: int, frames: int,
                radius: float, hold: float, ground: float, carries: str = CARRIES[0], fill: str = FILLS[0],
                masks: torch.Tensor | None = None, fit: str = "crop", background: torch.Tensor | None = None,
                model=None, hold_steps: int = 0) -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.carry.composite import CarryInputs
        from ..dragnuwa.host.carry import Sampling, carry_into_sampling
        from ..dragnuwa.host.latents import frames_of

        clip = ModelClip(width, height, frames or frames_of(latent, vae))
        drags = trajectory.parse(trajectories, width=width, height=height)
        settings = CarrySettings(radius, carries, fill, hold, ground, fit)
        report = partial(show_text, node_id=cls.hidden.unique_id)  # the sampling begins when this node has ended
        sampling = Sampling(latent, vae, model, hold_steps, report)
        made = carry_into_sampling(sampling, CarryInputs(image, drags, clip, masks, background), settings)
        carried = made.carried
        return io.NodeOutput(
            made.latent, carried.video, carried.carried, carried.objects, made.model, carried.uncovered
        )
