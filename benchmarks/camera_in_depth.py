"""Camera moves over a picture with depth against the truth: ray-traced scenes, seen by the moved camera.

    .venv/bin/python benchmarks/camera_in_depth.py [--scenes 60] [--seed SEED]

Planes, boxes and spheres with textures, and a random move: pan, truck, pedestal and dolly, or orbit. Of the last frame:

- seen: PSNR in dB where the new camera sees what the picture shows; median and worst;
- tracks: the worst mean error of a scene in px; visible: the part of them whose visibility is right;
- mask: overlap (intersection over union) of what the picture does not show; mask +-1: of pixels that are one px away
  from a border none counts.

With the exact depth; with depth as a network gives it (5 % noise that is smooth over 8 px, edges blurred over 5 px, 8
bits); and beside them the flat camera (a wall at the depth of the focus) and, with the exact depth, a mesh that is not
cut at the edges of things, whose triangles are drawn by points that are `DENSE` times as dense as pixels.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.carry.depth.cleaning import cleaned
from dragnuwa.carry.depth.parallax import Parallax, parallax
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.traced import TracedScene, make_traced

FRAMES, SPACING, DENSE = 3, 16, 6
COLUMNS = ("seen", "tracks", "visible", "mask", "mask +-1")


def moves_of(seed: int) -> CameraMoves:
    random = np.random.default_rng([seed, 44])
    amounts = random.uniform(-1, 1, 5)
    if seed % 2:
        return CameraMoves(orbit=10 * amounts[0], rise=5 * amounts[1])
    ways = {"truck": 0.12 * amounts[1], "pedestal": 0.06 * amounts[2], "dolly": 0.15 * amounts[3]}
    return CameraMoves(pan=5 * amounts[0], **ways)


def exact(scene: TracedScene, depth: np.ndarray, random: np.random.Generator) -> DepthScene:
    return DepthScene((1 / depth).astype(np.float32), scene.intrinsics)


def as_estimated(scene: TracedScene, depth: np.ndarray, random: np.random.Generator) -> DepthScene:
    height, width = depth.shape
    noise = cv2.resize(random.normal(size=(height // 8, width // 8)), (width, height), interpolation=cv2.INTER_CUBIC)
    disparity = cv2.blur(1 / (depth * (1 + 0.05 * noise.clip(-2, 2))), (5, 5))
    low, high = disparity.min(), disparity.max()
    levels = np.round((disparity - low) / (high - low) * 255) / 255
    return DepthScene(cleaned(low + levels * (high - low)), scene.intrinsics)


def figures(seed: int, depth_of: Callable) -> list[float]:
    truth = make_traced(seed)
    first = truth.seen(np.eye(3), np.zeros(3))
    scene = depth_of(truth, first.depth, np.random.default_rng([seed, 45]))
    true_scene = exact(truth, first.depth, None)
    camera = moves_of(seed).cameras(true_scene, FRAMES)[-1]
    cameras = [*moves_of(seed).cameras(true_scene, FRAMES)[:1], camera]
    made = parallax(torch.from_numpy(first.picture), scene, cameras, SPACING)
    return compared(truth, camera, made)


def compared(truth: TracedScene, camera, made: Parallax) -> list[float]:
    place = camera.rotation, camera.translation, camera.intrinsics
    new = truth.seen(*place)
    shown, _ = truth.shown_before(new, *place)
    error = np.square(made.video[-1].numpy() - new.picture)[shown].mean()
    gap, true_gap = made.disoccluded[-1].numpy() > 0.5, ~shown
    border = cv2.morphologyEx(true_gap.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    return [10 * np.log10(1 / error), *_tracks(truth, camera, made), _overlap(gap, true_gap),
            _overlap(gap & ~border, true_gap & ~border)]  # fmt: skip


def _tracks(truth: TracedScene, camera, made: Parallax) -> tuple[float, float]:
    width, height = truth.size
    points, visible = made.trajectories.sample(2, width, height)
    start, found = points[:, 0] - 0.5, points[:, 1] - 0.5
    column, row = np.rint(start).astype(int).T
    depth = truth.seen(np.eye(3), np.zeros(3)).depth[row, column]
    rays = np.concatenate([start, np.ones((len(start), 1))], 1) @ np.linalg.inv(truth.intrinsics).T
    there = (rays * depth[:, None] @ camera.rotation.T + camera.translation) @ camera.intrinsics.T
    true = there[:, :2] / there[:, 2:]
    inside = (true > -0.5).all(1) & (true < np.array(truth.size) - 0.5).all(1)
    far = truth.depth_at(true, camera.rotation, camera.translation, camera.intrinsics)
    seen = inside & (there[:, 2] <= far * 1.01)
    both = seen & visible[:, 1]
    return float(np.linalg.norm(found - true, axis=1)[both].mean()), float((seen == visible[:, 1]).mean())


def _overlap(found: np.ndarray, true: np.ndarray) -> float:
    either = (found | true).sum()
    return float((found & true).sum() / either) if either else np.nan


def flat(seed: int) -> list[float]:
    truth = make_traced(seed)
    first = truth.seen(np.eye(3), np.zeros(3))
    true_scene = exact(truth, first.depth, None)
    camera = moves_of(seed).cameras(true_scene, FRAMES)[-1]
    wall = DepthScene(np.full(first.depth.shape, 1 / true_scene.distance(0.5, 0.5), np.float32), truth.intrinsics)
    cameras = [moves_of(seed).cameras(true_scene, 2)[0], camera]
    made = parallax(torch.from_numpy(first.picture), wall, cameras, SPACING)
    return compared(truth, camera, made)


def mesh(seed: int) -> list[float]:
    """Without tracks, and without a mask: it covers what the picture does not show with stretched triangles."""
    truth = make_traced(seed)
    first = truth.seen(np.eye(3), np.zeros(3))
    scene = exact(truth, first.depth, None)
    camera = moves_of(seed).cameras(scene, FRAMES)[-1]
    width, height = truth.size
    x, y = np.meshgrid(np.arange(0, width - 1, 1 / DENSE), np.arange(0, height - 1, 1 / DENSE))
    positions = x.astype(np.float32), y.astype(np.float32)
    disparity = cv2.remap(scene.disparity, *positions, cv2.INTER_LINEAR).astype(np.float64)
    colors = cv2.remap(first.picture.astype(np.float32), *positions, cv2.INTER_LINEAR).reshape(-1, 3)
    there = camera.project_positions(x, y, disparity, scene.intrinsics).reshape(-1, 3)
    column, row = np.rint(np.nan_to_num(there[:, :2], nan=-1)).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    order = np.argsort(there[inside, 2])  # the nearest is drawn last
    frame = np.zeros((height, width, 3), np.float32)
    frame[row[inside][order], column[inside][order]] = colors[inside][order]
    place = camera.rotation, camera.translation, camera.intrinsics
    new = truth.seen(*place)
    shown, _ = truth.shown_before(new, *place)
    error = np.square(frame - new.picture)[shown].mean()
    return [10 * np.log10(1 / error), np.nan, np.nan, np.nan, np.nan]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    options = parser.parse_args()
    ways = {
        "exact depth": lambda seed: figures(seed, exact), "as estimated": lambda seed: figures(seed, as_estimated),
        "flat camera": flat, "mesh not cut": mesh,
    }  # fmt: skip
    sys.stdout.write(f"{'':14} seen dB (median, worst)   tracks px (worst)   visible %   mask   mask +-1\n")
    for name, way in ways.items():
        rows = np.array([way(options.seed + number) for number in range(options.scenes)])
        seen, tracks, visible, mask, tolerant = rows.T
        sys.stdout.write(
            f"{name:14} {np.median(seen):12.1f} {seen.min():10.1f} {np.nanmax(tracks):18.3f} "
            f"{100 * np.nanmean(visible):12.1f} {np.nanmean(mask):8.3f} {np.nanmean(tolerant):8.3f}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
