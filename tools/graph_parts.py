"""Parts of several templates and blueprints: from the picture to the drags, from drags to a clip, and to a video."""

from __future__ import annotations

from tools.templates import Node, Subgraph

FRAMES = 8  # what the small model knows, in about 128x128 pixels
WIDE, TALL = 160, 104  # as many for a photograph of 3:2
LONG, LOW = 168, 96  # and for one of 16:9
EDITOR = 812, 960  # in a window of 1280x720, in which the page shows all of it, the longer side of a picture has 480 px
BESIDE = 330 + EDITOR[0] + 30  # from where on a node lies beside such an editor
NO_DRAGS = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": []}'
SMALL = "dragnuwa-tiny.safetensors"
MADE = "Make the video"  # the title of the blueprint in a template
CLIP = ("image", "trajectories", "frames")  # what a blueprint takes from the Trajectory Editor
DRAGS = "inputs.trajectories"
OF_VIDEO = ("images", "trajectories", "width", "height", "fit", "audio", "fps", "masks", "sam3_tracks", "margin")
"""What a blueprint of drags on a video takes from the editor and the video."""
SIZE = {"width": "size.width", "height": "size.height", "frames": "frames.INT"}


def start(
    trajectories: str = NO_DRAGS, *, width: int, height: int, picture: str, frames: int = FRAMES,
    editor_size: tuple[int, int] = EDITOR,
) -> list[Node]:  # fmt: skip
    """Load Image with one of the photographs in web/pictures/, and the Trajectory Editor beside it, which gives the
    picture and the clip's size to the rest. Named "picture" and "editor"."""
    values = {"trajectories": trajectories, "width": width, "height": height, "frames": frames}
    return [
        Node("picture", "LoadImage", (0, 40), (300, 330), values={"image": picture}),
        Node(
            "editor", "DragNUWATrajectoryEditor", (330, 40), editor_size, values=values,
            links={"image": "picture.IMAGE"}, properties={"example_drags": True} if trajectories != NO_DRAGS else {},
        ),
    ]  # fmt: skip


def drag_to(
    blueprint: Subgraph,
    x: int = BESIDE,
    drags: str = "editor.trajectories",
    *,
    values: dict | None = None,
    room: int = 0,
    **links: str,
) -> list[Node]:
    """A blueprint that turns drags ("node.output") into a video, and the video under it, `room` px lower where the
    blueprint's face has more than others. Named "made" and "save"."""
    given = {"image": "editor.image", "trajectories": drags, "frames": "editor.frames"}
    if "picture" in blueprint.inputs:
        given |= {"picture": "picture.IMAGE", "masks": "picture.MASK", "fit": "editor.fit"}
    return [
        Node("made", blueprint, (x, 40), (460, 330 + room), MADE, values=values or {}, links=given | links),
        saved((x, 450 + room), "made.video", (460, 410 - room)),
    ]


def saved(at: tuple[int, int], video: str, size: tuple[int, int] = (460, 410)) -> Node:
    """Named "save"."""
    return Node(
        "save", "SaveVideo", at, size, "The video", values={"filename_prefix": "video/dragnuwa"}, links={"video": video}
    )


def loader(name: str, kind: str, y: int, widget: str, url: str, directory: str, *, model: str = "", **values) -> Node:
    """A node that loads one file, of which ComfyUI says where it is to be had; a LoRA's takes a model."""
    links = {widget: f"inputs.{name}"} | ({"model": model} if model else {})
    return Node(name, kind, (0, y), (300, 110), values={widget: file_name(url), **values}, links=links,
                properties=download(url, directory))  # fmt: skip


def file_name(url: str) -> str:
    return url.rsplit("/", 1)[1]


def download(url: str, directory: str) -> dict:
    """The properties of a node by which ComfyUI offers to download its file."""
    return {"models": [{"name": file_name(url), "url": url, "directory": directory}]}


def size(frames: int = FRAMES) -> list[Node]:
    """The clip's width and height, which are those of the image, and its frames, where none are connected as many as
    the model knows. Named "size" and "frames"."""
    return [
        Node("size", "GetImageSize", (0, -240), (300, 120), links={"image": "inputs.image"}),
        Node("frames", "PrimitiveInt", (0, -60), (300, 60), "Frames", {"value": frames},
             {"value": "inputs.frames"}),
    ]  # fmt: skip


def checkpoint(y: int = 220, name: str = SMALL, **properties) -> Node:
    """Named "checkpoint"."""
    return Node(
        "checkpoint", "DragNUWALoadCheckpoint", (0, y), (300, 150), values={"ckpt_name": name},
        links={"ckpt_name": "inputs.checkpoint"}, properties=properties,
    )  # fmt: skip


def text(y: int = 430) -> Node:
    """What is in the picture; the small model wants a text, which may be empty. Named "text"."""
    links = {"clip": "checkpoint.clip", "text": "inputs.prompt"}
    return Node("text", "CLIPTextEncode", (0, y), (300, 120), links=links)


def sampling(
    x: int = 340,
    y: int = 40,
    *,
    drags: str = DRAGS,
    start_image: str = "inputs.image",
    clip: dict[str, str] = SIZE,
    adapted: str | None = None,
    latent: str | None = None,
    suffix: str = "",
) -> list[Node]:
    """From drags to pictures with the small model, 900 px wide: needs "checkpoint" and "text". Named encode,
    conditioning, apply, guidance, sampler and decode, each with the suffix. Connect decode's IMAGE.

    adapted: the model that the guidance takes, in place of Apply's. latent: from which the sampling begins, in place of
    the empty one.
    """
    return [
        Node(
            f"encode{suffix}", "DragNUWAEncodeTrajectories", (x, y), (300, 180),
            values={"kernel_size": 79, "sigma": 8.0}, links={"trajectories": drags, **clip},
        ),
        Node(
            f"conditioning{suffix}", "DragNUWAConditioning", (x, y + 250), (300, 290),
            links={"vae": "checkpoint.vae", "start_image": start_image, "positive": "text.CONDITIONING", **clip},
        ),
        Node(
            f"apply{suffix}", "DragNUWAApply", (x + 340, y), (280, 170),
            links={"model": "checkpoint.model", "adapter": "checkpoint.adapter", "flow": f"encode{suffix}.flow",
                   "strength": "inputs.strength"},
        ),
        guidance(x + 340, y + 230, adapted or f"apply{suffix}.model", suffix),
        sampler(
            x + 340, y + 370, f"conditioning{suffix}", latent or f"conditioning{suffix}.latent",
            f"guidance{suffix}.MODEL", suffix=suffix, steps=4, cfg=1.0,
        ),
        decode(x + 660, y, "checkpoint.vae", suffix),
    ]  # fmt: skip


def guidance(x: int, y: int, model: str, suffix: str = "") -> Node:
    """Guidance that grows over the frames. Named "guidance" and the suffix."""
    return Node(f"guidance{suffix}", "VideoLinearCFGGuidance", (x, y), (280, 80), values={"min_cfg": 1.0},
                links={"model": model})  # fmt: skip


def sampler(
    x: int, y: int, conditioning: str, latent: str, model: str = "guidance.MODEL", *, scheduler: str = "karras",
    suffix: str = "", **values,
) -> Node:  # fmt: skip
    """KSampler, with `steps` and `cfg`. Named "sampler" and the suffix."""
    settings = {"seed": 42, "control_after_generate": "fixed", "sampler_name": "euler", "scheduler": scheduler}
    links = {"model": model, "positive": f"{conditioning}.positive", "negative": f"{conditioning}.negative",
             "latent_image": latent, "seed": "inputs.seed"}  # fmt: skip
    return Node(f"sampler{suffix}", "KSampler", (x, y), (280, 270), values=settings | values, links=links)


def step_by_step(
    x: int, y: int, guider: str, sigmas: str, latent: str, *, kind: str = "KSamplerSelect", **values
) -> list[Node]:
    """SamplerCustomAdvanced with a sampler of this kind. Named "noise", "method" and "sampler"; connect the sampler's
    output."""
    links = {"noise": "noise.NOISE", "guider": guider, "sampler": "method.SAMPLER", "sigmas": sigmas,
             "latent_image": latent}  # fmt: skip
    seed = {"noise_seed": 42, "control_after_generate": "fixed"}
    return [
        Node("noise", "RandomNoise", (x, y), (280, 90), values=seed, links={"noise_seed": "inputs.seed"}),
        Node("method", kind, (x, y + 150), (280, 60), values=values),
        Node("sampler", "SamplerCustomAdvanced", (x, y + 270), (280, 110), links=links),
    ]


def decode(x: int, y: int, vae: str, suffix: str = "", *, samples: str = "") -> Node:
    """Of a sampler, or of other samples. Named "decode" and the suffix."""
    links = {"samples": samples or f"sampler{suffix}.LATENT", "vae": vae}
    return Node(f"decode{suffix}", "VAEDecode", (x, y), (220, 60), links=links)


def carrying(
    x: int, y: int, model: str, vae: str, latent: str, *, radius: float, drags: str = DRAGS, **hold: float
) -> Node:
    """The picture carried along the drags, and the model that is tied to it, for a `hold` or for `hold_steps`, which
    the blueprint's input of that name sets. Named "carry"."""
    links = {"image": "inputs.picture", "masks": "inputs.masks", "trajectories": drags, "vae": vae,
             "latent": latent, "fit": "inputs.fit", "model": model, **SIZE,
             **{name: f"inputs.{name}" for name in hold}}  # fmt: skip
    return Node("carry", "DragNUWACarry", (x, y), (300, 460), values={"radius": radius, **hold}, links=links)


def restore(x: int, y: int, *, drags: str = DRAGS, **values) -> Node:
    """The picture's detail in the clip, at the picture's size; needs "decode" and "carry". Named "restore"."""
    links = {"images": "decode.IMAGE", "picture": "inputs.picture", "masks": "carry.objects",
             "trajectories": drags, "fit": "inputs.fit"}  # fmt: skip
    return Node("restore", "DragNUWARestoreDetail", (x, y), (280, 250), values=values, links=links)


def video(x: int, y: int, images: str, fps: float = 7.0, **sound: str) -> Node:
    """Of pictures, and of a sound where there is one (`audio`). Named "video"."""
    return Node("video", "CreateVideo", (x, y), (260, 110), values={"fps": fps}, links={"images": images, **sound})


def edit_in_video(x: int = 340, y: int = 700) -> list[Node]:
    """The video with its drags, and the size of it. Named "edit" and "size", whose batch_size is the number of
    frames."""
    inputs = (name for name in OF_VIDEO if name not in ("audio", "fps"))
    return [
        Node("edit", "DragNUWAEditVideo", (x, y), (300, 330), links={name: f"inputs.{name}" for name in inputs}),
        Node("size", "GetImageSize", (x, y + 390), (300, 120), links={"image": "edit.images"}),
    ]


def put_back(x: int, y: int, repainted: str) -> list[Node]:
    """The repainted part in the edited video, with its sound and frame rate. Named "whole" and "video".

    A model that takes certain numbers of frames only makes fewer than the video has: the video is cut to them, since
    ComfyUI would begin again with the first of them."""
    links = {"destination": "same.IMAGE", "source": repainted, "mask": "edit.mask"}
    return [
        Node("made", "GetImageSize", (x, y + 370), (260, 120), links={"image": repainted}),
        Node("same", "ImageFromBatch", (x, y + 520), (260, 90), values={"batch_index": 0, "length": 1},
             links={"image": "edit.images", "length": "made.batch_size"}),
        Node("whole", "ImageCompositeMasked", (x, y), (260, 170), values={"x": 0, "y": 0, "resize_source": True},
             links=links),
        Node("video", "CreateVideo", (x, y + 230), (260, 110),
             links={"images": "whole.IMAGE", "audio": "inputs.audio", "fps": "inputs.fps"}),
    ]  # fmt: skip
