"""What pins make of a figure that moves by itself in a clip, and of one in a picture with depth, against the truth.

    .venv/bin/python benchmarks/bending_moves.py [--scenes 20] [--seed SEED]

A jointed figure (`dragnuwa.research.scenes.jointed`) raises an arm, of which hand and elbow are dragged, while shoulder
and hip are held.

In clips, by groups, with the figure's true mask in each frame, and with its outline in one frame, followed from there:

- points: the mean error of points of the figure in all frames, in % of its size (the square root of its area); and how
  many % of them are within 3 %;
- figure: PSNR in dB where the figure is now; unedited: the same of the clip as it was;
- away: % of the pixels beyond `AWAY` px from the figure that are not the clip's own.

In depth, the picture's camera moves while the arm is raised behind a pillar. The arm is at the figure's depth, or
nearer by 15 or 30 % of its disparity:

- points: as above, in the last frame;
- overlap: intersection over union of the figure, as far as it is seen, with the true one;
- torn: % of the figure that should be seen and is not, more than a pixel from its edges;
- pillar: % of where the pillar hides the figure that shows the pillar.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.carry.depth.camera import PinholeCamera, intrinsics_from_angle
from dragnuwa.carry.depth.layers import cut_out
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import find
from dragnuwa.carry.rendering import render
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.clip_editing import edit_video
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.jointed import GROUPS, STANDS, JointedScene, make_jointed
from dragnuwa.trajectory import DrawnPath, MotionObject, Point, Track, Trajectories
from dragnuwa.trajectory.objects.types import middle
from dragnuwa.vision.segmentation.outline import outline_of

WITHIN = 3.0  # % of the figure's size
AWAY = 8  # px
FAR, OWN, NEAR = 0.25, 0.5, 1.0  # disparity of the wall, the figure and the pillar
STEPS = (0.0, 0.15, 0.3)  # by which part the arm's disparity is larger
PILLAR = 14  # px wide
HIGH = 50  # px, of the pillar
FREE = np.ones((17, 17), np.uint8)  # px around the figure, where the pillar is not
EDGE = np.ones((3, 3), np.uint8)
FRAMES = 5


def drawing(scene: JointedScene) -> Trajectories:
    height, width = scene.masks.shape[1:]
    outline = outline_of(scene.masks[0].astype(np.float32))
    pins = tuple(
        Track(tuple(Point((at.real + 0.5) / width, (at.imag + 0.5) / height) for at in way[: 1 if rests else None]),
              id=f"t{number}", spline="linear")
        for number, (way, rests) in enumerate(zip(scene.pins, np.ptp(scene.pins.real, 1) == 0, strict=True), 1)
    )  # fmt: skip
    rest = DrawnPath((Point(*middle(outline)),))
    figure = MotionObject(outline, middle(outline), rest, edge="exact", pins=pins)
    return Trajectories((), (width, height), (figure,))


def level(made: np.ndarray, true: np.ndarray, where: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(made[where].astype(np.float64) - true[where]).mean()))


def of_points(errors: np.ndarray, scene: JointedScene) -> list[float]:
    parts = 100 * errors / scene.size
    return [float(parts.mean()), 100 * float((parts <= WITHIN).mean())]


def in_clip(scene: JointedScene, masks: torch.Tensor | None) -> list[float]:
    clip = torch.from_numpy(scene.before).float() / 255
    size = scene.masks.shape[:0:-1]
    made = edit_video(clip, drawing(scene), size, CarrySettings(fit="stretch"), masks)
    edit = next(edit for edit in made.composite.edits if edit.bend is not None)
    found = np.stack([edit.forward(points, time) for time, points in enumerate(scene.points)])
    video = (made.video * 255).round().byte().numpy()
    near = np.ones((2 * AWAY + 1,) * 2, np.uint8)
    both = (scene.masks | scene.masks_after).astype(np.uint8)
    away = np.stack([cv2.dilate(mask, near) == 0 for mask in both])
    changed = (video != scene.before).any(-1)[away].mean()
    return [*of_points(np.abs(found - scene.points_after), scene), level(video, scene.after, scene.masks_after),
            level(scene.before, scene.after, scene.masks_after), 100 * float(changed)]  # fmt: skip


def pillar_of(scene: JointedScene, camera: PinholeCamera, intrinsics: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: a pillar that stands before the forearm once that is raised and the camera has moved, and nowhere
    before the figure as it stands."""
    height, width = scene.masks.shape[1:]
    forearm = scene.points_after[-1][scene.of_arm][-12:].mean()
    there = camera.project_positions(*(np.array([each]) for each in (forearm.real, forearm.imag, OWN)), intrinsics)[0]
    columns, rows = np.arange(width), np.arange(height)
    ways = camera.project_positions(columns, np.full(width, forearm.imag), np.full(width, NEAR), intrinsics)[:, 0]
    tall = camera.project_positions(np.full(height, forearm.real), rows, np.full(height, NEAR), intrinsics)[:, 1]
    left, top = np.abs(ways - there[0]).argmin() - PILLAR // 2, np.abs(tall - there[1]).argmin() - HIGH // 2
    found = np.zeros((height, width), bool)
    found[max(0, top) : top + HIGH, max(0, left) : left + PILLAR] = True
    return found & (cv2.dilate(scene.masks[0].astype(np.uint8), FREE) == 0)


def painted(scene: JointedScene, pillar: np.ndarray) -> torch.Tensor:
    """`[H, W, 3]`: the figure red, the pillar blue and the wall green, with their light and dark."""
    grey = scene.before[0].mean(-1) / 255
    channel = np.where(scene.masks[0], 0, np.where(pillar, 2, 1))
    picture = np.zeros((*grey.shape, 3), np.float32)
    np.put_along_axis(picture, channel[..., None], (0.5 + 0.5 * grey)[..., None].astype(np.float32), -1)
    return torch.from_numpy(picture)


def seen_by(mask: np.ndarray, disparity: float, camera: PinholeCamera, intrinsics: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: a flat cut-out at some disparity, as a camera sees it."""
    height, width = mask.shape
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)
    there = camera.project_positions(corners[:, 0], corners[:, 1], np.full(4, disparity), intrinsics)[:, :2]
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), there.astype(np.float32))
    return cv2.warpPerspective(mask.astype(np.float32), matrix, (width, height)) >= 0.5


def in_depth(scene: JointedScene, step: float, seed: int) -> list[float]:
    height, width = scene.masks.shape[1:]
    intrinsics = intrinsics_from_angle(55, (width, height))
    random = np.random.default_rng([seed, 48])
    truck, pedestal, dolly = random.choice([-1, 1]) * 0.08, random.uniform(-0.05, 0.05), random.uniform(-0.1, 0.1)
    wall = DepthScene(np.full((height, width), OWN, np.float32), intrinsics)  # the focus is at the figure
    cameras = CameraMoves(truck=truck, pedestal=pedestal, dolly=dolly).cameras(wall, FRAMES)
    pillar = pillar_of(scene, cameras[-1], intrinsics)
    disparity = np.where(scene.arms[0], OWN * (1 + step), np.where(scene.masks[0], OWN, np.where(pillar, NEAR, FAR)))
    depth, clip = DepthScene(disparity.astype(np.float32), intrinsics), ClipShape(width, height, FRAMES)
    picture = painted(scene, pillar)
    found = find(drawing_on(picture, drawing(scene), clip, settings=CarrySettings(fit="stretch")))
    cut = cut_out(found, picture.movedim(-1, 0), depth)
    composition, camera = cut.seen_by(cameras, range(FRAMES)), cameras[-1]
    colors = render(composition, FRAMES - 1).colors.numpy()
    shown = colors.argmax(0)
    ends, own = scene.points_after[-1], OWN * (1 + step * scene.of_arm)
    true = camera.project_positions(ends.real, ends.imag, own, intrinsics)[:, :2] @ (1, 1j)
    made = composition.layers[0].region.warp.project(scene.points[0], FRAMES - 1)[:, :2] @ (1, 1j)
    arm = seen_by(scene.arms_after[-1], OWN * (1 + step), camera, intrinsics)
    figure = arm | seen_by(scene.masks_after[-1] & ~scene.arms_after[-1], OWN, camera, intrinsics)
    before = seen_by(pillar, NEAR, camera, intrinsics)
    expected, there = figure & ~before, shown == 0
    missing = cv2.erode((expected & ~there).astype(np.uint8), EDGE).sum() / expected.sum()
    hidden = figure & before
    return [*of_points(np.abs(made - true), scene), (there & expected).sum() / (there | expected).sum(),
            100 * missing, 100 * (shown == 2)[hidden].mean() if hidden.any() else np.nan]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    options = parser.parse_args()
    clips: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    depths: dict[float, list[list[float]]] = defaultdict(list)
    for seed in range(options.seed, options.seed + options.scenes):
        scene = make_jointed(seed)
        masks = torch.from_numpy(scene.masks).float()
        for name, given in (("true masks", masks), ("followed", None)):
            clips[name, scene.group].append(in_clip(scene, given))
        still = make_jointed(seed, FRAMES, group=STANDS)
        for step in STEPS:
            depths[step].append(in_depth(still, step, seed))
    rows = [["clips", "", "points, % of size", "worst", "within 3 %", "figure, dB", "unedited, dB", "away, %"]]
    for name in ("true masks", "followed"):
        for group in GROUPS:
            if values := clips.get((name, group)):
                mean = np.mean(values, axis=0)
                rows.append([name, group, f"{mean[0]:.2f}", f"{max(each[0] for each in values):.2f}",
                             *(f"{each:.1f}" for each in mean[1:4]), f"{mean[4]:.4f}"])  # fmt: skip
    sys.stdout.write(f"{aligned(rows)}\n\n")
    rows = [["depth", "points, % of size", "worst", "within 3 %", "overlap", "torn, %", "pillar, %"]]
    for step, values in depths.items():
        mean = np.nanmean(values, axis=0)
        rows.append([f"arm nearer by {100 * step:.0f} %", f"{mean[0]:.2f}", f"{max(each[0] for each in values):.2f}",
                     f"{mean[1]:.1f}", f"{mean[2]:.3f}", f"{mean[3]:.2f}", f"{mean[4]:.1f}"])  # fmt: skip
    sys.stdout.write(f"{aligned(rows)}\n")


if __name__ == "__main__":
    main()
