"""Drags of the editor steer Wan-Move, ComfyUI's own, through TRACKS."""

from dataclasses import replace

from template_sources.parts import editor, picture, preview, video
from templates import Node, Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 480, "height": 480},
 "tracks": [
  {"id": "left", "name": "left arm", "color": "#1f77b4", "points": [{"x": 0.27, "y": 0.47}, {"x": 0.24, "y": 0.36}, {"x": 0.3, "y": 0.26}]},
  {"id": "right", "name": "right arm", "color": "#d62728", "points": [{"x": 0.75, "y": 0.47}, {"x": 0.78, "y": 0.36}, {"x": 0.72, "y": 0.26}]},
  {"id": "foot", "name": "feet stay", "color": "#2ca02c", "kind": "anchor", "points": [{"x": 0.45, "y": 0.93}]}
 ]}"""  # noqa: E501
REPACKAGED = "https://huggingface.co/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"
WAN_MOVE = "https://huggingface.co/Kijai/WanVideo_comfy_fp8_scaled/resolve/main/WanMove"
SIZE = {name: f"editor.{name}" for name in ("width", "height")}


def loader(name: str, kind: str, y: int, widget: str, file: str, directory: str, place: str = "", **values) -> Node:
    place = place or f"{REPACKAGED}/{directory}"
    models = [{"name": file, "url": f"{place}/{file}", "directory": directory}]
    return Node(name, kind, (0, y), (300, 110), values={widget: file, **values}, properties={"models": models})


def drawn() -> Node:
    made = editor((340, 40), DRAGS)
    return replace(made, values=made.values | {"width": 480, "height": 480, "frames": 81})


TEMPLATE = Template(
    note="""## Draw here, generate with Wan-Move

1. Pick a picture in **Load Image**, and draw in the **Trajectory Editor**. It needs the four files of Wan-Move that the
  loaders name; ComfyUI offers to download them.
2. **DragNUWA Export Trajectories** gives the drags as `tracks`, one position for each of the 81 frames, hidden where a
  track is hidden. What a format cannot hold stands on the node.
3. Describe the video in the positive text, and press **Run**.

The number of frames is a multiple of 4 and one more. Everything that makes drags can be connected in place of the
  editor: a camera, a motion brush, the motion of a video.
""",
    nodes=[
        picture((0, 40)),
        loader("unet", "UNETLoader", 440, "unet_name", "Wan21-WanMove_fp8_scaled_e4m3fn_KJ.safetensors",
               "diffusion_models", WAN_MOVE),
        loader("clip", "CLIPLoader", 610, "clip_name", "umt5_xxl_fp8_e4m3fn_scaled.safetensors", "text_encoders",
               type="wan"),
        loader("vae", "VAELoader", 780, "vae_name", "wan_2.1_vae.safetensors", "vae"),
        loader("vision", "CLIPVisionLoader", 950, "clip_name", "clip_vision_h.safetensors", "clip_vision"),
        Node("look", "CLIPVisionEncode", (0, 1120), (300, 80), values={"crop": "none"},
             links={"clip_vision": "vision.CLIP_VISION", "image": "editor.image"}),
        drawn(),
        Node("positive", "CLIPTextEncode", (340, 1400), (300, 150), "Positive text",
             values={"text": "a girl in a pink dress raises her arms"}, links={"clip": "clip.CLIP"}),
        Node("negative", "CLIPTextEncode", (340, 1620), (300, 150), "Negative text",
             values={"text": "blurry, distorted, static"}, links={"clip": "clip.CLIP"}),
        Node("export", "DragNUWAExportTrajectories", (800, 40), (300, 260),
             links={"trajectories": "editor.trajectories", "frames": "editor.frames", **SIZE}),
        Node(
            "conditioning", "WanMoveTrackToVideo", (800, 370), (300, 300),
            links={
                "positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", "vae": "vae.VAE",
                "tracks": "export.tracks", "clip_vision_output": "look.CLIP_VISION_OUTPUT",
                "start_image": "editor.image", "length": "editor.frames", **SIZE,
            },
        ),
        Node("shift", "ModelSamplingSD3", (1140, 40), (280, 80), values={"shift": 8.0}, links={"model": "unet.MODEL"}),
        Node(
            "sampler", "KSampler", (1140, 180), (280, 270),
            values={
                "seed": 42, "control_after_generate": "fixed", "steps": 20, "cfg": 5.0, "sampler_name": "euler",
                "scheduler": "simple",
            },
            links={
                "model": "shift.MODEL", "positive": "conditioning.positive", "negative": "conditioning.negative",
                "latent_image": "conditioning.latent",
            },
        ),
        Node("decode", "VAEDecode", (1460, 40), (220, 60), links={"samples": "sampler.LATENT", "vae": "vae.VAE"}),
        *video((1460, 160), "decode.IMAGE"),
        *preview((340, 860), "editor.trajectories"),
    ],
)  # fmt: skip
