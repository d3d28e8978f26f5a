"""Restore Detail on held-out scenes whose truth is known at full size: how much of it comes back.

    .venv/bin/python benchmarks/detail.py models/dragnuwa-tiny.safetensors --folder output/detail [--scenes 60]

Two sets of scenes of 512x512 pixels, half of them with photographs and letters as texture where `--assets` names a pack
(tools/training_pack.py makes one). In the first, drags say how everything moves, and the embedded model makes the clip
at 128x128 with Carry's defaults. In the second, things also turn, grow, bend, pass behind others or change their light,
of which the drags are silent; the clip is the true one through the model's autoencoder at 128x128, and through it at
512x512 in the last two rows, as it is and restored. The clips are kept in the folder, the figures of each scene in its
figures.jsonl.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
import torch
from kornia.metrics import psnr, ssim

from benchmarks.detail_cases import (
    CHANGES,
    FRAMES,
    GROUPS,
    SIDE,
    Truth,
    cached,
    cases,
    small_drags,
    tensors,
    through_vae,
    write_assets,
)
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.detail import restore
from dragnuwa.research.evaluation.generate import load_generator
from dragnuwa.research.evaluation.report import aligned
from dragnuwa.research.evaluation.settings import Settings
from tests.support.carried import carry_points

SETS = {"dragged": GROUPS, "changed": CHANGES}
WORSE = 0.05  # by which a pixel has become worse than in the enlarged clip
BAND = 8  # px around the outlines of what moves
CARRIED = 56.0  # px, radius of Carry at full size
ROWS = (
    "enlarged",
    "still",
    "crude",
    "no drags",
    "drags",
    "follow 0.1",
    "masks",
    "ceiling",
    "through the VAE",
    "at factor 1",
)
FIGURES = {  # heading and digits
    "psnr": ("PSNR, dB", 2),
    "ssim": ("SSIM", 3),
    "gradient": ("gradient energy", 2),
    "flicker": ("flicker, median", 2),
    "worse": ("made worse, %", 2),
    "band": ("error at outlines", 4),
    "seconds": ("s per MP and frame", 2),
}


def videos(truth: Truth, clip: np.ndarray, sharp: np.ndarray | None) -> dict[str, tuple[np.ndarray, float]]:
    """`[T, H, W, 3]` uint8 of each row, and the seconds that it took."""
    images, picture = tensors(truth, clip)
    drags = {"points": small_drags(truth.points), "visible": truth.visible}
    masks = torch.from_numpy(truth.masks).float()
    made: dict[str, Callable[[], torch.Tensor]] = {
        "enlarged": lambda: fit(images, SIDE, SIDE),
        "still": lambda: picture.expand(FRAMES, -1, -1, -1),
        "crude": lambda: (
            carry_points(picture, truth.points, truth.visible, settings=CarrySettings(radius=CARRIED)).video
        ),
        "no drags": lambda: restore(images, picture).images,
        "drags": lambda: restore(images, picture, **drags).images,
        "follow 0.1": lambda: restore(images, picture, **drags, follow=0.1).images,
        "masks": lambda: restore(images, picture, **drags, masks=masks).images,
        "ceiling": lambda: ceiling(truth, fit(images, SIDE, SIDE)),
    }
    if sharp is not None:
        made["through the VAE"] = lambda: to_floats(sharp)
        made["at factor 1"] = lambda: restore(to_floats(sharp), picture).images
    found = {}
    for name, make in made.items():
        started = time.perf_counter()
        video = to_bytes(make())
        found[name] = video, time.perf_counter() - started
    return found


def ceiling(truth: Truth, enlarged: torch.Tensor) -> torch.Tensor:
    """The picture's pixels where they truly are, the enlarged clip elsewhere."""
    picture, frames = truth.frames[0].astype(np.float32) / 255, enlarged.numpy().copy()
    for time_, (sources, seen) in enumerate(zip(truth.sources, truth.seen, strict=True)):
        moved = cv2.remap(
            picture, *np.moveaxis(sources, -1, 0).copy(), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        frames[time_][seen] = moved[seen]
    return torch.from_numpy(frames).clamp(0, 1)


def figures(truth: Truth, video: np.ndarray, enlarged: np.ndarray, seconds: float) -> dict[str, float]:
    """Over all frames but the first."""
    true, found, plain = (array[1:].astype(np.float32) / 255 for array in (truth.frames, video, enlarged))
    error = np.abs(found - true).max(-1)
    outlines = _band(truth.owner[1:])
    return {
        "psnr": min(100.0, float(psnr(*map(torch.from_numpy, (found, true)), 1.0))),
        "ssim": float(ssim(_channels(found), _channels(true), 11).mean()),
        "gradient": _gradient(found) / _gradient(true),
        "flicker": _flicker(truth, video) / max(_flicker(truth, truth.frames), 1e-4),
        "worse": 100 * float((error > np.abs(plain - true).max(-1) + WORSE).mean()),
        "band": float(error[outlines].mean()) if outlines.any() else 0.0,
        "seconds": seconds / (FRAMES * SIDE * SIDE / 1e6),
    }


def _channels(frames: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(frames).movedim(-1, 1)


def _gradient(frames: np.ndarray) -> float:
    return float(np.square(np.diff(frames, axis=1)).mean() + np.square(np.diff(frames, axis=2)).mean())


def _band(owner: np.ndarray) -> np.ndarray:
    """`[T, H, W]` bool: near the outlines of things."""
    kernel = np.ones((BAND + 1, BAND + 1), np.uint8)
    edges = [cv2.morphologyEx(frame, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0 for frame in owner]
    return np.stack([cv2.dilate(edge.astype(np.uint8), kernel) > 0 for edge in edges])


def _flicker(truth: Truth, video: np.ndarray) -> float:
    """How much the colour of a place of the picture changes from frame to frame, along the true motion."""
    picture = [np.zeros((SIDE, SIDE, 3), np.float32) for _ in video]
    known = np.zeros((len(video), SIDE, SIDE), bool)
    for time_, frame in enumerate(video):
        x, y = np.rint(np.moveaxis(truth.sources[time_], -1, 0)).astype(int).clip(0, SIDE - 1)
        seen = truth.seen[time_]
        picture[time_][y[seen], x[seen]] = frame[seen]
        known[time_][y[seen], x[seen]] = True
    changes = [
        np.abs(picture[time_] - picture[time_ - 1])[known[time_] & known[time_ - 1]].mean()
        for time_ in range(2, len(video))
        if (known[time_] & known[time_ - 1]).any()
    ]
    return float(np.mean(changes)) / 255 if changes else 0.0


def _average(figure: str) -> Callable[[list[float]], float]:
    """Flicker is a ratio: a scene that hardly changes would outweigh all others in the mean."""
    return np.median if figure == "flicker" else np.mean


def table(lines: list[dict]) -> str:
    """Of each set the mean or median figures of each row, and PSNR in each group."""
    parts = []
    for name, groups in SETS.items():
        own = [line for line in lines if line["set"] == name]
        if not own:
            continue
        heads = [heading for heading, _ in FIGURES.values()]
        cells = [(f"{name}, {len(own)} scenes", *heads, *(f"PSNR {group}" for group in groups))]
        for row in ROWS:
            with_row = [line for line in own if row in line["rows"]]
            if not with_row:
                continue
            means = [
                f"{_average(key)([line['rows'][row][key] for line in with_row]):.{digits}f}"
                for key, (_, digits) in FIGURES.items()
            ]
            by_group = [[line["rows"][row]["psnr"] for line in with_row if line["group"] == group] for group in groups]
            cells.append((row, *means, *(f"{np.mean(one):.2f}" if one else "-" for one in by_group)))
        parts.append(aligned(cells))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return "\n\n".join(parts) + f"\npeak memory {peak:.0f} MB, models included"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--folder", type=Path, required=True, help="for clips and figures; a later run goes on there")
    parser.add_argument("--scenes", type=int, default=60, help="of each set")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--first", type=int, default=0, help="number of the first scene; another one, other scenes")
    parser.add_argument("--assets", help="folder of a pack of pictures")
    options = parser.parse_args()
    settings = Settings.for_checkpoint(options.checkpoint, steps=8, cfg=1.0)
    pack = write_assets(options.folder / "assets", options.assets)
    generator = lru_cache(lambda: load_generator(options.checkpoint))
    numbers, lines = range(options.first, options.first + options.scenes), []
    with (options.folder / "figures.jsonl").open("w", encoding="utf-8") as file:
        for name, truth, clip in cases(options.sets, numbers, pack, generator, settings, options.folder):
            sharp = None
            if name == "changed":
                kept = options.folder / f"sharp-{truth.seed}.npy"
                sharp = cached(kept, lambda truth=truth: through_vae(truth, generator(), SIDE))
            made = videos(truth, clip, sharp)
            plain = made["enlarged"][0]
            rows = {row: figures(truth, video, plain, seconds) for row, (video, seconds) in made.items()}
            lines.append({"set": name, "group": truth.group, "seed": truth.seed, "rows": rows})
            file.write(json.dumps(lines[-1]) + "\n")
            file.flush()
            sys.stderr.write(f"{len(lines)} of {len(options.sets) * options.scenes}\n")
    sys.stdout.write(table(lines) + "\n")


if __name__ == "__main__":
    main()
