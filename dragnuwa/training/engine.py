"""Training, for any recipe: on one device or many, stopped and gone on with exactly.

All that a step needs is drawn from its number, so what has to be kept is the weights, the optimiser, the average and
the step.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch import Tensor

from ..atomic import remove_partial_files
from . import loss as edm
from . import preview, sharding, state
from .curves import Curves, shares
from .data.sources import batches, open_source
from .optim import Average, set_rate
from .recipe import Clips
from .run_config import RunConfig

log = logging.getLogger(__name__)

PREVIEW_SAMPLING_STEPS = 12
NOISE = 7  # what chance is for, beside those in sources.py


class Run:
    """A training run: what is saved and resumed, and what one step does."""

    def __init__(self, config: RunConfig):
        accelerator = Accelerator(mixed_precision=config.precision, gradient_accumulation_steps=config.accumulate)
        self.config, self.accelerator = config, accelerator
        self.out, self.step = Path(config.out), 0
        self.rank, self.processes = accelerator.process_index, accelerator.num_processes
        self.size = config.part(self.processes)
        if self.rank == 0:
            remove_partial_files(self.out)
        sharded = _sharded(accelerator)
        torch.manual_seed(0)
        self.recipe = config.build(accelerator.device)
        saved = state.load(self.out / "state.pt")
        if saved is None and config.init is not None:
            self.recipe.load_exported(Path(config.init))
            log.info("starts from the weights of %s", config.init)
        if not sharded:
            self.recipe.network.to(accelerator.device)
        optimizer = self.recipe.make_optimizer(sharded=sharded)
        self.network, self.optimizer = accelerator.prepare(self.recipe.network, optimizer)
        self.average = Average(self.recipe.network, config.average)
        self.losses: list[Tensor] = []  # [3] a step, since they were last noted
        if saved is not None:
            self._resume(saved)

    def _resume(self, saved: dict) -> None:
        self.step = saved["step"]
        sharding.to_network(self.recipe.network, saved["network"])
        sharding.to_optimizer(self.recipe.network, self.optimizer.optimizer, saved["optimizer"])
        average = saved["average"]
        self.average.load_state_dict(average | {"weights": sharding.cut_as(average["weights"], self.average.weights)})
        if self.accelerator.scaler is not None and "scaler" in saved:
            self.accelerator.scaler.load_state_dict(saved["scaler"])
        noted = torch.tensor(saved.get("losses", []), device=self.accelerator.device)  # those of all processes
        self.losses = list(noted if self.rank == 0 else torch.zeros_like(noted))
        log.info("resumed at step %d", self.step)

    def save(self) -> None:
        """All processes call it, the first one writes."""
        average, scaler = self.average.state_dict(), self.accelerator.scaler
        gathered = {
            "step": self.step,
            "network": sharding.of_network(self.recipe.network),
            "optimizer": sharding.of_optimizer(self.recipe.network, self.optimizer.optimizer),
            "average": average | {"weights": sharding.whole(average["weights"])},
            "losses": [values.tolist() for values in self._all_losses()],
            "config": json.dumps(asdict(self.config)),
        }
        if scaler is not None:
            gathered["scaler"] = scaler.state_dict()
        if self.rank == 0:
            state.save(gathered, self.out / "state.pt")
        self.accelerator.wait_for_everyone()

    def train_step(self, clips: Iterator[Clips]) -> None:
        """One step of the optimiser over the parts that `clips` gives."""
        config, accelerator = self.config, self.accelerator
        sigmas = edm.draw_sigmas(config.batch, config.noise, torch.Generator().manual_seed(self.step))
        set_rate(self.optimizer, config.rate(self.step))
        noted = torch.zeros(3, device=accelerator.device)
        for part in range(config.accumulate):
            mine = (np.arange(self.size) + part * self.size) * self.processes + self.rank  # places in the batch
            with accelerator.accumulate(self.network):
                with torch.no_grad(), accelerator.autocast():
                    encoded = self.recipe.encode(next(clips))
                noise = torch.stack([_noise(self.step, int(place), encoded.latents.shape[1:]) for place in mine])
                sigma = sigmas[mine].to(accelerator.device)
                errors = edm.squared_error(
                    self.network, encoded.latents, encoded.conditions, sigma, noise.to(accelerator.device)
                )
                accelerator.backward((errors * edm.change_weight(encoded.latents, config.change)).mean())
                losses = errors.detach().flatten(1).mean(1)  # unweighted, so that curves can be compared
                noted += shares(losses, sigma, sigmas.to(accelerator.device))
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(self.network.parameters(), config.clip)
                self.optimizer.step()
                self.optimizer.zero_grad()
        self.average.update(self.recipe.network)
        self.losses.append(noted)
        self.step += 1

    def noted(self) -> dict[str, float]:
        """The mean losses since the last call. All processes call it."""
        mean, low, high = torch.stack(self._all_losses()).double().mean(0).tolist()
        self.losses.clear()
        return {"loss": mean, "loss_low_noise": low, "loss_high_noise": high}

    def _all_losses(self) -> list[Tensor]:
        """Each step's, of all processes together. All processes call it."""
        if self.processes == 1 or not self.losses:
            return self.losses
        return list(self.accelerator.reduce(torch.stack(self.losses), "sum"))

    def preview(self, clips: list[Clips]) -> tuple[preview.Score, np.ndarray]:
        """All processes call it, since they may share the network."""
        with self.average.applied(self.recipe.network), self.accelerator.autocast():
            return preview.score(self.recipe, clips, PREVIEW_SAMPLING_STEPS)

    def agreed(self, *wishes: bool) -> list[bool]:
        """What at least one process wishes, so that all do the same."""
        if self.processes == 1:
            return list(wishes)
        device = self.accelerator.device
        return [bool(votes) for votes in self.accelerator.reduce(torch.tensor(wishes, device=device).float(), "sum")]


def train(config: RunConfig, *, time_budget: float | None = None) -> None:
    """Train to `config.steps`, from the state in `config.out` if there is one.

    Curves go to its metrics.jsonl and tensorboard/, samples to its preview.png. Saves and returns when `time_budget`
    minutes have passed or SIGTERM has come.

    Raises:
        ValueError: if the batch cannot be divided among the processes, or the recipe cannot be trained under FSDP.
        FileNotFoundError: if a file that the configuration names is not there.
        VideoError: for a folder without a usable video.
        ShardError: for shards that are not whole.
    """
    begun = time.monotonic()
    torch.set_num_threads(config.threads)
    run = Run(config)
    log.info("%.1f million trained parameters on %s", _millions(run.average), run.accelerator.device)
    source = open_source(config.clips, config.stages, config.batch, config.fresh, run.out, run.rank)
    shown = [source.shown(number) for number in range(config.preview_clips)] if config.preview_steps else []
    clips = batches(
        source, run.step * config.batch, run.size, rank=run.rank, world=run.processes, workers=config.workers
    )
    curves = Curves(run.out, run.step, active=run.rank == 0)
    saved = lap = time.monotonic()
    since = run.step
    with _terminated() as terminated:
        while run.step < config.steps:
            run.train_step(clips)
            if run.step % config.log_steps == 0:
                now = time.monotonic()
                pace = (now - lap) / (run.step - since)
                rate = {"rate": config.rate(run.step - 1), "seconds_per_step": pace, "steps_per_second": 1 / pace}
                curves.note(run.step, run.noted() | rate)
                lap, since = now, run.step
            now = time.monotonic()
            over = time_budget is not None and now - begun > 60 * time_budget
            stop, save = run.agreed(terminated.is_set() or over, now - saved > config.save_seconds)
            if stop or save or run.step == config.steps:
                run.save()
                saved = time.monotonic()
            if stop and run.step < config.steps:
                log.info("stopped and saved at step %d; the same command goes on", run.step)
                break
            if config.preview_steps and run.step % config.preview_steps == 0:
                score, sheet = run.preview(shown)
                if run.rank == 0:
                    preview.write_sheet(sheet, run.out / "preview.png")
                    curves.note(run.step, asdict(score))
                    curves.picture(run.step, sheet)
                lap, since = time.monotonic(), run.step
    curves.close()


def _noise(step: int, place: int, shape: torch.Size) -> Tensor:
    seed = int(np.random.SeedSequence((NOISE, step, place)).generate_state(1, np.uint64)[0] >> np.uint64(1))
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _sharded(accelerator: Accelerator) -> bool:
    """Whether FSDP cuts the network up."""
    if accelerator.distributed_type != DistributedType.FSDP:
        return False
    if not accelerator.is_fsdp2:
        raise ValueError("of FSDP its second version is supported: accelerate launch --use_fsdp --fsdp_version 2.")
    return True


def _millions(average: Average) -> float:
    return sum(weight.numel() for weight in average.weights.values()) / 1e6


@contextmanager
def _terminated() -> Iterator[threading.Event]:
    """Within the block, SIGTERM sets the event instead of ending the process."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event  # Python lets the main thread alone handle signals
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGTERM, before)
