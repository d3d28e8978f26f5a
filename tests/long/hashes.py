"""Hashes of what the ways from drags to pixels give, to see whether a change of the code changes them.

    .venv/bin/python tests/long/hashes.py                             prints a table, in about two minutes
    .venv/bin/python tests/long/hashes.py --save FILE.json            and keeps it, with samples beside it in FILE.npz
    .venv/bin/python tests/long/hashes.py --compare FILE.json         prints only what differs, and by how much
    .venv/bin/python tests/long/hashes.py --only move --only camera   cases whose names contain one of these

It calls the nodes and the page's routes on the photographs that ship with the pack, and on clips and masks made here,
with one thread, so that the same code gives the same hashes on the same machine. A difference is that of the samples,
at most 300,000 of each output, in levels of 255 where the output is a picture or a mask, and in its own unit otherwise.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy and torch: sums depend on how they are divided

import argparse
import hashlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import cv2
import numpy as np
import torch
from PIL import Image

from dragnuwa.common.picture_files import open_picture
from dragnuwa.host.find import find_host

PICTURES = ROOT / "web" / "pictures"
CHECKPOINT = "dragnuwa-tiny.safetensors"
FILM = "dragnuwa-osprey.mp4"
SAMPLES = 300_000
LEVELS = 255
CLIP = {"width": 640, "height": 384, "frames": 5}
SMALL = {"width": 320, "height": 192, "frames": 5}
Outputs = dict[str, Any]
"""Arrays, texts and bytes by their names."""

CASES: dict[str, Callable[[], Outputs]] = {}


def case(name: str, /, *arguments: Any, **named: Any) -> Callable:
    """Adds a function, called with these arguments, to the cases."""

    def add(function: Callable[..., Outputs]) -> Callable[..., Outputs]:
        CASES[name] = partial(function, *arguments, **named)
        return function

    return add


# Drawings: drags and objects, as texts.

LINE = {"spline": "pchip", "timing": "points"}


def drag(*places: tuple[float, float], **fields: Any) -> dict:
    return {**LINE, "points": [{"x": x, "y": y} for x, y in places], **fields}


def drawing(*tracks: dict, objects: tuple[dict, ...] = (), **fields: Any) -> str:
    numbered = [{"id": f"t{number}", **track} for number, track in enumerate(tracks, 1)]
    version = {"version": 2, "objects": list(objects)} if objects or fields else {"version": 1}
    return json.dumps({"type": "dragnuwa.trajectories", **version, "tracks": numbered, **fields})


def ring(left: float, top: float, right: float, bottom: float) -> list[dict]:
    """An octagon, so that no edge is quite one of the pixels' grid."""
    angles = np.arange(8) * np.pi / 4 + 0.3
    x, y = (left + right) / 2, (top + bottom) / 2
    return [
        {"x": float(x + np.cos(a) * (right - left) / 2), "y": float(y + np.sin(a) * (bottom - top) / 2)} for a in angles
    ]


def body(box: tuple[float, float, float, float], keys: list[dict], **fields: Any) -> dict:
    return {"id": "o1", "outline": [ring(*box)], "motion": {"keys": keys}, **fields}


BIRD, CUP = (0.29, 0.2, 0.46, 0.85), (0.28, 0.04, 0.69, 0.62)
TURN = [{"t": 1, "x": 0.12, "y": -0.05, "rotation": 20, "scale": 1.2}]
DRAGS = drawing(drag((0.4, 0.45), (0.5, 0.35), (0.6, 0.4)))
BESIDE = drawing(drag((0.4, 0.45), (0.55, 0.4)), drag((0.1, 0.8), kind="anchor"), drag((0.8, 0.4), (0.8, 0.5)))
PAN = drawing(*(drag((x, y), (x - 0.1, y + 0.02)) for x in (0.2, 0.5, 0.8) for y in (0.25, 0.75)))
OBJECT = drawing(objects=(body(BIRD, TURN, grow=0.002, feather=0.004, shutter=0.5),))
SHADOW = drawing(objects=(body(CUP, TURN, shadow=[ring(0.6, 0.5, 0.9, 0.8)], fill_from=[ring(0.0, 0.5, 0.3, 1.0)]),))
HEAD, TAIL = (0.38, 0.35), (0.88, 0.62)
BENT = drawing(drag(HEAD, (0.34, 0.2), bend="on"), drag(TAIL, kind="anchor", bend="on"))
AND_BACK = [{"t": 0.5, "x": -0.1, "y": 0.1}, {"t": 1, "x": -0.2, "y": 0, "scale": 0.7}]
PAIR = drag((0.4, 0.45), (0.5, 0.35)), drag((0.42, 0.6), (0.53, 0.5))
KEYED = drawing(*PAIR, objects=(body((0.7, 0.3, 0.95, 0.6), AND_BACK),))


# Pictures, masks and clips.


@cache
def picture(name: str, longer: int | None = None) -> torch.Tensor:
    """`[1, H, W, 3]` from 0 to 1, one of those that ship, scaled to a longer side."""
    with open_picture(PICTURES / f"dragnuwa-{name}") as opened:
        image = opened.convert("RGB")
    if longer is not None:
        scale = longer / max(image.size)
        image = image.resize(tuple(round(side * scale) for side in image.size), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image))[None] / 255


OSPREY, COFFEE, OTTERS, LAUNCH, DESERT = "osprey.jpg", "coffee.jpg", "otter.webp", "rocket.jpg", "desert.jpg"


def mask_of(box: tuple[float, float, float, float], size: tuple[int, int]) -> torch.Tensor:
    """`[H, W]`: the ring of a box, of (width, height)."""
    drawn = np.zeros(size[::-1], np.uint8)
    corners = np.array([[place["x"] * size[0], place["y"] * size[1]] for place in ring(*box)])
    cv2.fillPoly(drawn, [corners.round().astype(np.int32)], 1)
    return torch.from_numpy(drawn).float()


@cache
def film(frames: int) -> torch.Tensor:
    """`[T, 360, 640, 3]`: the video that ships, as far as so many frames."""
    opened = cv2.VideoCapture(str(PICTURES / FILM))
    found = [cv2.cvtColor(opened.read()[1], cv2.COLOR_BGR2RGB) for _ in range(frames)]
    return torch.from_numpy(np.stack(found)) / 255


@cache
def passing(frames: int) -> torch.Tensor:
    """`[T, 216, 384, 3]`: the rocket goes to the right before the desert, under a camera that goes down, and another
    thing passes it."""
    ground = (picture(DESERT, 480)[0].numpy() * 255).astype(np.uint8)
    things = [(picture(LAUNCH, 256)[0].numpy() * 255).astype(np.uint8)[50:165, 118:140], cup()]
    video = np.empty((frames, 216, 384, 3), np.uint8)
    for number in range(frames):
        view = ground[40 + 2 * number :][:216, 20:404].copy()
        for thing, (left, top) in zip(things, ((60 + 9 * number, 60), (230 - 11 * number, 90)), strict=True):
            height, width = thing.shape[:2]
            view[top : top + height, left : left + width] = thing
        video[number] = view
    return torch.from_numpy(video) / 255


def cup() -> np.ndarray:
    return (picture(COFFEE, 150)[0].numpy() * 255).astype(np.uint8)[5:60, 42:102]


def passing_masks(frames: int) -> torch.Tensor:
    """`[T, 216, 384]`: the rocket of `passing`, less what stands before it."""
    masks = np.zeros((frames, 216, 384), np.float32)
    for number in range(frames):
        masks[number, 60:175, 60 + 9 * number : 82 + 9 * number] = 1
        masks[number, 90:145, 230 - 11 * number : 290 - 11 * number] = 0
    return torch.from_numpy(masks)


def depth_picture(name: str) -> torch.Tensor:
    """`[1, H, W, 3]`: nearer towards the bottom, with a thing before it and a step that is soft by a pixel."""
    _, height, width, _ = picture(name).shape
    y, x = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
    depth = 0.2 + 0.5 * y + 0.05 * np.sin(9 * x)
    thing = mask_of(BIRD if name == OSPREY else CUP, (width, height)).numpy()
    depth = cv2.GaussianBlur(np.where(thing > 0, 0.9, depth).astype(np.float32), (0, 0), 1.0)
    return torch.from_numpy(depth)[None, ..., None].expand(-1, -1, -1, 3).contiguous()


def geometry(name: str) -> dict:
    """MOGE_GEOMETRY of such a depth, with a sky."""
    depth = 1 / depth_picture(name)[..., 0]
    depth[:, : depth.shape[1] // 8] = torch.inf
    intrinsics = torch.tensor([[[0.9, 0, 0.5], [0, 1.4, 0.5], [0, 0, 1.0]]])
    height, width = depth.shape[1:]
    y, x = torch.meshgrid(torch.arange(height) / height, torch.arange(width) / width, indexing="ij")
    points = torch.stack([(x - 0.5) / 0.9 * depth[0], (y - 0.5) / 1.4 * depth[0], depth[0]], -1)[None]
    return {"points": points, "depth": depth, "intrinsics": intrinsics, "mask": torch.isfinite(depth),
            "image": picture(name)}  # fmt: skip


# Nodes and routes.


@cache
def nodes() -> dict[str, type]:
    from tools.docs import node_classes

    return node_classes()


def run(node: str, names: str, **inputs: Any) -> Outputs:
    """A node's outputs by names, in order; those named "-" are left out."""
    prepared = nodes()[f"DragNUWA{node}"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
    made = prepared.execute(**inputs).args
    return {name: value for name, value in zip(names.split(), made, strict=True) if name != "-"}


@cache
def loaded() -> tuple:
    return nodes()["DragNUWALoadCheckpoint"].execute(CHECKPOINT).args


@cache
def routes() -> dict[str, Any]:
    from dragnuwa.server.routes import picture_jobs

    folder = tempfile.mkdtemp()
    for path in PICTURES.iterdir():
        (Path(folder) / path.name).write_bytes(path.read_bytes())
    levels = (depth_picture(OSPREY)[0, ..., 0].numpy() * 65_535).astype(np.uint16)
    written = np.stack([levels >> 8, levels & 255, 0 * levels], -1).astype(np.uint8)  # as of `shown_on_page`
    Image.fromarray(written).save(Path(folder) / "depth.png")

    def load(name: str) -> torch.Tensor:
        with open_picture(Path(folder) / name.partition(" [")[0]) as opened:
            return torch.from_numpy(np.array(opened.convert("RGB"))) / 255

    jobs = picture_jobs({"input": folder}.get, load)
    return {job.path.rpartition("/")[2]: job for job in jobs}


def reference(name: str, **fields: Any) -> dict:
    return {"filename": name, "subfolder": "", "type": "input", **fields}


def post(route: str, name: str, *, fit: str = "crop", **fields: Any) -> bytes:
    about = {"picture": reference(f"dragnuwa-{name}"), "width": 640, "height": 384, "fit": fit, **fields}
    return routes()[route].work(json.dumps(about).encode())


# The cases.

MOVED = "video carried uncovered objects"


def full_clip(name: str, text: str, longer: int, fit: str = "crop", frames: int = 5, **more: Any) -> Outputs:
    """Move Picture at full size, of a picture scaled to it."""
    clip = {**CLIP, "frames": frames}
    return run("MovePicture", MOVED, image=picture(name, longer), trajectories=text, longer_side=longer, radius=24.0,
               fit=fit, **clip, **more)  # fmt: skip


for longer, frames in ((640, 5), (1000, 4), (2400, 2)):
    for fit in ("crop", "pad"):
        case(f"move {longer} {fit}", OSPREY, DRAGS, longer, fit, frames)(full_clip)
        case(f"move {longer} {fit}, object", OSPREY, OBJECT, longer, fit, frames)(full_clip)
case("move 640, beside", OSPREY, BESIDE, 640)(full_clip)
case("move 640, camera", DESERT, PAN, 640)(full_clip)
case("move 640, shadow", COFFEE, SHADOW, 640)(full_clip)
case("move 640, keyed", OTTERS, KEYED, 640)(full_clip)
case("move 640, surroundings", OTTERS, BESIDE, 640, carries="surroundings")(full_clip)
case("move 640, bent", OTTERS, BENT, 640)(full_clip)
case("move 1000, bent, padded", OTTERS, BENT, 1000, "pad", 4)(full_clip)


@case("move 640, masks")
def masked(**more: Any) -> Outputs:
    masks = mask_of(BIRD, (640, 360))[None]
    return full_clip(OSPREY, DRAGS, 640, masks=masks, **more)


@case("move 640, masks and background")
def with_background() -> Outputs:
    plate = torch.roll(picture(OSPREY, 640), 2, 2) * 0.9
    return masked(background=plate)


def carried(text: str = DRAGS, fill: str = "", **more: Any) -> Outputs:
    _, clip, _, vae, _ = loaded()
    context = clip.encode_from_tokens_scheduled(clip.tokenize(""))
    size = {"width": 320, "height": 192, "frames": 5}
    image = picture(OSPREY, 640)
    latent = nodes()["DragNUWAConditioning"].execute(vae, fps=5, start_image=image, positive=context, **size).args[2]
    fills = {"fill": fill} if fill else {}
    inputs = {"radius": 16.0, "hold": 0.6, "ground": 0.2, "fit": "crop", **fills, **more}
    made = run("Carry", "latent video carried objects model uncovered", image=image, trajectories=text, vae=vae,
               latent=latent, **size, **inputs)  # fmt: skip
    latent, tied = made.pop("latent"), made.pop("model")
    samples = {key: value for key, value in latent.items() if isinstance(value, torch.Tensor)}
    return made | samples | ({} if tied is None else {"tied": tie_of(tied)})


def tie_of(model: Any) -> torch.Tensor:
    """What a tied model makes of an estimate of noise, at the beginning, in the middle and at the end."""
    found, sigmas = [], torch.tensor([80.0, 10.0, 1.0, 0.1, 0.0])
    for sigma in sigmas[:-1]:
        estimate = torch.randn(5, 4, 24, 40, generator=torch.Generator().manual_seed(0))
        options = {"transformer_options": {"sample_sigmas": sigmas}}
        for function in model.model_options.get("sampler_post_cfg_function", []):
            estimate = function({"denoised": estimate, "sigma": sigma[None], "model": model.model, "input": estimate,
                                 "model_options": options})  # fmt: skip
        found.append(estimate)
    return torch.stack(found)


case("carry")(carried)
case("carry, neutral fill", fill="neutral")(carried)
case("carry, object", OBJECT)(carried)
case("carry, camera", PAN)(carried)


@case("carry, tied model")
def tied() -> Outputs:
    return carried(model=loaded()[0], hold_steps=2)


def found(name: str, text: str, fit: str = "crop", **more: Any) -> Outputs:
    return run("FindObjects", "objects hole trajectories", image=picture(name), trajectories=text, radius=24.0, fit=fit,
               **CLIP, **more)  # fmt: skip


case("find", OSPREY, DRAGS)(found)
case("find, padded", OSPREY, BESIDE, "pad")(found)
case("find, bent", OTTERS, BENT)(found)
case("find, object", COFFEE, SHADOW)(found)


@cache
def blurred(text: str = DRAGS, name: str = OSPREY) -> torch.Tensor:
    """What a model might have made: the moved picture, small, smooth, a pixel off, and of other colours."""
    video = full_clip(name, text, 320)["video"].numpy()
    frames = [np.roll(frame, (time % 2, time // 2), (0, 1)) for time, frame in enumerate(video)]
    frames = [cv2.GaussianBlur(frame, (0, 0), 1.2) for frame in frames]
    noise = np.random.default_rng(0).normal(0, 0.01, video.shape)
    return torch.from_numpy((np.stack(frames) * 0.95 + 0.02 + noise).clip(0, 1).astype(np.float32))


def restored(text: str | None = DRAGS, name: str = OSPREY, fit: str = "crop", **more: Any) -> Outputs:
    clip = blurred(DRAGS if text is None else text, name)
    return run("RestoreDetail", "images mask report", images=clip, picture=picture(name), width=640, height=384,
               strength=1.0, fit=fit, trajectories=text, **more)  # fmt: skip


case("restore")(restored)
case("restore, without drags", None)(restored)
case("restore, object", OBJECT)(restored)
case("restore, camera", PAN, DESERT)(restored)
case("restore, bent", BENT, OTTERS)(restored)
case("restore, interpolated", interpolate=3, follow=0.6)(restored)
case("restore, padded", fit="pad")(restored)


@case("restore, masks and background")
def restored_masked() -> Outputs:
    return restored(masks=mask_of(BIRD, (768, 432))[None], background=torch.roll(picture(OSPREY), 2, 2) * 0.9)


CAMERA = {"pan": 0, "tilt": 0, "roll": 0, "truck": 0, "pedestal": 0, "dolly": 0, "orbit": 0, "rise": 0, "zoom": 0,
          "dolly_zoom": False, "handheld": 0, "seed": 0, "focus_x": 0.4, "focus_y": 0.5, "ease": "ease_in_out",
          "start": 0.0, "end": 1.0, "farthest": 10.0, "view_angle": 55.0}  # fmt: skip
MOVES = {"pan": 6.0, "tilt": 5.0, "roll": 8.0, "truck": 0.15, "pedestal": 0.1, "dolly": 0.2, "orbit": 8.0, "rise": 6.0,
         "zoom": 0.3, "handheld": 1.0}  # fmt: skip
SEEN = "images mask trajectories - camera"


def seen(name: str = OSPREY, **more: Any) -> Outputs:
    inputs = {**SMALL, "frames": 3, "fit": "crop", **CAMERA, "white": "near", "spacing": 32.0, **more}
    return run("CameraInDepth", SEEN, image=picture(name), **inputs)


@case("camera, wan embedding")
def embedded() -> Outputs:
    inputs = {**SMALL, "fit": "crop", **CAMERA, "white": "near", "spacing": 32.0, "dolly": 0.1}
    names = "images mask trajectories embedding camera"
    return run("CameraInDepth", names, image=picture(OSPREY), geometry=geometry(OSPREY), **inputs)


@case("camera, drags", text=BESIDE)
@case("camera, object that grows", text=OBJECT, grow=True)
@case("camera, padded", text=OBJECT, fit="pad")
@case("camera, bent", name=OTTERS, text=BENT)
def with_things(text: str, name: str = OSPREY, **more: Any) -> Outputs:
    return seen(name, depth=depth_picture(name), trajectories=text, truck=0.1, dolly=0.1, **more)


@case("camera, masks")
def camera_masked() -> Outputs:
    return with_things(DRAGS, masks=mask_of(BIRD, (768, 432))[None])


@case("camera, by hand")
def camera_by_hand() -> Outputs:
    there = body(CUP, TURN, distance=2.0)
    return seen(COFFEE, trajectories=drawing(objects=(there,), horizon=0.2), truck=0.2, dolly=0.1)


@case("camera, path")
def camera_path() -> Outputs:
    path = "\n".join(
        ["x"] + [f"{time} 0.9 1.4 0.5 0.5 0 0 1 0 0 {0.05 * time} 0 1 0 0 0 0 1 {0.1 * time}" for time in range(3)]
    )
    return seen(depth=depth_picture(OSPREY), path=path, dolly=0.1)


for move, value in MOVES.items():
    CASES[f"camera, {move}"] = lambda move=move, value=value: seen(depth=depth_picture(OSPREY), **{move: value})
CASES["camera, dolly zoom"] = lambda: seen(geometry=geometry(OSPREY), dolly=0.2, dolly_zoom=True)
CASES["camera, geometry"] = lambda: seen(COFFEE, geometry=geometry(COFFEE), orbit=6.0, frames=4)

EDITED = "video mask plate trajectories things"


def edited(text: str, clip: torch.Tensor | None = None, **more: Any) -> Outputs:
    images = passing(7) if clip is None else clip
    size = {"width": images.shape[2], "height": images.shape[1]}
    return run("EditVideo", EDITED, images=images, trajectories=text, radius=12.0, **size, **more)


ON_ROCKET = (71 / 384, 120 / 216)
AWAY = (ON_ROCKET, (ON_ROCKET[0] + 0.05, ON_ROCKET[1] - 0.2))
ROCKET_BOX = (55 / 384, 55 / 216, 88 / 384, 180 / 216)
for kind in ("relative", "absolute", "still", "removed", "copied"):
    case(f"edit, {kind}", drawing(drag(*AWAY, edit=kind)))(edited)
case("edit, object", drawing(objects=(body(ROCKET_BOX, TURN, edit="relative"),)))(edited)
case("edit, later", drawing(drag(*AWAY, delay=0.3)))(edited)
case("edit, surroundings", drawing(drag(*AWAY)), carries="surroundings")(edited)
case("edit, two", drawing(drag(*AWAY), drag((260 / 384, 115 / 216), (0.9, 0.3))))(edited)
case("edit, from the middle", drawing(drag((98 / 384, 120 / 216), (0.4, 0.3), start=0.5)))(edited)


@case("edit, masks")
def edited_masks() -> Outputs:
    return edited(drawing(drag(*AWAY)), masks=passing_masks(7))


@case("edit, one mask, shadow")
def edited_shadow() -> Outputs:
    shadow = [ring(0.1, 0.75, 0.3, 0.95)]
    return edited(drawing(objects=(body(ROCKET_BOX, TURN, shadow=shadow),)), masks=passing_masks(7)[:1])


@case("edit, sam3")
def edited_sam3() -> Outputs:
    packed = np.packbits(passing_masks(7).numpy() > 0.5, axis=-1, bitorder="little")[:, None]
    tracks = {"packed_masks": torch.from_numpy(packed), "n_frames": 7, "scores": [1.0], "orig_size": (216, 384)}
    return edited(drawing(drag(*AWAY)), sam3_tracks=tracks)


@case("edit, film")
def edited_film() -> Outputs:
    text = drawing(drag((0.45, 0.45), (0.6, 0.4)))
    frames = film(6)[:, ::2, ::2].contiguous()
    return edited(text, frames)


PLAYED = {"frames": 5}


def played(name: str, text: str, **more: Any) -> Outputs:
    return {"frames": post("play", name, text=text, **PLAYED, **more)}


def composed(name: str, text: str, **more: Any) -> Outputs:
    return {"composition": post("composition", name, text=text, longest=640, **PLAYED, **more)}


case("composition", OSPREY, DRAGS)(composed)
case("composition, padded", OSPREY, BESIDE, fit="pad")(composed)
case("composition, object", COFFEE, SHADOW)(composed)
case("composition, camera", DESERT, PAN)(composed)
case("composition, bent", OTTERS, BENT)(composed)


@case("play, in depth")
def played_in_depth() -> Outputs:
    depth = {"picture": reference("depth.png"), "lens": [1.0, 1.7, 0.5, 0.5]}
    moves = {**CAMERA, "truck": 0.1, "path": "", "matrices": "w2c", "path_scale": 1.0, "grow": False}
    return played(OSPREY, OBJECT, camera={**moves, "depth": depth})


@case("play, depth by hand")
def played_by_hand() -> Outputs:
    there = body(CUP, TURN, distance=2.0)
    moves = {**CAMERA, "truck": 0.2, "path": "", "matrices": "w2c", "path_scale": 1.0, "grow": False}
    return played(COFFEE, drawing(objects=(there,), horizon=0.2), camera=moves)


@case("page, carried", OSPREY, BESIDE)
@case("page, carried, bent", OTTERS, BENT)
def page_carried(name: str, text: str) -> Outputs:
    return {"objects": post("carried", name, text=text, frames=5).decode()}


@case("page, followed")
def page_followed() -> Outputs:
    text = drawing(drag((0.45, 0.45), (0.6, 0.4)))
    about = {"picture": reference(FILM, at=0.0), "width": 640, "height": 360, "frames": 5, "fit": "crop", "text": text}
    return {"things": routes()["followed"].work(json.dumps(about).encode()).decode()}


def pick(name: str, points: list[tuple], minus: tuple = (), **fields: Any) -> Outputs:
    written = ([{"x": x, "y": y} for x, y in places] for places in (points, minus))
    answer = post("pick", name, **dict(zip(("points", "minus"), written, strict=True)), **fields)
    return {"answer": answer.decode()}


CLICK = (0.38, 0.5)
case("pick", OSPREY, [CLICK])(pick)
case("pick, corrected", OSPREY, [CLICK, (0.45, 0.45)], ((0.1, 0.5),))(pick)
case("pick, smaller", OSPREY, [CLICK], step=-1)(pick)
case("pick, larger", COFFEE, [(0.5, 0.2)], step=1)(pick)
case("pick, preview", OTTERS, [(0.6, 0.5)], preview=True)(pick)
case("pick, guess", OTTERS, [(0.6, 0.5)], preview="guess")(pick)
case("pick, box", COFFEE, [], box=[{"x": 0.2, "y": 0.0}, {"x": 0.75, "y": 0.7}])(pick)


@case("pick, by the library")
def picked() -> Outputs:
    from dragnuwa.vision.segmentation.pick import corrected, first_pick, sizes, soft_mask
    from dragnuwa.vision.segmentation.prepared import search_image

    image = search_image((picture(COFFEE)[0].numpy() * 255).astype(np.uint8))
    first = first_pick(image, 240 + 90j)
    again = corrected(image, first, 330 + 300j, False)
    others, number = sizes(image, first)
    masks = {f"size {place}": soft_mask(image, each) for place, each in enumerate(others)}
    return {"first": soft_mask(image, first), "corrected": soft_mask(image, again), "number": str(number), **masks}


@case("drag maps", BESIDE)
@case("drag maps, objects", KEYED)
def drag_maps(text: str) -> Outputs:
    return run("EncodeTrajectories", "flow", trajectories=text, width=320, height=192, frames=8)


@case("entities of DragAnything", OSPREY, BESIDE)
@case("entities of DragAnything, object", COFFEE, SHADOW)
def entities(name: str, text: str) -> Outputs:
    from dragnuwa import trajectory
    from dragnuwa.common.clip_shape import ClipShape
    from dragnuwa.models.draganything.scene import find_entities

    drags = trajectory.parse(text, width=640, height=384)
    made = find_entities(drags, ClipShape(640, 384, 5), None, picture(name)).entities
    return {"centres": made.centres, "shown": made.shown, "radius": made.radius, "masks": made.latent_masks}


@case("tracks of a video")
def sampled() -> Outputs:
    return run("SampleTrajectories", "trajectories", video=passing(5), count=12, seed=0, interval=4)


@case("objmc")
def measured() -> Outputs:
    return run("ObjMC", "objmc relative report drawn", image=passing(5), trajectories=drawing(drag(*AWAY)))


@case("objects from masks")
def outlined() -> Outputs:
    return run("ObjectsFromMasks", "trajectories", masks=mask_of(BIRD, (640, 360))[None], image=picture(OSPREY, 640),
               width=640, height=384)  # fmt: skip


@case("filling")
def filled() -> Outputs:
    from dragnuwa.carry.filling import fill_hole

    hole = mask_of(CUP, (600, 400)).numpy() > 0.5
    return {"picture": fill_hole(picture(COFFEE)[0].numpy(), hole)}


# The table.


def hash_of(value: Any) -> str:
    data = np.ascontiguousarray(value).tobytes() if isinstance(value, np.ndarray) else value
    return hashlib.sha256(data).hexdigest()[:16]


def plain(value: Any) -> np.ndarray | bytes:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        return value
    return value if isinstance(value, bytes) else str(value).encode()


def samples_of(value: np.ndarray | bytes) -> np.ndarray:
    """Evenly spaced values of an array, and the numbers in a text; pictures in bytes as their pixels."""
    if isinstance(value, bytes):
        found = decoded(value)
        if found is None:
            numbers = re.findall(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?", value) if value.isascii() else []
            return np.array([float(number) for number in numbers[:SAMPLES]])
        value = found
    flat = value.ravel()
    step = max(1, -(-flat.size // SAMPLES)) | 1  # odd, so that it meets each column
    return flat[::step].astype(np.float32)


def decoded(data: bytes) -> np.ndarray | None:
    """The pixels of a PNG, or of a sequence of JPEGs, from 0 to 1; None for something else."""
    if data.startswith(b"\x89PNG"):
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) / LEVELS
    if data[4:6] != b"\xff\xd8":
        return None
    frames, place = [], 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        frames.append(cv2.imdecode(np.frombuffer(data, np.uint8, length, place + 4), cv2.IMREAD_COLOR))
        place += 4 + length
    return np.stack(frames) / LEVELS


def difference(now: np.ndarray, before: np.ndarray) -> str:
    if now.shape != before.shape:
        return f"{before.size} values before, {now.size} now"
    if not now.size:
        return "another text"
    apart = np.abs(np.nan_to_num(now.astype(float)) - np.nan_to_num(before.astype(float)))
    is_picture = min(now.min(), before.min()) >= 0 and max(now.max(), before.max()) <= 1
    scale, unit = (LEVELS, "levels") if is_picture else (1, "in its own unit")
    return f"largest {scale * apart.max():.4g}, mean {scale * apart.mean():.4g} {unit}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--times", action="store_true", help="print the seconds of each case")
    options = parser.parse_args()
    find_host()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    before = json.loads(options.compare.read_text()) if options.compare else None
    kept = np.load(options.compare.with_suffix(".npz")) if options.compare else {}
    table, samples, differing = {}, {}, 0
    begun = time.monotonic()
    for name, made in CASES.items():
        if options.only and not any(part in name for part in options.only):
            continue
        torch.manual_seed(0)
        started = time.monotonic()
        for output, value in made().items():
            key, value = f"{name}: {output}", plain(value)
            table[key], samples[key] = hash_of(value), samples_of(value)
            if before is None:
                print(f"{table[key]}  {key}", flush=True)
            elif table[key] != before.get(key):
                differing += 1
                print(f"{key}: {difference(samples[key], kept[key]) if key in before else 'new'}", flush=True)
        if options.times:
            print(f"    {time.monotonic() - started:.1f} s  {name}", flush=True)
    missing = [] if options.only or before is None else sorted(before.keys() - table.keys())
    print(*(f"{key}: missing" for key in missing), sep="\n", end="\n" if missing else "")
    if options.save:
        options.save.write_text(json.dumps(table, indent=1) + "\n")
        np.savez(options.save.with_suffix(".npz"), **samples)
    print(f"{len(table)} outputs of {len(CASES)} cases, {time.monotonic() - begun:.0f} s", end="")
    print("" if before is None else f"; {differing} differ" if differing or missing else "; all as before")
    return int(bool(differing or missing))


if __name__ == "__main__":
    sys.exit(main())
