"""Parts of several templates: the small model's settings, and the way from drags to a saved video."""

from __future__ import annotations

from templates import Node

WIDTH, HEIGHT, FRAMES = 128, 128, 8  # what the small model knows
NO_DRAGS = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": []}'


def editor(
    at: tuple[int, int], trajectories: str = NO_DRAGS, frames: int = FRAMES, image: str = "picture.IMAGE"
) -> Node:
    """The Trajectory Editor, which gives the picture and the clip's size to the rest. Named "editor"."""
    values = {"trajectories": trajectories, "width": WIDTH, "height": HEIGHT, "frames": frames}
    return Node("editor", "DragNUWATrajectoryEditor", at, (420, 740), values=values, links={"image": image})


def picture(at: tuple[int, int]) -> Node:
    """Load Image with ComfyUI's own example. Named "picture"."""
    return Node("picture", "LoadImage", at, (300, 330), values={"image": "example.png"})


def checkpoint(at: tuple[int, int]) -> Node:
    """The small model. Named "checkpoint"."""
    values = {"ckpt_name": "dragnuwa-tiny.safetensors"}
    return Node("checkpoint", "DragNUWALoadCheckpoint", at, (300, 150), values=values)


def text(at: tuple[int, int], words: str = "") -> Node:
    """What is in the picture; the small model wants a text, which may be empty. Named "text"."""
    values = {"text": words}
    return Node("text", "CLIPTextEncode", at, (300, 120), values=values, links={"clip": "checkpoint.clip"})


def preview(at: tuple[int, int], drags: str) -> list[Node]:
    """The drags over the picture. Named "preview" and "preview_image"."""
    links = {"image": "editor.image", "trajectories": drags, "frames": "editor.frames"}
    return [
        Node("preview", "DragNUWAPreviewTrajectories", at, (280, 110), links=links),
        Node(
            "preview_image", "PreviewImage", (at[0], at[1] + 170), (420, 340), "The drags, frame by frame",
            links={"images": "preview.image"},
        ),
    ]  # fmt: skip


def sampling(
    at: tuple[int, int],
    drags: str,
    *,
    start_image: str = "editor.image",
    frames: str = "editor.frames",
    positive: str = "text.CONDITIONING",
    suffix: str = "",
) -> list[Node]:
    """From drags to pictures, 1000 px wide: needs "editor", "checkpoint" and "text". Named encode, conditioning, apply,
    guidance, sampler and decode, each with the suffix. Connect decode's IMAGE.

    drags, start_image, frames, positive: "node.output".
    """
    x, y = at
    size = {"width": "editor.width", "height": "editor.height", "frames": frames}
    return [
        Node(
            f"encode{suffix}", "DragNUWAEncodeTrajectories", (x, y), (300, 180),
            values={"kernel_size": 79, "sigma": 8.0},
            links={"trajectories": drags, **size},
        ),
        Node(
            f"conditioning{suffix}", "DragNUWAConditioning", (x, y + 250), (300, 290),
            links={"vae": "checkpoint.vae", "start_image": start_image, "positive": positive, **size},
        ),
        Node(
            f"apply{suffix}", "DragNUWAApply", (x + 340, y), (280, 170),
            links={"model": "checkpoint.model", "adapter": "checkpoint.adapter", "flow": f"encode{suffix}.flow"},
        ),
        Node(
            f"guidance{suffix}", "VideoLinearCFGGuidance", (x + 340, y + 230), (280, 80), values={"min_cfg": 1.0},
            links={"model": f"apply{suffix}.model"},
        ),
        _sampler((x + 340, y + 370), suffix),
        Node(
            f"decode{suffix}", "VAEDecode", (x + 660, y), (220, 60),
            links={"samples": f"sampler{suffix}.LATENT", "vae": "checkpoint.vae"},
        ),
    ]  # fmt: skip


def _sampler(at: tuple[int, int], suffix: str) -> Node:
    """KSampler with the small model's settings."""
    values = {
        "seed": 42, "control_after_generate": "fixed", "steps": 8, "cfg": 1.0, "sampler_name": "euler",
        "scheduler": "karras",
    }  # fmt: skip
    links = {
        "model": f"guidance{suffix}.MODEL", "positive": f"conditioning{suffix}.positive",
        "negative": f"conditioning{suffix}.negative", "latent_image": f"conditioning{suffix}.latent",
    }  # fmt: skip
    return Node(f"sampler{suffix}", "KSampler", at, (280, 270), values=values, links=links)


def restore(at: tuple[int, int], images: str) -> Node:
    """The picture's detail in the clip ("node.output"), at the picture's size; needs "carry". Named "restore"."""
    links = {
        "images": images, "picture": "picture.IMAGE", "masks": "carry.objects", "trajectories": "editor.trajectories",
    }  # fmt: skip
    return Node("restore", "DragNUWARestoreDetail", at, (280, 250), links=links)


def video(at: tuple[int, int], images: str) -> list[Node]:
    """From pictures ("node.output") to a saved video. Named "video" and "save"."""
    return [
        Node("video", "CreateVideo", at, (260, 110), values={"fps": 7.0}, links={"images": images}),
        Node("save", "SaveVideo", (at[0] + 300, at[1]), (420, 440), values={"filename_prefix": "video/dragnuwa"},
             links={"video": "video.VIDEO"}),
    ]  # fmt: skip
