"""The training loop for any recipe, on one device or many, with exact resumption.

All random numbers of a step depend on its number, so the state is the weights, the optimiser, the moving average and
the step.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, DistributedType
from torch import Tensor

from ...common.atomic import remove_partial_files
from . import preview, sharding, state
from .data.clips import Clips
from .data.sources import batches
from .loss import draw_sigmas, loss_contributions, place_weight, squared_error
from .metrics_log import MetricsLog
from .optim import EMA, constant, set_learning_rate
from .random_streams import NOISE
from .run_config import RunConfig

log = logging.getLogger(__name__)

PREVIEW_SAMPLING_STEPS = 12
GRAD_CLIP_NORM = 1.0


class NotFiniteError(RuntimeError):
    """A loss or a trained weight is NaN or infinite. The message says at which step, and what to do."""


class Run:
    """A training run: its state, which is saved and resumed, and one step."""

    def __init__(self, config: RunConfig):
        accelerator = Accelerator(
            mixed_precision=config.precision,
            gradient_accumulation_steps=config.accumulate,
            # single pictures do not train all parameters
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=config.clips.short is not None)],
        )
        self.config, self.accelerator = config, accelerator
        self.out, self.step = Path(config.out), 0
        self.rank, self.processes = accelerator.process_index, accelerator.num_processes
        self.micro_batch = config.micro_batch(self.processes)
        if self.rank == 0:
            remove_partial_files(self.out)
        sharded = _uses_fsdp(accelerator)
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
        self.ema = EMA(self.recipe.network, config.ema_decay)
        self.losses: list[Tensor] = []  # [3] per step, since the last log entry
        # oneDNN returns NaN gradients for bfloat16 convolutions over 2 frames on CPUs with AVX-512 but no AMX (seen
        # with torch 2.14). torch's own convolutions take twice as long, but are correct.
        on_cpu = accelerator.device.type == "cpu"
        self.onednn = not (on_cpu and config.precision == "bf16" and 2 in config.clips.lengths)
        if saved is not None:
            self._resume(saved)

    def _resume(self, saved: dict) -> None:
        self.step = saved["step"]
        sharding.load_network(self.recipe.network, saved["network"])
        sharding.load_optimizer(self.recipe.network, self.optimizer.optimizer, saved["optimizer"])
        ema = saved["average"]
        self.ema.load_state_dict(ema | {"weights": sharding.shard_like(ema["weights"], self.ema.weights)})
        if self.accelerator.scaler is not None and "scaler" in saved:
            self.accelerator.scaler.load_state_dict(saved["scaler"])
        losses = torch.tensor(saved["losses"], device=self.accelerator.device)  # of all processes together
        self.losses = list(losses if self.rank == 0 else torch.zeros_like(losses))
        log.info("resumed at step %d", self.step)

    def save(self) -> None:
        """Save the state. All processes call it; the first one writes."""
        ema, scaler = self.ema.state_dict(), self.accelerator.scaler
        gathered = {
            "step": self.step,
            "network": sharding.gather_network(self.recipe.network),
            "optimizer": sharding.gather_optimizer(self.recipe.network, self.optimizer.optimizer),
            "average": ema | {"weights": sharding.gather(ema["weights"])},
            "losses": [values.tolist() for values in self._all_losses()],
            "config": json.dumps(asdict(self.config)),
        }
        if scaler is not None:
            gathered["scaler"] = scaler.state_dict()
        if self.rank == 0:
            state.save(gathered, self.out / "state.pt")
        self.accelerator.wait_for_everyone()

    def train_step(self, clips: Iterator[Clips]) -> None:
        """One step of the optimiser, on `accumulate` micro-batches of `clips`."""
        with nullcontext() if self.onednn else torch.backends.mkldnn.flags(enabled=False):
            self._train_step(clips)

    def _train_step(self, clips: Iterator[Clips]) -> None:
        config, accelerator = self.config, self.accelerator
        times = config.clips.times(self.step)
        sigmas = draw_sigmas(config.batch * times, config.noise, torch.Generator().manual_seed(self.step))
        set_learning_rate(self.optimizer, self.rate_factor(self.step))
        step_losses = torch.zeros(3, device=accelerator.device)
        for part in range(config.accumulate):
            indices = np.arange(self.micro_batch) + part * self.micro_batch
            indices = indices * self.processes + self.rank  # in the batch of all processes
            indices = (indices[:, None] * times + np.arange(times)).ravel()
            with accelerator.accumulate(self.network):
                with torch.no_grad(), accelerator.autocast():
                    encoded = self.recipe.encode(next(clips))
                shape, device = encoded.latents.shape[1:], accelerator.device
                noise = torch.stack([_noise(self.step, int(place), shape, device) for place in indices])
                sigma = sigmas[indices].to(device)
                errors = squared_error(self.network, encoded.latents, encoded.conditions, sigma, noise)
                accelerator.backward((errors * place_weight(encoded, config.change)).mean())
                losses = errors.detach().flatten(1).mean(1)  # unweighted, to be comparable between runs
                step_losses += loss_contributions(losses, sigma, sigmas.to(accelerator.device))
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(self.network.parameters(), GRAD_CLIP_NORM)
                self.optimizer.step()
                self.optimizer.zero_grad()
        self.ema.update(self.recipe.network)
        self.losses.append(step_losses)
        self.step += 1

    def is_finite(self) -> bool:
        """Whether the last step's losses and all trained weights of this process are finite."""
        weights = [sharding.own_part(one) for one in self.recipe.network.parameters() if one.requires_grad]
        numbers = [torch.stack(torch._foreach_norm(weights)), *self.losses[-1:]]
        return all(bool(one.isfinite().all()) for one in numbers)

    def failure(self) -> NotFiniteError:
        """The error of a run whose last step is not finite."""
        kept = self.out / "state.pt"
        saved = f"The last saved state is still in {kept}." if kept.exists() else "Nothing was saved yet."
        return NotFiniteError(
            f"Step {self.step - 1} gave a loss or weights that are not finite (NaN or infinity), so the training has "
            f'stopped. {saved} Lower lr and adam_lr, or set precision = "no", and start the same command again; if it '
            "stops at the same step, look at the clips of that step."
        )

    def rate_factor(self, step: int) -> float:
        """The learning rate at a step, as a factor of the configured one."""
        config = self.config
        return constant(step, config.steps, config.warmup, config.cooldown)

    def mean_losses(self) -> dict[str, float]:
        """The mean losses since the last call. All processes call it."""
        mean, low, high = torch.stack(self._all_losses()).double().mean(0).tolist()
        self.losses.clear()
        return {"loss": mean, "loss_low_noise": low, "loss_high_noise": high}

    def _all_losses(self) -> list[Tensor]:
        """The losses of each step, of all processes together. All processes call it."""
        if self.processes == 1 or not self.losses:
            return self.losses
        return list(self.accelerator.reduce(torch.stack(self.losses), "sum"))

    def preview(self, clips: list[Clips], metrics: MetricsLog) -> None:
        """Sample `clips` with the averaged weights, write preview.png and log the scores.

        All processes call it, since the network may be sharded; the first one writes.
        """
        with self.ema.applied(self.recipe.network), self.accelerator.autocast():
            score, sheet = preview.score(self.recipe, clips, PREVIEW_SAMPLING_STEPS)
        if self.rank == 0:
            preview.write_sheet(sheet, self.out / "preview.png")
            metrics.write(self.step, asdict(score))
            metrics.write_image(self.step, sheet)

    def any_process(self, *flags: bool) -> list[bool]:
        """For each flag, whether it is set in any process, so that all take the same branch. All processes call it."""
        if self.processes == 1:
            return list(flags)
        device = self.accelerator.device
        return [bool(count) for count in self.accelerator.reduce(torch.tensor(flags, device=device).float(), "sum")]


def train(config: RunConfig, *, time_budget: float | None = None) -> None:
    """Train to `config.steps`, from the state in `config.out` if there is one.

    Metrics go to its metrics.jsonl and tensorboard/, samples to its preview.png. Saves and returns after `time_budget`
    minutes, or on SIGTERM.

    Raises:
        ValueError: if the batch cannot be divided among the processes, or the recipe cannot be trained under FSDP.
        FileNotFoundError: if a file that the configuration names is missing.
        VideoError: for a folder without a usable video.
        ShardError: for incomplete shards.
        NotFiniteError: if a loss or a weight is not finite. The last state that was saved is kept.
    """
    start = time.monotonic()
    torch.set_num_threads(config.threads)
    run = Run(config)
    log.info("%.1f million trained parameters on %s", _millions(run.ema), run.accelerator.device)
    source = config.open_source(run.rank)
    preview_clips = [
        source.preview_clip(number) for number in range(config.preview_clips if config.preview_steps else 0)
    ]
    clips = batches(
        source, run.step * config.batch, run.micro_batch, rank=run.rank, world=run.processes, workers=config.workers
    )
    metrics = MetricsLog(run.out, run.step, active=run.rank == 0)
    saved = lap = time.monotonic()
    lap_step = run.step
    with _catch_sigterm() as terminated:
        while run.step < config.steps:
            run.train_step(clips)
            if run.step % config.log_steps == 0:
                now = time.monotonic()
                pace = (now - lap) / (run.step - lap_step)
                speed = {"seconds_per_step": pace, "steps_per_second": 1 / pace}
                metrics.write(run.step, run.mean_losses() | {"rate": run.rate_factor(run.step - 1)} | speed)
                lap, lap_step = now, run.step
            now = time.monotonic()
            over = time_budget is not None and now - start > 60 * time_budget
            stop, save, failed = run.any_process(
                terminated.is_set() or over, now - saved > config.save_seconds, not run.is_finite()
            )
            if failed:
                raise run.failure()
            if stop or save or run.step == config.steps:
                run.save()
                saved = time.monotonic()
            if stop and run.step < config.steps:
                log.info("stopped and saved at step %d; the same command resumes", run.step)
                break
            if config.preview_steps and run.step % config.preview_steps == 0:
                run.preview(preview_clips, metrics)
                lap, lap_step = time.monotonic(), run.step
    metrics.close()


def _noise(step: int, place: int, shape: torch.Size, device: torch.device) -> Tensor:
    seed = int(np.random.SeedSequence((NOISE, step, place)).generate_state(1, np.uint64)[0] >> np.uint64(1))
    return torch.randn(shape, generator=torch.Generator(device).manual_seed(seed), device=device)


def _uses_fsdp(accelerator: Accelerator) -> bool:
    """Whether FSDP shards the network."""
    if accelerator.distributed_type != DistributedType.FSDP:
        return False
    if not accelerator.is_fsdp2:
        raise ValueError("only the second version of FSDP is supported: accelerate launch --use_fsdp --fsdp_version 2.")
    return True


def _millions(ema: EMA) -> float:
    return sum(weight.numel() for weight in ema.weights.values()) / 1e6


@contextmanager
def _catch_sigterm() -> Iterator[threading.Event]:
    """Within the block, SIGTERM sets the event instead of ending the process."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event  # Python allows signal handlers in the main thread only
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGTERM, before)
