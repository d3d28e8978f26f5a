"""The page's routes, and what else is made of drags: maps, entities, tracks, outlines, and filled holes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tests.long.hashes.inputs import (
    AWAY,
    BENT,
    BESIDE,
    BIRD,
    CAMERA,
    COFFEE,
    CUP,
    DESERT,
    DRAGS,
    FILM,
    KEYED,
    OBJECT,
    OSPREY,
    OTTERS,
    PAN,
    SHADOW,
    TURN,
    body,
    drag,
    drawing,
    mask_of,
    passing,
    picture,
)
from tests.long.hashes.running import Outputs, case, post, reference, routes, run

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
    moves = {
        **CAMERA,
        "truck": 0.1,
        "path": "",
        "matrices": "w2c",
        "path_scale": 1.0,
        "grow": False,
        "camera_number": 1,
    }
    return played(OSPREY, OBJECT, camera={**moves, "depth": depth})


@case("play, depth by hand")
def played_by_hand() -> Outputs:
    there = body(CUP, TURN, distance=2.0)
    moves = {
        **CAMERA,
        "truck": 0.2,
        "path": "",
        "matrices": "w2c",
        "path_scale": 1.0,
        "grow": False,
        "camera_number": 1,
    }
    return played(COFFEE, drawing(objects=(there,), horizon=0.2), camera=moves)


@case("page, carried", OSPREY, BESIDE)
@case("page, carried, bent", OTTERS, BENT)
def page_carried(name: str, text: str) -> Outputs:
    return {"regions": post("regions", name, text=text, frames=5).decode()}


@case("page, followed")
def page_followed() -> Outputs:
    text = drawing(drag((0.45, 0.45), (0.6, 0.4)))
    about = {"picture": reference(FILM, at=0.0), "width": 640, "height": 360, "frames": 5, "fit": "crop", "text": text}
    return {"things": routes()["regions"].work(json.dumps(about).encode()).decode()}


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
