"""`python -m dragnuwa.train CONFIG.toml`: train the video network and its adapter on scenes.

All that a step needs is drawn from its number, so a run that was stopped goes on exactly as it would have.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..host.find import find_host
from . import autoencoder, edm, state
from .clips import ClipConfig, LatentStore, make_batch
from .config import read
from .network import DragNetwork, NetworkConfig
from .optim import Average, MuonAdamW
from .preview import score
from .whole import remove_parts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stage:
    """Up to step `until`, the drag maps are of dense flow in `dense_share` of the clips, else of sparse tracks."""

    until: int
    dense_share: float


@dataclass(frozen=True)
class DiffusionConfig:
    out: str
    autoencoder: str  # the file that training the autoencoder wrote
    network: NetworkConfig = field(default_factory=NetworkConfig)
    clips: ClipConfig = field(default_factory=ClipConfig)
    noise: edm.NoiseConfig = field(default_factory=edm.NoiseConfig)
    stages: tuple[Stage, ...] = (Stage(3000, 1.0), Stage(1_000_000, 0.1))  # Adaptive Training
    steps: int = 100_000
    batch: int = 8
    fresh: int = 2  # clips of a batch that are new
    warmup: int = 200
    cooldown: int = 0  # last steps, over which the learning rate falls to 0
    lr: float = 1e-3  # Muon
    adam_lr: float = 1e-3
    weight_decay: float = 0.01
    average: float = 0.999
    save_seconds: float = 300.0
    preview_steps: int = 500
    preview_clips: int = 6
    log_steps: int = 20
    threads: int = 2

    def dense_share(self, step: int) -> float:
        return next((stage.dense_share for stage in self.stages if step < stage.until), self.stages[-1].dense_share)

    def rate(self, step: int) -> float:
        """The learning rate's share: a warm-up, a plateau, and a linear fall at the end."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        return min(rise, (self.steps - step) / self.cooldown) if self.cooldown else rise


class Run:
    """A training run: what is saved and resumed, and what one step does."""

    def __init__(self, config: DiffusionConfig):
        from ..host.trainable import tokenizer

        self.config, self.out, self.step = config, Path(config.out), 0
        weights = state.load(Path(config.autoencoder))
        if weights is None:
            raise FileNotFoundError(
                f"no autoencoder at {config.autoencoder}; train one with dragnuwa.training.autoencoder"
            )
        self.autoencoder = autoencoder.build().requires_grad_(False)
        self.autoencoder.load_state_dict(weights)
        torch.manual_seed(0)
        self.network = DragNetwork(config.network)
        self.averaged = DragNetwork(config.network).requires_grad_(False)
        unet = self.network.unet
        self.optimizer = MuonAdamW(
            self.network,
            config.lr,
            config.adam_lr,
            config.weight_decay,
            plain=(unet.input_blocks[0][0].weight, unet.out[2].weight),
        )
        self.average = Average(self.network, config.average)
        self.tokenize = tokenizer(config.network.context_dim)
        self.store = LatentStore(self.out / "latents", self.autoencoder, config.clips.scenes.frames)
        self.resume()

    def resume(self) -> None:
        remove_parts(self.out)
        if (saved := state.load(self.out / "state.pt")) is not None:
            self.step = saved["step"]
            self.network.load_state_dict(saved["network"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.average.load_state_dict(saved["average"])
            log.info("resumed at step %d", self.step)

    def save(self) -> None:
        state.save(
            {
                "step": self.step,
                "network": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average.state_dict(),
                "config": json.dumps(asdict(self.config)),
            },
            self.out / "state.pt",
        )

    def train_step(self) -> tuple[float, float, float]:
        """One step; returns the loss of the batch, and the lowest and highest noise's part of it."""
        config = self.config
        batch = make_batch(
            self.step,
            config.batch,
            config.fresh,
            config.dense_share(self.step),
            config.clips,
            self.store,
            self.tokenize,
        )
        generator = torch.Generator().manual_seed(self.step)
        sigma = edm.draw_sigmas(config.batch, config.noise, generator)
        noise = torch.randn(batch.latents.shape, generator=generator)
        self.optimizer.set_rate(config.rate(self.step))
        with torch.autocast("cpu", torch.bfloat16):
            conditions = replace(batch.conditions, context=self.network.text.read(batch.tokens, batch.told))
            losses = edm.loss(self.network, batch.latents, conditions, sigma, noise)
        losses.mean().backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update(self.network)
        self.step += 1
        order = losses.detach()[sigma.argsort()]
        return float(order.mean()), float(order[: len(order) // 2].mean()), float(order[len(order) // 2 :].mean())

    def preview(self) -> dict[str, float]:
        self.averaged.load_state_dict(self.average.weights, strict=False)
        count, sheet = self.config.preview_clips, self.out / "preview.png"
        found = score(self.averaged, self.autoencoder, self.tokenize, self.config.clips, count, 12, sheet)
        return asdict(found)


def train(config: DiffusionConfig) -> None:
    """Train to `config.steps`, from the state in `config.out` if there is one; curves go to its `metrics.jsonl`."""
    torch.set_num_threads(config.threads)
    run = Run(config)
    millions = sum(parameter.numel() for parameter in run.network.parameters()) / 1e6
    log.info("%.1f million parameters", millions)
    saved = begun = time.monotonic()
    losses: list[tuple[float, float, float]] = []
    while run.step < config.steps:
        losses.append(run.train_step())
        if run.step % config.log_steps == 0:
            now = time.monotonic()
            mean, low, high = (float(value) for value in np.mean(losses, axis=0))
            _note(
                run,
                {
                    "loss": mean,
                    "loss_low_noise": low,
                    "loss_high_noise": high,
                    "seconds_per_step": (now - begun) / len(losses),
                },
            )
            losses.clear()
            begun = now
        if run.step == config.steps or time.monotonic() - saved > config.save_seconds:
            run.save()
            saved = time.monotonic()
        if run.step % config.preview_steps == 0:
            _note(run, run.preview())
            begun = time.monotonic()


def _note(run: Run, values: dict[str, float]) -> None:
    log.info("step %d %s", run.step, " ".join(f"{name} {value:.4f}" for name, value in values.items()))
    with open(run.out / "metrics.jsonl", "a") as file:
        file.write(json.dumps({"step": run.step, "time": time.time(), **values}) + "\n")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m dragnuwa.train", description="Train the video network.")
    parser.add_argument("config", help="a TOML file of DiffusionConfig")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = read(options.config, DiffusionConfig)
    find_host()
    train(config)
