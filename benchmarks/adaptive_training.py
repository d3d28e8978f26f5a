"""Ablation of Adaptive Training: dense flow alone, sparse tracks alone, and dense flow followed by sparse tracks.

    .venv/bin/python benchmarks/adaptive_training.py AUTOENCODER.pt --steps 4000 --out .train/ablation

Three trainings of a small network on small clips that differ in their stages only: the same number of steps, initial
weights, scenes, noise and weighting of the error (those of the last part of the shipped model's training). Each is then
measured with sparse drags on the same held-out scenes, and compared with a still video and the true clip through the
autoencoder. An interrupted run is resumed by the same command.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIDE, FRAMES = 64, 4
GROUPS = "straight,curved,several"
FIGURES = {  # beginnings of the evaluation's rows, and their headings in the table
    "relative ObjMC, one object, straight": "straight",
    "relative ObjMC, one object, curved": "curved",
    "relative ObjMC, 2 to 4 objects": "several",
    "PSNR against the true clip": "PSNR dB",
}
CONFIG = """\
out = {out}
autoencoder = {autoencoder}
threads = {threads}
batch = {batch}
steps = {steps}
warmup = {warmup}
cooldown = {cooldown}
change = 4.0

[network]
model_channels = 32
channel_mult = [1, 2]
num_res_blocks = 1
head_channels = 16
context_dim = 32

[noise]
mean = 1.6
spread = 1.5

{stages}
[clips]
kernel_size = 39
sigma = 4.0
drop_text = 0.1
drop_picture = 0.0
drop_drags = 0.0

[clips.scenes]
frames = {frames}
sizes = [[{side}, {side}]]
objects = [1, 3]
object_size = [0.25, 0.5]
{assets}"""


@dataclass(frozen=True)
class Arm:
    """One of the trainings: for each stage the fraction of all steps at which it ends, and its share of dense flow."""

    name: str
    stages: tuple[tuple[float, float], ...]


ARMS = (
    Arm("dense only", ((1.0, 1.0),)),
    Arm("sparse only", ((1.0, 0.0),)),
    Arm("dense, then sparse", ((0.5, 1.0), (1.0, 0.0))),
)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = argument_parser().parse_args()
    if options.steps < 2:
        raise SystemExit("--steps must be at least 2, one for each stage.")
    figures: dict[str, dict[str, float]] = {}
    for arm in ARMS:
        rows = measured(arm, options)
        figures[arm.name] = {head: rows[head]["model"] for head in FIGURES.values()}
        for name in ("still", "ceiling"):
            figures[name] = {head: rows[head][name] for head in FIGURES.values()}
    logging.info("%s", table(figures, options.steps, options.scenes))


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("autoencoder", type=Path, help="autoencoder.pt, or a checkpoint of the tiny model")
    parser.add_argument("--out", type=Path, required=True, help="folder of the trainings and their figures")
    parser.add_argument("--steps", type=int, default=4000, help="of each training (default 4000)")
    parser.add_argument("--scenes", type=int, default=60, help="to measure (default 60)")
    parser.add_argument("--sampling-steps", type=int, default=12, help="(default 12)")
    parser.add_argument("--batch", type=int, default=8, help="clips per step (default 8)")
    parser.add_argument("--threads", type=int, default=1, help="of the trainings (default 1)")
    parser.add_argument("--assets", type=Path, help="a pack of dragnuwa.research.scenes.pack (default: procedural)")
    return parser


def measured(arm: Arm, options: argparse.Namespace) -> dict[str, dict]:
    """Train, export and measure one of them; returns the evaluation's rows by the table's headings."""
    folder = options.out.resolve() / f"{arm.name.replace(', ', '-').replace(' ', '-')}-{options.steps}"
    folder.mkdir(parents=True, exist_ok=True)
    config, checkpoint = folder / "config.toml", folder / "model.safetensors"
    config.write_text(config_of(arm, folder, options), encoding="utf-8")
    logging.info("%s: training", arm.name)
    run("dragnuwa.train", config)
    run("dragnuwa.research.training.export", folder / "run" / "state.pt", options.autoencoder.resolve(), checkpoint)
    logging.info("%s: measuring", arm.name)
    output = run(
        "dragnuwa.evaluation", checkpoint, "--out", folder / f"{options.sampling_steps}-steps.jsonl", "--json",
        "--size", f"{SIDE}x{SIDE}", "--groups", GROUPS, "--scenes", options.scenes,
        "--steps", options.sampling_steps, *assets_option(options),
    )  # fmt: skip
    rows = json.loads(output)["rows"]
    return {head: next(row for row in rows if row["name"].startswith(beginning)) for beginning, head in FIGURES.items()}


def config_of(arm: Arm, folder: Path, options: argparse.Namespace) -> str:
    stages = "".join(
        f"[[stages]]\nuntil = {round(end * options.steps)}\ndense_share = {share:.1f}\n\n" for end, share in arm.stages
    )
    return CONFIG.format(
        out=json.dumps(str(folder / "run")), autoencoder=json.dumps(str(options.autoencoder.resolve())),
        threads=options.threads, batch=options.batch, steps=options.steps, warmup=min(100, options.steps // 10 + 1),
        cooldown=options.steps // 10, stages=stages, frames=FRAMES, side=SIDE,
        assets="" if options.assets is None else f"assets = {json.dumps(str(options.assets.resolve()))}\n",
    )  # fmt: skip


def assets_option(options: argparse.Namespace) -> tuple:
    return () if options.assets is None else ("--assets", options.assets.resolve())


def run(module: str, *arguments: object) -> str:
    """The standard output of a command; its messages on standard error are shown."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{module} failed with {done.returncode}; see its message above.")
    return done.stdout


def table(figures: dict[str, dict[str, float]], steps: int, scenes: int) -> str:
    heads = (f"{steps} steps, {scenes} scenes", *(f"{head}" for head in FIGURES.values()))
    named = {"still": "still video", "ceiling": "true clip through the VAE"}
    lines = [heads] + [
        (named.get(name, name), *(f"{value:.2f}" for value in values.values()))
        for name, values in sorted(figures.items(), key=lambda item: item[0] in named)
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(["relative ObjMC by group (0 follows exactly, 1 as a still video), and PSNR:", *shown])


if __name__ == "__main__":
    main()
