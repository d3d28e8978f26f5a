"""The settings that a run's metrics depend on, and their command-line options."""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ...common.clip_shape import ModelClip
from ...models.checkpoint import read_metadata
from ...models.weights import CheckpointError, open_tensors
from .cases import GROUPS, NAMED_GROUPS

TEXTS = ("empty", "caption")
MODES = ("s2v", "p2v", "gs2v", "ps2v", "pgs2v", "pg2v")  # see dragnuwa.research.evaluation.modes


@dataclass(frozen=True)
class CheckpointInfo:
    """Training settings from a checkpoint's metadata; by default those of the released model."""

    frames: int = 14
    kernel_size: int = 199
    sigma: float = 20.0


@dataclass(frozen=True)
class Settings:
    """Everything that the metrics depend on. Metrics of different settings are never written to the same file.

    Attributes:
        checkpoint: the file's name and the beginning of its SHA-256.
        clip: width, height and frames of the videos.
        kernel_size, sigma: of the drag maps, in px.
        steps, cfg, min_cfg: of the sampler; guidance increases from min_cfg in the first frame to cfg in the last.
        sampler, scheduler: as ComfyUI's KSampler names them.
        text: the prompt: "empty", or "caption" for the scene's own. Modes choose between these themselves.
        assets: folder of a pack of pictures, or None for fully procedural scenes.
        baselines_only: without the model's own videos.
        groups: of `GROUPS`, the kinds of scenes.
        modes: of `MODES`; none to measure how drags are followed.

    Raises:
        ValueError: if a value is out of its range.
    """

    checkpoint: str
    clip: ModelClip
    kernel_size: int = CheckpointInfo.kernel_size
    sigma: float = CheckpointInfo.sigma
    steps: int = 25
    cfg: float = 2.5
    min_cfg: float = 1.0
    sampler: str = "euler"
    scheduler: str = "karras"
    text: str = "empty"
    assets: str | None = None
    baselines_only: bool = False
    groups: tuple[str, ...] = GROUPS
    modes: tuple[str, ...] = ()

    def __post_init__(self):
        if not 1 <= self.steps <= 10_000:
            raise ValueError(f"steps must be 1 to 10000; found {self.steps}.")
        for name in ("cfg", "min_cfg"):
            if not 0 <= getattr(self, name) <= 100:
                raise ValueError(f"{name} must be 0 to 100; found {getattr(self, name)}.")
        if self.text not in TEXTS:
            raise ValueError(f"text must be one of {', '.join(TEXTS)}; found {self.text!r}.")
        _check_names("groups", self.groups, NAMED_GROUPS if self.modes else GROUPS)
        _check_names("modes", self.modes, MODES)
        if not self.groups:
            raise ValueError(f"groups must be at least one of {', '.join(GROUPS)}; found none.")
        if self.assets is not None and not (Path(self.assets) / "index.json").exists():
            raise ValueError(
                f"{self.assets} is no pack of pictures: it has no index.json. "
                "Make one with python -m dragnuwa.research.scenes.pack."
            )

    @classmethod
    def for_checkpoint(
        cls, path: Path, *, width: int = 128, height: int = 128, frames: int | None = None, **fields
    ) -> Settings:
        """The settings for a checkpoint file, whose metadata determine the drag maps and the default of `frames`.

        Raises:
            CheckpointError: if the file cannot be read, or its metadata are not numbers.
            ValueError: if it is missing, or a value is out of its range.
        """
        info = read_info(path)
        return cls(
            checkpoint=f"{path.name} {file_digest(path)}",
            clip=ModelClip(width, height, info.frames if frames is None else frames),
            kernel_size=info.kernel_size,
            sigma=info.sigma,
            **fields,
        )

    def as_json(self) -> dict:
        """All fields as JSON values, the clip's width, height and frames beside the others."""
        fields = asdict(self)
        name, clip = fields.pop("checkpoint"), fields.pop("clip")
        return {"checkpoint": name, **clip, **fields}


def _check_names(what: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    if not set(names) <= set(known) or len(set(names)) < len(names):
        raise ValueError(f"{what} must be of {', '.join(known)}, each once; found {', '.join(names)}.")


def read_info(path: Path) -> CheckpointInfo:
    """Reads the metadata of a checkpoint file.

    Raises:
        CheckpointError: if the file cannot be read, or its metadata are not numbers.
        ValueError: if there is no such file.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}. Give the checkpoint.")
    with open_tensors(path) as tensors:
        _, config = read_metadata(path, tensors.metadata)
    values = {key: config.get(key, default) for key, default in asdict(CheckpointInfo()).items()}
    for key, value in values.items():
        if type(value) not in ((int,) if key != "sigma" else (int, float)):
            raise CheckpointError(f"The metadata of {path} say {value!r} for {key}, which is no number.")
    return CheckpointInfo(**values)


def file_digest(path: Path) -> str:
    """The beginning of the SHA-256 of a file, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 22):
            digest.update(part)
    return digest.hexdigest()[:16]


def add_sampling_options(parser: argparse.ArgumentParser) -> None:
    """The options that all of the evaluation's commands have."""
    parser.add_argument("--steps", type=int, default=25, help="of the sampler (default 25)")
    parser.add_argument("--cfg", type=float, default=2.5, help="guidance of the last frame (default 2.5)")
    parser.add_argument("--min-cfg", type=float, default=1.0, help="guidance of the first frame (default 1)")
    parser.add_argument("--sampler", default="euler", help="as KSampler names it (default euler)")
    parser.add_argument("--scheduler", default="karras", help="as KSampler names it (default karras)")
    parser.add_argument("--frames", type=int, help="of the clips (default: as the checkpoint says, else 14)")
    parser.add_argument("--comfyui", type=Path, help="ComfyUI's folder")


def sampling_fields(options: argparse.Namespace) -> dict[str, int | float | str | None]:
    """The arguments for `Settings.for_checkpoint` from the options of `add_sampling_options`."""
    return {name: getattr(options, name) for name in ("steps", "cfg", "min_cfg", "sampler", "scheduler", "frames")}


def run_command(
    parser: argparse.ArgumentParser, command: Callable[[argparse.Namespace], str], arguments: list[str] | None
) -> None:
    """Print the result of `command`; user errors become a single line."""
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        text = command(options)
    except (ValueError, OSError, CheckpointError) as error:
        parser.error(str(error))
    sys.stdout.write(text + "\n")
