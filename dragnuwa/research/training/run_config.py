"""The configuration of a training run, read from one TOML file; the only module that knows all recipes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from .data.clips import ClipConfig, Stage
from .data.sources import Source, open_source
from .loss import NoiseConfig
from .recipe import Recipe, RecipeSettings
from .recipes.draganything.recipe import DragAnythingConfig, DragAnythingRecipe
from .recipes.svd.recipe import SvdConfig, SvdRecipe
from .recipes.tiny.network import NetworkConfig
from .recipes.tiny.recipe import LatentStore, TinyRecipe

PRECISIONS = ("bf16", "fp16", "no")


@dataclass(frozen=True)
class RunConfig:
    """A `[network]` table trains the tiny model from scratch, an `[svd]` table DragNUWA 1.5's additions on SVD, a
    `[draganything]` table DragAnything's ControlNet on SVD.

    Raises:
        ValueError: if values are out of range or mutually exclusive.
    """

    out: str  # folder of the run
    network: NetworkConfig | None = None
    svd: SvdConfig | None = None
    draganything: DragAnythingConfig | None = None
    autoencoder: str | None = None  # for [network]: output of its training, or a checkpoint of the tiny model
    init: str | None = None  # an exported checkpoint with the initial weights of a new run
    clips: ClipConfig = field(default_factory=ClipConfig)
    noise: NoiseConfig = field(default_factory=NoiseConfig)
    stages: tuple[Stage, ...] = (Stage(3000, 1.0), Stage(1_000_000, 0.1))  # Adaptive Training
    steps: int = 100_000
    batch: int = 8  # clips per step, of all processes together
    accumulate: int = 1  # gradient accumulation: micro-batches per step
    fresh: int = 2  # new scenes per batch; the others come from the latent cache
    workers: int = 0  # data workers per training process; 0: clips are made in the process itself
    precision: str = "bf16"  # of the computation: bf16, fp16 or no
    warmup: int = 200
    cooldown: int = 0  # last steps, over which the learning rate decays to 0
    lr: float = 1e-3  # of Muon, or of Adam if there is no Muon
    adam_lr: float = 1e-3
    weight_decay: float = 0.01
    change: float = 0.0  # weight of pixels that differ from the first frame, see loss.change_weight
    ema_decay: float = 0.999
    save_seconds: float = 300.0
    preview_steps: int = 500  # 0: never
    preview_clips: int = 6
    log_steps: int = 20
    threads: int = 2

    def __post_init__(self):
        if sum(table is not None for table in (self.network, self.svd, self.draganything)) != 1:
            raise ValueError("a configuration needs one of the tables [network], [svd] and [draganything], and no two.")
        if self.network is not None and self.autoencoder is None:
            raise ValueError('a [network] needs an autoencoder = "FILE".')
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision has to be one of {', '.join(PRECISIONS)}, not {self.precision!r}.")
        for name in ("steps", "batch", "accumulate", "fresh", "log_steps", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be at least 1, not {getattr(self, name)}.")
        if not self.stages:
            raise ValueError("stages must not be empty.")

    def micro_batch(self, processes: int) -> int:
        """Clips per micro-batch of each of `processes`.

        Raises:
            ValueError: if the batch cannot be divided equally.
        """
        size, rest = divmod(self.batch, processes * self.accumulate)
        if rest or not size:
            raise ValueError(
                f"a batch of {self.batch} cannot be divided among {processes} process(es) in {self.accumulate} part(s) "
                f"each: batch has to be a multiple of {processes * self.accumulate}."
            )
        return size

    def build(self, device: torch.device, *, cache: bool = True) -> Recipe:
        """The recipe, its frozen parts on `device`; `cache`: whether latents of scenes may be cached on disk.

        Raises:
            FileNotFoundError: if the autoencoder or the checkpoint is missing.
        """
        clips = self.clips
        settings = RecipeSettings(
            frames=clips.frames,
            kernel_size=clips.kernel_size,
            sigma=clips.sigma,
            lr=self.lr,
            adam_lr=self.adam_lr,
            weight_decay=self.weight_decay,
            run=asdict(self),
        )
        if self.svd is not None:
            return SvdRecipe(self.svd, settings, device)
        if self.draganything is not None:
            return DragAnythingRecipe(self.draganything, settings, device)
        scenes_recur = clips.videos is None and self.fresh < self.batch
        store = LatentStore(Path(self.out) / "latents") if cache and scenes_recur else None
        return TinyRecipe(self.network, settings, device, weights=Path(self.autoencoder), store=store)

    def open_source(self, rank: int) -> Source:
        """The source of clips for the process `rank`.

        Raises:
            VideoError: for a folder without a usable video.
            ShardError: for shards without an index, or of other sizes than it says.
        """
        return open_source(
            self.clips, stages=self.stages, batch=self.batch, fresh=self.fresh, out=Path(self.out), rank=rank
        )
