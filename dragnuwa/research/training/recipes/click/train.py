"""`python -m dragnuwa.research.training.recipes.click.train CONFIG.toml`: trains the click network.

It can be stopped at any time; the same command resumes from the last state. On a GPU half a million pictures take half
an hour, on two cores 15,000 two and a half hours.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from .....common.atomic import remove_partial_files
from .....vision.click_network.network import ClickNetwork
from .....vision.click_network.weights import load
from ... import state
from ...config import read
from ...optim import EMA, cosine
from . import clicks, stock
from .composites import Composer
from .encoder_weights import of_file
from .loss import losses

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClickConfig:
    """
    Attributes:
        out: folder of the state, `state.pt`.
        stock: files of cut-outs and photographs; see `stock`.
        encoder: the .pth file of EfficientNet-Lite0 to begin with.
        start: file of a whole network's weights to begin with instead.
        steps: of the whole training; the learning rate falls along a cosine to its end.
        frozen: steps at the beginning in which the encoder rests.
        batch: pictures in a step.
        side: px of a picture, a multiple of 32.
        corrections: clicks after the first one, each at the largest mistake.
        lr, encoder_lr: highest learning rates of the decoder and the encoder.
        minutes: time of this call, after which the state is saved; 0 for no limit.
    """

    out: str
    stock: tuple[str, ...]
    encoder: str
    start: str | None = None
    steps: int = 8000
    frozen: int = 500
    warmup: int = 200
    batch: int = 4
    side: int = 384
    corrections: int = 1
    lr: float = 1e-3
    encoder_lr: float = 1e-4
    weight_decay: float = 0.02
    average: float = 0.999
    device: str = "cpu"
    bfloat16: bool = False
    threads: int = 2
    minutes: float = 0.0
    save_seconds: float = 300.0
    log_steps: int = 50
    seed: int = field(default=0)


class Training:
    def __init__(self, config: ClickConfig):
        self.config, self.step = config, 0
        self.device = torch.device(config.device)
        torch.manual_seed(config.seed)
        self.network = ClickNetwork()
        self.network.encoder.load_state_dict(of_file(config.encoder))
        if config.start is not None:
            self.network.load_state_dict(load(Path(config.start), ClickNetwork()).state_dict())
        self.network.encoder.requires_grad_(config.frozen < config.steps)
        self.network.to(self.device, memory_format=torch.channels_last)
        encoder = list(self.network.encoder.parameters())
        own = {id(one) for one in encoder}
        rest = [one for one in self.network.parameters() if id(one) not in own]
        groups = [{"params": rest, "lr": config.lr}, {"params": encoder, "lr": config.encoder_lr}]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
        self.ema = EMA(self.network, config.average)
        saved = state.load(Path(config.out) / "state.pt")
        if saved is not None:
            self.step = saved["step"]
            self.network.load_state_dict(saved["network"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.ema.load_state_dict(saved["average"])
            log.info("resumed at step %d", self.step)
        self.composer = Composer(stock.load(*config.stock).to(self.device), config.side, config.seed + self.step)

    def train_step(self) -> dict[str, Tensor]:
        config = self.config
        factor = cosine(self.step, config.steps, config.warmup)
        rest = min(1.0, max(0.0, (self.step - config.frozen) / config.warmup))  # the encoder begins later
        for group, lr in zip(self.optimizer.param_groups, (config.lr, config.encoder_lr * rest), strict=True):
            group["lr"] = lr * factor
        composites = self.composer.batch(config.batch)
        asked = clicks.first(composites, self.composer.random)
        total, figures = 0.0, {}
        with torch.autocast(self.device.type, torch.bfloat16, enabled=config.bfloat16):
            encoded = self.network.encode(composites.pictures.contiguous(memory_format=torch.channels_last))
            for number in range(1 + config.corrections):
                answer = self.network(encoded, asked.query)
                loss, told, found = losses(self.network, encoded, asked, answer, composites)
                total = total + loss
                figures |= {f"{name}_{number}": value for name, value in told.items()}
                if number < config.corrections:
                    asked = clicks.corrected(asked, found.detach())
        total.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.ema.update(self.network)
        self.step += 1
        return figures

    def save(self) -> None:
        state.save(
            {
                "step": self.step,
                "network": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.ema.state_dict(),
            },
            Path(self.config.out) / "state.pt",
        )


def train(config: ClickConfig) -> None:
    """Train to `config.steps`, from the state in `config.out` if there is one."""
    start = saved = time.monotonic()
    torch.set_num_threads(config.threads)
    remove_partial_files(Path(config.out))
    training = Training(config)
    sums: dict[str, list[Tensor]] = defaultdict(list)
    while training.step < config.steps:
        for name, value in training.train_step().items():
            sums[name].append(value)
        now = time.monotonic()
        if training.step % config.log_steps == 0:
            means = {name: float(torch.stack(values).mean()) for name, values in sums.items()}
            told = " ".join(f"{name} {value:.4f}" for name, value in means.items())
            log.info("step %d, %.0f s: %s", training.step, now - start, told)
            sums.clear()
        over = config.minutes > 0 and now - start > 60 * config.minutes
        if over or training.step == config.steps or now - saved > config.save_seconds:
            training.save()
            saved = now
        if over:
            log.info("stopped and saved at step %d; the same command resumes", training.step)
            return


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.training.recipes.click.train", description="Train the click network."
    )
    parser.add_argument("config", help="a TOML file of ClickConfig")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(read(options.config, ClickConfig))


if __name__ == "__main__":
    main()
