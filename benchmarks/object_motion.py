"""How exactly an object that turns and grows does so in the video: on held-out scenes, with the embedded model.

    .venv/bin/python benchmarks/object_motion.py models/dragnuwa-tiny.safetensors --scenes 20 --json out.json

Each scene has one thing that moves, turns by at least 10 degrees and grows or shrinks by at least 10 %, in the picture.
Its outline and its motion become an object of the trajectory format, which is carried and sampled as in a workflow. The
last frame is compared with the true one, under the object and around it, by the similarity transform that makes them
most alike. Errors are those of the position, as part of the way that the object goes, of the turn in degrees, and of
the scale. "carried" is the moved picture, from which the sampling starts; "true, through the VAE" is what the measuring
itself adds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
from scipy.optimize import minimize

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.from_objects import CENTRE
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.images import to_bytes, to_floats
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.research.evaluation.generate import Carrying, Conditions, Generator, load_generator
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.evaluation.settings import Settings, add_sampling_options, run_command, sampling_fields
from dragnuwa.research.scenes import HELD_OUT_SEED
from dragnuwa.research.scenes.scene import Scene, SceneConfig, make_scene
from dragnuwa.trajectory import DrawnPath, MotionObject, Point, Trajectories
from dragnuwa.trajectory.objects.change import at_frames
from dragnuwa.trajectory.objects.types import middle
from dragnuwa.vision.segmentation.outline import outline_of

ASKED = {"position": 0.1, "turn, degrees": 5.0, "scale": 0.05}
LEAST_TURN, LEAST_GROWTH = 10.0, 0.1
BLUR = 0.7  # px, of frames before they are compared
RIM = 3  # px around the object, in which they are, too
UNITS = 40.0  # px: a turn by a radian, or a growth by e, is as much as a shift by that
WHOLE = 0.98  # of the object that has to be seen at the end


@dataclass(frozen=True)
class Measured:
    """A scene with one object: its motion in the pixels of the frames, whose centres are whole numbers."""

    scene: Scene
    motion: SimilarityTransform
    drawing: Trajectories

    @classmethod
    def of(cls, seed: int, settings: Settings) -> Measured | None:
        """The scene of a seed, or None where its object does not turn, grow and stay in the picture."""
        clip = settings.clip
        config = SceneConfig(
            frames=clip.frames, sizes=((clip.height, clip.width),), objects=(1, 1), object_size=(0.3, 0.5),
            camera_share=0.0, leaving_share=0.0, spin=1.0,
        )  # fmt: skip
        scene = make_scene(seed, config)
        matrix = scene.motions[1]
        factor = matrix[:, 0, 0] + 1j * matrix[:, 1, 0]
        motion = SimilarityTransform(factor, matrix[:, 0, 2] + 1j * matrix[:, 1, 2])
        turned, grown = abs(np.degrees(np.angle(factor[-1]))), abs(abs(factor[-1]) - 1)
        first, last = scene.masks[0, 0], scene.masks[0, -1]
        seen = last.sum() / max(1.0, first.sum() * abs(factor[-1]) ** 2)
        if turned < LEAST_TURN or grown < LEAST_GROWTH or seen < WHOLE:
            return None
        outline = outline_of(first.astype(np.float32))
        if not outline:
            return None
        rest = MotionObject(outline, middle(outline), DrawnPath((Point(*middle(outline)),)))
        corners = SimilarityTransform(factor, motion.shift - (factor - 1) * CENTRE)
        always = np.ones(clip.frames, bool)
        moved = at_frames(rest, corners, always, np.array(clip.size, dtype=float), "Scene")
        return cls(scene, motion, Trajectories((), clip.size, (moved,)))

    def errors(self, frame: np.ndarray) -> dict[str, float]:
        """Of the object in the last frame `[H, W, 3]` uint8."""
        mask = self.scene.masks[0, -1].astype(np.uint8)
        y, x = np.nonzero(mask)
        centre = complex(x.mean(), y.mean())
        true, found = (cv2.GaussianBlur(one.astype(np.float32), (0, 0), BLUR) for one in (self.scene.frames[-1], frame))
        weight = cv2.dilate(mask, np.ones((2 * RIM + 1, 2 * RIM + 1))).astype(np.float32)

        def unlike(change: np.ndarray) -> float:
            """Mean squared difference of the true object, changed, from the frame, under the changed object."""
            shift, factor = complex(*change[:2]), np.exp(change[3] / UNITS + 1j * change[2] / UNITS)
            offset = centre + shift - factor * centre
            matrix = np.array([[factor.real, -factor.imag, offset.real], [factor.imag, factor.real, offset.imag]])
            moved, under = (cv2.warpAffine(one, matrix, mask.shape[::-1]) for one in (true, weight))
            return float((((moved - found) ** 2).sum(-1) * under).sum() / max(under.sum(), 1))

        begins = [np.array([0, 0, turn, growth]) for turn in (-4, 0, 4) for growth in (-2, 0, 2)]
        found_best = min((minimize(unlike, begin, method="Nelder-Mead") for begin in begins), key=lambda one: one.fun)
        x, y, turn, growth = found_best.x
        start = (centre - self.motion.shift[-1]) / self.motion.factor[-1]
        return {
            "position": float(np.hypot(x, y) / abs(centre - start)),
            "turn, degrees": float(abs(np.degrees(turn / UNITS))),
            "scale": float(abs(np.expm1(growth / UNITS))),
        }


def videos(case: Measured, generator: Generator, settings: Settings, seed: int) -> dict[str, np.ndarray]:
    """The last frame of each video of a scene."""
    clip, start = settings.clip, case.scene.frames[0]
    sampled = case.drawing.at_frames(clip)
    carry = CarrySettings()
    given = Conditions(
        clip, sampled.points, sampled.visible, start, "", seed, carrying=Carrying(carry, None, case.drawing)
    )
    carried = carry_clip(to_floats(start[None]), case.drawing, clip, settings=carry).video
    return {
        "result": generator.generate(given, settings).frames[-1],
        "carried": to_bytes(carried[-1]),
        "true, through the VAE": generator.through_vae(case.scene.frames)[-1],
    }


def measure(options: argparse.Namespace) -> str:
    settings = Settings.for_checkpoint(options.checkpoint, **sampling_fields(options))
    generator = load_generator(options.checkpoint, options.comfyui)
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    seed, done = HELD_OUT_SEED, 0
    while done < options.scenes:
        seed += 1
        case = Measured.of(seed, settings)
        if case is None:
            continue
        done += 1
        for name, frame in videos(case, generator, settings, seed).items():
            for figure, value in case.errors(frame).items():
                figures[name][figure].append(value)
    if options.json is not None:
        options.json.write_text(json.dumps(figures))
    rows = [("video", "error of", "mean", "median", "worst", "asked")]
    for name, columns in figures.items():
        for figure, values in columns.items():
            numbers = (np.mean(values), np.median(values), np.max(values))
            rows.append((name, figure, *(f"{value:.3f}" for value in numbers), f"{ASKED[figure]:g}"))
    return f"{aligned(rows)}\n{done} scenes"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    made.add_argument("--scenes", type=int, default=20)
    made.add_argument("--json", type=Path, help="file for all figures")
    add_sampling_options(made)
    made.set_defaults(steps=8, cfg=1.0)
    return made


if __name__ == "__main__":
    run_command(parser(), measure, None)
