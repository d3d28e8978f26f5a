"""The embedded model's recipe: UNet, adapter and text encoder from scratch, over the latents of its autoencoder."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .....common.clip_shape import ClipShape
from ... import state
from ...data.clips import Clips
from ...latents import AUGMENTATION, LATENT_CHANNELS, LATENT_PIXEL, LATENT_SCALE
from ...optim import MuonAdamW
from ...recipe import Conditions, Encoded, RecipeSettings
from . import autoencoder
from .network import DragNetwork, NetworkConfig

VAE = "first_stage_model."
PREFIXES = {  # of the network's parts, in the released key layout
    "unet.": "model.diffusion_model.",
    "fusion.": "model.diffusion_model.",
    "text.": "cond_stage_model.clip_l.transformer.",
}


class TinyRecipe:
    """See `dragnuwa.research.training.recipe.Recipe`.

    Args:
        config: the network.
        settings: of the run.
        device: of the autoencoder.
        weights: of the autoencoder, from its training or from a checkpoint written by `export`.
        store: a cache for latents of scenes, or None.
    """

    def __init__(
        self,
        config: NetworkConfig,
        settings: RecipeSettings,
        device: torch.device,
        *,
        weights: Path,
        store: LatentStore | None = None,
    ):
        from .....host.training.networks import motion_numbers, tokenizer

        self.config, self.settings, self.device, self.store = config, settings, device, store
        loaded = _autoencoder(weights)
        self.autoencoder = autoencoder.of_weights(loaded).to(device)
        torch.manual_seed(0)
        self.network = DragNetwork(config)
        self._tokenize, self._embed = tokenizer(config.context_dim), motion_numbers

    def encode(self, clips: Clips) -> Encoded:
        latents = self._latents(clips).to(self.device)  # [B, T + 1, 4, h, w]
        keep = (clips.keep_picture / LATENT_SCALE).to(self.device).view(-1, 1, 1, 1)
        numbers = self._embed(clips.fps - 1, clips.motion_bucket, torch.full_like(clips.fps, AUGMENTATION))
        tokens = torch.tensor([self._tokenize(caption) for caption in clips.captions])
        conditions = Conditions(
            concat=latents[:, 0] * keep,
            context=None,
            flow=clips.flow.to(self.device, non_blocking=True),
            numbers=numbers.to(self.device),
            tokens=tokens.to(self.device),
        )
        weight = None
        if clips.owner is not None:
            owner, object_weight = (
                one.to(self.device, non_blocking=True) for one in (clips.owner, clips.object_weight)
            )
            weight = _object_weights(owner, object_weight)
        return Encoded(latents[:, 1:], conditions, weight)

    def _latents(self, clips: Clips) -> Tensor:
        """`[B, T + 1, 4, h, w]`: of the start picture with added noise, and of the frames."""
        if self.store is None or clips.scenes is None:
            return self._encoded(clips.frames, clips.seeds)
        frames, height, width = clips.frames.shape[1:4]
        shape = ClipShape(width, height, frames)
        cached = [
            self.store.get(*scene, shape, partial(self._encoded_one, clips, index))
            for index, scene in enumerate(clips.scenes)
        ]
        return torch.stack(cached)

    def _encoded_one(self, clips: Clips, index: int) -> Tensor:
        return self._encoded(clips.frames[index : index + 1], clips.seeds[index : index + 1])[0]

    def _encoded(self, frames: Tensor, seeds: tuple[int, ...]) -> Tensor:
        pictures = frames.to(self.device, non_blocking=True).movedim(-1, 2).float() / 255  # [B, T, 3, H, W]
        noise = [self._noise(pictures[0, :1].shape, seed) for seed in seeds]
        starts = pictures[:, :1] + AUGMENTATION * torch.stack(noise)
        both = torch.cat([starts, pictures], 1)  # [B, T + 1, 3, H, W]
        fast = both.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return self.autoencoder.taesd_encoder(fast).float().unflatten(0, both.shape[:2])

    def _noise(self, shape: torch.Size, seed: int) -> Tensor:
        return torch.randn(shape, generator=torch.Generator(self.device).manual_seed(seed), device=self.device)

    def decode(self, latents: Tensor) -> Tensor:
        return self.autoencoder.taesd_decoder(latents).float().clamp(0, 1)

    def make_optimizer(self, *, sharded: bool) -> MuonAdamW:
        if sharded:
            raise ValueError(
                "The tiny model is trained with Muon, which needs whole matrices: FSDP would cut them up. It is small "
                "enough for every GPU, so launch it with plain data parallelism: accelerate launch --multi_gpu."
            )
        unet, settings = self.network.unet, self.settings
        return MuonAdamW(
            self.network,
            lr=settings.lr,
            adam_lr=settings.adam_lr,
            weight_decay=settings.weight_decay,
            plain=(unet.input_blocks[0][0].weight, unet.out[2].weight),
        )

    def load_exported(self, path: Path) -> None:
        """
        Raises:
            ValueError: if the file has another network.
        """
        from safetensors import safe_open

        names = {_released(name): name for name in self.network.state_dict()}
        with safe_open(path, "pt") as tensors:
            keys = set(tensors.keys())
            if strange := sorted(names.keys() ^ {key for key in keys if not key.startswith(VAE)}):
                raise ValueError(
                    f"{path} is not a checkpoint of the network that the configuration describes: "
                    f"{len(strange)} keys are in one of them only, such as {strange[0]}."
                )
            weights = {name: tensors.get_tensor(key).float() for key, name in names.items()}
        for name, parameter in self.network.state_dict().items():
            if weights[name].shape != parameter.shape:
                raise ValueError(f"{path}: {name} is {list(weights[name].shape)}, not {list(parameter.shape)}.")
        self.network.load_state_dict(weights)

    def export(self, weights: Mapping[str, Tensor], step: int) -> tuple[dict[str, Tensor], dict[str, str]]:
        """All in float16."""
        tensors = {_released(key): value for key, value in weights.items()}
        tensors |= {VAE + key: value for key, value in self.autoencoder.state_dict().items()}
        halved = {key: value.detach().to("cpu", torch.float16).contiguous() for key, value in tensors.items()}
        return halved, self.settings.metadata(self.config.head_channels, step)


class LatentStore:
    """A cache of the latents of scenes on disk, by (bucket, number); encoding a clip costs more than training on it.

    A file may be deleted at any time. Several processes of one machine may share a folder, since they write the same.
    """

    def __init__(self, folder: Path, capacity: int = 200_000):
        self.folder, self.capacity = folder, capacity
        self.records: dict[Path, np.ndarray] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, bucket: int, number: int, clip: ClipShape, encode: Callable[[], Tensor]) -> Tensor:
        """Latents `[T + 1, 4, h, w]` float32 on the CPU, rounded to float16.

        `encode` computes those that are not cached yet. All clips of a bucket have the same size.
        """
        shape = clip.frames + 1, LATENT_CHANNELS, clip.height // LATENT_PIXEL, clip.width // LATENT_PIXEL
        if number >= self.capacity:
            return encode().half().float().cpu()
        records = self._records(bucket, clip, int(np.prod(shape)))
        if not records[number, 0]:
            records[number, 1:] = encode().half().cpu().numpy().ravel()
            records[number, 0] = 1  # last, so that a kill leaves no incomplete record
        return torch.from_numpy(records[number, 1:].astype(np.float32)).view(shape)

    def _records(self, bucket: int, clip: ClipShape, size: int) -> np.ndarray:
        """`[capacity, 1 + size]` float16 in a file: whether a clip is there, and its latents."""
        path = self.folder / f"{bucket}-{clip.height}x{clip.width}-{clip.frames}.f16"
        if path not in self.records:
            length = 1 + size
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                os.ftruncate(opened, self.capacity * length * 2)  # a sparse file
            finally:
                os.close(opened)
            self.records[path] = np.memmap(path, np.float16, "r+", shape=(self.capacity, length))
        return self.records[path]


def _object_weights(owner: Tensor, object_weight: Tensor) -> Tensor:
    """`[B, T, 1, h, w]`, with mean 1 in each clip: larger on objects, by their coverage of the latent pixel.

    owner: `[B, T, H, W]`, object_weight: `[B]`.
    """
    cover = F.avg_pool2d((owner > 0).float(), LATENT_PIXEL)  # [B, T, h, w]
    weight = 1 + (object_weight - 1).view(-1, 1, 1, 1) * cover
    return (weight / weight.mean((1, 2, 3), keepdim=True)).unsqueeze(2)


def _released(key: str) -> str:
    part, name = key.split(".", 1)
    return PREFIXES[f"{part}."] + name


def _autoencoder(path: Path) -> dict[str, Tensor]:
    if not path.exists():
        raise FileNotFoundError(
            f"There is no autoencoder {path}. Name a checkpoint of the small model to use its autoencoder, such as "
            "models/dragnuwa-tiny.safetensors, or train one with python -m "
            "dragnuwa.research.training.recipes.tiny.autoencoder."
        )
    if path.suffix != ".safetensors":
        return state.load(path)
    from safetensors.torch import load_file

    found = {key.removeprefix(VAE): value for key, value in load_file(path).items() if key.startswith(VAE)}
    if not found:
        raise ValueError(f"{path} holds no autoencoder: no key begins with {VAE}.")
    return {key: value.float() for key, value in found.items()}
