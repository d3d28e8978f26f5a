"""The small model that comes with the pack, with Carry and Restore Detail."""

from tools.carried_blueprint import ALIASES
from tools.graph_parts import CLIP, DRAGS, carrying, checkpoint, restore, sampling, size, text, video
from tools.templates import Node, Subgraph

INPUTS = ("picture", *CLIP, "fit", "masks", "prompt", "seed")
FOLLOW = 0.1  # the small model's blur is no reason to leave the moved picture
BETWEEN, RATE = 7, 24.0  # 50 frames of 8, two seconds


def nodes(between: int = 1, drags: str = DRAGS) -> list[Node]:
    """From the drags to a clip with the picture's detail, with `between` result frames per clip frame, in "restore"."""
    return [
        *size(),
        checkpoint(),
        text(),
        *sampling(drags=drags, latent="carry.latent", adapted="carry.model"),
        carrying(340, 660, "apply.model", "checkpoint.vae", "conditioning.latent", radius=14.0, drags=drags, hold=0.6),
        restore(1000, 160, drags=drags, follow=FOLLOW, interpolate=between),
    ]


BLUEPRINT = Subgraph(
    title="Drag to Video (embedded)",
    description="Turns a picture and drags on it into a video, with the small model that comes with the pack: no "
    "download is needed. The picture's own pixels are moved along the drags (DragNUWA Carry), and the picture's size "
    "and detail are restored in the video (DragNUWA Restore Detail). Connect a DragNUWA Trajectory Editor.",
    chinese="把图片和其上的轨迹变成视频，使用随节点包附带的小模型，无需下载。图片自身的像素沿轨迹移动，并在视频中"
    "恢复图片的尺寸和细节。请连接 DragNUWA 轨迹编辑器。",
    aliases=ALIASES,
    inputs=INPUTS,
    nodes=[*nodes(BETWEEN), video(1000, 480, "restore.images", RATE)],
    outputs={"video": "video.VIDEO", "images": "restore.images"},
)
