"""What a run was measured with; figures of two settings are never put into one file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ..clip_shape import ModelClip
from ..weights import CheckpointError, open_tensors
from .cases import GROUPS, NAMED_GROUPS
from .modes import MODES

# Of the released model; a checkpoint's metadata may say otherwise.
RELEASED = {"frames": 14, "kernel_size": 199, "sigma": 20.0}
VAE = "first_stage_model."
TEXTS = ("empty", "zero", "caption")


@dataclass(frozen=True)
class Settings:
    """Everything that the figures depend on.

    Attributes:
        checkpoint: the file's name and the beginning of its SHA-256.
        width, height, frames: of the clips.
        kernel_size, sigma: of the drag maps, in px.
        steps, cfg, min_cfg: of the sampler; the guidance grows from the first frame's min_cfg to the last one's cfg.
        text: "empty"; "zero" for a context of zeros, which is what training leaves a text out by; or "caption" for the
            scene's own. Modes choose between the last two themselves.
        assets: folder of a pack of pictures, or None for scenes that are wholly procedural.
        baselines_only: without the model's own videos.
        groups: of `GROUPS`, the kinds of scenes.
        modes: of `MODES`; none for the measuring of drags.
        classifier: of modes, the beginning of its SHA-256.

    Raises:
        ValueError: if a value is out of its range.
    """

    checkpoint: str
    width: int = 128
    height: int = 128
    frames: int = RELEASED["frames"]
    kernel_size: int = RELEASED["kernel_size"]
    sigma: float = RELEASED["sigma"]
    steps: int = 25
    cfg: float = 2.5
    min_cfg: float = 1.0
    text: str = "empty"
    assets: str | None = None
    baselines_only: bool = False
    groups: tuple[str, ...] = GROUPS
    modes: tuple[str, ...] = ()
    classifier: str | None = None

    def __post_init__(self):
        ModelClip(self.width, self.height, self.frames)
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
                "Make one with python -m dragnuwa.scenes.pack."
            )


def _check_names(what: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    if not set(names) <= set(known) or len(set(names)) < len(names):
        raise ValueError(f"{what} must be of {', '.join(known)}, each once; found {', '.join(names)}.")


def of_checkpoint(path: Path) -> dict[str, str | int | float]:
    """`checkpoint`, `frames`, `kernel_size` and `sigma` of a checkpoint file, the last three by its metadata.

    Raises:
        CheckpointError: if the file cannot be read, or its metadata are not numbers.
    """
    with open_tensors(path) as tensors:
        config = json.loads(tensors.metadata.get("config", "{}"))
    numbers = {key: config.get(key, usual) for key, usual in RELEASED.items()}
    for key, value in numbers.items():
        if type(value) not in ((int,) if key != "sigma" else (int, float)):
            raise CheckpointError(f"The metadata of {path} say {value!r} for {key}, which is no number.")
    return {"checkpoint": f"{path.name} {_digest(path)}", **numbers}


def vae_digest(path: Path) -> str:
    """What tells one VAE from another: 16 hexadecimal digits of its weights' SHA-256.

    Raises:
        CheckpointError: if the file cannot be read.
    """
    digest = hashlib.sha256()
    with open_tensors(path) as tensors:
        for key in sorted(key for key in list(tensors.keys()) if key.startswith(VAE)):
            digest.update(key.encode())
            digest.update(tensors.get(key).float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 22):
            digest.update(part)
    return digest.hexdigest()[:16]
