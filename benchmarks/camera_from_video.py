"""How well the camera of a video is found: ray-traced clips of 14 frames whose cameras are known.

    .venv/bin/python benchmarks/camera_from_video.py [--clips 40] [--first 0]

In every fourth clip the camera only turns; in the others it travels, goes around something, or does both and turns.
Each clip is solved with its view angle, and without. Of each: the largest error of rotation in any frame, and of the
direction of travel in frames in which it has gone a quarter of the way or more.
"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.spatial.transform import Rotation

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.carry.depth.camera import PinholeCamera, angle_of
from dragnuwa.carry.depth.cameras.from_video import camera_from_video
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.common.errors import InputError
from dragnuwa.research.scenes.traced import make_traced

FRAMES, SIZE = 14, (320, 240)
CLOSE = 0.3, 5.0  # degrees of rotation, and of the direction of travel
FAR = 0.25  # of the way
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scale:
    """As much of a `DepthScene` as camera moves need: what is in the middle of the picture is as far as `depth`."""

    intrinsics: np.ndarray
    size: tuple[int, int]
    depth: float

    def distance(self, x: float, y: float) -> float:
        return self.depth


def moves_of(seed: int) -> CameraMoves:
    random = np.random.default_rng([seed, 77])

    def between(low: float, high: float) -> float:
        return float(random.uniform(low, high) * random.choice([-1, 1]))

    kinds = (
        lambda: {"pan": between(4, 15), "tilt": between(2, 8), "roll": between(0, 5)},
        lambda: {"truck": between(0.05, 0.2), "dolly": float(random.uniform(0.05, 0.3)), "pan": between(0, 5)},
        lambda: {"orbit": between(4, 15), "rise": between(0, 5)},
        lambda: {"truck": between(0.05, 0.2), "pedestal": between(0.03, 0.15), "dolly": between(0.03, 0.25),
                 "pan": between(0, 8), "tilt": between(0, 4), "roll": between(0, 3)},
    )  # fmt: skip
    return CameraMoves(ease="linear" if seed % 2 else "ease_in_out", **kinds[seed % len(kinds)]())


def clip_of(seed: int) -> tuple[torch.Tensor, list[PinholeCamera], float]:
    """`[T, H, W, 3]`, the cameras, and the view angle."""
    scene = make_traced(seed, SIZE)
    width, height = SIZE
    depth = scene.seen(np.eye(3), np.zeros(3)).depth
    middle = depth[height // 2 - 20 : height // 2 + 20, width // 2 - 20 : width // 2 + 20]
    cameras = moves_of(seed).cameras(Scale(scene.intrinsics, SIZE, float(np.median(middle))), FRAMES)
    frames = [scene.seen(each.rotation, each.translation, each.intrinsics).picture for each in cameras]
    clip = torch.from_numpy((np.stack(frames) * 255).round().astype(np.float32) / 255)
    return clip, cameras, angle_of(scene.intrinsics[0, 0], SIZE)


def centres(cameras: list[PinholeCamera] | tuple[PinholeCamera, ...]) -> np.ndarray:
    return np.stack([-each.rotation.T @ each.translation for each in cameras])


def errors(found: tuple[PinholeCamera, ...], cameras: list[PinholeCamera]) -> tuple[float, float]:
    """Degrees of rotation, and of the direction of travel."""
    pairs = zip(found, cameras, strict=True)
    turned = max(Rotation.from_matrix(one.rotation @ other.rotation.T).magnitude() for one, other in pairs)
    own, true = centres(found), centres(cameras)
    way, gone = np.linalg.norm(true, axis=1), np.linalg.norm(own, axis=1)
    far = (way > FAR * way.max()) & (gone > 0)
    cosine = (own[far] * true[far]).sum(1) / (way[far] * gone[far])
    aside = np.arccos(cosine.clip(-1, 1)).max() if far.any() else 0.0
    return float(np.degrees(turned)), float(np.degrees(aside))


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="seed of the first clip")
    options = parser.parse_args()
    rows: dict[str, list[tuple[float, float, bool]]] = {"known": [], "found": []}
    for seed in range(options.first, options.first + options.clips):
        clip, cameras, angle = clip_of(seed)
        travels = bool(np.abs(centres(cameras)).max() > 1e-6)
        for name, given in (("known", angle), ("found", 0.0)):
            try:
                found = camera_from_video(clip, given)
            except InputError as error:
                log.info("%d, view angle %s: %s", seed, name, error)
                continue
            turned, aside = errors(found.cameras, cameras)
            rows[name].append((turned, aside, found.travels == travels))
            log.info("%d, view angle %s: %.2f, %.1f degrees. %s", seed, name, turned, aside, found.report)
    for name, told in rows.items():
        turned, aside, alike = (np.array(column) for column in zip(*told, strict=True))
        log.info(
            "view angle %s, %d of %d clips: rotation %.2f in the median, %.2f at most, within %g in %d; direction "
            "%.1f, %.1f, within %g in %d; travel told apart in %d",
            name, len(told), options.clips, np.median(turned), turned.max(), CLOSE[0], (turned <= CLOSE[0]).sum(),
            np.median(aside), aside.max(), CLOSE[1], (aside <= CLOSE[1]).sum(), alike.sum(),
        )  # fmt: skip


if __name__ == "__main__":
    main()
