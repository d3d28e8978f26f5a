"""Removes objects from a video with VOID, which also removes what they did to the rest, such as their shadows."""

from tools.graph_parts import OF_VIDEO, decode, edit_in_video, loader, put_back, step_by_step
from tools.templates import Node, Subgraph

PLACE = "https://huggingface.co/Comfy-Org/void-model/resolve/main"
ENCODER = "https://huggingface.co/comfyanonymous/flux_text_encoders/resolve/main/t5xxl_fp16.safetensors"
FILES = ("model", "text_encoder", "vae")

BLUEPRINT = Subgraph(
    title="Remove from a Video (VOID)",
    description="Removes objects from a video with VOID, with their shadows and reflections: they are found and "
    "followed by drags on them (DragNUWA Edit Video), and the model repaints their places. The sound and the frame "
    "rate stay. Connect Get Video Components and a DragNUWA Trajectory Editor.",
    chinese="用 VOID 从视频中移除物体及其阴影和倒影：由画在其上的轨迹找到并跟踪物体（DragNUWA 编辑视频），"
    "再由模型重绘其位置。声音和帧率保持不变。请连接“获取视频组件”和 DragNUWA 轨迹编辑器。",
    aliases=("object removal", "remove object", "inpaint video", "erase", "clean plate", "shadow"),
    inputs=(*OF_VIDEO, "prompt", "seed", *FILES),
    nodes=[
        loader("model", "UNETLoader", 40, "unet_name", f"{PLACE}/diffusion_models/void_pass1.safetensors",
               "diffusion_models"),
        loader("text_encoder", "CLIPLoader", 210, "clip_name", ENCODER, "text_encoders", type="cogvideox"),
        loader("vae", "VAELoader", 390, "vae_name", f"{PLACE}/vae/cogvideox_vae.safetensors", "vae"),
        Node("positive", "CLIPTextEncode", (340, 40), (300, 120), "Positive text",
             links={"text": "inputs.prompt", "clip": "text_encoder.CLIP"}),
        Node("negative", "CLIPTextEncode", (340, 220), (300, 120), "Negative text",
             links={"clip": "text_encoder.CLIP"}),
        *edit_in_video(),
        # The model's mask is 0 on the object, and between 0 and 1 where it may have had an effect: the margin.
        Node("kept", "InvertMask", (680, 390), (300, 40), links={"mask": "edit.mask"}),
        Node("quadmask", "VOIDQuadmaskPreprocess", (680, 490), (300, 60), links={"mask": "kept.MASK"}),
        Node(
            "conditioning", "VOIDInpaintConditioning", (680, 40), (300, 290),
            links={"positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", "vae": "vae.VAE",
                   "video": "inputs.images", "quadmask": "quadmask.quadmask", "width": "size.width",
                   "height": "size.height", "length": "size.batch_size"},
        ),
        Node("guider", "CFGGuider", (1020, 40), (280, 120), values={"cfg": 6.0},
             links={"model": "model.MODEL", "positive": "conditioning.positive",
                    "negative": "conditioning.negative"}),
        Node("steps", "BasicScheduler", (1020, 640), (280, 110), values={"scheduler": "simple", "steps": 30},
             links={"model": "model.MODEL"}),
        *step_by_step(1020, 220, "guider.GUIDER", "steps.SIGMAS", "conditioning.latent", kind="VOIDSampler"),
        decode(1340, 40, "vae.VAE", samples="sampler.output"),
        *put_back(1340, 160, "decode.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "whole.IMAGE"},
)  # fmt: skip
