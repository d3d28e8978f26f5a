"""How exactly a thing that bends is bent by a few of its points: on held-out scenes, against other ways.

    .venv/bin/python benchmarks/bending.py --scenes 40 [--assets FOLDER] [--stiffness 0.5] [--json out.json]

Each scene (`dragnuwa.research.scenes.bending`) has one thing that bends along its spine, twists, waves, or has joints;
its outline and 2, 3 or 6 of its points are known in all frames. Compared are, in the last frame: the mean error of all
places of the thing, in parts of its size (the square root of its area); how much its silhouette and the true one have
in common; and the PSNR within the true silhouette.

- nearest drag: what is nearest to a drag moves with it, as separate drags did;
- similarity: one shift, turn and scale for the thing, by least squares;
- inverse distance: Shepard's weights of the drags' displacements;
- thin plate: their thin-plate spline;
- bending: `dragnuwa.geometry.bending`, as rigid as possible.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy.interpolate import RBFInterpolator

from dragnuwa.geometry.similarity import fit_similarity
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.bending import WAYS, BendingScene, make_bending_scene
from dragnuwa.trajectory.bending import bent_shape
from dragnuwa.trajectory.types import Point, Track

PINS = (2, 3, 6)
POWER = 4  # of Shepard's weights, as of `dragnuwa.geometry.warps.InverseDistanceWarp`
Way = Callable[[BendingScene, np.ndarray], np.ndarray]
"""Where all places of a scene are in its last frame, by some drags [k, T]."""


def nearest_drag(scene: BendingScene, drags: np.ndarray) -> np.ndarray:
    near = np.abs(scene.places[:, None] - drags[:, 0]).argmin(1)
    return scene.places + (drags[:, -1] - drags[:, 0])[near]


def similarity(scene: BendingScene, drags: np.ndarray) -> np.ndarray:
    return fit_similarity(drags).apply(scene.places[:, None])[:, -1]


def inverse_distance(scene: BendingScene, drags: np.ndarray) -> np.ndarray:
    weight = 1 / (np.abs(scene.places[:, None] - drags[:, 0]) ** POWER + 1e-9)
    return scene.places + weight @ (drags[:, -1] - drags[:, 0]) / weight.sum(1)


def thin_plate(scene: BendingScene, drags: np.ndarray) -> np.ndarray:
    if len(drags) < 3:
        return similarity(scene, drags)
    starts, ends, places = (np.stack([of.real, of.imag], -1) for of in (drags[:, 0], drags[:, -1], scene.places))
    try:
        moved = RBFInterpolator(starts, ends - starts, kernel="thin_plate_spline", degree=1)(places)
    except np.linalg.LinAlgError:  # drags on one line
        return similarity(scene, drags)
    return scene.places + moved @ (1, 1j)


def bending(stiffness: float) -> Way:
    def bent(scene: BendingScene, drags: np.ndarray) -> np.ndarray:
        pins = [Track((Point(0, 0),))] * len(drags)
        fractions = np.linspace(0, 1, drags.shape[1])
        return bent_shape(scene.opacity, pins, drags, fractions, stiffness).moved(scene.places)[:, -1]

    return bent


def measured(scene: BendingScene, way: Way, count: int, truth: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    begun = time.perf_counter()
    moved = way(scene, scene.drags[:count])
    seconds = time.perf_counter() - begun
    own = scene.opacity[scene.places.imag.astype(int), scene.places.real.astype(int)] >= 0.5
    frame, opacity = scene.frame(moved)
    there, expected = opacity >= 0.5, truth[1] >= 0.5
    error = ((frame - truth[0])[expected] ** 2).mean()
    return {
        "error": float(np.abs(moved - scene.moved[-1])[own].mean() / scene.size),
        "silhouette": float((there & expected).sum() / max(1, (there | expected).sum())),
        "psnr": float(-10 * np.log10(max(error, 1e-10))),
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--first", type=int, default=HELD_OUT_SEED, help="seed of the first scene")
    parser.add_argument("--assets", help="folder of a pack with photographs and cut-outs")
    parser.add_argument("--stiffness", type=float, default=0.5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    ways: dict[str, Way] = {
        "nearest drag": nearest_drag,
        "similarity": similarity,
        "inverse distance": inverse_distance,
        "thin plate": thin_plate,
        "bending": bending(options.stiffness),
    }
    found: dict[tuple[int, str], list[dict[str, float]]] = {(count, name): [] for count in PINS for name in ways}
    for number in range(options.scenes):
        kind = WAYS[number % len(WAYS)]
        scene = make_bending_scene(options.first + number, way=kind, drags=max(PINS), assets=options.assets)
        truth = scene.frame(scene.moved[-1])
        for count, name in found:
            found[count, name].append(measured(scene, ways[name], count, truth) | {"way": kind})
    rows = [["drags", "way", "error, % of size", "silhouette", "PSNR, dB"]]
    for (count, name), values in found.items():
        means = [np.mean([value[key] for value in values]) for key in ("error", "silhouette", "psnr")]
        rows.append([str(count), name, f"{100 * means[0]:.1f}", f"{means[1]:.3f}", f"{means[2]:.1f}"])
    logging.info("%s", aligned(rows))
    rows = [["bending, 3 drags", "error, % of size", "silhouette"]]
    for kind in WAYS:
        values = [value for value in found[3, "bending"] if value["way"] == kind]
        error, common = (np.mean([value[key] for value in values]) for key in ("error", "silhouette"))
        rows.append([kind, f"{100 * error:.1f}", f"{common:.3f}"])
    logging.info("\n%s", aligned(rows))
    if options.json:
        options.json.write_text(json.dumps({f"{count}, {name}": of for (count, name), of in found.items()}, indent=1))


if __name__ == "__main__":
    main()
