"""The small model that comes with the pack, with Carry and Restore Detail."""

from tools.graph_parts import CLIP, carrying, checkpoint, restore, sampling, size, text, video
from tools.templates import Node, Subgraph

INPUTS = ("picture", *CLIP, "fit", "masks", "prompt", "seed", "strength", "hold", "checkpoint")
ALIASES = ("animate", "draw", "motion", "move", "drag", "trajectory", "image to video")


def nodes() -> list[Node]:
    """From the drags to a clip with the picture's detail, in "restore"."""
    return [
        *size(),
        checkpoint(),
        text(),
        *sampling(latent="carry.latent", adapted="differential.MODEL"),
        *carrying(340, 660, "apply.model", "checkpoint.vae", "conditioning.latent", radius=14.0),
        restore(1000, 160),
    ]


BLUEPRINT = Subgraph(
    title="Drag to Video (embedded)",
    description="A picture and the drags on it become a video, with the small model that comes with the pack: nothing "
    "has to be downloaded. The picture's own pixels are moved along the drags (DragNUWA Carry), and the video gets the "
    "picture's size and detail back (DragNUWA Restore Detail). Connect a DragNUWA Trajectory Editor.",
    aliases=ALIASES,
    inputs=INPUTS,
    nodes=[*nodes(), video(1000, 480, "restore.images")],
    outputs={"video": "video.VIDEO", "images": "restore.images"},
)
