"""What the cases are made of: drawings as texts, the photographs that ship, and clips, masks and depths made here."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image

from dragnuwa.common.picture_files import open_picture

PICTURES = Path(__file__).resolve().parents[3] / "web" / "pictures"
FILM = "dragnuwa-osprey.mp4"

# Drags and objects, as texts.

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

# Of the rocket in `passing`: a drag of it, and a box around it.
ON_ROCKET = (71 / 384, 120 / 216)
AWAY = (ON_ROCKET, (ON_ROCKET[0] + 0.05, ON_ROCKET[1] - 0.2))
ROCKET_BOX = (55 / 384, 55 / 216, 88 / 384, 180 / 216)

# Camera in Depth at rest.
CAMERA = {"pan": 0, "tilt": 0, "roll": 0, "truck": 0, "pedestal": 0, "dolly": 0, "orbit": 0, "rise": 0, "zoom": 0,
          "dolly_zoom": False, "handheld": 0, "seed": 0, "focus_x": 0.4, "focus_y": 0.5, "ease": "ease_in_out",
          "start": 0.0, "end": 1.0, "farthest": 10.0, "view_angle": 55.0}  # fmt: skip


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
