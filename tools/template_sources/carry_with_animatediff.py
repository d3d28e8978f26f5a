"""AnimateDiff on Stable Diffusion 1.5, steered by the carried picture. ComfyUI has no nodes for motion modules: these
are of ComfyUI-AnimateDiff-Evolved, and the page says which pack that is where it is missing.

Not a blueprint of its own, which ComfyUI's node library would offer also to those who do not have that pack."""

from dataclasses import replace

from tools.blueprint_sources.drag_to_video_draganything import SD15
from tools.carried_blueprint import carried
from tools.graph_parts import carrying, decode, loader, restore, size, video
from tools.template_sources.carry_with_models import HOLD, HOLD_IN_CHINESE, Model
from tools.templates import Node

MOTION = "https://huggingface.co/conrevo/AnimateDiff-A1111/resolve/main/motion_module/mm_sd15_v3.safetensors"
PACK = {"cnr_id": "comfyui-animatediff-evolved", "ver": "1.5.7"}
"""By which ComfyUI's page finds the pack of a node that it does not know."""


def evolved(node: Node) -> Node:
    """A node of that pack."""
    return replace(node, properties=node.properties | PACK)


GRAPH = carried(
    "AnimateDiff",
    "Stable Diffusion 1.5 and AnimateDiff",
    "用 Stable Diffusion 1.5 和 AnimateDiff 把图片和其上的轨迹变成视频",
    asks=("prompt", "seed", "hold", "checkpoint", "motion_model"),
    nodes=[
        *size(frames=16),
        loader("checkpoint", "CheckpointLoaderSimple", 220, "ckpt_name", SD15, "checkpoints"),
        evolved(loader("motion_model", "ADE_LoadAnimateDiffModel", 390, "model_name", MOTION, "animatediff_models")),
        evolved(
            Node("applied", "ADE_ApplyAnimateDiffModelSimple", (0, 560), (300, 150),
                 links={"motion_model": "motion_model.MOTION_MODEL"})
        ),
        evolved(
            Node("animated", "ADE_UseEvolvedSampling", (340, 40), (300, 150),
                 links={"model": "checkpoint.MODEL", "m_models": "applied.M_MODELS"})
        ),
        Node("positive", "CLIPTextEncode", (340, 250), (300, 120), "Positive text",
             links={"clip": "checkpoint.CLIP", "text": "inputs.prompt"}),
        Node("negative", "CLIPTextEncode", (340, 430), (300, 120), "Negative text",
             values={"text": "blurry, distorted, watermark"}, links={"clip": "checkpoint.CLIP"}),
        Node("empty", "EmptyLatentImage", (340, 610), (300, 130),
             links={"width": "size.width", "height": "size.height", "batch_size": "frames.INT"}),
        carrying(680, 40, "animated.MODEL", "checkpoint.VAE", "empty.LATENT", radius=60.0, hold=0.6),
        Node(
            "sampler", "KSampler", (1020, 40), (280, 270),
            values={"seed": 42, "control_after_generate": "fixed", "steps": 20, "cfg": 7.0, "sampler_name": "euler",
                    "scheduler": "normal"},
            links={"model": "carry.model", "positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING",
                   "latent_image": "carry.latent", "seed": "inputs.seed"},
        ),
        decode(1340, 40, "checkpoint.VAE"),
        restore(1340, 160),
        video(1340, 480, "restore.images", fps=8.0),
    ],
)  # fmt: skip

TEMPLATE = Model(
    title="With AnimateDiff",
    blueprint=GRAPH,
    size=(640, 360, 16),
    heading="AnimateDiff on Stable Diffusion 1.5",
    does="Install **ComfyUI-AnimateDiff-Evolved** first, by ComfyUI's Manager. The picture itself is moved along the "
    "drags, and the model turns it into a video. It needs the two files that **Drag to Video** names, of which "
    "*mm_sd15_v3.safetensors* belongs in *models/animatediff_models*",
    numbers=f"The motion module was trained on 16 frames. For more, add **Context Options** of that pack inside **Drag "
    f"to Video**. {HOLD}",
    chinese_heading="Stable Diffusion 1.5 与 AnimateDiff",
    chinese_does="请先用 ComfyUI 的 Manager 安装 **ComfyUI-AnimateDiff-Evolved**。"
    "图片本身沿轨迹移动，再由模型变成视频。 "
    "需要 **Drag to Video** 中列出的两个文件，其中 *mm_sd15_v3.safetensors* 放在 *models/animatediff_models*；",
    chinese_numbers=f"该运动模块以 16 帧训练。若要更多帧，请在 **Drag to Video** 内添加该节点包的 **Context Options**。"
    f"{HOLD_IN_CHINESE}",
).template
