"""DragAnything's recipe (arXiv 2403.07420): an entity ControlNet on a frozen Stable Video Diffusion.

The ControlNet starts as a copy of SVD's encoder without effect. The loss is restricted to the entities (section 3.4).
The paper's ablations correspond to `heat_maps`, `entity_maps` and `loss`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .....common.clip_shape import ClipShape
from .....models.checkpoint import UNET, Checkpoint, CheckpointConfig, read_metadata
from .....models.draganything.checkpoint import SKIP_COUNTS, SKIPS, released_key
from .....models.draganything.checkpoint import load as load_control
from .....models.draganything.labelled import LabelledMaps, labelled_maps
from .....models.draganything.maps import CHANNELS, averaged, pool
from ... import svd_weights
from ...data.clips import Clips
from ...optim import adamw
from ...recipe import Encoded, EntityMaps, RecipeSettings
from ...svd_encoder import SvdEncoder
from ...svd_weights import DTYPES
from .network import EntityNetwork

LOSSES = ("entities", "everywhere")


@dataclass(frozen=True)
class DragAnythingConfig:
    """What the training builds on, and how.

    Attributes:
        path: a checkpoint of Stable Video Diffusion with its VAE and its CLIP vision model.
        features: a checkpoint of Stable Diffusion 1.5, whose features describe the entities; None with
            `entity_maps = false`.
        samples: noise samples over which the features are averaged.
        heat_maps: whether the ControlNet receives heat maps of the entities' centres.
        entity_maps: whether it receives maps of the entities' features.
        loss: "entities" for the loss inside the entities only, "everywhere" for the whole picture.
        dtype: of the frozen UNet in memory: float32, bfloat16 or float16.
        gradient_checkpointing: recompute each block in the backward pass instead of keeping its activations.
    """

    path: str
    features: str | None = None
    samples: int = 1
    heat_maps: bool = True
    entity_maps: bool = True
    loss: str = "entities"
    dtype: str = "bfloat16"
    gradient_checkpointing: bool = True

    def __post_init__(self):
        for name, known in (("dtype", tuple(DTYPES)), ("loss", LOSSES)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"draganything.{name} has to be one of {', '.join(known)}, not {getattr(self, name)!r}."
                )
        if self.entity_maps != (self.features is not None):
            raise ValueError(
                "draganything.features, a Stable Diffusion 1.5, goes with entity_maps = true, and with nothing else."
            )
        if not self.heat_maps and not self.entity_maps:
            raise ValueError("draganything needs heat_maps, entity_maps, or both: else nothing says what moves.")
        if self.samples < 1:
            raise ValueError(f"draganything.samples has to be at least 1, not {self.samples}.")


class DragAnythingRecipe:
    """See `recipe.Recipe`. The exported file is a ControlNet in the released key layout.

    Raises:
        CheckpointError: if the file at `config.path` is not a complete checkpoint with a VAE and a CLIP vision model.
        ValueError: if its UNet is not built as SVD's, or the file at `config.features` is not SD 1.5.
    """

    def __init__(self, config: DragAnythingConfig, settings: RecipeSettings, device: torch.device):
        from .....host.training import entity_parts

        self.config, self.settings, self.device = config, settings, device
        weights = svd_weights.read(config.path)
        plain = {UNET + key: value for key, value in weights.unet.items()} | weights.rest
        told = CheckpointConfig(None, *read_metadata(Path(config.path), weights.metadata))
        parts = entity_parts.build(Checkpoint(plain, {}, told), DTYPES[config.dtype])
        self.encoder = SvdEncoder(parts.svd.vae, parts.svd.clip_vision, device)
        self.heads, self.head_channels = parts.heads, parts.head_channels
        self.network = EntityNetwork(parts.svd.unet, parts.control, config.gradient_checkpointing)
        self.features = None if config.features is None else entity_parts.PictureFeatures(config.features)

    def encode(self, clips: Clips) -> Encoded:
        """
        Raises:
            ValueError: if the clips are not labelled.
        """
        if clips.owner is None:
            raise ValueError(
                "DragAnything learns of clips in which every object is labelled: of scenes, or of videos with "
                "clips.videos.labels."
            )
        encoded = self.encoder.encode(clips)
        maps = [labelled_maps(owner.numpy()) for owner in clips.owner]
        vectors = [self._vectors(*each) for each in zip(maps, clips.frames, clips.seeds, strict=True)]
        told = EntityMaps(
            self._stacked([one.heat for one in maps]) * self.config.heat_maps,
            self._stacked([one.label for one in maps]),
            torch.nn.utils.rnn.pad_sequence(vectors, batch_first=True).to(self.device),
        )
        weight = self._weight([one.inside for one in maps]) if self.config.loss == "entities" else None
        return Encoded(encoded.latents, replace(encoded.conditions, entities=told), weight)

    def _stacked(self, parts: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(parts)).to(self.device)

    def _vectors(self, maps: LabelledMaps, frames: Tensor, seed: int) -> Tensor:
        """`[N, 160]`: the vector of each entity in the entity map; 0 if it is not visible in the first frame."""
        vectors = torch.zeros(len(maps.first), CHANNELS)
        if self.features is None:
            return vectors
        height, width = frames.shape[1:3]
        shape = ClipShape(width, height, len(frames))
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):  # the host chooses the precision
            features = self.features(frames[:1].float() / 255, shape, self.config.samples, seed)
        known = torch.from_numpy(maps.first.any((1, 2)))
        vectors[known] = averaged(pool(features, maps.first[known.numpy()]))
        return vectors

    def _weight(self, inside: list[np.ndarray]) -> Tensor:
        """`[B, T, 1, h, w]` of mean 1 in each clip; 0 everywhere where a clip has no entity."""
        weight = self._stacked(inside).float()[:, :, None]
        return weight / weight.mean((1, 2, 3, 4), keepdim=True).clamp(min=1e-6)

    def decode(self, latents: Tensor) -> Tensor:
        return self.encoder.decode(latents)

    def make_optimizer(self, *, sharded: bool) -> torch.optim.Optimizer:
        return adamw(self.network, lr=self.settings.lr, weight_decay=self.settings.weight_decay)

    def load_exported(self, path: Path) -> None:
        """
        Raises:
            CheckpointError: if the file is not DragAnything's ControlNet.
            ValueError: if it has another size.
        """
        weights = {key: value / _skip_count(key) for key, value in load_control(path).weights.items()}
        expected = {key: value.shape for key, value in self.network.control.state_dict().items()}
        if {key: value.shape for key, value in weights.items()} != expected:
            raise ValueError(f"{path} is no start: it is a ControlNet of another size than {self.config.path} needs.")
        self.network.control.load_state_dict(weights)

    def export(self, weights: Mapping[str, Tensor], step: int) -> tuple[dict[str, Tensor], dict[str, str]]:
        """In float16."""
        own = {name.removeprefix("control."): one for name, one in weights.items() if name.startswith("control.")}
        tensors = {released_key(name): one.detach().cpu().half().contiguous() for name, one in own.items()}
        metadata = self.settings.metadata(self.head_channels, step)
        config = json.loads(metadata["config"]) | {"num_attention_heads": self.heads}
        return tensors, {"config": json.dumps(config)}


def _skip_count(key: str) -> int:
    """The factor by which loading multiplied a weight; the network here adds the residuals that often itself."""
    return SKIP_COUNTS[int(key.split(".")[1])] if key.startswith(SKIPS) else 1
