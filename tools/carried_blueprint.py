"""What the blueprints have in common in which a large model makes a clip from the carried picture."""

from __future__ import annotations

from collections.abc import Sequence

from tools.graph_parts import CLIP
from tools.templates import Node, Subgraph

ALIASES = ("animate", "draw", "motion", "move", "drag", "trajectory", "image to video")


def carried(
    name: str,
    model: str,
    chinese: str,
    *,
    asks: Sequence[str],
    nodes: Sequence[Node],
    aliases: Sequence[str] = ALIASES,
    held: str = "",
    chinese_held: str = "",
    sound: bool = False,
) -> Subgraph:
    """The blueprint "Drag to Video (NAME)", whose nodes end with "restore" and "video".

    Args:
        model, chinese: what makes the video, and how it is said in Chinese, with all before the colon.
        asks: the inputs besides those of the drags: a prompt, the seed, the hold, and the files.
        held, chinese_held: what is said of how long the carried picture holds.
    """
    kind, made, chinese_made = (" with sound", "a video and its sound", "及其声音") if sound else ("", "a video", "")
    return Subgraph(
        title=f"Drag to Video ({name})",
        description=f"Turns a picture and drags on it into a video{kind} with {model}: the picture's own pixels are "
        f"moved along the drags (DragNUWA Carry){held}, the model makes {made} of that, and the picture's size and "
        "detail are restored in it (DragNUWA Restore Detail). Connect a DragNUWA Trajectory Editor.",
        chinese=f"{chinese}：图片自身的像素沿轨迹移动{chinese_held}，再由模型生成视频{chinese_made}，并恢复图片的尺寸和细节"
        "。请连接 DragNUWA 轨迹编辑器。",
        aliases=aliases,
        inputs=("picture", *CLIP, "fit", "masks", *asks),
        nodes=nodes,
        outputs={"video": "video.VIDEO", "images": "restore.images"},
    )
