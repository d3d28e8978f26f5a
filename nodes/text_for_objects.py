"""Text for Objects: a text of its own for each object of a drawing, where it is in each frame."""

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import MAX_MODEL_FRAMES
from ..dragnuwa.host.latents import video_samples
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.region_texts import OVER_TIME, Regions, SampledClip, with_texts
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL, fraction, trajectories


class TextForObjects(io.ComfyNode):
    """Makes conditioning whose texts follow the objects."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWATextForObjects",
            display_name="DragNUWA Text for Objects",
            category=MODEL,
            description="Gives each object of the drawing a text of its own, which the model follows where the object "
            "is in each frame. The texts are those in the Trajectory Editor's properties of objects.",
            search_aliases=["regional prompt", "area prompt", "mask conditioning", "prompt per object", "CLIP"],
            inputs=[
                io.Clip.Input("clip", tooltip="The text encoder of the model that you sample with."),
                io.Conditioning.Input(
                    "conditioning",
                    tooltip="The positive conditioning for the whole picture, from the model's own conditioning node. "
                    "Where an object with a text is, that text takes its place.",
                ),
                trajectories(
                    "A drawing with objects. What each of them is stands in its properties: its text, or its name if "
                    "the text is empty."
                ),
                io.Vae.Input("vae", tooltip="The VAE of the model that you sample with."),
                io.Latent.Input("latent", tooltip="The latent that is sampled: it gives size and number of frames."),
                fraction(
                    "strength",
                    "How much of an object's area follows its own text: 1 is all of it, at 0.5 the text for the whole "
                    "picture has half.",
                    default=1.0,
                ),
                io.Combo.Input(
                    "over_time",
                    options=list(OVER_TIME),
                    default=OVER_TIME[0],
                    tooltip="Whether a text follows its object from frame to frame, or holds in the whole clip "
                    "wherever the object comes. Video models in context windows take only the latter.",
                ),
                fraction("start_percent", "When the texts begin to count: 0 is the start of the sampling.", step=0.001),
                fraction(
                    "end_percent", "When they cease to count: 1 is the end of the sampling.", default=1.0, step=0.001
                ),
                io.Int.Input(
                    "frames",
                    default=0,
                    min=0,
                    max=MAX_MODEL_FRAMES,
                    optional=True,
                    advanced=True,
                    tooltip="Number of frames of the clip; 0 takes it from the latent. Set it if guides have been "
                    "added at the latent's end, as LTX's nodes do.",
                ),
            ],
            outputs=[
                io.Conditioning.Output("conditioning", tooltip="Connect it to positive of the sampler."),
                io.Mask.Output(
                    "mask", tooltip="Where a text of an object counts, at the latent's size: one mask per latent frame."
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, clip, conditioning: list, trajectories: str, vae, latent: dict, strength: float, over_time: str,
                start_percent: float, end_percent: float, frames: int = 0) -> io.NodeOutput:  # fmt: skip
        samples = video_samples(latent, vae)
        pixel = vae.spacial_compression_encode()
        drawing = trajectory.parse(trajectories, width=samples.shape[-1] * pixel, height=samples.shape[-2] * pixel)
        regions = Regions(strength, start_percent, end_percent, over_time)
        made, mask = with_texts(conditioning, drawing, clip, SampledClip(latent, vae, frames), regions)
        return io.NodeOutput(made, mask)
