"""How closely a model's video follows a thing that bends: with the embedded model, on held-out scenes.

    .venv/bin/python benchmarks/bending_video.py models/dragnuwa-tiny.safetensors --scenes 16

Each scene (`dragnuwa.research.scenes.bending`) has one thing that bends, and three of its points are dragged. ObjMC of
16 other points of it, relative to a still video's, found in the video by Lucas-Kanade: with the drags as before they
could bend anything, with the thing's mask besides, and with the thing as an object that the same drags bend. "carried"
is the moved picture, from which the sampling starts; "true, through the VAE" is what the measuring itself adds.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.images import to_bytes, to_floats
from dragnuwa.research.evaluation.generate import Carrying, Conditions, load_generator
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.evaluation.settings import Settings, add_sampling_options, run_command, sampling_fields
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.bending import BendingScene, make_bending_scene
from dragnuwa.trajectory import DrawnPath, MotionObject, Point, Track, Trajectories
from dragnuwa.trajectory.objects.types import middle
from dragnuwa.vision.segmentation.outline import outline_of
from dragnuwa.vision.tracking.metrics import relative_objmc
from dragnuwa.vision.tracking.point_tracker import LucasKanade

DRAGS, POINTS, RADIUS = 3, 16, 14.0
TEXTURED = 12.0  # standard deviation of the thing's grey, of 255: less cannot be tracked


def drawings(scene: BendingScene) -> dict[str, tuple[Trajectories, np.ndarray | None]]:
    """What is drawn, and the mask that is connected."""
    side = len(scene.opacity)
    tracks = tuple(_track(way, side, 0.0, number) for number, way in enumerate(scene.drags))
    outline = outline_of(scene.opacity)
    pins = tuple(_track(way, side, 0.5, number) for number, way in enumerate(scene.drags))
    rest = DrawnPath((Point(*middle(outline)),))
    bent = MotionObject(outline, middle(outline), rest, edge="exact", pins=pins)
    return {
        "drags apart": (Trajectories(tracks, (side, side)), None),
        "drags with its mask": (Trajectories(tracks, (side, side)), scene.opacity[None]),
        "bent": (Trajectories((), (side, side), (bent,)), None),
    }


def _track(way: np.ndarray, side: int, offset: float, number: int) -> Track:
    points = tuple(Point((at.real + offset) / side, (at.imag + offset) / side) for at in way.tolist())
    return Track(points, id=f"t{number + 1}", spline="linear")


def followed(scene: BendingScene, frames: np.ndarray) -> float:
    """Relative ObjMC of points of the thing in a video `[T, H, W, 3]` uint8."""
    own = scene.opacity[scene.places.imag.astype(int), scene.places.real.astype(int)] >= 0.99
    some = np.flatnonzero(own)[np.linspace(0, own.sum() - 1, POINTS).astype(int)]
    target = scene.moved[:, some].T
    target = np.stack([target.real, target.imag], -1)  # [N, T, 2]
    found, _ = LucasKanade(window=11)(frames, target[:, 0])
    return relative_objmc(found, target, np.ones(target.shape[:2], bool))


def is_textured(scene: BendingScene) -> bool:
    return float(scene.picture.mean(-1)[scene.opacity > 0.9].std()) >= TEXTURED


def measure(options: argparse.Namespace) -> str:
    settings = Settings.for_checkpoint(options.checkpoint, **sampling_fields(options))
    generator, clip = load_generator(options.checkpoint, options.comfyui), settings.clip
    side, carry = clip.width, CarrySettings(RADIUS)
    figures: dict[str, list[float]] = defaultdict(list)
    seed, done = HELD_OUT_SEED, 0
    while done < options.scenes:
        seed += 1
        scene = make_bending_scene(seed, frames=clip.frames, side=side, drags=DRAGS)
        if not is_textured(scene):
            continue
        done += 1
        true = np.stack([to_bytes(torch.from_numpy(scene.frame(moved)[0])) for moved in scene.moved])
        figures["true, through the VAE"].append(followed(scene, generator.through_vae(true)))
        for name, (drawing, masks) in drawings(scene).items():
            sampled = drawing.at_frames(clip)
            given = Conditions(
                clip, sampled.points, sampled.visible, scene.picture, "", seed, carrying=Carrying(carry, masks, drawing)
            )
            figures[name].append(followed(scene, generator.generate(given, settings).frames))
            given_masks = None if masks is None else torch.from_numpy(masks)
            carried = carry_clip(to_floats(scene.picture[None]), drawing, clip, given_masks, carry).video
            figures[f"{name}, carried"].append(followed(scene, to_bytes(carried)))
    rows = [("video", "mean", "median", "worst")]
    for name, values in figures.items():
        numbers = (np.mean(values), np.median(values), np.max(values))
        rows.append((name, *(f"{value:.3f}" for value in numbers)))
    return f"{aligned(rows)}\n{done} scenes"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    made.add_argument("--scenes", type=int, default=16)
    add_sampling_options(made)
    made.set_defaults(steps=4, cfg=1.0)
    return made


if __name__ == "__main__":
    run_command(parser(), measure, None)
