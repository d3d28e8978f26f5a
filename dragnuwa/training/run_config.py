"""The configuration of a training run: one TOML file, which also decides what recipe it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from . import loss as edm
from .data.clips import ClipConfig, Stage
from .optim import constant, cosine
from .recipe import Recipe, Settings
from .recipes.svd.recipe import SvdConfig, SvdRecipe
from .recipes.tiny.latent_cache import LatentStore
from .recipes.tiny.network import NetworkConfig
from .recipes.tiny.recipe import TinyRecipe

PRECISIONS, SCHEDULES = ("bf16", "fp16", "no"), ("constant", "cosine")


@dataclass(frozen=True)
class RunConfig:
    """A `[network]` table trains the tiny model from nothing, an `[svd]` table DragNUWA 1.5's additions on SVD.

    Raises:
        ValueError: for values that don't go together.
    """

    out: str  # folder of the run
    network: NetworkConfig | None = None
    svd: SvdConfig | None = None
    autoencoder: str | None = None  # of [network]: what its training wrote, or a checkpoint of the tiny model
    init: str | None = None  # an exported checkpoint, whose weights a new run starts from
    clips: ClipConfig = field(default_factory=ClipConfig)
    noise: edm.NoiseConfig = field(default_factory=edm.NoiseConfig)
    stages: tuple[Stage, ...] = (Stage(3000, 1.0), Stage(1_000_000, 0.1))  # Adaptive Training
    steps: int = 100_000
    batch: int = 8  # clips a step, of all processes together
    accumulate: int = 1  # parts that a process's clips of a step are computed in, one after the other
    fresh: int = 2  # scenes of a batch that are new; the others come out of the latent cache
    workers: int = 0  # processes that make clips, for each one that trains; 0: it makes them itself
    precision: str = "bf16"  # of the computation; fp16 and no are the others
    schedule: str = "constant"  # or cosine
    warmup: int = 200
    cooldown: int = 0  # last steps, over which a constant learning rate falls to 0
    lr: float = 1e-3  # Muon's, or Adam's where it is alone
    adam_lr: float = 1e-3
    weight_decay: float = 0.01
    change: float = 0.0  # how much more the error counts where a clip has left its first frame, see edm.change_weight
    clip: float = 1.0  # norm that the gradients are cut to
    average: float = 0.999
    save_seconds: float = 300.0
    preview_steps: int = 500  # 0: never
    preview_clips: int = 6
    log_steps: int = 20
    threads: int = 2

    def __post_init__(self):
        if (self.network is None) == (self.svd is None):
            raise ValueError("a configuration needs one of the tables [network] and [svd], and not both.")
        if self.network is not None and self.autoencoder is None:
            raise ValueError('a [network] needs an autoencoder = "FILE".')
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision has to be one of {', '.join(PRECISIONS)}, not {self.precision!r}.")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule has to be one of {', '.join(SCHEDULES)}, not {self.schedule!r}.")
        for name in ("steps", "batch", "accumulate", "fresh", "log_steps", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be at least 1, not {getattr(self, name)}.")
        if not self.stages:
            raise ValueError("stages must not be empty.")

    def part(self, processes: int) -> int:
        """Clips that a process computes at a time.

        Raises:
            ValueError: if the batch doesn't divide so.
        """
        size, rest = divmod(self.batch, processes * self.accumulate)
        if rest or not size:
            raise ValueError(
                f"a batch of {self.batch} cannot be divided among {processes} process(es) in {self.accumulate} part(s) "
                f"each: batch has to be a multiple of {processes * self.accumulate}."
            )
        return size

    def rate(self, step: int) -> float:
        """The learning rate's share at `step`."""
        if self.schedule == "cosine":
            return cosine(step, self.steps, self.warmup)
        return constant(step, self.steps, self.warmup, self.cooldown)

    def build(self, device: torch.device, *, cache: bool = True) -> Recipe:
        """The recipe, its frozen parts on `device`; `cache`: whether latents of scenes may be kept on disk.

        Raises:
            FileNotFoundError: if the autoencoder or the checkpoint is not there.
        """
        clips = self.clips
        settings = Settings(
            clips.frames, clips.kernel_size, clips.sigma, self.lr, self.adam_lr, self.weight_decay, asdict(self)
        )
        if self.svd is not None:
            return SvdRecipe(self.svd, settings, device)
        again = cache and clips.videos is None and self.fresh < self.batch
        store = LatentStore(Path(self.out) / "latents", clips.frames) if again else None
        return TinyRecipe(self.network, settings, device, weights=Path(self.autoencoder), store=store)
