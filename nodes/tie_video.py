"""Tie Video: keeps a sampling at a video, but for what a mask leaves to the model."""

from functools import partial

import torch

from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import VIDEO, fraction


class TieVideo(io.ComfyNode):
    """Ties a model's sampling to a video."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWATieVideo",
            display_name="DragNUWA Tie Video",
            category=VIDEO,
            description="Lets any video model repaint a part of a video: the sampling is tied to the video outside of "
            "the mask until the end, and inside of it for its first steps.",
            search_aliases=["inpaint video", "sdedit", "video to video", "repaint", "differential diffusion"],
            inputs=[
                io.Model.Input("model", tooltip="The model that you sample with."),
                io.Vae.Input("vae", tooltip="The VAE of the model that you sample with."),
                io.Latent.Input(
                    "latent", tooltip="The empty latent of the video, from the model's own conditioning node."
                ),
                io.Image.Input(
                    "images",
                    tooltip="The video, one image per frame, such as the edited one of DragNUWA Edit Video. It is "
                    "scaled to the latent's size.",
                ),
                io.Mask.Input("mask", tooltip="What the model may repaint, one mask per frame."),
                fraction(
                    "hold",
                    "Fraction of the sampling for which the inside of the mask stays tied, too. Higher values keep it "
                    "closer to the video; lower values let the model repair more.",
                    default=0.5,
                ),
            ],
            hidden=[io.Hidden.unique_id],
            outputs=[
                io.Model.Output(
                    "model", tooltip="The tied model. Connect it to the sampler of this latent, and put the video back "
                    "outside of the mask with Image Composite Masked."
                ),
            ],
        )  # fmt: skip

    @classmethod
    @interruptible
    def execute(cls, model, vae, latent: dict, images: torch.Tensor, mask: torch.Tensor, hold: float) -> io.NodeOutput:
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.host.carry import Sampling, tie_to_video

        report = partial(show_text, node_id=cls.hidden.unique_id)  # the sampling begins when this node has ended
        return io.NodeOutput(tie_to_video(Sampling(latent, vae, model, report=report), images, mask, hold))
