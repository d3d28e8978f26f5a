"""Camera in Depth, and Edit Video."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.long.hashes.inputs import (
    AWAY,
    BENT,
    BESIDE,
    BIRD,
    CAMERA,
    COFFEE,
    CUP,
    DRAGS,
    OBJECT,
    OSPREY,
    OTTERS,
    ROCKET_BOX,
    TURN,
    body,
    depth_picture,
    drag,
    drawing,
    film,
    geometry,
    mask_of,
    passing,
    passing_masks,
    picture,
    ring,
)
from tests.long.hashes.running import CASES, SMALL, Outputs, case, run

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
