"""MiniMax H3, steered by the carried picture and guided by two of its frames, one of them in the middle of the clip.

Add Guide for MiniMax H3 is a node of ComfyUI since 0.34. Not a blueprint of its own, which ComfyUI's node library would
offer also to those who have an older one."""

from tools.blueprint_sources.drag_to_video_h3 import FILES, sampled
from tools.carried_blueprint import carried
from tools.template_sources.carry_with_models import HOLD_IN_CHINESE, Model
from tools.templates import Node

NEWER = {"cnr_id": "comfy-core", "ver": "0.34.0"}
"""By which ComfyUI's page says that a node needs a newer ComfyUI."""
FRAMES = 124
LAST = -1  # counted from the end, by both nodes


def guide(name: str, x: int, after: str, at: int, number: str = "") -> list[Node]:
    """A frame of Carry's video as a guide at that frame. Named "NAME_frame" and NAME.

    Args:
        after: the conditioning before it.
        at: the number of the frame, or what gives it is `number`.
    """
    frame, index = ({widget: number} if number else {} for widget in ("batch_index", "frame_idx"))
    return [
        Node(f"{name}_frame", "ImageFromBatch", (x, 40), (300, 110), values={"batch_index": at, "length": 1},
             links={"image": "carry.video", **frame}),
        Node(name, "MiniMaxH3AddGuide", (x, 210), (300, 190), values={"frame_idx": at}, properties=NEWER,
             links={"positive": after, "vae": "vae.VAE", "latent": "conditioning.LATENT",
                    "image": f"{name}_frame.IMAGE", **index}),
    ]  # fmt: skip


NUMBER = Node(
    "number", "PrimitiveInt", (1020, 460), (300, 90), "Number of the frame in between",
    values={"value": FRAMES // 2}, links={"value": "inputs.guided_frame"},
)  # fmt: skip

GRAPH = carried(
    "MiniMax H3, guides",
    "MiniMax H3",
    "用 MiniMax H3 把图片和其上的轨迹变成有声视频",
    sound=True,
    asks=("prompt", "seed", "hold", "guided_frame", *FILES),
    nodes=sampled(
        [
            NUMBER,
            *guide("between", 1020, "conditioning.positive", FRAMES // 2, "number.INT"),
            *guide("last", 1360, "between.positive", LAST),
        ],
        positive="last.positive",
        x=1700,
    ),
)

TEMPLATE = Model(
    title="With MiniMax H3 (guides)",
    blueprint=GRAPH,
    size=(1088, 608, FRAMES),
    sound=True,
    room=40,
    heading="MiniMax H3 with guides in the middle of the clip",
    does="The picture itself is moved along the drags, and MiniMax H3 makes a video and its sound of that, which "
    "passes through two frames of the moved picture: one in between, and the last. It needs **ComfyUI 0.34 or newer**, "
    "and the four files that **Drag to Video** names",
    numbers="**guided_frame**: the number of the frame in between, counted from 0. More guides: copy the two nodes "
    "inside **Drag to Video**. **hold**: for how long the moved picture also holds the first steps; at 0, the guides "
    "alone steer. The number of frames is a multiple of 17 plus 5.",
    chinese_heading="在片段中间设引导帧的 MiniMax H3",
    chinese_does="图片本身沿轨迹移动，再由 MiniMax H3 生成视频及其声音，并经过移动后图片的两帧：中间一帧和最后一帧。 "
    "需要 **ComfyUI 0.34 或更新版本**，以及 **Drag to Video** 中列出的四个文件；",
    chinese_numbers="**guided_frame**：中间引导帧的编号，从 0 起。"
    "若要更多引导帧，请在 **Drag to Video** 内复制这两个节点。 "
    f"{HOLD_IN_CHINESE}设为 0 时只由引导帧控制。帧数为 17 的倍数加 5。",
).template
